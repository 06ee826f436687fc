/* Reads of several units of work on one session: what travels together, under whose tags, and what
 * others see of it. */
#include "core/clock.h"
#include "tests/support/units_on_loop.h"

enum { LONG = 3000 };

/* --- what units do --- */

/* Asks for the tags twice at once; the answers must be the same. */
static void show_tags(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct db_cursor *cursors[2] = {NULL, NULL};
    struct sql_tags_shown_row row;

    if (session == NULL || !sql_tags_shown_open(session, &cursors[0], &unit->err) ||
        !sql_tags_shown_open(session, &cursors[1], &unit->err)) {
        db_checkin(session);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        char text[sizeof(unit->text)];

        unit->step = sql_tags_shown_next(cursors[i], &row, &unit->err);
        if (unit->step == DB_ROW) {
            (void)snprintf(text, sizeof(text), "%s|%s|%s|%s", row.application_name, row.module,
                           row.action, row.client_identifier);
            unit->rows += i == 0 || strcmp(text, unit->text) == 0;
            (void)snprintf(unit->text, sizeof(unit->text), "%s", text);
        }
        db_cursor_close(cursors[i]);
    }
    db_checkin(session);
}

/* Counts all things and the letters of their names. */
static void read_all(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;

    if (session != NULL && sql_thing_list_open(session, &cursor, &unit->err)) {
        while ((unit->step = sql_thing_list_next(cursor, &row, &unit->err)) == DB_ROW) {
            unit->rows += row.id == unit->rows && strncmp(row.name, "thing ", 6) == 0;
        }
    }
    db_cursor_close(cursor);
    db_checkin(session);
}

/* Does not wait for what it asked. */
static void ask_and_leave(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct db_cursor *cursor = NULL;

    if (session != NULL && sql_thing_list_open(session, &cursor, &unit->err)) {
        unit->step = DB_ROW;
    }
    db_checkin(session);
}

/* Leaves in the middle of its rows. */
static void read_one_and_leave(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;

    if (session != NULL && sql_thing_list_open(session, &cursor, &unit->err)) {
        unit->step = sql_thing_list_next(cursor, &row, &unit->err);
    }
    db_checkin(session);
}

/* --- together --- */

/* Ten units, one session, one wait for each. */
static void pipeline__ten_units__one_batch(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[10];
    int64_t checkouts;

    put_things(10);
    (void)count_marks(f);
    checkouts = pool_of(f, "main").checkouts;
    units_go(&loop, units, 10, read_thing);
    for (size_t i = 0; i < 10; i++) {
        must_have_thing(&units[i]);
        assert_int_equal(units[i].ctx.sql_round_trips, 1);
        assert_int_equal(units[i].sid, units[0].sid);
    }
    assert_int_equal(pool_of(f, "main").checkouts, checkouts + 1);
    must_be_at_rest(f);
    units_free(units, 10);
    loop_end(&loop);
}

/* By the server, but for the one that looks. */
static bool nobody_is_shown(struct db_fixture *f)
{
    struct db_session_view views[UNITS_MOST];
    size_t count = 0;
    bool is_shown = false;
    struct err err = {.code = ERR_NONE};

    assert_true(db_server_sessions(&f->ctx, f->db, views, UNITS_MOST, &count, &err));
    for (size_t i = 0; i < count; i++) {
        is_shown |= views[i].client_identifier[0] != '\0' &&
                    strcmp(views[i].client_identifier, f->ctx.trace.trace_id) != 0;
    }
    return count > 0 && !is_shown;
}

/* Each statement runs under the tags of its own unit, and none are left when all have gone. */
static void pipeline__each_statement__has_its_units_tags(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[6];
    char text[sizeof(units[0].text)];

    (void)count_marks(f);
    units_go(&loop, units, 6, show_tags);
    for (size_t i = 0; i < 6; i++) {
        const char *trace = units[i].ctx.trace.trace_id;

        must_have_answer(&units[i]);
        (void)snprintf(text, sizeof(text), "octo-test %s|octo-test|RIDE %d|%s", trace, (int)i,
                       trace);
        assert_string_equal(units[i].text, text);
        assert_int_equal(units[i].rows, 2);
        assert_int_equal(units[i].ctx.sql_round_trips, 1);
    }
    WAIT_UNTIL(nobody_is_shown(f));
    must_be_at_rest(f);
    units_free(units, 6);
    loop_end(&loop);
}

/* Its second statement travels with the first one of somebody who came meanwhile. */
static void pipeline__second_statement__takes_others_along(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[2];
    int64_t checkouts;

    put_things(2);
    (void)count_marks(f);
    checkouts = pool_of(f, "main").checkouts;
    unit_init(&loop, &units[0], read_thing_twice, 0);
    unit_init(&loop, &units[1], read_thing, 1);
    unit_start(&units[0]);
    assert_int_not_equal(db_pipelines_send(loop.pipelines), CLOCK_NEVER);
    unit_start(&units[1]);
    units_finish(units, 2);
    must_have_thing(&units[0]);
    must_have_thing(&units[1]);
    assert_int_equal(units[0].ctx.sql_round_trips, 2);
    assert_int_equal(units[1].ctx.sql_round_trips, 1);
    assert_int_equal(pool_of(f, "main").checkouts, checkouts + 1);
    must_be_at_rest(f);
    units_free(units, 2);
    loop_end(&loop);
}

/* Whoever comes while a batch is under way, and no session is idle, waits until it is answered and
 * then takes the next, with the session that is at hand. */
static void pipeline__units_that_come_meanwhile__take_the_next_batch(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[6];
    int64_t checkouts;

    put_things(6);
    (void)count_marks(f);
    checkouts = pool_of(f, "main").checkouts;
    for (size_t i = 0; i < 6; i++) {
        unit_init(&loop, &units[i], read_thing, (int64_t)i);
        unit_start(&units[i]);
        if (i == 2) {
            (void)db_pipelines_send(loop.pipelines);
        }
    }
    units_finish(units, 6);
    for (size_t i = 0; i < 6; i++) {
        must_have_thing(&units[i]);
        assert_int_equal(units[i].ctx.sql_round_trips, 1);
    }
    assert_int_equal(pool_of(f, "main").checkouts, checkouts + 1);
    must_be_at_rest(f);
    units_free(units, 6);
    loop_end(&loop);
}

/* Where two sessions are idle, those who come while a batch is under way take a second one at once.
 * Further ones wait for the first that is back, whatever other sessions there are. */
static void pipeline__sessions_are_idle__two_batches_at_a_time(void **state)
{
    enum { IDLE = 3, EACH = 3, COUNT = 2 * EACH + 1 };
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct db_session *held[IDLE];
    struct unit units[COUNT];
    int64_t checkouts;

    put_things(COUNT);
    for (size_t i = 0; i < IDLE; i++) {
        held[i] = must_checkout(f);
    }
    for (size_t i = 0; i < IDLE; i++) {
        db_checkin(held[i]);
    }
    checkouts = pool_of(f, "main").checkouts;
    lock_things();
    for (size_t i = 0; i < COUNT; i++) {
        unit_init(&loop, &units[i], read_thing, (int64_t)i);
        unit_start(&units[i]);
        if (i % EACH == EACH - 1) {
            assert_int_not_equal(db_pipelines_send(loop.pipelines), CLOCK_NEVER);
        }
    }
    assert_int_equal(pool_of(f, "main").in_use, 2);
    unlock_things();
    units_finish(units, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        must_have_thing(&units[i]);
        assert_int_equal(units[i].ctx.sql_round_trips, 1);
        assert_true((units[i].sid == units[0].sid) == (i / EACH != 1));
    }
    assert_int_equal(pool_of(f, "main").checkouts, checkouts + 2);
    must_be_at_rest(f);
    units_free(units, COUNT);
    loop_end(&loop);
}

/* More than a socket holds at a time, for several at once. */
static void pipeline__many_rows__are_all_there(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[4];

    put_things(LONG);
    (void)count_marks(f);
    units_go(&loop, units, 4, read_all);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(units[i].step, DB_NO_ROW);
        assert_int_equal(units[i].rows, LONG);
    }
    must_be_at_rest(f);
    units_free(units, 4);
    loop_end(&loop);
}

/* Sessions of two pools at a time, and a unit that waits for one after the other. */
static void both_pools(struct unit *unit)
{
    struct db_pool *second = unit->pool;

    unit->pool = unit->loop->f->pool;
    read_thing(unit);
    if (unit->step == DB_ROW) {
        unit->pool = second;
        read_thing(unit);
    }
}

static void pipeline__two_pools__have_one_each(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct db_pool *second = pool_beside(f);
    struct unit units[3];

    put_things(3);
    (void)count_marks(f);
    for (size_t i = 0; i < 3; i++) {
        unit_init(&loop, &units[i], i < 2 ? both_pools : read_thing, (int64_t)i);
        units[i].pool = second;
        unit_start(&units[i]);
    }
    units_finish(units, 3);
    for (size_t i = 0; i < 3; i++) {
        must_have_thing(&units[i]);
        assert_int_equal(units[i].ctx.sql_round_trips, i < 2 ? 2 : 1);
    }
    assert_int_equal(pool_of(f, "beside").in_use, 0);
    must_be_at_rest(f);
    units_free(units, 3);
    loop_end(&loop);
}
/* --- leaving --- */

/* What nobody waits for any more harms nobody who does. */
static void pipeline__units_leave_early__others_are_answered(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[4];

    put_things(LONG);
    (void)count_marks(f);
    for (size_t i = 0; i < 4; i++) {
        unit_init(&loop, &units[i],
                  i == 0   ? ask_and_leave
                  : i == 1 ? read_one_and_leave
                           : read_thing,
                  (int64_t)i);
        unit_start(&units[i]);
    }
    units_finish(units, 4);
    must_have_answer(&units[0]);
    must_have_answer(&units[1]);
    must_have_thing(&units[2]);
    must_have_thing(&units[3]);
    units_free(units, 4);
    units_go(&loop, units, 1, ask_and_leave); /* alone, so that the batch has no reader left */
    while (pool_of(f, "main").in_use > 0) {
        loop_turn(&loop);
    }
    must_be_at_rest(f);
    units_free(units, 1);
    loop_end(&loop);
}

/* A unit of two statements joins at the end of each batch, so that the session is never without
 * one; after a while it goes back all the same, and who still wants to join waits for the next. */
static void pipeline__units_that_overlap__do_not_keep_the_session(void **state)
{
    const uint64_t until_ns = clock_after_ms(UNITS_GIVE_UP_MS);
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct unit units[3];
    size_t started = 1;
    int64_t checkouts;

    put_things(3);
    (void)count_marks(f);
    unit_init(&loop, &units[0], read_thing_twice, 0);
    unit_start(&units[0]);
    checkouts = pool_of(f, "main").checkouts;
    for (; pool_of(f, "main").checkouts == checkouts; started++) {
        struct unit *newest = &units[started % 3];

        (void)db_pipelines_send(loop.pipelines);
        if (started >= 3) {
            must_have_thing(newest); /* of the one that had its place */
            arena_fini(&newest->arena);
        }
        unit_init(&loop, newest, read_thing_twice, (int64_t)started % 3);
        unit_start(newest);
        while (newest->sid == 0 && pool_of(f, "main").checkouts == checkouts) {
            assert_false(clock_has_passed(until_ns));
            loop_turn(&loop);
        }
    }
    assert_true(started >= 3);
    units_finish(units, 3);
    for (size_t i = 0; i < 3; i++) {
        must_have_thing(&units[i]);
    }
    must_be_at_rest(f);
    units_free(units, 3);
    loop_end(&loop);
}

/* --- standing in line --- */

/* Takes all sessions that the pool may have; the last waits for one to be opened. */
static void take_all(struct db_fixture *f, struct ctx *ctx, struct db_session **sessions,
                     size_t count)
{
    struct err err = {.code = ERR_NONE};

    for (size_t i = 0; i < count; i++) {
        if (!db_checkout(ctx, f->pool, &sessions[i], &err)) {
            fail_msg("%s", err.text);
        }
    }
}

/* None is idle: units are not for workers, each of which would want one of its own. They wait for
 * their turn behind whoever came before them, and then read together. */
static void pipeline__no_session_is_idle__waits_for_its_turn(void **state)
{
    struct db_fixture *f = *state;
    const size_t count = (size_t)(pool_of(f, "main").size + pool_of(f, "main").overflow);
    struct db_session *sessions[16];
    struct loop loop = loop_of(f);
    struct unit units[3];
    struct arena arena;
    struct ctx ctx;

    assert_true(count <= 16);
    put_things(3);
    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "HOLDER");
    take_all(f, &ctx, sessions, count);
    units_start(&loop, units, 3, 3, NULL);
    loop_turn_at_once(&loop);
    assert_int_equal(pool_of(f, "main").waiters, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_false(units[i].has_ended);
    }
    db_checkin(sessions[0]);
    units_finish(units, 3);
    for (size_t i = 0; i < 3; i++) {
        must_have_thing(&units[i]);
        assert_int_equal(units[i].sid, units[0].sid);
        assert_int_equal(units[i].ctx.sql_round_trips, 1);
    }
    for (size_t i = 1; i < count; i++) {
        db_checkin(sessions[i]);
    }
    assert_int_equal(pool_of(f, "main").waiters, 0);
    must_be_at_rest(f);
    units_free(units, 3);
    arena_fini(&arena);
    loop_end(&loop);
}

/* Nobody gives one back: the error is the pool's, as a worker would have it, and the line is left.
 */
static void pipeline__none_becomes_free__says_who_has_them(void **state)
{
    struct db_fixture *f = *state;
    const size_t count = (size_t)(pool_of(f, "main").size + pool_of(f, "main").overflow);
    struct db_session *sessions[16];
    struct loop loop = loop_of(f);
    struct unit units[2];
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "HOLDER");
    take_all(f, &ctx, sessions, count);
    for (size_t i = 0; i < 2; i++) {
        unit_init(&loop, &units[i], read_thing, (int64_t)i);
        units[i].ctx.deadline_ns = clock_after_ms(i == 0 ? 20 : 40);
        unit_start(&units[i]);
    }
    units_finish(units, 2);
    for (size_t i = 0; i < 2; i++) {
        must_have_failed(false, &units[i].err, ERR_POOL_TIMEOUT, "HOLDER");
        assert_false(ctx_has_left(&units[i].ctx));
    }
    assert_int_equal(pool_of(f, "main").waiters, 0);
    assert_int_equal(pool_of(f, "main").timeouts, 2);
    for (size_t i = 0; i < count; i++) {
        db_checkin(sessions[i]);
    }
    must_be_at_rest(f);
    units_free(units, 2);
    arena_fini(&arena);
    loop_end(&loop);
}

/* --- what others see --- */

/* One session is out, under the tags of a unit, and nobody can cancel a statement of so many. */
static void pipeline__while_busy__shows_as_one_session(void **state)
{
    struct db_fixture *f = *state;
    struct loop loop = loop_of(f);
    struct db_session_view views[8];
    struct unit units[2];
    size_t active = 0;

    (void)count_marks(f);
    for (size_t i = 0; i < 2; i++) {
        unit_init(&loop, &units[i], run_for_ever, (int64_t)i);
        unit_start(&units[i]);
    }
    (void)db_pipelines_send(loop.pipelines);
    assert_int_equal(pool_of(f, "main").in_use, 1);
    for (size_t i = db_sessions(f->db, views, 8); i-- > 0;) {
        if (strcmp(views[i].state, "active") == 0) {
            active++;
            assert_string_equal(views[i].action, "RIDE 1");
            assert_string_equal(views[i].client_identifier, units[1].ctx.trace.trace_id);
            assert_string_equal(views[i].statement, "slow_count");
            assert_int_equal(views[i].sid, units[0].sid);
        }
    }
    assert_int_equal(active, 1);
    assert_false(db_cancel(f->db, units[0].sid));
    units_finish(units, 2);
    wait_until_server_rests();
    must_be_at_rest(f);
    units_free(units, 2);
    loop_end(&loop);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(pipeline__ten_units__one_batch),
    SUITE_TEST(pipeline__each_statement__has_its_units_tags),
    SUITE_TEST(pipeline__second_statement__takes_others_along),
    SUITE_TEST(pipeline__units_that_come_meanwhile__take_the_next_batch),
    SUITE_TEST(pipeline__sessions_are_idle__two_batches_at_a_time),
    SUITE_TEST(pipeline__many_rows__are_all_there),
    SUITE_TEST(pipeline__two_pools__have_one_each),
    SUITE_TEST(pipeline__units_leave_early__others_are_answered),
    SUITE_TEST(pipeline__units_that_overlap__do_not_keep_the_session),
    SUITE_TEST(pipeline__no_session_is_idle__waits_for_its_turn),
    SUITE_TEST(pipeline__none_becomes_free__says_who_has_them),
    SUITE_TEST(pipeline__while_busy__shows_as_one_session),
};

SUITE_ROOM(server_pipelines_room, tests);
