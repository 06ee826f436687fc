#include "db/oracle/server_sqlid.h"

#include <stdio.h>
#include <string.h>

#include "sql_db_oracle.h"

#include "db/oracle/oracle_priv.h"

enum { PLACE_IN = 1, PLACE_OUT = 2, SQLID_LENGTH = SQLID_SIZE - 1 };

static const char *text_of(const struct db_statement *statement)
{
    return statement->variants[DB_ORACLE].text;
}

/* False: it has none, or may not be asked. */
static bool is_in_v_sql(struct octo_ora *session, const char *text, const char *sql_id,
                        struct octo_ora_error *error)
{
    struct octo_ora_statement *at = NULL;
    struct octo_ora_text found = {.at = NULL};
    bool has_row = false;

    if (!octo_ora_prepare(session, text_of(&sql_db_oracle__server_sql_text), &at, error)) {
        return false;
    }
    octo_ora_bind_text(at, PLACE_IN, sql_id, strlen(sql_id));
    has_row = octo_ora_execute(at, error) && octo_ora_fetch(at, &has_row, error) && has_row &&
              octo_ora_get_text(at, 1, &found, error) && found.length == strlen(text) &&
              memcmp(found.at, text, found.length) == 0;
    octo_ora_free(at);
    return has_row;
}

static bool translate(struct octo_ora *session, const char *text, char ret[SQLID_SIZE],
                      struct octo_ora_error *error)
{
    struct octo_ora_statement *at = NULL;
    struct octo_ora_text found = {.at = NULL};
    bool has_row = false;

    if (!octo_ora_prepare(session, text_of(&sql_db_oracle__server_sql_id), &at, error)) {
        return false;
    }
    octo_ora_bind_text(at, PLACE_IN, text, strlen(text));
    octo_ora_bind_type(at, PLACE_OUT, OCTO_ORA_BIND_VARCHAR2, SQLID_LENGTH);
    has_row = octo_ora_execute(at, error) && octo_ora_fetch(at, &has_row, error) && has_row &&
              octo_ora_get_text(at, PLACE_OUT, &found, error);
    if (has_row) {
        (void)snprintf(ret, SQLID_SIZE, "%.*s", (int)found.length, found.at);
    }
    octo_ora_free(at);
    return has_row;
}

enum server_sqlid server_sqlid_ask(struct octo_ora *session, const char *text, const char *sql_id,
                                   char ret[SQLID_SIZE], struct octo_ora_error *error)
{
    if (is_in_v_sql(session, text, sql_id, error)) {
        return SERVER_SQLID_IN_V_SQL;
    }
    if (!translate(session, text, ret, error)) {
        return SERVER_SQLID_UNKNOWN;
    }
    return strcmp(ret, sql_id) == 0 ? SERVER_SQLID_TRANSLATED : SERVER_SQLID_OTHER;
}

enum db_sqlid oracle_server_sqlid(struct db_conn *conn, const struct db_variant *variant,
                                  uint64_t deadline_ns, char ret[SQLID_SIZE], struct err *err)
{
    struct octo_ora_error error;

    oracle_give_time(conn, deadline_ns);
    switch (server_sqlid_ask(conn->session, variant->text, variant->sql_id, ret, &error)) {
    case SERVER_SQLID_IN_V_SQL:
    case SERVER_SQLID_TRANSLATED:
        return DB_SQLID_SAME;
    case SERVER_SQLID_OTHER:
        return DB_SQLID_OTHER;
    case SERVER_SQLID_UNKNOWN:
        break;
    }
    (void)oracle_err(err, conn, &error);
    return DB_SQLID_UNKNOWN;
}
