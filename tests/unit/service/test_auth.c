/* service/auth.h and service/password.h: roles, passwords, sessions, limits. */
#include <time.h>

#include "fixture.h"
#include "service/auth.h"
#include "service/first_users.h"
#include "service/lifecycle.h"
#include "service/password.h"
#include "support/test.h"

static int open_store(void **state)
{
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
    fixture_close(*state);
    return 0;
}

/* Signs in and writes the header line with the token for the next request. */
static void sign_in(struct fixture *f, const char *username, const char *prefix, char *header,
                    size_t size)
{
    char body[256];
    char token[SESSION_TOKEN_MAX];
    const char *at;
    long long left_s;

    (void)snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"a-good-password\"}",
                   username);
    fixture_ask(f, "POST", "/api/login", "", body);
    assert_int_equal(f->status, 200);
    at = strstr(fixture_body(f), "\"left_s\":");
    assert_non_null(at);
    left_s = strtoll(at + 9, NULL, 10);
    assert_true(left_s > 0 && left_s <= f->service.settings->session_timeout_s);
    at = strstr(fixture_body(f), "\"token\":\"");
    assert_non_null(at);
    (void)snprintf(token, sizeof(token), "%.64s", at + 9);
    (void)snprintf(header, size, "%s%s\r\n", prefix, token);
}

/* Every word of people gives its role and back; what is no role of people is none in a user's row.
 */
static void auth_role__words__go_both_ways(void **state)
{
    static const char *const WORDS[] = {"user",    "viewer", "support",       "analyst",
                                        "manager", "admin",  "chaos-operator"};

    (void)state;
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        assert_string_equal(auth_role_word(auth_role(WORDS[i])), WORDS[i]);
    }
    assert_int_equal(auth_role("service"), 0);
    assert_int_equal(auth_role("scraper"), 0);
    assert_string_equal(auth_role_word(ROLE_SERVICE), "service");
    assert_int_equal(auth_role("root"), 0);
    assert_int_equal(auth_role(""), 0);
    assert_string_equal(auth_role_word((enum role)0), "");
}

/* A hash fits its password alone, and the unusable one none. */
static void password__hash__fits_only_its_password(void **state)
{
    char hash[PASSWORD_HASH_MAX];
    char again[PASSWORD_HASH_MAX];
    struct err err = {0};

    (void)state;
    assert_true(password_hash("correct horse", hash, &err));
    assert_true(password_hash("correct horse", again, &err));
    assert_string_not_equal(hash, again);
    assert_non_null(strstr(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_true(password_fits("correct horse", hash));
    assert_false(password_fits("correct horsf", hash));
    assert_false(password_fits("", hash));
    assert_false(password_fits("!", PASSWORD_UNUSABLE));
}

static clock_t work_of(const char *hash)
{
    const clock_t begun = clock();

    assert_false(password_fits("whatever", hash));
    return clock() - begun;
}

/* Unknown users take as long as known ones: the dummy hash is computed, too. That shows in the work
 * of this process, whatever else the machine does. */
static void password__unusable_hash__takes_as_much_work(void **state)
{
    char hash[PASSWORD_HASH_MAX];
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(password_hash("correct horse", hash, &err));
    assert_true(work_of(PASSWORD_UNUSABLE) > work_of(hash) / 4);
}

/* Long, and without letters that look alike. */
static void password__generated__is_long_and_clear(void **state)
{
    char first[PASSWORD_GENERATED_MAX];
    char second[PASSWORD_GENERATED_MAX];

    (void)state;
    password_generate(first);
    password_generate(second);
    assert_int_equal(strlen(first), 24);
    assert_null(strpbrk(first, "01IOl"));
    assert_string_not_equal(first, second);
}

/* The token opens the session in each form until it is closed; the database keeps only its hash. */
static void auth__session__opens_and_closes(void **state)
{
    static const char *const FORMS[] = {"Authorization: Bearer ",
                                        "X-Session-Id: ", "Cookie: store_token="};
    struct fixture *f = *state;
    char header[256];
    size_t length;

    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        sign_in(f, i == 1 ? "ADMIN" : "admin", FORMS[i], header, sizeof(header));
        fixture_ask(f, "GET", "/api/me", header, "");
        assert_int_equal(f->status, 200);
        assert_string_equal(fixture_body(f), "{\"username\":\"admin\"}");
    }
    /* A change that has nothing but the cookie may be another site's doing. */
    fixture_ask(f, "POST", "/api/logout", header, "");
    assert_int_equal(f->status, 403);
    /* Even where the browser has credentials of its own for something in between. */
    length = strlen(header);
    (void)snprintf(header + length, sizeof(header) - length, "Authorization: Basic eDp4\r\n");
    fixture_ask(f, "POST", "/api/logout", header, "");
    assert_int_equal(f->status, 403);
    (void)snprintf(header + length, sizeof(header) - length, "X-Requested-With: test\r\n");
    fixture_ask(f, "POST", "/api/logout", header, "");
    assert_int_equal(f->status, 200);
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 401);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions"), 2);
}

/* A token that is there but cannot be used is nobody's: what else the request carries is not asked
 * instead, and of two nobody chooses. */
static void auth__unusable_token__is_not_taken_for_none(void **state)
{
    struct fixture *f = *state;
    char cookie[128];
    char headers[512];

    sign_in(f, "admin", "Cookie: store_token=", cookie, sizeof(cookie));
    (void)snprintf(headers, sizeof(headers), "Authorization: Bearer\r\n%s", cookie);
    fixture_ask(f, "GET", "/api/me", headers, "");
    assert_int_equal(f->status, 401);
    (void)snprintf(headers, sizeof(headers), "X-Session-Id:\r\n%s", cookie);
    fixture_ask(f, "GET", "/api/me", headers, "");
    assert_int_equal(f->status, 401);
    (void)snprintf(headers, sizeof(headers), "X-Session-Id: a\r\nX-Session-Id: b\r\n%s", cookie);
    fixture_ask(f, "GET", "/api/me", headers, "");
    assert_int_equal(f->status, 400);
    (void)snprintf(headers, sizeof(headers), "Cookie: store_token=\xff\r\n");
    fixture_ask(f, "GET", "/api/me", headers, "");
    assert_int_equal(f->status, 400);
    (void)snprintf(headers, sizeof(headers), "Cookie: n=J\xf6rg; store_token=0; %s",
                   strchr(cookie, ' ') + 1);
    fixture_ask(f, "GET", "/api/me", headers, "");
    assert_int_equal(f->status, 400);
    (void)snprintf(headers, sizeof(headers), "Cookie: n=J\xf6rg; %s", strchr(cookie, ' ') + 1);
    fixture_ask(f, "GET", "/api/me", headers, "");
    assert_int_equal(f->status, 200);
}

/* A user name that is another's address is the name first. */
static void auth_login__name_is_anothers_address__goes_first(void **state)
{
    struct fixture *f = *state;
    char header[256];

    fixture_run(f, "INSERT INTO users (id, username, email, password_hash, role)"
                   " SELECT id + 1000, email, 'b@example.org', password_hash, 'user' FROM users"
                   " WHERE username = 'admin'");
    sign_in(f, "admin@desk.test", "X-Session-Id: ", header, sizeof(header));
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_string_equal(fixture_body(f), "{\"username\":\"admin@desk.test\"}");
    sign_in(f, "admin", "X-Session-Id: ", header, sizeof(header));
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_string_equal(fixture_body(f), "{\"username\":\"admin\"}");
}

/* An expired session, a disabled user and a made-up token are all nobody. */
static void auth__dead_sessions__are_refused(void **state)
{
    struct fixture *f = *state;
    char header[256];

    sign_in(f, "admin@desk.test", "Cookie: desk_token=", header, sizeof(header));
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 200);
    (void)fixture_number(f, "UPDATE users SET is_active = 0 RETURNING 1");
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 401);
    (void)fixture_number(f, "UPDATE users SET is_active = 1 RETURNING 1");
    (void)fixture_number(f, "UPDATE user_sessions SET expires_at = 1 RETURNING 1");
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 401);
    fixture_ask(f, "GET", "/api/me", "X-Session-Id: nonsense\r\n", "");
    assert_int_equal(f->status, 401);
}

/* The desk lets five guesses pass, then says how long to wait; another account is not touched. */
static void auth_login__failures__are_limited(void **state)
{
    struct fixture *f = *state;
    static const char WRONG[] = "{\"username\":\"admin\",\"password\":\"wrong\"}";
    static const char RIGHT[] = "{\"username\":\"Admin\",\"password\":\"a-good-password\"}";

    fixture_ask(f, "POST", "/api/login", "", "{\"username\":\"nobody\",\"password\":\"wrong\"}");
    assert_int_equal(f->status, 401);
    for (int i = 0; i < 5; i++) {
        fixture_ask(f, "POST", "/api/login", "", WRONG);
        assert_int_equal(f->status, 401);
    }
    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 429);
    assert_true(strtol(strstr(f->answer, "Retry-After: ") + strlen("Retry-After: "), NULL, 10) >
                200);
    (void)fixture_number(f, "UPDATE login_failures SET failed_at = 1 RETURNING 1");
    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 200);
}

/* Who has signed in from here before is let in again: after a pause of his own, and not for a wrong
 * password, which is answered as if nobody had looked at it. */
static void auth_login__known_address__passes_the_limit_after_a_pause(void **state)
{
    struct fixture *f = *state;
    static const char WRONG[] = "{\"username\":\"admin\",\"password\":\"wrong\"}";
    static const char RIGHT[] = "{\"username\":\"Admin\",\"password\":\"a-good-password\"}";
    static const char EARLIER[] = "UPDATE login_failures SET failed_at = failed_at - 2000000";

    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 200);
    for (int i = 0; i < 5; i++) {
        fixture_ask(f, "POST", "/api/login", "", WRONG);
        assert_int_equal(f->status, 401);
    }
    /* Ahead by a minute, so that the pause lasts however slow this machine is. */
    fixture_run(f, "UPDATE login_failures SET failed_at = failed_at + 60000000");
    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 429);
    fixture_run(f, "UPDATE login_failures SET failed_at = failed_at - 60000000");
    fixture_run(f, EARLIER);
    fixture_ask(f, "POST", "/api/login", "", WRONG);
    assert_int_equal(f->status, 429);
    fixture_run(f, EARLIER);
    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 200);
}

/* Names are made up: none is tried beyond the address's limit, nor noted. */
static void auth_login__names_are_sprayed__are_refused_and_leave_no_rows(void **state)
{
    struct fixture *f = *state;
    char body[128];
    int tried = 0;

    for (int i = 0; i < 60; i++) {
        (void)snprintf(body, sizeof(body), "{\"username\":\"u%d\",\"password\":\"wrong\"}", i);
        fixture_ask(f, "POST", "/api/login", "", body);
        assert_true(f->status == 401 || f->status == 429);
        tried += f->status == 401 ? 1 : 0;
    }
    assert_int_equal(tried, 20);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures"), 60);
    assert_true(strtol(strstr(f->answer, "Retry-After: ") + strlen("Retry-After: "), NULL, 10) >
                200);
}

/* The oldest of too many sessions ends, and only of the user who signs in. */
static void auth_login__too_many_sessions__the_oldest_ends(void **state)
{
    struct fixture *f = *state;
    char header[256];

    fixture_run(f, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
                   " INSERT INTO user_sessions (session_id, user_id, username, role, expires_at)"
                   " SELECT 's' || i, 1 + (i > 35), 'admin', 'admin', 9000000000000000 FROM n");
    sign_in(f, "admin", "X-Session-Id: ", header, sizeof(header));
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 200);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions WHERE user_id = 1"), 32);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions WHERE user_id = 2"), 5);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM user_sessions WHERE session_id = 's4'"), 0);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM user_sessions WHERE session_id = 's5'"), 1);
}

/* Whoever changes the password, and however: sessions end with it. */
static void auth__password_changed_by_hand__ends_its_users_sessions(void **state)
{
    struct fixture *f = *state;
    char header[256];

    sign_in(f, "admin", "X-Session-Id: ", header, sizeof(header));
    fixture_run(f, "UPDATE users SET password_hash = password_hash, role = 'manager'"
                   " WHERE username = 'admin';"
                   "UPDATE users SET password_hash = 'x' WHERE username = 'clerk'");
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 200);
    fixture_run(f, "UPDATE users SET password_hash = '!' WHERE username = 'admin'");
    fixture_ask(f, "GET", "/api/me", header, "");
    assert_int_equal(f->status, 401);
}

/* Where these rows cannot be written: json() fails, and that is nobody's fault but the database's.
 */
static void break_table(const struct fixture *f, const char *table)
{
    char sql[200];

    (void)snprintf(sql, sizeof(sql),
                   "CREATE TRIGGER broken BEFORE INSERT ON %s BEGIN SELECT json('{'); END", table);
    fixture_run(f, sql);
}

/* Whose session cannot be stored is not signed in, and gets neither a token nor the user. */
static void auth_login__session_cannot_be_stored__gives_no_token(void **state)
{
    struct fixture *f = *state;
    static const char RIGHT[] = "{\"username\":\"admin\",\"password\":\"a-good-password\"}";

    break_table(f, "user_sessions");
    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 500);
    assert_null(strstr(f->answer, "token"));
    assert_null(strstr(f->answer, "admin"));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions"), 0);
    fixture_run(f, "DROP TRIGGER broken");
    fixture_ask(f, "POST", "/api/login", "", RIGHT);
    assert_int_equal(f->status, 200);
    fixture_restart(f); /* which writes what waits */
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM audit_logs WHERE action = 'auth.login'"), 1);
}

/* A guess that cannot be counted is not answered as one that was: else the limit were none. */
static void auth_login__failure_cannot_be_counted__is_an_error(void **state)
{
    struct fixture *f = *state;
    static const char WRONG[] = "{\"username\":\"admin\",\"password\":\"wrong\"}";

    break_table(f, "login_failures");
    fixture_ask(f, "POST", "/api/login", "", WRONG);
    assert_int_equal(f->status, 500);
    fixture_run(f, "DROP TRIGGER broken");
    fixture_ask(f, "POST", "/api/login", "", WRONG);
    assert_int_equal(f->status, 401);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures WHERE scope = 'pair'"),
                     1);
}

/* The internal key makes the service role; a wrong one makes nobody. */
static void auth__internal_key__is_the_service(void **state)
{
    struct fixture *f = *state;
    char header[256];

    (void)snprintf(header, sizeof(header), "X-Internal-Service-Key: %s\r\n",
                   f->service.internal_key);
    fixture_ask(f, "GET", "/api/observability/sessions", header, "");
    assert_int_equal(f->status, 200);
    assert_non_null(strstr(fixture_body(f), "\"sessions\":["));
    fixture_ask(f, "GET", "/api/observability/pools", header, "");
    assert_int_equal(f->status, 200);
    assert_non_null(strstr(fixture_body(f), "\"name\":\"main\""));
    header[40] = header[40] == 'a' ? 'b' : 'a';
    fixture_ask(f, "GET", "/api/observability/pools", header, "");
    assert_int_equal(f->status, 401);
}

/* The store's other first users are there and cannot sign in; a restart changes nobody. */
static void first_users_make__missing__are_made_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 5);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users WHERE password_hash = '!'"), 4);
    (void)fixture_number(f, "UPDATE users SET role = 'user' WHERE username = 'admin' RETURNING 1");
    fixture_restart(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 5);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users WHERE role = 'admin'"), 0);
    fixture_ask(f, "POST", "/api/login", "", "{\"username\":\"clerk\",\"password\":\"!\"}");
    assert_int_equal(f->status, 401);
}

/* A password is told of only when it fits: of two replicas that start at once one makes admin. */
static void first_users_make__admin_made_meanwhile__tells_no_password(void **state)
{
    struct fixture *f = *state;
    const struct settings *whole = f->service.settings;
    struct settings settings = *whole;
    struct err err;

    service_stop_listening(&f->service); /* its threads read the settings too */
    settings.bootstrap_password = (char[]){""};
    f->service.settings = &settings;
    fixture_run(f, "DELETE FROM users WHERE username = 'admin'");
    assert_true(first_users_make(&f->service, &err));
    assert_int_equal(strlen(f->service.generated_password), 24);
    f->service.generated_password[0] = '\0';
    fixture_run(f, "DELETE FROM users WHERE username = 'admin';"
                   "CREATE TRIGGER meanwhile BEFORE INSERT ON users WHEN NEW.username = 'admin'"
                   " BEGIN SELECT raise(IGNORE); END");
    assert_true(first_users_make(&f->service, &err));
    assert_string_equal(f->service.generated_password, "");
    f->service.settings = whole;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auth_role__words__go_both_ways),
        cmocka_unit_test(password__hash__fits_only_its_password),
        cmocka_unit_test(password__unusable_hash__takes_as_much_work),
        cmocka_unit_test(password__generated__is_long_and_clear),
        cmocka_unit_test_setup_teardown(auth__session__opens_and_closes, open_store, close_service),
        cmocka_unit_test_setup_teardown(auth__unusable_token__is_not_taken_for_none, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(auth_login__name_is_anothers_address__goes_first, open_desk,
                                        close_service),
        cmocka_unit_test_setup_teardown(auth__dead_sessions__are_refused, open_desk, close_service),
        cmocka_unit_test_setup_teardown(auth_login__failures__are_limited, open_desk,
                                        close_service),
        cmocka_unit_test_setup_teardown(auth_login__known_address__passes_the_limit_after_a_pause,
                                        open_desk, close_service),
        cmocka_unit_test_setup_teardown(
            auth_login__names_are_sprayed__are_refused_and_leave_no_rows, open_desk, close_service),
        cmocka_unit_test_setup_teardown(auth_login__too_many_sessions__the_oldest_ends, open_store,
                                        close_service),
        cmocka_unit_test_setup_teardown(auth__password_changed_by_hand__ends_its_users_sessions,
                                        open_store, close_service),
        cmocka_unit_test_setup_teardown(auth_login__session_cannot_be_stored__gives_no_token,
                                        open_desk, close_service),
        cmocka_unit_test_setup_teardown(auth_login__failure_cannot_be_counted__is_an_error,
                                        open_desk, close_service),
        cmocka_unit_test_setup_teardown(auth__internal_key__is_the_service, open_desk,
                                        close_service),
        cmocka_unit_test_setup_teardown(first_users_make__admin_made_meanwhile__tells_no_password,
                                        open_store, close_service),
        cmocka_unit_test_setup_teardown(first_users_make__missing__are_made_once, open_store,
                                        close_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
