/* service/audit.h: the queue, and what of requests lands in it. */
#include <stdlib.h>

#include "core/clock.h"
#include "core/thread.h"
#include "fixture.h"
#include "service/audit.h"
#include "service/lifecycle.h"
#include "sql_core.h"
#include "support/test.h"

enum { THREADS = 4, EACH = 6000 };

static int open_store(void **state)
{
    *state = fixture_open(&kind_store);
    return 0;
}

/* As many connections as the setting takes may have a request under way each. */
static int open_wide_store(void **state)
{
    setenv("OCTO_CONNECTION_MAX", "65536", 1);
    *state = fixture_open(&kind_store);
    return 0;
}

static int open_desk(void **state)
{
    *state = fixture_open(&kind_desk);
    return 0;
}

static int close_service(void **state)
{
    unsetenv("OCTO_CONNECTION_MAX");
    clock_thaw();
    fixture_close(*state);
    return 0;
}

static uint64_t rows_lost(const struct fixture *f)
{
    return counter_value(metrics_counter(
        f->service.metrics, &(struct metric){.name = "audit_rows_lost", .unit = "", .help = ""}));
}

static uint64_t rows_written(const struct fixture *f)
{
    return counter_value(metrics_counter(
        f->service.metrics, &(struct metric){.name = "audit_rows", .unit = "", .help = ""}));
}

static void add_many(void *arg)
{
    struct fixture *f = arg;
    const struct audit_entry entry = {.user_id = 1,
                                      .username = "admin",
                                      .status = 200,
                                      .duration_us = 17,
                                      .created_us = clock_utc_us(),
                                      .method = "GET",
                                      .route = "/many",
                                      .trace_id = "0123456789abcdef0123456789abcdef",
                                      .ip = "127.0.0.1",
                                      .user_agent = "test"};

    for (int i = 0; i < EACH; i++) {
        audit_add(f->service.audit, &entry);
    }
}

/* Threads add at full speed, the writer follows, and stopping writes the rest. */
static void audit__many_threads__every_row_is_written(void **state)
{
    struct fixture *f = *state;
    struct thread threads[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        thread_start(&threads[i], "adder", add_many, f);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
    }
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/many'"
                                       " AND action = 'GET /many' AND username = 'admin'"
                                       " AND user_id = 1 AND http_status = 200"
                                       " AND duration_us = 17 AND user_agent = 'test'"),
                     THREADS * EACH);
}

/* Long texts are cut to their columns on a character, empty ones are null. */
static void audit__texts__fit_their_columns(void **state)
{
    struct fixture *f = *state;
    char agent[1201];
    struct audit_entry entry = {.method = "GET",
                                .route = "/cut",
                                .trace_id = "0123456789abcdef0123456789abcdef",
                                .created_us = 1,
                                .user_agent = agent};

    for (size_t i = 0; i + 1 < sizeof(agent); i += 3) {
        memcpy(agent + i, "\xe2\x82\xac", 3); /* a euro sign: 500 is no multiple of three */
    }
    agent[1200] = '\0';
    audit_add(f->service.audit, &entry);
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT length(user_agent) FROM audit_logs"
                                       " WHERE route = '/cut' AND username IS NULL"
                                       " AND user_id IS NULL AND http_status IS NULL"),
                     166);
}

/* Reads are audited within a moment, probes are not. */
static void audit__requests__are_written_soon(void **state)
{
    struct fixture *f = *state;
    static const char COUNT[] =
        "SELECT count(*) FROM audit_logs WHERE route = '/api/open' AND http_status = 200";

    fixture_ask(f, "GET", "/health", "", "");
    assert_int_equal(f->status, 200);
    fixture_ask(f, "GET", "/api/open", "User-Agent: tester\r\n", "");
    fixture_ask(f, "GET", "/api/me", "", "");
    assert_int_equal(f->status, 401);
    WAIT_UNTIL(fixture_number(f, COUNT) > 0);
    assert_int_equal(fixture_number(f, COUNT), 1);
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/health'"),
                     0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/api/me'"
                                       " AND http_status = 401 AND ip_address = '127.0.0.1'"),
                     1);
}

/* The writer stands in line to store what it has taken. */
static bool is_writer_waiting(const struct fixture *f)
{
    struct db_session_view sessions[8];
    const size_t count = db_sessions(f->service.db, sessions, 8);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(sessions[i].action, "BG audit") == 0 &&
            strcmp(sessions[i].state, "waiting") == 0) {
            return true;
        }
    }
    return false;
}

static struct audit_entry entry_of(const char *route)
{
    return (struct audit_entry){.method = "GET",
                                .route = route,
                                .created_us = 1,
                                .trace_id = "0123456789abcdef0123456789abcdef"};
}

/* Rows that break the table's rules, or may not even be bound, are lost alone: they neither take
 * those of their group along, nor hold up what comes after them, nor are tried for ever. */
static void audit__rows_that_are_refused__are_the_only_ones_lost(void **state)
{
    struct fixture *f = *state;
    char too_long[202];
    struct audit_entry good = entry_of("/good");
    struct audit_entry bad = entry_of(too_long);
    struct audit_entry worse = entry_of("/worse");

    worse.trace_id = ""; /* no column takes an empty text */
    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    for (size_t i = 0; i < 7; i++) {
        audit_add(f->service.audit, i == 2 ? &bad : i == 5 ? &worse : &good);
    }
    WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/good'") == 5);
    WAIT_UNTIL(rows_lost(f) == 2);
    good = entry_of("/later");
    audit_add(f->service.audit, &good);
    audit_add(f->service.audit, &bad); /* the last of its group, while the service stops */
    service_stop_listening(&f->service);
    assert_int_equal(rows_lost(f), 3);
    assert_int_equal(rows_written(f), 6);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/later'"),
                     1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/good'"), 5);
}

static void stop_listening(void *arg)
{
    struct fixture *f = arg;

    service_stop_listening(&f->service);
}

/* How often the pool that the trail is written by has been asked for a session. */
static int64_t checkouts(const struct fixture *f)
{
    struct db_pool_view pools[4];
    const size_t count = db_pools(f->service.db, pools, 4);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(pools[i].name, "events") == 0) {
            return pools[i].checkouts;
        }
    }
    return -1;
}

/* The database cannot be written while the service stops, and then it can: that is waited for. */
static void audit__database_away_while_stopping__rows_are_written(void **state)
{
    struct fixture *f = *state;
    const struct audit_entry entry = entry_of("/late");
    struct thread stopping;
    int64_t before;

    /* json() fails, and that is not the row's fault. */
    fixture_run(f, "CREATE TRIGGER away BEFORE INSERT ON audit_logs"
                   " BEGIN SELECT json('{'); END");
    before = checkouts(f);
    audit_add(f->service.audit, &entry);
    thread_start(&stopping, "stopping", stop_listening, f);
    WAIT_UNTIL(checkouts(f) >= before + 3); /* two have failed, or one while it listened */
    fixture_run(f, "DROP TRIGGER away");
    thread_join(&stopping);
    assert_int_equal(rows_lost(f), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/late'"), 1);
}

/* While the trail cannot be written, the writer's other work goes on, and the rows wait. */
static void audit__cannot_be_written__holds_up_no_security_event(void **state)
{
    struct fixture *f = *state;
    const struct audit_entry entry = entry_of("/waiting");
    int64_t before;

    fixture_run(f, "CREATE TRIGGER away BEFORE INSERT ON audit_logs"
                   " BEGIN SELECT json('{'); END");
    before = checkouts(f);
    audit_add(f->service.audit, &entry);
    WAIT_UNTIL(checkouts(f) > before);
    fixture_ask(f, "POST", "/api/attack", "", "{}");
    assert_int_equal(f->status, 200);
    WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM login_failures WHERE scope = 'attack'") > 0);
    fixture_run(f, "DROP TRIGGER away");
    WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/waiting'") == 1);
    assert_int_equal(rows_lost(f), 0);
}

/* While nothing can be written the queue fills; then requests are refused, probes are not, and in
 * the end every row is there. */
static void audit__full_queue__refuses_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct sqlite3 *lock = fixture_lock(f);
    int64_t added = 1;
    const struct audit_entry entry = entry_of("/full");

    /* It has taken one half and cannot store it: the other is all there is. */
    audit_add(f->service.audit, &entry);
    WAIT_UNTIL(is_writer_waiting(f));
    while (audit_has_room(f->service.audit)) {
        audit_add(f->service.audit, &entry);
        added++;
    }
    fixture_ask(f, "GET", "/api/open", "", "");
    assert_int_equal(f->status, 503);
    assert_non_null(strstr(f->answer, "Retry-After: "));
    fixture_ask(f, "GET", "/health", "", "");
    assert_int_equal(f->status, 200);
    assert_int_equal(rows_lost(f), 0);
    while (rows_lost(f) == 0) { /* what is left is for the requests that are under way */
        audit_add(f->service.audit, &entry);
        added++;
    }
    fixture_unlock(lock);
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/full'"),
                     added - 1);
    fixture_ask(f, "GET", "/api/open", "", "");
    assert_int_equal(f->status, 200);
}

static struct audit_entry entry_of_stranger(const char *route, int64_t status)
{
    struct audit_entry entry = entry_of(route);

    entry.status = status;
    entry.created_us = clock_utc_us();
    entry.duration_us = 17;
    entry.ip = "2001:db8::17";
    entry.is_strangers = true;
    return entry;
}

/* A thousand refusals of strangers are a row, which says how many they were and since when. What
 * is no refusal or no stranger's has a row of its own. */
static void audit__strangers_refused__are_summed_up(void **state)
{
    static const char SUM[] =
        "SELECT count(*) FROM audit_logs WHERE route = '/sum' AND http_status = 404"
        " AND action = 'GET /sum' AND ip_address = '2001:db8::/64' AND user_agent IS NULL"
        " AND duration_us IS NULL AND json_extract(details, '$.requests') = 1000"
        " AND json_extract(details, '$.since') LIKE '20__-__-__T__:__:__.______Z'";
    struct fixture *f = *state;
    struct audit_entry refused = entry_of_stranger("/sum", 404);
    struct audit_entry served = entry_of_stranger("/sum", 200);
    struct audit_entry failed = entry_of_stranger("/sum", 500);
    struct audit_entry known = entry_of_stranger("/known", 404);

    known.is_strangers = false;
    for (size_t i = 0; i < 1000; i++) {
        audit_add(f->service.audit, &refused);
    }
    for (size_t i = 0; i < 3; i++) {
        audit_add(f->service.audit, &served);
        audit_add(f->service.audit, &failed);
        audit_add(f->service.audit, &known);
    }
    service_stop_listening(&f->service);
    assert_int_equal(fixture_number(f, SUM), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/sum'"), 7);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/known'"),
                     3);
    assert_int_equal(rows_lost(f), 0);
}

/* When their minute is over, sums are written without anybody asking. */
static void audit__minute_is_over__sums_are_written(void **state)
{
    struct fixture *f = *state;
    struct audit_entry refused = entry_of_stranger("/minute", 404);
    const struct audit_entry look = entry_of("/look");

    for (int64_t minute = 1; minute <= 2; minute++) {
        audit_add(f->service.audit, &refused);
        audit_add(f->service.audit, &look); /* the writer looks at the clock */
        WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/look'") ==
                   2 * minute - 1);
        assert_int_equal(
            fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/minute'"),
            minute - 1);
        audit_add(f->service.audit, &look); /* in a fifth of a second by the real clock */
        clock_freeze(clock_mono_ns() + 61 * 1000 * CLOCK_NS_PER_MS, clock_utc_us());
        WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/minute'") ==
                   minute);
        clock_thaw();
        WAIT_UNTIL(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/look'") ==
                   2 * minute);
    }
}

/* What strangers read has a row each while there are some left of the minute's, and is summed up
 * then; those of others never are. */
static void audit__strangers_rows_are_used_up__the_rest_is_summed_up(void **state)
{
    enum { BEYOND = 500 };
    struct fixture *f = *state;
    const int64_t most = f->service.settings->anonymous_rows;
    struct audit_entry read = entry_of_stranger("/read", 200);
    struct audit_entry known = entry_of("/known");

    for (int64_t i = 0; i < most + BEYOND; i++) {
        audit_add(f->service.audit, &read);
    }
    audit_add(f->service.audit, &known);
    read.created_us -= 60 * CLOCK_US_PER_S;
    audit_add(f->service.audit, &read); /* it took longer than others */
    read.created_us += 120 * CLOCK_US_PER_S;
    audit_add(f->service.audit, &read); /* the next minute has rows again */
    service_stop_listening(&f->service);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/read'"
                                       " AND details IS NULL"),
                     most + 1);
    assert_int_equal(
        fixture_number(f, "SELECT sum(json_extract(details, '$.requests')) FROM audit_logs"
                          " WHERE route = '/read' AND details IS NOT NULL"),
        BEYOND + 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/known'"),
                     1);
}

/* What is as old as `since` is not younger. */
static void audit_counts__boundary__is_not_recent(void **state)
{
    static const struct {
        int64_t since_us;
        int64_t recent;
    } CASES[] = {{99, 3}, {100, 2}, {199, 2}, {200, 1}, {300, 0}, {301, 0}};
    struct fixture *f = *state;
    struct sql_audit_counts_row row;
    struct db_session *session = NULL;
    struct arena arena;
    struct ctx ctx;
    struct err err;

    fixture_run(f, "DELETE FROM audit_logs; INSERT INTO audit_logs (id, action, created_at)"
                   " VALUES (1, 'a', 100), (2, 'b', 200), (3, 'c', 300)");
    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, "test", "BG count", 60000);
    assert_true(db_checkout(&ctx, f->service.main_pool, &session, &err));
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_int_equal(sql_audit_counts(session, CASES[i].since_us, &row, &err), DB_ROW);
        assert_int_equal(row.total, 3);
        assert_int_equal(row.recent, CASES[i].recent);
    }
    db_checkin(session);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(audit__many_threads__every_row_is_written, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(audit__texts__fit_their_columns, open_desk, close_service),
        cmocka_unit_test_setup_teardown(audit__full_queue__refuses_and_loses_nothing, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(audit__full_queue__refuses_and_loses_nothing,
                                        open_wide_store, close_service),
        cmocka_unit_test_setup_teardown(audit__rows_that_are_refused__are_the_only_ones_lost,
                                        open_store, close_service),
        cmocka_unit_test_setup_teardown(audit__database_away_while_stopping__rows_are_written,
                                        open_store, close_service),
        cmocka_unit_test_setup_teardown(audit__cannot_be_written__holds_up_no_security_event,
                                        open_store, close_service),
        cmocka_unit_test_setup_teardown(audit__strangers_refused__are_summed_up, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(audit__minute_is_over__sums_are_written, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(audit__strangers_rows_are_used_up__the_rest_is_summed_up,
                                        open_store, close_service),
        cmocka_unit_test_setup_teardown(audit_counts__boundary__is_not_recent, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(audit__requests__are_written_soon, open_desk,
                                        close_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
