/*
 * http/uri.h: request targets from outside: the one reader of them. Percent-decoding is
 * strict, all results are valid UTF-8, and nothing is normalised: a path with an empty, "." or ".."
 * segment or with an encoded slash names nothing. Memory: results live in the arena or borrow from
 * the input, as said. Pure functions.
 */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"

enum {
    URI_SEGMENTS_MAX = 12,
    URI_PARAMS_MAX = 64,
};

/* The forms of a request target (RFC 9112 section 3.2). */
enum uri_form { URI_ORIGIN, URI_ABSOLUTE, URI_AUTHORITY, URI_ASTERISK };

struct uri_target {
    enum uri_form form;
    const char *path; /* raw; "/" where an absolute one has none, "" for those without paths */
    size_t path_length;
    const char *query; /* raw; NULL: there is none */
    size_t query_length;
};

/* ERR_MALFORMED for what has none of these forms, or one that the method does not allow, and for
 * schemes other than http and https. Borrows from `raw`. */
MUST_CHECK bool uri_target_parse(const char *method, const char *raw, size_t length,
                                 struct uri_target *ret, struct err *err);
/* "host", "host:port", "[::1]:port", as Host and absolute targets have it; no user, and a host that
 * is not empty (RFC 9110 section 4.2). */
bool uri_authority_is_valid(const char *text, size_t length);

struct uri_path {
    const char *text; /* decoded, in the arena */
    size_t count;     /* 0 for "/" */
    const char *segments[URI_SEGMENTS_MAX];
};

/* ERR_MALFORMED for what is no path at all, ERR_NOT_FOUND for one that no route can have. */
MUST_CHECK bool uri_path_parse(struct arena *arena, const char *raw, size_t length,
                               struct uri_path *ret, struct err *err);

struct uri_param {
    const char *name;
    const char *value; /* "" for a name without "=" */
};

struct uri_query {
    const struct uri_param *params; /* in the arena */
    size_t count;
};

/* Reads "a=1&b=two+words"; ERR_MALFORMED for too many, and for broken escapes and invalid
 * UTF-8, with the parameter's name where that can be read. */
MUST_CHECK bool uri_query_parse(struct arena *arena, const char *raw, size_t length,
                                struct uri_query *ret, struct err *err);

#endif
