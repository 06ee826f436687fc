/*
 * shop/pricing.h: what an order costs. Pure arithmetic in whole cents; nothing is rounded but the
 * percentage of a coupon.
 */
#ifndef SHOP_PRICING_H
#define SHOP_PRICING_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PRICING_SHIPPING_CENTS = 14900,
    PRICING_FREE_SHIPPING_CENTS = 500000, /* from this subtotal on, before any discount */
};

/* What a coupon takes off; both parts add up. All zero: no coupon. */
struct coupon_value {
    int64_t percent_hundredths; /* 10.00 % is 1000 */
    int64_t amount_cents;
};

struct order_price {
    int64_t subtotal_cents;
    int64_t discount_cents;
    int64_t shipping_cents;
    int64_t total_cents;
};

/* Adds price times quantity. False, and the sum as it was, when that would pass what a money column
 * holds, or when price or quantity is below zero. */
bool pricing_add(int64_t *subtotal_cents, int64_t price_cents, int64_t quantity);

/* subtotal_cents is 0..MONEY_CENTS_MAX. */
struct order_price pricing_of(int64_t subtotal_cents, struct coupon_value coupon);

#endif
