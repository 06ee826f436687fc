/* Pools over the fake backend: taking a session and putting it back, db/pool.c, pool_session.c and
 * pool_wait.c. */
#include <unistd.h>

#include "core/clock.h"
#include "pool_fixture.h"
#include "sql_conformance.h"

/* The session that was given back last is the warmest. */
static void pool_checkout__two_idle__last_used_comes_first(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *a = must_checkout(f);
    struct db_session *b = must_checkout(f);
    struct db_session *again;
    int64_t sid = db_sid(a);

    db_checkin(b);
    db_checkin(a);
    again = must_checkout(f);
    assert_int_equal(db_sid(again), sid);
    db_checkin(again);
    assert_int_equal(fake_count(FAKE_OPEN), 2);
}

/* The error tells who has the sessions: route, trace and statement. */
static void pool_checkout__all_out__time_out_names_the_holders(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];
    struct db_session *none = NULL;
    struct sql_thing_count_row row;
    struct err err = {.code = ERR_NONE};
    char holder[128];

    clock_jump(0);
    check_out_all(f, sessions);
    assert_int_equal(sql_thing_count(sessions[1], &row, &err), DB_ROW);
    assert_false(db_checkout(&f->ctx, f->pool, &none, &err));
    assert_null(none);
    assert_int_equal(err.code, ERR_POOL_TIMEOUT);
    (void)snprintf(holder, sizeof(holder), "GET /a %s %s 0 ms", f->ctx.trace.trace_id,
                   sql_conformance__thing_count.variants[DB_SQLITE].sql_id);
    assert_non_null(strstr(err.text, holder));
    assert_int_equal(view_of(f).timeouts, 1);
    assert_int_equal(view_of(f).waiters, 0);
    check_in_all(sessions);
}

/* As many holders as its text can hold, and how many more there are. */
static void pool_checkout__many_are_out__time_out_counts_those_it_cannot_name(void **state)
{
    enum { HOLDERS = 60 };
    const struct db_pool_options options = {
        .name = "large", .size = HOLDERS, .checkout_timeout_ms = 3600000};
    struct pool_fixture *f = *state;
    struct db_session *sessions[HOLDERS];
    struct db_session *none = NULL;
    struct err err = {.code = ERR_NONE};
    const char *more;
    int64_t named = 0;

    assert_true(db_pool_new(f->db, &options, &f->pool, &err));
    f->ctx.action = "GET /a/route/that/has/a/long/name/and/is/cut/at/so/many/characters";
    for (size_t i = 0; i < HOLDERS; i++) {
        sessions[i] = must_checkout(f);
    }
    f->ctx.deadline_ns = clock_after_ms(1);
    assert_false(db_checkout(&f->ctx, f->pool, &none, &err));
    assert_int_equal(err.code, ERR_POOL_TIMEOUT);
    for (const char *at = err.text; (at = strstr(at, "GET /a/route")) != NULL; at++) {
        named++;
    }
    more = strstr(err.text, " and ");
    assert_non_null(more);
    assert_in_range(named, 20, HOLDERS - 1);
    assert_int_equal(strtoll(more + strlen(" and "), NULL, 10), HOLDERS - named);
    for (size_t i = 0; i < HOLDERS; i++) {
        db_checkin(sessions[i]);
    }
}

/* A unit with less time than the pool's time-out does not wait longer than it has. */
static void pool_checkout__deadline_is_near__gives_up_at_the_deadline(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session;
    struct db_session *none = NULL;
    struct err err = {.code = ERR_NONE};

    use_pool(f, "patient", 1, 0);
    session = must_checkout(f);
    f->ctx.deadline_ns = clock_after_ms(10);
    assert_false(db_checkout(&f->ctx, f->pool, &none, &err));
    assert_int_equal(err.code, ERR_POOL_TIMEOUT);
    db_checkin(session);
}

static void pool_checkin__waiters_in_line__first_come_first_served(void **state)
{
    struct pool_fixture *f = *state;
    struct waiter waiters[3];
    struct db_session *session;
    struct mutex lock;
    int served = 0;

    mutex_init(&lock);
    use_pool(f, "one", 1, 0);
    session = must_checkout(f);
    for (int i = 0; i < 3; i++) {
        start_waiter(f, &waiters[i], &lock, &served);
        wait_until_waiters(f, i + 1);
    }
    db_checkin(session);
    for (int i = 0; i < 3; i++) {
        thread_join(&waiters[i].thread);
        assert_true(waiters[i].ok);
        assert_int_equal(waiters[i].order, i);
    }
    mutex_fini(&lock);
}

/* A lost connection is not handed to a waiter: it gets a new one. */
static void pool_checkin__connection_lost__waiter_gets_a_new_one(void **state)
{
    struct pool_fixture *f = *state;
    struct waiter waiter;
    struct db_session *session;
    struct sql_thing_count_row row;
    struct mutex lock;
    struct err err;
    int served = 0;

    mutex_init(&lock);
    use_pool(f, "one", 1, 0);
    session = must_checkout(f);
    fake_fail(FAKE_QUERY, 0, 1, ERR_CONNECTION_LOST);
    assert_int_equal(sql_thing_count(session, &row, &err), DB_FAILED);
    start_waiter(f, &waiter, &lock, &served);
    wait_until_waiters(f, 1);
    db_checkin(session);
    thread_join(&waiter.thread);
    assert_true(waiter.ok);
    assert_int_equal(fake_count(FAKE_OPEN), 2);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
    mutex_fini(&lock);
}

/* The server was restarted: each idle session is found lost when it is to be used, and no unit
 * hears of it. */
static void pool_checkout__all_idle_ones_are_lost__gets_a_new_one(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];
    struct db_session *session;

    check_out_all(f, sessions);
    check_in_all(sessions);
    fake_fail(FAKE_SET_TAGS, 0, 3, ERR_CONNECTION_LOST);
    session = must_checkout(f);
    assert_int_equal(fake_count(FAKE_CLOSE), 3);
    assert_int_equal(fake_count(FAKE_OPEN), 4);
    db_checkin(session);
    assert_int_equal(view_of(f).idle, 1);
}

/* A server that drops what it has just let in is not asked without end. */
static void pool_checkout__new_session_is_lost_at_once__fails(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *none = NULL;
    struct err err;

    fake_fail(FAKE_SET_TAGS, 0, 1, ERR_CONNECTION_LOST);
    assert_false(db_checkout(&f->ctx, f->pool, &none, &err));
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    assert_int_equal(fake_count(FAKE_OPEN), 1);
    assert_int_equal(view_of(f).idle, 0);
}

/* A session that was idle for long is asked whether it is alive, a dead one is replaced. */
static void pool_checkout__idle_for_long__dead_session_is_replaced(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    int64_t sid = db_sid(session);

    db_checkin(session);
    clock_jump(2000);
    assert_null(pool_take_now(&f->ctx, f->pool));
    session = must_checkout(f);
    assert_int_equal(fake_count(FAKE_IS_ALIVE), 1);
    assert_int_equal(db_sid(session), sid);
    db_checkin(session);
    clock_jump(2000);
    fake_fail(FAKE_IS_ALIVE, 0, 1, ERR_CONNECTION_LOST);
    session = must_checkout(f);
    assert_true(db_sid(session) > sid);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
    db_checkin(session);
}

/* Lifetime ends between 90 and 100 percent of what was asked for. */
static void pool_checkout__lifetime_over__session_is_replaced(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    int64_t sid = db_sid(session);

    db_checkin(session);
    clock_jump(53000);
    session = must_checkout(f);
    assert_int_equal(db_sid(session), sid);
    db_checkin(session);
    clock_jump(7001);
    f->ctx.deadline_ns = CLOCK_NEVER;
    session = must_checkout(f);
    assert_true(db_sid(session) > sid);
    db_checkin(session);
}

/* What a loop takes neither waits nor connects. */
static void pool_take_now__nothing_idle__gives_none(void **state)
{
    struct pool_fixture *f = *state;
    struct pool_session *session;

    assert_null(pool_take_now(&f->ctx, f->pool));
    db_checkin(must_checkout(f));
    session = pool_take_now(&f->ctx, f->pool);
    assert_non_null(session);
    assert_null(pool_take_now(&f->ctx, f->pool));
    pool_put(session, true);
}

/* Tags are there while a session is out and gone when it is back; what it ran stays to be seen. */
static void pool_checkin__tags__are_cleared(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct db_session_view views[2];
    struct sql_thing_count_row row;
    struct fake_record record;
    struct err err;

    assert_int_equal(sql_thing_count(session, &row, &err), DB_ROW);
    assert_int_equal(db_sessions(f->db, views, 2), 1);
    assert_string_equal(views[0].state, "active");
    assert_string_equal(views[0].module, "octo-test");
    assert_string_equal(views[0].action, "GET /a");
    assert_string_equal(views[0].client_identifier, f->ctx.trace.trace_id);
    assert_string_equal(views[0].statement, "thing_count");
    db_checkin(session);
    assert_int_equal(db_sessions(f->db, views, 2), 1);
    assert_string_equal(views[0].state, "idle");
    assert_string_equal(views[0].module, "");
    assert_string_equal(views[0].action, "");
    assert_string_equal(views[0].client_identifier, "");
    assert_string_equal(views[0].statement, "thing_count"); /* ran last */
    session = must_checkout(f);
    assert_int_equal(db_sessions(f->db, views, 2), 1);
    assert_string_equal(views[0].statement, ""); /* another's */
    db_checkin(session);
    assert_int_equal(fake_records(&record, 1), 1);
    assert_string_equal(record.tags.action, "GET /a");
}

/* A cursor that was forgotten does not outlive the checkout. */
static void pool_checkin__cursor_is_open__is_closed(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct db_cursor *cursor = NULL;
    struct err err;

    assert_true(sql_thing_list_open(session, &cursor, &err));
    db_checkin(session);
    assert_int_equal(view_of(f).idle, 1);
    db_cursor_close(cursor);
}

/* Many threads over few sessions: all are served and the counts come out even. */
static void run_storm(void *arg)
{
    struct waiter *waiter = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    waiter->ok = true;
    for (int i = 0; i < 400; i++) {
        struct db_session *session = NULL;
        struct sql_thing_count_row row;
        struct err err;

        db_fixture_ctx(&ctx, &arena, "GET /storm");
        waiter->ok &= db_checkout(&ctx, waiter->fixture->pool, &session, &err) &&
                      sql_thing_count(session, &row, &err) == DB_ROW;
        db_checkin(session);
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

static void pool__storm_of_threads__counts_come_out_even(void **state)
{
    struct pool_fixture *f = *state;
    struct waiter waiters[8];
    struct db_session_view sessions[8];
    struct db_pool_view view;

    use_pool(f, "storm", 2, 1);
    for (int i = 0; i < 8; i++) {
        waiters[i] = (struct waiter){.fixture = f};
        thread_start(&waiters[i].thread, "storm", run_storm, &waiters[i]);
    }
    for (int i = 0; i < 200; i++) {
        assert_true(db_sessions(f->db, sessions, 8) <= 3);
        janitor_visit(f->pool);
    }
    for (int i = 0; i < 8; i++) {
        thread_join(&waiters[i].thread);
        assert_true(waiters[i].ok);
    }
    view = view_of_second(f);
    assert_int_equal(view.in_use, 0);
    assert_int_equal(view.checkouts, 3200);
    assert_int_equal(view.opened - view.closed, view.idle);
    assert_true(view.opened <= 3);
}

/* Where the database is a file, whoever asks opens a session himself while there is room. */
static void pool_checkout__embedded__takers_open_their_own(void **state)
{
    static struct db_backend embedded;
    struct pool_fixture *f = *state;
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = "nowhere", .backend = &embedded};
    struct db_session *sessions[3];
    struct waiter waiter;
    struct mutex lock;
    struct err err;
    int served = 0;

    embedded = *fake_backend(NULL);
    embedded.capabilities |= DB_CAP_EMBEDDED;
    db_close(f->db);
    assert_true(db_open(&options, &f->db, &err));
    assert_true(db_pool_new(f->db, &pool_options, &f->pool, &err));
    use_pool(f, "file", 2, 1);
    check_out_all(f, sessions);
    assert_int_equal(fake_count(FAKE_OPEN), 3);
    mutex_init(&lock);
    start_waiter(f, &waiter, &lock, &served);
    wait_until_waiters(f, 1);
    sessions[0]->is_broken = true;
    db_checkin(sessions[0]);
    thread_join(&waiter.thread);
    assert_true(waiter.ok);
    assert_int_equal(fake_count(FAKE_OPEN), 4);
    db_checkin(sessions[1]);
    db_checkin(sessions[2]);
    assert_int_equal(view_of_second(f).idle, 3);
    mutex_fini(&lock);
}

static void pool_new__sizes_that_make_no_sense__are_refused(void **state)
{
    static const int64_t sizes[][2] = {{0, 1}, {-1, 1}, {1, -1}};
    struct pool_fixture *f = *state;
    struct db_pool_options options = pool_options;
    struct db_pool *none = NULL;
    struct err err;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        options.size = sizes[i][0];
        options.overflow = sizes[i][1];
        assert_false(db_pool_new(f->db, &options, &none, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        assert_null(none);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(pool_checkout__two_idle__last_used_comes_first),
        POOL_TEST(pool_checkout__all_out__time_out_names_the_holders),
        POOL_TEST(pool_checkout__many_are_out__time_out_counts_those_it_cannot_name),
        POOL_TEST(pool_checkout__deadline_is_near__gives_up_at_the_deadline),
        POOL_TEST(pool_checkin__waiters_in_line__first_come_first_served),
        POOL_TEST(pool_checkin__connection_lost__waiter_gets_a_new_one),
        POOL_TEST(pool_checkout__all_idle_ones_are_lost__gets_a_new_one),
        POOL_TEST(pool_checkout__new_session_is_lost_at_once__fails),
        POOL_TEST(pool_checkout__idle_for_long__dead_session_is_replaced),
        POOL_TEST(pool_checkout__lifetime_over__session_is_replaced),
        POOL_TEST(pool_take_now__nothing_idle__gives_none),
        POOL_TEST(pool_checkin__tags__are_cleared),
        POOL_TEST(pool_checkin__cursor_is_open__is_closed),
        POOL_TEST(pool__storm_of_threads__counts_come_out_even),
        POOL_TEST(pool_checkout__embedded__takers_open_their_own),
        POOL_TEST(pool_new__sizes_that_make_no_sense__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
