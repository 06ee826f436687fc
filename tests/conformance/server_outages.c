/* A server that goes away under load and comes back, and one that is full. */
#include <stdatomic.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "tests/support/postgres_server.h"
#include "tests/support/suite.h"

enum {
    WRITERS = 4,
    PATIENCE_MS = 60000,
    CLIENTS_MOST = 32,
    MARKS_ENOUGH = 5,
    REFUSED_AFTER_MS = 200,
};

/* --- restarts --- */

/* Raises a counter of its own, over and over. */
struct writer {
    struct thread thread;
    struct db_fixture *f;
    int64_t counter;
    atomic_int acknowledged;
    int unknown; /* units whose commit got no answer */
    atomic_bool *is_over;
    struct err wrong; /* an error that says neither "try again" nor "nobody knows" */
};

static bool start_counters(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    bool ok = true;

    (void)ctx;
    (void)arg;
    for (int64_t i = 0; i < WRITERS && ok; i++) {
        ok = sql_counter_put(db, i, 0, err);
    }
    return ok;
}

static bool raise_own(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct writer *writer = arg;
    int64_t changes;

    (void)ctx;
    return sql_counter_raise_count(db, writer->counter, &changes, err);
}

static void run_writer(void *arg)
{
    struct writer *writer = arg;
    struct arena arena;

    arena_init(&arena);
    while (!*writer->is_over) {
        struct err err = {.code = ERR_NONE};
        struct ctx ctx;

        arena_reset(&arena);
        db_fixture_ctx(&ctx, &arena, "BG raise");
        if (db_write(&ctx, writer->f->pool, raise_own, writer, &err)) {
            writer->acknowledged++;
            continue;
        }
        if (err.code == ERR_OUTCOME_UNKNOWN) {
            writer->unknown++;
        } else if (!err_is_retryable(err.code)) {
            writer->wrong = err;
        }
        usleep(1000);
    }
    arena_fini(&arena);
}

/* Each writer is acknowledged some more units. */
static bool all_go_on(struct writer *writers)
{
    uint64_t until = clock_after_ms(PATIENCE_MS);
    bool ok = true;

    for (int i = 0; i < WRITERS; i++) {
        int before = writers[i].acknowledged;

        while (writers[i].acknowledged < before + MARKS_ENOUGH && !clock_has_passed(until)) {
            usleep(2000);
        }
        ok = ok && writers[i].acknowledged >= before + MARKS_ENOUGH;
    }
    return ok;
}

static void assert_counted(struct db_fixture *f, const struct writer *writer)
{
    struct db_session *db = must_checkout(f);
    struct sql_counter_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_counter_get(db, writer->counter, &row, &err), DB_ROW);
    db_checkin(db);
    assert_in_range(row.value, writer->acknowledged, writer->acknowledged + writer->unknown);
}

/* Stopped in order, then in the middle of everything: what was acknowledged is there, nothing is
 * there twice, errors tell a failure from an unknown outcome, and the pool finds its way back by
 * itself. */
static void restart__under_load__loses_nothing_and_work_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct writer writers[WRITERS];
    atomic_bool is_over = false;
    bool ok;

    must_write(f, start_counters, NULL);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.f = f, .counter = i, .is_over = &is_over};
        thread_start(&writers[i].thread, "writer", run_writer, &writers[i]);
    }
    ok = all_go_on(writers);
    postgres_server_restart(POSTGRES_STOP_FAST);
    ok = ok && all_go_on(writers);
    postgres_server_restart(POSTGRES_STOP_IMMEDIATE);
    ok = ok && all_go_on(writers);
    is_over = true;
    for (int i = 0; i < WRITERS; i++) {
        thread_join(&writers[i].thread);
    }
    assert_true(ok);
    for (int i = 0; i < WRITERS; i++) {
        assert_string_equal(writers[i].wrong.text, "");
        assert_counted(f, &writers[i]);
    }
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

static const struct CMUnitTest tests[] = {
    SUITE_TEST(restart__under_load__loses_nothing_and_work_goes_on),
    SUITE_TEST(full__pool_wants_one_more__gets_it_when_there_is_room),
};

SUITE_ROOM(server_outages_room, tests);
