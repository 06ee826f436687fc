/*
 * octo up: shop and CRM as two processes of this executable, supervised, until Ctrl-C.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/first_password.h"
#include "app/running.h"
#include "app/supervise.h"
#include "crm/crm.h"
#include "service/internal_key.h"
#include "shop/shop.h"

enum { SHOP, CRM, SERVICES };
static const struct service_traits *const TRAITS[SERVICES] = {
    [SHOP] = &shop_traits, [CRM] = &crm_traits};

/* Binds and lets go again: a taken port is one clear line here instead of a dying child. Other
 * faults of the address are left to the service to tell. */
static bool is_taken(const char *host, int64_t port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *address = NULL;
    char number[16];
    bool is_taken = false;
    int fd;
    const int on = 1;

    (void)snprintf(number, sizeof(number), "%d", (int)port);
    if (port == 0 || getaddrinfo(host, number, &hints, &address) != 0) {
        return false;
    }
    fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        is_taken = bind(fd, address->ai_addr, address->ai_addrlen) != 0 && errno == EADDRINUSE;
        (void)close(fd);
    }
    freeaddrinfo(address);
    return is_taken;
}

static bool ports_are_free(const struct settings *settings)
{
    const struct {
        const char *option;
        int64_t port;
    } ports[SERVICES] = {{"--shop-port", settings->shop_port}, {"--crm-port", settings->crm_port}};
    bool are_free = true;

    for (size_t i = 0; i < SERVICES; i++) {
        if (is_taken(settings->host, ports[i].port)) {
            (void)fprintf(stderr, "octo up: port %d is taken, choose another with %s\n",
                          (int)ports[i].port, ports[i].option);
            are_free = false;
        }
    }
    return are_free;
}

/* A second run over one directory is allowed, and seldom meant. */
static void tell_who_runs(const struct settings *settings, struct arena *arena)
{
    static const char *const NAMES[SERVICES] = {[SHOP] = "shop", [CRM] = "CRM"};

    for (size_t i = 0; i < SERVICES; i++) {
        struct running found[RUNNING_MOST];
        const size_t count = running_find(TRAITS[i], settings->data_dir, found);

        for (size_t at = 0; at < count; at++) {
            (void)fprintf(stderr,
                          "octo up: a %s of this data directory runs already at %s (process %d): "
                          "stop it, or give this run a directory of its own with --data, unless "
                          "both shall serve the same data\n",
                          NAMES[i], running_url(arena, &found[at]), (int)found[at].pid);
        }
    }
}

static void print_urls(const struct supervision *supervision)
{
    for (size_t i = 0; i < SERVICES; i++) {
        (void)printf(
            "%s  %s\n", TRAITS[i]->title,
            settings_url_of(supervision->arena, supervision->host, supervision->children[i].port));
    }
    if (supervision->password != NULL) {
        first_password_print(supervision->password);
    }
    (void)printf("Ctrl-C stops both.\n");
    (void)fflush(stdout);
}

/* The children get the options of this command, behind their own name. */
static char **arguments_for(struct arena *arena, const char *name, int argc, char **argv)
{
    char **arguments = arena_array(arena, (size_t)argc + 2, sizeof(*arguments));

    arguments[0] = arena_strdup(arena, "octo");
    arguments[1] = arena_strdup(arena, name);
    for (int i = 1; i < argc; i++) {
        arguments[i + 1] = argv[i];
    }
    return arguments;
}

static int run(struct arena *arena, const struct settings *settings, struct child *children)
{
    char password[PASSWORD_GENERATED_MAX] = "";
    struct supervision supervision = {.children = children,
                                      .count = SERVICES,
                                      .command = "up",
                                      .host = settings->host,
                                      .arena = arena,
                                      .all_listen = print_urls};
    struct err err = {0};
    bool are_free;
    int code;

    if (!data_dir_make(settings->data_dir, &err)) {
        return cli_fail("up", &err);
    }
    are_free = ports_are_free(settings);
    tell_who_runs(settings, arena);
    if (!are_free) {
        return EXIT_FAILED;
    }
    if (first_password_is_due(settings, arena)) {
        password_generate(password);
        supervision.password = password;
    }
    code = supervise(&supervision);
    /* Ended before both listened: a database that was made by then has this password. */
    if (supervision.password != NULL && !supervision.is_announced &&
        !first_password_is_due(settings, arena)) {
        first_password_print(password);
    }
    explicit_bzero(password, sizeof(password));
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
    };
    struct child children[SERVICES] = {{.name = "shop"}, {.name = "crm"}};
    struct settings settings;
    struct arena arena;
    int code = EXIT_DONE;

    arena_init(&arena);
    for (size_t i = 0; i < SERVICES; i++) {
        children[i].arguments = arguments_for(&arena, children[i].name, argc, argv);
    }
    if (cli_start(&COMMAND, &shop_traits, &arena, argc, argv, &settings, &code) == CLI_GO) {
        code = run(&arena, &settings, children);
    }
    arena_fini(&arena);
    return code;
}
