/* service/traits.h: a service that is none of those there are, described by a table alone. */
#include <unistd.h>

#include "fixture.h"
#include "support/test.h"

static int open_console(void **state)
{
    *state = fixture_open(&kind_console);
    return 0;
}

static int open_bare(void **state)
{
    *state = fixture_open(&kind_bare);
    return 0;
}

static int close_service(void **state)
{
    fixture_close(*state);
    return 0;
}

/* Its names, its pools and no peer. */
static void traits__console__has_its_own_names_and_pools(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "GET", "/health", "", "");
    assert_non_null(strstr(f->answer, "X-Workflow-Id: other\r\n"));
    assert_string_equal(fixture_body(f), "{\"status\":\"ok\",\"service\":\"octo-console\"}");
    fixture_ask_inside(f, "/metrics");
    assert_non_null(strstr(fixture_body(f), "console_http_requests_total"));
    fixture_ask_inside(f, "/api/observability/pools");
    assert_non_null(strstr(fixture_body(f), "{\"pools\":[{\"service\":\"console\",\"name\":\"all\","
                                            "\"size\":3,\"overflow\":1,"));
    assert_null(strstr(fixture_body(f), "},{"));
    assert_null(f->service.peer);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users WHERE"
                                       " (username = 'admin' AND role = 'admin' AND"
                                       "  email = 'admin@console.test') OR"
                                       " (username = 'watcher' AND role = 'viewer')"),
                     2);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 2);
}

/* Each purpose has the pool that the table gives it. */
static void traits__pools__serve_their_purposes(void **state)
{
    struct fixture *f = fixture_open(&kind_store);

    (void)state;
    assert_ptr_equal(f->service.sign_in_pool, f->service.main_pool);
    assert_non_null(f->service.events_pool);
    assert_ptr_not_equal(f->service.events_pool, f->service.main_pool);
    fixture_close(f);
    f = fixture_open(&kind_desk);
    assert_ptr_equal(f->service.events_pool, f->service.main_pool);
    assert_non_null(f->service.sign_in_pool);
    assert_ptr_not_equal(f->service.sign_in_pool, f->service.main_pool);
    fixture_close(f);
    f = fixture_open(&kind_bare);
    assert_null(f->service.main_pool);
    fixture_close(f);
}

/* Its cookie opens what its one pool looks up, and nobody else's does. */
static void traits__console__signs_in_by_its_cookie(void **state)
{
    struct fixture *f = *state;
    char cookie[256];
    const char *token;

    fixture_ask(f, "POST", "/api/login", "",
                "{\"username\":\"admin\",\"password\":\"a-good-password\"}");
    assert_int_equal(f->status, 200);
    token = strstr(fixture_body(f), "\"token\":\"");
    assert_non_null(token);
    token += strlen("\"token\":\"");
    (void)snprintf(cookie, sizeof(cookie), "Cookie: console_token=%.64s\r\n", token);
    fixture_ask(f, "GET", "/api/me", cookie, "");
    assert_int_equal(f->status, 200);
    assert_non_null(strstr(f->answer, "X-Workflow-Id: look-around\r\n"));
    assert_string_equal(fixture_body(f), "{\"username\":\"admin\"}");
    memcpy(cookie, "Cookie: store_token  =", strlen("Cookie: store_token  ="));
    fixture_ask(f, "GET", "/api/me", cookie, "");
    assert_int_equal(f->status, 401);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions WHERE"
                                       " expires_at - created_at BETWEEN 59000000 AND 61000000"),
                     1);
}

/* A failed sign-in is no event here, one too many is; what all services know is read its own way.
 */
static void traits__console__has_its_own_events(void **state)
{
    static const char WRONG[] = "{\"username\":\"admin\",\"password\":\"wrong\"}";
    struct fixture *f = *state;

    for (size_t i = 0; i < 2; i++) {
        fixture_ask(f, "POST", "/api/login", "", WRONG);
        assert_int_equal(f->status, 401);
    }
    fixture_ask(f, "POST", "/api/login", "", WRONG);
    assert_int_equal(f->status, 429);
    fixture_ask(f, "POST", "/api/attack", "", "{}");
    fixture_ask_inside(f, "/metrics");
    assert_non_null(strstr(f->answer, "console_business_security_events_total{type=\"sqli\""));
    fixture_restart(f); /* stopping stores what waits */
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures WHERE scope = 'attack'"
                                       " AND who LIKE 'auth_bypass critical too often%'"),
                     1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures"
                                       " WHERE scope = 'attack' AND who LIKE 'brute_force%'"),
                     0);
    assert_true(fixture_number(f, "SELECT count(*) FROM login_failures WHERE scope = 'details'"
                                  " AND who LIKE '%\"T1059\"%\"owasp_category\":\"A09\"%'") > 0);
}

/* Without a database a service answers what needs none. */
static void traits__bare__needs_no_database(void **state)
{
    struct fixture *f = *state;
    char path[128];

    fixture_ask(f, "GET", "/api/open", "", "");
    assert_int_equal(f->status, 200);
    fixture_ask(f, "GET", "/api/me",
                "X-Session-Id: "
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n",
                "");
    assert_int_equal(f->status, 401);
    fixture_ask(f, "POST", "/api/attack", "", "{}");
    assert_int_equal(f->status, 200);
    fixture_ask_inside(f, "/api/observability/pools");
    assert_string_equal(fixture_body(f), "{\"pools\":[]}");
    fixture_ask_inside(f, "/api/observability/sessions");
    assert_string_equal(fixture_body(f), "{\"sessions\":[]}");
    (void)snprintf(path, sizeof(path), "%s/bare.db", f->dir);
    assert_int_not_equal(access(path, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(traits__console__has_its_own_names_and_pools, open_console,
                                        close_service),
        cmocka_unit_test(traits__pools__serve_their_purposes),
        cmocka_unit_test_setup_teardown(traits__console__signs_in_by_its_cookie, open_console,
                                        close_service),
        cmocka_unit_test_setup_teardown(traits__console__has_its_own_events, open_console,
                                        close_service),
        cmocka_unit_test_setup_teardown(traits__bare__needs_no_database, open_bare, close_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
