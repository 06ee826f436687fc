/*
 * The sessions as the server tells of them: those of this process, of others, at work and between
 * two statements, and while no pool has one to give.
 */
#include "core/clock.h"
#include "core/thread.h"
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
    return look->views;
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

static bool run_long(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct unit *unit = arg;
    struct sql_slow_count_row row;

    (void)ctx;
    atomic_store(&unit->sid, db_sid(session));
    return sql_slow_count(session, INT64_MAX, &row, err) == DB_ROW;
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

/* The row of the unit's session once its statement runs, here and at the server. */
static const struct db_session_view *running_row(struct unit *unit, struct look *look)
{
    const uint64_t deadline_ns = clock_after_ms(60000);
    const struct db_session_view *row = NULL;

    do {
        const int64_t sid = atomic_load(&unit->sid); /* before the look, which then shows it */

        assert_false(clock_has_passed(deadline_ns));
        must_look(unit->f, look);
        if (sid != 0) {
            row = row_of(look, sid);
        }
    } while (row == NULL || strcmp(row->statement, "slow_count") != 0 ||
             strcmp(row->state, "active") != 0);
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
    assert_string_equal(row->sql_id,
                        sql_conformance__slow_count.variants[suite_backend->dialect].sql_id);
    assert_true(row->state_ms >= 0);
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
static bool look_inside(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_mark_count_row count;
    struct look look;
    const struct db_session_view *row;

    if (sql_mark_count(session, &count, err) != DB_ROW) {
        return false;
    }
    must_look(arg, &look);
    row = row_of(&look, db_sid(session));
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

static bool is_shown_clear(struct db_fixture *f, int64_t sid)
{
    struct look look;
    const struct db_session_view *row;

    must_look(f, &look);
    row = row_of(&look, sid);
    return row->client_identifier[0] == '\0' && strcmp(row->state, "idle") == 0;
}

/* What a unit leaves behind at checkin is gone from the server without a wait and without another
 * statement: whoever looks at an idle session finds no owner. */
static void tags__cleared_at_checkin__nobody_waits_and_others_see_it(void **state)
{
    static const struct db_tags no_tags;
    struct db_fixture *f = *state;
    struct db_conn *conn = must_open(f);
    const uint64_t until_ns = clock_after_ms(60000);
    struct db_result *result = NULL;
    struct db_tags tags;
    struct look look;
    struct err err = {.code = ERR_NONE};

    db_tags_from(&f->ctx, suite_backend->tag_limits, &tags);
    assert_true(suite_backend->set_tags(conn, &tags, &err));
    assert_true(suite_backend->begin(conn, DB_BEGIN_READ, until_ns, &err));
    assert_true(
        suite_backend->query(conn, &sql_conformance__mark_count, NULL, 1, until_ns, &result, &err));
    assert_int_equal(suite_backend->next(result, NULL, &err), DB_ROW);
    suite_backend->finish(result);
    must_look(f, &look);
    assert_string_equal(row_of(&look, suite_backend->sid(conn))->client_identifier,
                        tags.client_identifier);
    (void)suite_backend->take_round_trips(conn);
    suite_backend->rollback(conn, until_ns);
    assert_true(suite_backend->set_tags(conn, &no_tags, &err));
    assert_int_equal(suite_backend->take_round_trips(conn), 0);
    WAIT_UNTIL(is_shown_clear(f, suite_backend->sid(conn)));
    suite_backend->close(conn);
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
    struct db_fixture *f = *state;
    const struct db_options options = {
        .service = "test", .module = "psql", .location = f->options.location};
    struct db_conn *conn = NULL;
    struct look look;
    struct err err = {.code = ERR_NONE};
    char sql_id[SQLID_SIZE];
    char text[LONG_TEXT];

    assert_true(suite_backend->open(&options, DB_CONN_POOL, &conn, &err));
    assert_true(suite_backend->run_script(conn, "SELECT 'stranger'", CLOCK_NEVER, &err));
    must_look(f, &look);
    sqlid_of("SELECT 'stranger'", strlen("SELECT 'stranger'"), sql_id);
    assert_string_equal(stranger_of(&look)->sql_id, sql_id);
    assert_string_equal(stranger_of(&look)->statement, "");
    assert_string_equal(stranger_of(&look)->module, "psql");
    assert_string_equal(stranger_of(&look)->action, "");
    assert_string_equal(stranger_of(&look)->state, "idle");
    /* Of a text that the server cut nobody can tell the SQL_ID. */
    snprintf(text, sizeof(text), "SELECT 1 AS \"%0*d\"", LONG_TEXT - 100, 0);
    assert_true(suite_backend->run_script(conn, text, CLOCK_NEVER, &err));
    must_look(f, &look);
    assert_string_equal(stranger_of(&look)->sql_id, "");
    suite_backend->close(conn);
}

/* --- what a session ran last --- */

static bool put_mark(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t *ret_sid = arg;

    (void)ctx;
    *ret_sid = db_sid(session);
    return sql_mark_put(session, 1, 1, err);
}

/* The server's last text of it is COMMIT; its owner knows better. */
static void sessions__unit_is_over__show_its_last_statement(void **state)
{
    struct db_fixture *f = *state;
    const struct db_session_view *row;
    struct look look;
    int64_t sid = 0;
    struct err err = {.code = ERR_NONE};

    assert_true(db_write(&f->ctx, f->pool, put_mark, &sid, &err));
    must_look(f, &look);
    row = row_of(&look, sid);
    assert_string_equal(row->state, "idle");
    assert_string_equal(row->statement, "mark_put");
    assert_string_equal(row->sql_id,
                        sql_conformance__mark_put.variants[suite_backend->dialect].sql_id);
    assert_string_equal(row->waits_for, "");
    assert_int_equal(row->blocker_count, 0);
    assert_string_equal(row->action, "");
}

/* Of another replica's session nobody here knows more than how its transaction ended: no name
 * rather than a wrong one. */
static void sessions__of_another_process_at_rest__show_no_control_statement(void **state)
{
    static const char *const controls[] = {
        "COMMIT", "ROLLBACK", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "DISCARD PLANS"};
    struct db_fixture *f = *state;
    const struct db_options options = {
        .service = "test", .module = "octo-replica", .location = f->options.location};
    struct db_conn *conn = NULL;
    struct look look;
    struct err err = {.code = ERR_NONE};

    assert_true(suite_backend->open(&options, DB_CONN_POOL, &conn, &err));
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        assert_true(suite_backend->run_script(conn, controls[i], CLOCK_NEVER, &err));
        must_look(f, &look);
        assert_string_equal(stranger_of(&look)->statement, "");
        assert_string_equal(stranger_of(&look)->sql_id, "");
    }
    suite_backend->close(conn);
}

/* --- who waits for whom --- */

/* A unit that raises the counter, and stays where it is if it is to. */
struct raiser {
    struct db_fixture *f;
    struct arena arena;
    struct ctx ctx;
    struct thread thread;
    struct wakeup raised;
    struct wakeup go;
    bool stays;
    int64_t sid;
    bool ok;
};

static bool raise_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct raiser *raiser = arg;
    struct sql_counter_get_row row;

    (void)ctx;
    raiser->sid = db_sid(session);
    if (!sql_counter_raise(session, 1, err) || sql_counter_get(session, 1, &row, err) != DB_ROW) {
        return false;
    }
    wakeup_post(&raiser->raised);
    return !raiser->stays || wakeup_wait_until(&raiser->go, CLOCK_NEVER);
}

static void raiser_run(void *arg)
{
    struct raiser *raiser = arg;
    struct err err;

    raiser->ok = db_write(&raiser->ctx, raiser->f->pool, raise_counter, raiser, &err);
}

static void raiser_start(struct raiser *raiser, struct db_fixture *f, bool stays)
{
    *raiser = (struct raiser){.f = f, .stays = stays};
    arena_init(&raiser->arena);
    db_fixture_ctx(&raiser->ctx, &raiser->arena, "GET /raise");
    wakeup_init(&raiser->raised);
    wakeup_init(&raiser->go);
    thread_start(&raiser->thread, "raiser", raiser_run, raiser);
}

static void raiser_end(struct raiser *raiser)
{
    wakeup_post(&raiser->go);
    thread_join(&raiser->thread);
    assert_true(raiser->ok);
    arena_fini(&raiser->arena);
}

static bool put_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_counter_put(session, 1, 0, err);
}

static void sessions__one_holds_what_another_wants__is_named(void **state)
{
    const uint64_t deadline_ns = clock_after_ms(60000);
    struct db_fixture *f = *state;
    const struct db_session_view *waiting = NULL;
    struct raiser holder;
    struct raiser waiter;
    struct look look;
    struct err err = {.code = ERR_NONE};

    assert_true(db_write(&f->ctx, f->pool, put_counter, NULL, &err));
    raiser_start(&holder, f, true);
    assert_true(wakeup_wait_until(&holder.raised, deadline_ns));
    raiser_start(&waiter, f, false);
    while (waiting == NULL) {
        assert_false(clock_has_passed(deadline_ns));
        must_look(f, &look);
        for (size_t i = 0; i < look.count; i++) {
            waiting = strcmp(look.views[i].state, "waiting") == 0 ? &look.views[i] : waiting;
        }
    }
    assert_string_equal(waiting->statement, "counter_raise");
    assert_string_equal(waiting->waits_for, "Lock:transactionid");
    assert_int_equal(waiting->blocker_count, 1);
    assert_int_equal(waiting->blocked_by[0], holder.sid);
    assert_string_equal(row_of(&look, holder.sid)->state, "in transaction");
    assert_string_equal(row_of(&look, holder.sid)->statement, "counter_get");
    assert_string_equal(row_of(&look, holder.sid)->waits_for, "");
    raiser_end(&holder);
    raiser_end(&waiter);
    assert_int_equal(waiter.sid, waiting->sid);
}

static void sessions__own_statement__carries_its_sql_id(void **state)
{
    const struct db_variant *variant = &suite_backend->sessions->variants[suite_backend->dialect];
    char sql_id[SQLID_SIZE];

    (void)state;
    sqlid_of(variant->text, strlen(variant->text), sql_id);
    assert_string_equal(variant->sql_id, sql_id);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(sessions__pool_is_exhausted__all_are_seen),
    SUITE_TEST(tags__cleared_at_checkin__nobody_waits_and_others_see_it),
    SUITE_TEST(sessions__between_two_statements__is_in_transaction),
    SUITE_TEST(sessions__of_another_process__show_what_the_server_knows),
    SUITE_TEST(sessions__unit_is_over__show_its_last_statement),
    SUITE_TEST(sessions__of_another_process_at_rest__show_no_control_statement),
    SUITE_TEST(sessions__one_holds_what_another_wants__is_named),
    cmocka_unit_test(sessions__own_statement__carries_its_sql_id),
};

SUITE_ROOM(server_observe_room, tests);
