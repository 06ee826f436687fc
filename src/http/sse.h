/*
 * http/sse.h: how server-sent events stand on the wire (the HTML standard, section 9.2.5). Pure:
 * all write into a buffer.
 */
#ifndef HTTP_SSE_H
#define HTTP_SSE_H

#include "core/buf.h"

/* An event. `id` and `type` hold no line break; of `data`, which is UTF-8, each line goes out as
 * one, however it ends. */
void sse_put_event(struct buf *out, const char *id, const char *type, const char *data,
                   size_t length);
/* The first of a stream: no event, but how long a client that was cut off waits until it comes
 * back, and the id that it brings then if no event came before (NULL: the one that it has). */
void sse_put_start(struct buf *out, const char *id, int retry_ms);
/* Nothing, so that what stands between sees that the connection lives. */
void sse_put_heartbeat(struct buf *out);

#endif
