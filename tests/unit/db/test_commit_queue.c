/* Group commit: db/commit_queue.h, on real SQLite files. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "db/commit_queue.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"

#include "db/db_priv.h"

enum { THREADS = 16, INCREMENTS = 500 };

struct runner {
    struct thread thread;
    struct db_fixture *fixture;
    int number;
    int succeeded;
    int failed;
};

static bool put_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *id = arg;

    (void)ctx;
    return sql_counter_put(session, *id, 0, err);
}

static bool raise_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *id = arg;

    (void)ctx;
    return sql_counter_raise(session, *id, err);
}

/* Reads, then writes what it read plus a mark: lost updates would show. Every seventh unit fails
 * after it has written. */
struct step {
    int runner;
    int number;
    bool fails;
};

static bool do_step(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct step *step = arg;
    int64_t id = 1;

    if (!raise_counter(ctx, session, &id, err) ||
        !sql_mark_put(session, step->runner, step->number, err)) {
        return false;
    }
    return !step->fails || err_set(err, ERR_CONFLICT, "meant to fail");
}

static void run_steps(void *arg)
{
    struct runner *runner = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    for (int i = 0; i < INCREMENTS; i++) {
        struct step step = {.runner = runner->number, .number = i, .fails = i % 7 == 3};
        struct err err = {.code = ERR_NONE};

        db_fixture_ctx(&ctx, &arena, "BG steps");
        if (db_write(&ctx, runner->fixture->pool, do_step, &step, &err)) {
            runner->succeeded++;
        } else if (step.fails && err.code == ERR_CONFLICT) {
            runner->failed++;
        } else {
            fprintf(stderr, "step %d of %d: %s\n", i, runner->number, err.text);
        }
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

static int64_t count_marks(struct db_fixture *f)
{
    struct sql_mark_count_row row;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    db_checkin(session);
    return row.total;
}

static int64_t read_counter(struct db_fixture *f, int64_t id)
{
    struct sql_counter_get_row row;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_counter_get(session, id, &row, &err), DB_ROW);
    db_checkin(session);
    return row.value;
}

static void start_counter(struct db_fixture *f, int64_t id)
{
    struct err err = {.code = ERR_NONE};

    if (!db_write(&f->ctx, f->pool, put_counter, &id, &err)) {
        fail_msg("%s", err.text);
    }
}

/* Another process that holds the write lock. */
static sqlite3 *lock_from_outside(struct db_fixture *f)
{
    sqlite3 *other = NULL;

    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return other;
}

static size_t queued(const struct db_fixture *f)
{
    return commit_queue_stats(f->db->commit_queue).queued;
}

/* No update is lost, failing units disturb nobody, commits are shared, and what was reported as
 * done is there after reopening. The clock stands still until the first group is full, so that it
 * is not cut short however slow the machine is. */
static void commit_queue__many_threads__every_success_is_kept_and_no_failure(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct runner runners[THREADS] = {0};
    struct commit_queue_stats before;
    struct commit_queue_stats stats;
    int succeeded = 0;
    int failed = 0;
    sqlite3 *other;

    (void)state;
    start_counter(f, 1);
    before = commit_queue_stats(f->db->commit_queue);
    other = lock_from_outside(f);
    for (int i = 0; i < THREADS; i++) {
        runners[i].fixture = f;
        runners[i].number = i;
        thread_start(&runners[i].thread, "step", run_steps, &runners[i]);
    }
    WAIT_UNTIL(queued(f) > 1);
    clock_freeze(clock_mono_ns(), clock_utc_us());
    sqlite3_close(other);
    WAIT_UNTIL(commit_queue_stats(f->db->commit_queue).commits > before.commits);
    clock_thaw();
    for (int i = 0; i < THREADS; i++) {
        thread_join(&runners[i].thread);
        succeeded += runners[i].succeeded;
        failed += runners[i].failed;
    }
    stats = commit_queue_stats(f->db->commit_queue);
    assert_int_equal(succeeded + failed, THREADS * INCREMENTS);
    assert_int_equal(stats.units - before.units, succeeded);
    assert_true(stats.commits - before.commits < (uint64_t)succeeded);
    db_fixture_reopen(f);
    assert_int_equal(read_counter(f, 1), succeeded);
    assert_int_equal(count_marks(f), succeeded);
    db_fixture_free(f);
}

/* A second unit inside a unit would wait for itself for ever. */
static bool write_inside(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_fixture *f = arg;
    int64_t id = 1;

    (void)session;
    return db_write(ctx, f->pool, raise_counter, &id, err);
}

static void commit_queue__unit_inside_a_unit__is_refused(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_false(db_write(&f->ctx, f->pool, write_inside, f, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    db_fixture_free(f);
}

static void commit_queue__another_process_writes__waits_no_longer_than_the_deadline(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct err err = {.code = ERR_NONE};
    int64_t id = 1;
    sqlite3 *other;

    (void)state;
    start_counter(f, 1);
    other = lock_from_outside(f);
    f->ctx.deadline_ns = clock_after_ms(200);
    assert_false(db_write(&f->ctx, f->pool, raise_counter, &id, &err));
    assert_int_equal(err.code, ERR_SERIALIZATION);
    assert_true(clock_has_passed(f->ctx.deadline_ns));
    sqlite3_close(other);
    f->ctx.deadline_ns = clock_after_ms(60000);
    assert_true(db_write(&f->ctx, f->pool, raise_counter, &id, &err));
    assert_int_equal(read_counter(f, 1), 1);
    db_fixture_free(f);
}

/* A unit behind others gives up at its own deadline and is never run. */
struct late {
    struct thread thread;
    struct db_fixture *fixture;
    uint64_t timeout_ms;
    int runs; /* of its unit */
    struct err err;
    bool ok;
};

static bool raise_late(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct late *late = arg;
    int64_t id = 1;

    late->runs++;
    return raise_counter(ctx, session, &id, err);
}

static void run_late(void *arg)
{
    struct late *late = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, "octo-test", "BG late", late->timeout_ms);
    late->ok = db_write(&ctx, late->fixture->pool, raise_late, late, &late->err);
    arena_fini(&arena);
}

static void commit_queue__deadline_passes_in_the_queue__unit_never_runs(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct late first = {.fixture = f, .timeout_ms = 60000};
    struct late second = {.fixture = f, .timeout_ms = 100};
    sqlite3 *other;

    (void)state;
    start_counter(f, 1);
    other = lock_from_outside(f);
    thread_start(&first.thread, "first", run_late, &first);
    WAIT_UNTIL(queued(f) == 1);
    thread_start(&second.thread, "second", run_late, &second);
    thread_join(&second.thread);
    sqlite3_close(other);
    thread_join(&first.thread);
    assert_true(first.ok);
    assert_false(second.ok);
    assert_int_equal(second.err.code, ERR_DEADLINE);
    assert_int_equal(second.runs, 0);
    assert_int_equal(read_counter(f, 1), 1);
    db_fixture_free(f);
}

/* An interrupted write makes SQLite undo the whole transaction: the units of the group that had
 * gone well are run again, and the failing one, which goes on writing, leaves nothing. The clock
 * stands still until it runs, so that the three are one group however slow the machine is. */
struct breaker {
    struct thread thread;
    struct db_fixture *fixture;
    atomic_bool *go;
    struct err err;
    bool ok;
    bool goes_on;
};

static bool fill_too_long(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct breaker *breaker = arg;
    struct err second;

    clock_thaw();
    ctx->deadline_ns = clock_after_ms(30);
    if (sql_slow_fill(session, 900, 100000000, err)) {
        return true;
    }
    ctx->deadline_ns = clock_after_ms(60000);
    breaker->goes_on = sql_mark_put(session, 901, 1, &second);
    return false;
}

static void run_breaker(void *arg)
{
    struct breaker *breaker = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "BG breaker");
    breaker->ok = db_write(&ctx, breaker->fixture->pool, fill_too_long, breaker, &breaker->err);
    arena_fini(&arena);
}

static void commit_queue__transaction_lost__others_of_the_group_run_again(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct late first = {.fixture = f, .timeout_ms = 60000};
    struct late second = {.fixture = f, .timeout_ms = 60000};
    struct breaker breaker = {.fixture = f};
    sqlite3 *other;

    (void)state;
    start_counter(f, 1);
    other = lock_from_outside(f);
    thread_start(&first.thread, "first", run_late, &first);
    WAIT_UNTIL(queued(f) == 1);
    thread_start(&second.thread, "second", run_late, &second);
    WAIT_UNTIL(queued(f) == 2);
    thread_start(&breaker.thread, "breaker", run_breaker, &breaker);
    WAIT_UNTIL(queued(f) == 3);
    clock_freeze(clock_mono_ns(), clock_utc_us());
    sqlite3_close(other);
    thread_join(&first.thread);
    thread_join(&second.thread);
    thread_join(&breaker.thread);
    assert_true(first.ok && second.ok);
    assert_int_equal(first.runs, 2);
    assert_int_equal(second.runs, 2);
    assert_false(breaker.ok);
    assert_int_equal(breaker.err.code, ERR_DEADLINE);
    assert_false(breaker.goes_on);
    db_fixture_reopen(f);
    assert_int_equal(read_counter(f, 1), 2);
    assert_int_equal(count_marks(f), 0);
    db_fixture_free(f);
}

/* A reference that is checked at commit fails its own unit, not the group. */
static bool break_promise(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_promise_put(session, 1, 4711, err);
}

static void commit_queue__deferred_reference_missing__unit_fails_alone(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct err err = {.code = ERR_NONE};
    int64_t id = 1;

    (void)state;
    start_counter(f, 1);
    assert_false(db_write(&f->ctx, f->pool, break_promise, NULL, &err));
    assert_int_equal(err.code, ERR_FOREIGN_KEY);
    assert_true(db_write(&f->ctx, f->pool, raise_counter, &id, &err));
    db_fixture_free(f);
}

/* The time of a unit is the clock's, also where that has gone back: a time that only grows would be
 * wrong for as long as the clock was ahead. */
static bool note_now(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t *now = arg;

    (void)ctx;
    (void)err;
    *now = db_now(session);
    return true;
}

static void commit_queue__clock_is_put_back__units_have_its_time(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct err err = {.code = ERR_NONE};
    const int64_t times[] = {2000000, 1000000, 1000000, 3000000};

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        int64_t now_us = 0;

        clock_freeze(clock_mono_ns(), times[i]);
        assert_true(db_write(&f->ctx, f->pool, note_now, &now_us, &err));
        clock_thaw();
        assert_int_equal(now_us, times[i]);
    }
    db_fixture_free(f);
}

/* Opening a connection costs more than a small unit of work: one that writes needs none but the
 * commit queue's, and leaves those that are idle to readers. */
static void commit_queue__unit_writes__session_opens_no_connection(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_pool_view before;
    struct db_pool_view after;
    struct err err = {.code = ERR_NONE};
    int64_t id = 1;

    (void)state;
    start_counter(f, 1);
    (void)db_pools(f->db, &before, 1);
    assert_true(db_write(&f->ctx, f->pool, raise_counter, &id, &err));
    (void)db_pools(f->db, &after, 1);
    assert_int_equal(after.checkouts, before.checkouts + 1);
    assert_int_equal(after.opened, before.opened);
    assert_int_equal(after.closed, before.closed);
    assert_int_equal(after.in_use, 0);
    db_fixture_free(f);
}

/* Writing into a file that was deleted would lose what is written: the next unit notices. */
static void commit_queue__file_was_replaced__the_new_file_is_written(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct err err = {.code = ERR_NONE};
    int64_t id = 1;
    bool ok;

    (void)state;
    start_counter(f, 1);
    unlink(f->path);
    clock_freeze(clock_after_ms(1000), clock_utc_us()); /* long enough to have a look first */
    ok = db_write(&f->ctx, f->pool, raise_counter, &id, &err);
    clock_thaw();
    assert_false(ok);
    assert_int_equal(err.code, ERR_SCHEMA);
    db_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_queue__many_threads__every_success_is_kept_and_no_failure),
        cmocka_unit_test(commit_queue__unit_inside_a_unit__is_refused),
        cmocka_unit_test(commit_queue__another_process_writes__waits_no_longer_than_the_deadline),
        cmocka_unit_test(commit_queue__deadline_passes_in_the_queue__unit_never_runs),
        cmocka_unit_test(commit_queue__transaction_lost__others_of_the_group_run_again),
        cmocka_unit_test(commit_queue__deferred_reference_missing__unit_fails_alone),
        cmocka_unit_test(commit_queue__clock_is_put_back__units_have_its_time),
        cmocka_unit_test(commit_queue__file_was_replaced__the_new_file_is_written),
        cmocka_unit_test(commit_queue__unit_writes__session_opens_no_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
