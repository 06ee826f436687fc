/* SQLite under another name, see scratch_engine.h. */
#include "tests/support/scratch_engine.h"

#include <string.h>

#include "core/clock.h"

struct db_backend db_backend_scratch;

static bool scratch_owns(const char *location)
{
    return strncmp(location, SCRATCH_SCHEME, strlen(SCRATCH_SCHEME)) == 0;
}

/* Outside of units that write nothing may. */
static bool may_write(struct db_conn *conn, bool may, struct err *err)
{
    return db_backend_sqlite.run_script(
        conn, may ? "PRAGMA query_only = OFF" : "PRAGMA query_only = ON", CLOCK_NEVER, err);
}

static bool scratch_open(const struct db_options *options, enum db_conn_use use,
                         struct db_conn **ret, struct err *err)
{
    struct db_options inner = *options;

    (void)use;
    inner.location = options->location + strlen(SCRATCH_SCHEME);
    if (!db_backend_sqlite.open(&inner, DB_CONN_WRITER, ret, err)) {
        return false;
    }
    if (!may_write(*ret, false, err)) {
        db_backend_sqlite.close(*ret);
        return false;
    }
    return true;
}

static bool scratch_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns,
                          struct err *err)
{
    return may_write(conn, mode == DB_BEGIN_WRITE, err) &&
           db_backend_sqlite.begin(conn, mode, deadline_ns, err);
}

void scratch_engine_make(void)
{
    db_backend_scratch = db_backend_sqlite;
    db_backend_scratch.name = "scratch";
    db_backend_scratch.capabilities = DB_CAP_EMBEDDED;
    db_backend_scratch.locations = "a URL, " SCRATCH_SCHEME "path";
    db_backend_scratch.owns = scratch_owns;
    db_backend_scratch.open = scratch_open;
    db_backend_scratch.begin = scratch_begin;
    db_backend_scratch.writer = NULL;
    db_backend_scratch.tend = NULL;
    db_backend_scratch.diagnose = NULL;
}
