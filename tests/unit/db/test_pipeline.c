/* Reads that travel together, over a backend whose messages leave and come back when a case says
 * so: db/pipeline.c. Nothing is asserted inside of a fiber, since cmocka leaves by a jump: readers
 * write down what they saw. */
#include <sys/epoll.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fiber.h"
#include "db/pipeline.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

enum { READERS = 4, LONG_MS = 60000, SHORT_MS = 100, GIVEN_UP_MS = 4001 };

/* A unit of work on the loop that reads once. */
struct reader {
    struct fixture *f;
    struct arena arena;
    struct ctx ctx;
    struct ctx_place place;
    char action[32];
    struct fiber *fiber; /* of one that waits for the case */
    bool has_ended;
    enum db_step step;
    struct err err;
    unsigned trips;
    struct db_session_view view;
};

struct fixture {
    struct db *db;
    struct db_pool *pool;
    struct arena arena;
    struct ctx ctx; /* of the test's own thread */
    int epoll;
    struct db_pipelines *pipelines;
    struct fibers *fibers;
    uint64_t now_ns;
    struct reader readers[READERS];
};

/* A pool with so many sessions, all idle; from now on the clock stands still, since batches are
 * given up and turns are over by it. */
static void set_up_pool(struct fixture *f, int64_t size)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = "nowhere",
                                       .backend = fake_backend(NULL)};
    const struct db_pool_options pool = {
        .name = "main", .size = size, .checkout_timeout_ms = LONG_MS};
    struct db_session *sessions[READERS];
    struct err err = {.code = ERR_NONE};

    fake_pipelines();
    assert_true(db_open(&options, &f->db, &err));
    assert_true(db_pool_new(f->db, &pool, &f->pool, &err));
    for (int64_t i = 0; i < size; i++) {
        assert_true(db_checkout(&f->ctx, f->pool, &sessions[i], &err));
    }
    for (int64_t i = 0; i < size; i++) {
        db_checkin(sessions[i]);
    }
    f->pipelines = db_pipelines_new(f->db, f->epoll, 0);
    assert_non_null(f->pipelines);
    f->now_ns = clock_mono_ns();
    clock_freeze(f->now_ns, clock_utc_us());
}

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    arena_init(&f->arena);
    db_fixture_ctx(&f->ctx, &f->arena, "BG main");
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->fibers = fibers_new(READERS);
    *state = f;
    return f->epoll >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    clock_thaw();
    db_pipelines_free(f->pipelines);
    db_close(f->db);
    fibers_free(f->fibers);
    close(f->epoll);
    for (size_t i = 0; i < READERS; i++) {
        if (f->readers[i].f != NULL) {
            arena_fini(&f->readers[i].arena);
        }
    }
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static void read_once(void *arg)
{
    struct reader *reader = arg;
    struct db_session *session = NULL;
    struct sql_thing_count_row row;

    reader->step = DB_FAILED;
    if (db_checkout(&reader->ctx, reader->f->pool, &session, &reader->err)) {
        reader->step = sql_thing_count(session, &row, &reader->err);
    }
    db_checkin(session);
    reader->trips = reader->ctx.sql_round_trips;
    reader->has_ended = true;
}

static void wait_for_the_case(struct reader *reader)
{
    reader->fiber = fiber_self();
    fiber_pause();
}

/* Takes no notice of being refused: asks once more when it is told to, and stays for a while. */
static void read_twice(void *arg)
{
    struct reader *reader = arg;
    struct db_session *session = NULL;
    struct sql_thing_count_row row;

    reader->step = DB_FAILED;
    if (db_checkout(&reader->ctx, reader->f->pool, &session, &reader->err)) {
        reader->step = sql_thing_count(session, &row, &reader->err);
        wait_for_the_case(reader);
        reader->step = sql_thing_count(session, &row, &reader->err);
        wait_for_the_case(reader);
    }
    db_checkin(session);
    reader->has_ended = true;
}

/* Until it pauses for the first time, or ends. */
static struct reader *start_as(struct fixture *f, size_t number, uint64_t within_ms,
                               void (*work)(void *reader))
{
    struct reader *reader = &f->readers[number];

    reader->f = f;
    arena_init(&reader->arena);
    (void)snprintf(reader->action, sizeof(reader->action), "GET /%zu", number);
    ctx_init_background(&reader->ctx, &reader->arena, NULL, "octo-test", reader->action, within_ms);
    reader->place.together = f->pipelines;
    reader->ctx.place = &reader->place;
    assert_int_not_equal(fiber_run(f->fibers, work, reader), FIBER_NONE);
    return reader;
}

static struct reader *start(struct fixture *f, size_t number, uint64_t within_ms)
{
    return start_as(f, number, within_ms, read_once);
}

static void turn(struct fixture *f)
{
    (void)db_pipelines_send(f->pipelines);
    db_pipelines_receive(f->pipelines);
}

static void assert_read(const struct reader *reader)
{
    assert_true(reader->has_ended);
    if (reader->step != DB_ROW) {
        fail_msg("%s", reader->err.text);
    }
}

/* It is for a worker. */
static void assert_refused(const struct reader *reader)
{
    assert_true(reader->has_ended);
    assert_int_equal(reader->step, DB_FAILED);
    assert_true(ctx_has_left(&reader->ctx));
}

static void assert_idle(struct fixture *f, int64_t sessions)
{
    struct db_pool_view view;

    assert_int_equal(db_pools(f->db, &view, 1), 1);
    assert_int_equal(view.in_use, 0);
    assert_int_equal(view.idle, sessions);
    assert_int_equal(view.waiters, 0);
}

/* Both statements are on one connection, each behind the tags of its own unit; one wait serves
 * both, and the session is the pool's again. */
static void reads__asked_in_one_turn__leave_in_one_batch(void **state)
{
    struct fixture *f = *state;
    struct fake_record records[2];

    set_up_pool(f, 2);
    (void)start(f, 0, LONG_MS);
    (void)start(f, 1, LONG_MS);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 0);
    turn(f);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 1);
    assert_false(f->readers[0].has_ended || f->readers[1].has_ended);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[0]);
    assert_read(&f->readers[1]);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 1);
    assert_int_equal(fake_records(records, 2), 2);
    assert_int_equal(records[0].connection, records[1].connection);
    assert_string_equal(records[0].tags.action, "GET /0");
    assert_string_equal(records[1].tags.action, "GET /1");
    assert_int_equal(f->readers[0].trips, 1);
    assert_idle(f, 2);
}

static void read_another(void *arg)
{
    struct reader *reader = arg;
    struct db_session *session = NULL;
    struct sql_mark_count_row row;

    reader->step = DB_FAILED;
    if (db_checkout(&reader->ctx, reader->f->pool, &session, &reader->err)) {
        reader->step = sql_mark_count(session, &row, &reader->err);
        db_session_view(session, &reader->view);
        wait_for_the_case(reader);
    }
    db_checkin(session);
    reader->has_ended = true;
}

/* Of a shared session the pool's view shows who asked last; a reader's own shows what it asked. */
static void reads__share_a_session__show_their_own_statement(void **state)
{
    struct fixture *f = *state;
    struct db_session_view view;

    set_up_pool(f, 1);
    (void)start_as(f, 0, LONG_MS, read_another);
    (void)start(f, 1, LONG_MS);
    assert_int_equal(db_sessions(f->db, &view, 1), 1);
    assert_string_equal(view.statement, "thing_count");
    assert_string_equal(view.action, "GET /1");
    turn(f);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_string_equal(f->readers[0].view.statement, "mark_count");
    assert_string_equal(f->readers[0].view.action, "GET /0");
    assert_false(db_cancel(f->db, f->readers[0].view.sid)); /* it is not that reader's alone */
    fiber_resume(f->readers[0].fiber);
    assert_read(&f->readers[0]);
    assert_read(&f->readers[1]);
    assert_idle(f, 1);
}

/* A part of it stays with us for a while: it is under way all the same. */
static void batch__leaves_in_parts__is_answered(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    fake_send_as(DB_BATCH_SENDING);
    fake_receive_as(DB_BATCH_SENDING);
    (void)start(f, 0, LONG_MS);
    turn(f);
    fake_receive_as(DB_BATCH_SENT);
    turn(f);
    assert_false(f->readers[0].has_ended);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[0]);
    assert_idle(f, 1);
}

/* While one batch is under way the next leaves on another session. */
static void reads__one_batch_is_under_way__take_a_second_session(void **state)
{
    struct fixture *f = *state;
    struct fake_record records[2];

    set_up_pool(f, 2);
    (void)start(f, 0, LONG_MS);
    turn(f);
    (void)start(f, 1, LONG_MS);
    turn(f);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 2);
    assert_int_equal(fake_records(records, 2), 2);
    assert_int_not_equal(records[0].connection, records[1].connection);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[0]);
    assert_read(&f->readers[1]);
    assert_idle(f, 2);
}

/* A third one would carry too little: who comes then waits for the first that is answered. */
static void reads__two_batches_are_under_way__wait_for_one_of_them(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 3);
    (void)start(f, 0, LONG_MS);
    turn(f);
    (void)start(f, 1, LONG_MS);
    turn(f);
    (void)start(f, 2, LONG_MS);
    turn(f);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 2);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[0]);
    assert_read(&f->readers[1]);
    turn(f);
    turn(f);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 3);
    assert_read(&f->readers[2]);
    assert_idle(f, 3);
}

/* Whoever waited is for a worker, which has a session of its own; this one is closed. */
static void batch__connection_is_lost__readers_are_refused(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    (void)start(f, 0, LONG_MS);
    (void)start(f, 1, LONG_MS);
    turn(f);
    fake_receive_as(DB_BATCH_LOST);
    turn(f);
    assert_refused(&f->readers[0]);
    assert_refused(&f->readers[1]);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
    assert_int_equal(fake_count(FAKE_ABANDON), 0);
}

static void batch__cannot_even_leave__readers_are_refused(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    fake_send_as(DB_BATCH_LOST);
    (void)start(f, 0, LONG_MS);
    turn(f);
    assert_refused(&f->readers[0]);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
}

/* Between the batch's leaving and its end; the session is gone when it has ended, and nothing is to
 * be sent on it. */
static void reader__asks_on_a_lost_session__is_refused_and_nothing_left_to_send(void **state)
{
    struct fixture *f = *state;
    struct reader *reader;

    set_up_pool(f, 1);
    fake_fail(FAKE_QUERY, 0, 1, ERR_CONNECTION_LOST);
    reader = start_as(f, 0, LONG_MS, read_twice);
    (void)db_pipelines_send(f->pipelines);
    fiber_resume(reader->fiber);
    db_pipelines_receive(f->pipelines);
    turn(f);
    fiber_resume(reader->fiber);
    assert_refused(reader);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 0);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
}

/* The server is asked to stop what it runs for nobody any more. */
static void batch__no_answer_in_time__is_given_up(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    (void)start(f, 0, LONG_MS);
    turn(f);
    assert_false(f->readers[0].has_ended);
    clock_freeze(f->now_ns + GIVEN_UP_MS * CLOCK_NS_PER_MS, clock_utc_us());
    turn(f);
    assert_refused(&f->readers[0]);
    assert_int_equal(fake_count(FAKE_ABANDON), 1);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
}

/* Its batch would be given up for it alone, with the answers of all others. */
static void reader__time_ends_before_the_batch_must__is_refused_at_once(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    (void)start(f, 0, LONG_MS);
    turn(f);
    (void)start(f, 1, SHORT_MS);
    assert_refused(&f->readers[1]);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[0]);
    assert_idle(f, 1);
}

/* It stands in the pool's line like everybody, and is served in its turn. */
static void reader__no_session_is_idle__waits_for_one(void **state)
{
    struct fixture *f = *state;
    struct db_session *held = NULL;
    struct db_pool_view view;
    struct err err = {.code = ERR_NONE};

    set_up_pool(f, 1);
    assert_true(db_checkout(&f->ctx, f->pool, &held, &err));
    (void)start(f, 0, LONG_MS);
    turn(f);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 0);
    assert_int_equal(db_pools(f->db, &view, 1), 1);
    assert_int_equal(view.waiters, 1);
    db_checkin(held);
    turn(f);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[0]);
    assert_idle(f, 1);
}

/* A second statement does not push itself into a batch that has left: it travels in the next. */
static void reader__asks_again_while_a_batch_is_under_way__travels_in_the_next(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    (void)start_as(f, 0, LONG_MS, read_twice);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_int_equal(f->readers[0].step, DB_ROW);
    fake_receive_as(DB_BATCH_SENT);
    (void)start(f, 1, LONG_MS);
    turn(f);
    fiber_resume(f->readers[0].fiber);
    assert_int_equal(fake_records(NULL, 0), 2);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    assert_read(&f->readers[1]);
    assert_int_equal(fake_records(NULL, 0), 3);
    turn(f);
    assert_int_equal(fake_count(FAKE_PIPELINE_SEND), 3);
    fiber_resume(f->readers[0].fiber);
    assert_read(&f->readers[0]);
    assert_idle(f, 1);
}

/* A batch is given up after half a second where batches are quick; when none is under way there is
 * nothing to come back for. */
static void batches__are_quick__next_one_is_due_soon(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    for (size_t i = 0; i < 2; i++) {
        fake_receive_as(DB_BATCH_SENT);
        (void)start(f, i, LONG_MS);
        assert_int_equal(db_pipelines_send(f->pipelines), f->now_ns + 500 * CLOCK_NS_PER_MS);
        fake_receive_as(DB_BATCH_ANSWERED);
        turn(f);
        assert_read(&f->readers[i]);
        assert_int_equal(db_pipelines_send(f->pipelines), CLOCK_NEVER);
    }
    assert_idle(f, 1);
}

/* Nobody else is given what nobody waits for. */
static void reader__has_no_more_patience__leaves_the_line(void **state)
{
    struct fixture *f = *state;
    struct db_session *held = NULL;
    struct err err = {.code = ERR_NONE};

    set_up_pool(f, 1);
    assert_true(db_checkout(&f->ctx, f->pool, &held, &err));
    (void)start(f, 0, SHORT_MS);
    assert_int_equal(db_pipelines_send(f->pipelines), f->readers[0].ctx.deadline_ns);
    clock_freeze(f->now_ns + (SHORT_MS + 1) * CLOCK_NS_PER_MS, clock_utc_us());
    turn(f);
    assert_true(f->readers[0].has_ended);
    assert_int_equal(f->readers[0].err.code, ERR_POOL_TIMEOUT);
    db_checkin(held);
    assert_idle(f, 1);
}

/* Nothing is under way for a failure of the backend's own. */
static void reader__backend_refuses_the_statement__fails_alone(void **state)
{
    struct fixture *f = *state;

    set_up_pool(f, 1);
    (void)start(f, 0, LONG_MS);
    fake_fail(FAKE_QUERY, 0, 1, ERR_INTERNAL);
    (void)start(f, 1, LONG_MS);
    assert_true(f->readers[1].has_ended);
    assert_int_equal(f->readers[1].step, DB_FAILED);
    assert_int_equal(f->readers[1].err.code, ERR_INTERNAL);
    fake_receive_as(DB_BATCH_ANSWERED);
    turn(f);
    turn(f);
    assert_read(&f->readers[0]);
    assert_idle(f, 1);
}

#define PIPELINE_TEST(case_) cmocka_unit_test_setup_teardown(case_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(reads__asked_in_one_turn__leave_in_one_batch),
        PIPELINE_TEST(batch__leaves_in_parts__is_answered),
        PIPELINE_TEST(reads__share_a_session__show_their_own_statement),
        PIPELINE_TEST(reads__one_batch_is_under_way__take_a_second_session),
        PIPELINE_TEST(reads__two_batches_are_under_way__wait_for_one_of_them),
        PIPELINE_TEST(batch__connection_is_lost__readers_are_refused),
        PIPELINE_TEST(batch__cannot_even_leave__readers_are_refused),
        PIPELINE_TEST(reader__asks_on_a_lost_session__is_refused_and_nothing_left_to_send),
        PIPELINE_TEST(batch__no_answer_in_time__is_given_up),
        PIPELINE_TEST(reader__time_ends_before_the_batch_must__is_refused_at_once),
        PIPELINE_TEST(reader__no_session_is_idle__waits_for_one),
        PIPELINE_TEST(reader__asks_again_while_a_batch_is_under_way__travels_in_the_next),
        PIPELINE_TEST(batches__are_quick__next_one_is_due_soon),
        PIPELINE_TEST(reader__has_no_more_patience__leaves_the_line),
        PIPELINE_TEST(reader__backend_refuses_the_statement__fails_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
