#include "shop/advice_reply.h"

#include <inttypes.h>
#include <string.h>

#include "core/buf.h"
#include "core/rd.h"
#include "core/text.h"
#include "http/json_in.h"
#include "shop/advice_words.h"
#include "sql_shop.h"

enum {
    TEXT_BYTES_MAX = 4 * ADVICE_REPLY_MOST,
    CHECKED_BYTES_MAX = 64 * 1024, /* with names in place of marks */
    MARK_DIGITS_MAX = 18,
};

/* An answer while its pieces come. */
struct reading {
    struct buf text;
    int64_t input_tokens;
    int64_t output_tokens;
    bool is_finished;
};

/* --- reading --- */

static bool is_there(const struct json *value)
{
    return value != NULL && !json_is_null(value);
}

static bool read_reason(struct reading *reading, const char *reason, struct err *err)
{
    if (reason == NULL) {
        return true;
    }
    reading->is_finished = strcmp(reason, "stop") == 0;
    return reading->is_finished || err_set(err, ERR_PEER, "the model did not end by itself");
}

/* An object of a stream ("delta"), or the whole answer ("message"). */
static bool read_object(struct reading *reading, const struct json *object, struct err *err)
{
    const struct json *choice = json_at(json_get(object, "choices"), 0);
    const struct json *usage = json_get(object, "usage");
    const struct json *message = json_get(choice, "delta");
    const char *text;

    if (!json_is_object(object) || is_there(json_get(object, "error"))) {
        return err_set(err, ERR_PEER, "the provider tells of an error");
    }
    message = message != NULL ? message : json_get(choice, "message");
    if (is_there(json_get(message, "tool_calls")) || is_there(json_get(message, "function_call"))) {
        return err_set(err, ERR_PEER, "the model wants to call a tool");
    }
    text = json_text(json_get(message, "content"));
    if (text != NULL) {
        buf_add_text(&reading->text, text);
    }
    if (is_there(usage)) {
        (void)json_int(json_get(usage, "prompt_tokens"), &reading->input_tokens);
        (void)json_int(json_get(usage, "completion_tokens"), &reading->output_tokens);
    }
    return read_reason(reading, json_text(json_get(choice, "finish_reason")), err);
}

static bool read_json(struct reading *reading, const char *bytes, size_t length, struct err *err)
{
    struct json *document = NULL;
    bool ok;

    if (!json_parse(bytes, length, &document, err)) {
        return err_set(err, ERR_PEER, "the provider's answer is no JSON");
    }
    ok = read_object(reading, document, err);
    json_free(document);
    return ok;
}

/* Server-sent events as providers send them: each "data:" is one object on one line. */
static bool read_stream(struct reading *reading, const char *bytes, size_t length, struct err *err)
{
    static const char field[] = "data:";
    struct rd rd = rd_of(bytes, length);

    while (rd_left(&rd) > 0) {
        size_t size = 0;
        const char *line = rd_until(&rd, '\n', &size);

        while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == ' ')) {
            size--;
        }
        if (size < strlen(field) || memcmp(line, field, strlen(field)) != 0) {
            continue;
        }
        line += strlen(field);
        size -= strlen(field);
        while (size > 0 && *line == ' ') {
            line++;
            size--;
        }
        if (size == strlen("[DONE]") && memcmp(line, "[DONE]", size) == 0) {
            return true;
        }
        if (!read_json(reading, line, size, err)) {
            return false;
        }
    }
    return true;
}

bool advice_reply_read(struct arena *arena, const char *bytes, size_t length,
                       struct advice_reply *ret, struct err *err)
{
    struct reading reading = {.input_tokens = -1, .output_tokens = -1};
    bool ok;

    buf_init(&reading.text, TEXT_BYTES_MAX);
    ok = length > 0 && bytes[0] == '{' ? read_json(&reading, bytes, length, err)
                                       : read_stream(&reading, bytes, length, err);
    if (ok && reading.text.bad) {
        ok = err_set(err, ERR_PEER, "the model's text is longer than %d bytes", TEXT_BYTES_MAX);
    } else if (ok && (!reading.is_finished || reading.text.length == 0)) {
        ok = err_set(err, ERR_PEER, "the provider's answer is not whole");
    }
    if (ok) {
        *ret = (struct advice_reply){
            .text = arena_dup(arena, reading.text.data, reading.text.length),
            .input_tokens = reading.input_tokens >= 0 ? reading.input_tokens : -1,
            .output_tokens = reading.output_tokens >= 0 ? reading.output_tokens : -1};
    }
    buf_fini(&reading.text);
    return ok;
}

/* --- holding it against the catalogue --- */

static const struct sql_product_row *product_of(const struct sql_product_row *products,
                                                size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (products[i].id == id) {
            return &products[i];
        }
    }
    return NULL;
}

/* "12]" behind a bracket: the id, and what follows the mark; NULL: it is none. */
static const char *mark_end(const char *at, int64_t *ret_id)
{
    const char *from = at;
    int64_t id = 0;

    while (*at >= '0' && *at <= '9' && at - from < MARK_DIGITS_MAX) {
        id = id * 10 + (*at++ - '0');
    }
    *ret_id = id;
    return at > from && *at == ']' ? at + 1 : NULL;
}

/* Copies the text: into `named` with names in place of marks, into `bare` with nothing there. */
static bool put_names(const char *text, const struct sql_product_row *products, size_t count,
                      struct buf *named, struct buf *bare, struct err *err)
{
    for (const char *at = text; *at != '\0';) {
        const struct sql_product_row *product = NULL;
        int64_t id = 0;
        const char *end = *at == '[' ? mark_end(at + 1, &id) : NULL;

        if (end == NULL) {
            buf_add_char(named, *at);
            buf_add_char(bare, *at++);
            continue;
        }
        product = product_of(products, count, id);
        if (product == NULL) {
            return err_set(err, ERR_PEER,
                           "the model names product %" PRId64 ", which it was not told of", id);
        }
        buf_printf(named, "%s (product %" PRId64 ")", product->name, id);
        buf_add_char(bare, ' ');
        at = end;
    }
    return !named->bad || err_set(err, ERR_PEER, "the model's text is too long");
}

static bool has_digit(const char *text)
{
    return text[strcspn(text, "0123456789")] != '\0';
}

static bool says(const struct advice_words *words, const struct advice_word *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (word->is_number ? words->items[i].is_number && words->items[i].milli == word->milli
                            : strcmp(words->items[i].text, word->text) == 0) {
            return true;
        }
    }
    return false;
}

/* What only the shop may say, whichever way it is meant. */
static bool is_reserved(const struct advice_word *word)
{
    static const char *const reserved[] = {
        "available", "bargain",    "booked",    "buck",      "bucks",   "cent",    "cents",
        "cheap",     "cheaper",    "cheapest",  "cost",      "costs",   "coupon",  "deal",
        "discount",  "discounted", "discounts", "dollar",    "dollars", "invoice", "order",
        "ordered",   "refunded",   "reserved",  "shipped",   "eur",     "euro",    "euros",
        "free",      "gift",       "gratis",    "guarantee", "http",    "https",   "offer",
        "password",  "pay",        "price",     "priced",    "prices",  "promise", "promised",
        "rebate",    "refund",     "sale",      "stock",     "usd",     "voucher", "warranty",
        "www",       NULL};

    return text_word(reserved, word->text) != NULL;
}

static bool check_words(struct arena *arena, const char *text,
                        const struct sql_product_row *products, size_t count, struct err *err)
{
    const struct advice_words words = advice_words_of(arena, text);

    if (words.count == ADVICE_WORDS_MAX) {
        return err_set(err, ERR_PEER, "the model's text is too long");
    }
    for (size_t i = 0; i < words.count; i++) {
        bool is_said = !has_digit(words.items[i].text);

        if (is_reserved(&words.items[i])) {
            return err_set(err, ERR_PEER, "the model speaks of what it was told to leave to us");
        }
        for (size_t k = 0; k < count && !is_said; k++) {
            const struct advice_words name = advice_words_of(arena, products[k].name);
            const struct advice_words told = advice_words_of(arena, products[k].description);

            is_said = says(&name, &words.items[i]) || says(&told, &words.items[i]);
        }
        if (!is_said) {
            return err_set(err, ERR_PEER, "the model has a number that no product has");
        }
    }
    return true;
}

/* Signs of money, markup and addresses; of what is no character but the end of a line. */
static bool check_signs(const char *text, struct err *err)
{
    static const char *const signs[] = {"$",        "%",        "<",  ">",  "@", "\xe2\x82\xac",
                                        "\xc2\xa3", "\xc2\xa5", "](", "://"};

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (strstr(text, signs[i]) != NULL) {
            return err_set(err, ERR_PEER, "the model's text has a sign that is not for it");
        }
    }
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' && *at != '\n') {
            return err_set(err, ERR_PEER, "the model's text has a control character");
        }
    }
    return utf8_count(text) <= ADVICE_REPLY_MOST ||
           err_set(err, ERR_PEER, "the model's text is longer than %d characters",
                   ADVICE_REPLY_MOST);
}

bool advice_reply_check(struct arena *arena, const char *text,
                        const struct sql_product_row *products, size_t count, const char **ret_text,
                        struct err *err)
{
    const char *trimmed = text_trimmed(arena, text);
    struct buf named;
    struct buf bare;
    bool ok;

    buf_init(&named, CHECKED_BYTES_MAX);
    buf_init(&bare, CHECKED_BYTES_MAX);
    ok = (trimmed[0] != '\0' || err_set(err, ERR_PEER, "the model says nothing")) &&
         check_signs(trimmed, err) && put_names(trimmed, products, count, &named, &bare, err) &&
         check_words(arena, bare.data, products, count, err);
    if (ok) {
        *ret_text = arena_dup(arena, named.data, named.length);
    }
    buf_fini(&bare);
    buf_fini(&named);
    return ok;
}
