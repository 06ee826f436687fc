/*
 * The sessions as PostgreSQL tells of them: those of this process, of others, at work and between
 * two statements, and while no pool has one to give.
 */
#include "core/clock.h"
#include "core/thread.h"
#include "tests/support/postgres_server.h"
#include "tests/support/suite.h"

enum { POOL_MOST = 8, VIEWS_MOST = 32, LONG_TEXT = 3000 };

struct look {
    struct db_session_view views[VIEWS_MOST];
    size_t count;
};

static void must_look(struct db_fixture *f, struct look *ret)
{
    struct arena arena;
    struct ctx ctx;
    struct err err = {.code = ERR_NONE};

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "LOOK");
    if (!db_server_sessions(&ctx, f->db, ret->views, VIEWS_MOST, &ret->count, &err)) {
        fail_msg("%s", err.text);
    }
    arena_fini(&arena);
}

/* The row of that session; it must be there. */
static const struct db_session_view *row_of(const struct look *look, int64_t sid)
{
    for (size_t i = 0; i < look->count; i++) {
        if (look->views[i].sid == sid) {
            return &look->views[i];
        }
    }
    fail_msg("session %lld is not there", (long long)sid);
    return NULL;
}

/* A unit whose own statement runs until it is cancelled. */
struct unit {
    struct db_fixture *f;
    struct arena arena;
    struct ctx ctx;
    struct thread thread;
    _Atomic int64_t sid;
    struct err err;
};

static bool run_long(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct unit *unit = arg;
    struct sql_slow_count_row row;

    (void)ctx;
    atomic_store(&unit->sid, db_sid(db));
    return sql_slow_count(db, INT64_MAX, &row, err) == DB_ROW;
}

static void unit_run(void *arg)
{
    struct unit *unit = arg;

    assert_false(db_read(&unit->ctx, unit->f->pool, run_long, unit, &unit->err));
}

static void unit_start(struct unit *unit, struct db_fixture *f)
{
    *unit = (struct unit){.f = f};
    arena_init(&unit->arena);
    db_fixture_ctx(&unit->ctx, &unit->arena, "GET /long");
    thread_start(&unit->thread, "long-unit", unit_run, unit);
}

static void unit_end(struct unit *unit)
{
    assert_true(db_cancel(unit->f->db, atomic_load(&unit->sid)));
    thread_join(&unit->thread);
    assert_int_equal(unit->err.code, ERR_UNAVAILABLE);
    arena_fini(&unit->arena);
}

/* The row of the unit's session once its statement runs. */
static const struct db_session_view *running_row(struct unit *unit, struct look *look)
{
    const uint64_t deadline_ns = clock_after_ms(30000);
    const struct db_session_view *row = NULL;

    do {
        const int64_t sid = atomic_load(&unit->sid); /* a look before it is known may miss it */

        assert_false(clock_has_passed(deadline_ns));
        must_look(unit->f, look);
        if (sid != 0) {
            row = row_of(look, sid);
        }
    } while (row == NULL || strcmp(row->statement, "slow_count") != 0);
    return row;
}

static void sessions__pool_is_exhausted__all_are_seen(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *held[POOL_MOST - 1] = {NULL};
    struct db_pool_view pools[4];
    struct unit unit;
    struct look look;
    const struct db_session_view *row;
    char pid[64];
    struct err err = {.code = ERR_NONE};

    for (size_t i = 0; i < POOL_MOST - 1; i++) {
        assert_true(db_checkout(&f->ctx, f->pool, &held[i], &err));
    }
    unit_start(&unit, f);
    row = running_row(&unit, &look);
    assert_int_equal(look.count, POOL_MOST + 1); /* and the observer's own */
    assert_string_equal(row->state, "active");
    assert_string_equal(row->service, "test");
    assert_string_equal(row->pool, "main");
    assert_string_equal(row->module, "octo-test");
    assert_string_equal(row->action, "GET /long");
    assert_string_equal(row->client_identifier, unit.ctx.trace.trace_id);
    assert_string_equal(row->sql_id, sql_conformance__slow_count.variants[DB_POSTGRES].sql_id);
    assert_true(row->state_ms >= 0);
    snprintf(pid, sizeof(pid), "SELECT count(*) FROM pg_stat_activity WHERE pid = %lld",
             (long long)row->sid);
    assert_string_equal(postgres_server_ask(pid), "1");
    /* Held, but nothing was said to the server yet: nobody's trace is on it. */
    assert_string_equal(row_of(&look, db_sid(held[0]))->state, "idle");
    assert_string_equal(row_of(&look, db_sid(held[0]))->client_identifier, "");
    assert_int_equal(db_pools(f->db, pools, 4), 1);
    assert_int_equal(pools[0].in_use, POOL_MOST);
    unit_end(&unit);
    for (size_t i = 0; i < POOL_MOST - 1; i++) {
        db_checkin(held[i]);
    }
}

/* Looks at its own session from outside, between two statements. */
static bool look_inside(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_mark_count_row count;
    struct look look;
    const struct db_session_view *row;

    if (sql_mark_count(db, &count, err) != DB_ROW) {
        return false;
    }
    must_look(arg, &look);
    row = row_of(&look, db_sid(db));
    assert_string_equal(row->state, "in transaction");
    assert_string_equal(row->statement, "mark_count");
    assert_string_equal(row->client_identifier, ctx->trace.trace_id);
    assert_string_equal(row->action, "TEST");
    return true;
}

static void sessions__between_two_statements__is_in_transaction(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    assert_true(db_read(&f->ctx, f->pool, look_inside, f, &err));
}

/* The row of the session that is in none of our pools. */
static const struct db_session_view *stranger_of(const struct look *look)
{
    const struct db_session_view *found = NULL;

    for (size_t i = 0; i < look->count; i++) {
        if (look->views[i].pool[0] == '\0') {
            assert_null(found);
            found = &look->views[i];
        }
    }
    assert_non_null(found);
    return found;
}

static void sessions__of_another_process__show_what_the_server_knows(void **state)
{
    const struct db_options options = {
        .service = "test", .module = "psql", .location = postgres_server_url()};
    struct db_fixture *f = *state;
    struct db_conn *conn = NULL;
    struct look look;
    struct err err = {.code = ERR_NONE};
    char sql_id[SQLID_SIZE];
    char text[LONG_TEXT];

    assert_true(db_backend_postgres.open(&options, DB_CONN_POOL, &conn, &err));
    assert_true(db_backend_postgres.run_script(conn, "SELECT 'stranger'", &err));
    must_look(f, &look);
    sqlid_of("SELECT 'stranger'", strlen("SELECT 'stranger'"), sql_id);
    assert_string_equal(stranger_of(&look)->sql_id, sql_id);
    assert_string_equal(stranger_of(&look)->statement, "");
    assert_string_equal(stranger_of(&look)->module, "psql");
    assert_string_equal(stranger_of(&look)->action, "");
    assert_string_equal(stranger_of(&look)->state, "idle");
    /* Of a text that the server cut nobody can tell the SQL_ID. */
    snprintf(text, sizeof(text), "SELECT 1 AS \"%0*d\"", LONG_TEXT - 100, 0);
    assert_true(db_backend_postgres.run_script(conn, text, &err));
    must_look(f, &look);
    assert_string_equal(stranger_of(&look)->sql_id, "");
    db_backend_postgres.close(conn);
}

static void sessions__own_statement__carries_its_sql_id(void **state)
{
    const struct db_variant *variant = &db_backend_postgres.sessions->variants[DB_POSTGRES];
    char sql_id[SQLID_SIZE];

    (void)state;
    sqlid_of(variant->text, strlen(variant->text), sql_id);
    assert_string_equal(variant->sql_id, sql_id);
}

static bool put_and_look(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_mark_put_args rows[2] = {sql_mark_put_args(1, 1), sql_mark_put_args(1, 2)};
    const struct db_variant *sent = &sql_conformance__mark_put_batch.variants[DB_POSTGRES];
    const struct db_session_view *row;
    struct look look;
    char ask[128];
    int64_t changes;

    (void)ctx;
    snprintf(ask, sizeof(ask), "SELECT query FROM pg_stat_activity WHERE pid = %lld",
             (long long)db_sid(db));
    assert_true(sql_mark_put_batch(db, rows, 2, &changes, err));
    assert_string_equal(postgres_server_ask(ask), sent->text);
    must_look(arg, &look);
    row = row_of(&look, db_sid(db));
    assert_string_equal(row->statement, "mark_put_batch");
    assert_string_equal(row->sql_id, sent->sql_id);
    /* One row is no batch. */
    rows[0] = sql_mark_put_args(2, 1);
    assert_true(sql_mark_put_batch(db, rows, 1, &changes, err));
    assert_string_equal(postgres_server_ask(ask),
                        sql_conformance__mark_put.variants[DB_POSTGRES].text);
    return true;
}

static void sessions__batch_runs__its_own_text_is_known(void **state)
{
    must_write(*state, put_and_look, *state);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(sessions__pool_is_exhausted__all_are_seen),
    SUITE_TEST(sessions__between_two_statements__is_in_transaction),
    SUITE_TEST(sessions__of_another_process__show_what_the_server_knows),
    cmocka_unit_test(sessions__own_statement__carries_its_sql_id),
    SUITE_TEST(sessions__batch_runs__its_own_text_is_known),
};

SUITE_ROOM(server_observe_room, tests);
