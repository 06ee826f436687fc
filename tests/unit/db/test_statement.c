/* Statements and their spans: db/statement.c, db/execution.c, db/work.c. */
#include "core/clock.h"
#include "core/thread.h"
#include "db/commit_queue.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"
#include "tests/support/traced.h"

#include "db/db_priv.h"

struct state {
    struct db_fixture *db;
    struct traced traced;
    bool ok; /* what ran on another thread */
};

/* On a real SQLite file. */
static int set_up(void **state)
{
    static struct state s;

    s.db = db_fixture_new(NULL);
    traced_begin(&s.traced, s.db);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    struct state *s = *state;

    traced_end(&s->traced);
    db_fixture_free(s->db);
    return 0;
}

/* A statement's span says what ran, for whom, and under which SQL_ID. */
static void span__statement_runs__carries_text_sql_id_and_tags(void **state)
{
    static const char *const PARTS[] = {
        "DbOracleSqlId",
        "DbStatement",
        "SELECT count(*) AS total FROM things",
        "db.query.text",
        "db.system.name",
        "sqlite",
        "db.module",
        "db.operation.name",
        "db.collection.name",
        "octo-test",
        "db.action",
        "\"db.action\":\"test\"",
        "\"db.response.returned_rows\":1",
        "\"db.query.summary\":\"thing_count\"",
        "\"db.namespace\":\"test\"",
        "db.client_identifier",
        "db.round_trips",
    };
    struct state *s = *state;
    struct db_session *session = NULL;
    struct sql_thing_count_row row;
    struct err err = {.code = ERR_NONE};
    const char *line;

    db_fixture_ctx(&s->db->ctx, &s->db->arena, "test");
    s->db->ctx.tracer = s->traced.tracer;
    assert_true(db_checkout(&s->db->ctx, s->db->pool, &session, &err));
    assert_int_equal(sql_thing_count(session, &row, &err), DB_ROW);
    db_checkin(session);
    traced_read(&s->traced);
    must_hold(traced_line(&s->traced, "db.checkout", 0), "main");
    line = traced_line(&s->traced, "thing_count", 0);
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
        must_hold(line, PARTS[i]);
    }
    must_hold(line, sql_conformance__thing_count.variants[DB_SQLITE].sql_id);
    must_hold(line, s->db->ctx.trace.trace_id);
    must_not_hold(line, "db.executions");
    assert_null(s->db->ctx.span);
}

/* Past the room for statements of no catalogue a span has constants of its own. */
static void span__more_statements_than_are_metered__says_the_same(void **state)
{
    enum { STATEMENTS = 512 };
    struct state *s = *state;
    struct db_statement *many = arena_array(&s->db->arena, STATEMENTS, sizeof(*many));
    struct db_session *session = NULL;
    struct sql_thing_count_row row;
    struct err err = {.code = ERR_NONE};
    const char *line;

    assert_true(db_checkout(&s->db->ctx, s->db->pool, &session, &err));
    for (size_t i = 0; i < STATEMENTS; i++) {
        many[i] = sql_conformance__thing_count;
        many[i].name = arena_printf(&s->db->arena, "count_%zu", i);
        s->db->ctx.tracer = i == STATEMENTS - 1 ? s->traced.tracer : NULL;
        assert_int_equal(db_row(session, &many[i], NULL, &row, &err), DB_ROW);
    }
    assert_null(statement_meter_find(&s->db->db->meter, &many[STATEMENTS - 1]));
    db_checkin(session);
    traced_read(&s->traced);
    line = traced_line(&s->traced, "count_511", 0);
    must_hold(line, "\"db.system.name\":\"sqlite\"");
    must_hold(line, "\"db.query.summary\":\"count_511\"");
    must_hold(line, "\"db.collection.name\":\"things\"");
    must_hold(line, sql_conformance__thing_count.variants[DB_SQLITE].sql_id);
}

static bool put_twice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 1, 1, err) && sql_mark_put(session, 1, 1, err);
}

/* A failing statement's span has the error, and so has its unit's. */
static void span__statement_fails__has_error_status(void **state)
{
    struct state *s = *state;
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&s->db->ctx, s->db->pool, put_twice, NULL, &err));
    assert_int_equal(err.code, ERR_UNIQUE);
    traced_read(&s->traced);
    must_hold(traced_line(&s->traced, "db.write", 0), "error.type");
    must_hold(traced_line(&s->traced, "mark_put", 0), "\"status\":\"unset\"");
    must_hold(traced_line(&s->traced, "mark_put", 1), "\"status\":\"error\"");
    must_hold(traced_line(&s->traced, "mark_put", 1), "\"error.type\":\"unique\"");
    must_hold(traced_line(&s->traced, "mark_put", 1), "\"db.response.status_code\":\"1555\"");
    must_not_hold(traced_line(&s->traced, "mark_put", 1), "db.executions");
}

/* What was never handed to the database says so. */
static void span__statement_is_refused__was_not_executed(void **state)
{
    struct state *s = *state;
    struct db_session *session = NULL;
    struct sql_thing_count_row row;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&s->db->ctx, s->db->pool, &session, &err));
    assert_false(sql_mark_put(session, 1, 1, &err)); /* outside db_write */
    s->db->ctx.deadline_ns = clock_mono_ns();
    assert_int_equal(sql_thing_count(session, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_DEADLINE);
    db_checkin(session);
    traced_read(&s->traced);
    must_hold(traced_line(&s->traced, "mark_put", 0), "\"db.executions\":0");
    must_hold(traced_line(&s->traced, "mark_put", 0), "\"error.type\":\"internal\"");
    must_hold(traced_line(&s->traced, "thing_count", 0), "\"db.executions\":0");
    must_hold(traced_line(&s->traced, "thing_count", 0), "\"error.type\":\"deadline\"");
    must_not_hold(traced_line(&s->traced, "thing_count", 0), "db.response.status_code");
}

static bool put_once(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 1, 1, err);
}

/* A unit's span tells how long it stood in line and waited for the disk. */
static void span__unit_is_written__tells_its_waits(void **state)
{
    struct state *s = *state;
    struct err err = {.code = ERR_NONE};
    const char *line;

    assert_true(db_write(&s->db->ctx, s->db->pool, put_once, NULL, &err));
    traced_read(&s->traced);
    line = traced_line(&s->traced, "db.write", 0);
    must_hold(line, "db.queue_us");
    must_hold(line, "db.lock_us");
    must_hold(line, "db.commit_wait_us");
    must_hold(line, "db.commit_units");
}

/* A unit on another thread that stays where it is until it is let go. */
struct holder {
    struct thread thread;
    struct db_fixture *db;
    struct wakeup entered;
    struct wakeup go;
    bool ok;
};

static bool stay(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct holder *holder = arg;

    (void)ctx;
    (void)session;
    (void)err;
    wakeup_post(&holder->entered);
    return wakeup_wait_until(&holder->go, CLOCK_NEVER);
}

static void run_holder(void *arg)
{
    struct holder *holder = arg;
    struct arena arena;
    struct ctx ctx;
    struct err err;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "BG holder");
    ctx.deadline_ns = CLOCK_NEVER;
    holder->ok = db_write(&ctx, holder->db->pool, stay, holder, &err);
    arena_fini(&arena);
}

static void run_behind(void *arg)
{
    struct state *s = arg;
    struct err err;

    s->ok = db_write(&s->db->ctx, s->db->pool, put_once, NULL, &err);
}

/* It stood in line for so long, and led nobody: by a clock that moves when the case says so. */
static void span__unit_stood_in_line__tells_how_long(void **state)
{
    const uint64_t now_ns = clock_mono_ns();
    struct state *s = *state;
    struct holder holder = {.db = s->db};
    struct thread behind;

    clock_freeze(now_ns, clock_utc_us());
    wakeup_init(&holder.entered);
    wakeup_init(&holder.go);
    thread_start(&holder.thread, "holder", run_holder, &holder);
    (void)wakeup_wait_until(&holder.entered, CLOCK_NEVER);
    s->db->ctx.deadline_ns = CLOCK_NEVER;
    thread_start(&behind, "behind", run_behind, s);
    WAIT_UNTIL(commit_queue_stats(s->db->db->commit_queue).queued == 1);
    clock_freeze(now_ns + 3000 * CLOCK_NS_PER_MS, clock_utc_us());
    wakeup_post(&holder.go);
    thread_join(&holder.thread);
    thread_join(&behind);
    clock_thaw();
    assert_true(holder.ok && s->ok);
    traced_read(&s->traced);
    must_hold(traced_line(&s->traced, "db.write", 0), "\"db.queue_us\":3000000,");
    must_not_hold(traced_line(&s->traced, "db.write", 0), "db.lock_us");
}

/* A cursor's span ends when the cursor does, with the rows that were read. */
static void span__cursor_is_left_open__ends_at_checkin(void **state)
{
    struct state *s = *state;
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&s->db->ctx, s->db->pool, &session, &err));
    assert_true(sql_thing_list_open(session, &cursor, &err));
    db_checkin(session);
    traced_read(&s->traced);
    must_hold(traced_line(&s->traced, "thing_list", 0), "\"db.response.returned_rows\":0");
}

/* A cursor that cannot be opened is no cursor, and the session goes on without it. */
static void cursor__query_fails__is_not_opened(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(&db_backend_sqlite));
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    fake_fail(FAKE_QUERY, 0, 1, ERR_DATABASE);
    assert_false(sql_thing_list_open(session, &cursor, &err));
    assert_int_equal(err.code, ERR_DATABASE);
    assert_non_null(strstr(err.text, "thing_list: "));
    assert_null(cursor);
    assert_true(sql_thing_list_open(session, &cursor, &err));
    assert_int_equal(sql_thing_list_next(cursor, &row, &err), DB_NO_ROW);
    db_cursor_close(cursor);
    db_checkin(session);
    db_fixture_free(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(span__statement_runs__carries_text_sql_id_and_tags),
        TEST(span__statement_fails__has_error_status),
        TEST(span__statement_is_refused__was_not_executed),
        TEST(span__unit_is_written__tells_its_waits),
        TEST(span__unit_stood_in_line__tells_how_long),
        TEST(span__more_statements_than_are_metered__says_the_same),
        TEST(span__cursor_is_left_open__ends_at_checkin),
        cmocka_unit_test(cursor__query_fails__is_not_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
