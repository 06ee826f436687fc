/*
 * console/put_attributes.h: attributes of spans as one object, put together of the parts that a
 * file keeps them in (store/dictionary.h). Parts that are no JSON of ours end where they can be
 * read no further. Memory: the struct owns its buffers. Threads: one.
 */
#ifndef CONSOLE_PUT_ATTRIBUTES_H
#define CONSOLE_PUT_ATTRIBUTES_H

#include "http/json_out.h"
#include "store/trace.h"

struct attributes_put {
    const char *trace_id;
    struct buf object;
};

void attributes_put_init(struct attributes_put *putting, const char *trace_id); /* borrowed */
void attributes_put_fini(struct attributes_put *putting);

/* Under that key. */
void attributes_put(struct attributes_put *putting, struct json_out *json, const char *key,
                    const struct trace_span *span);

#endif
