#include "http/request.h"

#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "core/text.h"

#include "http/server_priv.h"

const char *request_bytes(const struct request *rq, const char *name)
{
    return head_value(&rq->exchange->head, &rq->exchange->arena, name);
}

const char *request_header(const struct request *rq, const char *name)
{
    const char *value = request_bytes(rq, name);

    return value == NULL || !utf8_is_valid(value, strlen(value)) ? NULL : value;
}

bool request_has_header(const struct request *rq, const char *name)
{
    return head_count(&rq->exchange->head, name) > 0;
}

const char *request_cookie(const struct request *rq, const char *name)
{
    const char *header = request_bytes(rq, "Cookie"); /* of which others may hold what they like */
    const char *value;
    size_t length;

    if (header == NULL || !cookie_find(header, name, &value, &length)) {
        return NULL;
    }
    return arena_dup(rq->ctx.arena, value, length);
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
