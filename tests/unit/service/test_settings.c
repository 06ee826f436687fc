/* service/settings.h and service/internal_key.h. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"
#include "service/internal_key.h"
#include "service/settings.h"
#include "support/test.h"

struct fixture {
    struct arena arena;
    struct settings settings;
    struct err err;
    char dir[64];
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    for (size_t i = 0; i < settings_row_count; i++) {
        unsetenv(settings_rows[i].env);
    }
    arena_init(&f->arena);
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/octo-settings-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    setenv("OCTO_DATA_DIR", f->dir, 1);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    (void)unlink(path);
    (void)rmdir(f->dir);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static bool load(struct fixture *f, const struct service_traits *traits)
{
    char name[] = "octo";
    char *argv[] = {name, NULL};
    int argc = 1;

    return settings_load(traits, &f->arena, &argc, argv, &f->settings, &f->err);
}

/* What the settings leave open is filled by the service's traits. */
static void settings_load__defaults__are_the_services_own(void **state)
{
    struct fixture *f = *state;

    assert_true(load(f, &kind_shop));
    assert_int_equal(f->settings.main_pool.size, 5);
    assert_int_equal(f->settings.main_pool.overflow, 10);
    assert_int_equal(f->settings.max_login_attempts, 8);
    assert_int_equal(f->settings.session_timeout_s, 8 * 3600);
    assert_string_equal(f->settings.crm_url, "http://127.0.0.1:8081");
    assert_true(load(f, &kind_crm));
    assert_int_equal(f->settings.main_pool.size, 10);
    assert_int_equal(f->settings.main_pool.overflow, 20);
    assert_int_equal(f->settings.max_login_attempts, 5);
    assert_int_equal(f->settings.session_timeout_s, 3600);
    assert_string_equal(f->settings.shop_url, "http://127.0.0.1:8080");
    assert_true(load(f, &kind_console));
    assert_int_equal(f->settings.main_pool.size, 3);
    assert_int_equal(f->settings.main_pool.overflow, 1);
    assert_int_equal(f->settings.worker_threads, 4);
    assert_int_equal(f->settings.max_login_attempts, 2);
    assert_int_equal(f->settings.session_timeout_s, 60);
}

/* The peer is looked for where this host's services listen. */
static void settings_load__host__is_the_peers_too(void **state)
{
    static const char *const cases[][2] = {{"::1", "http://[::1]:8081"},
                                           {"::", "http://[::1]:8081"},
                                           {"0.0.0.0", "http://127.0.0.1:8081"},
                                           {"127.0.0.2", "http://127.0.0.2:8081"},
                                           {"localhost", "http://localhost:8081"}};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(setenv("OCTO_HOST", cases[i][0], 1), 0);
        assert_true(load(f, &kind_shop));
        assert_string_equal(f->settings.crm_url, cases[i][1]);
    }
    assert_int_equal(unsetenv("OCTO_HOST"), 0);
}

/* A pool of a fixed size can be had. */
static void settings_load__no_overflow__is_none(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(setenv("DB_MAX_OVERFLOW", "0", 1), 0);
    assert_true(load(f, &kind_shop));
    assert_int_equal(f->settings.main_pool.overflow, 0);
    assert_int_equal(f->settings.worker_threads, 5);
    assert_int_equal(unsetenv("DB_MAX_OVERFLOW"), 0);
}

/* A pool that another service has counts for nothing. */
static void settings_load__pools__are_the_services_own(void **state)
{
    struct fixture *f = *state;

    setenv("DB_EVENTS_POOL_SIZE", "7", 1);
    setenv("DB_AUTH_POOL_SIZE", "9", 1);
    assert_true(load(f, &kind_shop));
    assert_int_equal(settings_sessions(&kind_shop, &f->settings), 5 + 10 + 7 + 10 + 1);
    assert_true(load(f, &kind_crm));
    assert_int_equal(settings_sessions(&kind_crm, &f->settings), 10 + 20 + 9 + 10 + 1);
    assert_true(load(f, &kind_bare));
    assert_int_equal(settings_sessions(&kind_bare, &f->settings), 0);
}

/* Production names the secret that is missing. */
static void settings_load__production__needs_its_secrets(void **state)
{
    struct fixture *f = *state;

    setenv("ENVIRONMENT", "production", 1);
    assert_false(load(f, &kind_shop));
    assert_non_null(strstr(f->err.text, "INTERNAL_SERVICE_KEY"));
    setenv("INTERNAL_SERVICE_KEY", "0123456789abcdef0123", 1);
    assert_false(load(f, &kind_shop));
    assert_non_null(strstr(f->err.text, "BOOTSTRAP_ADMIN_PASSWORD"));
    setenv("BOOTSTRAP_ADMIN_PASSWORD", "a-good-password", 1);
    assert_true(load(f, &kind_shop));
}

static void settings_load__bad_words__are_refused(void **state)
{
    struct fixture *f = *state;

    setenv("ENVIRONMENT", "staging", 1);
    assert_false(load(f, &kind_shop));
    unsetenv("ENVIRONMENT");
    setenv("OCTO_LOG_LEVEL", "loud", 1);
    assert_false(load(f, &kind_shop));
    unsetenv("OCTO_LOG_LEVEL");
    setenv("OCTO_SHOP_PORT", "70000", 1);
    assert_false(load(f, &kind_shop));
    assert_int_equal(f->err.code, ERR_CONFIG);
}

/* Made once, readable by its owner alone, and read by the next. */
static void internal_key_load__missing_key__is_made_once(void **state)
{
    struct fixture *f = *state;
    const char *key;
    const char *again;
    struct stat status;
    char path[128];

    assert_true(load(f, &kind_shop));
    assert_false(internal_key_load(&f->settings, &f->arena, false, &key, &f->err));
    assert_true(internal_key_load(&f->settings, &f->arena, true, &key, &f->err));
    assert_int_equal(strlen(key), 64);
    assert_true(internal_key_load(&f->settings, &f->arena, true, &again, &f->err));
    assert_string_equal(again, key);
    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* An empty or cut file is no key: better no start than a guessable one. */
static void internal_key_load__short_file__is_refused(void **state)
{
    struct fixture *f = *state;
    const char *key;
    char path[128];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(dprintf(fd, "abc\n") > 0);
    (void)close(fd);
    assert_true(load(f, &kind_shop));
    assert_false(internal_key_load(&f->settings, &f->arena, true, &key, &f->err));
    assert_int_equal(f->err.code, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_load__defaults__are_the_services_own, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__host__is_the_peers_too, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__no_overflow__is_none, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__pools__are_the_services_own, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__production__needs_its_secrets, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__bad_words__are_refused, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(internal_key_load__missing_key__is_made_once, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(internal_key_load__short_file__is_refused, open_fixture,
                                        close_fixture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
