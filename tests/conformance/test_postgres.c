/*
 * What only a server can do to us: conflicts, time-outs, sessions that an administrator ends, a
 * full server, passwords and certificates it does not like. And what it costs: round trips, and
 * whose name it shows meanwhile.
 */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "db/backend.h"
#include "db/migrate.h"
#include "sql_conformance.h"
#include "sql_conformance_catalogue.h"
#include "tests/support/db_fixture.h"
#include "tests/support/postgres_server.h"
#include "tests/support/test.h"

enum { RAISERS = 4, RAISES = 10 };

static int set_up(void **state)
{
    *state = db_fixture_new(&db_backend_postgres);
    return 0;
}

static int tear_down(void **state)
{
    db_fixture_free(*state);
    return 0;
}

static struct db_session *must_checkout(struct db_fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&f->ctx, f->pool, &session, &err)) {
        fail_msg("%s", err.text);
    }
    return session;
}

static void must_write(struct db_fixture *f, db_work *work, void *arg)
{
    struct err err = {.code = ERR_NONE};

    if (!db_write(&f->ctx, f->pool, work, arg, &err)) {
        fail_msg("%s", err.text);
    }
}

static void must_have_failed(bool ok, const struct err *err, enum err_code code, const char *words)
{
    assert_false(ok);
    if (err->code != code || strstr(err->text, words) == NULL) {
        fail_msg("%s instead of %s with \"%s\": %s", err_symbol(err->code), err_symbol(code), words,
                 err->text);
    }
    assert_null(strchr(err->text, '\n'));
    assert_null(strstr(err->text, "secret"));
}

static void must_count(struct db_fixture *f)
{
    struct db_session *db = must_checkout(f);
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};

    if (sql_mark_count(db, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(db);
}

/* Within five seconds: what was sent without waiting for an answer. */
static void must_become(const char *ask, const char *wanted)
{
    uint64_t until = clock_after_ms(5000);

    while (strcmp(postgres_server_ask(ask), wanted) != 0 && !clock_has_passed(until)) {
        usleep(5000);
    }
    assert_string_equal(postgres_server_ask(ask), wanted);
}

/* --- round trips and tags --- */

static void round_trips__read_outside_a_unit__is_one(void **state)
{
    struct db_fixture *f = *state;

    must_count(f);
    for (int i = 0; i < 3; i++) {
        f->ctx.sql_round_trips = 0;
        must_count(f);
        assert_int_equal(f->ctx.sql_round_trips, 1);
    }
}

static bool write_much(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_mark_put_args rows[100];
    int64_t *unit = arg;
    int64_t changes;

    (void)ctx;
    for (int64_t i = 0; i < 100; i++) {
        rows[i] = sql_mark_put_args(*unit + 1, i);
    }
    return sql_mark_put(db, *unit, 1, err) && sql_mark_put(db, *unit, 2, err) &&
           sql_mark_put_batch(db, rows, 100, &changes, err) && changes == 100 &&
           sql_mark_put(db, *unit, 3, err);
}

/* BEGIN, the tags, two statements and a batch of a hundred; then one more and COMMIT. */
static void round_trips__write_of_103_rows__are_two(void **state)
{
    struct db_fixture *f = *state;
    int64_t unit = 10;

    f->ctx.sql_round_trips = 0;
    must_write(f, write_much, &unit);
    assert_int_equal(f->ctx.sql_round_trips, 2);
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "103");
}

static bool mark_and_count(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const int64_t *step = arg;
    int64_t changes;

    (void)ctx;
    return sql_mark_put_count(db, 1, *step, &changes, err);
}

static bool save_twice(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    int64_t steps[] = {1, 2};

    (void)arg;
    return db_savepoint(ctx, db, mark_and_count, &steps[0], err) &&
           db_savepoint(ctx, db, mark_and_count, &steps[1], err);
}

/* One for each statement that is asked about, and one for COMMIT. */
static void round_trips__savepoints__cost_none_of_their_own(void **state)
{
    struct db_fixture *f = *state;

    f->ctx.sql_round_trips = 0;
    must_write(f, save_twice, NULL);
    assert_int_equal(f->ctx.sql_round_trips, 3);
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "2");
}

static bool mark_twice_and_not_care(struct ctx *ctx, struct db_session *db, void *arg,
                                    struct err *err)
{
    struct err ignored = {.code = ERR_NONE};

    return mark_and_count(ctx, db, arg, err) && !mark_and_count(ctx, db, arg, &ignored);
}

static bool mark_twice_later(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(db, 2, 2, err) && sql_mark_put(db, 2, 2, err);
}

static bool save_what_fails(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    int64_t steps[] = {1, 2};
    struct err inner = {.code = ERR_NONE};

    (void)arg;
    assert_true(mark_and_count(ctx, db, &steps[0], err));
    assert_false(db_savepoint(ctx, db, mark_twice_and_not_care, &steps[1], &inner));
    err_clear(&inner);
    assert_false(db_savepoint(ctx, db, mark_twice_later, NULL, &inner));
    assert_int_equal(inner.code, ERR_UNIQUE);
    return mark_and_count(ctx, db, &steps[1], err);
}

/* A failure inside, looked at or not, known yet or not, is undone there and does not get out. */
static void savepoint__failure_inside__stays_inside(void **state)
{
    struct db_fixture *f = *state;

    must_write(f, save_what_fails, NULL);
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "2");
}

static bool write_two(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(db, 1, 1, err) && sql_mark_put(db, 1, 1, err);
}

/* Nobody asked about the two; COMMIT tells, and which it was. */
static void deferred__second_breaks_a_rule__commit_says_so(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, write_two, NULL, &err), &err, ERR_UNIQUE,
                     "mark_put");
    assert_string_equal(err.sqlstate, "23505");
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "0");
}

/* Outside a unit the end of the statement is its commit: what fails there belongs to none. */
static void outside_a_unit__rule_is_broken_at_the_end__is_told(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct sql_promise_break_row row;
    struct err err = {.code = ERR_NONE};
    enum db_step step = sql_promise_break(db, &row, &err);

    db_checkin(db);
    must_have_failed(step != DB_FAILED, &err, ERR_FOREIGN_KEY, "promise_break");
    must_count(f);
}

#define SESSIONS " FROM pg_stat_activity WHERE usename = 'octo' AND application_name "

static void tags__module_longer_than_the_room__leaves_the_trace_whole(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db;
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};
    char ask[256];

    f->ctx.module = "a-module-whose-name-is-much-too-long-for-it";
    db = must_checkout(f);
    assert_int_equal(sql_mark_count(db, &row, &err), DB_ROW);
    snprintf(ask, sizeof ask, "SELECT application_name" SESSIONS "LIKE '%% %s'",
             f->ctx.trace.trace_id);
    assert_memory_equal(postgres_server_ask(ask), "a-module-whose-name-is-much-to", 30);
    assert_int_equal(strlen(postgres_server_ask(ask)), 63);
    db_checkin(db);
    must_become(ask, "");
    assert_string_equal(postgres_server_ask("SELECT application_name" SESSIONS "= 'octo-test'"),
                        "octo-test");
}

/* A statement that fails takes the tags of its own round trip with it: the next brings them. */
static void tags__first_statement_fails__are_there_with_the_next(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct sql_slow_count_row row;
    struct sql_mark_count_row count;
    struct err err = {.code = ERR_NONE};
    char ask[256];

    f->ctx.deadline_ns = clock_after_ms(30);
    assert_int_equal(sql_slow_count(db, INT64_MAX, &row, &err), DB_FAILED);
    f->ctx.deadline_ns = clock_after_ms(5000);
    err_clear(&err);
    assert_int_equal(sql_mark_count(db, &count, &err), DB_ROW);
    snprintf(ask, sizeof ask, "SELECT count(*)" SESSIONS "LIKE '%% %s'", f->ctx.trace.trace_id);
    assert_string_equal(postgres_server_ask(ask), "1");
    db_checkin(db);
}

/* --- conflicts --- */

static bool start_counters(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_counter_put(db, 1, 0, err) && sql_counter_put(db, 2, 0, err);
}

struct raiser {
    struct thread thread;
    struct db_fixture *f;
    int64_t first, second;
    int attempts;
    bool ok;
    struct err err;
};

static bool raise_both(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct raiser *raiser = arg;
    int64_t changes;

    (void)ctx;
    raiser->attempts++;
    if (!sql_counter_raise_count(db, raiser->first, &changes, err)) {
        return false;
    }
    usleep(1000); /* long enough for the others to lock theirs */
    return sql_counter_raise_count(db, raiser->second, &changes, err);
}

static void run_raiser(void *arg)
{
    struct raiser *raiser = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    raiser->ok = true;
    for (int i = 0; i < RAISES && raiser->ok; i++) {
        db_fixture_ctx(&ctx, &arena, "BG raise");
        raiser->ok = db_write(&ctx, raiser->f->pool, raise_both, raiser, &raiser->err);
    }
    arena_fini(&arena);
}

/* Half of them lock the rows in the other order, so that the server has to end some. */
static void conflict__deadlocks__are_tried_again_until_all_is_done(void **state)
{
    struct db_fixture *f = *state;
    struct raiser raisers[RAISERS];
    int attempts = 0;

    must_write(f, start_counters, NULL);
    for (int i = 0; i < RAISERS; i++) {
        raisers[i] = (struct raiser){.f = f, .first = 1 + i % 2, .second = 2 - i % 2};
        thread_start(&raisers[i].thread, "raiser", run_raiser, &raisers[i]);
    }
    for (int i = 0; i < RAISERS; i++) {
        thread_join(&raisers[i].thread);
        attempts += raisers[i].attempts;
        if (!raisers[i].ok) {
            fail_msg("%s", raisers[i].err.text);
        }
    }
    assert_string_equal(postgres_server_ask("SELECT sum(value) FROM octo_test.counters"), "80");
    assert_true(attempts > RAISERS * RAISES);
}

struct attempts {
    int made;
    int failing;
    const char *state;
};

/* Fails as a serialisation failure does, so many times. */
static bool fail_at_first(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct attempts *attempts = arg;
    struct sql_fail_with_row row;

    (void)ctx;
    attempts->made++;
    return sql_mark_put(db, 7, attempts->made, err) &&
           (attempts->made > attempts->failing ||
            sql_fail_with(db, attempts->state, &row, err) == DB_ROW);
}

static void conflict__serialisation_failures__are_tried_again(void **state)
{
    struct db_fixture *f = *state;
    static const char *const states[] = {"40001", "40P01", "55P03"};

    for (size_t i = 0; i < 3; i++) {
        struct attempts attempts = {.failing = 3, .state = states[i]};

        must_write(f, fail_at_first, &attempts);
        assert_int_equal(attempts.made, 4);
        assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "1");
        postgres_server_run("DELETE FROM octo_test.marks");
    }
}

/* --- time --- */

/* The server's own net under our deadlines. */
static void statement_timeout__statement_runs_on__is_a_deadline(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct sql_slow_count_row row;
    struct sql_timeout_set_row set;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_timeout_set(db, "50", &set, &err), DB_ROW);
    must_have_failed(sql_slow_count(db, INT64_MAX, &row, &err) != DB_FAILED, &err, ERR_DEADLINE,
                     "slow_count");
    db_checkin(db);
}

/* Neither the statement nor the request to cancel it is ever answered. */
static void deadline__server_hangs__connection_is_given_up(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct sql_slow_count_row row;
    struct sql_session_pid_row session;
    struct err err = {.code = ERR_NONE};
    uint64_t begun = clock_mono_ns();

    assert_int_equal(sql_session_pid(db, &session, &err), DB_ROW);
    kill(postgres_server_pid(), SIGSTOP);
    kill((pid_t)session.pid, SIGSTOP);
    f->ctx.deadline_ns = clock_after_ms(100);
    must_have_failed(sql_slow_count(db, 10, &row, &err) != DB_FAILED, &err, ERR_DEADLINE,
                     "given up");
    assert_true(clock_mono_ns() - begun < 2500 * CLOCK_NS_PER_MS);
    kill((pid_t)session.pid, SIGCONT);
    kill(postgres_server_pid(), SIGCONT);
    db_checkin(db);
    f->ctx.deadline_ns = clock_after_ms(5000);
    must_count(f);
}

/* --- values --- */

static enum db_step thing_get_of(struct db_fixture *f, const char *column, const char *value,
                                 struct sql_thing_get_row *ret, struct err *err)
{
    struct db_session *db = must_checkout(f);
    enum db_step step;
    char sql[256];

    snprintf(sql, sizeof sql,
             "TRUNCATE octo_test.things CASCADE;"
             "INSERT INTO octo_test.things (id, name, %s) VALUES (1, '', %s)",
             column, value);
    postgres_server_run(sql);
    err_clear(err);
    step = sql_thing_get(db, 1, ret, err);
    db_checkin(db);
    return step;
}

static void money__any_numeric__is_exact_or_an_error(void **state)
{
    static const struct {
        const char *text;
        int64_t cents;
    } good[] = {
        {"0", 0},
        {"-0.01", -1},
        {"0.10", 10},
        {"0.5000", 50},
        {"10000", 1000000},
        {"100000000.01", 10000000001},
        {"1e16", INT64_C(1000000000000000000)},
        {"92233720368547758.07", INT64_MAX},
        {"-92233720368547758.08", INT64_MIN},
    };
    static const char *const bad[] = {"0.001",      "1.00001", "'NaN'",
                                      "'Infinity'", "1e300",   "92233720368547758.08"};
    struct db_fixture *f = *state;
    struct sql_thing_get_row row;
    struct err err = {.code = ERR_NONE};

    postgres_server_run("ALTER TABLE octo_test.things ALTER price TYPE numeric");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(thing_get_of(f, "price", good[i].text, &row, &err), DB_ROW);
        assert_true(row.price_cents == good[i].cents);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(thing_get_of(f, "price", bad[i], &row, &err), DB_FAILED);
        assert_int_equal(err.code, ERR_SCHEMA);
    }
}

static void time__infinite__is_an_error(void **state)
{
    struct db_fixture *f = *state;
    struct sql_thing_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(thing_get_of(f, "at", "'infinity'", &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_int_equal(thing_get_of(f, "at", "'-infinity'", &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
}

/* A prepared plan does not survive a change of its columns, but the next session makes another. */
static void schema__column_changes_under_a_session__heals_with_the_next(void **state)
{
    struct db_fixture *f = *state;
    struct sql_thing_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(thing_get_of(f, "body", "'a'", &row, &err), DB_ROW);
    postgres_server_run("ALTER TABLE octo_test.things ALTER body TYPE varchar(9)");
    assert_int_equal(thing_get_of(f, "body", "'b'", &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    assert_int_equal(thing_get_of(f, "body", "'c'", &row, &err), DB_ROW);
    assert_string_equal(row.body, "c");
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
    struct db_fixture *f = db_fixture_new_empty(&db_backend_postgres);
    struct raiser migrations[RAISERS];
    int scripts_run = 0;

    (void)state;
    for (int i = 0; i < RAISERS; i++) {
        migrations[i] = (struct raiser){.f = f};
        thread_start(&migrations[i].thread, "migration", run_migration, &migrations[i]);
    }
    for (int i = 0; i < RAISERS; i++) {
        thread_join(&migrations[i].thread);
        if (!migrations[i].ok) {
            fail_msg("%s", migrations[i].err.text);
        }
        scripts_run += migrations[i].attempts;
    }
    assert_int_equal(scripts_run, sql_conformance_script_count);
    db_fixture_free(f);
}

/* --- sessions that end --- */

static void kill_sessions(void)
{
    postgres_server_run("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
                        " WHERE usename = 'octo'");
}

/* Nobody notices: the checkout finds out and connects again. */
static void killed__idle_in_the_pool__is_replaced(void **state)
{
    struct db_fixture *f = *state;

    must_count(f);
    kill_sessions();
    must_count(f);
}

static bool be_killed(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_mark_count_row row;

    (void)ctx;
    (void)arg;
    if (sql_mark_put(db, 1, 1, err) && sql_mark_count(db, &row, err) == DB_ROW) {
        kill_sessions();
        return sql_mark_count(db, &row, err) == DB_ROW;
    }
    return false;
}

static void killed__in_a_transaction__fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, be_killed, NULL, &err), &err, ERR_CONNECTION_LOST,
                     "administrator");
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "0");
    must_count(f);
}

static bool be_killed_before_commit(struct ctx *ctx, struct db_session *db, void *arg,
                                    struct err *err)
{
    struct sql_mark_count_row row;
    bool ok = sql_mark_put(db, 1, 1, err) && sql_mark_count(db, &row, err) == DB_ROW;

    (void)ctx;
    (void)arg;
    kill_sessions();
    return ok;
}

static void killed__before_commit__is_never_a_success(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, be_killed_before_commit, NULL, &err), &err,
                     ERR_OUTCOME_UNKNOWN, "COMMIT");
    assert_string_equal(postgres_server_ask("SELECT count(*) FROM octo_test.marks"), "0");
    must_count(f);
}

struct killer {
    struct thread thread;
};

static void run_killer(void *arg)
{
    (void)arg;
    usleep(100000);
    kill_sessions();
}

static void killed__while_a_statement_runs__fails_and_the_pool_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct sql_slow_count_row row;
    struct killer killer;
    struct err err = {.code = ERR_NONE};
    enum db_step step;

    thread_start(&killer.thread, "killer", run_killer, &killer);
    step = sql_slow_count(db, INT64_MAX, &row, &err);
    thread_join(&killer.thread);
    must_have_failed(step != DB_FAILED, &err, ERR_CONNECTION_LOST, "administrator");
    db_checkin(db);
    must_count(f);
}

/* The rows of a cursor are here already: they stay good, the next statement is what fails. */
static void killed__in_a_fetch__rows_stay_and_the_next_statement_fails(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db;
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;
    struct sql_mark_count_row count;
    struct err err = {.code = ERR_NONE};
    int rows = 0;

    postgres_server_run("INSERT INTO octo_test.things (id, name)"
                        " SELECT i, 'thing ' || i FROM generate_series(1, 500) i");
    db = must_checkout(f);
    assert_true(sql_thing_list_open(db, &cursor, &err));
    kill_sessions();
    while (sql_thing_list_next(cursor, &row, &err) == DB_ROW) {
        rows++;
    }
    db_cursor_close(cursor);
    assert_int_equal(rows, 500);
    must_have_failed(sql_mark_count(db, &count, &err) != DB_FAILED, &err, ERR_CONNECTION_LOST,
                     "mark_count");
    db_checkin(db);
    must_count(f);
}

/* --- connecting --- */

/* Connects over TCP with these parts of the URL. */
static bool try_connect(const char *user, const char *host, const char *query, struct err *err)
{
    char url[1024];
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = url, .busy_timeout_ms = 1000};
    struct db_conn *conn = NULL;

    err_clear(err);
    snprintf(url, sizeof url, "postgresql://%s@%s:%d/octo?%s", user, host, postgres_server_port(),
             query);
    if (!db_backend_postgres.open(&options, DB_CONN_POOL, &conn, err)) {
        return false;
    }
    db_backend_postgres.close(conn);
    return true;
}

/* The query of a URL that asks for verified TLS, with these files of the server's directory. */
static const char *tls(const char *authority, const char *certificate, const char *key)
{
    static char query[512];
    const char *directory = postgres_server_directory();

    snprintf(query, sizeof query,
             "sslmode=verify-full&sslrootcert=%s/%s&sslcert=%s/%s&sslkey=%s/%s", directory,
             authority, directory, certificate, directory, key);
    return query;
}

static void connect__password_and_certificate_fit__is_let_in(void **state)
{
    struct err err;

    (void)state;
    if (!try_connect("octo:secret", "localhost", tls("ca.crt", "client.crt", "client.key"), &err)) {
        fail_msg("%s", err.text);
    }
}

static void connect__server_is_full__says_too_many_clients(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = postgres_server_url(),
                                       .busy_timeout_ms = 1000};
    struct db_conn *conns[32] = {NULL};
    struct err err = {.code = ERR_NONE};
    size_t open = 0;

    (void)state;
    while (open < 32 && db_backend_postgres.open(&options, DB_CONN_POOL, &conns[open], &err)) {
        open++;
    }
    for (size_t i = 0; i < open; i++) {
        db_backend_postgres.close(conns[i]);
    }
    must_have_failed(open == 32, &err, ERR_CONNECT, "too many clients");
    assert_string_equal(err.sqlstate, "53300");
}

static void connect__what_does_not_fit__is_named_with_its_remedy(void **state)
{
    static const struct {
        const char *user, *host, *authority, *certificate, *key;
        enum err_code code;
        const char *words[2];
    } cases[] = {
        {"octo:wrong",
         "localhost",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"password authentication failed for user \"octo\"", "database URL"}},
        {"octo",
         "localhost",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"localhost", "password"}},
        {"octo_word:secret",
         "127.0.0.1",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"does not match host name \"127.0.0.1\"", "name the host"}},
        {"octo:secret",
         "localhost",
         "other_ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"certificate verify failed", "sslrootcert"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "stranger.crt",
         "stranger.key",
         ERR_CONFIG,
         {"unknown ca", "sslcert"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "client.crt",
         "stranger.key",
         ERR_CONFIG,
         {"stranger.key", "belong together"}},
        {"octo:secret",
         "localhost",
         "missing.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"missing.crt", "create the file"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "client.crt",
         "missing.key",
         ERR_CONFIG,
         {"missing.key", "create the file"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "client.crt",
         "open.key",
         ERR_CONFIG,
         {"open.key", "chmod 600"}},
        {"octo:secret",
         "no-such-host.invalid",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONNECT,
         {"no-such-host.invalid", "check the host"}},
    };
    char open_key[128];
    struct err err;

    (void)state;
    snprintf(open_key, sizeof open_key, "%s/open.key", postgres_server_directory());
    if (access(open_key, F_OK) != 0) {
        char client_key[128];

        snprintf(client_key, sizeof client_key, "%s/client.key", postgres_server_directory());
        assert_int_equal(link(client_key, open_key), 0);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_open = strcmp(cases[i].key, "open.key") == 0;
        bool ok;

        chmod(open_key, is_open ? 0644 : 0600);
        ok = try_connect(cases[i].user, cases[i].host,
                         tls(cases[i].authority, cases[i].certificate, cases[i].key), &err);
        must_have_failed(ok, &err, cases[i].code, cases[i].words[0]);
        must_have_failed(ok, &err, cases[i].code, cases[i].words[1]);
    }
    unlink(open_key);
}

/* A role that needs a certificate, and none is shown. */
static void connect__certificate_is_missing__is_named(void **state)
{
    char query[256];
    struct err err;

    (void)state;
    snprintf(query, sizeof query, "sslmode=verify-full&sslrootcert=%s/ca.crt",
             postgres_server_directory());
    must_have_failed(try_connect("octo:secret", "localhost", query, &err), &err, ERR_CONFIG,
                     "valid client certificate");
    if (!try_connect("octo_word:secret", "localhost", query, &err)) {
        fail_msg("%s", err.text);
    }
}

/* The server reads its files anew in its own time. */
static bool try_until(bool wanted, struct err *err)
{
    uint64_t until = clock_after_ms(5000);
    bool ok;

    do {
        usleep(20000);
        ok =
            try_connect("octo:secret", "localhost", tls("ca.crt", "client.crt", "client.key"), err);
    } while (ok != wanted && !clock_has_passed(until));
    return ok;
}

static void connect__servers_certificate_has_expired__is_refused(void **state)
{
    struct err err;
    bool ok;

    (void)state;
    postgres_server_run("ALTER SYSTEM SET ssl_cert_file = '../expired.crt'");
    postgres_server_run("ALTER SYSTEM SET ssl_key_file = '../expired.key'");
    postgres_server_run("SELECT pg_reload_conf()");
    ok = try_until(false, &err);
    postgres_server_run("ALTER SYSTEM RESET ALL");
    postgres_server_run("SELECT pg_reload_conf()");
    must_have_failed(ok, &err, ERR_CONFIG, "expired");
    assert_true(try_until(true, &err));
}

static void connect__nobody_listens__says_so(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = "postgresql://octo:secret@localhost:1/octo"};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    must_have_failed(db_backend_postgres.open(&options, DB_CONN_POOL, &conn, &err), &err,
                     ERR_CONNECT, "no server listens");
}

/* Refused before a byte is sent, but a machine's own addresses are as good as TLS. */
static void connect__other_machine_without_verified_tls__is_refused(void **state)
{
    static const char *const locations[] = {
        "postgresql://octo:secret@192.0.2.1/octo",
        "postgresql://octo:secret@192.0.2.1/octo?sslmode=require",
        "postgresql://octo:secret@localhost,192.0.2.1/octo",
        "postgresql://octo:secret@localhost/octo?hostaddr=192.0.2.1",
    };
    struct db_options options = {.service = "test", .module = "octo-test"};
    struct db_conn *conn = NULL;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof locations / sizeof locations[0]; i++) {
        err_clear(&err);
        options.location = locations[i];
        must_have_failed(db_backend_postgres.open(&options, DB_CONN_POOL, &conn, &err), &err,
                         ERR_CONFIG, "sslmode=verify-full");
    }
}

static void target__url_with_password__is_shown_without(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location =
                                           "postgres://octo:sec@ret@db.example/octo?sslkey=x"};
    struct db *db = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_open(&options, &db, &err));
    assert_string_equal(db_target(db), "postgresql:db.example/octo");
    assert_int_equal(db_dialect(db), DB_POSTGRES);
    db_close(db);
}

#define SERVER_TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(round_trips__read_outside_a_unit__is_one),
        SERVER_TEST(round_trips__write_of_103_rows__are_two),
        SERVER_TEST(round_trips__savepoints__cost_none_of_their_own),
        SERVER_TEST(savepoint__failure_inside__stays_inside),
        SERVER_TEST(deferred__second_breaks_a_rule__commit_says_so),
        SERVER_TEST(outside_a_unit__rule_is_broken_at_the_end__is_told),
        SERVER_TEST(tags__module_longer_than_the_room__leaves_the_trace_whole),
        SERVER_TEST(tags__first_statement_fails__are_there_with_the_next),
        SERVER_TEST(conflict__deadlocks__are_tried_again_until_all_is_done),
        SERVER_TEST(conflict__serialisation_failures__are_tried_again),
        SERVER_TEST(statement_timeout__statement_runs_on__is_a_deadline),
        SERVER_TEST(deadline__server_hangs__connection_is_given_up),
        SERVER_TEST(money__any_numeric__is_exact_or_an_error),
        SERVER_TEST(time__infinite__is_an_error),
        SERVER_TEST(schema__column_changes_under_a_session__heals_with_the_next),
        cmocka_unit_test(migrate__several_at_once__run_each_script_once),
        SERVER_TEST(killed__idle_in_the_pool__is_replaced),
        SERVER_TEST(killed__in_a_transaction__fails_and_the_pool_goes_on),
        SERVER_TEST(killed__before_commit__is_never_a_success),
        SERVER_TEST(killed__while_a_statement_runs__fails_and_the_pool_goes_on),
        SERVER_TEST(killed__in_a_fetch__rows_stay_and_the_next_statement_fails),
        cmocka_unit_test(connect__password_and_certificate_fit__is_let_in),
        cmocka_unit_test(connect__server_is_full__says_too_many_clients),
        cmocka_unit_test(connect__what_does_not_fit__is_named_with_its_remedy),
        cmocka_unit_test(connect__certificate_is_missing__is_named),
        cmocka_unit_test(connect__servers_certificate_has_expired__is_refused),
        cmocka_unit_test(connect__nobody_listens__says_so),
        cmocka_unit_test(connect__other_machine_without_verified_tls__is_refused),
        cmocka_unit_test(target__url_with_password__is_shown_without),
    };

    postgres_server_or_skip();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
