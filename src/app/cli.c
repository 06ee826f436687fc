#include "app/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_help(const struct cli_command *command)
{
    (void)printf("usage: octo %s %s\n\n%s\n", command->name, command->arguments, command->text);
    if (command->flag_count > 0) {
        (void)printf("\noptions:\n");
    }
    for (size_t i = 0; i < command->flag_count; i++) {
        (void)printf("  %-12s %s\n", command->flags[i].name, command->flags[i].help);
    }
    if (command->lists_settings) {
        (void)printf("\nsettings, each a variable of the environment and some also an option:\n\n");
        cfg_print_help(settings_rows, settings_row_count);
    } else {
        (void)printf(
            "\nThe settings of the services hold here too; octo config --help lists them.\n");
    }
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (is_help(argv[i])) {
            return true;
        }
    }
    return false;
}

static bool take_flag(const struct cli_command *command, const char *word)
{
    for (size_t i = 0; i < command->flag_count; i++) {
        if (strcmp(command->flags[i].name, word) == 0) {
            *command->flags[i].value = true;
            return true;
        }
    }
    return false;
}

/* The first word that is no flag of the command; NULL when there is none. */
static const char *take_flags(const struct cli_command *command, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!take_flag(command, argv[i])) {
            return argv[i];
        }
    }
    return NULL;
}

static bool is_option(const char *text)
{
    return text[0] == '-' && text[1] == '-';
}

bool cli_take_value(const char *command, const char *name, int *argc, char **argv,
                    const char **ret_value)
{
    const size_t length = strlen(name);
    const char *value = NULL;
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
            value = argv[i] + length + 1;
        } else if (strcmp(argv[i], name) != 0) {
            argv[kept++] = argv[i];
        } else if (i + 1 < *argc) {
            value = argv[++i];
        } else {
            (void)fprintf(stderr, "octo %s: %s wants a value\n", command, name);
            return false;
        }
    }
    *argc = kept;
    argv[kept] = NULL;
    *ret_value = value;
    return true;
}

enum cli_next cli_start(const struct cli_command *command, enum service_kind kind,
                        struct arena *arena, int argc, char **argv, struct settings *ret_settings,
                        int *ret_exit)
{
    struct err err = {0};
    const char *stray;

    if (wants_help(argc, argv)) {
        print_help(command);
        return CLI_DONE;
    }
    if (!settings_load(kind, arena, &argc, argv, ret_settings, &err)) {
        (void)cli_fail(command->name, &err);
        /* A fault that starts with the option's name was made on the command line. */
        *ret_exit = is_option(err.text) ? EXIT_USAGE : EXIT_FAILED;
        return CLI_WRONG;
    }
    stray = take_flags(command, argc, argv);
    if (stray != NULL) {
        (void)fprintf(stderr, "octo %s: %s '%s'\nusage: octo %s %s\nsee octo %s --help\n",
                      command->name, stray[0] == '-' ? "unknown option" : "unexpected argument",
                      stray, command->name, command->arguments, command->name);
        *ret_exit = EXIT_USAGE;
        return CLI_WRONG;
    }
    return CLI_GO;
}

int cli_fail(const char *command, const struct err *err)
{
    (void)fprintf(stderr, "octo %s: %s\n", command, err->text);
    return EXIT_FAILED;
}

void cli_log_less(struct settings *settings)
{
    const char *asked = getenv("OCTO_LOG_LEVEL");

    if ((asked == NULL || asked[0] == '\0') && strcmp(settings->log_level, "info") == 0) {
        settings->log_level = "warning";
    }
}
