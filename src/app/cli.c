#include "app/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handover.h"
#include "app/process.h"
#include "service/database.h"

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
        services_print_settings(cfg_print_help);
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

static bool take_operand(const struct cli_command *command, const char *word)
{
    if (command->operand == NULL || *command->operand != NULL || word[0] == '-') {
        return false;
    }
    *command->operand = word;
    return true;
}

/* The first word that is neither a flag of the command nor its operand; NULL when there is none. */
static const char *take_flags(const struct cli_command *command, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!take_flag(command, argv[i]) && !take_operand(command, argv[i])) {
            return argv[i];
        }
    }
    return NULL;
}

enum {
    SLIPS_MOST = 2,
    WORD_MOST = 32, /* longer than any command or option */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters were left out, added, changed or swapped with their neighbour. */
static size_t slips(const char *a, const char *b)
{
    const size_t a_length = strlen(a);
    const size_t b_length = strlen(b);
    size_t cost[WORD_MOST + 1][WORD_MOST + 1];

    if (a_length > WORD_MOST || b_length > WORD_MOST) {
        return WORD_MOST;
    }
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            cost[i][j] = least(cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
                               least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a_length][b_length];
}

void cli_consider(struct cli_guess *guess, const char *known)
{
    const size_t length = strlen(guess->word);
    const bool is_beginning = length > SLIPS_MOST && strncmp(guess->word, known, length) == 0;
    const size_t distance = is_beginning ? 1 : slips(guess->word, known);

    /* Of a short word little is left after two slips. */
    if (distance > SLIPS_MOST || distance * 2 > length) {
        return;
    }
    if (guess->nearest == NULL || distance < guess->distance) {
        guess->nearest = known;
        guess->distance = distance;
    }
}

static bool is_option(const char *text)
{
    return text[0] == '-' && text[1] == '-';
}

static void consider_options(struct cli_guess *guess, const struct cfg_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].option != NULL) {
            cli_consider(guess, table->rows[i].option);
        }
    }
}

static void say_stray(const struct cli_command *command, const char *stray)
{
    char name[WORD_MOST + 1]; /* of "--name=value" */
    struct cli_guess guess = {.word = name};

    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(stray, "="), stray);
    (void)fprintf(stderr, "octo %s: %s '%s'", command->name,
                  stray[0] == '-' ? "unknown option" : "unexpected argument", stray);
    if (is_option(stray)) {
        for (size_t i = 0; i < command->flag_count; i++) {
            cli_consider(&guess, command->flags[i].name);
        }
        consider_options(&guess, &settings_of_all);
        for (size_t i = 0; i < SERVICES; i++) {
            consider_options(&guess, services[i]->settings);
        }
    }
    if (guess.nearest != NULL) {
        (void)fprintf(stderr, ": did you mean '%s'?", guess.nearest);
    }
    (void)fprintf(stderr, "\nusage: octo %s %s\nsee octo %s --help\n", command->name,
                  command->arguments, command->name);
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

/* Of those services that the command starts. */
static bool may_start(const struct cli_command *command, struct arena *arena,
                      struct settings *const settings[SERVICES], struct err *err)
{
    const struct service_traits *starting[SERVICES];
    struct settings *of_starting[SERVICES];
    size_t count = 0;

    for (size_t i = 0; i < SERVICES; i++) {
        if (!command->starts[i]) {
            continue;
        }
        if (!settings_allow_start(services[i], settings[i], arena, err)) {
            return false;
        }
        starting[count] = services[i];
        of_starting[count++] = settings[i];
    }
    return database_check_settings(starting, of_starting, count, err);
}

static bool load(const struct cli_command *command, struct arena *arena, int *argc, char **argv,
                 struct settings *ret[SERVICES], struct err *err)
{
    char first_password[PASSWORD_GENERATED_MAX];
    bool is_loaded;

    handover_receive(first_password);
    is_loaded = settings_load(services, SERVICES, arena, argc, argv, ret, err);
    handover_wipe_environment();
    for (size_t i = 0; i < SERVICES && is_loaded && first_password[0] != '\0'; i++) {
        ret[i]->first_password = arena_strdup(arena, first_password);
    }
    explicit_bzero(first_password, sizeof(first_password));
    return is_loaded && may_start(command, arena, ret, err);
}

enum cli_next cli_start(const struct cli_command *command, struct arena *arena, int argc,
                        char **argv, struct settings *ret_settings[SERVICES], int *ret_exit)
{
    struct err err = {0};
    const char *stray;

    if (wants_help(argc, argv)) {
        print_help(command);
        return CLI_DONE;
    }
    if (!load(command, arena, &argc, argv, ret_settings, &err)) {
        (void)cli_fail(command->name, &err);
        /* A fault that starts with the option's name was made on the command line. */
        *ret_exit = is_option(err.text) ? EXIT_USAGE : EXIT_FAILED;
        return CLI_WRONG;
    }
    if (ret_settings[SHOP]->core_dumps) {
        process_allow_core_dumps();
    }
    stray = take_flags(command, argc, argv);
    if (stray != NULL) {
        say_stray(command, stray);
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

void cli_log_less(struct settings *const settings[SERVICES])
{
    const char *asked = getenv("OCTO_LOG_LEVEL");

    for (size_t i = 0; i < SERVICES; i++) {
        if ((asked == NULL || asked[0] == '\0') && strcmp(settings[i]->log_level, "info") == 0) {
            settings[i]->log_level = "warning";
        }
    }
}
