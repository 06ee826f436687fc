/*
 * app/cli.h: what the commands share: exit codes, their options and help, their settings.
 */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "app/services.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* An option of one command, without a value. */
struct cli_flag {
    const char *name; /* "--json" */
    const char *help;
    bool *value; /* set when it is given */
};

struct cli_command {
    const char *name;      /* "up" */
    const char *arguments; /* "[--full] [--json]" */
    const char *text;      /* what it does, in sentences */
    const struct cli_flag *flags;
    size_t flag_count;
    const char **operand;  /* takes the one argument that is no option; NULL: there is none */
    bool lists_settings;   /* --help shows all of them */
    bool starts[SERVICES]; /* services whose settings must allow it */
};

/* The known word that somebody may have meant by one that nobody knows. */
struct cli_guess {
    const char *word;
    const char *nearest; /* NULL: none is near */
    size_t distance;
};

enum cli_next {
    CLI_GO,
    CLI_DONE, /* help was asked for and has been printed */
    CLI_WRONG,
};

/* Keeps `known` if it is nearer than what came before: a few slips of the keyboard away, or begun
 * with the word. */
void cli_consider(struct cli_guess *guess, const char *known);
/* Takes "--name VALUE" or "--name=VALUE" out of the command line before cli_start sees it; NULL
 * when it is not there. False, with the fault printed, without a value. */
bool cli_take_value(const char *command, const char *name, int *argc, char **argv,
                    const char **ret_value);
/* Reads flags and the settings of all services out of the command line; anything left over is
 * wrong usage. Faults are printed. CLI_WRONG leaves the exit code in *ret_exit. */
enum cli_next cli_start(const struct cli_command *command, struct arena *arena, int argc,
                        char **argv, struct settings *ret_settings[SERVICES], int *ret_exit);
/* Prints "octo up: text" to standard error and returns EXIT_FAILED. */
int cli_fail(const char *command, const struct err *err);
/* Only what is wrong is logged, unless the environment asks for more: for commands that print their
 * own results. */
void cli_log_less(struct settings *const settings[SERVICES]);

/* --- the commands: argv[0] is the command's name; they return the exit code --- */

int cmd_up(int argc, char **argv);
int cmd_shop(int argc, char **argv);
int cmd_crm(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_match(int argc, char **argv);
int cmd_retention(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_sync(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_password(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_sessions(int argc, char **argv);
int cmd_pools(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_traffic(int argc, char **argv);
int cmd_traces(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_statements(int argc, char **argv);
int cmd_statement(int argc, char **argv);
int cmd_hub(int argc, char **argv);
int cmd_warehouse(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_routes(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
