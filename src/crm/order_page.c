#include "crm/order_page.h"

#include <string.h>

#include "core/text.h"
#include "http/json_out.h"

enum {
    NUMBER_BYTES_MAX = 64, /* of an order's number as it stands in the text */
    JSON_ESCAPE_MAX = 6,   /* "\u001f" */
};

/* --- a page --- */

/* The list of orders: the document itself, or the first of four members that is a list. */
static bool find_list(struct json_piece text, struct json_piece *ret_list, struct err *err)
{
    static const char *const names[] = {"orders", "items", "data", "results"};
    enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };
    struct json_scan scan = json_scan_of(text);
    struct json_piece name;
    struct json_piece value;
    size_t best = NAME_COUNT;

    while (scan.is_object && json_scan_next(&scan, &name, &value)) {
        for (size_t i = 0; i < best; i++) {
            if (*value.text == '[' && json_piece_is(name, names[i])) {
                *ret_list = value;
                best = i;
            }
        }
    }
    if (scan.bad) {
        return err_set(err, ERR_PEER, "the answer is no JSON list or object");
    }
    if (!scan.is_object) {
        *ret_list = text;
    } else if (best == NAME_COUNT) {
        return err_set(err, ERR_PEER, "the answer holds no list of orders");
    }
    return true;
}

static bool find_orders(struct arena *arena, struct json_piece list, size_t most,
                        struct order_page *page, struct err *err)
{
    struct json_piece *orders = arena_array(arena, most, sizeof(*orders));
    struct json_scan scan = json_scan_of(list);
    struct json_piece name;
    struct json_piece value;

    while (json_scan_next(&scan, &name, &value)) {
        if (page->count == most) {
            return err_set(err, ERR_PEER, "the answer holds more than %zu orders", most);
        }
        orders[page->count++] = value;
    }
    page->orders = orders;
    return !scan.bad || err_set(err, ERR_PEER, "the answer's list of orders is not JSON");
}

/* *ret stays NULL where there is no cursor. */
static bool read_cursor(struct arena *arena, const struct json *envelope, const char *name,
                        const char **ret, struct err *err)
{
    const struct json *value = json_get(envelope, name);
    const char *cursor = json_text(value);

    if (cursor == NULL && !json_is_null(value)) {
        return err_set(err, ERR_PEER, "the answer's %s is not a text", name);
    }
    if (cursor != NULL && strlen(cursor) > PAGE_CURSOR_MAX) {
        return err_set(err, ERR_PEER, "the answer's %s is longer than %d bytes", name,
                       PAGE_CURSOR_MAX);
    }
    *ret = cursor != NULL && cursor[0] != '\0' ? arena_strdup(arena, cursor) : NULL;
    return true;
}

static bool read_members(struct arena *arena, const struct json *envelope, struct order_page *page,
                         struct err *err)
{
    if (!read_cursor(arena, envelope, "next_cursor", &page->next_cursor, err) ||
        !read_cursor(arena, envelope, "last_cursor", &page->last_cursor, err)) {
        return false;
    }
    if (page->last_cursor == NULL) {
        page->last_cursor = page->next_cursor;
    }
    if (!json_int(json_get(envelope, "total"), &page->total) || page->total < 0) {
        page->total = -1;
    }
    return true;
}

/* The document without its orders is a small one. */
static bool read_envelope(struct arena *arena, struct json_piece text, struct json_piece list,
                          struct order_page *page, struct err *err)
{
    const size_t before = (size_t)(list.text - text.text);
    struct json *envelope = NULL;
    struct buf rest;
    bool ok;

    buf_init(&rest, PAGE_ENVELOPE_MAX);
    buf_add(&rest, text.text, before);
    buf_add_text(&rest, "[]");
    buf_add(&rest, list.text + list.length, text.length - before - list.length);
    if (rest.bad) {
        ok = err_set(err, ERR_PEER, "the answer's envelope is larger than %d bytes",
                     PAGE_ENVELOPE_MAX);
    } else if (!json_parse(rest.data, rest.length, &envelope, err)) {
        ok = err_wrap(err, "the answer's envelope");
        err->code = ERR_PEER;
    } else {
        ok = read_members(arena, envelope, page, err);
    }
    json_free(envelope);
    buf_fini(&rest);
    return ok;
}

bool order_page_read(struct arena *arena, struct json_piece text, size_t most,
                     struct order_page *ret_page, struct err *err)
{
    struct order_page page = {.total = -1};
    struct json_piece list = {0};

    if (!find_list(text, &list, err) || !find_orders(arena, list, most, &page, err) ||
        (list.text != text.text && !read_envelope(arena, text, list, &page, err))) {
        return false;
    }
    *ret_page = page;
    return true;
}

/* --- an order --- */

/* False: the member holds nothing, so another one may. *ret is 0 for what is no number. */
static bool read_number(struct arena *arena, struct json_piece value, int64_t *ret)
{
    const char *alone = arena_printf(arena, "{\"id\":%.*s}", (int)value.length, value.text);
    struct json *document = NULL;
    struct err ignored = {0};
    bool is_there = true;

    *ret = 0;
    if (json_parse(alone, strlen(alone), &document, &ignored)) {
        is_there = !feed_value_is_empty(json_get(document, "id"));
        (void)feed_order_id(document, ret);
    }
    json_free(document);
    return is_there;
}

/* The number of an order whose text cannot be parsed as a whole. The first member that holds
 * something counts, as in feed_order_id; where one stands twice, none does. */
static int64_t find_number(struct arena *arena, struct json_piece text)
{
    static const char *const names[] = {"id", "order_id", "number"};
    enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };
    struct json_piece found[NAME_COUNT] = {0};
    struct json_scan scan = json_scan_of(text);
    struct json_piece name;
    struct json_piece value;
    int64_t number = 0;

    while (scan.is_object && json_scan_next(&scan, &name, &value)) {
        for (size_t i = 0; i < NAME_COUNT; i++) {
            if (!json_piece_is(name, names[i])) {
                continue;
            }
            if (found[i].text != NULL || value.length > NUMBER_BYTES_MAX) {
                return 0;
            }
            found[i] = value;
        }
    }
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (found[i].text != NULL && read_number(arena, found[i], &number)) {
            break;
        }
    }
    return number;
}

/* A text that cannot be parsed, for whoever looks into it: as a JSON text, cut. */
static const char *kept_text(struct arena *arena, struct json_piece text)
{
    const size_t length = text.length < ORDER_KEPT_MAX ? text.length : ORDER_KEPT_MAX;
    const char *whole = text_repaired(arena, text.text, length);
    struct json_out out;
    struct buf kept;
    const char *payload;

    buf_init(&kept, strlen(whole) * JSON_ESCAPE_MAX + sizeof("\"\""));
    json_out_init(&out, &kept);
    json_put_text(&out, NULL, whole);
    payload = arena_dup(arena, kept.data, kept.length);
    buf_fini(&kept);
    return payload;
}

static bool parse_order(struct json_piece text, struct json **ret_document, struct err *err)
{
    if (text.length > ORDER_BYTES_MAX) {
        return err_set(err, ERR_INVALID, "the order is longer than %d bytes", ORDER_BYTES_MAX);
    }
    if (text.length == 0 || *text.text != '{') {
        return err_set(err, ERR_INVALID, "the order is not an object");
    }
    return json_parse(text.text, text.length, ret_document, err);
}

void order_read(struct arena *arena, struct json_piece text, int64_t now_us, struct read_order *ret)
{
    struct json *document = NULL;
    struct err refusal = {0};
    size_t length;

    *ret = (struct read_order){0};
    if (!parse_order(text, &document, &refusal)) {
        ret->source_order_id = find_number(arena, text);
        ret->payload = kept_text(arena, text);
    } else if (feed_order_read(arena, document, now_us, &ret->order, &refusal)) {
        ret->source_order_id = ret->order.source_order_id;
        ret->payload = ret->order.payload;
    } else {
        (void)feed_order_id(document, &ret->source_order_id); /* stays 0 where there is none */
        ret->payload = json_write(arena, document, &length);
        ret->is_forged = refusal.code == ERR_CHECK;
    }
    ret->refusal = refusal.code != ERR_NONE ? arena_strdup(arena, refusal.text) : NULL;
    json_free(document);
}
