/*
 * core/gzip.h: compression of what is sent: replies, and requests of exporters. Compressors are
 * kept between bodies, because making one costs more than compressing a page with it. Threads: any.
 */
#ifndef CORE_GZIP_H
#define CORE_GZIP_H

#include <stdbool.h>

#include "core/buf.h"

struct gzip_pool;

struct gzip_pool *gzip_pool_new(void);
void gzip_pool_free(struct gzip_pool *pool); /* NULL is accepted */

/* Replaces the content of `body` by its gzip form when that is smaller. False: it is as it was. */
bool gzip_body(struct gzip_pool *pool, struct buf *body);

#endif
