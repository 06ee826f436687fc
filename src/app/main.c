/*
 * octo: two services and the commands to run and look at them. Exit codes: 0 done, 1 failed,
 * 2 wrong usage.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/cmd_sqlid.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} COMMANDS[] = {
    {"up", cmd_up, "run shop and CRM together on this machine"},
    {"shop", cmd_shop, "run the Drone Shop in the foreground"},
    {"crm", cmd_crm, "run the CRM Portal in the foreground"},
    {"migrate", cmd_migrate, "bring the databases to this program's version"},
    {"doctor", cmd_doctor, "examine the databases and what stands between: TLS, rights, limits"},
    {"sync", cmd_sync, "fetch the shop's orders into the CRM now"},
    {"sessions", cmd_sessions, "show the database sessions of the running services"},
    {"pools", cmd_pools, "show the database pools of the running services"},
    {"sqlid", cmd_sqlid, "SQL_IDs of texts and of this program's statements"},
    {"config", cmd_config, "list all settings"},
    {"version", cmd_version, "print the version"},
};
enum { COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static void print_usage(FILE *out)
{
    (void)fprintf(out, "usage: octo COMMAND [options]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)fprintf(out, "  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    }
    (void)fprintf(out, "\nocto COMMAND --help tells more.\n");
}

static void prepare_process(void)
{
    /* A peer that hangs up is an error of its connection, not the end of the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* So is a file that has reached its limit. */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A fixed threshold: the memory that a password hash takes goes back to the system at once,
     * where otherwise the allocator would learn to keep it. */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    prepare_process();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        return cmd_version(1, argv);
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) {
            int code = COMMANDS[i].run(argc - 1, argv + 1);

            return fflush(stdout) == 0 ? code : EXIT_FAILED;
        }
    }
    if (name[0] != '\0') {
        (void)fprintf(stderr, "octo: unknown command '%s'\n\n", name);
    }
    print_usage(stderr);
    return EXIT_USAGE;
}
