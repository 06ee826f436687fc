#include "crm/order_feed.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "service/order_status.h"
#include "trace/w3c.h"

/* Where a value may stand: a member, or a member of a member. NULL ends the list. */
struct place {
    const char *outer; /* NULL: at the top */
    const char *name;
};

#define PLACES_MOST 5

#define BLANKS                                                                                     \
    " \t\n\v\f\r" /* what text_trimmed takes away: what it leaves of a text is no empty one */

enum { EMAIL_MOST = 200 };

static const struct place ID_PLACES[PLACES_MOST] = {
    {NULL, "id"}, {NULL, "order_id"}, {NULL, "number"}};
static const struct place EMAIL_PLACES[PLACES_MOST] = {
    {NULL, "customer_email"}, {"customer", "email"}, {NULL, "email"}};
static const struct place NAME_PLACES[PLACES_MOST] = {
    {"customer", "name"}, {NULL, "customer_name"}, {NULL, "name"}};
static const struct place PHONE_PLACES[PLACES_MOST] = {{"customer", "phone"},
                                                       {NULL, "customer_phone"}};
static const struct place COMPANY_PLACES[PLACES_MOST] = {
    {"customer", "company"}, {NULL, "customer_company"}, {NULL, "company"}};
static const struct place STATUS_PLACES[PLACES_MOST] = {{NULL, "status"}};
static const struct place METHOD_PLACES[PLACES_MOST] = {{NULL, "payment_method"},
                                                        {"payment", "method"}};
static const struct place PAYMENT_PLACES[PLACES_MOST] = {{NULL, "payment_status"},
                                                         {"payment", "status"}};
static const struct place CURRENCY_PLACES[PLACES_MOST] = {{NULL, "currency"}};
static const struct place COUPON_PLACES[PLACES_MOST] = {{NULL, "coupon_code"}, {"coupon", "code"}};
static const struct place NOTES_PLACES[PLACES_MOST] = {{NULL, "notes"}, {NULL, "comment"}};
static const struct place ADDRESS_PLACES[PLACES_MOST] = {{NULL, "shipping_address"},
                                                         {"customer", "address"}};
static const struct place TRACE_PLACES[PLACES_MOST] = {{NULL, "correlation_id"},
                                                       {NULL, "trace_id"}};
static const struct place CREATED_PLACES[PLACES_MOST] = {
    {NULL, "created_at"}, {NULL, "created"}, {NULL, "submitted_at"}};
static const struct place UPDATED_PLACES[PLACES_MOST] = {{NULL, "updated_at"}, {NULL, "updated"}};
static const struct place TOTAL_PLACES[PLACES_MOST] = {{NULL, "total"}, {NULL, "amount"}};
static const struct place DISCOUNT_PLACES[PLACES_MOST] = {
    {NULL, "discount"}, {NULL, "discount_amount"}, {"coupon", "discount"}};
static const struct place SHIPPING_PLACES[PLACES_MOST] = {
    {NULL, "shipping_cost"}, {NULL, "shipping_amount"}, {"shipment", "shipping_cost"}};
static const struct place LINES_PLACES[PLACES_MOST] = {{NULL, "items"}, {NULL, "lines"}};
static const struct place QUANTITY_PLACES[PLACES_MOST] = {{NULL, "quantity"}, {NULL, "qty"}};
static const struct place PRICE_PLACES[PLACES_MOST] = {{NULL, "unit_price"}, {NULL, "price"}};
static const struct place SKU_PLACES[PLACES_MOST] = {{NULL, "sku"}, {NULL, "product_sku"}};
static const struct place REFERENCE_PLACES[PLACES_MOST] = {
    {NULL, "product_id"}, {NULL, "sku"}, {NULL, "product_sku"}, {NULL, "name"}};
static const struct place LINE_NAME_PLACES[PLACES_MOST] = {{NULL, "name"}, {NULL, "product_name"}};

bool feed_value_is_empty(const struct json *value)
{
    const char *text = json_text(value);

    return json_is_null(value) || (text != NULL && text[strspn(text, BLANKS)] == '\0');
}

static const struct json *find(const struct json *object, const struct place *places)
{
    for (size_t i = 0; i < PLACES_MOST && places[i].name != NULL; i++) {
        const struct json *holder =
            places[i].outer != NULL ? json_get(object, places[i].outer) : object;
        const struct json *value = json_get(holder, places[i].name);

        if (!feed_value_is_empty(value)) {
            return value;
        }
    }
    return NULL;
}

/* Text without blanks around it, cut to the characters that the column takes; NULL when there is
 * none. Numbers are taken as their text, because feeds write references and codes either way. */
static const char *find_text(struct arena *arena, const struct json *object,
                             const struct place *places, size_t most)
{
    const struct json *value = find(object, places);
    const char *text = json_text(value);
    int64_t number;

    if (text == NULL) {
        return json_int(value, &number) ? arena_printf(arena, "%lld", (long long)number) : NULL;
    }
    text = text_trimmed(arena, text);
    return arena_dup(arena, text, utf8_prefix(text, most));
}

static const char *text_or(const char *text, const char *fallback)
{
    return text != NULL ? text : fallback;
}

/* *ret holds the default and stays when the order says nothing. */
static bool find_cents(const struct json *object, const struct place *places, int64_t *ret,
                       struct err *err)
{
    const struct json *value = find(object, places);

    if (value == NULL) {
        return true;
    }
    if (!json_cents(value, ret)) {
        return err_field(err, ERR_INVALID, places[0].name,
                         "%s is not an amount with at most two decimals", places[0].name);
    }
    if (*ret < 0) {
        return err_field(err, ERR_CHECK, places[0].name, "%s is below zero", places[0].name);
    }
    return true;
}

static bool find_time(const struct json *object, const struct place *places, int64_t *ret,
                      struct err *err)
{
    const struct json *value = find(object, places);

    if (value == NULL) {
        return true;
    }
    if (json_text(value) == NULL || !utc_parse(json_text(value), ret)) {
        return err_field(err, ERR_INVALID, places[0].name, "%s is not an ISO 8601 time",
                         places[0].name);
    }
    return true;
}

/* An article number as the catalogue writes it, or NULL for a text that cannot be one. */
static const char *sku_of(struct arena *arena, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    char *sku;

    if (length < 2 || length > 50) {
        return NULL;
    }
    sku = arena_dup(arena, text, length);
    for (char *at = sku; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z') {
            *at = (char)(*at - 'a' + 'A');
        } else if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *at) == NULL) {
            return NULL;
        }
    }
    return sku;
}

static bool read_line(struct arena *arena, const struct json *value, struct feed_line *ret,
                      struct err *err)
{
    struct feed_line line = {.quantity = 1};
    const struct json *quantity = find(value, QUANTITY_PLACES);

    if (!json_is_object(value)) {
        return err_set(err, ERR_INVALID, "the line is not an object");
    }
    if (quantity != NULL && !json_int(quantity, &line.quantity)) {
        return err_field(err, ERR_INVALID, "quantity", "quantity is not a whole number");
    }
    if (line.quantity < 1) {
        return err_field(err, ERR_CHECK, "quantity", "quantity is below 1");
    }
    if (line.quantity > FEED_QUANTITY_MAX) {
        return err_field(err, ERR_INVALID, "quantity", "quantity is above %d", FEED_QUANTITY_MAX);
    }
    if (!find_cents(value, PRICE_PLACES, &line.unit_price_cents, err)) {
        return false;
    }
    line.sku = sku_of(arena, find_text(arena, value, SKU_PLACES, 200));
    line.name = find_text(arena, value, LINE_NAME_PLACES, 200);
    line.reference = line.sku != NULL ? line.sku : find_text(arena, value, REFERENCE_PLACES, 200);
    line.reference = text_or(line.reference, "unknown");
    *ret = line;
    return true;
}

static bool read_lines(struct arena *arena, const struct json *value, struct feed_order *order,
                       struct err *err)
{
    const struct json *list = find(value, LINES_PLACES);
    size_t count = json_length(list);
    struct feed_line *lines;

    if (list != NULL && !json_is_list(list)) {
        return err_field(err, ERR_INVALID, "items", "items is not a list");
    }
    if (count > FEED_LINES_MAX) {
        return err_field(err, ERR_INVALID, "items", "more than %d lines", FEED_LINES_MAX);
    }
    lines = arena_array(arena, count > 0 ? count : 1, sizeof(*lines));
    for (size_t i = 0; i < count; i++) {
        if (!read_line(arena, json_at(list, i), &lines[i], err)) {
            char place[ERR_FIELD_MAX];

            (void)snprintf(place, sizeof(place), "/items/%zu/%.40s", i, err->field);
            memcpy(err->field, place, sizeof(place));
            return err_wrap(err, "line %zu", i + 1);
        }
        order->subtotal_cents += lines[i].quantity * lines[i].unit_price_cents;
        if (order->subtotal_cents > MONEY_CENTS_MAX) {
            return err_field(err, ERR_INVALID, "/items",
                             "the lines sum up to more than an order "
                             "may cost");
        }
    }
    order->lines = lines;
    order->line_count = count;
    return true;
}

static bool read_money(const struct json *value, struct feed_order *order, struct err *err)
{
    int64_t rest;

    if (!find_cents(value, DISCOUNT_PLACES, &order->discount_cents, err) ||
        !find_cents(value, SHIPPING_PLACES, &order->shipping_cents, err)) {
        return false;
    }
    rest = order->subtotal_cents - order->discount_cents;
    order->expected_cents = (rest > 0 ? rest : 0) + order->shipping_cents;
    order->total_cents = order->expected_cents;
    if (!find_cents(value, TOTAL_PLACES, &order->total_cents, err)) {
        return false;
    }
    if (order->total_cents > MONEY_CENTS_MAX) {
        return err_field(err, ERR_INVALID, "total", "the total is more than an order may cost");
    }
    order->is_total_suspicious =
        order->line_count > 0 && (order->total_cents > order->expected_cents + 1 ||
                                  order->total_cents < order->expected_cents - 1);
    return true;
}

/* "ada.lovelace@example.org" gives "Ada Lovelace". */
static const char *name_from_email(struct arena *arena, const char *email)
{
    char *name = arena_dup(arena, email, strcspn(email, "@"));
    bool starts_word = true;

    for (char *at = name; *at != '\0'; at++) {
        if (*at == '.') {
            *at = ' ';
        } else if (starts_word && *at >= 'a' && *at <= 'z') {
            *at = (char)(*at - 'a' + 'A');
        }
        starts_word = *at == ' ';
    }
    return name[strspn(name, " ")] != '\0' ? text_trimmed(arena, name) : "External Customer";
}

static bool read_customer(struct arena *arena, const struct json *value, struct feed_order *order,
                          struct err *err)
{
    const struct json *given = find(value, EMAIL_PLACES);
    const char *name = find_text(arena, value, NAME_PLACES, 200);

    if (given == NULL) {
        order->email =
            arena_printf(arena, "%lld@external.local", (long long)order->source_order_id);
    } else {
        order->email = json_text(given) != NULL ? text_email(arena, json_text(given)) : NULL;
        if (order->email == NULL || utf8_count(order->email) > EMAIL_MOST) {
            return err_field(err, ERR_INVALID, "customer_email",
                             "customer_email is not an e-mail address");
        }
    }
    order->is_name_given = name != NULL;
    order->name =
        text_or(name, given != NULL ? name_from_email(arena, order->email) : "External Customer");
    order->phone = find_text(arena, value, PHONE_PLACES, 50);
    order->company = find_text(arena, value, COMPANY_PLACES, 200);
    return true;
}

static bool read_optional_time(struct arena *arena, const struct json *object, const char *name,
                               const int64_t **ret, struct err *err)
{
    const struct place places[PLACES_MOST] = {{NULL, name}};
    int64_t us = INT64_MIN;
    int64_t *kept;

    if (!find_time(object, places, &us, err)) {
        return false;
    }
    if (us != INT64_MIN) {
        kept = arena_alloc(arena, sizeof(*kept));
        *kept = us;
        *ret = kept;
    }
    return true;
}

static bool read_shipment(struct arena *arena, const struct json *value, struct feed_order *order,
                          struct err *err)
{
    static const struct place tracking[PLACES_MOST] = {{NULL, "tracking_number"}};
    static const struct place carrier[PLACES_MOST] = {{NULL, "carrier"}};
    static const struct place origin[PLACES_MOST] = {{NULL, "origin_region"}};
    static const struct place destination[PLACES_MOST] = {{NULL, "destination_region"}};
    static const struct place weight[PLACES_MOST] = {{NULL, "weight_kg"}};
    static const struct place cost[PLACES_MOST] = {{NULL, "shipping_cost"}};
    static const struct place created[PLACES_MOST] = {{NULL, "created_at"}};
    const struct json *object = json_get(value, "shipment");
    struct feed_shipment *shipment = arena_alloc(arena, sizeof(*shipment));

    shipment->tracking_number = find_text(arena, object, tracking, 100);
    if (shipment->tracking_number == NULL) {
        return true; /* nothing that could be followed */
    }
    shipment->created_us = order->created_us;
    if (!find_cents(object, weight, &shipment->weight_hundredths, err) ||
        !find_cents(object, cost, &shipment->shipping_cost_cents, err) ||
        !find_time(object, created, &shipment->created_us, err) ||
        !read_optional_time(arena, object, "estimated_delivery", &shipment->estimated_us, err) ||
        !read_optional_time(arena, object, "actual_delivery", &shipment->actual_us, err)) {
        return err_wrap(err, "shipment");
    }
    if (shipment->weight_hundredths > 9999999999) {
        return err_field(err, ERR_INVALID, "weight_kg", "shipment: weight_kg is too large");
    }
    shipment->carrier = find_text(arena, object, carrier, 100);
    shipment->origin_region = find_text(arena, object, origin, 50);
    shipment->destination_region = find_text(arena, object, destination, 50);
    shipment->status = text_or(find_text(arena, object, STATUS_PLACES, 50), "processing");
    order->shipment = shipment;
    return true;
}

bool feed_order_id(const struct json *value, int64_t *ret)
{
    int64_t id;

    if (!json_int(find(value, ID_PLACES), &id) || id <= 0) {
        return false;
    }
    *ret = id;
    return true;
}

bool feed_order_read(struct arena *arena, const struct json *value, int64_t now_us,
                     struct feed_order *ret_order, struct err *err)
{
    struct feed_order order = {.created_us = now_us};
    size_t length;

    if (!json_is_object(value)) {
        return err_set(err, ERR_INVALID, "the order is not an object");
    }
    if (!feed_order_id(value, &order.source_order_id)) {
        return err_field(err, ERR_INVALID, "id", "the order has no number above 0");
    }
    if (!read_customer(arena, value, &order, err) ||
        !find_time(value, CREATED_PLACES, &order.created_us, err)) {
        return false;
    }
    order.updated_us = order.created_us;
    if (!find_time(value, UPDATED_PLACES, &order.updated_us, err) ||
        !read_lines(arena, value, &order, err) || !read_money(value, &order, err) ||
        !read_shipment(arena, value, &order, err)) {
        return false;
    }
    order.status = text_or(find_text(arena, value, STATUS_PLACES, 50), "pending");
    order.status = text_lowered(arena, order.status);
    order.backlog_status = order_backlog_word(order.status);
    order.payment_method = text_or(find_text(arena, value, METHOD_PLACES, 50), "credit_card");
    order.payment_status = text_or(find_text(arena, value, PAYMENT_PLACES, 50), "pending");
    order.currency = text_or(find_text(arena, value, CURRENCY_PLACES, 10), "USD");
    order.coupon_code = find_text(arena, value, COUPON_PLACES, 50);
    order.notes = find_text(arena, value, NOTES_PLACES, 4000);
    order.shipping_address = find_text(arena, value, ADDRESS_PLACES, 4000);
    order.correlation_id = find_text(arena, value, TRACE_PLACES, TRACE_ID_HEX + 1);
    if (order.correlation_id != NULL && !w3c_is_trace_id(order.correlation_id)) {
        order.correlation_id = NULL;
    }
    order.payload = json_write(arena, value, &length);
    *ret_order = order;
    return true;
}
