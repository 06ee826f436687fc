#include "store/tally.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "store/steps.h"

enum {
    ENTRIES_FIRST = 64,
    HASH_SHIFT = 32,
};
#define NS_PER_S INT64_C(1000000000)

/* Knuth's multiplier, 2^64 divided by the golden ratio. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

const int64_t TALLY_LENGTHS_S[TALLY_LENGTHS] = {TALLY_MINUTE_S, TALLY_HOUR_S, TALLY_DAY_S};

_Static_assert(sizeof(struct tally_subject) == TALLY_KEY_PARTS * sizeof(int64_t), "is a key");

/* ---- tables ---- */

static uint64_t hash_of(const int64_t key[TALLY_KEY_PARTS])
{
    uint64_t hash = 0;

    for (size_t i = 0; i < TALLY_KEY_PARTS; i++) {
        hash = (hash ^ (uint64_t)key[i]) * SPREAD;
        hash ^= hash >> HASH_SHIFT;
    }
    return hash;
}

static void *entry_at(const struct tally_table *table, size_t i)
{
    return table->entries + i * table->entry_size;
}

/* The place where the key stands, or where it would. */
static uint32_t *place_of(const struct tally_table *table, const int64_t key[TALLY_KEY_PARTS])
{
    size_t at = hash_of(key) % table->place_count;

    while (table->places[at] != 0 && memcmp(entry_at(table, table->places[at] - 1), key,
                                            TALLY_KEY_PARTS * sizeof(*key)) != 0) {
        at = (at + 1) % table->place_count;
    }
    return &table->places[at];
}

static void grow(struct tally_table *table)
{
    table->capacity = table->capacity == 0 ? ENTRIES_FIRST : 2 * table->capacity;
    table->entries = mem_realloc(table->entries, table->capacity * table->entry_size);
    free(table->places);
    table->place_count = 2 * table->capacity;
    table->places = mem_alloc(table->place_count * sizeof(*table->places));
    for (size_t i = 0; i < table->count; i++) {
        *place_of(table, entry_at(table, i)) = (uint32_t)i + 1;
    }
}

/* The entry of that key, made with zeros behind it where there was none. */
static void *find_or_add(struct tally_table *table, const int64_t key[TALLY_KEY_PARTS],
                         size_t *ret_index)
{
    uint32_t *place;

    if (table->count == table->capacity) {
        grow(table);
    }
    place = place_of(table, key);
    if (*place == 0) {
        char *entry = entry_at(table, table->count);

        memset(entry, 0, table->entry_size);
        memcpy(entry, key, TALLY_KEY_PARTS * sizeof(*key));
        *place = (uint32_t)++table->count;
    }
    if (ret_index != NULL) {
        *ret_index = *place - 1;
    }
    return entry_at(table, *place - 1);
}

void tally_init(struct tally *tally)
{
    *tally = (struct tally){
        .subjects = {.entry_size = sizeof(struct tally_subject)},
        .sums = {.entry_size = sizeof(struct tally_sum)},
        .steps = {.entry_size = sizeof(struct tally_step)},
        .examples = {.entry_size = sizeof(struct tally_example)},
    };
}

void tally_fini(struct tally *tally)
{
    struct tally_table *const tables[] = {&tally->subjects, &tally->sums, &tally->steps,
                                          &tally->examples};

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        free(tables[i]->entries);
        free(tables[i]->places);
    }
}

/* ---- adding ---- */

static struct tally_sum *sum_of(struct tally *tally, size_t subject, int64_t length_s,
                                int64_t start_s)
{
    const int64_t key[TALLY_KEY_PARTS] = {(int64_t)subject, length_s, start_s};

    return find_or_add(&tally->sums, key, NULL);
}

static int64_t period_of(int64_t at_ns, int64_t length_s)
{
    return at_ns / NS_PER_S / length_s * length_s;
}

/* To the period in which it began. */
static void count(struct tally *tally, size_t subject, const struct tally_work *work,
                  int64_t length_s)
{
    const int64_t start_s = period_of(work->start_ns, length_s);
    const int64_t key[TALLY_KEY_PARTS] = {(int64_t)subject, length_s, start_s,
                                          steps_of(work->duration_ns)};
    struct tally_sum *sum = sum_of(tally, subject, length_s, start_s);
    struct tally_step *step = find_or_add(&tally->steps, key, NULL);

    sum->executions++;
    sum->failures += work->has_failed;
    sum->rows += work->rows;
    sum->total_ns += work->duration_ns;
    sum->squares += (double)work->duration_ns * (double)work->duration_ns;
    if (sum->longest_ns < work->duration_ns) {
        sum->longest_ns = work->duration_ns;
    }
    step->executions++;
}

/* To each period that it ran in. */
static void add_active(struct tally *tally, size_t subject, const struct tally_work *work)
{
    const int64_t end_ns = work->start_ns + work->duration_ns;
    int64_t at_ns = work->start_ns;

    while (at_ns < end_ns) {
        const int64_t border_ns = (period_of(at_ns, TALLY_MINUTE_S) + TALLY_MINUTE_S) * NS_PER_S;
        const int64_t until_ns = border_ns < end_ns ? border_ns : end_ns;

        for (size_t i = 0; i < TALLY_LENGTHS; i++) {
            sum_of(tally, subject, TALLY_LENGTHS_S[i], period_of(at_ns, TALLY_LENGTHS_S[i]))
                ->active_ns += until_ns - at_ns;
        }
        at_ns = until_ns;
    }
}

static void keep_example(struct tally *tally, size_t subject, const struct tally_work *work)
{
    const int64_t key[TALLY_KEY_PARTS] = {(int64_t)subject, period_of(work->start_ns, TALLY_HOUR_S),
                                          work->has_failed, steps_of(work->duration_ns)};
    struct tally_example *example = find_or_add(&tally->examples, key, NULL);

    example->trace_high = work->trace_high;
    example->trace_low = work->trace_low;
    example->span_id = work->span_id;
    example->start_ns = work->start_ns;
    example->duration_ns = work->duration_ns;
}

void tally_add(struct tally *tally, const struct tally_work *work)
{
    const struct tally_subject *of = &work->subject;
    const int64_t key[TALLY_KEY_PARTS] = {of->service, of->module, of->action, of->statement,
                                          of->wait};
    size_t subject;

    (void)find_or_add(&tally->subjects, key, &subject);
    for (size_t i = 0; i < TALLY_LENGTHS; i++) {
        count(tally, subject, work, TALLY_LENGTHS_S[i]);
    }
    add_active(tally, subject, work);
    keep_example(tally, subject, work);
}
