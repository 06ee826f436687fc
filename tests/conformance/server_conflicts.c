/* Conflicts of units that run at once on a server, its own time-outs, migrations of several. */
#include <limits.h>
#include <pthread.h>

#include "core/clock.h"
#include "core/thread.h"
#include "db/migrate.h"
#include "sql_conformance_catalogue.h"
#include "tests/support/suite.h"

enum { RAISERS = 2, RAISES = 10, MIGRATORS = 4, MUCH = 16 * 1024 * 1024 };

static bool start_counters(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_counter_put(session, 1, 0, err) && sql_counter_put(session, 2, 0, err);
}

static int64_t counter_of(struct db_fixture *f, int64_t id)
{
    struct db_session *session = must_checkout(f);
    struct sql_counter_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_counter_get(session, id, &row, &err), DB_ROW);
    db_checkin(session);
    return row.value;
}

struct raiser {
    struct thread thread;
    struct db_fixture *f;
    int64_t first, second;
    pthread_barrier_t *meeting; /* of both */
    bool has_met;               /* in this unit */
    int attempts;
    bool ok;
    struct err err;
};

static bool raise_both(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct raiser *raiser = arg;
    int64_t changes;

    (void)ctx;
    raiser->attempts++;
    if (!sql_counter_raise_count(session, raiser->first, &changes, err)) {
        return false;
    }
    if (!raiser->has_met) {
        raiser->has_met = true;
        pthread_barrier_wait(raiser->meeting);
    }
    return sql_counter_raise_count(session, raiser->second, &changes, err);
}

static void run_raiser(void *arg)
{
    struct raiser *raiser = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    raiser->ok = true;
    for (int i = 0; i < RAISES; i++) {
        pthread_barrier_wait(raiser->meeting);
        raiser->has_met = false;
        db_fixture_ctx(&ctx, &arena, "BG raise");
        raiser->ok &= db_write(&ctx, raiser->f->pool, raise_both, raiser, &raiser->err);
    }
    arena_fini(&arena);
}

/* Each has locked its first row when it wants the other's, so that the server has to end one, and
 * another one where the ended one was quick to come back. */
static void conflict__deadlocks__are_tried_again_until_all_is_done(void **state)
{
    struct db_fixture *f = *state;
    struct raiser raisers[RAISERS];
    pthread_barrier_t meeting;
    int attempts = 0;

    must_write(f, start_counters, NULL);
    pthread_barrier_init(&meeting, NULL, RAISERS);
    for (int i = 0; i < RAISERS; i++) {
        raisers[i] = (struct raiser){.f = f, .first = 1 + i, .second = 2 - i, .meeting = &meeting};
        thread_start(&raisers[i].thread, "raiser", run_raiser, &raisers[i]);
    }
    for (int i = 0; i < RAISERS; i++) {
        thread_join(&raisers[i].thread);
        attempts += raisers[i].attempts;
    }
    pthread_barrier_destroy(&meeting);
    for (int i = 0; i < RAISERS; i++) {
        if (!raisers[i].ok) {
            fail_msg("%s", raisers[i].err.text);
        }
    }
    for (int64_t id = 1; id <= RAISERS; id++) {
        assert_int_equal(counter_of(f, id), RAISERS * RAISES);
    }
    assert_true(attempts >= (RAISERS + 1) * RAISES);
}

struct attempts {
    int made;
    int failing;
    int last; /* after which no time is left; 0: there always is */
    const char *state;
};

/* Fails as a serialisation failure does, so many times. */
static bool fail_at_first(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct attempts *attempts = arg;
    struct sql_fail_with_row row;
    bool ok;

    attempts->made++;
    ok = sql_mark_put(session, 7, attempts->made, err) &&
         (attempts->made > attempts->failing ||
          sql_fail_with(session, attempts->state, &row, err) == DB_ROW);
    if (attempts->made == attempts->last) {
        ctx->deadline_ns = clock_mono_ns();
    }
    return ok;
}

static void conflict__serialisation_failures__are_tried_again(void **state)
{
    struct db_fixture *f = *state;
    static const char *const states[] = {"40001", "40P01", "55P03"};

    for (size_t i = 0; i < 3; i++) {
        struct attempts attempts = {.failing = 3, .state = states[i]};

        must_write(f, fail_at_first, &attempts);
        assert_int_equal(attempts.made, 4);
        assert_int_equal(count_marks(f), 1);
        suite_server->run("DELETE FROM octo_test.marks");
    }
}

static void conflict__never_ends__is_told_at_the_deadline(void **state)
{
    struct db_fixture *f = *state;
    struct attempts attempts = {.failing = INT_MAX, .last = 3, .state = "40001"};

    must_fail(f, fail_at_first, &attempts, ERR_SERIALIZATION);
    f->ctx.deadline_ns = clock_after_ms(60000);
    assert_int_equal(attempts.made, 3);
    assert_int_equal(count_marks(f), 0);
}

/* --- what is not sent yet --- */

/* Locks a row, has more to say than the way to the server takes at once, and changes its mind. */
static bool say_much_and_fail(struct ctx *ctx, struct db_session *session, void *arg,
                              struct err *err)
{
    const char *much = arg;
    int64_t changes;

    (void)ctx;
    return sql_counter_raise_count(session, 1, &changes, err) &&
           sql_thing_put(session, 1, "thing", NULL, NULL, NULL, NULL, NULL, much, err) &&
           err_set(err, ERR_INVALID, "no");
}

/* No later statement on the session carries the ROLLBACK along: the row is free all the same. */
static void failure__much_is_not_sent_yet__nothing_stays_locked(void **state)
{
    struct db_fixture *f = *state;
    char *much = mem_alloc(MUCH + 1);
    struct db_conn *other = must_open(f);
    const uint64_t until_ns = clock_after_ms(60000);
    const struct sql_counter_raise_args args = sql_counter_raise_args(1);
    int64_t changes;
    struct err err = {.code = ERR_NONE};

    memset(much, 'x', MUCH);
    must_write(f, start_counters, NULL);
    must_fail(f, say_much_and_fail, much, ERR_INVALID);
    assert_true(suite_backend->begin(other, DB_BEGIN_WRITE, until_ns, &err));
    assert_true(suite_backend->execute(other, &sql_conformance__counter_raise, args.values, 1,
                                       until_ns, &changes, &err));
    assert_int_equal(suite_backend->commit(other, until_ns, &err), DB_COMMITTED);
    suite_backend->close(other);
    assert_int_equal(count_marks(f), 0);
    free(much);
}

/* --- time --- */

/* Neither the statement nor the request to cancel it is ever answered. Such a session is closed, so
 * that the server undoes what it had begun. */
static void deadline__server_hangs__connection_is_given_up(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct sql_slow_count_row row;
    struct sql_session_pid_row server;
    struct db_pool_view view;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_session_pid(session, &server, &err), DB_ROW);
    suite_server->pause(server.pid);
    f->ctx.deadline_ns = clock_after_ms(100);
    must_have_failed(sql_slow_count(session, 10, &row, &err) != DB_FAILED, &err, ERR_DEADLINE,
                     "given up");
    suite_server->resume(server.pid);
    db_checkin(session);
    assert_int_equal(db_pools(f->db, &view, 1), 1);
    assert_int_equal(view.idle, 0);
    f->ctx.deadline_ns = clock_after_ms(60000);
    (void)count_marks(f);
}

/* A pool's question whether a session is alive ends when the unit that wants it has no more time.
 */
static void alive__server_hangs__is_answered_by_the_deadline(void **state)
{
    struct db_conn *conn = must_open(*state);
    struct err err = {.code = ERR_NONE};

    assert_true(suite_backend->is_alive(conn, clock_after_ms(60000), &err));
    suite_server->pause(suite_backend->sid(conn));
    must_have_failed(suite_backend->is_alive(conn, clock_after_ms(100), &err), &err, ERR_DEADLINE,
                     "given up");
    suite_server->resume(suite_backend->sid(conn));
    suite_backend->close(conn);
}

/* --- migrations --- */

static void run_migration(void *arg)
{
    struct raiser *raiser = arg;
    struct migrate_report report;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "BG migrate");
    raiser->ok = db_migrate(&ctx, raiser->f->pool, sql_conformance_scripts,
                            sql_conformance_script_count, true, &report, &raiser->err);
    raiser->attempts = report.scripts_run;
    arena_fini(&arena);
}

/* Several processes start on an empty database: each script runs once. */
static void migrate__several_at_once__run_each_script_once(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(suite_backend);
    struct raiser migrations[MIGRATORS];
    int scripts_run = 0;

    (void)state;
    for (int i = 0; i < MIGRATORS; i++) {
        migrations[i] = (struct raiser){.f = f};
        thread_start(&migrations[i].thread, "migration", run_migration, &migrations[i]);
    }
    for (int i = 0; i < MIGRATORS; i++) {
        thread_join(&migrations[i].thread);
        scripts_run += migrations[i].attempts;
    }
    for (int i = 0; i < MIGRATORS; i++) {
        if (!migrations[i].ok) {
            fail_msg("%s", migrations[i].err.text);
        }
    }
    assert_int_equal(scripts_run, sql_conformance_script_count);
    db_fixture_free(f);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(conflict__deadlocks__are_tried_again_until_all_is_done),
    SUITE_TEST(conflict__serialisation_failures__are_tried_again),
    SUITE_TEST(conflict__never_ends__is_told_at_the_deadline),
    SUITE_TEST(failure__much_is_not_sent_yet__nothing_stays_locked),
    SUITE_TEST(deadline__server_hangs__connection_is_given_up),
    SUITE_TEST(alive__server_hangs__is_answered_by_the_deadline),
    cmocka_unit_test(migrate__several_at_once__run_each_script_once),
};

SUITE_ROOM(server_conflicts_room, tests);
