/*
 * http/gunzip.h: bodies of requests that were sent with gzip (RFC 1952). What one unpacks to is
 * bounded like one that is sent as it is.
 * Threads: any.
 */
#ifndef HTTP_GUNZIP_H
#define HTTP_GUNZIP_H

#include "core/buf.h"
#include "core/err.h"

/* May what is unpacked take `more` bytes of memory than it has? Asked whenever it has grown. */
typedef bool gunzip_may_grow(void *arg, size_t more, struct err *err);

/* Replaces the content of `body` by what it unpacks to. ERR_TOO_LARGE past the buffer's ceiling,
 * ERR_MALFORMED for what is no gzip, is cut off or has something else behind, or the error of
 * `may_grow`; it is then as it was. */
MUST_CHECK bool gunzip_body(struct buf *body, gunzip_may_grow *may_grow, void *arg,
                            struct err *err);

#endif
