#include "shop/order_link.h"
#include "support/test.h"

#define SECRET "a-secret"
#define END INT64_C(1735689600)
/* printf 'order-link:7.1735689600' | openssl dgst -sha256 -hmac a-secret */
#define DIGEST "edc9d194446a4a7682f0c5b7ab3ff79eb45c605b66a63e898bfd18979502ec24"
#define KEY "7.1735689600." DIGEST

static bool opens(const char *text, const char *secret, const char *next, int64_t now_s)
{
    const char *const secrets[] = {secret, next};
    int64_t id = 0;

    return order_link_opens(text, secrets, 2, now_s, &id) && id == 7;
}

static void order_link__made_with_a_secret__opens_until_its_end(void **state)
{
    char made[ORDER_LINK_MAX];

    (void)state;
    order_link_make(SECRET, 7, END, made);
    assert_string_equal(made, KEY);
    assert_true(opens(KEY, SECRET, NULL, END - 1));
    assert_true(opens(KEY, "newer", SECRET, 0));
    assert_true(opens(KEY, SECRET, "", 0));
    assert_false(opens(KEY, SECRET, NULL, END));
}

static void order_link__of_another_secret_or_changed__opens_nothing(void **state)
{
    static const char *const CHANGED[] = {
        "8.1735689600." DIGEST,
        "7.1735689601." DIGEST,
        "07.1735689600." DIGEST,
        "7.1735689600." DIGEST "0",
        "7.1735689600.0000000000000000000000000000000000000000000000000000000000000000",
        "7.1735689600.",
        "7.1735689600",
        "7..",
        "0.1735689600." DIGEST,
        "-7.1735689600." DIGEST,
        "99999999999999999999.1735689600." DIGEST,
        "7.999999999999999999." DIGEST,
        "",
    };
    char longest[ORDER_LINK_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(CHANGED) / sizeof(CHANGED[0]); i++) {
        assert_false(opens(CHANGED[i], SECRET, NULL, 0));
    }
    assert_false(opens(KEY, "another", NULL, 0));
    assert_false(opens(KEY, NULL, NULL, 0));
    assert_false(opens(KEY, "", "", 0)); /* nobody's secret signs nothing */
    order_link_make("", 7, END, longest);
    assert_false(opens(longest, "", NULL, 0));
    order_link_make(SECRET, INT64_MAX, INT64_C(99999999999), longest);
    assert_true(strlen(longest) < ORDER_LINK_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_link__made_with_a_secret__opens_until_its_end),
        cmocka_unit_test(order_link__of_another_secret_or_changed__opens_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
