/* service/security.h: what looks like an attack, and what becomes of one. service/page_views.h. */
#include "core/clock.h"
#include "fixture.h"
#include "service/security.h"
#include "support/test.h"

static int open_store(void **state)
{
    *state = fixture_open(&kind_store);
    return 0;
}

static int close_store(void **state)
{
    fixture_close(*state);
    return 0;
}

/* Honest names and searches are left alone, also those with an apostrophe. */
static void security__honest_texts__are_no_attacks(void **state)
{
    static const char *const TEXTS[] = {"O'Brien",
                                        "DJI Mini 4 Pro",
                                        "select a drone and union jack",
                                        "drop in; order by phone",
                                        "5 < 7 and once=true",
                                        "rock 'n' roll",
                                        "",
                                        "a <3 onion"};

    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        assert_false(security_looks_like_sqli(TEXTS[i]));
        assert_false(security_looks_like_xss(TEXTS[i]));
    }
    assert_false(security_looks_like_sqli(NULL));
    assert_false(security_looks_like_xss(NULL));
}

static void security__attacks__are_seen(void **state)
{
    (void)state;
    assert_true(security_looks_like_sqli("' OR 1=1 --"));
    assert_true(security_looks_like_sqli("x' UNION SELECT password FROM users"));
    assert_true(security_looks_like_sqli("1; DROP TABLE users"));
    assert_true(security_looks_like_sqli("admin'--"));
    assert_true(security_looks_like_xss("<script>alert(1)</script>"));
    assert_true(security_looks_like_xss("<img src=x onerror = alert(1)>"));
    assert_true(security_looks_like_xss("JavaScript:alert(1)"));
}

/* Three alike within a second are one, which is counted and stored. */
static void security_record__same_event__is_stored_once(void **state)
{
    struct fixture *f = *state;

    clock_freeze(clock_mono_ns(), clock_utc_us());
    fixture_ask(f, "POST", "/api/attack", "", "{}");
    clock_thaw();
    assert_int_equal(f->status, 200);
    fixture_ask_inside(f, "/metrics");
    assert_non_null(strstr(f->answer, "store_business_security_events_total{type=\"sqli\","
                                      "severity=\"critical\"} 1"));
    fixture_restart(f); /* stopping stores what waits */
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures WHERE scope = 'attack'"
                                       " AND who = 'sqli critical '' OR 1=1 -- 7'"),
                     1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures WHERE scope = 'details'"
                                       " AND who = '{\"mitre_technique_id\":\"T1190\","
                                       "\"mitre_tactic\":\"initial-access\","
                                       "\"mitre_technique\":"
                                       "\"Exploit Public-Facing Application\","
                                       "\"owasp_category\":\"A03\","
                                       "\"owasp_name\":\"Injection\"}'"),
                     1);
}

/* Events that the database refuses are counted and given up, all of their group; later ones are
 * stored. */
static void security_record__refused_event__is_counted_and_holds_up_nobody(void **state)
{
    struct fixture *f = *state;
    const struct counter *dropped = metrics_counter(
        f->service.metrics,
        &(struct metric){.name = "security_events_dropped", .unit = "", .help = ""});

    fixture_run(f, "CREATE TRIGGER refused BEFORE INSERT ON login_failures"
                   " WHEN NEW.scope = 'attack' BEGIN SELECT RAISE(ABORT, 'no'); END");
    clock_freeze(clock_mono_ns(), clock_utc_us());
    fixture_ask(f, "POST", "/api/attack", "", "{}");
    clock_thaw();
    assert_int_equal(f->status, 200);
    WAIT_UNTIL(counter_value(dropped) == 1);
    fixture_run(f, "DROP TRIGGER refused");
    clock_freeze(clock_after_ms(60000), clock_utc_us()); /* when it is another event */
    fixture_ask(f, "POST", "/api/attack", "", "{}");
    clock_thaw();
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures"
                                       " WHERE scope = 'attack'"),
                     1);
}

static void record_of(struct fixture *f, const char *payload)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, "test", payload, 60000);
    security_record_in(
        &f->service, &ctx,
        &(struct attack){.type = "sqli", .severity = SEVERITY_LOW, .payload = payload});
    arena_fini(&arena);
}

static int64_t stored_of(const struct fixture *f, const char *payload)
{
    char sql[128];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM login_failures WHERE who = 'sqli low %s 0'", payload);
    return fixture_number(f, sql);
}

/* An event calls the writer by itself: nothing else is there to be written. Only the second finds
 * it asleep for sure. */
static void security_record__no_request_follows__is_stored_at_once(void **state)
{
    struct fixture *f = *state;

    record_of(f, "first");
    WAIT_UNTIL(stored_of(f, "first") == 1);
    record_of(f, "second");
    WAIT_UNTIL(stored_of(f, "second") == 1);
}

static void attack_from(struct fixture *f, const char *client, const char *action)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, "test", action, 60000);
    ctx.client_ip = client;
    security_record_in(&f->service, &ctx,
                       &(struct attack){.type = "sqli", .severity = SEVERITY_LOW, .payload = "x"});
    arena_fini(&arena);
}

static int open_small_store(void **state)
{
    setenv("OCTO_BUDGET_EVENTS", "3/5", 1);
    *state = fixture_open(&kind_store);
    unsetenv("OCTO_BUDGET_EVENTS");
    return 0;
}

/* More kinds than a small table could tell apart, asked for again and again within a second: each
 * is one, or is taken for another. Those that meet in one place are no news each time. */
static void security_record__many_kinds_in_turn__none_twice_in_a_second(void **state)
{
    enum { KINDS = 1500, ROUNDS = 4 };
    struct fixture *f = *state;
    const struct attribute attributes[] = {attribute_text("type", "sqli"),
                                           attribute_text("severity", "low")};
    const struct counter *counted;
    char action[32];

    clock_freeze(clock_mono_ns(), clock_utc_us());
    for (int i = 0; i < ROUNDS * KINDS; i++) {
        (void)snprintf(action, sizeof(action), "GET /%d", i % KINDS);
        attack_from(f, "127.0.0.1", action);
    }
    clock_thaw();
    counted = metrics_counter(f->service.metrics,
                              &(struct metric){.name = "store_business_security_events",
                                               .unit = "",
                                               .help = "",
                                               .attributes = attributes,
                                               .attribute_count = 2});
    assert_true(counter_value(counted) <= KINDS);
    assert_true(counter_value(counted) > KINDS * 9 / 10);
}

/* News of one address up to its own budget, of all up to theirs; what is beyond is counted. So few
 * kinds are hardly ever taken for each other. */
static void security_record__many_sources__no_more_than_their_budgets(void **state)
{
    struct fixture *f = *state;
    char action[32];

    clock_freeze(clock_mono_ns(), clock_utc_us());
    for (int i = 0; i < 50; i++) {
        (void)snprintf(action, sizeof(action), "GET /%d", i);
        attack_from(f, "192.0.2.1", action);
    }
    attack_from(f, "2001:db8::1", "GET /");
    attack_from(f, "2001:db8::2", "GET /");
    attack_from(f, "192.0.2.2", "GET /"); /* all have no more */
    attack_from(f, "127.0.0.1", "GET /"); /* whoever is exempt has */
    attack_from(f, NULL, "BG check");     /* and the service itself */
    clock_thaw();
    fixture_ask_inside(f, "/metrics");
    assert_non_null(strstr(f->answer, "store_business_security_events_total{type=\"sqli\","
                                      "severity=\"low\"} 55\n"));
    assert_non_null(strstr(f->answer, "store_http_refused_by_budget_total{budget=\"events\","
                                      "by=\"address\"} 47\n"));
    assert_non_null(strstr(f->answer, "store_http_refused_by_budget_total{budget=\"events\","
                                      "by=\"all\"} 1\n"));
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures"
                                       " WHERE scope = 'attack'"),
                     7);
}

/* Long texts are cut, wild numbers clamped, and regions add up. */
static void page_views__tracked__come_back_by_region(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/analytics/track", "",
                "{\"page\":\"/a\",\"visitor_region\":\"eu-west-1\",\"load_time_ms\":-5}");
    assert_int_equal(f->status, 200);
    assert_string_equal(fixture_body(f),
                        "{\"status\":\"tracked\",\"page\":\"/a\",\"page_view_id\":1}");
    fixture_ask(f, "POST", "/api/analytics/track", "",
                "{\"visitor_region\":\"EU-West-1\",\"load_time_ms\":99999999}");
    assert_int_equal(f->status, 200);
    fixture_ask(f, "POST", "/api/analytics/track", "X-Client-Region: us-east-1\r\n", "{}");
    assert_int_equal(f->status, 200);
    fixture_ask(f, "GET", "/api/analytics/geo?region=eu-west-1", "", "");
    assert_string_equal(fixture_body(f),
                        "{\"regions\":[{\"visitor_region\":\"eu-west-1\",\"view_count\":2,"
                        "\"avg_load_time\":30000,\"min_load_time\":0,\"max_load_time\":60000}],"
                        "\"total\":1}");
    fixture_ask(f, "GET", "/api/analytics/geo", "", "");
    assert_non_null(strstr(fixture_body(f), "{\"visitor_region\":\"us-east-1\",\"view_count\":1,"
                                            "\"avg_load_time\":null,\"min_load_time\":null,"
                                            "\"max_load_time\":null}"));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs"
                                       " WHERE action = 'page_view.tracked'"),
                     3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(security__honest_texts__are_no_attacks),
        cmocka_unit_test(security__attacks__are_seen),
        cmocka_unit_test_setup_teardown(security_record__same_event__is_stored_once, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(
            security_record__refused_event__is_counted_and_holds_up_nobody, open_store,
            close_store),
        cmocka_unit_test_setup_teardown(security_record__no_request_follows__is_stored_at_once,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(security_record__many_kinds_in_turn__none_twice_in_a_second,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(security_record__many_sources__no_more_than_their_budgets,
                                        open_small_store, close_store),
        cmocka_unit_test_setup_teardown(page_views__tracked__come_back_by_region, open_store,
                                        close_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
