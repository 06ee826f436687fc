#include "trace/span.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/thread.h"

enum {
    BUFFER_MAX = 4 * 1024 * 1024,
    FLUSH_AT = 256 * 1024, /* the writer is woken early when this much waits */
    FLUSH_MS = 100,
    LINE_MAX_BYTES = 64 * 1024,
    LINE_USUAL = 1024,
    TEXT_MAX = 16 * 1024, /* of one attribute */
    NS_PER_US = 1000,
};

enum attribute_type { ATTRIBUTE_TEXT, ATTRIBUTE_INT, ATTRIBUTE_BOOL };

struct attribute {
    struct attribute *next;
    const char *key;
    enum attribute_type type;
    union {
        const char *text;
        int64_t number;
        bool truth;
    };
};

struct span {
    struct span *parent; /* in this unit; NULL for the first */
    struct arena *arena;
    const char *name;
    enum span_kind kind;
    bool is_failed;
    bool is_root; /* of a trace that began here: there is no parent anywhere */
    bool is_leaf; /* never ctx->span */
    uint64_t start_ns;
    int64_t start_us;
    char id[SPAN_ID_HEX + 1];
    char parent_id[SPAN_ID_HEX + 1]; /* to be innermost again */
    struct attribute *first;
    struct attribute **next;
};

/* Two buffers take turns: spans are added to one under the lock while the other is written. */
struct tracer {
    int fd;
    const char *service;
    struct thread writer;
    _Atomic uint64_t dropped;
    struct mutex lock; /* guards what follows */
    struct cond wake;
    struct buf filling;
    bool is_closing;
};

static const char *const KINDS[] = {
    [SPAN_INTERNAL] = "internal", [SPAN_SERVER] = "server",     [SPAN_CLIENT] = "client",
    [SPAN_PRODUCER] = "producer", [SPAN_CONSUMER] = "consumer",
};

/* ---- the writer thread ---- */

static void count_dropped(struct tracer *tracer, uint64_t by)
{
    (void)atomic_fetch_add_explicit(&tracer->dropped, by, memory_order_relaxed);
}

/* A disk that fails loses these spans; it does not stop the service. */
static void write_out(struct tracer *tracer, const struct buf *lines)
{
    size_t at = 0;

    while (at < lines->length) {
        ssize_t written = write(tracer->fd, lines->data + at, lines->length - at);

        if (written >= 0) {
            at += (size_t)written;
        } else if (errno != EINTR) {
            break;
        }
    }
    for (; at < lines->length; at++) {
        if (lines->data[at] == '\n') {
            count_dropped(tracer, 1);
        }
    }
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

bool tracer_open(const char *path, const char *service, struct tracer **ret_tracer, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    struct tracer *tracer;

    if (fd < 0) {
        int failure = errno;

        (void)err_set(err, ERR_IO, "cannot open trace log %s: %s", path, strerrordesc_np(failure));
        err->native = failure;
        return false;
    }
    tracer = mem_alloc(sizeof(*tracer));
    tracer->fd = fd;
    tracer->service = service;
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
    (void)close(tracer->fd);
    buf_fini(&tracer->filling);
    cond_fini(&tracer->wake);
    mutex_fini(&tracer->lock);
    free(tracer);
}

uint64_t tracer_dropped(const struct tracer *tracer)
{
    return tracer == NULL ? 0 : atomic_load_explicit(&tracer->dropped, memory_order_relaxed);
}

/* The writer is woken for the first span and when much waits, not for each span. */
static void tracer_add(struct tracer *tracer, const struct buf *line)
{
    size_t before;
    size_t after;

    mutex_lock(&tracer->lock);
    before = tracer->filling.length;
    /* Asked first, because a buffer that hits its ceiling would turn bad. */
    if (!line->bad && line->length <= tracer->filling.max - before) {
        buf_add(&tracer->filling, line->data, line->length);
    } else {
        count_dropped(tracer, 1);
    }
    after = tracer->filling.length;
    if ((before == 0 && after > 0) || (before < FLUSH_AT && after >= FLUSH_AT)) {
        cond_signal(&tracer->wake);
    }
    mutex_unlock(&tracer->lock);
}

/* ---- a span as one line of JSON ---- */

/* Plain runs are copied whole; what JSON forbids is escaped (RFC 8259 section 7). */
static void add_json_text(struct buf *line, const char *text)
{
    const char *run = text;

    buf_add_char(line, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= ' ' && c != '"' && c != '\\') {
            continue;
        }
        buf_add(line, run, (size_t)(text - run));
        run = text + 1;
        if (c == '"' || c == '\\') {
            buf_add_char(line, '\\');
            buf_add_char(line, (char)c);
        } else if (c == '\n') {
            buf_add(line, "\\n", 2);
        } else {
            buf_printf(line, "\\u%04x", (unsigned)c);
        }
    }
    buf_add(line, run, (size_t)(text - run));
    buf_add_char(line, '"');
}

static void add_attributes(struct buf *line, const struct attribute *attribute)
{
    const char *separator = "";

    for (; attribute != NULL; attribute = attribute->next) {
        buf_add_text(line, separator);
        separator = ",";
        add_json_text(line, attribute->key);
        buf_add_char(line, ':');
        switch (attribute->type) {
        case ATTRIBUTE_TEXT:
            add_json_text(line, attribute->text);
            break;
        case ATTRIBUTE_INT:
            buf_add_int(line, attribute->number);
            break;
        case ATTRIBUTE_BOOL:
            buf_add_text(line, attribute->truth ? "true" : "false");
            break;
        }
    }
}

static void add_span(struct buf *line, const struct ctx *ctx, const struct span *span)
{
    uint64_t took_us = (clock_mono_ns() - span->start_ns) / NS_PER_US;

    buf_add_text(line, "{\"trace_id\":\"");
    buf_add_text(line, ctx->trace.trace_id);
    buf_add_text(line, "\",\"span_id\":\"");
    buf_add_text(line, span->id);
    buf_add_text(line, "\",\"parent_span_id\":\"");
    buf_add_text(line, span->is_root ? "" : span->parent_id);
    buf_add_text(line, "\",\"name\":");
    add_json_text(line, span->name);
    buf_add_text(line, ",\"kind\":\"");
    buf_add_text(line, KINDS[span->kind]);
    buf_add_text(line, "\",\"service\":");
    add_json_text(line, ctx->tracer->service);
    buf_add_text(line, ",\"start_us\":");
    buf_add_int(line, span->start_us);
    buf_add_text(line, ",\"end_us\":");
    buf_add_int(line, span->start_us + (int64_t)took_us);
    buf_add_text(line, ",\"status\":\"");
    buf_add_text(line, span->is_failed ? "error" : "unset");
    buf_add_text(line, "\",\"attributes\":{");
    add_attributes(line, span->first);
    buf_add_text(line, "}}\n");
}

/* ---- spans ---- */

static struct span *new_span(const struct ctx *ctx, const char *name, enum span_kind kind)
{
    struct span *span = arena_alloc(ctx->arena, sizeof(*span));
    span->parent = ctx->span;
    span->arena = ctx->arena;
    span->name = name;
    span->kind = kind;
    span->is_root = ctx->span == NULL && !ctx->trace.is_remote;
    span->start_ns = clock_mono_ns();
    span->start_us = clock_utc_us();
    span->next = &span->first;
    memcpy(span->parent_id, ctx->trace.span_id, sizeof(span->parent_id));
    w3c_new_span_id(span->id);
    return span;
}

/* A unit without a remote caller brings the id of its root. */
struct span *span_begin(struct ctx *ctx, const char *name, enum span_kind kind)
{
    struct span *span;

    if (ctx->tracer == NULL) {
        return NULL;
    }
    span = new_span(ctx, name, kind);
    if (span->is_root) {
        memcpy(span->id, ctx->trace.span_id, sizeof(span->id));
    } else {
        memcpy(ctx->trace.span_id, span->id, sizeof(span->id));
    }
    ctx->span = span;
    return span;
}

struct span *span_begin_leaf(struct ctx *ctx, const char *name, enum span_kind kind)
{
    struct span *span;

    if (ctx->tracer == NULL) {
        return NULL;
    }
    span = new_span(ctx, name, kind);
    span->is_leaf = true;
    return span;
}

static struct attribute *new_attribute(struct span *span, const char *key, enum attribute_type type)
{
    struct attribute *attribute = arena_alloc(span->arena, sizeof(*attribute));

    attribute->key = key;
    attribute->type = type;
    *span->next = attribute;
    span->next = &attribute->next;
    return attribute;
}

/* Headers of any client end up here: what is not UTF-8 would make the whole line unreadable. */
static const char *clean_copy(struct arena *arena, const char *value)
{
    size_t length = strnlen(value, TEXT_MAX + 1);
    char *copy;

    length = utf8_cut(value, length, TEXT_MAX);
    copy = arena_dup(arena, value, length);
    if (!utf8_is_valid(copy, length)) {
        for (char *at = copy; *at != '\0'; at++) {
            if ((unsigned char)*at >= 0x80) {
                *at = '?';
            }
        }
    }
    return copy;
}

void span_text(struct span *span, const char *key, const char *value)
{
    if (span != NULL && value != NULL) {
        new_attribute(span, key, ATTRIBUTE_TEXT)->text = clean_copy(span->arena, value);
    }
}

void span_int(struct span *span, const char *key, int64_t value)
{
    if (span != NULL) {
        new_attribute(span, key, ATTRIBUTE_INT)->number = value;
    }
}

void span_bool(struct span *span, const char *key, bool value)
{
    if (span != NULL) {
        new_attribute(span, key, ATTRIBUTE_BOOL)->truth = value;
    }
}

void span_fail(struct span *span, const struct err *err)
{
    if (span != NULL && !span->is_failed) {
        span->is_failed = true;
        span_text(span, "error.type", err_symbol(err->code));
    }
}

void span_end(struct ctx *ctx, struct span *span)
{
    struct buf line;

    if (span == NULL) {
        return;
    }
    assert(span->is_leaf || ctx->span == span);
    buf_init(&line, LINE_MAX_BYTES);
    (void)buf_reserve(&line, LINE_USUAL); /* one allocation for an ordinary span */
    add_span(&line, ctx, span);
    tracer_add(ctx->tracer, &line);
    buf_fini(&line);
    if (span->is_leaf) {
        return;
    }
    ctx->span = span->parent;
    if (span->is_root) {
        w3c_new_span_id(ctx->trace.span_id); /* another root of this unit must not share its id */
    } else {
        memcpy(ctx->trace.span_id, span->parent_id, sizeof(span->parent_id));
    }
}
