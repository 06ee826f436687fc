/*
 * The Oracle engine on the listener of tests/support/tnsd, by TLS with a certificate on both sides,
 * with statements of its own (oracle_statements.h): what goes in comes out, what a unit costs in
 * round trips, what fails and what it leaves, and who is let in.
 */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "core/thread.h"
#include "db/engines.h"
#include "db/value.h"
#include "tests/conformance/oracle_statements.h"
#include "tests/support/oracle_server.h"
#include "tests/support/test.h"

enum { MANY = 100, LONG_TEXT = 20000 };

struct fixture {
    struct db_options options;
    struct db *db;
    struct db_pool *pool;
    struct arena arena;
    struct ctx ctx;
};

static const struct db_backend *const oracle = &db_backend_oracle;

/* --- the table and its database --- */

static void must_run(struct db_conn *conn, const struct db_statement *statement)
{
    struct err err = {.code = ERR_NONE};

    if (!oracle->execute(conn, statement, NULL, 1, clock_after_ms(60000), NULL, &err)) {
        fail_msg("%s", err.text);
    }
}

static struct db_conn *must_open(const struct fixture *f)
{
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    if (!oracle->open(&f->options, DB_CONN_POOL, &conn, &err)) {
        fail_msg("%s", err.text);
    }
    return conn;
}

static void with_table(const struct fixture *f, const struct db_statement *statement)
{
    struct db_conn *conn = must_open(f);

    must_run(conn, statement);
    oracle->close(conn);
}

static int set_up(void **state)
{
    const struct db_pool_options pool = {.name = "main", .size = 2, .checkout_timeout_ms = 60000};
    struct fixture *f = mem_alloc(sizeof(*f));
    struct err err = {.code = ERR_NONE};

    f->options = (struct db_options){.service = "test", .module = "octo-test"};
    oracle_server_options(&f->options);
    arena_init(&f->arena);
    ctx_init_background(&f->ctx, &f->arena, NULL, "octo-test", "POST /api/wares", 60000);
    with_table(f, &wares_make);
    if (!db_open(&f->options, &f->db, &err) || !db_pool_new(f->db, &pool, &f->pool, &err)) {
        fail_msg("%s", err.text);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(f->db);
    with_table(f, &wares_drop);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static struct db_session *must_checkout(struct fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&f->ctx, f->pool, &session, &err)) {
        fail_msg("%s", err.text);
    }
    return session;
}

static void must_write(struct fixture *f, db_work *work, void *arg)
{
    struct err err = {.code = ERR_NONE};

    if (!db_write(&f->ctx, f->pool, work, arg, &err)) {
        fail_msg("%s", err.text);
    }
}

static int64_t count_wares(struct fixture *f)
{
    struct db_session *session = must_checkout(f);
    struct count_row row = {.total = -1};
    struct err err = {.code = ERR_NONE};

    if (db_row(session, &wares_count, NULL, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row.total;
}

/* --- values --- */

struct ware {
    struct db_value values[LENGTH_OF(wares_params)];
};

static struct ware plain_ware(int64_t id)
{
    return (struct ware){{db_value_int(id), db_value_text("a ware"), db_value_null(DB_MONEY),
                          db_value_null(DB_TIME), db_value_null(DB_BOOL), db_value_null(DB_REAL),
                          db_value_null(DB_TEXT)}};
}

static bool put_ware(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ware *ware = arg;

    (void)ctx;
    return db_exec(session, &wares_put, ware->values, NULL, err);
}

static struct wares_row get_ware(struct fixture *f, int64_t id)
{
    const struct db_value value = db_value_int(id);
    struct db_session *session = must_checkout(f);
    struct wares_row row;
    struct err err = {.code = ERR_NONE};

    if (db_row(session, &wares_get, &value, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row;
}

static void values__of_each_type__come_back_as_they_went(void **state)
{
    static const char *const times[] = {"0001-01-01T00:00:00.000001Z",
                                        "1969-12-31T23:59:59.999999Z",
                                        "9999-12-31T23:59:59.999999Z"};
    static const int64_t prices[] = {MONEY_CENTS_MAX, -1, 0};
    static const double ratios[] = {0.1, -DBL_MAX, 1e-300};
    struct fixture *f = *state;

    for (int64_t i = 0; i < 3; i++) {
        struct ware ware = plain_ware(INT64_MAX - i);
        struct wares_row row;
        int64_t at_us;

        assert_true(utc_parse(times[i], &at_us));
        ware.values[2] = db_value_money(prices[i]);
        ware.values[3] = db_value_time(at_us);
        ware.values[4] = db_value_bool(i == 1);
        ware.values[5] = db_value_real(ratios[i]);
        ware.values[6] = db_value_text("\xF0\x9F\x9A\x81 'quoted' :name\n");
        must_write(f, put_ware, &ware);
        row = get_ware(f, INT64_MAX - i);
        assert_true(row.id == INT64_MAX - i);
        assert_string_equal(row.name, "a ware");
        assert_true(row.price_cents == prices[i] && !row.price_cents_is_null);
        assert_true(row.at_us == at_us && !row.at_us_is_null);
        assert_true(row.flag == (i == 1) && !row.flag_is_null);
        assert_memory_equal(&row.ratio, &ratios[i], sizeof(row.ratio));
        assert_string_equal(row.body, "\xF0\x9F\x9A\x81 'quoted' :name\n");
    }
}

/* A text of no characters is NULL there; where the column is never null it is that text again. */
static void values__null_and_empty__come_back_as_such(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    struct wares_row row;

    ware.values[1] = db_value_text("");
    must_write(f, put_ware, &ware);
    row = get_ware(f, 1);
    assert_string_equal(row.name, "");
    assert_null(row.body);
    assert_true(row.price_cents_is_null && row.at_us_is_null && row.flag_is_null &&
                row.ratio_is_null);
}

static void values__long_text__is_whole(void **state)
{
    struct fixture *f = *state;
    char *text = arena_alloc(&f->arena, LONG_TEXT + 1);
    struct ware ware = plain_ware(1);

    for (size_t i = 0; i < LONG_TEXT; i += 4) {
        memcpy(text + i, "\xF0\x9F\x9A\x81", 4);
    }
    ware.values[6] = db_value_text(text);
    must_write(f, put_ware, &ware);
    assert_string_equal(get_ware(f, 1).body, text);
}

/* --- many at once --- */

static bool put_many(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_value *values =
        arena_array(ctx->arena, MANY * LENGTH_OF(wares_params), sizeof(*values));
    int64_t *changes = arg;

    for (size_t i = 0; i < MANY; i++) {
        const struct ware ware = plain_ware((int64_t)i + 1);

        memcpy(values + i * LENGTH_OF(wares_params), ware.values, sizeof(ware.values));
    }
    return db_exec_batch(session, &wares_put, values, MANY, changes, err);
}

/* The array, and COMMIT. */
static void batch__of_a_hundred__is_one_round_trip(void **state)
{
    struct fixture *f = *state;
    int64_t changes = 0;

    f->ctx.sql_round_trips = 0;
    must_write(f, put_many, &changes);
    assert_int_equal(changes, MANY);
    assert_int_equal(f->ctx.sql_round_trips, 2);
    assert_int_equal(count_wares(f), MANY);
}

static bool take_from_many(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_value values[2 * MANY];
    struct db_cursor *cursor = NULL;
    struct stock_row row;
    enum db_step step = DB_FAILED;
    int *rows = arg;

    (void)ctx;
    for (int64_t i = 0; i < MANY; i++) {
        values[2 * i] = db_value_int(i + 1);
        values[2 * i + 1] = db_value_int(i % 2 == 0 ? 3 : 11); /* more than there are */
    }
    if (!db_cursor_open_batch(session, &wares_take, values, MANY, &cursor, err)) {
        return false;
    }
    while ((step = db_cursor_next(cursor, &row, err)) == DB_ROW) {
        assert_int_equal(row.stock, 7);
        (*rows)++;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static void returning__of_many_sets__gives_the_rows_of_those_that_fit(void **state)
{
    struct fixture *f = *state;
    int64_t changes;
    int rows = 0;

    must_write(f, put_many, &changes);
    f->ctx.sql_round_trips = 0;
    must_write(f, take_from_many, &rows);
    assert_int_equal(rows, MANY / 2);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

static bool take_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *quantity = arg;
    const struct db_value values[] = {db_value_int(1), db_value_int(*quantity)};
    struct stock_row row = {.stock = -1};
    const enum db_step step = db_row(session, &wares_take, values, &row, err);

    (void)ctx;
    assert_true(step == (*quantity <= 10 ? DB_ROW : DB_NO_ROW));
    assert_int_equal(row.stock, *quantity <= 10 ? 10 - *quantity : -1);
    return step != DB_FAILED;
}

static void returning__of_one_set__gives_a_row_or_none(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    int64_t quantities[] = {11, 4};

    must_write(f, put_ware, &ware);
    must_write(f, take_one, &quantities[0]);
    must_write(f, take_one, &quantities[1]);
}

/* --- what fails --- */

static bool put_twice_and_go_on(struct ctx *ctx, struct db_session *session, void *arg,
                                struct err *err)
{
    struct ware first = plain_ware(1);
    struct ware second = plain_ware(2);
    struct err ignored = {.code = ERR_NONE};

    (void)arg;
    assert_true(put_ware(ctx, session, &first, err));
    assert_false(put_ware(ctx, session, &first, &ignored));
    assert_int_equal(ignored.code, ERR_UNIQUE);
    assert_non_null(strstr(ignored.text, "wares_put: ORA-00001"));
    assert_null(strchr(ignored.text, '\n'));
    return put_ware(ctx, session, &second, err);
}

static void failure__of_a_statement__undoes_it_alone(void **state)
{
    struct fixture *f = *state;

    must_write(f, put_twice_and_go_on, NULL);
    assert_int_equal(count_wares(f), 2);
}

static bool collide(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct db_value values[] = {db_value_int(1), db_value_int(1), db_value_int(2)};
    int64_t changes;

    (void)ctx;
    (void)arg;
    return db_exec_batch(session, &wares_collide, values, LENGTH_OF(values), &changes, err);
}

/* The array, and three tries of the one that was a duplicate in it. */
static void failure__of_a_duplicate_in_a_merge__is_tried_again_and_then_told(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    f->ctx.sql_round_trips = 0;
    assert_false(db_write(&f->ctx, f->pool, collide, NULL, &err));
    assert_int_equal(err.code, ERR_UNIQUE);
    assert_int_equal(f->ctx.sql_round_trips, 4);
    assert_int_equal(count_wares(f), 0);
}

static bool put_and_fail(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return put_ware(ctx, session, arg, err) && err_set(err, ERR_INVALID, "no");
}

static void failure__of_a_unit__leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&f->ctx, f->pool, put_and_fail, &ware, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(count_wares(f), 0);
}

/* Savepoints: the first has nothing before it, so it needs none at the server. */
static bool save_in_three_ways(struct ctx *ctx, struct db_session *session, void *arg,
                               struct err *err)
{
    struct ware first = plain_ware(1);
    struct ware second = plain_ware(2);
    struct ware third = plain_ware(3);
    struct err inner = {.code = ERR_NONE};

    (void)arg;
    assert_false(db_savepoint(ctx, session, put_and_fail, &first, &inner));
    assert_true(db_savepoint(ctx, session, put_ware, &second, err));
    err_clear(&inner);
    assert_false(db_savepoint(ctx, session, put_and_fail, &third, &inner));
    return put_ware(ctx, session, &first, err);
}

static void savepoint__fails__is_undone_alone(void **state)
{
    struct fixture *f = *state;

    must_write(f, save_in_three_ways, NULL);
    assert_int_equal(count_wares(f), 2);
    assert_int_equal(get_ware(f, 2).id, 2);
}

static bool save_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return db_savepoint(ctx, session, put_ware, arg, err);
}

/* The statement and COMMIT: nothing was done before that the savepoint would have to keep. */
static void savepoint__with_nothing_before_it__costs_nothing(void **state)
{
    struct fixture *f = *state;
    struct ware ware = plain_ware(1);

    f->ctx.sql_round_trips = 0;
    must_write(f, save_one, &ware);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

static bool count_inside(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct count_row *row = arg;

    (void)ctx;
    return db_row(session, &wares_count, NULL, row, err) == DB_ROW;
}

/* What has changed nothing has nothing to commit, and nobody waits for that. */
static void write__that_only_reads__is_one_round_trip(void **state)
{
    struct fixture *f = *state;
    struct count_row row;

    f->ctx.sql_round_trips = 0;
    must_write(f, count_inside, &row);
    assert_int_equal(f->ctx.sql_round_trips, 1);
}

/* SET TRANSACTION READ ONLY waits for its own answer. */
static void read__of_one_state__is_two_round_trips(void **state)
{
    struct fixture *f = *state;
    struct count_row row = {.total = -1};
    struct err err = {.code = ERR_NONE};

    f->ctx.sql_round_trips = 0;
    assert_true(db_read(&f->ctx, f->pool, count_inside, &row, &err));
    assert_int_equal(row.total, 0);
    assert_int_equal(f->ctx.sql_round_trips, 2);
}

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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(values__of_each_type__come_back_as_they_went),
        CASE(values__null_and_empty__come_back_as_such),
        CASE(values__long_text__is_whole),
        CASE(batch__of_a_hundred__is_one_round_trip),
        CASE(returning__of_many_sets__gives_the_rows_of_those_that_fit),
        CASE(returning__of_one_set__gives_a_row_or_none),
        CASE(failure__of_a_statement__undoes_it_alone),
        CASE(failure__of_a_duplicate_in_a_merge__is_tried_again_and_then_told),
        CASE(failure__of_a_unit__leaves_nothing),
        CASE(savepoint__fails__is_undone_alone),
        CASE(savepoint__with_nothing_before_it__costs_nothing),
        CASE(write__that_only_reads__is_one_round_trip),
        CASE(read__of_one_state__is_two_round_trips),
        CASE(tags__of_a_unit__cost_no_round_trip),
        CASE(sessions__of_a_unit__bear_its_tags_until_checkin),
        CASE(sessions__one_holds_what_another_wants__is_named),
        CASE(deadline__while_a_statement_runs__stops_it),
        CASE(cancel__while_a_statement_runs__stops_it_and_the_session_goes_on),
        CASE(killed__before_commit__is_never_a_success),
        CASE(killed__idle_in_the_pool__is_replaced_at_checkout),
        CASE(open__what_is_wrong__is_said_before_or_by_the_server),
        CASE(open__was_refused__is_not_tried_again_for_a_while),
        CASE(diagnose__of_a_database_that_works__says_who_is_let_in),
    };

    oracle_server_or_skip(argc == 2 ? argv[1] : "19c");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
