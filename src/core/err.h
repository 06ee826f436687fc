/*
 * core/err.h: errors as values. A fallible function takes `struct err *err` last and returns
 * false (or a failed step) after filling it; the caller adds context with err_wrap and returns,
 * or answers it. The struct lives on the caller's stack; nothing is allocated.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/* X(symbol, HTTP status, may the same call be retried, short text for people) */
#define ERR_CODES(X)                                                                               \
    X(ERR_NONE, 200, false, "no error")                                                            \
    X(ERR_MALFORMED, 400, false, "unreadable request")                                             \
    X(ERR_UNAUTHORIZED, 401, false, "authentication required")                                     \
    X(ERR_FORBIDDEN, 403, false, "not allowed")                                                    \
    X(ERR_NOT_FOUND, 404, false, "not found")                                                      \
    X(ERR_METHOD, 405, false, "method not allowed")                                                \
    X(ERR_REQUEST_TIMEOUT, 408, true, "the request came too slowly")                               \
    X(ERR_CONFLICT, 409, false, "conflict")                                                        \
    X(ERR_UNIQUE, 409, false, "already exists")                                                    \
    X(ERR_FOREIGN_KEY, 409, false, "referenced row is missing or in use")                          \
    X(ERR_GONE, 410, false, "no longer there")                                                     \
    X(ERR_PRECONDITION, 412, false, "changed meanwhile")                                           \
    X(ERR_TOO_LARGE, 413, false, "request too large")                                              \
    X(ERR_URI_TOO_LONG, 414, false, "request target too long")                                     \
    X(ERR_MEDIA_TYPE, 415, false, "unsupported media type")                                        \
    X(ERR_RANGE, 416, false, "range not satisfiable")                                              \
    X(ERR_EXPECTATION, 417, false, "expectation cannot be met")                                    \
    X(ERR_INVALID, 422, false, "invalid value")                                                    \
    X(ERR_CHECK, 422, false, "value breaks a rule of the table")                                   \
    X(ERR_PRECONDITION_REQUIRED, 428, false, "which version it is of is not said")                 \
    X(ERR_RATE_LIMITED, 429, true, "too many requests")                                            \
    X(ERR_HEADERS_TOO_LARGE, 431, false, "request headers too large")                              \
    X(ERR_INTERNAL, 500, false, "internal error")                                                  \
    X(ERR_LIMIT, 500, false, "internal limit reached")                                             \
    X(ERR_DATABASE, 500, false, "database error")                                                  \
    X(ERR_SCHEMA, 500, false, "database schema does not fit this program")                         \
    X(ERR_DAMAGED, 500, false, "database file is damaged")                                         \
    X(ERR_CONFIG, 500, false, "configuration error")                                               \
    X(ERR_IO, 500, false, "input or output failed")                                                \
    X(ERR_NOT_IMPLEMENTED, 501, false, "not configured")                                           \
    X(ERR_METHOD_UNKNOWN, 501, false, "unknown method")                                            \
    X(ERR_TRANSFER_CODING, 501, false, "unknown transfer coding")                                  \
    X(ERR_PEER, 502, true, "peer failed")                                                          \
    X(ERR_UNAVAILABLE, 503, true, "service unavailable")                                           \
    X(ERR_CANNOT_STORE, 503, true, "nothing can be stored at the moment")                          \
    X(ERR_POOL_TIMEOUT, 503, true, "no database session became free in time")                      \
    X(ERR_CONNECT, 503, true, "database cannot be reached")                                        \
    X(ERR_CONNECTION_LOST, 503, true, "database session was lost")                                 \
    X(ERR_OUTCOME_UNKNOWN, 503, false,                                                             \
      "the change may have been made: repeat it with its Idempotency-Key, else look first")        \
    X(ERR_SERIALIZATION, 503, true, "concurrent update, try again")                                \
    X(ERR_DEADLINE, 503, true, "deadline passed")                                                  \
    X(ERR_BREAKER_OPEN, 503, true, "peer is failing, calls are paused")                            \
    X(ERR_HTTP_VERSION, 505, false, "version of HTTP not supported")

enum err_code {
#define X(symbol, status, retryable, text) symbol,
    ERR_CODES(X)
#undef X
        ERR_CODE_COUNT
};

enum {
    ERR_TEXT_MAX = 4096, /* room for a whole pool of 30 holders */
    ERR_FIELD_MAX = 64,
};

struct err {
    enum err_code code;
    int native;                /* the library's own number: SQLite extended code, CURLcode, errno */
    int retry_after_s;         /* when the caller may come back; 0: nothing is known */
    bool is_public;            /* a text that callers may see although it is not their fault */
    char sqlstate[6];          /* "" where there is none */
    bool is_companions;        /* of a statement that travelled with the one that was waited for */
    bool is_named;             /* the text says which statement it is of */
    char field[ERR_FIELD_MAX]; /* JSON pointer or parameter at fault, "" where there is none */
    char text[ERR_TEXT_MAX];   /* lower case, the fault first, no full stop */
};

/* Both return false, so that a leaf is one statement: return err_set(err, ERR_X, "..."). */
bool err_set(struct err *err, enum err_code code, const char *format, ...) PRINTF_LIKE(3, 4);
/* As err_set, naming the input that is at fault: a JSON pointer ("/items/0/quantity") or a name. */
bool err_field(struct err *err, enum err_code code, const char *field, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Puts "what: " before the text that is there; keeps code and numbers. */
bool err_wrap(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *err);

int err_http_status(enum err_code code);
bool err_is_retryable(enum err_code code);
/* Is the text for the log only? What is our own fault, and the words of a database or library,
 * which name tables and statements; not what a peer did wrong where is_public says so. */
bool err_is_private(const struct err *err);
const char *err_title(enum err_code code);  /* "not found" */
const char *err_symbol(enum err_code code); /* "not_found": the symbol without ERR_, lower case */

#endif
