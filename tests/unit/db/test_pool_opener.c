/* Who opens sessions: db/pool_opener.c over the fake backend, where the server is full, slow or
 * down. */
#include <unistd.h>

#include "core/clock.h"
#include "pool_fixture.h"

/* A server that takes no more sessions: whoever waits gets one of those that exist, and nobody
 * gives up his for what would be past the size. */
static void pool_checkout__server_is_full__waits_for_a_session_that_exists(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];
    struct waiter waiter;
    struct db_session *session;
    struct mutex lock;
    int served = 0;

    mutex_init(&lock);
    check_out_all(f, sessions);
    check_in_all(sessions);
    use_pool(f, "full", 1, 1);
    session = must_checkout(f);
    fake_fail(FAKE_OPEN, 0, 1000, ERR_CONNECT);
    start_waiter(f, &waiter, &lock, &served);
    WAIT_UNTIL(fake_count(FAKE_OPEN) >= 6); /* refused, and refused again */
    assert_int_equal(view_of_second(f).waiters, 1);
    db_checkin(session);
    thread_join(&waiter.thread);
    assert_true(waiter.ok);
    assert_int_equal(view_of_second(f).timeouts, 0);
    assert_int_equal(fake_count(FAKE_CLOSE), 0);
    mutex_fini(&lock);
}

/* A pool that cannot open what it always has asks the others for what they only keep. */
static void pool_checkout__server_is_full__others_close_what_they_only_keep(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];
    struct db_session *none = NULL;
    struct err err;

    check_out_all(f, sessions);
    check_in_all(sessions);
    use_pool(f, "late", 1, 0);
    fake_fail(FAKE_OPEN, 0, 1, ERR_CONNECT);
    assert_false(db_checkout(&f->ctx, f->pool, &none, &err));
    assert_int_equal(err.code, ERR_CONNECT);
    assert_int_equal(view_of(f).idle, 2);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
}

/* What a pool would have past its size is nothing that the others give up theirs for. */
static void pool_checkout__server_is_full_past_the_size__others_keep_what_they_have(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];
    struct db_session *session;
    struct waiter waiter;
    struct mutex lock;
    int served = 0;
    size_t opened;

    mutex_init(&lock);
    check_out_all(f, sessions);
    check_in_all(sessions);
    use_pool(f, "full", 1, 1);
    session = must_checkout(f);
    opened = fake_count(FAKE_OPEN);
    fake_fail(FAKE_OPEN, 0, 1000, ERR_CONNECT);
    start_waiter(f, &waiter, &lock, &served);
    WAIT_UNTIL(fake_count(FAKE_OPEN) >=
               opened + 2); /* refused once, with all that follows from it */
    db_checkin(session);
    thread_join(&waiter.thread);
    assert_int_equal(view_of(f).idle, 3);
    assert_int_equal(fake_count(FAKE_CLOSE), 0);
    mutex_fini(&lock);
}

/* After a failed connect nobody connects for a while; the error comes at once. */
static void pool_checkout__connect_failed__next_ones_wait_for_the_pause(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    clock_jump(0);
    fake_fail(FAKE_OPEN, 0, 2, ERR_CONNECT);
    assert_false(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(err.code, ERR_CONNECT);
    assert_false(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(err.code, ERR_CONNECT);
    assert_int_equal(fake_count(FAKE_OPEN), 1);
    clock_jump(101);
    assert_false(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(fake_count(FAKE_OPEN), 2);
    clock_jump(101);
    assert_false(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(fake_count(FAKE_OPEN), 2);
    clock_jump(101);
    db_checkin(must_checkout(f));
    assert_int_equal(fake_count(FAKE_OPEN), 3);
    assert_int_equal(view_of(f).idle, 1);
}

/* A server that lets nobody in until it is told. */
static struct wakeup server_goes_on;
static bool (*fake_open)(const struct db_options *options, enum db_conn_use use,
                         struct db_conn **ret, struct err *err);

static bool open_late(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
                      struct err *err)
{
    (void)wakeup_wait_until(&server_goes_on, CLOCK_NEVER);
    return fake_open(options, use, ret, err);
}

/* The pool's time-out is for sessions that others have. Where the first is still on its way, on a
 * machine that is slow, its taker waits as long as the unit may. */
static void pool_checkout__first_session_takes_long__is_waited_for(void **state)
{
    static struct db_backend slow;
    struct pool_fixture *f = *state;
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = "nowhere", .backend = &slow};
    struct db_pool_options brief = pool_options;
    struct waiter waiter;
    struct mutex lock;
    struct err err;
    int served = 0;

    slow = *fake_backend(NULL);
    fake_open = slow.open;
    slow.open = open_late;
    wakeup_init(&server_goes_on);
    db_close(f->db);
    assert_true(db_open(&options, &f->db, &err));
    brief.checkout_timeout_ms = 1;
    assert_true(db_pool_new(f->db, &brief, &f->pool, &err));
    mutex_init(&lock);
    start_waiter(f, &waiter, &lock, &served);
    while (view_of(f).waiters == 0) {
        usleep(500);
    }
    usleep(20000); /* longer than the time-out */
    wakeup_post(&server_goes_on);
    thread_join(&waiter.thread);
    assert_true(waiter.ok);
    mutex_fini(&lock);
}

/* A server that is slow to let go of a session. */
static struct wakeup session_is_closing;
static void (*fake_close)(struct db_conn *conn);
static struct db_pool *pool_closed_first;

/* At the first session, until the database is being closed. */
static void close_late(struct db_conn *conn)
{
    bool is_held = conn != NULL && fake_count(FAKE_CLOSE) == 0;

    if (is_held) {
        wakeup_post(&session_is_closing);
    }
    while (is_held) {
        mutex_lock(&pool_closed_first->lock);
        is_held = !pool_closed_first->is_closing;
        mutex_unlock(&pool_closed_first->lock);
        usleep(20000); /* at the end: time enough to free the pool under our hands */
    }
    fake_close(conn);
}

/* An opener that was refused closes what another pool only keeps, while the database is closed. */
static void db_close__opener_makes_room_elsewhere__is_waited_for(void **state)
{
    static struct db_backend slow;
    struct pool_fixture *f = *state;
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = "nowhere", .backend = &slow};
    struct db_session *sessions[3];
    struct db_session *none = NULL;
    struct err err;

    slow = *fake_backend(NULL);
    fake_close = slow.close;
    slow.close = close_late;
    wakeup_init(&session_is_closing);
    db_close(f->db);
    assert_true(db_open(&options, &f->db, &err));
    assert_true(db_pool_new(f->db, &pool_options, &f->pool, &err));
    pool_closed_first = f->pool;
    check_out_all(f, sessions);
    check_in_all(sessions);
    use_pool(f, "late", 1, 0);
    fake_fail(FAKE_OPEN, 0, 1, ERR_CONNECT);
    f->ctx.deadline_ns = clock_after_ms(50);
    assert_false(db_checkout(&f->ctx, f->pool, &none, &err)); /* does not wait for the refusal */
    assert_true(wakeup_wait_until(&session_is_closing, CLOCK_NEVER));
    db_close(f->db);
    assert_int_equal(fake_count(FAKE_CLOSE), 3);
    assert_true(db_open(&options, &f->db, &err)); /* for the end of the test to close */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(pool_checkout__server_is_full__waits_for_a_session_that_exists),
        POOL_TEST(pool_checkout__server_is_full__others_close_what_they_only_keep),
        POOL_TEST(pool_checkout__server_is_full_past_the_size__others_keep_what_they_have),
        POOL_TEST(pool_checkout__connect_failed__next_ones_wait_for_the_pause),
        POOL_TEST(pool_checkout__first_session_takes_long__is_waited_for),
        POOL_TEST(db_close__opener_makes_room_elsewhere__is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
