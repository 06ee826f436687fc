/*
 * net/http_post.h: bytes sent to one address over and over, as exporters do. It makes one try and
 * says what came of it: there is no span, no breaker and no trace context here, and whether to try
 * again is the caller's matter. The connection is kept open.
 * Threads: one sends; any may say when the sending is to end.
 */
#ifndef NET_HTTP_POST_H
#define NET_HTTP_POST_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

struct http_poster;

struct http_poster_options {
    const char *url;
    const char *content_type;
    const char *user_agent;
    const char *const *headers; /* "Authorization: Bearer ...", NULL at the end; never logged */
    const char *ca_file;        /* authorities that are trusted; "": the system's */
    int64_t timeout_ms;         /* of one try */
    size_t answer_max;          /* bytes; an answer that is longer is a broken one */
};

struct http_posting {
    const void *body;
    size_t length;
    const char *coding; /* "gzip"; NULL: as it is */
};

struct http_posted {
    int status;
    int64_t retry_after_s;    /* by Retry-After, as seconds or as a date; 0: it says nothing */
    const char *content_type; /* "" where there is none. Both until the next try */
    const struct buf *body;
};

/* The texts are borrowed for as long as it lives. */
struct http_poster *http_poster_new(const struct http_poster_options *options);
void http_poster_free(struct http_poster *poster); /* NULL is accepted */
/* True for every whole answer. ERR_DEADLINE when it was ended (below), ERR_PEER for everything
 * else: nobody there, a certificate that is not trusted, a connection that broke, no answer in
 * time. */
MUST_CHECK bool http_post(struct http_poster *poster, const struct http_posting *posting,
                          struct http_posted *ret, struct err *err);
/* From this time on no try begins, and one that is under way ends within a second. */
void http_poster_end_at(struct http_poster *poster, uint64_t deadline_ns);
/* Host and port of the address. */
const char *http_poster_host(const struct http_poster *poster);
int64_t http_poster_port(const struct http_poster *poster);

#endif
