#include "app/cmd_sql.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/ora_privilege.h"
#include "app/sql_shell.h"
#include "app/terminal.h"
#include "core/text.h"

static const char usage[] =
    "usage: octo sql --user NAME [--wallet DIRECTORY] [--as PRIVILEGE] [--edition NAME]\n"
    "                [--timeout SECONDS] [--csv | --json] CONNECT-STRING [FILE]\n";

static const char help[] =
    "\n"
    "Asks an Oracle database: by hand on a terminal, else what a file or standard input says, "
    "which is\n"
    "written as for SQL*Plus. HELP there lists the commands. The password is the first line of "
    "standard\n"
    "input, on a terminal without echo; with --wallet the second one is the wallet's.\n"
    "\n"
    "  CONNECT-STRING    as of octo ora ping\n"
    "  FILE              a script\n"
    "  --user            who logs on; USER[CLIENT]: USER acts for CLIENT\n"
    "  --wallet          directory with ewallet.pem or ewallet.p12\n"
    "  --as              " ORA_PRIVILEGE_WORDS "\n"
    "  --edition         of the database's, that the session works in\n"
    "  --timeout         seconds that a call may take; without it any number\n"
    "  --csv, --json     rows as CSV, or for each statement an object of JSON in a line; all else "
    "goes\n"
    "                    to standard error\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0 done, 1 a statement has failed or there was no session, 2 wrong usage, or what "
    "EXIT\n"
    "and WHENEVER say.\n";

enum { PASSWORD_ROOM = 1026, CLOSE_MS = 5000, SECONDS_MOST = INT_MAX / 1000 };

struct options {
    const char *user;
    const char *wallet;
    const char *as;
    const char *edition;
    const char *timeout;
    enum sql_format format;
    const char *dsn;
    const char *file; /* NULL: standard input */
    enum octo_ora_privilege privilege;
    int call_ms;
};

static int wrong_usage(const char *what)
{
    (void)fprintf(stderr, "octo sql: %s\n%s", what, usage);
    return EXIT_USAGE;
}

/* --- the command line --- */

static bool read_timeout(const char *text, int *ret_ms)
{
    int64_t seconds;

    if (!text_to_int64(text, &seconds) || seconds < 1 || seconds > SECONDS_MOST) {
        return false;
    }
    *ret_ms = (int)seconds * 1000;
    return true;
}

/* What is no option with a value: NULL, or what is wrong. */
static const char *read_words(int argc, char **argv, struct options *ret)
{
    bool has_format = false;

    for (int i = 1; i < argc; i++) {
        const bool is_csv = strcmp(argv[i], "--csv") == 0;

        if (is_csv || strcmp(argv[i], "--json") == 0) {
            if (has_format) {
                return "there is one form: --csv or --json";
            }
            has_format = true;
            ret->format = is_csv ? SQL_CSV : SQL_JSON;
        } else if (argv[i][0] == '-') {
            return "unknown option";
        } else if (ret->dsn == NULL) {
            ret->dsn = argv[i];
        } else if (ret->file == NULL) {
            ret->file = argv[i][0] == '@' ? argv[i] + 1 : argv[i];
        } else {
            return "too many arguments";
        }
    }
    return ret->user == NULL || ret->dsn == NULL ? "it takes --user NAME and a connect string"
                                                 : NULL;
}

/* NULL, or what is wrong. */
static const char *read_options(int argc, char **argv, struct options *ret)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {{"--user", &ret->user},
                 {"--wallet", &ret->wallet},
                 {"--as", &ret->as},
                 {"--edition", &ret->edition},
                 {"--timeout", &ret->timeout}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!cli_take_value("sql", known[i].name, &argc, argv, known[i].value)) {
            return "an option needs its value";
        }
    }
    if (ret->as != NULL && !ora_privilege_read(ret->as, &ret->privilege)) {
        return "--as is " ORA_PRIVILEGE_WORDS;
    }
    if (ret->timeout != NULL && !read_timeout(ret->timeout, &ret->call_ms)) {
        return "--timeout is whole seconds, from 1 on";
    }
    return read_words(argc, argv, ret);
}

/* --- the session --- */

static bool log_on(const struct options *options, struct octo_ora **ret_session)
{
    char password[PASSWORD_ROOM];
    char wallet_password[PASSWORD_ROOM] = "";
    struct octo_ora_options to = {.dsn = options->dsn,
                                  .user = options->user,
                                  .password = password,
                                  .wallet_dir = options->wallet,
                                  .wallet_password = wallet_password,
                                  .privilege = options->privilege,
                                  .edition = options->edition,
                                  .program = "octo",
                                  .call_ms = options->call_ms};
    struct octo_ora_error error;
    bool ok;

    if (!terminal_read_secret("Password: ", password, sizeof(password)) ||
        (options->wallet != NULL &&
         !terminal_read_secret("Password of the wallet, where there is one: ", wallet_password,
                               sizeof(wallet_password)))) {
        (void)fputs("octo sql: there is no password on standard input\n", stderr);
        return false;
    }
    to.wallet_password = wallet_password[0] != '\0' ? wallet_password : NULL;
    ok = octo_ora_connect(&to, ret_session, &error);
    explicit_bzero(password, sizeof(password));
    explicit_bzero(wallet_password, sizeof(wallet_password));
    if (!ok) {
        (void)fprintf(stderr, "octo sql: %s\n", error.text);
    }
    return ok;
}

static int use(struct octo_ora *session, const struct options *options, FILE *in)
{
    static struct sql_shell shell; /* with room for all variables */
    struct octo_ora_error error;
    int status;

    shell = (struct sql_shell){
        .run = {.session = session, .wants_feedback = true, .wants_timing = true},
        .is_interactive = in == stdin && isatty(STDIN_FILENO) == 1};
    sql_show_init(&shell.run.show, options->format, stdout);
    sql_variables_init(&shell.run.variables);
    if (shell.is_interactive) {
        (void)printf("Oracle %s. HELP lists the commands.\n\n", octo_ora_server_version(session));
    }
    if (!octo_ora_set_tag(session, OCTO_ORA_MODULE, "octo sql", &error)) {
        (void)fprintf(stderr, "octo sql: %s\n", error.text);
    }
    status = sql_shell_run(&shell, in, in == stdin ? "standard input" : options->file);
    sql_variables_fini(&shell.run.variables);
    sql_show_fini(&shell.run.show);
    octo_ora_set_call_ms(session, CLOSE_MS);
    octo_ora_close(session);
    return status;
}

int cmd_sql(int argc, char **argv)
{
    struct options options = {.call_ms = INT_MAX};
    struct octo_ora *session;
    FILE *in = stdin;
    const char *wrong;
    int status = EXIT_FAILED;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)printf("%s%s", usage, help);
            return EXIT_DONE;
        }
    }
    wrong = read_options(argc, argv, &options);
    if (wrong != NULL) {
        return wrong_usage(wrong);
    }
    if (options.file != NULL) {
        in = fopen(options.file, "r");
        if (in == NULL) {
            (void)fprintf(stderr, "octo sql: %s: %s\n", options.file, strerror(errno));
            return EXIT_FAILED;
        }
    }
    if (log_on(&options, &session)) {
        status = use(session, &options, in);
    }
    if (in != stdin) {
        (void)fclose(in);
    }
    return status;
}
