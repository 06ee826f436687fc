#include "trace/tracer.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/sanitizers.h"
#include "core/thread.h"

#include "trace/tracer_priv.h"

/* AddressSanitizer would not notice that a leaf is used which lies in a cell. */
#if defined(TELL_ASAN)
#include <sanitizer/asan_interface.h>

#define CLOSE(leaf_) ASAN_POISON_MEMORY_REGION(leaf_, TRACER_LEAF_BYTES)
#define OPEN(leaf_) ASAN_UNPOISON_MEMORY_REGION(leaf_, TRACER_LEAF_BYTES)
#else
#define CLOSE(leaf_) ((void)0)
#define OPEN(leaf_) ((void)0)
#endif

enum {
    HOMES = 16,
    CELLS = 16, /* leaves that lie in one home at most */
};

/* Leaves that nobody has lie in cells, which are emptied and filled by one atomic exchange each. A
 * thread looks into the cells of its home alone: two threads that share one only meet there. */
struct tracer {
    struct sampler sampler;
    struct span_sink sinks[TRACER_SINKS_MAX];
    size_t sink_count;
    _Atomic(void *) cells[HOMES][CELLS];
    struct mutex lock; /* guards the arena */
    struct arena constants;
};

struct tracer *tracer_new(const struct sampler *sampler, const struct span_sink *sinks,
                          size_t count)
{
    struct tracer *tracer = mem_alloc(sizeof(*tracer));

    assert(count <= TRACER_SINKS_MAX);
    for (size_t i = 0; i < count; i++) {
        tracer->sinks[i] = sinks[i];
    }
    tracer->sink_count = count;
    tracer->sampler = *sampler;
    mutex_init(&tracer->lock);
    arena_init(&tracer->constants);
    return tracer;
}

void tracer_free(struct tracer *tracer)
{
    if (tracer == NULL) {
        return;
    }
    for (size_t home = 0; home < HOMES; home++) {
        for (size_t i = 0; i < CELLS; i++) {
            void *leaf = atomic_load_explicit(&tracer->cells[home][i], memory_order_acquire);

            if (leaf != NULL) {
                OPEN(leaf);
                free(leaf);
            }
        }
    }
    arena_fini(&tracer->constants);
    mutex_fini(&tracer->lock);
    free(tracer);
}

bool tracer_records(const struct tracer *tracer, const struct trace_context *trace)
{
    return sampler_records(&tracer->sampler, trace);
}

void tracer_hand_out(struct tracer *tracer, const struct span_record *record)
{
    for (size_t i = 0; i < tracer->sink_count; i++) {
        tracer->sinks[i].take(tracer->sinks[i].arg, record);
    }
}

/* ---- what spans have in common ---- */

const struct span_constants *tracer_keep(struct tracer *tracer, const struct attribute *attributes,
                                         size_t count)
{
    struct span_constants *kept;

    mutex_lock(&tracer->lock);
    kept = arena_alloc(&tracer->constants, sizeof(*kept) + count * sizeof(*attributes));
    kept->count = count;
    for (size_t i = 0; i < count; i++) {
        struct attribute *copy = &kept->attributes[i];

        *copy = attributes[i];
        assert(copy->type < ATTRIBUTE_TEXTS); /* arrays of constants nobody has */
        if (copy->type == ATTRIBUTE_TEXT) {
            copy->text = arena_strdup(&tracer->constants, copy->text);
        }
    }
    mutex_unlock(&tracer->lock);
    return kept;
}

/* ---- the memory of leaves ---- */

static _Atomic(void *) *home_of(struct tracer *tracer)
{
    static atomic_uint next;
    static _Thread_local unsigned home; /* from 1 on */

    if (home == 0) {
        home = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed) % HOMES + 1;
    }
    return tracer->cells[home - 1];
}

void *tracer_leaf_take(struct tracer *tracer)
{
    _Atomic(void *) *cells = home_of(tracer);

    for (size_t i = 0; i < CELLS; i++) {
        void *leaf;

        if (atomic_load_explicit(&cells[i], memory_order_relaxed) != NULL &&
            (leaf = atomic_exchange_explicit(&cells[i], NULL, memory_order_acquire)) != NULL) {
            OPEN(leaf);
            return leaf;
        }
    }
    return mem_alloc(TRACER_LEAF_BYTES);
}

void tracer_leaf_give(struct tracer *tracer, void *leaf)
{
    _Atomic(void *) *cells = home_of(tracer);

    CLOSE(leaf);
    for (size_t i = 0; i < CELLS; i++) {
        void *empty = NULL;

        if (atomic_load_explicit(&cells[i], memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong_explicit(&cells[i], &empty, leaf, memory_order_release,
                                                    memory_order_relaxed)) {
            return;
        }
    }
    OPEN(leaf);
    free(leaf);
}
