/*
 * How an Oracle database would run a statement: EXPLAIN PLAN runs nothing, and stores the plan in
 * PLAN_TABLE, which every user has as a temporary table of its own session; DBMS_XPLAN tells of it.
 * Servers want the statement's binds there too, and make nothing of their values: they are NULL.
 *
 * The unit is rolled back in the end, and the plan goes with it.
 */
#include "sql_db_oracle.h"

#include "db/oracle/oracle_priv.h"

enum { TEXT_MAX = 1 << 20, LINES_AT_ONCE = 100 };

/* The text stands behind it; octo_plan_lines asks for the same name. */
#define EXPLAIN "EXPLAIN PLAN SET STATEMENT_ID = 'OCTO' FOR "

static unsigned places_of(const struct db_statement *statement)
{
    const struct db_variant *variant = &statement->variants[DB_ORACLE];

    return variant->bind_count + (variant->gives_binds ? statement->column_count : 0u);
}

static bool explain(struct octo_ora *session, const struct db_statement *statement,
                    struct octo_ora_error *error)
{
    struct octo_ora_statement *at = NULL;
    struct buf text;
    bool ok;

    buf_init(&text, TEXT_MAX);
    buf_add_text(&text, EXPLAIN);
    buf_add_text(&text, statement->variants[DB_ORACLE].text);
    ok = octo_ora_prepare(session, text.data, &at, error);
    buf_fini(&text);
    for (unsigned place = 1; ok && place <= places_of(statement); place++) {
        octo_ora_bind_null(at, place);
    }
    ok = ok && octo_ora_execute(at, error);
    octo_ora_free(at);
    return ok;
}

static bool put_lines(struct octo_ora *session, struct buf *out, struct octo_ora_error *error)
{
    const char *text = sql_db_oracle__octo_plan_lines.variants[DB_ORACLE].text;
    struct octo_ora_statement *at = NULL;
    bool has_row = true;
    bool ok = octo_ora_prepare(session, text, &at, error);

    if (ok) {
        octo_ora_set_rows_at_once(at, LINES_AT_ONCE);
        ok = octo_ora_execute(at, error);
    }
    while (ok && (ok = octo_ora_fetch(at, &has_row, error)) && has_row) {
        struct octo_ora_text line = {.length = 0};

        ok = octo_ora_is_null(at, 1) || octo_ora_get_text(at, 1, &line, error);
        if (ok) {
            buf_printf(out, "%.*s\n", (int)line.length, line.length > 0 ? line.at : "");
        }
    }
    octo_ora_free(at);
    return ok;
}

bool oracle_plan_of(struct octo_ora *session, const struct db_statement *statement, struct buf *out,
                    struct octo_ora_error *error)
{
    return explain(session, statement, error) && put_lines(session, out, error);
}

bool oracle_plan(struct db_conn *conn, const struct db_statement *statement, uint64_t deadline_ns,
                 struct buf *out, struct err *err)
{
    static const struct db_variant writes = {.is_read_only = false};
    struct octo_ora_error error;

    if (statement->variants[DB_ORACLE].is_block) {
        (void)err_set(err, ERR_NOT_IMPLEMENTED,
                      "%s is a block of PL/SQL on Oracle, of which no plan is made",
                      statement->name);
        err->is_public = true;
        return false;
    }
    conn->is_snapshot_due = false; /* what reads one state alone may not store a plan */
    return oracle_prepare_call(conn, &writes, deadline_ns, err) &&
           (oracle_plan_of(conn->session, statement, out, &error) || oracle_err(err, conn, &error));
}
