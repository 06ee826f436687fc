/*
 * octo up: shop and CRM as two processes of this executable, supervised, until Ctrl-C.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/first_password.h"
#include "app/handover.h"
#include "app/running.h"
#include "app/supervise.h"
#include "service/data_dir.h"

/* Binds and lets go again. The port that was bound; 0 and errno where it could not be. */
static int64_t bind_for_a_moment(const char *host, int64_t port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof(bound);
    struct addrinfo *address = NULL;
    char number[16];
    const int on = 1;
    int failed = 0;
    int fd;

    (void)snprintf(number, sizeof(number), "%d", (int)port);
    if (getaddrinfo(host, number, &hints, &address) != 0) {
        errno = EADDRNOTAVAIL;
        return 0;
    }
    fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &size) != 0) {
        failed = errno;
    } else {
        (void)getnameinfo((struct sockaddr *)&bound, size, NULL, 0, number, sizeof(number),
                          NI_NUMERICSERV);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    freeaddrinfo(address);
    errno = failed;
    return failed == 0 ? strtol(number, NULL, 10) : 0;
}

/* A taken port is one clear line here instead of a dying child. Other faults of the address are
 * left to the service to tell. */
static bool is_taken(const char *host, int64_t port)
{
    return bind_for_a_moment(host, port) == 0 && errno == EADDRINUSE;
}

static bool ports_are_free(struct settings *const settings[SERVICES])
{
    bool are_free = true;

    for (size_t i = 0; i < SERVICES; i++) {
        if (is_taken(settings[i]->host, settings[i]->port)) {
            (void)fprintf(stderr, "octo up: port %d is taken, choose another with %s\n",
                          (int)settings[i]->port, services_port_option(i));
            are_free = false;
        }
    }
    return are_free;
}

/* A second run over one directory is allowed, and seldom meant. */
static void tell_who_runs(const char *data_dir, struct arena *arena)
{
    for (size_t i = 0; i < SERVICES; i++) {
        struct running found[RUNNING_MOST];
        const size_t count = running_find(services[i], data_dir, found);

        for (size_t at = 0; at < count; at++) {
            (void)fprintf(stderr,
                          "octo up: a %s of this data directory runs already at %s (process %d): "
                          "stop it, or give this run a directory of its own with --data, unless "
                          "both shall serve the same data\n",
                          services[i]->title, running_url(arena, &found[at]), (int)found[at].pid);
        }
    }
}

/* Says whose it is: of one service or of several, whose admins this run has made. */
static void tell_first_password(const struct supervision *supervision)
{
    const char *whose = NULL;

    for (size_t i = 0; i < supervision->count; i++) {
        const char *title = services[i]->title;

        if (supervision->children[i].has_made_admin) {
            whose =
                whose == NULL ? title : arena_printf(supervision->arena, "%s, %s", whose, title);
        }
    }
    if (whose != NULL) {
        first_password_tell(whose, "admin.password", supervision->secrets->first_password,
                            supervision->settings);
    }
    /* A service that is started again has its admin. */
    explicit_bzero(supervision->secrets->first_password,
                   sizeof(supervision->secrets->first_password));
}

static void print_urls(const struct supervision *supervision)
{
    for (size_t i = 0; i < SERVICES; i++) {
        (void)printf("%s  %s\n", services[i]->title,
                     settings_url_of(supervision->arena, supervision->settings->host,
                                     supervision->children[i].port));
    }
    tell_first_password(supervision);
    (void)printf("Ctrl-C stops both.\n");
    (void)fflush(stdout);
}

/* The children get the options of this command, behind their own name; there is room for the ports
 * of all. */
static char **arguments_for(struct arena *arena, const char *name, int argc, char **argv)
{
    char **arguments =
        arena_array(arena, (size_t)argc + 2 + (size_t)2 * SERVICES, sizeof(*arguments));

    arguments[0] = arena_strdup(arena, "octo");
    arguments[1] = arena_strdup(arena, name);
    for (int i = 1; i < argc; i++) {
        arguments[i + 1] = argv[i];
    }
    return arguments;
}

/* Each service has to know the other's port, so port 0, any that is free, is chosen here. */
static void choose_ports(struct arena *arena, struct settings *const settings[SERVICES],
                         struct child *children, int argc)
{
    size_t at = (size_t)argc + 1;

    for (size_t i = 0; i < SERVICES; i++) {
        if (settings[i]->port != 0) {
            continue;
        }
        settings[i]->port = bind_for_a_moment(settings[i]->host, 0);
        for (size_t child = 0; child < SERVICES; child++) {
            children[child].arguments[at] = arena_strdup(arena, services_port_option(i));
            children[child].arguments[at + 1] = arena_printf(arena, "%d", (int)settings[i]->port);
        }
        at += 2;
    }
}

static int run(struct arena *arena, struct settings *const settings[SERVICES],
               struct child *children, struct handover *secrets)
{
    struct supervision supervision = {.children = children,
                                      .count = SERVICES,
                                      .command = "up",
                                      .settings = settings[SHOP],
                                      .arena = arena,
                                      .secrets = secrets,
                                      .all_listen = print_urls};
    struct err err = {0};
    bool are_free;
    int code;

    if (!data_dir_make(settings[SHOP]->data_dir, &err)) {
        return cli_fail("up", &err);
    }
    are_free = ports_are_free(settings);
    tell_who_runs(settings[SHOP]->data_dir, arena);
    if (!are_free) {
        return EXIT_FAILED;
    }
    password_generate(secrets->first_password);
    settings_forget_passwords(settings[SHOP]); /* which all have of one environment */
    code = supervise(&supervision);
    if (!supervision.is_announced) { /* an admin who was made by then has this password */
        tell_first_password(&supervision);
    }
    return code;
}

int cmd_up(int argc, char **argv)
{
    static const struct cli_command COMMAND = {
        .name = "up",
        .arguments = "[--data DIR] [--shop-port N] [--crm-port N] ...",
        .text = "Runs the Drone Shop and the CRM Portal until Ctrl-C. The first start makes and "
                "fills their\ndatabases and prints the generated sign-in once. A service that "
                "dies is started again.",
        .lists_settings = true,
        .starts = {[SHOP] = true, [CRM] = true},
    };
    struct child children[SERVICES] = {0};
    struct settings *settings[SERVICES];
    struct handover secrets;
    struct arena arena;
    const int count = argc;
    int code = EXIT_DONE;

    arena_init(&arena);
    handover_collect(&secrets);
    for (size_t i = 0; i < SERVICES; i++) {
        children[i].name = services[i]->name;
        children[i].arguments = arguments_for(&arena, services[i]->name, argc, argv);
    }
    if (cli_start(&COMMAND, &arena, argc, argv, settings, &code) == CLI_GO) {
        choose_ports(&arena, settings, children, count);
        code = run(&arena, settings, children, &secrets);
    }
    handover_fini(&secrets);
    arena_fini(&arena);
    return code;
}
