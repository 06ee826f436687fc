#include "trace/trace_log.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/log.h"
#include "core/thread.h"
#include "trace/record_queue.h"
#include "trace/span_json.h"
#include "trace/trace_file.h"

enum {
    RING_BYTES = 4 * 1024 * 1024,
    FLUSH_AT = 256, /* the writer is woken early when so many records wait */
    FLUSH_MS = 100,
    LINES_AT = 256 * 1024,       /* are written together */
    LINES_MAX = 4 * 1024 * 1024, /* far more than one line, whatever its record says */
    PATH_ROOM = 512,             /* of a path in a log line */
};

struct trace_log {
    struct trace_file file; /* the writer's, as is what follows */
    bool is_failing;
    struct buf lines;
    const char *service;
    struct counter *dropped;
    struct thread writer;
    struct record_queue queue;
};

/* ---- the writer thread ---- */

/* A disk that fails loses these spans; it does not stop the service. Said once until it recovers.
 */
static void write_out(struct trace_log *log)
{
    char path[PATH_ROOM];
    const struct buf *lines = &log->lines;
    uint64_t lost = 0;

    if (lines->length == 0) {
        return;
    }
    for (size_t at = trace_file_append(&log->file, lines->data, lines->length); at < lines->length;
         at++) {
        lost += lines->data[at] == '\n';
    }
    counter_add(log->dropped, lost);
    if (lost > 0 && !log->is_failing) {
        log_line(LOG_WARNING, NULL, "spans are lost: the trace log cannot be written or put aside",
                 "path=%s", log_quote(log->file.path, path, sizeof(path)));
    }
    log->is_failing = lost > 0;
    buf_clear(&log->lines);
}

static void write_all(struct trace_log *log)
{
    const struct span_record *record;

    while ((record = record_queue_first(&log->queue)) != NULL) {
        span_json_add(&log->lines, record, log->service);
        record_queue_drop(&log->queue);
        if (log->lines.length >= LINES_AT) {
            write_out(log);
        }
    }
    write_out(log);
}

static void writer_run(void *arg)
{
    struct trace_log *log = arg;

    while (record_queue_wait(&log->queue, FLUSH_MS)) {
        write_all(log);
    }
    write_all(log);
}

/* ---- the sink ---- */

static void take(void *arg, const struct span_record *record)
{
    struct trace_log *log = arg;

    if (!record_queue_put(&log->queue, record, record->size)) {
        counter_add(log->dropped, 1);
    }
}

struct span_sink trace_log_sink(struct trace_log *log)
{
    return (struct span_sink){.take = take, .arg = log};
}

/* ---- life ---- */

bool trace_log_open(const struct trace_log_options *options, struct trace_log **ret_log,
                    struct err *err)
{
    struct trace_log *log;
    struct trace_file file;

    if (!trace_file_open(options->path, options->max_bytes, &file, err)) {
        return false;
    }
    log = mem_alloc(sizeof(*log));
    log->file = file;
    log->service = options->service;
    log->dropped = options->dropped;
    buf_init(&log->lines, LINES_MAX);
    record_queue_init(&log->queue, RING_BYTES, UINT64_MAX, FLUSH_AT);
    thread_start(&log->writer, "trace-writer", writer_run, log);
    *ret_log = log;
    return true;
}

void trace_log_close(struct trace_log *log)
{
    if (log == NULL) {
        return;
    }
    record_queue_close(&log->queue);
    thread_join(&log->writer);
    trace_file_close(&log->file);
    record_queue_fini(&log->queue);
    buf_fini(&log->lines);
    free(log);
}
