/*
 * crm/order_feed.h: the shop's order feed as the portal understands it. Feeds name things
 * differently; the first name that holds something wins. Pure: reads JSON, touches nothing else.
 * Memory: everything an order points to lives in the given arena.
 */
#ifndef CRM_ORDER_FEED_H
#define CRM_ORDER_FEED_H

#include <stdint.h>

#include "core/arena.h"
#include "http/json_in.h"

enum {
    FEED_LINES_MAX = 1000,
    FEED_QUANTITY_MAX = 1000000,
};

struct feed_line {
    const char
        *reference;   /* what the feed calls the product: never empty, at most 200 characters */
    const char *sku;  /* upper case, NULL when the feed gives none that can be one */
    const char *name; /* NULL: none */
    int64_t quantity; /* 1..FEED_QUANTITY_MAX */
    int64_t unit_price_cents;
};

struct feed_shipment {
    const char *tracking_number; /* never empty */
    const char *carrier;         /* this and the regions: NULL where there is none */
    const char *origin_region;
    const char *destination_region;
    const char *status;
    int64_t weight_hundredths; /* of a kilogram */
    int64_t shipping_cost_cents;
    int64_t created_us;
    const int64_t *estimated_us; /* NULL: unknown */
    const int64_t *actual_us;
};

struct feed_order {
    int64_t source_order_id; /* > 0 */
    const char *email;       /* normalised */
    const char *name;        /* never empty */
    bool is_name_given;      /* false: made up from the address */
    const char *phone;       /* this and company: NULL where there is none */
    const char *company;
    const char *status; /* lower case */
    const char *backlog_status;
    const char *payment_method;
    const char *payment_status;
    const char *currency;
    const char *coupon_code; /* this, notes and address: NULL where there is none */
    const char *notes;
    const char *shipping_address;
    const char *correlation_id; /* trace id of the purchase; NULL: not known */
    int64_t created_us;
    int64_t updated_us; /* created_us where the feed says nothing */
    int64_t subtotal_cents;
    int64_t discount_cents;
    int64_t shipping_cents;
    int64_t expected_cents;   /* max(subtotal - discount, 0) + shipping */
    int64_t total_cents;      /* as declared; the expected one where nothing is */
    bool is_total_suspicious; /* has lines, and declared and expected differ by over a cent */
    const struct feed_line *lines;
    size_t line_count;
    const struct feed_shipment *shipment; /* NULL: none */
    const char *payload;                  /* the order as it came, compact JSON */
};

/* Null and empty or blank text count as not there, and so does NULL. */
bool feed_value_is_empty(const struct json *value);

/* The number of an order in its source, even of one that feed_order_read refuses. False: it has
 * none, or none that is a number above 0. */
bool feed_order_id(const struct json *value, int64_t *ret);

/* ERR_INVALID for an order that cannot be understood, ERR_CHECK for one that was forged (a quantity
 * or an amount below what is possible); err->field is a JSON pointer. now_us stands in for a
 * missing time of creation. */
MUST_CHECK bool feed_order_read(struct arena *arena, const struct json *value, int64_t now_us,
                                struct feed_order *ret_order, struct err *err);

#endif
