/*
 * http/fields.h: the fields of a request's head that somebody here reads or that must not stand
 * there twice, by a table that says how often each may and what its bytes may be. A field that may
 * stand once and stands twice refuses the request, as does a value that its readers could not use:
 * neither is ever taken for absent, nor is one of two chosen. Lines of a list are one list (RFC
 * 9110 section 5.3). Memory: values borrow from the head, or live in the arena where they had to be
 * joined or cut. Threads: one at a time.
 */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "http/head.h"

enum field_rule {
    FIELD_ONCE = 1 << 0,  /* twice is a fault */
    FIELD_LIST = 1 << 1,  /* twice is one list, parted by commas */
    FIELD_PAIRS = 1 << 2, /* the same, parted by semicolons: cookies (RFC 9113 section 8.2.3) */
    FIELD_DROP = 1 << 3,  /* twice is as good as never */
    FIELD_TEXT = 1 << 4,  /* what is not UTF-8 is a fault */
};

/* X(symbol, name as it is written, rules) */
#define FIELDS(X)                                                                                  \
    X(FIELD_ACCEPT, "Accept", FIELD_LIST)                                                          \
    X(FIELD_ACCEPT_ENCODING, "Accept-Encoding", FIELD_LIST)                                        \
    X(FIELD_API_KEY, "X-API-Key", FIELD_ONCE | FIELD_TEXT)                                         \
    X(FIELD_AUTHORIZATION, "Authorization", FIELD_ONCE | FIELD_TEXT)                               \
    X(FIELD_CONNECTION, "Connection", FIELD_LIST)                                                  \
    X(FIELD_CONTENT_ENCODING, "Content-Encoding", FIELD_LIST)                                      \
    X(FIELD_CONTENT_LENGTH, "Content-Length", FIELD_ONCE)                                          \
    X(FIELD_CONTENT_TYPE, "Content-Type", FIELD_ONCE | FIELD_TEXT)                                 \
    X(FIELD_COOKIE, "Cookie", FIELD_PAIRS)                                                         \
    X(FIELD_EXPECT, "Expect", FIELD_LIST)                                                          \
    X(FIELD_FROM, "From", FIELD_ONCE)                                                              \
    X(FIELD_HOST, "Host", FIELD_ONCE | FIELD_TEXT)                                                 \
    X(FIELD_IDEMPOTENCY_KEY, "Idempotency-Key", FIELD_ONCE | FIELD_TEXT)                           \
    X(FIELD_IF_MATCH, "If-Match", FIELD_LIST)                                                      \
    X(FIELD_IF_MODIFIED_SINCE, "If-Modified-Since", FIELD_ONCE)                                    \
    X(FIELD_IF_NONE_MATCH, "If-None-Match", FIELD_LIST)                                            \
    X(FIELD_IF_RANGE, "If-Range", FIELD_ONCE)                                                      \
    X(FIELD_IF_UNMODIFIED_SINCE, "If-Unmodified-Since", FIELD_ONCE)                                \
    X(FIELD_INTERNAL_KEY, "X-Internal-Service-Key", FIELD_ONCE | FIELD_TEXT)                       \
    X(FIELD_LAST_EVENT_ID, "Last-Event-ID", FIELD_ONCE | FIELD_TEXT)                               \
    X(FIELD_MAX_FORWARDS, "Max-Forwards", FIELD_ONCE)                                              \
    X(FIELD_ORIGIN, "Origin", FIELD_ONCE | FIELD_TEXT)                                             \
    X(FIELD_RANGE, "Range", FIELD_ONCE)                                                            \
    X(FIELD_REFERER, "Referer", FIELD_ONCE)                                                        \
    X(FIELD_FETCH_SITE, "Sec-Fetch-Site", FIELD_ONCE)                                              \
    X(FIELD_REQUEST_METHOD, "Access-Control-Request-Method", FIELD_ONCE)                           \
    X(FIELD_STRIPE_SIGNATURE, "Stripe-Signature", FIELD_ONCE | FIELD_TEXT)                         \
    X(FIELD_TRACEPARENT, "traceparent", FIELD_DROP)                                                \
    X(FIELD_TRACESTATE, "tracestate", FIELD_LIST)                                                  \
    X(FIELD_TRANSFER_ENCODING, "Transfer-Encoding", FIELD_LIST)                                    \
    X(FIELD_USER_AGENT, "User-Agent", FIELD_ONCE)                                                  \
    X(FIELD_CLIENT_REGION, "X-Client-Region", FIELD_ONCE | FIELD_TEXT)                             \
    X(FIELD_CORRELATION_ID, "X-Correlation-Id", FIELD_ONCE)                                        \
    X(FIELD_FORWARDED_FOR, "X-Forwarded-For", FIELD_LIST)                                          \
    X(FIELD_FORWARDED_PROTO, "X-Forwarded-Proto", FIELD_LIST)                                      \
    X(FIELD_REQUEST_ID, "X-Request-Id", FIELD_ONCE)                                                \
    X(FIELD_REQUESTED_WITH, "X-Requested-With", FIELD_ONCE | FIELD_TEXT)                           \
    X(FIELD_SESSION_ID, "X-Session-Id", FIELD_ONCE | FIELD_TEXT)                                   \
    X(FIELD_WAF_ACTION, "x-oci-waf-action", FIELD_ONCE | FIELD_TEXT)                               \
    X(FIELD_WAF_SCORE, "x-oci-waf-score", FIELD_ONCE | FIELD_TEXT)

enum field {
#define X(symbol, name, rules) symbol,
    FIELDS(X)
#undef X
        FIELD_COUNT
};

struct field_joint;

/* Zero before the first line. */
struct fields {
    const char *values[FIELD_COUNT]; /* without blanks around them; NULL: not there */
    uint64_t seen;                   /* a bit for each that stands in the head */
    uint64_t repeated;               /* of them: stand twice and may not */
    uint64_t unreadable;             /* of them: hold bytes that they may not */
    struct field_joint *joints;      /* of lists that have several lines */
};

const char *field_name(enum field field);

/* Takes a line of the head. Of those that the table does not have nothing is kept. */
void fields_add(struct fields *fields, struct arena *arena, const struct head_field *line);
/* ERR_MALFORMED where a line that was taken refuses the request; names the first such field. */
MUST_CHECK bool fields_check(const struct fields *fields, struct err *err);
bool fields_is_faulty(const struct fields *fields, enum field field); /* is it a reason to? */

#endif
