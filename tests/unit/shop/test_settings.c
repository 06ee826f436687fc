/* shop/settings.h: what the shop sets of its own. */
#include "shop/settings.h"
#include "shop/shop.h"
#include "support/test.h"

static const struct service_traits *const SERVICES[] = {&shop_traits};

static void shop_settings__defaults__are_as_documented(void **state)
{
    char *argv[] = {(char[]){"octo"}, NULL};
    struct settings *settings = NULL;
    struct arena arena;
    struct err err = {.code = ERR_NONE};
    int argc = 1;

    (void)state;
    arena_init(&arena);
    assert_true(settings_load(SERVICES, 1, &arena, &argc, argv, &settings, &err));
    assert_int_equal(settings->port, 8080);
    assert_int_equal(settings->pools[SHOP_MAIN_POOL].size, 5);
    assert_int_equal(settings->pools[SHOP_MAIN_POOL].overflow, 10);
    assert_int_equal(settings->pools[SHOP_MAIN_POOL].timeout_ms, 5000);
    assert_int_equal(settings->pools[SHOP_EVENTS_POOL].size, 5);
    assert_int_equal(settings->pools[SHOP_EVENTS_POOL].overflow, 10);
    assert_int_equal(settings->worker_threads, 15);
    assert_int_equal(settings->max_login_attempts, 8);
    assert_int_equal(settings->session_timeout_s, 8 * 3600);
    assert_true(((struct shop_settings *)settings)->push_orders);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shop_settings__defaults__are_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
