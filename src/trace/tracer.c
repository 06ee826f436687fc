#include "trace/tracer.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "trace/trace_file.h"

enum {
    BUFFER_MAX = 4 * 1024 * 1024,
    FLUSH_AT = 256 * 1024, /* the writer is woken early when this much waits */
    FLUSH_MS = 100,
    PATH_ROOM = 512, /* of a path in a log line */
};

/* Two buffers take turns: spans are added to one under the lock while the other is written. */
struct tracer {
    struct trace_file file; /* the writer's, as is what follows */
    bool is_failing;
    const char *service;
    struct counter *dropped;
    struct thread writer;
    struct mutex lock; /* guards what follows */
    struct cond wake;
    struct buf filling;
    bool is_closing;
};

/* ---- the writer thread ---- */

/* A disk that fails loses these spans; it does not stop the service. Said once until it recovers.
 */
static void write_out(struct tracer *tracer, const struct buf *lines)
{
    char path[PATH_ROOM];
    size_t written = 0;
    uint64_t lost = 0;

    if (lines->length == 0) {
        return;
    }
    written = trace_file_append(&tracer->file, lines->data, lines->length);
    for (size_t at = written; at < lines->length; at++) {
        lost += lines->data[at] == '\n';
    }
    counter_add(tracer->dropped, lost);
    if (lost > 0 && !tracer->is_failing) {
        log_line(LOG_WARNING, NULL, "spans are lost: the trace log cannot be written or put aside",
                 "path=%s", log_quote(tracer->file.path, path, sizeof(path)));
    }
    tracer->is_failing = lost > 0;
}

/* Waits for spans, then up to FLUSH_MS for more. False when the tracer closes. */
static bool await_spans_locked(struct tracer *tracer) REQUIRES(tracer->lock);
static bool await_spans_locked(struct tracer *tracer)
{
    uint64_t deadline_ns;

    while (tracer->filling.length == 0 && !tracer->is_closing) {
        cond_wait(&tracer->wake, &tracer->lock);
    }
    deadline_ns = clock_after_ms(FLUSH_MS);
    while (tracer->filling.length < FLUSH_AT && !tracer->is_closing) {
        if (!cond_wait_until(&tracer->wake, &tracer->lock, deadline_ns)) {
            break;
        }
    }
    return !tracer->is_closing;
}

static void writer_run(void *arg)
{
    struct tracer *tracer = arg;
    struct buf writing;
    bool is_open = true;

    buf_init(&writing, BUFFER_MAX);
    while (is_open) {
        struct buf filled;

        mutex_lock(&tracer->lock);
        is_open = await_spans_locked(tracer);
        filled = tracer->filling;
        tracer->filling = writing;
        mutex_unlock(&tracer->lock);
        write_out(tracer, &filled);
        writing = filled;
        buf_clear(&writing);
    }
    buf_fini(&writing);
}

/* ---- life ---- */

bool tracer_open(const struct tracer_options *options, struct tracer **ret_tracer, struct err *err)
{
    struct tracer *tracer;
    struct trace_file file;

    if (!trace_file_open(options->path, options->max_bytes, &file, err)) {
        return false;
    }
    tracer = mem_alloc(sizeof(*tracer));
    tracer->file = file;
    tracer->service = options->service;
    tracer->dropped = options->dropped;
    mutex_init(&tracer->lock);
    cond_init(&tracer->wake);
    buf_init(&tracer->filling, BUFFER_MAX);
    thread_start(&tracer->writer, "trace-writer", writer_run, tracer);
    *ret_tracer = tracer;
    return true;
}

void tracer_close(struct tracer *tracer)
{
    if (tracer == NULL) {
        return;
    }
    mutex_lock(&tracer->lock);
    tracer->is_closing = true;
    cond_signal(&tracer->wake);
    mutex_unlock(&tracer->lock);
    thread_join(&tracer->writer);
    trace_file_close(&tracer->file);
    buf_fini(&tracer->filling);
    cond_fini(&tracer->wake);
    mutex_fini(&tracer->lock);
    free(tracer);
}

const char *tracer_service(const struct tracer *tracer)
{
    return tracer->service;
}

/* The writer is woken for the first span and when much waits, not for each span. */
void tracer_add(struct tracer *tracer, const struct buf *line)
{
    size_t before;
    size_t after;

    mutex_lock(&tracer->lock);
    before = tracer->filling.length;
    /* Asked first, because a buffer that hits its ceiling would turn bad. */
    if (!line->bad && line->length <= tracer->filling.max - before) {
        buf_add(&tracer->filling, line->data, line->length);
    } else {
        counter_add(tracer->dropped, 1);
    }
    after = tracer->filling.length;
    if ((before == 0 && after > 0) || (before < FLUSH_AT && after >= FLUSH_AT)) {
        cond_signal(&tracer->wake);
    }
    mutex_unlock(&tracer->lock);
}
