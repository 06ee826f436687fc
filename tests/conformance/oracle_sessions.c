/*
 * What is Oracle's own of sessions: whose name they bear and who sees it, how their calls end
 * before their time, and who is let in.
 */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/thread.h"
#include "db/value.h"
#include "tests/conformance/oracle_fixture.h"

/* --- tags --- */

static struct tags_row shown(struct fixture *f, struct db_conn *conn)
{
    struct db_result *result = NULL;
    struct tags_row row = {.module = "untouched"};
    struct err err = {.code = ERR_NONE};

    if (!oracle->query(conn, &wares_tags, NULL, 1, clock_after_ms(60000), &result, &err) ||
        oracle->next(result, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    row.module = arena_strdup(&f->arena, row.module);
    row.action = arena_strdup(&f->arena, row.action);
    row.client_identifier = arena_strdup(&f->arena, row.client_identifier);
    oracle->finish(result);
    return row;
}

/* They are there with the first statement and gone with the end, and no answer more is waited for.
 */
static void tags__of_a_unit__cost_no_round_trip(void **state)
{
    static const struct db_tags none;
    struct fixture *f = *state;
    struct db_conn *conn = must_open(f);
    struct tags_row row;
    struct db_tags tags;
    struct err err = {.code = ERR_NONE};

    db_tags_from(&f->ctx, oracle->tag_limits, &tags);
    (void)shown(f, conn);
    (void)oracle->take_round_trips(conn);
    (void)shown(f, conn);
    assert_int_equal(oracle->take_round_trips(conn), 1);
    assert_true(oracle->set_tags(conn, &tags, &err));
    row = shown(f, conn);
    assert_string_equal(row.module, "octo-test");
    assert_string_equal(row.action, "POST /api/wares");
    assert_string_equal(row.client_identifier, f->ctx.trace.trace_id);
    assert_int_equal(oracle->take_round_trips(conn), 1);
    assert_true(oracle->set_tags(conn, &none, &err));
    assert_int_equal(oracle->take_round_trips(conn), 0);
    row = shown(f, conn);
    assert_null(row.module);
    assert_null(row.action);
    assert_null(row.client_identifier);
    assert_int_equal(oracle->take_round_trips(conn), 1);
    oracle->close(conn);
}

static void tags__action_is_to_be_the_traceparent__it_is(void **state)
{
    struct fixture *f = *state;
    struct db_options options = f->options;
    char wanted[TRACEPARENT_MAX];
    struct db_conn *conn = NULL;
    struct tags_row row;
    struct db_tags tags;
    struct err err = {.code = ERR_NONE};

    options.action_is_traceparent = true;
    if (!oracle->open(&options, DB_CONN_POOL, &conn, &err)) {
        fail_msg("%s", err.text);
    }
    db_tags_from(&f->ctx, oracle->tag_limits, &tags);
    assert_true(oracle->set_tags(conn, &tags, &err));
    row = shown(f, conn);
    w3c_format_traceparent(&f->ctx.trace, wanted);
    assert_string_equal(row.action, wanted);
    assert_string_equal(row.module, "octo-test");
    assert_string_equal(row.client_identifier, f->ctx.trace.trace_id);
    oracle->close(conn);
}

/* --- what the server tells of its sessions --- */

enum { VIEWS_MOST = 16 };

struct look {
    struct db_session_view views[VIEWS_MOST];
    size_t count;
};

static const struct db_session_view *must_see(struct fixture *f, struct look *look, int64_t sid)
{
    struct ctx ctx;
    struct err err = {.code = ERR_NONE};

    ctx_init_background(&ctx, &f->arena, NULL, "octo-test", "LOOK", 60000);
    if (!db_server_sessions(&ctx, f->db, look->views, VIEWS_MOST, &look->count, &err)) {
        fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < look->count; i++) {
        if (look->views[i].sid == sid) {
            return &look->views[i];
        }
    }
    fail_msg("session %lld is not there", (long long)sid);
    return NULL;
}

static bool look_inside(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct ware ware = plain_ware(1);
    const struct db_session_view *view;
    struct look look;

    if (!put_ware(ctx, session, &ware, err)) {
        return false;
    }
    view = must_see(arg, &look, db_sid(session));
    assert_string_equal(view->state, "in transaction");
    assert_string_equal(view->module, "octo-test");
    assert_string_equal(view->action, "POST /api/wares");
    assert_string_equal(view->client_identifier, ctx->trace.trace_id);
    assert_string_equal(view->sql_id, wares_put.variants[DB_ORACLE].sql_id);
    return true;
}

static bool is_clear(struct fixture *f, int64_t sid)
{
    struct look look;
    const struct db_session_view *view = must_see(f, &look, sid);

    return strcmp(view->state, "idle") == 0 && view->client_identifier[0] == '\0' &&
           view->module[0] == '\0';
}

/* The SQL_ID is what the listener has made of the text it was sent. */
static void sessions__of_a_unit__bear_its_tags_until_checkin(void **state)
{
    struct fixture *f = *state;
    struct db_session *session = must_checkout(f);
    const int64_t sid = db_sid(session);

    db_checkin(session);
    assert_true(sid > 0);
    must_write(f, look_inside, f);
    WAIT_UNTIL(is_clear(f, sid));
}

static bool put_and_wait(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct ware ware = plain_ware(1);

    (void)arg;
    return put_ware(ctx, session, &ware, err);
}

struct writer {
    struct thread thread;
    struct fixture *f;
    struct arena arena;
    bool ok;
    struct err err;
};

static void run_writer(void *arg)
{
    struct writer *writer = arg;
    struct ctx ctx;

    arena_init(&writer->arena);
    ctx_init_background(&ctx, &writer->arena, NULL, "octo-test", "POST /api/other", 60000);
    writer->ok = db_write(&ctx, writer->f->pool, put_and_wait, NULL, &writer->err);
    arena_fini(&writer->arena);
}

static bool is_waiting(struct fixture *f, int64_t holder)
{
    struct look look;

    (void)must_see(f, &look, holder);
    for (size_t i = 0; i < look.count; i++) {
        if (strcmp(look.views[i].state, "waiting") == 0) {
            assert_string_equal(look.views[i].waits_for,
                                "Application:enq: TX - row lock contention");
            assert_int_equal(look.views[i].blocker_count, 1);
            assert_int_equal(look.views[i].blocked_by[0], holder);
            return true;
        }
    }
    return false;
}

static bool hold_and_look(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct writer *writer = arg;

    if (!put_and_wait(ctx, session, NULL, err)) {
        return false;
    }
    thread_start(&writer->thread, "writer", run_writer, writer);
    WAIT_UNTIL(is_waiting(writer->f, db_sid(session)));
    return true;
}

static void sessions__one_holds_what_another_wants__is_named(void **state)
{
    struct fixture *f = *state;
    struct writer writer = {.f = f};

    must_write(f, hold_and_look, &writer);
    thread_join(&writer.thread);
    assert_false(writer.ok);
    assert_int_equal(writer.err.code, ERR_UNIQUE);
}

/* --- time, and endings --- */

static bool sleep_on(struct db_conn *conn, int64_t seconds, uint64_t deadline_ns, struct err *err)
{
    const struct db_value value = db_value_int(seconds);

    return oracle->execute(conn, &wares_sleep, &value, 1, deadline_ns, NULL, err);
}

static void deadline__while_a_statement_runs__stops_it(void **state)
{
    struct fixture *f = *state;
    struct db_conn *conn = must_open(f);
    struct err err = {.code = ERR_NONE};

    assert_true(oracle->is_alive(conn, clock_after_ms(60000), &err));
    if (!sleep_on(conn, 600, clock_after_ms(2000), &err)) {
        assert_int_equal(err.code, ERR_DEADLINE);
    } else {
        fail_msg("it slept");
    }
    oracle->close(conn);
}

struct canceller {
    struct thread thread;
    struct db_conn *conn;
    _Atomic bool is_over;
};

static void run_canceller(void *arg)
{
    struct canceller *canceller = arg;
    const uint64_t until_ns = clock_after_ms(60000);

    while (!atomic_load(&canceller->is_over) && !clock_has_passed(until_ns)) {
        oracle->cancel(canceller->conn);
        clock_sleep_until(clock_after_ms(20));
    }
}

static void cancel__while_a_statement_runs__stops_it_and_the_session_goes_on(void **state)
{
    struct fixture *f = *state;
    struct db_conn *conn = must_open(f);
    struct canceller canceller = {.conn = conn};
    struct err err = {.code = ERR_NONE};
    bool ok;

    thread_start(&canceller.thread, "canceller", run_canceller, &canceller);
    ok = sleep_on(conn, 600, clock_after_ms(120000), &err);
    atomic_store(&canceller.is_over, true);
    thread_join(&canceller.thread);
    assert_false(ok);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "cancelled"));
    assert_true(oracle->is_alive(conn, clock_after_ms(60000), &err));
    oracle->close(conn);
}

static bool be_cut_off(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const bool ok = put_ware(ctx, session, arg, err);

    oracle_server_restart();
    return ok;
}

/* COMMIT was sent, or could not be: either way nobody is told that it was made. */
static void killed__before_commit__is_never_a_success(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&f->ctx, f->pool, be_cut_off, &ware, &err));
    assert_true(err.code == ERR_OUTCOME_UNKNOWN || err.code == ERR_CONNECTION_LOST);
    assert_non_null(strstr(err.text, "COMMIT"));
    assert_int_equal(count_wares(f), 0);
}

static void killed__idle_in_the_pool__is_replaced_at_checkout(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(count_wares(f), 0);
    oracle_server_restart();
    assert_int_equal(count_wares(f), 0);
}

/* --- who is let in --- */

static void open__what_is_wrong__is_said_before_or_by_the_server(void **state)
{
    struct fixture *f = *state;
    const struct {
        struct db_options options;
        enum err_code code;
        const char *says;
    } cases[] = {
        {{.location = "oracle:", .user = "a", .password = "b"},
         ERR_CONFIG,
         "connect string is empty"},
        {{.location = "oracle:localhost/svc"}, ERR_CONFIG, "the user for Oracle is missing"},
        {{.location = "oracle:localhost/svc", .user = "a"}, ERR_CONFIG, "the password for Oracle"},
        {{.location = "oracle:192.0.2.1/svc", .user = "a", .password = "b"},
         ERR_CONFIG,
         "another machine"},
        {{.location = "oracle:localhost:1/svc", .user = "a", .password = "b"},
         ERR_CONNECT,
         "no listener"},
        {{.location = f->options.location,
          .user = "octo",
          .password = "wrong",
          .wallet_dir = oracle_server_wallet()},
         ERR_CONFIG,
         "ORA-01017"},
        {{.location = f->options.location,
          .user = "octo",
          .password = "secret",
          .wallet_dir = oracle_server_stranger()},
         ERR_CONNECT,
         "the connection ended"},
        {{.location = f->options.location,
          .user = "octo",
          .password = "secret",
          .wallet_dir = "/nonexistent/wallet"},
         ERR_CONFIG,
         "/nonexistent/wallet"},
    };

    for (size_t i = 0; i < LENGTH_OF(cases); i++) {
        struct db_options options = cases[i].options;
        struct db_conn *conn = NULL;
        struct err err = {.code = ERR_NONE};

        options.module = "octo-test";
        assert_false(oracle->open(&options, DB_CONN_POOL, &conn, &err));
        if (strstr(err.text, cases[i].says) == NULL || err.code != cases[i].code) {
            fail_msg("case %zu: %s: %s", i, err_symbol(err.code), err.text);
        }
        assert_null(strstr(err.text, "secret"));
    }
}

/* A server locks an account after a few wrong passwords. */
static void open__was_refused__is_not_tried_again_for_a_while(void **state)
{
    enum { AN_HOUR_MS = 3600000 };
    const struct fixture *f = *state;
    struct db_options options = f->options;
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    options.password = "another wrong one";
    assert_false(oracle->open(&options, DB_CONN_POOL, &conn, &err));
    assert_non_null(strstr(err.text, "ORA-01017"));
    assert_null(strstr(err.text, "not tried again"));
    assert_false(oracle->open(&options, DB_CONN_POOL, &conn, &err));
    assert_non_null(strstr(err.text, "not tried again"));
    assert_non_null(strstr(err.text, "ORA-01017"));
    assert_int_equal(err.code, ERR_CONFIG);
    clock_freeze(clock_after_ms(AN_HOUR_MS), clock_utc_us());
    assert_false(oracle->open(&options, DB_CONN_POOL, &conn, &err));
    clock_thaw();
    assert_null(strstr(err.text, "not tried again"));
    assert_true(oracle->open(&f->options, DB_CONN_POOL, &conn, &err)); /* by another password */
    oracle->close(conn);
}

static void diagnose__of_a_database_that_works__says_who_is_let_in(void **state)
{
    struct fixture *f = *state;
    const struct db_demand demand = {.server_sessions = 2};
    struct findings findings;

    findings_init(&findings, &f->arena);
    assert_true(db_diagnose(f->db, &demand, NULL, &findings));
    assert_string_equal(findings.first->check, "sign-in");
    assert_non_null(strstr(findings.first->seen, "OCTO is let in to svc at localhost"));
    assert_string_equal(findings.last->check, "round trip");
    assert_true(findings_worst(&findings) < FINDING_FAIL);
}

#define CASE(case_) cmocka_unit_test_setup_teardown(case_, set_up, tear_down)

const struct CMUnitTest oracle_session_tests[] = {
    ORACLE_TEST(tags__of_a_unit__cost_no_round_trip),
    ORACLE_TEST(tags__action_is_to_be_the_traceparent__it_is),
    ORACLE_TEST(sessions__of_a_unit__bear_its_tags_until_checkin),
    ORACLE_TEST(sessions__one_holds_what_another_wants__is_named),
    ORACLE_TEST(deadline__while_a_statement_runs__stops_it),
    ORACLE_TEST(cancel__while_a_statement_runs__stops_it_and_the_session_goes_on),
    ORACLE_TEST(killed__before_commit__is_never_a_success),
    ORACLE_TEST(killed__idle_in_the_pool__is_replaced_at_checkout),
    ORACLE_TEST(open__what_is_wrong__is_said_before_or_by_the_server),
    ORACLE_TEST(open__was_refused__is_not_tried_again_for_a_while),
    ORACLE_TEST(diagnose__of_a_database_that_works__says_who_is_let_in),
};
const size_t oracle_session_test_count = LENGTH_OF(oracle_session_tests);
