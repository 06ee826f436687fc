#include "db/statement_meter.h"

#include <stdint.h>
#include <stdlib.h>

#include "core/arena.h"

enum { SPARE = 64 }; /* for statements that stand in no catalogue */

/* Of the conventions for db.client.operation.duration. */
static const double BOUNDS[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};

void statement_meter_init(struct statement_meter *meter, struct metrics *metrics,
                          const char *system, size_t statements)
{
    *meter = (struct statement_meter){.metrics = metrics, .system = system, .size = 1};
    while (meter->size < 2 * (statements + SPARE)) {
        meter->size *= 2;
    }
    meter->table = mem_alloc(meter->size * sizeof(*meter->table));
    mutex_init(&meter->lock);
}

void statement_meter_fini(struct statement_meter *meter)
{
    mutex_fini(&meter->lock);
    free(meter->table);
}

/* Its place, or a free one for it. */
static struct metered_statement *place_of(const struct statement_meter *meter,
                                          const struct db_statement *statement)
{
    const uint64_t hash = ((uint64_t)(uintptr_t)statement >> 3) * UINT64_C(0x9e3779b97f4a7c15);

    for (size_t at = (size_t)(hash >> 32);; at++) {
        struct metered_statement *place = &meter->table[at & (meter->size - 1)];
        const struct db_statement *key = atomic_load_explicit(&place->key, memory_order_acquire);

        if (key == statement || key == NULL) {
            return place;
        }
    }
}

static struct metered_statement *add_locked(struct statement_meter *meter,
                                            const struct db_statement *statement)
    REQUIRES(meter->lock)
{
    struct metered_statement *place = place_of(meter, statement);
    const struct attribute attributes[] = {
        attribute_text("db.system.name", meter->system),
        attribute_text("db.query.summary", statement->name),
    };

    if (atomic_load_explicit(&place->key, memory_order_relaxed) == statement) {
        return place; /* another thread was faster */
    }
    if (meter->used >= meter->size / 2) {
        return NULL;
    }
    place->histogram = metrics_histogram(
        meter->metrics, &(struct metric){.name = "db.client.operation.duration",
                                         .unit = "s",
                                         .help = "Time from sending a statement to its end.",
                                         .attributes = attributes,
                                         .attribute_count = 2,
                                         .bounds = BOUNDS,
                                         .bound_count = sizeof(BOUNDS) / sizeof(BOUNDS[0])});
    meter->used++;
    atomic_store_explicit(&place->key, statement, memory_order_release);
    return place;
}

struct metered_statement *statement_meter_find(struct statement_meter *meter,
                                               const struct db_statement *statement)
{
    struct metered_statement *place = place_of(meter, statement);

    if (atomic_load_explicit(&place->key, memory_order_acquire) != statement) {
        mutex_lock(&meter->lock);
        place = add_locked(meter, statement);
        mutex_unlock(&meter->lock);
    }
    return place;
}
