#include "app/sql_shell.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/cli.h"
#include "app/sql_command.h"
#include "db/sql_reader.h"

enum { WORD_MAX = 32, DEPTH_MAX = 20, CODE_MOST = 255, EXIT_WARNING = 2 };

/* Lines, and how far they have been read. */
struct script {
    FILE *in;
    const char *name;
    unsigned long line;
};

static const char help[] =
    "Statements end with a semicolon at the end of a line, blocks with a line of one slash; a line "
    "of\n"
    "one full stop drops what has begun. A slash alone executes the last one again.\n"
    "\n"
    "  VARIABLE NAME TYPE [= VALUE]  declares :NAME: NUMBER, VARCHAR2(n), NVARCHAR2(n), "
    "BINARY_DOUBLE,\n"
    "                                CLOB, REFCURSOR; VARIABLE alone lists them\n"
    "  EXECUTE STATEMENT             as a block, so EXECUTE :NAME := VALUE\n"
    "  PRINT [NAME...]               values of variables, rows of a cursor\n"
    "  @FILE, START FILE             does what a file says; @@FILE is beside the script\n"
    "  SET AUTOCOMMIT|FEEDBACK|TIMING ON|OFF\n"
    "  WHENEVER SQLERROR|OSERROR EXIT [CODE] [COMMIT|ROLLBACK], or CONTINUE\n"
    "  PROMPT TEXT, REMARK TEXT\n"
    "  EXIT, QUIT [CODE] [COMMIT|ROLLBACK]\n";

/* --- words --- */

/* The next one in capitals; false at the end. */
static bool take_word(const char **at, char ret[WORD_MAX])
{
    size_t length = 0;

    while (isspace((unsigned char)**at)) {
        (*at)++;
    }
    while (**at != '\0' && !isspace((unsigned char)**at) && **at != ';') {
        if (length < WORD_MAX - 1) {
            ret[length++] = (char)toupper((unsigned char)**at);
        }
        (*at)++;
    }
    ret[length] = '\0';
    return length > 0;
}

/* --- failures --- */

static void end_with(struct sql_shell *shell, const struct sql_ending *ending)
{
    shell->is_over = true;
    shell->ending = *ending;
    if (!ending->has_code) {
        shell->ending.code = EXIT_FAILED;
    } else if (ending->is_of_error) {
        const int code = shell->run.last_number & CODE_MOST;

        shell->ending.code = code != 0 ? code : EXIT_FAILED; /* 256 is no success */
    }
}

static void after_failure(struct sql_shell *shell, const struct sql_ending *ending)
{
    shell->has_failed = true;
    if (!octo_ora_is_alive(shell->run.session)) {
        static const struct sql_ending lost = {.ends = true};

        (void)fputs("octo sql: the session has ended: what was not committed is undone\n", stderr);
        end_with(shell, &lost);
        return;
    }
    if (ending->ends) {
        end_with(shell, ending);
    } else if (ending->ends_a_transaction) {
        (void)sql_run_end(&shell->run, ending->commits);
    }
}

/* A command that is wrong: a failure that the database has no part in. */
static void refuse(struct sql_shell *shell, const struct script *script, const char *what,
                   const char *of)
{
    (void)fflush(shell->run.show.out);
    (void)fprintf(stderr, "octo sql: %s:%lu: %s%s%s\n", script->name, script->line, what,
                  of != NULL ? ": " : "", of != NULL ? of : "");
    shell->has_failed = true;
}

/* --- statements --- */

static void run_last(struct sql_shell *shell, const struct script *script)
{
    if (shell->last.length == 0) {
        refuse(shell, script, "there is no statement yet that a slash could execute again", NULL);
        return;
    }
    shell->run.script = shell->is_interactive && shell->depth == 0 ? NULL : script->name;
    shell->run.script_line = script->line;
    if (!sql_run_statement(&shell->run, shell->last.data)) {
        after_failure(shell, &shell->on_failure);
    }
}

static void run_text(struct sql_shell *shell, const struct script *script, const char *text)
{
    buf_clear(&shell->last);
    buf_add_text(&shell->last, text);
    run_last(shell, script);
}

/* SQL*Plus makes the same block of it. */
static void execute(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    size_t length = strlen(arguments);
    struct buf block;

    while (length > 0 &&
           (isspace((unsigned char)arguments[length - 1]) || arguments[length - 1] == ';')) {
        length--;
    }
    if (length == 0) {
        refuse(shell, script, "EXECUTE what?", NULL);
        return;
    }
    buf_init(&block, SQL_TEXT_MAX);
    buf_add_text(&block, "BEGIN ");
    buf_add(&block, arguments, length);
    buf_add_text(&block, "; END;");
    run_text(shell, script, block.data);
    buf_fini(&block);
}

/* --- endings --- */

/* [SUCCESS|FAILURE|WARNING|NUMBER|SQL.SQLCODE] [COMMIT|ROLLBACK|NONE] */
static bool read_ending(const char *at, struct sql_ending *ret)
{
    char word[WORD_MAX];

    while (take_word(&at, word)) {
        char *end;
        const long code = strtol(word, &end, 10);

        if (strcmp(word, "COMMIT") == 0 || strcmp(word, "ROLLBACK") == 0) {
            ret->ends_a_transaction = true;
            ret->commits = word[0] == 'C';
        } else if (strcmp(word, "SQL.SQLCODE") == 0) {
            ret->has_code = ret->is_of_error = true;
        } else if (strcmp(word, "SUCCESS") == 0 || strcmp(word, "FAILURE") == 0 ||
                   strcmp(word, "WARNING") == 0) {
            ret->has_code = true;
            ret->code = word[0] == 'S' ? EXIT_DONE : word[0] == 'F' ? EXIT_FAILED : EXIT_WARNING;
        } else if (*end == '\0' && code >= 0 && code <= CODE_MOST) {
            ret->has_code = true;
            ret->code = (int)code;
        } else if (strcmp(word, "NONE") != 0) {
            return false;
        }
    }
    return true;
}

static void leave(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    struct sql_ending ending = {.ends = true, .ends_a_transaction = true, .commits = true};

    if (!read_ending(arguments, &ending)) {
        refuse(shell, script, "EXIT [SUCCESS|FAILURE|0 to 255|SQL.SQLCODE] [COMMIT|ROLLBACK]",
               NULL);
        return;
    }
    if (ending.is_of_error && shell->run.last_number == 0) {
        ending.is_of_error = false; /* nothing has failed */
    }
    if (!ending.has_code) {
        ending.has_code = true;
        ending.code = shell->has_failed && !shell->is_interactive ? EXIT_FAILED : EXIT_DONE;
    }
    end_with(shell, &ending);
}

static void whenever(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    struct sql_ending ending = {.ends = false};
    char what[WORD_MAX];
    char does[WORD_MAX];

    (void)take_word(&arguments, what);
    (void)take_word(&arguments, does);
    ending.ends = strcmp(does, "EXIT") == 0;
    if ((strcmp(what, "SQLERROR") != 0 && strcmp(what, "OSERROR") != 0) ||
        (!ending.ends && strcmp(does, "CONTINUE") != 0) || !read_ending(arguments, &ending)) {
        refuse(shell, script,
               "WHENEVER SQLERROR|OSERROR EXIT [CODE] [COMMIT|ROLLBACK], or CONTINUE", NULL);
        return;
    }
    *(what[0] == 'S' ? &shell->on_failure : &shell->on_no_file) = ending;
}

/* --- settings --- */

static void set(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    const struct {
        const char *name;
        size_t enough; /* of its letters */
        bool *value;
    } known[] = {{"AUTOCOMMIT", 4, &shell->run.autocommits},
                 {"FEEDBACK", 4, &shell->run.wants_feedback},
                 {"TIMING", 4, &shell->run.wants_timing}};
    char name[WORD_MAX];
    char value[WORD_MAX];

    (void)take_word(&arguments, name);
    (void)take_word(&arguments, value);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(name) >= known[i].enough && strncmp(known[i].name, name, strlen(name)) == 0) {
            if (strcmp(value, "ON") != 0 && strcmp(value, "OFF") != 0) {
                refuse(shell, script, "it is ON or OFF", known[i].name);
                return;
            }
            *known[i].value = strcmp(value, "ON") == 0;
            return;
        }
    }
    (void)fprintf(
        stderr,
        "octo sql: %s:%lu: SET %s is passed over: there are AUTOCOMMIT, FEEDBACK and TIMING\n",
        script->name, script->line, name);
}

/* --- variables --- */

static void list_variables(const struct sql_shell *shell)
{
    for (size_t i = 0; i < shell->run.variables.count; i++) {
        const struct sql_variable *variable = &shell->run.variables.list[i];

        (void)fprintf(shell->run.show.format == SQL_TABLE ? shell->run.show.out : stderr, "%s %s\n",
                      variable->name, variable->type->name);
    }
}

static void declare(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    const char *fault = NULL;
    size_t length = strlen(arguments);
    struct buf text;

    while (length > 0 &&
           (isspace((unsigned char)arguments[length - 1]) || arguments[length - 1] == ';')) {
        length--;
    }
    if (length == 0) {
        list_variables(shell);
        return;
    }
    buf_init(&text, SQL_TEXT_MAX);
    buf_add(&text, arguments, length);
    if (!sql_variable_declare(&shell->run.variables, text.data, &fault)) {
        refuse(shell, script, "VARIABLE", fault);
    }
    buf_fini(&text);
}

/* The next name, without its colon; false at the end. */
static bool take_name(const char **at, char ret[SQL_NAME_MAX + 1])
{
    static const char between[] = " \t,;:";
    size_t length;

    *at += strspn(*at, between);
    length = strcspn(*at, between);
    (void)snprintf(ret, SQL_NAME_MAX + 1, "%.*s",
                   (int)(length < SQL_NAME_MAX ? length : SQL_NAME_MAX), *at);
    *at += length;
    return length > 0;
}

static bool print_all(struct sql_shell *shell)
{
    for (size_t i = 0; i < shell->run.variables.count; i++) {
        if (!sql_run_print(&shell->run, &shell->run.variables.list[i])) {
            return false;
        }
    }
    return true;
}

static void print(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    char name[SQL_NAME_MAX + 1];
    bool has_name = take_name(&arguments, name);
    bool ok = has_name || print_all(shell);

    for (; has_name && ok; has_name = take_name(&arguments, name)) {
        struct sql_variable *variable = sql_variable_of(&shell->run.variables, name, strlen(name));

        if (variable == NULL) {
            refuse(shell, script, "there is no variable of that name", name);
        } else {
            ok = sql_run_print(&shell->run, variable);
        }
    }
    if (!ok) {
        after_failure(shell, &shell->on_failure);
    }
}

/* --- scripts --- */

static void do_lines(struct sql_shell *shell, struct script *script);

/* Beside the script where it begins with a second @, and with .sql where it has no ending. */
static void name_file(const struct script *script, const char *name, char ret[PATH_MAX])
{
    const bool is_beside = *name == '@';
    const char *slash = strrchr(script->name, '/');
    const char *base;
    int length;

    name += is_beside ? 1 : 0;
    length = (int)strcspn(name, ";");
    while (length > 0 && isspace((unsigned char)name[length - 1])) {
        length--;
    }
    (void)snprintf(ret, PATH_MAX, "%.*s%.*s",
                   is_beside && slash != NULL ? (int)(slash + 1 - script->name) : 0, script->name,
                   length, name);
    base = strrchr(ret, '/') != NULL ? strrchr(ret, '/') : ret;
    if (strchr(base, '.') == NULL && strlen(ret) + sizeof(".sql") <= PATH_MAX) {
        memcpy(ret + strlen(ret), ".sql", sizeof(".sql"));
    }
}

static void start(struct sql_shell *shell, const struct script *script, const char *arguments)
{
    char path[PATH_MAX];
    struct script inner = {.name = path};

    name_file(script, arguments, path);
    if (shell->depth == DEPTH_MAX) {
        refuse(shell, script, "scripts within scripts are too deep", path);
        return;
    }
    inner.in = fopen(path, "r");
    if (inner.in == NULL) {
        (void)fprintf(stderr, "octo sql: %s:%lu: %s: %s\n", script->name, script->line, path,
                      strerror(errno));
        after_failure(shell, &shell->on_no_file);
        return;
    }
    shell->depth++;
    do_lines(shell, &inner);
    shell->depth--;
    (void)fclose(inner.in);
}

/* --- commands --- */

static void do_command(struct sql_shell *shell, const struct script *script, const char *line)
{
    static const struct sql_ending end = {.ends = true};
    FILE *words = shell->run.show.format == SQL_TABLE ? shell->run.show.out : stderr;
    const char *arguments;

    switch (sql_command_of(line, &arguments)) {
    case SQL_COMMAND_EXECUTE:
        execute(shell, script, arguments);
        break;
    case SQL_COMMAND_EXIT:
        leave(shell, script, arguments);
        break;
    case SQL_COMMAND_HELP:
        (void)fputs(help, words);
        break;
    case SQL_COMMAND_PRINT:
        print(shell, script, arguments);
        break;
    case SQL_COMMAND_PROMPT:
        (void)fprintf(words, "%s\n", arguments);
        break;
    case SQL_COMMAND_SET:
        set(shell, script, arguments);
        break;
    case SQL_COMMAND_START:
        start(shell, script, arguments);
        break;
    case SQL_COMMAND_VARIABLE:
        declare(shell, script, arguments);
        break;
    case SQL_COMMAND_WHENEVER:
        whenever(shell, script, arguments);
        break;
    case SQL_COMMAND_CONNECT:
        refuse(shell, script, "another user is another octo sql: here the session stays", line);
        end_with(shell, &end);
        break;
    case SQL_COMMAND_LAYOUT:
        (void)fprintf(stderr, "octo sql: %s:%lu: passed over: %s\n", script->name, script->line,
                      line);
        break;
    case SQL_COMMAND_ABSENT:
        refuse(shell, script, "a command of SQL*Plus that is not here; HELP lists those that are",
               line);
        break;
    case SQL_COMMAND_REMARK:
    case SQL_COMMAND_NONE:
        break;
    }
}

/* --- lines --- */

static void prompt(const struct sql_shell *shell, const struct script *script,
                   const struct sql_reader *reader)
{
    if (!shell->is_interactive || shell->is_over || script->in != stdin) {
        return;
    }
    if (sql_reader_is_within(reader)) {
        (void)printf("%3zu  ", reader->lines + 1);
    } else {
        (void)printf("SQL> ");
    }
    (void)fflush(stdout);
}

static void do_found(struct sql_shell *shell, const struct script *script, enum sql_found found,
                     const char *text)
{
    switch (found) {
    case SQL_FOUND_STATEMENT:
        run_text(shell, script, text);
        break;
    case SQL_FOUND_COMMAND:
        do_command(shell, script, text);
        break;
    case SQL_FOUND_AGAIN:
        run_last(shell, script);
        break;
    case SQL_FOUND_TOO_LONG:
        refuse(shell, script, "a statement of more than 16 MiB", NULL);
        break;
    case SQL_FOUND_NOTHING:
    case SQL_FOUND_DROPPED:
        break;
    }
}

static void do_lines(struct sql_shell *shell, struct script *script)
{
    struct sql_reader reader;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    enum sql_found found;

    sql_reader_init(&reader, sql_is_command_line);
    for (prompt(shell, script, &reader);
         !shell->is_over && (length = getline(&line, &room, script->in)) >= 0;
         prompt(shell, script, &reader)) {
        script->line++;
        length -= length > 0 && line[length - 1] == '\n' ? 1 : 0;
        if (memchr(line, '\0', (size_t)length) != NULL) {
            refuse(shell, script, "a line with a NUL in it: this is no text", NULL);
            continue;
        }
        found = sql_reader_take(&reader, line, (size_t)length);
        do_found(shell, script, found, reader.text.data);
    }
    if (!shell->is_over && sql_reader_is_within(&reader)) {
        refuse(shell, script,
               "the last statement has no end (a semicolon, or a line of one slash), and was not "
               "executed",
               NULL);
    }
    if (shell->is_interactive && shell->depth == 0 && !shell->is_over) {
        (void)putchar('\n');
    }
    free(line);
    sql_reader_fini(&reader);
}

int sql_shell_run(struct sql_shell *shell, FILE *in, const char *name)
{
    struct script script = {.in = in, .name = name};
    bool ok = true;

    buf_init(&shell->last, SQL_TEXT_MAX);
    do_lines(shell, &script);
    if (!shell->is_over) {
        leave(shell, &script, "");
    }
    if (shell->ending.ends_a_transaction && octo_ora_in_transaction(shell->run.session)) {
        ok = sql_run_end(&shell->run, shell->ending.commits);
    }
    buf_fini(&shell->last);
    return ok ? shell->ending.code : EXIT_FAILED;
}
