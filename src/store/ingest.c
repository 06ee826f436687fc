#include "store/ingest.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/clock.h"

struct ingest {
    struct segments *segments;
    atomic_long waiting;       /* requests */
    _Atomic uint64_t moved_ns; /* when one of them became durable last, or the first came */
};

struct ingest *ingest_new(struct segments *segments)
{
    struct ingest *ingest = mem_alloc(sizeof(*ingest));

    ingest->segments = segments;
    return ingest;
}

void ingest_free(struct ingest *ingest)
{
    free(ingest);
}

uint64_t ingest_lag_ms(const struct ingest *ingest)
{
    const uint64_t moved_ns = atomic_load(&ingest->moved_ns);
    const uint64_t now_ns = clock_mono_ns();

    return atomic_load(&ingest->waiting) > 0 && now_ns > moved_ns
               ? (now_ns - moved_ns) / CLOCK_NS_PER_MS
               : 0;
}

/* Spans or log records of a request: what has a time, and is added to the file of its hour. */
struct load {
    const void *arrivals;
    size_t count;
    int64_t (*time_ns)(const void *arrivals, size_t at);
    bool (*add)(struct ctx *ctx, struct segment *segment, const void *arrivals, const size_t *which,
                size_t count, size_t *ret_added, struct err *err);
};

static bool add_to_hour(struct ctx *ctx, struct segments *segments, int64_t hour,
                        const struct load *load, const size_t *which, size_t count,
                        size_t *ret_added, struct err *err)
{
    struct segments_use use;
    bool ok;

    if (!segments_take(ctx, segments, hour, SEGMENTS_MAKE, &use, err)) {
        return false;
    }
    ok = load->add(ctx, use.segment, load->arrivals, which, count, ret_added, err);
    segments_give(segments, &use, ok ? NULL : err);
    return ok;
}

static bool add_all(struct ctx *ctx, struct segments *segments, const struct load *load,
                    struct ingest_result *result, struct err *err)
{
    size_t *which = arena_array(ctx->arena, load->count + 1, sizeof(*which));
    int64_t *hours = arena_array(ctx->arena, load->count + 1, sizeof(*hours));
    size_t done = 0;

    for (size_t i = 0; i < load->count; i++) {
        hours[i] = segments_hour(segments, load->time_ns(load->arrivals, i));
    }
    /* A request has one hour at most times, two at an hour's end. */
    for (size_t first = 0; done < load->count; first++) {
        const int64_t hour = hours[first];
        size_t count = 0;
        size_t added = 0;

        for (size_t i = first; hour >= 0 && i < load->count; i++) {
            if (hours[i] == hour) {
                which[count++] = i;
                hours[i] = -1;
            }
        }
        if (count > 0 && !add_to_hour(ctx, segments, hour, load, which, count, &added, err)) {
            return false;
        }
        result->added += added;
        done += count;
    }
    return true;
}

static bool store(struct ctx *ctx, struct ingest *ingest, const struct load *load,
                  struct ingest_result *ret, struct err *err)
{
    bool ok;

    *ret = (struct ingest_result){.added = 0};
    if (atomic_fetch_add(&ingest->waiting, 1) == 0) {
        atomic_store(&ingest->moved_ns, clock_mono_ns());
    }
    ok = add_all(ctx, ingest->segments, load, ret, err);
    if (ok) {
        atomic_store(&ingest->moved_ns, clock_mono_ns());
    }
    atomic_fetch_sub(&ingest->waiting, 1);
    return ok;
}

/* ---- spans ---- */

static int64_t span_time_ns(const void *arrivals, size_t at)
{
    return ((const struct arrivals *)arrivals)->spans[at].start_ns;
}

static bool add_spans(struct ctx *ctx, struct segment *segment, const void *arrivals,
                      const size_t *which, size_t count, size_t *ret_added, struct err *err)
{
    return segment_add(ctx, segment, arrivals, which, count, ret_added, err);
}

bool ingest_spans(struct ctx *ctx, struct ingest *ingest, const struct arrivals *arrivals,
                  struct ingest_result *ret, struct err *err)
{
    const struct load load = {
        .arrivals = arrivals, .count = arrivals->count, .time_ns = span_time_ns, .add = add_spans};

    return store(ctx, ingest, &load, ret, err);
}

/* ---- log records ---- */

static int64_t log_time_ns(const void *arrivals, size_t at)
{
    return ((const struct log_arrivals *)arrivals)->records[at].time_ns;
}

static bool add_logs(struct ctx *ctx, struct segment *segment, const void *arrivals,
                     const size_t *which, size_t count, size_t *ret_added, struct err *err)
{
    return segment_add_logs(ctx, segment, arrivals, which, count, ret_added, err);
}

bool ingest_logs(struct ctx *ctx, struct ingest *ingest, const struct log_arrivals *arrivals,
                 struct ingest_result *ret, struct err *err)
{
    const struct load load = {
        .arrivals = arrivals, .count = arrivals->count, .time_ns = log_time_ns, .add = add_logs};

    return store(ctx, ingest, &load, ret, err);
}
