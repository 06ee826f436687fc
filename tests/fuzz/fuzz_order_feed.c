/*
 * Property: reading any text ends in a refusal that says why, or in an order whose invariants hold,
 * and what is kept of that order reads as the same order again. Input: a page of the feed; a text
 * that is no page is taken as one order.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "crm/order_page.h"
#include "service/order_status.h"
#include "trace/w3c.h"

enum { ORDERS_MOST = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t most)
{
    assert(text == NULL || (utf8_count(text) <= most && utf8_is_valid(text, strlen(text))));
}

static void check_cents(int64_t cents)
{
    assert(cents >= 0 && cents <= MONEY_CENTS_MAX);
}

static void check_lines(const struct feed_order *order)
{
    int64_t subtotal = 0;

    assert(order->line_count <= FEED_LINES_MAX);
    for (size_t i = 0; i < order->line_count; i++) {
        const struct feed_line *line = &order->lines[i];

        assert(line->quantity >= 1 && line->quantity <= FEED_QUANTITY_MAX);
        check_cents(line->unit_price_cents);
        assert(line->reference != NULL && line->reference[0] != '\0');
        check_text(line->reference, 200);
        check_text(line->sku, 50);
        check_text(line->name, 200);
        subtotal += line->quantity * line->unit_price_cents;
    }
    assert(order->subtotal_cents == subtotal);
}

static void check_shipment(const struct feed_shipment *shipment)
{
    assert(shipment->tracking_number[0] != '\0');
    check_text(shipment->tracking_number, 100);
    check_text(shipment->carrier, 100);
    check_text(shipment->status, 50);
    check_cents(shipment->shipping_cost_cents);
    assert(shipment->weight_hundredths >= 0 && shipment->weight_hundredths <= 9999999999);
}

static void check_order(struct arena *arena, const struct feed_order *order)
{
    int64_t rest = order->subtotal_cents - order->discount_cents;

    assert(order->source_order_id > 0);
    assert(text_email(arena, order->email) != NULL);
    assert(strcmp(text_email(arena, order->email), order->email) == 0);
    check_text(order->email, 200);
    assert(order->name[0] != '\0');
    check_text(order->name, 200);
    check_text(order->status, 50);
    check_text(order->currency, 10);
    check_text(order->notes, 4000);
    assert(order->correlation_id == NULL || w3c_is_trace_id(order->correlation_id));
    assert(strcmp(order->backlog_status, order_backlog_word(order->status)) == 0);
    check_lines(order);
    check_cents(order->subtotal_cents);
    check_cents(order->discount_cents);
    check_cents(order->shipping_cents);
    check_cents(order->total_cents);
    assert(order->expected_cents == (rest > 0 ? rest : 0) + order->shipping_cents);
    if (order->shipment != NULL) {
        check_shipment(order->shipment);
    }
}

static void check_payload(struct arena *arena, const struct feed_order *order)
{
    const struct json_piece text = {order->payload, strlen(order->payload)};
    struct read_order again;

    if (text.length > ORDER_BYTES_MAX) { /* numbers may be longer than they came */
        return;
    }
    order_read(arena, text, 0, &again);
    assert(again.refusal == NULL);
    assert(strcmp(again.payload, order->payload) == 0);
    assert(again.source_order_id == order->source_order_id);
    assert(again.order.total_cents == order->total_cents);
    assert(again.order.line_count == order->line_count);
}

/* What is kept is JSON whatever came: an order, or a text. */
static void check_kept(struct arena *arena, const char *payload)
{
    const char *list = arena_printf(arena, "[%s]", payload);
    struct json *document = NULL;
    struct err err = {0};

    assert(json_parse(list, strlen(list), &document, &err) || *payload == '{');
    json_free(document);
}

static void check_value(struct json_piece text)
{
    struct read_order read;
    struct arena arena;

    arena_init(&arena);
    order_read(&arena, text, 0, &read);
    assert(read.source_order_id >= 0);
    check_kept(&arena, read.payload);
    if (read.refusal == NULL) {
        check_order(&arena, &read.order);
        check_payload(&arena, &read.order);
    } else {
        assert(read.refusal[0] != '\0');
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct json_piece text = {(const char *)data, size};
    struct order_page page;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena);
    if (order_page_read(&arena, text, ORDERS_MOST, &page, &err)) {
        for (size_t i = 0; i < page.count; i++) {
            check_value(page.orders[i]);
        }
    } else {
        assert(err.code == ERR_PEER && err.text[0] != '\0');
        check_value(text);
    }
    arena_fini(&arena);
    return 0;
}
