#include "shop/pricing.h"

#include <assert.h>

#include "core/text.h"

bool pricing_add(int64_t *subtotal_cents, int64_t price_cents, int64_t quantity)
{
    int64_t line = 0;
    int64_t sum = 0;

    if (price_cents < 0 || quantity < 0 || __builtin_mul_overflow(price_cents, quantity, &line) ||
        __builtin_add_overflow(*subtotal_cents, line, &sum) || sum > MONEY_CENTS_MAX) {
        return false;
    }
    *subtotal_cents = sum;
    return true;
}

struct order_price pricing_of(int64_t subtotal_cents, struct coupon_value coupon)
{
    struct order_price price = {.subtotal_cents = subtotal_cents};
    int64_t off = 0;

    assert(subtotal_cents >= 0 && subtotal_cents <= MONEY_CENTS_MAX);
    /* Neither part can overflow: a percentage is at most 100 %, an amount at most a money column.
     */
    off = money_percent(subtotal_cents, coupon.percent_hundredths) + coupon.amount_cents;
    price.discount_cents = off < subtotal_cents ? off : subtotal_cents;
    if (subtotal_cents > 0 && subtotal_cents < PRICING_FREE_SHIPPING_CENTS) {
        price.shipping_cents = PRICING_SHIPPING_CENTS;
    }
    price.total_cents = subtotal_cents - price.discount_cents + price.shipping_cents;
    return price;
}
