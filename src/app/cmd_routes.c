/*
 * octo routes: every route of the services, who may call it, and who sees what is not for
 * everybody, as the route tables declare it; for people and as a part of docs/security.md.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/services.h"
#include "core/arena.h"
#include "http/router.h"
#include "service/auth.h"
#include "service/roles.h"

static const char USAGE[] = "usage: octo routes [--markdown]\n";

static const struct {
    enum shown shown;
    const char *word;
    const char *what;
} SHOWN[] = {
    {SHOWS_REVENUE, "revenue", "orders, and what they are worth"},
    {SHOWS_CUSTOMERS, "customers", "who they are, and where they live"},
    {SHOWS_METRICS, "metrics", "how many of what, how often, how fast"},
    {SHOWS_TOPOLOGY, "topology", "hosts, databases, pools, sessions, peers"},
};

enum { SHOWN_COUNT = sizeof(SHOWN) / sizeof(SHOWN[0]) };

/* ---- words ---- */

static void add_word(struct arena *arena, const char **list, const char *word)
{
    *list = (*list)[0] == '\0' ? word : arena_printf(arena, "%s, %s", *list, word);
}

static const char *roles_text(struct arena *arena, unsigned roles)
{
    const char *list = "";

    if (roles == ROLE_ANY_SIGNED_IN) {
        return "all who are signed in, service";
    }
    for (unsigned role = 1; role <= ROLE_PARTNER; role <<= 1) {
        if (role == ROLE_SUPPORT && (roles & ROLE_STAFF) == ROLE_STAFF) {
            add_word(arena, &list, "staff");
            roles &= ~(unsigned)ROLE_STAFF;
        } else if ((roles & role) != 0) {
            add_word(arena, &list, auth_role_word(role));
        }
    }
    return list;
}

static const char *callers_text(struct arena *arena, const struct route *route)
{
    return route->access == ANYONE ? "anyone" : roles_text(arena, route->access);
}

static const char *shown_text(struct arena *arena, const struct route *route)
{
    const char *list = "";

    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        if ((route->shows & SHOWN[i].shown) != 0) {
            add_word(arena, &list, SHOWN[i].word);
        }
    }
    return list;
}

/* ---- the routes of a service ---- */

typedef void each_route(const struct route *route, struct arena *arena, void *arg);

static void visit_routes(size_t which, each_route *each, struct arena *arena, void *arg)
{
    size_t count = 0;
    const struct route_table *tables = runners[which].tables(arena, &count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            each(&tables[i].routes[j], arena, arg);
        }
    }
}

static void print_plain(const struct route *route, struct arena *arena, void *arg)
{
    const char *service = arg;
    const char *sees_all = roles_text(arena, route->sees_all);
    const char *shown = shown_text(arena, route);

    (void)printf("%-7s %-6s %-42s %s%s%s%s%s\n", service, http_method_name(route->method),
                 route->template, callers_text(arena, route), shown[0] != '\0' ? "; shows " : "",
                 shown, sees_all[0] != '\0' ? " to " : "", sees_all);
}

static void print_row(const struct route *route, struct arena *arena, void *arg)
{
    const char *shown = shown_text(arena, route);
    const char *sees_all = roles_text(arena, route->sees_all);

    (void)arg;
    (void)printf("| `%s %s` | %s |%s%s%s%s |\n", http_method_name(route->method), route->template,
                 callers_text(arena, route), shown[0] != '\0' ? " " : "", shown,
                 sees_all[0] != '\0' ? " to " : "", sees_all);
}

/* ---- who sees what ---- */

struct sight {
    enum shown shown;
    unsigned roles;   /* that see all of it somewhere */
    unsigned callers; /* that may call a route which shows it */
};

static void look(const struct route *route, struct arena *arena, void *arg)
{
    struct sight *sight = arg;

    (void)arena;
    if ((route->shows & sight->shown) != 0) {
        sight->roles |= route->sees_all != 0 ? route->sees_all : route->access;
        sight->callers |= route->access;
    }
}

/* Whoever may call and sees not all is given what is the caller's own. */
static void print_sight(size_t which, enum shown shown, struct arena *arena)
{
    struct sight sight = {.shown = shown};
    unsigned own;

    visit_routes(which, look, arena, &sight);
    own = sight.callers & ~sight.roles;
    (void)printf(" %s%s%s |", roles_text(arena, sight.roles), own != 0 ? "; the own: " : "",
                 roles_text(arena, own));
}

static void print_markdown(struct arena *arena)
{
    (void)printf(
        "| what | of the shop | of the portal | of the console |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        (void)printf("| **%s**: %s |", SHOWN[i].word, SHOWN[i].what);
        for (size_t which = 0; which < SERVICES; which++) {
            print_sight(which, SHOWN[i].shown, arena);
        }
        (void)printf("\n");
    }
    for (size_t which = 0; which < SERVICES; which++) {
        (void)printf(
            "\n| route of the %s | who may call it | what it shows that is not for everybody "
            "|\n| --- | --- | --- |\n",
            services[which]->title);
        visit_routes(which, print_row, arena, NULL);
    }
}

int cmd_routes(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    const bool is_markdown = strcmp(word, "--markdown") == 0;
    struct arena arena;

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        (void)printf(
            "%s\nLists all routes: who may call each, and who sees what it shows that is not "
            "for everybody;\nwith --markdown as the tables of docs/security.md.\n",
            USAGE);
        return EXIT_DONE;
    }
    if (argc > 2 || (argc == 2 && !is_markdown)) {
        (void)fprintf(stderr, "octo routes: unknown option '%s'\n%s", argv[argc - 1], USAGE);
        return EXIT_USAGE;
    }
    arena_init(&arena);
    if (is_markdown) {
        print_markdown(&arena);
    } else {
        for (size_t which = 0; which < SERVICES; which++) {
            visit_routes(which, print_plain, &arena, (void *)(uintptr_t)services[which]->name);
        }
    }
    arena_fini(&arena);
    return EXIT_DONE;
}
