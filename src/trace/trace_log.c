#include "trace/trace_log.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "trace/span_json.h"
#include "trace/span_ring.h"
#include "trace/trace_file.h"

enum {
    RING_BYTES = 4 * 1024 * 1024,
    FLUSH_AT = 128 * 1024, /* the writer is woken early when this much waits */
    FLUSH_MS = 100,
    LINES_AT = 256 * 1024,       /* are written together */
    LINES_MAX = 4 * 1024 * 1024, /* far more than one line, whatever its record says */
    PATH_ROOM = 512,             /* of a path in a log line */
};

/* What wakes the writer. */
enum writer_sleep { AWAKE, UNTIL_ANY, UNTIL_MUCH };

struct trace_log {
    struct trace_file file; /* the writer's, as is what follows */
    bool is_failing;
    struct buf lines;
    const char *service;
    struct counter *dropped;
    struct thread writer;
    struct span_ring ring;
    _Atomic enum writer_sleep sleep;
    struct wakeup wake;
    atomic_bool is_closing;
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

    while ((record = span_ring_first(&log->ring)) != NULL) {
        span_json_add(&log->lines, record, log->service);
        span_ring_drop(&log->ring);
        if (log->lines.length >= LINES_AT) {
            write_out(log);
        }
    }
    write_out(log);
}

static uint64_t enough_of(enum writer_sleep sleep)
{
    return sleep == UNTIL_ANY ? 1 : FLUSH_AT;
}

/* Until so much waits, the deadline has passed or the log closes. Who puts a span first claims its
 * room and then looks how the writer sleeps; the writer first says that it does and then looks what
 * waits: one of them sees the other. */
static void sleep_until(struct trace_log *log, enum writer_sleep how, uint64_t deadline_ns)
{
    enum writer_sleep said = how;

    wakeup_init(&log->wake);
    atomic_store(&log->sleep, how);
    if (span_ring_used(&log->ring) < enough_of(how) && !atomic_load(&log->is_closing)) {
        (void)wakeup_wait_until(&log->wake, deadline_ns);
    }
    if (!atomic_compare_exchange_strong(&log->sleep, &said, AWAKE)) {
        (void)wakeup_wait_until(&log->wake, CLOCK_NEVER); /* somebody is about to post */
    }
}

static void wake_writer(struct trace_log *log)
{
    enum writer_sleep sleep = atomic_load(&log->sleep);

    if (sleep != AWAKE &&
        (span_ring_used(&log->ring) >= enough_of(sleep) ||
         atomic_load_explicit(&log->is_closing, memory_order_relaxed)) &&
        atomic_compare_exchange_strong(&log->sleep, &sleep, AWAKE)) {
        wakeup_post(&log->wake);
    }
}

static void writer_run(void *arg)
{
    struct trace_log *log = arg;

    while (!atomic_load(&log->is_closing)) {
        sleep_until(log, UNTIL_ANY, CLOCK_NEVER);
        sleep_until(log, UNTIL_MUCH, clock_after_ms(FLUSH_MS));
        write_all(log);
    }
    write_all(log);
}

/* ---- the sink ---- */

static void take(void *arg, const struct span_record *record)
{
    struct trace_log *log = arg;

    if (!span_ring_put(&log->ring, record, record->size)) {
        counter_add(log->dropped, 1);
    }
    wake_writer(log);
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
    span_ring_init(&log->ring, RING_BYTES);
    wakeup_init(&log->wake);
    thread_start(&log->writer, "trace-writer", writer_run, log);
    *ret_log = log;
    return true;
}

void trace_log_close(struct trace_log *log)
{
    if (log == NULL) {
        return;
    }
    atomic_store(&log->is_closing, true);
    wake_writer(log);
    thread_join(&log->writer);
    trace_file_close(&log->file);
    span_ring_fini(&log->ring);
    buf_fini(&log->lines);
    free(log);
}
