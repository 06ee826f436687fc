/* service/sweep.h: what has run out is gone, and nothing else; not all at once. */
#include "core/clock.h"
#include "fixture.h"
#include "service/audit.h"
#include "service/lifecycle.h"
#include "support/test.h"

/* Microseconds since 1970, by the database's clock. */
#define NOW "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
#define MINUTES(n_) "(" NOW " + " #n_ " * 60000000)"

static const char FILL[] =
    "INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) VALUES"
    " ('old', 1, 'admin', 'admin', " MINUTES(-1) "), ('new', 1, 'admin', 'admin', " MINUTES(
        9) ");"
           "INSERT INTO idempotency_keys (scope, key, request_hash, expires_at) VALUES"
           " ('s', 'old', 'h', " MINUTES(-1) "), ('s', 'new', 'h', " MINUTES(
               9) ");"
                  "INSERT INTO login_failures (scope, who, failed_at) VALUES"
                  " ('login', 'old', " MINUTES(-6) "), ('login', 'new', " MINUTES(
                      -4) ");"
                          "INSERT INTO page_views (page, created_at) VALUES"
                          " ('old', " MINUTES(-129601) "), ('new', " MINUTES(
                              -129599) ");"
                                       "INSERT INTO sign_in_addresses (user_id, address, last_at)"
                                       " VALUES (1, 'old', " MINUTES(
                                           -129601) "), (1, 'new', " MINUTES(-129599) ")";
static const char COUNT_OLD[] =
    "SELECT (SELECT count(*) FROM user_sessions WHERE session_id = 'old')"
    " + (SELECT count(*) FROM idempotency_keys WHERE key = 'old')"
    " + (SELECT count(*) FROM login_failures WHERE who = 'old')"
    " + (SELECT count(*) FROM page_views WHERE page = 'old')"
    " + (SELECT count(*) FROM sign_in_addresses WHERE address = 'old')";
static const char COUNT_NEW[] =
    "SELECT (SELECT count(*) FROM user_sessions WHERE session_id = 'new')"
    " + (SELECT count(*) FROM idempotency_keys WHERE key = 'new')"
    " + (SELECT count(*) FROM login_failures WHERE who = 'new')"
    " + (SELECT count(*) FROM page_views WHERE page = 'new')"
    " + (SELECT count(*) FROM sign_in_addresses WHERE address = 'new')";
static const char EMPTY[] = "DELETE FROM user_sessions; DELETE FROM idempotency_keys;"
                            "DELETE FROM login_failures; DELETE FROM page_views;"
                            "DELETE FROM sign_in_addresses";
enum { TABLES = 5 };

static int open_store(void **state)
{
    *state = fixture_open(&kind_store);
    return 0;
}

static int close_service(void **state)
{
    clock_thaw();
    fixture_close(*state);
    return 0;
}

/* The clock stands still at so long from now. A row of the trail makes the writer look at it, in a
 * fifth of a second by the real one. */
static void look_after(struct fixture *f, uint64_t seconds)
{
    const struct audit_entry entry = {.method = "GET",
                                      .route = "/look",
                                      .trace_id = "0123456789abcdef0123456789abcdef",
                                      .created_us = 1};

    clock_thaw();
    audit_add(f->service.audit, &entry);
    clock_freeze(clock_mono_ns() + seconds * 1000 * CLOCK_NS_PER_MS, clock_utc_us());
}

/* When the second of two rows is written, whatever was due with the first one is over. */
static void wait_for_a_turn(struct fixture *f)
{
    static const char ROWS[] = "SELECT count(*) FROM audit_logs WHERE route = '/look'";
    const struct audit_entry entry = {.method = "GET",
                                      .route = "/look",
                                      .trace_id = "0123456789abcdef0123456789abcdef",
                                      .created_us = 1};

    for (int64_t i = 1; i <= 2; i++) {
        audit_add(f->service.audit, &entry);
        WAIT_UNTIL(fixture_number(f, ROWS) == i);
    }
}

/* Two rows of the trail are written one after the other, so in between the writer has looked at all
 * of its jobs. */
static void assert_nothing_is_swept(struct fixture *f, uint64_t seconds)
{
    static const char ROWS[] = "SELECT count(*) FROM audit_logs WHERE route = '/look'";

    for (int i = 0; i < 2; i++) {
        const int64_t before = fixture_number(f, ROWS);

        look_after(f, seconds);
        WAIT_UNTIL(fixture_number(f, ROWS) > before);
    }
    assert_int_equal(fixture_number(f, COUNT_OLD), TABLES);
}

static void assert_is_swept(struct fixture *f, uint64_t seconds)
{
    look_after(f, seconds);
    WAIT_UNTIL(fixture_number(f, COUNT_OLD) == 0);
    assert_int_equal(fixture_number(f, COUNT_NEW), TABLES);
    fixture_run(f, EMPTY);
}

/* The first turn is at the start, so the second one is what tells when the third has to come. */
static void sweep__minute_is_over__removes_what_has_run_out(void **state)
{
    struct fixture *f = *state;

    wait_for_a_turn(f);
    fixture_run(f, FILL);
    assert_is_swept(f, 61);
    for (uint64_t minute = 2; minute <= 3; minute++) {
        fixture_run(f, FILL);
        assert_nothing_is_swept(f, minute * 61 - 51);
        assert_is_swept(f, minute * 61);
    }
}

/* What had run out when the service started goes before the first minute is over. */
static void sweep__start__removes_what_has_run_out(void **state)
{
    struct fixture *f = *state;

    service_stop_listening(&f->service);
    fixture_run(f, FILL);
    fixture_restart(f);
    WAIT_UNTIL(fixture_number(f, COUNT_OLD) == 0);
    assert_int_equal(fixture_number(f, COUNT_NEW), TABLES);
}

static uint64_t swept(const struct fixture *f, const char *table)
{
    const struct attribute attribute = attribute_text("table", table);

    return counter_value(
        metrics_counter(f->service.metrics, &(struct metric){.name = "swept_rows",
                                                             .unit = "",
                                                             .help = "",
                                                             .attributes = &attribute,
                                                             .attribute_count = 1}));
}

/* A turn removes a thousand rows of a table and no more, so that a row of the second turn which may
 * not go leaves the first one's gone; each row is counted. */
static void sweep__more_than_a_turns_rows__takes_turns(void **state)
{
    static const char MANY[] =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
        " INSERT INTO page_views (page, created_at) SELECT 'old', i FROM n;"
        "CREATE TRIGGER stays BEFORE DELETE ON page_views WHEN OLD.id = 1500"
        " BEGIN SELECT RAISE(ABORT, 'stays'); END";
    static const char COUNT[] = "SELECT count(*) FROM page_views";
    struct fixture *f = *state;

    service_stop_listening(&f->service);
    fixture_run(f, MANY);
    fixture_restart(f);
    WAIT_UNTIL(fixture_number(f, COUNT) == 1500);
    WAIT_UNTIL(swept(f, "page_views") == 1000);
    wait_for_a_turn(f);
    fixture_run(f, "DROP TRIGGER stays");
    look_after(f, 61);
    WAIT_UNTIL(fixture_number(f, COUNT) == 500);
    look_after(f, 63);
    WAIT_UNTIL(fixture_number(f, COUNT) == 0);
    WAIT_UNTIL(swept(f, "page_views") == 2500);
}

/* However many failed sign-ins there are that count: the last 65,536 are kept. */
static void sweep__failures_are_too_many__keeps_the_last(void **state)
{
    struct fixture *f = *state;

    service_stop_listening(&f->service);
    fixture_run(
        f, "INSERT INTO login_failures (id, scope, who, failed_at) VALUES"
           " (1, 'name', 'x', " MINUTES(-1) "), (3, 'name', 'x', " MINUTES(
               -1) "), (4, 'name', 'x', " MINUTES(-1) "), (65539, 'name', 'x', " MINUTES(-1) ")");
    fixture_restart(f);
    WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM login_failures WHERE id <= 3") == 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sweep__minute_is_over__removes_what_has_run_out, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(sweep__start__removes_what_has_run_out, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(sweep__failures_are_too_many__keeps_the_last, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(sweep__more_than_a_turns_rows__takes_turns, open_store,
                                        close_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
