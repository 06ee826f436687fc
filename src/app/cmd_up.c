/*
 * octo up: shop, CRM and console as processes of this executable, supervised, until Ctrl-C. The
 * services send their spans to the console, unless they are told to send them elsewhere.
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
#include "console/settings.h"
#include "service/data_dir.h"

#define TRAFFIC "--traffic"
#define NO_CONSOLE "--no-console"
#define OTLP_PORT "--otlp-port"
#define OTLP_PORT_VARIABLE "OCTO_OTLP_PORT"
#define ENDPOINT_VARIABLE "OTEL_EXPORTER_OTLP_ENDPOINT"
#define SPANS_DELAY_VARIABLE "OTEL_BSP_SCHEDULE_DELAY"
#define LOGS_DELAY_VARIABLE "OTEL_BLRP_SCHEDULE_DELAY"
#define DELAY_MS "500" /* so that octo trace last shows what was done a moment ago */
#define METRICS_VARIABLE "OTEL_METRIC_EXPORT_INTERVAL"
#define METRICS_MS "10000" /* so that octo hub shows how busy the pools were in this minute */

enum { CHILDREN = SERVICES + 1 /* the last is traffic */ };

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

static bool ports_are_free(struct settings *const settings[SERVICES], size_t count)
{
    bool are_free = true;

    for (size_t i = 0; i < count; i++) {
        if (is_taken(settings[i]->host, settings[i]->port)) {
            (void)fprintf(stderr, "octo up: port %d is taken, choose another with %s\n",
                          (int)settings[i]->port, services_port_option(i));
            are_free = false;
        }
    }
    return are_free;
}

/* A second run over one directory is allowed, and seldom meant. */
static void tell_who_runs(const char *data_dir, size_t service_count, struct arena *arena)
{
    for (size_t i = 0; i < service_count; i++) {
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

    for (size_t i = 0; i < supervision->count && !supervision->children[i].is_guest; i++) {
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
    for (size_t i = 0; i < supervision->count; i++) {
        if (supervision->children[i].is_guest) {
            (void)printf("Shoppers who are made up come to the shop.\n");
        } else {
            (void)printf("%s  %s\n", services[i]->title,
                         settings_url_of(supervision->arena, supervision->settings->host,
                                         supervision->children[i].port));
        }
    }
    tell_first_password(supervision);
    (void)printf("Ctrl-C stops %s.\n", supervision->count == 2 ? "both" : "all");
    (void)fflush(stdout);
}

/* The children get the options of this command but its own, behind their name; there is room for
 * the ports of all, and that of spans. */
static char **arguments_for(struct arena *arena, const char *name, int argc, char **argv)
{
    char **arguments =
        arena_array(arena, (size_t)argc + 2 + 2 * ((size_t)SERVICES + 1), sizeof(*arguments));
    size_t count = 2;

    arguments[0] = arena_strdup(arena, "octo");
    arguments[1] = arena_strdup(arena, name);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], NO_CONSOLE) != 0 && strcmp(argv[i], TRAFFIC) != 0) {
            arguments[count++] = argv[i];
        }
    }
    return arguments;
}

static void add_port(struct arena *arena, struct child *children, size_t count, const char *option,
                     int64_t port)
{
    for (size_t child = 0; child < count; child++) {
        size_t at = 0;

        while (children[child].arguments[at] != NULL) {
            at++;
        }
        children[child].arguments[at] = arena_strdup(arena, option);
        children[child].arguments[at + 1] = arena_printf(arena, "%d", (int)port);
    }
}

/* Each service has to know the other's port, so port 0, any that is free, is chosen here. */
static void choose_ports(struct arena *arena, struct settings *const settings[SERVICES],
                         struct child *children, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (settings[i]->port == 0) {
            settings[i]->port = bind_for_a_moment(settings[i]->host, 0);
            add_port(arena, children, CHILDREN, services_port_option(i), settings[i]->port);
        }
    }
}

/* Does the command line or the environment say where spans come in? */
static bool names_otlp_port(int argc, char **argv)
{
    const char *variable = getenv(OTLP_PORT_VARIABLE);
    bool is_named = variable != NULL && *variable != '\0';

    for (int i = 1; i < argc; i++) {
        is_named |= strncmp(argv[i], OTLP_PORT, strlen(OTLP_PORT)) == 0;
    }
    return is_named;
}

/* The usual port may be another collector's: then there is another one. False: the port that
 * somebody named is taken. */
static bool choose_otlp_port(struct arena *arena, struct console_settings *settings,
                             struct child *children, bool is_named)
{
    const char *host = settings->of_all.host;
    const int64_t asked = settings->otlp_port;
    const bool is_other = asked != 0 && is_taken(host, asked);

    if (is_other && is_named) {
        (void)fprintf(stderr, "octo up: port %d is taken, choose another with " OTLP_PORT "\n",
                      (int)asked);
        return false;
    }
    if (asked == 0 || is_other) {
        settings->otlp_port = bind_for_a_moment(host, 0);
        add_port(arena, children, SERVICES, OTLP_PORT, settings->otlp_port);
    }
    if (is_other) {
        (void)fprintf(stderr,
                      "octo up: port %d is taken: the console takes spans at port %d instead\n",
                      (int)asked, (int)settings->otlp_port);
    }
    return true;
}

/* By their environment, as a user would: to the console, where nothing says where to. */
static void point_at_console(struct arena *arena, const struct console_settings *settings,
                             struct child *console)
{
    const struct settings *of_all = &settings->of_all;

    if (of_all->otlp.all.endpoint[0] == '\0' &&
        of_all->otlp.of[OTLP_OF_TRACES].endpoint[0] == '\0') {
        (void)setenv(ENDPOINT_VARIABLE, settings_url_of(arena, of_all->host, settings->otlp_port),
                     1);
        (void)setenv(SPANS_DELAY_VARIABLE, DELAY_MS, 0);
        (void)setenv(LOGS_DELAY_VARIABLE, DELAY_MS, 0);
        (void)setenv(METRICS_VARIABLE, METRICS_MS, 0);
        console->without = ENDPOINT_VARIABLE; /* it does not tell itself of itself */
    }
}

static int run(struct arena *arena, struct settings *const settings[SERVICES],
               struct child *children, size_t count, bool has_traffic, struct handover *secrets)
{
    struct supervision supervision = {.children = children,
                                      .count = count + has_traffic,
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
    are_free = ports_are_free(settings, count);
    tell_who_runs(settings[SHOP]->data_dir, count, arena);
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
    bool has_no_console = false;
    bool has_traffic = false;
    const struct cli_flag flags[] = {
        {NO_CONSOLE, "without the console", &has_no_console},
        {TRAFFIC, "with shoppers who are made up, as octo traffic sends them", &has_traffic},
    };
    const struct cli_command command = {
        .name = "up",
        .arguments = "[--data DIR] [--shop-port N] [--crm-port N] [--console-port N] "
                     "[" NO_CONSOLE "] [" TRAFFIC "] ...",
        .text =
            "Runs the Drone Shop, the CRM Portal and the console until Ctrl-C. The first start "
            "makes and fills\ntheir databases and prints the generated sign-in once. A service "
            "that dies is started again.\nSpans, log lines and metrics go to the console, where "
            "octo traces, octo trace and octo hub\nfind them, unless OTEL_EXPORTER_OTLP_... "
            "says where else.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .lists_settings = true,
        .starts = {[SHOP] = true, [CRM] = true, [CONSOLE] = true},
    };
    struct child children[CHILDREN] = {0};
    struct settings *settings[SERVICES];
    struct handover secrets;
    struct arena arena;
    const bool is_port_named = names_otlp_port(argc, argv);
    int code = EXIT_DONE;

    arena_init(&arena);
    handover_collect(&secrets);
    for (size_t i = 0; i < SERVICES; i++) {
        children[i].name = services[i]->name;
        children[i].arguments = arguments_for(&arena, services[i]->name, argc, argv);
    }
    children[CONSOLE].stops_last = true;
    children[CHILDREN - 1] = (struct child){
        .name = "traffic",
        .arguments = arguments_for(&arena, "traffic", argc, argv),
        .is_guest = true,
    };
    if (cli_start(&command, &arena, argc, argv, settings, &code) == CLI_GO) {
        const size_t count = has_no_console ? CONSOLE : SERVICES;
        struct console_settings *console = (struct console_settings *)settings[CONSOLE];

        choose_ports(&arena, settings, children, count);
        if (has_no_console || choose_otlp_port(&arena, console, children, is_port_named)) {
            if (!has_no_console) {
                point_at_console(&arena, console, &children[CONSOLE]);
            }
            if (has_traffic) { /* behind the services that there are */
                children[count] = children[CHILDREN - 1];
            }
            code = run(&arena, settings, children, count, has_traffic, &secrets);
        } else {
            code = EXIT_FAILED;
        }
    }
    handover_fini(&secrets);
    arena_fini(&arena);
    return code;
}
