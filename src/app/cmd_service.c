/*
 * octo shop, octo crm, octo console: one service in the foreground until SIGINT or SIGTERM. A
 * second signal ends the process at once. Under octo up the service tells the supervisor when it
 * listens, by writing its port to the descriptor that READY_VARIABLE names.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/first_password.h"
#include "app/notify.h"
#include "app/running.h"
#include "app/supervise.h"
#include "core/text.h"
#include "service/service.h"

/* Where the supervisor listens; -1: there is none. */
static int supervisor_fd(void)
{
    const char *ready = getenv(READY_VARIABLE);
    int64_t fd;

    return ready != NULL && text_to_int64(ready, &fd) ? (int)fd : -1;
}

/* Before anything else can fail: the database holds its hash already. The supervisor knows the
 * password, and tells it once for all that it has started. */
static void tell_password(struct service *service)
{
    const int fd = supervisor_fd();

    if (service->generated_password[0] == '\0') {
        return;
    }
    if (fd >= 0 && service->settings->first_password != NULL) {
        (void)dprintf(fd, READY_ADMIN "\n");
    } else {
        const char *file =
            arena_printf(&service->arena, "%s.admin.password", service->traits->name);

        first_password_tell(service->traits->title, file, service->generated_password,
                            service->settings);
    }
    explicit_bzero(service->generated_password, sizeof(service->generated_password));
}

/* Tells the supervisor, or else whoever looks at the terminal. */
static void announce(struct service *service)
{
    int port = (int)server_port(service->server);
    const int fd = supervisor_fd();

    if (fd >= 0) {
        (void)dprintf(fd, "%d\n", port);
        (void)close(fd);
    } else {
        (void)printf("%s at %s, Ctrl-C stops it\n", service->traits->title,
                     settings_url_of(&service->arena, service->settings->host, port));
        (void)fflush(stdout);
    }
    notify_manager("READY=1");
}

static void wait_for_end(const sigset_t *signals)
{
    int number;

    while (sigwait(signals, &number) != 0) {
    }
    notify_manager("STOPPING=1");
    /* From here on the signals end the process again, should stopping take too long. */
    (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

/* Blocked before the first thread starts, so that only wait_for_end takes them. */
static void block(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static int run(const char *command, size_t which, struct settings *settings)
{
    const struct runner *runner = &runners[which];
    struct service *service;
    struct running_entry entry;
    struct err err = {0};
    sigset_t signals;
    void *state = NULL;
    int code = EXIT_DONE;

    (void)prctl(PR_SET_NAME, runner->process); /* the supervisor starts it by another name */
    block(&signals);
    if (!runner->open(settings, &state, &err)) {
        return cli_fail(command, &err);
    }
    service = runner->service(state);
    tell_password(service);
    settings_forget_passwords(settings);
    if (runner->listen(state, &err)) {
        running_enter(service->traits, settings, (int)server_port(service->server), &entry);
        announce(service);
        wait_for_end(&signals);
        running_leave(&entry);
    } else {
        code = cli_fail(command, &err);
    }
    runner->close(state);
    return code;
}

static int run_service(const struct cli_command *command, size_t which, int argc, char **argv)
{
    struct settings *settings[SERVICES];
    struct arena arena;
    int code = EXIT_DONE;

    arena_init(&arena);
    if (cli_start(command, &arena, argc, argv, settings, &code) == CLI_GO) {
        code = run(command->name, which, settings[which]);
    }
    arena_fini(&arena);
    return code;
}

int cmd_shop(int argc, char **argv)
{
    static const struct cli_command COMMAND = {
        .name = "shop",
        .arguments = "[--data DIR] [--shop-port N] [--host ADDRESS] ...",
        .text = "Runs the Drone Shop in the foreground until SIGINT or SIGTERM; requests that "
                "were\naccepted are finished first. The first start makes its database.",
        .lists_settings = true,
        .starts = {[SHOP] = true},
    };

    return run_service(&COMMAND, SHOP, argc, argv);
}

int cmd_crm(int argc, char **argv)
{
    static const struct cli_command COMMAND = {
        .name = "crm",
        .arguments = "[--data DIR] [--crm-port N] [--host ADDRESS] ...",
        .text = "Runs the CRM Portal in the foreground until SIGINT or SIGTERM; requests that "
                "were\naccepted are finished first. The first start makes its database.",
        .lists_settings = true,
        .starts = {[CRM] = true},
    };

    return run_service(&COMMAND, CRM, argc, argv);
}

int cmd_console(int argc, char **argv)
{
    static const struct cli_command COMMAND = {
        .name = "console",
        .arguments = "[--data DIR] [--console-port N] [--otlp-port N] [--host ADDRESS] ...",
        .text = "Runs the console in the foreground until SIGINT or SIGTERM: takes spans of any "
                "program by\nOTLP over HTTP, keeps them in files of an hour each below traces/ of "
                "the data directory, and\nanswers octo traces and octo trace.",
        .lists_settings = true,
        .starts = {[CONSOLE] = true},
    };

    return run_service(&COMMAND, CONSOLE, argc, argv);
}
