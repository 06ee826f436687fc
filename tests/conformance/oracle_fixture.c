#include "tests/conformance/oracle_fixture.h"

#include "core/clock.h"
#include "db/value.h"

const struct db_backend *const oracle = &db_backend_oracle;

static void must_run(struct db_conn *conn, const struct db_statement *statement)
{
    struct err err = {.code = ERR_NONE};

    if (!oracle->execute(conn, statement, NULL, 1, clock_after_ms(60000), NULL, &err)) {
        fail_msg("%s", err.text);
    }
}

struct db_conn *must_open(const struct fixture *f)
{
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    if (!oracle->open(&f->options, DB_CONN_POOL, &conn, &err)) {
        fail_msg("%s", err.text);
    }
    return conn;
}

static void with_table(const struct fixture *f, const struct db_statement *statement)
{
    struct db_conn *conn = must_open(f);

    must_run(conn, statement);
    oracle->close(conn);
}

int oracle_set_up(void **state)
{
    const struct db_pool_options pool = {.name = "main", .size = 2, .checkout_timeout_ms = 60000};
    struct fixture *f = mem_alloc(sizeof(*f));
    struct err err = {.code = ERR_NONE};

    f->options = (struct db_options){.service = "test", .module = "octo-test"};
    oracle_server_options(&f->options);
    arena_init(&f->arena);
    ctx_init_background(&f->ctx, &f->arena, NULL, "octo-test", "POST /api/wares", 60000);
    with_table(f, &wares_make);
    if (!db_open(&f->options, &f->db, &err) || !db_pool_new(f->db, &pool, &f->pool, &err)) {
        fail_msg("%s", err.text);
    }
    *state = f;
    return 0;
}

int oracle_tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(f->db);
    with_table(f, &wares_drop);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

struct db_session *must_checkout(struct fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&f->ctx, f->pool, &session, &err)) {
        fail_msg("%s", err.text);
    }
    return session;
}

void must_write(struct fixture *f, db_work *work, void *arg)
{
    struct err err = {.code = ERR_NONE};

    if (!db_write(&f->ctx, f->pool, work, arg, &err)) {
        fail_msg("%s", err.text);
    }
}

int64_t count_wares(struct fixture *f)
{
    struct db_session *session = must_checkout(f);
    struct count_row row = {.total = -1};
    struct err err = {.code = ERR_NONE};

    if (db_row(session, &wares_count, NULL, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row.total;
}

struct ware plain_ware(int64_t id)
{
    return (struct ware){{db_value_int(id), db_value_text("a ware"), db_value_null(DB_MONEY),
                          db_value_null(DB_TIME), db_value_null(DB_BOOL), db_value_null(DB_REAL),
                          db_value_null(DB_TEXT)}};
}

bool put_ware(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ware *ware = arg;

    (void)ctx;
    return db_exec(session, &wares_put, ware->values, NULL, err);
}
