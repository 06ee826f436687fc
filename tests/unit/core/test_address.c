/* core/address.h. */
#include "core/address.h"
#include "support/test.h"

static void address_is_loopback__this_machine__is(void **state)
{
    static const char *const HERE[] = {"127.0.0.1", "127.255.0.9",      "::1",
                                       "0:0::1",    "::ffff:127.0.0.1", "LocalHost"};

    (void)state;
    for (size_t i = 0; i < sizeof(HERE) / sizeof(HERE[0]); i++) {
        assert_true(address_is_loopback(HERE[i]));
    }
}

/* Names that begin as such an address does belong to whoever owns the domain. */
static void address_is_loopback__names_and_others__are_not(void **state)
{
    static const char *const ELSEWHERE[] = {
        "127.octo.invalid", "127.0.0.1.example", "127.0.0.1 ", "127.1",       "127.",
        "128.0.0.1",        "0.0.0.0",           "::",         "::ffff:7f:1", "::ffff:10.127.0.1",
        "fe80::1",          "localhost.example", "[::1]",      "2130706433",  ""};

    (void)state;
    for (size_t i = 0; i < sizeof(ELSEWHERE) / sizeof(ELSEWHERE[0]); i++) {
        assert_false(address_is_loopback(ELSEWHERE[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_is_loopback__this_machine__is),
        cmocka_unit_test(address_is_loopback__names_and_others__are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
