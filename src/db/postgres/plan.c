/*
 * How a PostgreSQL server would run a statement: it prepares the text under a name of its own and
 * is asked to EXPLAIN that, which runs nothing, in a transaction that only reads. It is told to
 * plan for any values, so that the binds, which are NULL, say nothing.
 */
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

enum { TEXT_MAX = 4096 };

#define NAME "octo_plan"

static void put_lines(void *arg, const PGresult *rows)
{
    struct buf *out = arg;

    for (int i = 0; PQresultStatus(rows) == PGRES_TUPLES_OK && i < PQntuples(rows); i++) {
        buf_printf(out, "%s\n", PQgetvalue(rows, i, 0));
    }
}

static bool prepare(struct db_conn *conn, const struct db_statement *statement,
                    uint64_t deadline_ns, struct err *err)
{
    unsigned types[PG_PARAMS_MAX];

    for (size_t i = 0; i < statement->param_count; i++) {
        types[i] = pg_param_type(statement, i);
    }
    return pg_leave_pipeline(conn, deadline_ns, err) &&
           pg_finish_outside(conn,
                             PQsendPrepare(conn->pg, NAME, statement->variants[DB_POSTGRES].text,
                                           statement->param_count, types) != 0,
                             deadline_ns, NULL, NULL, err);
}

static bool explain(struct db_conn *conn, size_t binds, uint64_t deadline_ns, struct buf *out,
                    struct err *err)
{
    struct buf text;
    bool ok;

    buf_init(&text, TEXT_MAX);
    buf_add_text(&text, "EXPLAIN (VERBOSE) EXECUTE " NAME);
    for (size_t i = 0; i < binds; i++) {
        buf_add_text(&text, i == 0 ? "(NULL" : ",NULL");
    }
    if (binds > 0) {
        buf_add_char(&text, ')');
    }
    ok = pg_leave_pipeline(conn, deadline_ns, err) &&
         pg_finish_outside(conn, PQsendQuery(conn->pg, text.data) != 0, deadline_ns, put_lines, out,
                           err);
    buf_fini(&text);
    return ok;
}

bool pg_plan(struct db_conn *conn, const struct db_statement *statement, uint64_t deadline_ns,
             struct buf *out, struct err *err)
{
    if (!pg_tags_send(conn, err) ||
        !pg_script(conn, sql_db_postgres__octo_plan_generic.variants[DB_POSTGRES].text, deadline_ns,
                   err) ||
        !prepare(conn, statement, deadline_ns, err)) {
        return false;
    }
    if (!explain(conn, statement->param_count, deadline_ns, out, err) ||
        !pg_script(conn, sql_db_postgres__octo_plan_forget.variants[DB_POSTGRES].text, deadline_ns,
                   err)) {
        conn->is_lost = true; /* in a transaction that has failed the name is not given back */
        return false;
    }
    return true;
}
