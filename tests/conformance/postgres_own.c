/* What is PostgreSQL's own: how it shows a unit's tags, its own time limit, and how it says that it
 * is full. */
#include <unistd.h>

#include "core/clock.h"
#include "tests/support/postgres_server.h"
#include "tests/support/suite.h"

enum { PATIENCE_MS = 60000, CLIENTS_MOST = 32, REFUSED_AFTER_MS = 200 };

/* --- tags --- */

#define SESSIONS " FROM pg_stat_activity WHERE usename = 'octo' AND application_name "

static bool count_and_ask(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_mark_count_row row;
    char ask[256];

    (void)arg;
    (void)snprintf(ask, sizeof(ask), "SELECT application_name" SESSIONS "LIKE '%% %s'",
                   ctx->trace.trace_id);
    assert_int_equal(sql_mark_count(session, &row, err), DB_ROW);
    assert_memory_equal(postgres_server_ask(ask), "a-module-whose-name-is-much-to", 30);
    assert_int_equal(strlen(postgres_server_ask(ask)), 63);
    return true;
}

/* The end of the transaction clears them: nothing has to be sent for it. */
static void tags__module_longer_than_the_room__leaves_the_trace_whole(void **state)
{
    struct db_fixture *f = *state;

    f->ctx.module = "a-module-whose-name-is-much-too-long-for-it";
    must_write(f, count_and_ask, NULL);
    assert_string_equal(postgres_server_ask("SELECT application_name" SESSIONS "<> ''"),
                        "octo-test");
}

static bool mark_twice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 5, 1, err) && sql_mark_put(session, 5, 1, err);
}

static bool fail_and_ask(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_mark_count_row row;
    struct err ignored = {.code = ERR_NONE};
    char ask[256];

    (void)arg;
    (void)snprintf(ask, sizeof(ask), "SELECT count(*)" SESSIONS "LIKE '%% %s'",
                   ctx->trace.trace_id);
    assert_false(db_savepoint(ctx, session, mark_twice, NULL, &ignored));
    assert_int_equal(sql_mark_count(session, &row, err), DB_ROW);
    assert_string_equal(postgres_server_ask(ask), "1");
    return true;
}

static void tags__failure_in_a_savepoint__leaves_them(void **state)
{
    must_write(*state, fail_and_ask, NULL);
}

/* --- a full server --- */

static size_t fill_server(struct db_conn *conns[CLIENTS_MOST])
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = postgres_server_url(),
                                       .busy_timeout_ms = 1000};
    struct err err = {.code = ERR_NONE};
    size_t open = 0;

    while (open < CLIENTS_MOST && suite_backend->open(&options, DB_CONN_POOL, &conns[open], &err)) {
        open++;
    }
    must_have_failed(open == CLIENTS_MOST, &err, ERR_CONNECT, "too many clients");
    assert_string_equal(err.sqlstate, "53300");
    return open;
}

/* Sessions of earlier cases may end on the server after they were closed here. */
static void wait_for_leavers(struct db_fixture *f)
{
    struct db_pool_view view;
    char sql[512];

    assert_int_equal(db_pools(f->db, &view, 1), 1);
    (void)snprintf(sql, sizeof sql,
                   "DO $$BEGIN WHILE (SELECT count(*) FROM pg_stat_activity"
                   " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) > %d"
                   " LOOP PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot();"
                   " END LOOP; END$$",
                   (int)(view.in_use + view.idle));
    postgres_server_run(sql);
}

/* Until the pool has been told by the server that it takes no more. */
static void must_hear_that_server_is_full(struct db_fixture *f)
{
    const uint64_t until_ns = clock_after_ms(PATIENCE_MS);
    struct db_session *more = NULL;
    struct err err;

    do {
        assert_false(clock_has_passed(until_ns));
        err_clear(&err);
        f->ctx.deadline_ns = clock_after_ms(REFUSED_AFTER_MS);
        assert_false(db_checkout(&f->ctx, f->pool, &more, &err));
        assert_int_equal(err.code, ERR_POOL_TIMEOUT);
    } while (strstr(err.text, "too many clients") == NULL);
    f->ctx.deadline_ns = until_ns;
}

/* Sessions that are open serve on; whoever wants one more waits for one of them, is told why there
 * is no other, and gets it when there is room again. */
static void full__pool_wants_one_more__gets_it_when_there_is_room(void **state)
{
    struct db_fixture *f = *state;
    struct db_conn *conns[CLIENTS_MOST] = {NULL};
    struct db_session *held = must_checkout(f);
    struct db_session *more = NULL;
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};
    size_t open;

    wait_for_leavers(f);
    open = fill_server(conns);
    must_hear_that_server_is_full(f);
    assert_int_equal(sql_mark_count(held, &row, &err), DB_ROW);
    while (open > 0) {
        suite_backend->close(conns[--open]);
    }
    if (!db_checkout(&f->ctx, f->pool, &more, &err)) {
        fail_msg("%s", err.text);
    }
    db_checkin(more);
    db_checkin(held);
}

/* The server's own net under our deadlines. */
static void statement_timeout__statement_runs_on__is_a_deadline(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct sql_slow_count_row row;
    struct sql_timeout_set_row set;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_timeout_set(session, "50", &set, &err), DB_ROW);
    must_have_failed(sql_slow_count(session, INT64_MAX, &row, &err) != DB_FAILED, &err,
                     ERR_DEADLINE, "slow_count");
    db_checkin(session);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(tags__module_longer_than_the_room__leaves_the_trace_whole),
    SUITE_TEST(tags__failure_in_a_savepoint__leaves_them),
    SUITE_TEST(full__pool_wants_one_more__gets_it_when_there_is_room),
    SUITE_TEST(statement_timeout__statement_runs_on__is_a_deadline),
};

SUITE_ROOM(postgres_own_room, tests);
