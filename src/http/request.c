#include "http/request.h"

#include <inttypes.h>
#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "core/text.h"

#include "http/server_priv.h"

enum { SHOWN_MAX = 64 }; /* bytes of a refused value that the answer repeats */

const char *request_header(const struct request *rq, const char *name)
{
    const char *value = NULL;
    size_t length = 0;

    if (MHD_lookup_connection_value_n(rq->exchange->connection, MHD_HEADER_KIND, name, strlen(name),
                                      &value, &length) != MHD_YES ||
        value == NULL || !utf8_is_valid(value, length)) {
        return NULL;
    }
    return value;
}

bool request_has_header(const struct request *rq, const char *name)
{
    return MHD_lookup_connection_value_n(rq->exchange->connection, MHD_HEADER_KIND, name,
                                         strlen(name), NULL, NULL) == MHD_YES;
}

const char *request_cookie(const struct request *rq, const char *name)
{
    const char *header = request_header(rq, "Cookie");
    const char *value;
    size_t length;

    if (header == NULL || !cookie_find(header, name, &value, &length)) {
        return NULL;
    }
    return arena_dup(rq->ctx.arena, value, length);
}

const char *request_query(const struct request *rq, const char *name)
{
    return uri_query_get(&rq->exchange->in.query, name);
}

static const char *path_text(const struct request *rq, const char *name)
{
    const struct route_entry *entry = rq->exchange->in.entry;

    for (size_t i = 0; i < entry->param_count; i++) {
        if (strcmp(entry->param_names[i], name) == 0) {
            return rq->exchange->in.path.segments[entry->param_segments[i]];
        }
    }
    return NULL;
}

const char *request_nonce(struct request *rq)
{
    struct exchange *exchange = rq->exchange;
    uint8_t bytes[NONCE_SIZE];

    if (exchange->out.nonce == NULL) {
        char *text = arena_alloc(&exchange->arena, base64url_size(sizeof(bytes)) + 1);

        rng_secret(bytes, sizeof(bytes));
        (void)base64url_encode(bytes, sizeof(bytes), text);
        exchange->out.nonce = text;
    }
    return exchange->out.nonce;
}

static bool refuse(const struct request *rq, struct err *err, const char *name, const char *value,
                   const char *rule)
{
    const size_t length = strlen(value);
    const char *shown = arena_dup(rq->ctx.arena, value, utf8_cut(value, length, SHOWN_MAX));

    return err_field(err, ERR_INVALID, name, "%s must be %s, not \"%s\"", name, rule, shown);
}

bool request_path_id(const struct request *rq, const char *name, int64_t *ret, struct err *err)
{
    const char *text = path_text(rq, name);
    int64_t id;

    if (text == NULL) {
        return err_field(err, ERR_INTERNAL, name, "the route has no parameter %s", name);
    }
    if (!text_to_int64(text, &id) || id < 1) {
        return refuse(rq, err, name, text, "a positive whole number");
    }
    *ret = id;
    return true;
}

bool request_query_int(const struct request *rq, const char *name, int64_t least, int64_t most,
                       int64_t *ret, struct err *err)
{
    const char *text = request_query(rq, name);
    int64_t value;

    if (text == NULL) {
        return true;
    }
    if (!text_to_int64(text, &value) || value < least || value > most) {
        return refuse(rq, err, name, text,
                      arena_printf(rq->ctx.arena, "a whole number from %" PRId64 " to %" PRId64,
                                   least, most));
    }
    *ret = value;
    return true;
}

bool request_query_bool(const struct request *rq, const char *name, bool *ret, struct err *err)
{
    const char *text = request_query(rq, name);

    if (text == NULL) {
        return true;
    }
    if (text_equal_fold(text, "true") || strcmp(text, "1") == 0) {
        *ret = true;
    } else if (text_equal_fold(text, "false") || strcmp(text, "0") == 0) {
        *ret = false;
    } else {
        return refuse(rq, err, name, text, "true or false");
    }
    return true;
}

bool request_query_time(const struct request *rq, const char *name, int64_t *ret_us,
                        struct err *err)
{
    const char *text = request_query(rq, name);

    if (text == NULL || utc_parse(text, ret_us)) {
        return true;
    }
    return refuse(rq, err, name, text, "a time like 2026-11-22T10:11:12Z");
}

bool request_query_text(const struct request *rq, const char *name, size_t most, const char **ret,
                        struct err *err)
{
    const char *text = request_query(rq, name);

    if (text == NULL || *text == '\0') {
        return true;
    }
    if (utf8_count(text) > most) {
        return refuse(rq, err, name, text,
                      arena_printf(rq->ctx.arena, "at most %zu characters", most));
    }
    *ret = text;
    return true;
}

bool request_query_word(const struct request *rq, const char *name, const char *const *allowed,
                        const char **ret, struct err *err)
{
    const char *text = request_query(rq, name);
    const char *rule = "one of:";

    if (text == NULL || *text == '\0') {
        return true;
    }
    for (size_t i = 0; allowed[i] != NULL; i++) {
        if (strcmp(allowed[i], text) == 0) {
            *ret = allowed[i];
            return true;
        }
        rule = arena_printf(rq->ctx.arena, "%s %s", rule, allowed[i]);
    }
    return refuse(rq, err, name, text, rule);
}

bool request_page(const struct request *rq, struct page *ret, struct err *err)
{
    struct page page = {.limit = PAGE_LIMIT_DEFAULT};

    if (!request_query_int(rq, "limit", 1, PAGE_LIMIT_MAX, &page.limit, err) ||
        !request_query_int(rq, "offset", 0, PAGE_OFFSET_MAX, &page.offset, err)) {
        return false;
    }
    *ret = page;
    return true;
}
