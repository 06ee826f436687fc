/*
 * Runs a service's scripts for Oracle and executes each statement of its catalogue once, each with
 * a value of its type for every bind, in a transaction that is rolled back. A statement that a
 * constraint refuses has been read and executed, too. Says what failed otherwise, and how many
 * there were.
 *
 *     ora-texts USER PASSWORD CONNECT-STRING shop|crm
 */
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_crm_catalogue.h"
#include "sql_shop_catalogue.h"

enum { STATEMENT_MAX = 1 << 16, LONG_TEXT = 4000 };

static bool run(struct octo_ora *session, const char *sql, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement;
    bool ok = octo_ora_prepare(session, sql, &statement, error);

    if (ok) {
        ok = octo_ora_execute(statement, error);
        octo_ora_free(statement);
    }
    return ok;
}

/* --- scripts --- */

/* Where the script goes on behind its next statement, which is copied; NULL: there is none. One
 * ends with a semicolon at the end of a line, which is not part of it; a block with a line of one
 * slash. */
static const char *next_statement(const char *script, char out[STATEMENT_MAX])
{
    size_t length = 0;
    bool is_block = false;

    while (*script != '\0') {
        const size_t line = strcspn(script, "\n");
        const char *at = script;

        script += line + (script[line] == '\n' ? 1 : 0);
        if (length == 0) {
            is_block = strncmp(at, "CREATE TRIGGER", strlen("CREATE TRIGGER")) == 0;
        }
        if ((length == 0 && (line == 0 || at[0] == '-')) || length + line + 2 > STATEMENT_MAX) {
            continue;
        }
        if (is_block && line == 1 && at[0] == '/') {
            return script;
        }
        memcpy(out + length, at, line);
        length += line;
        if (!is_block && line > 0 && at[line - 1] == ';') {
            out[length - 1] = '\0';
            return script;
        }
        out[length++] = '\n';
        out[length] = '\0';
    }
    return NULL;
}

static bool run_scripts(struct octo_ora *session, const struct db_script *scripts, size_t count)
{
    static char sql[STATEMENT_MAX];
    struct octo_ora_error error;
    size_t done = 0;

    for (size_t i = 0; i < count; i++) {
        const char *at = scripts[i].text[DB_ORACLE];

        while (!scripts[i].is_seed && (at = next_statement(at, sql)) != NULL) {
            if (!run(session, sql, &error)) {
                (void)printf("%s: %s\n%s\n", scripts[i].name, error.text, sql);
                return false;
            }
            done++;
        }
    }
    (void)printf("%zu statements of scripts\n", done);
    return true;
}

/* --- statements --- */

static void bind_value(struct octo_ora_statement *statement, unsigned place, enum db_type type)
{
    static const struct octo_ora_time time = {.year = 2026, .month = 1, .day = 1};

    switch (type) {
    case DB_INT:
    case DB_MONEY:
    case DB_BOOL:
        octo_ora_bind_int(statement, place, 1);
        break;
    case DB_TIME:
    case DB_NOW:
        octo_ora_bind_timestamp(statement, place, &time);
        break;
    case DB_REAL:
        octo_ora_bind_double(statement, place, 1.5);
        break;
    case DB_TEXT: /* also a list of one */
        octo_ora_bind_text(statement, place, "[1]", 3);
        break;
    }
}

static void bind_column(struct octo_ora_statement *statement, unsigned place, enum db_type type,
                        bool is_lob)
{
    static const enum octo_ora_bind_type types[] = {
        [DB_INT] = OCTO_ORA_BIND_NUMBER,   [DB_MONEY] = OCTO_ORA_BIND_NUMBER,
        [DB_BOOL] = OCTO_ORA_BIND_NUMBER,  [DB_TIME] = OCTO_ORA_BIND_TIMESTAMP,
        [DB_NOW] = OCTO_ORA_BIND_NUMBER,   [DB_REAL] = OCTO_ORA_BIND_BINARY_DOUBLE,
        [DB_TEXT] = OCTO_ORA_BIND_VARCHAR2};

    octo_ora_bind_type(statement, place, is_lob ? OCTO_ORA_BIND_CLOB : types[type],
                       type == DB_TEXT && !is_lob ? LONG_TEXT : 0);
}

static bool is_lob(const struct db_variant *variant, unsigned column)
{
    for (unsigned i = 0; i < variant->lob_column_count; i++) {
        if (variant->lob_columns[i] == column) {
            return true;
        }
    }
    return false;
}

static void bind_all(const struct db_statement *statement, struct octo_ora_statement *prepared)
{
    const struct db_variant *variant = &statement->variants[DB_ORACLE];

    for (unsigned i = 0; i < variant->bind_count; i++) {
        const unsigned param = variant->bind_order != NULL ? variant->bind_order[i] : i;

        bind_value(prepared, i + 1, statement->params[param].type);
    }
    for (unsigned i = 0; variant->gives_binds && i < statement->column_count; i++) {
        bind_column(prepared, variant->bind_count + i + 1, statement->columns[i].type,
                    is_lob(variant, i));
    }
}

static bool is_of_constraint(int number)
{
    return number == 1 || number == 1400 || (number >= 2290 && number <= 2292);
}

/* True also where a constraint has refused it, which *ret_refused counts. */
static bool execute(struct octo_ora *session, const struct db_statement *statement,
                    size_t *ret_refused, struct octo_ora_error *error)
{
    struct octo_ora_statement *prepared;
    bool has_row = true;
    bool ok = octo_ora_prepare(session, statement->variants[DB_ORACLE].text, &prepared, error);

    if (!ok) {
        return false;
    }
    bind_all(statement, prepared);
    ok = octo_ora_execute(prepared, error);
    while (ok && has_row && statement->column_count > 0) {
        ok = octo_ora_fetch(prepared, &has_row, error);
    }
    octo_ora_free(prepared);
    if (!ok && error->kind == OCTO_ORA_SERVER && is_of_constraint(error->number)) {
        (*ret_refused)++;
        ok = true;
    }
    return octo_ora_rollback(session, &(struct octo_ora_error){0}) && ok;
}

static bool run_statements(struct octo_ora *session, const struct db_catalogue *catalogue)
{
    size_t done = 0;
    size_t refused = 0;
    size_t failed = 0;
    size_t missing = 0;

    for (size_t i = 0; i < catalogue->count; i++) {
        const struct db_statement *statement = catalogue->statements[i];
        struct octo_ora_error error;

        if (statement->is_batch) { /* goes as an array of the one for a row */
            continue;
        }
        if (statement->variants[DB_ORACLE].text == NULL) {
            missing++;
        } else if (execute(session, statement, &refused, &error)) {
            done++;
        } else {
            failed++;
            (void)printf("%s: %s\n", statement->name, error.text);
        }
    }
    (void)printf(
        "%zu executed, %zu of them refused by a constraint, %zu failed, %zu without a text\n", done,
        refused, failed, missing);
    return failed == 0;
}

int main(int argc, char **argv)
{
    const bool is_crm = argc == 5 && strcmp(argv[4], "crm") == 0;
    const struct db_catalogue *catalogue = is_crm ? &sql_crm_catalogue : &sql_shop_catalogue;
    const struct db_script *scripts = is_crm ? sql_crm_scripts : sql_shop_scripts;
    const size_t count = is_crm ? sql_crm_script_count : sql_shop_script_count;
    struct octo_ora_error error;
    struct octo_ora *session;
    bool ok;

    if (argc != 5) {
        return EXIT_FAILURE;
    }
    if (!octo_ora_connect(
            &(struct octo_ora_options){.dsn = argv[3], .user = argv[1], .password = argv[2]},
            &session, &error)) {
        (void)printf("%s\n", error.text);
        return EXIT_FAILURE;
    }
    ok = run_scripts(session, scripts, count) && run_statements(session, catalogue);
    octo_ora_close(session);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
