/* Reads of several units of work on one session, when one of them, the session or the server fails:
 * who is told, and that the rest goes on. */
#include <sys/epoll.h>

#include "core/clock.h"
#include "tests/support/units_on_loop.h"

enum {
    HURRY_MS = 100, /* more than a statement takes, less than a batch may */
    SLOW_MS = 400,
};

/* --- what units do --- */

static void divide_by_zero(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct sql_fail_with_row row;

    if (session != NULL) {
        unit->step = sql_fail_with(session, "22012", &row, &unit->err);
        db_checkin(session);
    }
}

/* A value that the backend refuses before anything is sent. */
static void ask_the_impossible(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct sql_time_shown_row row;

    if (session != NULL) {
        unit->step = sql_time_shown(session, INT64_MIN, &row, &unit->err);
        db_checkin(session);
    }
}

/* Rows that are not what the statement declares. */
static void read_unfit(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct sql_thing_get_strict_row row;

    if (session != NULL) {
        unit->step = sql_thing_get_strict(session, unit->number, &row, &unit->err);
        db_checkin(session);
    }
}

/* Asks for two things at once, of which the second fails; takes them in turn. */
static void read_all_and_divide(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct db_cursor *list = NULL;
    struct db_cursor *failing = NULL;
    struct sql_thing_list_row row;
    struct sql_fail_with_row failed;

    if (session != NULL && sql_thing_list_open(session, &list, &unit->err) &&
        sql_fail_with_open(session, "22012", &failing, &unit->err)) {
        while (sql_thing_list_next(list, &row, &unit->err) == DB_ROW) {
            unit->rows++;
        }
        unit->step = sql_fail_with_next(failing, &failed, &unit->err);
    }
    db_cursor_close(list);
    db_cursor_close(failing);
    db_checkin(session);
}

/* Joined to the main pool's readers while it waits for its own pool, and in a hurry then. */
static void join_and_look_elsewhere(struct unit *unit)
{
    struct db_pool *elsewhere = unit->pool;
    struct db_session *other = NULL;
    struct sql_mark_count_row marks;
    struct sql_thing_get_row row;
    struct db_session *session;

    unit->pool = unit->loop->f->pool;
    session = unit_checkout(unit);
    if (session != NULL && db_checkout(&unit->ctx, elsewhere, &other, &unit->err) &&
        sql_mark_count(other, &marks, &unit->err) == DB_ROW) {
        unit->was_called = true;
        unit->ctx.deadline_ns = clock_after_ms(HURRY_MS);
        unit->step = sql_thing_get(session, unit->number, &row, &unit->err);
    }
    db_checkin(other);
    db_checkin(session);
}

/* --- failures --- */

/* Those before it have their rows; it and those behind it are for workers. The session is sound. */
static void pipeline__a_statement_fails__those_behind_are_refused(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[5];
    int64_t opened;

    put_things(5);
    (void)count_marks(f);
    opened = pool_of(f, "main").opened;
    units_start(&loop, units, 5, 2, divide_by_zero);
    units_finish(units, 5);
    must_have_thing(&units[0]);
    must_have_thing(&units[1]);
    for (size_t i = 2; i < 5; i++) {
        must_be_refused(&units[i]);
    }
    units_free(units, 5);
    units_go(&loop, units, 5, read_thing);
    for (size_t i = 0; i < 5; i++) {
        must_have_thing(&units[i]);
    }
    assert_int_equal(pool_of(f, "main").opened, opened);
    must_be_at_rest(f);
    units_free(units, 5);
    loop_end(&loop);
}

/* What came before the failure is there, and nobody waits for what will never come. */
static void pipeline__second_of_two_cursors_fails__is_refused(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[3];

    put_things(3);
    (void)count_marks(f);
    units_start(&loop, units, 3, 1, read_all_and_divide);
    units_finish(units, 3);
    must_have_thing(&units[0]);
    assert_int_equal(units[1].rows, 3);
    must_be_refused(&units[1]);
    must_be_refused(&units[2]);
    must_be_at_rest(f);
    units_free(units, 3);
    loop_end(&loop);
}

/* What cannot be sent and what cannot be read fails for whoever asked, and for nobody else. */
static void pipeline__own_mistakes__are_told_to_their_unit_alone(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[4];

    put_things(4);
    suite_server->run("UPDATE octo_test.things SET body = NULL WHERE id = 2");
    (void)count_marks(f);
    for (size_t i = 0; i < 4; i++) {
        unit_init(&loop, &units[i],
                  i == 1   ? ask_the_impossible
                  : i == 2 ? read_unfit
                           : read_thing,
                  (int64_t)i);
        unit_start(&units[i]);
    }
    units_finish(units, 4);
    must_have_thing(&units[0]);
    must_have_failed(units[1].step != DB_FAILED, &units[1].err, ERR_INVALID, "out of range");
    must_have_failed(units[2].step != DB_FAILED, &units[2].err, ERR_SCHEMA, "");
    must_have_thing(&units[3]);
    units_free(units, 4);
    units_go(&loop, units, 1, ask_the_impossible); /* and nothing else is to be sent */
    must_have_failed(units[0].step != DB_FAILED, &units[0].err, ERR_INVALID, "out of range");
    loop_turn(&loop);
    must_be_at_rest(f);
    units_free(units, 1);
    loop_end(&loop);
}

/* A slow one is given up with all that travel with it, and the server is told to stop. */
static void pipeline__a_statement_takes_long__all_are_refused(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[3];

    put_things(3);
    (void)count_marks(f);
    units_start(&loop, units, 3, 1, run_for_ever);
    units_finish(units, 3);
    for (size_t i = 0; i < 3; i++) {
        must_be_refused(&units[i]);
    }
    wait_until_server_rests();
    must_be_at_rest(f);
    units_free(units, 3);
    loop_end(&loop);
}

/* One read, which the clock says took so long; returns how long it would have been waited for. */
static uint64_t batch_takes(struct loop *loop, uint64_t took_ms)
{
    const uint64_t sent_ns = clock_mono_ns();
    struct epoll_event event;
    struct unit unit;
    uint64_t due_ns;

    unit_init(loop, &unit, read_thing, 0);
    unit.ctx.deadline_ns = CLOCK_NEVER;
    clock_freeze(sent_ns, clock_utc_us());
    unit_start(&unit);
    due_ns = db_pipelines_send(loop->pipelines);
    (void)epoll_wait(loop->epoll, &event, 1, UNITS_GIVE_UP_MS);
    clock_freeze(sent_ns + took_ms * CLOCK_NS_PER_MS, clock_utc_us());
    units_finish(&unit, 1);
    must_have_thing(&unit);
    units_free(&unit, 1);
    return (due_ns - sent_ns) / CLOCK_NS_PER_MS;
}

/* Where all batches are slow none is given up for that: what they ask for would be done twice, and
 * they would be slower still. */
static void pipeline__batches_are_slow_throughout__are_waited_for_longer(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);

    put_things(1);
    (void)count_marks(f);
    assert_int_equal(batch_takes(&loop, SLOW_MS), 500);
    for (int i = 0; i < 7; i++) {
        (void)batch_takes(&loop, SLOW_MS);
    }
    assert_in_range(batch_takes(&loop, 0), 4 * SLOW_MS, 8 * SLOW_MS);
    clock_thaw();
    must_be_at_rest(f);
    loop_end(&loop);
}

/* The first deadline of a batch is its own. */
static void pipeline__a_deadline_is_near__is_not_waited_past(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[2];
    uint64_t due_ns;

    (void)count_marks(f);
    unit_init(&loop, &units[0], run_for_ever, 0);
    unit_init(&loop, &units[1], run_for_ever, 1);
    clock_freeze(clock_mono_ns(), clock_utc_us());
    units[1].ctx.deadline_ns = clock_after_ms(50);
    unit_start(&units[0]);
    unit_start(&units[1]);
    due_ns = db_pipelines_send(loop.pipelines);
    clock_thaw();
    assert_true(due_ns <= units[1].ctx.deadline_ns);
    units_finish(units, 2);
    must_be_refused(&units[0]);
    must_be_refused(&units[1]);
    wait_until_server_rests();
    must_be_at_rest(f);
    units_free(units, 2);
    loop_end(&loop);
}

/* Whose deadline may come before the batch of others ends has no time to wait for it, whether it
 * wants to join or has joined; the others are not disturbed. */
static void pipeline__in_a_hurry__does_not_wait_for_others(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[4];

    put_things(4);
    (void)count_marks(f);
    for (size_t i = 0; i < 4; i++) {
        unit_init(&loop, &units[i], i == 1 ? join_and_look_elsewhere : read_thing, (int64_t)i);
    }
    units[1].pool = pool_beside(f);
    lock_things();
    unit_start(&units[0]);
    unit_start(&units[1]);
    units_finish(&units[1], 1);
    assert_true(units[1].was_called);
    must_be_refused(&units[1]);
    units[2].ctx.deadline_ns = clock_after_ms(HURRY_MS);
    unit_start(&units[2]);
    assert_true(units[2].has_ended);
    must_be_refused(&units[2]);
    unit_start(&units[3]);
    unlock_things();
    units_finish(units, 4);
    must_have_thing(&units[0]);
    must_have_thing(&units[3]);
    must_be_at_rest(f);
    units_free(units, 4);
    loop_end(&loop);
}

static void pipeline__session_is_killed_under_way__all_are_refused(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[3];

    put_things(3);
    (void)count_marks(f);
    units_start(&loop, units, 3, 0, run_for_ever);
    (void)db_pipelines_send(loop.pipelines);
    suite_server->order(SERVER_END_ALL);
    units_finish(units, 3);
    for (size_t i = 0; i < 3; i++) {
        must_be_refused(&units[i]);
    }
    units_free(units, 3);
    must_be_at_rest(f);
    units_go(&loop, units, 3, read_thing);
    for (size_t i = 0; i < 3; i++) {
        must_have_thing(&units[i]);
    }
    units_free(units, 3);
    loop_end(&loop);
}

/* Whoever hears of it before it asks waits for another one; who has asked already is for a worker.
 */
static void pipeline__session_was_killed_before__reads_on_another(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit unit;

    put_things(1);
    (void)count_marks(f);
    suite_server->order(SERVER_END_ALL);
    units_go(&loop, &unit, 1, read_thing);
    if (unit.step == DB_FAILED) {
        must_be_refused(&unit);
    } else {
        must_have_thing(&unit);
    }
    units_free(&unit, 1);
    must_be_at_rest(f);
    units_go(&loop, &unit, 1, read_thing);
    must_have_thing(&unit);
    units_free(&unit, 1);
    loop_end(&loop);
}

/* The last owner of the session left a statement behind: its answer comes before any of ours. */
static void pipeline__session_has_answers_to_come__they_are_waited_for(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct db_cursor *cursor = NULL;
    struct db_session *session;
    struct err err = {.code = ERR_NONE};
    struct unit unit;

    put_things(1);
    lock_things();
    session = must_checkout(f);
    assert_true(sql_thing_get_open(session, 0, &cursor, &err));
    db_checkin(session);
    unit_init(&loop, &unit, read_thing, 0);
    unit_start(&unit);
    assert_int_equal(unit.sid, 0);
    assert_false(unit.has_ended);
    unlock_things();
    units_finish(&unit, 1);
    must_have_thing(&unit);
    must_be_at_rest(f);
    units_free(&unit, 1);
    loop_end(&loop);
}

/* --- what is not for batches --- */

static bool note_call(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct unit *unit = arg;

    (void)ctx;
    (void)session;
    (void)err;
    unit->was_called = true;
    return true;
}

static void begin_to_read(struct unit *unit)
{
    unit->step = db_read(&unit->ctx, unit->pool, note_call, unit, &unit->err) ? DB_ROW : DB_FAILED;
}

static void begin_to_write(struct unit *unit)
{
    unit->step = db_write(&unit->ctx, unit->pool, note_call, unit, &unit->err) ? DB_ROW : DB_FAILED;
}

/* A transaction needs a session of its own. */
static void pipeline__transactions__are_refused(void **state)
{
    static unit_run *const runs[] = {begin_to_read, begin_to_write};
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit unit;

    (void)count_marks(f);
    for (size_t i = 0; i < 2; i++) {
        units_go(&loop, &unit, 1, runs[i]);
        must_be_refused(&unit);
        assert_false(unit.was_called);
        units_free(&unit, 1);
    }
    must_be_at_rest(f);
    loop_end(&loop);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(pipeline__a_statement_fails__those_behind_are_refused),
    SUITE_TEST(pipeline__second_of_two_cursors_fails__is_refused),
    SUITE_TEST(pipeline__own_mistakes__are_told_to_their_unit_alone),
    SUITE_TEST(pipeline__a_statement_takes_long__all_are_refused),
    SUITE_TEST(pipeline__batches_are_slow_throughout__are_waited_for_longer),
    SUITE_TEST(pipeline__a_deadline_is_near__is_not_waited_past),
    SUITE_TEST(pipeline__in_a_hurry__does_not_wait_for_others),
    SUITE_TEST(pipeline__session_is_killed_under_way__all_are_refused),
    SUITE_TEST(pipeline__session_was_killed_before__reads_on_another),
    SUITE_TEST(pipeline__session_has_answers_to_come__they_are_waited_for),
    SUITE_TEST(pipeline__transactions__are_refused),
};

SUITE_ROOM(server_pipeline_failures_room, tests);
