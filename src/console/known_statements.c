/*
 * console/known_statements.c: statements that the services' catalogues know, by their SQL_IDs.
 */
#include <string.h>

#include "db/db.h"

#include "console/console_priv.h"

static bool has_sql_id(const struct db_statement *statement, const char *sql_id)
{
    for (size_t i = 0; i < DB_DIALECT_COUNT; i++) {
        if (strcmp(statement->variants[i].sql_id, sql_id) == 0) {
            return true;
        }
    }
    return false;
}

const struct db_statement *console_catalogue_has(const struct db_catalogue *catalogue,
                                                 const char *sql_id)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct db_statement *statement = catalogue->statements[i];

        if (has_sql_id(statement, sql_id)) {
            return statement;
        }
        if (statement->batch != NULL && has_sql_id(statement->batch, sql_id)) {
            return statement->batch;
        }
    }
    return NULL;
}

const struct db_statement *console_find_statement(const struct console *console, const char *sql_id)
{
    const struct db_statement *found = NULL;

    for (size_t i = 0; found == NULL && i < console->catalogues->count; i++) {
        found = console_catalogue_has(console->catalogues->list[i], sql_id);
    }
    return found;
}

bool console_knows_statement(const struct console *console, const char *sql_id)
{
    return console_find_statement(console, sql_id) != NULL || db_engine_says(sql_id);
}
