/* crm/settings.h: what the CRM sets of its own. */
#include "crm/crm.h"
#include "crm/settings.h"
#include "support/test.h"

static const struct service_traits *const SERVICES[] = {&crm_traits};

static void crm_settings__defaults__are_as_documented(void **state)
{
    char *argv[] = {(char[]){"octo"}, NULL};
    struct settings *settings = NULL;
    const struct crm_settings *own;
    struct arena arena;
    struct err err = {.code = ERR_NONE};
    int argc = 1;

    (void)state;
    arena_init(&arena);
    assert_true(settings_load(SERVICES, 1, &arena, &argc, argv, &settings, &err));
    assert_int_equal(settings->port, 8081);
    assert_int_equal(settings->pools[CRM_MAIN_POOL].size, 10);
    assert_int_equal(settings->pools[CRM_MAIN_POOL].overflow, 20);
    assert_int_equal(settings->pools[CRM_MAIN_POOL].timeout_ms, 5000);
    assert_int_equal(settings->pools[CRM_AUTH_POOL].size, 5);
    assert_int_equal(settings->pools[CRM_AUTH_POOL].overflow, 10);
    assert_int_equal(settings->worker_threads, 30);
    assert_int_equal(settings->max_login_attempts, 5);
    assert_int_equal(settings->session_timeout_s, 3600);
    own = (const struct crm_settings *)settings;
    assert_true(own->sync_enabled);
    assert_int_equal(own->sync_interval_s, 300);
    assert_int_equal(own->sync_lease_s, 60);
    assert_int_equal(own->sync_page, 200);
    assert_string_equal(own->sync_source, "octo-drone-shop");
    assert_int_equal(own->suspicious_total, 50000);
    assert_int_equal(own->backlog_age_minutes, 30);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crm_settings__defaults__are_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
