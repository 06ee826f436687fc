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

static bool add_to_hour(struct ctx *ctx, struct segments *segments, int64_t hour,
                        const struct arrivals *arrivals, const struct arrival *const *spans,
                        size_t count, size_t *ret_added, struct err *err)
{
    struct segments_use use;
    bool ok;

    if (!segments_take(ctx, segments, hour, SEGMENTS_MAKE, &use, err)) {
        return false;
    }
    ok = segment_add(ctx, use.segment, arrivals, spans, count, ret_added, err);
    segments_give(segments, &use, ok ? NULL : err);
    return ok;
}

static bool add_all(struct ctx *ctx, struct segments *segments, const struct arrivals *arrivals,
                    struct ingest_result *result, struct err *err)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are meant. */
    const struct arrival **spans = arena_array(ctx->arena, arrivals->count + 1, sizeof(*spans));
    int64_t *hours = arena_array(ctx->arena, arrivals->count + 1, sizeof(*hours));
    size_t done = 0;

    for (size_t i = 0; i < arrivals->count; i++) {
        hours[i] = segments_hour(segments, arrivals->spans[i].start_ns);
    }
    /* A request has one hour at most times, two at an hour's end. */
    for (size_t first = 0; done < arrivals->count; first++) {
        const int64_t hour = hours[first];
        size_t count = 0;
        size_t added = 0;

        for (size_t i = first; hour >= 0 && i < arrivals->count; i++) {
            if (hours[i] == hour) {
                spans[count++] = &arrivals->spans[i];
                hours[i] = -1;
            }
        }
        if (count > 0 && !add_to_hour(ctx, segments, hour, arrivals, spans, count, &added, err)) {
            return false;
        }
        result->added += added;
        done += count;
    }
    return true;
}

bool ingest_spans(struct ctx *ctx, struct ingest *ingest, const struct arrivals *arrivals,
                  struct ingest_result *ret, struct err *err)
{
    bool ok;

    *ret = (struct ingest_result){.added = 0};
    if (atomic_fetch_add(&ingest->waiting, 1) == 0) {
        atomic_store(&ingest->moved_ns, clock_mono_ns());
    }
    ok = add_all(ctx, ingest->segments, arrivals, ret, err);
    if (ok) {
        atomic_store(&ingest->moved_ns, clock_mono_ns());
    }
    atomic_fetch_sub(&ingest->waiting, 1);
    return ok;
}
