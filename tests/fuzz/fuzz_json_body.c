/*
 * Property: a body is either refused, with a client's error and a text that can be shown, or bound
 * to a struct within the limits of its shape; written out and bound again it is the same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "http/json_in.h"
#include "http/json_out.h"

struct line {
    int64_t product_id;
    bool has_product_id;
    const char *note;
};

struct body {
    const char *name;
    const char *email;
    const char *word;
    int64_t quantity;
    bool has_quantity;
    int64_t price_cents;
    bool has_price;
    bool express;
    bool has_express;
    struct line *lines;
    size_t lines_count;
    struct json_member *extra;
    size_t extra_count;
};

static const char *const WORDS[] = {"open", "closed", NULL};
static const struct json_field LINE_FIELDS[] = {
    JSON_INT(struct line, product_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_TEXT(struct line, note, 0, 8, JSON_OPTIONAL),
};
static const struct json_shape LINE = JSON_SHAPE("Line", struct line, LINE_FIELDS);
static const struct json_field BODY_FIELDS[] = {
    JSON_TEXT(struct body, name, 1, 16, JSON_REQUIRED),
    JSON_EMAIL(struct body, email, JSON_OPTIONAL),
    JSON_WORD(struct body, word, WORDS, JSON_OPTIONAL),
    JSON_INT(struct body, quantity, -5, 20, JSON_OPTIONAL),
    JSON_MONEY(struct body, price, JSON_OPTIONAL),
    JSON_BOOL(struct body, express, JSON_OPTIONAL),
    JSON_LIST(struct body, lines, &LINE, 0, 4, JSON_OPTIONAL),
    JSON_MEMBERS(struct body, extra, 3, JSON_OPTIONAL),
};
static const struct json_shape BODY = JSON_SHAPE("Body", struct body, BODY_FIELDS);

static void write_body(struct buf *buf, const struct body *body)
{
    struct json_out out;

    json_out_init(&out, buf);
    json_begin_object(&out, NULL);
    json_put_text(&out, "name", body->name);
    json_put_text(&out, "email", body->email);
    json_put_text(&out, "word", body->word);
    json_put_id(&out, "quantity", !body->has_quantity, body->quantity);
    if (body->has_price) {
        json_put_money(&out, "price", body->price_cents);
    }
    if (body->has_express) {
        json_put_bool(&out, "express", body->express);
    }
    json_begin_list(&out, "lines");
    for (size_t i = 0; i < body->lines_count; i++) {
        json_begin_object(&out, NULL);
        json_put_int(&out, "product_id", body->lines[i].product_id);
        json_put_text(&out, "note", body->lines[i].note);
        json_end_object(&out);
    }
    json_end_list(&out);
    json_begin_object(&out, "extra");
    for (size_t i = 0; i < body->extra_count; i++) {
        json_put_text(&out, body->extra[i].name, body->extra[i].text);
    }
    json_end_object(&out);
    json_end_object(&out);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void assert_same(const struct body *a, const struct body *b)
{
    assert(same_text(a->name, b->name) && same_text(a->email, b->email));
    assert(same_text(a->word, b->word));
    assert(a->has_quantity == b->has_quantity && a->quantity == b->quantity);
    assert(a->has_price == b->has_price && a->price_cents == b->price_cents);
    assert(a->has_express == b->has_express && a->express == b->express);
    assert(a->lines_count == b->lines_count);
    for (size_t i = 0; i < a->lines_count; i++) {
        assert(a->lines[i].product_id == b->lines[i].product_id);
        assert(same_text(a->lines[i].note, b->lines[i].note));
    }
    assert(a->extra_count == b->extra_count);
    for (size_t i = 0; i < a->extra_count; i++) {
        assert(same_text(a->extra[i].name, b->extra[i].name));
        assert(same_text(a->extra[i].text, b->extra[i].text));
    }
}

static void assert_limits(const struct body *body)
{
    assert(body->name != NULL && utf8_is_valid(body->name, strlen(body->name)));
    assert(utf8_count(body->name) >= 1 && utf8_count(body->name) <= 16);
    assert(body->quantity >= -5 && body->quantity <= 20);
    assert(body->price_cents >= 0 && body->price_cents <= MONEY_CENTS_MAX);
    assert(body->lines_count <= 4);
    assert(body->extra_count <= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf buf;
    struct err err = {0};
    void *first = NULL;
    void *second = NULL;
    bool ok;

    arena_init(&arena);
    buf_init(&buf, 64 * 1024);
    if (json_bind(&arena, &BODY, (const char *)data, size, &first, &err)) {
        assert_limits(first);
        write_body(&buf, first);
        assert(!buf.bad);
        ok = json_bind(&arena, &BODY, buf.data, buf.length, &second, &err);
        assert(ok);
        assert_same(first, second);
    } else {
        assert(first == NULL);
        assert(err.code == ERR_MALFORMED || err.code == ERR_INVALID);
        assert(utf8_is_valid(err.text, strlen(err.text)));
    }
    buf_fini(&buf);
    arena_fini(&arena);
    return 0;
}
