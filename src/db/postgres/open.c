/*
 * Opening a session as services use it: signed in, on a server that is fit for them, set up, in
 * pipeline mode.
 */
#include "core/buf.h"

#include "db/postgres/postgres_priv.h"

/* Past a pooler, which knows of nothing but these names and of none of the URL's options. */
static bool move_in(struct db_conn *conn, const struct db_options *options, uint64_t until_ns,
                    struct err *err)
{
    struct buf names;
    struct buf values;
    bool is_in;

    if (conn->has_own_options) {
        return err_set(err, ERR_CONFIG,
                       "%s is a pooler, past which the options of the database URL do not come: "
                       "leave them out and ALTER ROLE %s SET them",
                       conn->host, PQuser(conn->pg));
    }
    buf_init(&names, PG_OPTIONS_MAX);
    buf_init(&values, PG_OPTIONS_MAX);
    pg_write_settings(options, conn->module, &names, &values);
    is_in = pg_move_in(conn, names.data, values.data, until_ns, err);
    buf_fini(&names);
    buf_fini(&values);
    return is_in;
}

bool pg_make_ready(struct db_conn *conn, const struct db_options *options, uint64_t until_ns,
                   struct err *err)
{
    if (conn->is_pooled && !move_in(conn, options, until_ns, err)) {
        return false;
    }
    return (PQsetnonblocking(conn->pg, 1) == 0 && PQenterPipelineMode(conn->pg) == 1) ||
           pg_lost(conn, err);
}

bool pg_open(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
             struct err *err)
{
    const uint64_t until_ns = pg_patience_ends(options);
    struct db_conn *conn = NULL;

    (void)use; /* writers have connections of their own */
    if (!pg_sign_in(options, &conn, err) || !pg_ask_server(conn, until_ns, err) ||
        !pg_make_ready(conn, options, until_ns, err)) {
        pg_close(conn);
        return err_wrap(err, "open database");
    }
    *ret = conn;
    return true;
}
