#include "shop/order_push.h"
#include "support/test.h"

/* The expected values are Python's uuid.uuid5 over the same name space. */
static void order_push_token__same_order__same_token(void **state)
{
    char token[UUID_TEXT_MAX];

    (void)state;
    order_push_token(17, "shop_checkout", token);
    assert_string_equal(token, "c121f442-46ce-5197-9584-047d3abbaa72");
    order_push_token(17, "api", token);
    assert_string_equal(token, "000b30e7-c766-5fe3-a27e-e2bd41aa2f6b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_push_token__same_order__same_token),
    };

    return cmocka_run_group_tests_name("shop/order_push", tests, NULL, NULL);
}
