/*
 * Stored times that decide, each at the moment when it ends and under a clock that was ahead when
 * it was stored: the statements of sql/core and of the synchronisation, on SQLite, where the clock
 * of the process judges.
 */
#include "core/clock.h"
#include "crm/order_store.h"
#include "db/migrate.h"
#include "service/service.h"
#include "service/sign_in_limit.h"
#include "service/write.h"
#include "sql_crm.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"

#define SECOND INT64_C(1000000)
#define NOW (INT64_C(1796000000) * SECOND)
#define AHEAD (INT64_C(400) * 86400 * SECOND)

enum { LIFE_S = 3600, LEASE_S = 60, AT_ONCE = 100 /* rows that a sweep removes */ };

/* One statement at a time of the clock, in a unit of its own. */
struct step {
    struct db_fixture *f;
    bool (*run)(struct db_session *session, struct step *step, struct err *err);
    const char *who;
    int64_t number; /* what the statement found */
};

static int set_up(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_report report;
    struct err err = {0};

    if (!db_migrate(&f->ctx, f->pool, sql_crm_scripts, sql_crm_script_count, false, &report,
                    &err)) {
        fail_msg("%s", err.text);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    db_fixture_free(*state);
    return 0;
}

static bool run_step(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct step *step = arg;

    (void)ctx;
    return step->run(session, step, err);
}

static int64_t at(struct db_fixture *f, int64_t utc_us,
                  bool (*run)(struct db_session *session, struct step *step, struct err *err),
                  const char *who)
{
    struct step step = {.f = f, .run = run, .who = who};
    struct err err = {0};
    bool ok;

    clock_freeze(clock_mono_ns(), utc_us);
    ok = db_write(&f->ctx, f->pool, run_step, &step, &err);
    clock_thaw();
    if (!ok) {
        fail_msg("%s", err.text);
    }
    return step.number;
}

/* --- sign-ins --- */

static bool add_user(struct db_session *session, struct step *step, struct err *err)
{
    return sql_user_add(session, step->who, "u@example.org", "x", "user", err);
}

static bool sign_in(struct db_session *session, struct step *step, struct err *err)
{
    return sql_session_add(session, step->who, 1, "u", "user", "password", LIFE_S, err);
}

static bool find_session(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_session_find_row row;
    enum db_step found = sql_session_find(session, step->who, &row, err);

    step->number = found == DB_ROW;
    return found != DB_FAILED;
}

static void session__clock_is_put_right__is_over_unless_it_was_minutes(void **state)
{
    struct db_fixture *f = *state;

    (void)at(f, NOW, add_user, "u");
    (void)at(f, NOW, sign_in, "now");
    assert_int_equal(at(f, NOW, find_session, "now"), 1);
    assert_int_equal(at(f, NOW + LIFE_S * SECOND - 1, find_session, "now"), 1);
    assert_int_equal(at(f, NOW + LIFE_S * SECOND, find_session, "now"), 0);
    assert_int_equal(at(f, NOW - 300 * SECOND, find_session, "now"), 1);
    assert_int_equal(at(f, NOW - 300 * SECOND - 1, find_session, "now"), 0);
    (void)at(f, NOW + AHEAD, sign_in, "ahead");
    assert_int_equal(at(f, NOW, find_session, "ahead"), 0);
}

/* --- failed sign-ins --- */

static bool fail_sign_in(struct db_session *session, struct step *step, struct err *err)
{
    return sql_login_failure_add(session, "pair", step->who, err);
}

/* Of the pair alone. */
static bool read_failures(struct db_session *session, struct step *step,
                          struct sql_login_failures_row *ret, struct err *err)
{
    struct db_cursor *cursor = NULL;
    enum db_step found = DB_FAILED;

    *ret = (struct sql_login_failures_row){.failures = 0};
    if (sql_login_failures_open(session, step->who, step->who, step->who, LOGIN_WINDOW_S, &cursor,
                                err)) {
        found = sql_login_failures_next(cursor, ret, err);
        db_cursor_close(cursor);
    }
    return found != DB_FAILED;
}

static bool count_failures(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_login_failures_row row;
    const bool is_read = read_failures(session, step, &row, err);

    step->number = row.failures;
    return is_read;
}

static bool age_of_first(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_login_failures_row row;
    const bool is_read = read_failures(session, step, &row, err);

    step->number = row.first_age;
    return is_read;
}

static bool age_of_last(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_login_failures_row row;
    const bool is_read = read_failures(session, step, &row, err);

    step->number = row.last_age;
    return is_read;
}

static bool sweep_failures(struct db_session *session, struct step *step, struct err *err)
{
    (void)step;
    return sql_login_failure_sweep(session, LOGIN_WINDOW_S, LOGIN_FAILURE_ROWS, AT_ONCE, err);
}

static void login_failure__further_ahead_than_the_window__does_not_count(void **state)
{
    const int64_t window = LOGIN_WINDOW_S * SECOND;
    struct db_fixture *f = *state;

    (void)at(f, NOW, fail_sign_in, "a");
    (void)at(f, NOW + SECOND, fail_sign_in, "a");
    assert_int_equal(at(f, NOW + SECOND, count_failures, "a"), 2);
    assert_int_equal(at(f, NOW + SECOND, age_of_first, "a"), SECOND);
    assert_int_equal(at(f, NOW + 3 * SECOND, age_of_last, "a"), 2 * SECOND);
    assert_int_equal(at(f, NOW + window, count_failures, "a"), 1);
    assert_int_equal(at(f, NOW - window + 1, count_failures, "a"), 1);
    assert_int_equal(at(f, NOW - window, count_failures, "a"), 0);
    (void)at(f, NOW - AHEAD, sweep_failures, "a");
    assert_int_equal(at(f, NOW, count_failures, "a"), 0);
}

/* --- idempotency keys --- */

static bool claim_key(struct db_session *session, struct step *step, struct err *err)
{
    return sql_idempotency_claim_count(session, "s", step->who, "hash", KEY_LIFE_S, &step->number,
                                       err);
}

static bool is_key_over(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_idempotency_load_row row;
    enum db_step found = sql_idempotency_load(session, "s", step->who, &row, err);

    step->number = found == DB_NO_ROW || row.is_expired;
    return found != DB_FAILED;
}

static bool sweep_keys(struct db_session *session, struct step *step, struct err *err)
{
    (void)step;
    return sql_idempotency_sweep(session, AT_ONCE, err) &&
           sql_idempotency_shorten(session, KEY_LIFE_S, err);
}

static void idempotency__clock_is_put_right__key_holds_a_day_from_then(void **state)
{
    const int64_t life = KEY_LIFE_S * SECOND;
    struct db_fixture *f = *state;

    assert_int_equal(at(f, NOW + AHEAD, claim_key, "ahead"), 1);
    assert_int_equal(at(f, NOW - SECOND, claim_key, "now"), 1);
    assert_int_equal(at(f, NOW, is_key_over, "ahead"), 0);
    (void)at(f, NOW, sweep_keys, NULL);
    assert_int_equal(at(f, NOW + life - 1, is_key_over, "ahead"), 0);
    assert_int_equal(at(f, NOW + life, is_key_over, "ahead"), 1);
    assert_int_equal(at(f, NOW - SECOND + life - 1, is_key_over, "now"), 0);
    assert_int_equal(at(f, NOW - SECOND + life, is_key_over, "now"), 1);
}

/* --- the lease of the synchronisation --- */

static bool take_lease(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_sync_lease_take_row row;
    enum db_step found;

    if (!sql_sync_state_make(session, "sync", err)) {
        return false;
    }
    found = sql_sync_lease_take(session, "sync", step->who, LEASE_S, &row, err);
    step->number = found == DB_ROW;
    return found != DB_FAILED;
}

static bool renew_lease(struct db_session *session, struct step *step, struct err *err)
{
    return sql_sync_lease_renew_count(session, "sync", step->who, LEASE_S, &step->number, err);
}

static void lease__begins_in_the_future__is_over_and_its_holder_notices(void **state)
{
    struct db_fixture *f = *state;

    assert_int_equal(at(f, NOW + AHEAD, take_lease, "ahead"), 1);
    assert_int_equal(at(f, NOW, take_lease, "right"), 1);
    assert_int_equal(at(f, NOW, renew_lease, "ahead"), 0);
    assert_int_equal(at(f, NOW + LEASE_S * SECOND - 1, take_lease, "third"), 0);
    assert_int_equal(at(f, NOW + LEASE_S * SECOND - 1, renew_lease, "right"), 1);
    assert_int_equal(at(f, NOW + LEASE_S * SECOND, take_lease, "third"), 0);
    assert_int_equal(at(f, NOW + 2 * LEASE_S * SECOND - 1, take_lease, "third"), 1);
}

/* --- orders that are kept --- */

static bool keep_order(struct db_session *session, struct step *step, struct err *err)
{
    return sql_sync_failure_put(session, "shop", 7, 1, 15, step->who, "{}", err);
}

static bool count_due(struct db_session *session, struct step *step, struct err *err)
{
    struct sql_sync_failures_due_row row;
    struct db_cursor *cursor = NULL;
    enum db_step found = DB_FAILED;

    if (!sql_sync_failures_due_open(session, "shop", step->who != NULL, ORDER_RETRY_LONGEST_S, 10,
                                    &cursor, err)) {
        return false;
    }
    while ((found = sql_sync_failures_due_next(cursor, &row, err)) == DB_ROW) {
        step->number++;
    }
    db_cursor_close(cursor);
    return found == DB_NO_ROW;
}

static void kept_order__pause_is_longer_than_the_longest__is_over(void **state)
{
    const int64_t longest = ORDER_RETRY_LONGEST_S * SECOND;
    struct db_fixture *f = *state;

    (void)at(f, NOW, keep_order, "why");
    assert_int_equal(at(f, NOW + 15 * SECOND - 1, count_due, NULL), 0);
    assert_int_equal(at(f, NOW + 15 * SECOND - 1, count_due, "all"), 1);
    assert_int_equal(at(f, NOW + 15 * SECOND, count_due, NULL), 1);
    assert_int_equal(at(f, NOW + 15 * SECOND - longest, count_due, NULL), 0);
    assert_int_equal(at(f, NOW + 15 * SECOND - longest - 1, count_due, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(session__clock_is_put_right__is_over_unless_it_was_minutes,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            login_failure__further_ahead_than_the_window__does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(idempotency__clock_is_put_right__key_holds_a_day_from_then,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(lease__begins_in_the_future__is_over_and_its_holder_notices,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(kept_order__pause_is_longer_than_the_longest__is_over,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests_name("crm/stored_times", tests, NULL, NULL);
}
