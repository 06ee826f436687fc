/*
 * http/gunzip.h: bodies of requests that were sent with gzip (RFC 1952). What one unpacks to is
 * bounded like one that is sent as it is.
 * Threads: any.
 */
#ifndef HTTP_GUNZIP_H
#define HTTP_GUNZIP_H

#include "core/buf.h"
#include "core/err.h"

/* Replaces the content of `body` by what it unpacks to. ERR_TOO_LARGE past the buffer's ceiling,
 * ERR_MALFORMED for what is no gzip, is cut off or has something else behind; it is then as it was.
 */
MUST_CHECK bool gunzip_body(struct buf *body, struct err *err);

#endif
