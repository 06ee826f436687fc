/* service/account.h: a password that is set anew at the database, beside the running service. */
#include "core/clock.h"
#include "fixture.h"
#include "service/account.h"
#include "support/test.h"

#define LOGIN(password_) "{\"username\":\"admin\",\"password\":\"" password_ "\"}"

static int open_store(void **state)
{
    *state = fixture_open(&kind_store);
    return 0;
}

static int close_service(void **state)
{
    fixture_close(*state);
    return 0;
}

/* As the command does it, on a connection of its own. */
static bool set(struct fixture *f, const char *username, const char *password,
                struct account_change *ret, struct err *err)
{
    static char name[64];
    struct account_database database;
    struct arena arena;
    struct ctx ctx;
    bool ok;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, "test", "TEST", 60000);
    ok = account_database_open(&kind_store, f->service.settings, "octo-password", &arena, &database,
                               err);
    assert_true(ok);
    ok = account_set_password(&ctx, database.pool, username, password, ret, err);
    account_database_close(&database);
    if (ok) {
        (void)snprintf(name, sizeof(name), "%s", ret->username);
        ret->username = name; /* which else ends with the unit */
    }
    arena_fini(&arena);
    return ok;
}

static int login(struct fixture *f, const char *body)
{
    fixture_ask(f, "POST", "/api/login", "", body);
    return f->status;
}

/* The old password and the sign-ins made with it are worth nothing any more, and it stands in the
 * audit trail. */
static void account_set_password__of_a_user__ends_the_old_one(void **state)
{
    struct fixture *f = *state;
    struct account_change change;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
    assert_true(set(f, "ADMIN", "another-good-one", &change, &err));
    assert_string_equal(change.username, "admin");
    assert_true(change.is_active);
    assert_int_equal(change.sessions_ended, 2);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions"), 0);
    assert_int_equal(login(f, LOGIN("a-good-password")), 401);
    assert_int_equal(login(f, LOGIN("another-good-one")), 200);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM audit_logs WHERE action = 'user.password_set' AND "
                          "resource_name = 'user:1' AND details = '{\"sessions_ended\":2}'"),
        1);
}

/* Others keep theirs. */
static void account_set_password__of_a_user__leaves_the_others(void **state)
{
    struct fixture *f = *state;
    struct account_change change;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
    assert_true(set(f, "clerk@example.invalid", "a-clerk-s-word", &change, &err));
    assert_string_equal(change.username, "clerk");
    assert_int_equal(change.sessions_ended, 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions"), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users WHERE password_hash = '!'"), 3);
    assert_int_equal(login(f, "{\"username\":\"clerk\",\"password\":\"a-clerk-s-word\"}"), 200);
    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
}

static void account_set_password__nobody_of_that_name__changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct account_change change;
    struct err err = {.code = ERR_NONE};

    assert_false(set(f, "nobody", "another-good-one", &change, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM audit_logs WHERE action = 'user.password_set'"), 0);
}

/* A password whose change cannot be told, or leaves sign-ins behind, stays as it was. */
static void account_set_password__any_part_fails__changes_nothing(void **state)
{
    static const char *const PARTS[] = {"UPDATE ON users", "DELETE ON user_sessions",
                                        "INSERT ON audit_logs WHEN NEW.action LIKE 'user.%'"};
    struct fixture *f = *state;
    char sql[200];

    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
        struct account_change change;
        struct err err = {.code = ERR_NONE};

        (void)snprintf(sql, sizeof(sql),
                       "CREATE TRIGGER broken BEFORE %s BEGIN SELECT json('{'); END", PARTS[i]);
        fixture_run(f, sql);
        assert_false(set(f, "admin", "another-password", &change, &err));
        assert_int_equal(err.code, ERR_DATABASE);
        fixture_run(f, "DROP TRIGGER broken");
        assert_int_equal(fixture_number(f, "SELECT count(*) FROM user_sessions"), 1);
    }
    assert_int_equal(login(f, LOGIN("another-password")), 401);
    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
}

/* The limits are those of signing in, so that nobody gets a password that no sign-in takes. */
static void account_set_password__unfit_password__is_refused(void **state)
{
    struct fixture *f = *state;
    char longest[202];
    const char *unfit[] = {"", "eleven-char", "\xff\xfe-no-utf-8", longest};
    struct account_change change;
    struct err err;

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
        err = (struct err){.code = ERR_NONE};
        assert_false(set(f, "admin", unfit[i], &change, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_non_null(strstr(err.text, "password"));
    }
    assert_int_equal(login(f, LOGIN("a-good-password")), 200);
    longest[200] = '\0';
    assert_true(set(f, "admin", longest, &change, &err));
    assert_true(set(f, "admin", "twelve-chars", &change, &err));
    assert_int_equal(login(f, LOGIN("twelve-chars")), 200);
}

/* A look at a directory without a database leaves it without one. */
static void account_database_open__no_file__makes_none(void **state)
{
    struct fixture *f = *state;
    struct settings settings = *f->service.settings;
    struct account_database database;
    struct arena arena;
    struct err err = {.code = ERR_NONE};

    arena_init(&arena);
    settings.data_dir = arena_printf(&arena, "%s/none", f->dir);
    assert_false(
        account_database_open(&kind_store, &settings, "octo-password", &arena, &database, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "octo up"));
    arena_fini(&arena);
}

int main(void)
{
#define STORE_TEST(case_) cmocka_unit_test_setup_teardown(case_, open_store, close_service)
    const struct CMUnitTest tests[] = {
        STORE_TEST(account_set_password__of_a_user__ends_the_old_one),
        STORE_TEST(account_set_password__of_a_user__leaves_the_others),
        STORE_TEST(account_set_password__nobody_of_that_name__changes_nothing),
        STORE_TEST(account_set_password__any_part_fails__changes_nothing),
        STORE_TEST(account_set_password__unfit_password__is_refused),
        STORE_TEST(account_database_open__no_file__makes_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
