/*
 * octo: two services and the commands to run and look at them. Exit codes: 0 done, 1 failed,
 * 2 wrong usage.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/cmd_ora.h"
#include "app/cmd_sql.h"
#include "app/cmd_sqlid.h"
#include "app/process.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* NULL: the launcher does it */
    const char *summary;
} COMMANDS[] = {
#define COMMAND(name_, summary_) {#name_, cmd_##name_, summary_},
#define LAUNCHED(name_, summary_) {#name_, NULL, summary_},
#include "app/commands.def"
#undef COMMAND
#undef LAUNCHED
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

static int unknown(const char *name)
{
    struct cli_guess guess = {.word = name};

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        cli_consider(&guess, COMMANDS[i].name);
    }
    (void)fprintf(stderr, "octo: unknown command '%s'", name);
    if (guess.nearest != NULL) {
        (void)fprintf(stderr, ": did you mean '%s'?", guess.nearest);
    }
    (void)fprintf(stderr, "\nocto --help lists the commands.\n");
    return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i].name, argv[0]) != 0) {
            continue;
        }
        if (COMMANDS[i].run == NULL) {
            (void)fprintf(stderr, "octo %s: only ./octo in a checkout of the source does this\n",
                          argv[0]);
            return EXIT_USAGE;
        }
        return COMMANDS[i].run(argc, argv);
    }
    return unknown(argv[0]);
}

/* Whoever read the output has gone, as head does once it has its lines. */
static bool is_reader_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

/* The command's own code, unless what it printed was lost to anybody who still wants it. */
static int finish(int code)
{
    const bool was_lost = ferror(stdout) != 0;

    errno = 0;
    if ((fflush(stdout) == 0 && !was_lost) || is_reader_gone()) {
        return code;
    }
    (void)fprintf(stderr, "octo: cannot write the output%s%s\n", errno != 0 ? ": " : "",
                  errno != 0 ? strerrordesc_np(errno) : "");
    return code == EXIT_DONE ? EXIT_FAILED : code;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    process_prepare();
    process_hide_passwords(argc, argv);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_usage(stdout);
        return finish(EXIT_DONE);
    }
    if (strcmp(name, "--version") == 0) {
        return finish(cmd_version(1, argv));
    }
    if (name[0] == '\0') {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    return finish(run(argc - 1, argv + 1));
}
