#include "core/text.h"
#include "shop/pricing.h"
#include "support/test.h"

static const struct coupon_value no_coupon;

static void pricing_add__lines__are_summed_exactly(void **state)
{
    int64_t cents = 0;

    (void)state;
    assert_true(pricing_add(&cents, 34995, 3));
    assert_true(pricing_add(&cents, 1, 1));
    assert_int_equal(cents, 104986);
}

/* A sum that a money column cannot hold is refused and leaves what was there. */
static void pricing_add__beyond_money__is_refused(void **state)
{
    int64_t cents = 5;

    (void)state;
    assert_false(pricing_add(&cents, INT64_MAX, 2));
    assert_false(pricing_add(&cents, MONEY_CENTS_MAX, 1));
    assert_false(pricing_add(&cents, -1, 1));
    assert_false(pricing_add(&cents, 1, -1));
    assert_int_equal(cents, 5);
    assert_true(pricing_add(&cents, MONEY_CENTS_MAX - 5, 1));
}

static void pricing_of__nothing__costs_nothing(void **state)
{
    const struct order_price price = pricing_of(0, no_coupon);

    (void)state;
    assert_int_equal(price.shipping_cents, 0);
    assert_int_equal(price.total_cents, 0);
}

/* Shipping is free from 5000.00 on, and the discount does not count against that. */
static void pricing_of__free_shipping__looks_at_the_subtotal(void **state)
{
    const struct coupon_value half = {.percent_hundredths = 5000};

    (void)state;
    assert_int_equal(pricing_of(499999, no_coupon).shipping_cents, 14900);
    assert_int_equal(pricing_of(500000, no_coupon).shipping_cents, 0);
    assert_int_equal(pricing_of(500000, half).total_cents, 250000);
}

static void pricing_of__percentage__is_rounded_half_up(void **state)
{
    const struct coupon_value ten = {.percent_hundredths = 1000};

    (void)state;
    assert_int_equal(pricing_of(128696, ten).discount_cents, 12870);
    assert_int_equal(pricing_of(15, ten).discount_cents, 2);
    assert_int_equal(pricing_of(14, ten).discount_cents, 1);
}

static void pricing_of__both_parts_of_a_coupon__add_up(void **state)
{
    const struct coupon_value both = {.percent_hundredths = 1000, .amount_cents = 4999};
    const struct order_price price = pricing_of(100000, both);

    (void)state;
    assert_int_equal(price.discount_cents, 14999);
    assert_int_equal(price.total_cents, 100000 - 14999 + 14900);
}

/* A discount takes off no more than the goods; shipping stays to be paid. */
static void pricing_of__discount_above_subtotal__is_cut(void **state)
{
    const struct coupon_value much = {.amount_cents = MONEY_CENTS_MAX};
    const struct order_price price = pricing_of(1995, much);

    (void)state;
    assert_int_equal(price.discount_cents, 1995);
    assert_int_equal(price.total_cents, 14900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pricing_add__lines__are_summed_exactly),
        cmocka_unit_test(pricing_add__beyond_money__is_refused),
        cmocka_unit_test(pricing_of__nothing__costs_nothing),
        cmocka_unit_test(pricing_of__free_shipping__looks_at_the_subtotal),
        cmocka_unit_test(pricing_of__percentage__is_rounded_half_up),
        cmocka_unit_test(pricing_of__both_parts_of_a_coupon__add_up),
        cmocka_unit_test(pricing_of__discount_above_subtotal__is_cut),
    };

    return cmocka_run_group_tests_name("shop/pricing", tests, NULL, NULL);
}
