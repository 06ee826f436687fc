/*
 * http/gzip.h: compression of replies. Compressors are kept between replies, because making one
 * costs more than compressing a page with it.
 * Threads: any.
 */
#ifndef HTTP_GZIP_H
#define HTTP_GZIP_H

#include <stdbool.h>

#include "core/buf.h"

struct gzip_pool;

struct gzip_pool *gzip_pool_new(void);
void gzip_pool_free(struct gzip_pool *pool); /* NULL is accepted */

/* Replaces the content of `body` by its gzip form when that is smaller. False: it is as it was. */
bool gzip_body(struct gzip_pool *pool, struct buf *body);

#endif
