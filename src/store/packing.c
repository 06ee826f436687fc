#include "store/packing.h"

#include <string.h>

#include "core/text.h"
#include "trace/json_text.h"

enum { TEXT_MAX = 512 << 20 }; /* six times what a request may unpack to, and more */

/* Fibonacci hashing: numbers that stand close together are not to meet in one place. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

void packing_init(struct packing *packing)
{
    for (size_t i = 0; i < PACKING_PARTS; i++) {
        buf_init(&packing->parts[i], TEXT_MAX);
    }
}

void packing_fini(struct packing *packing)
{
    for (size_t i = 0; i < PACKING_PARTS; i++) {
        buf_fini(&packing->parts[i]);
    }
}

bool packing_is_statement(const char *key)
{
    return strcmp(key, "db.query.text") == 0 || strcmp(key, "db.statement") == 0 ||
           strcmp(key, "DbStatement") == 0;
}

static void part_from_next(struct buf *list)
{
    if (list->length > 1) {
        buf_add_char(list, ',');
    }
}

static void add_name(struct buf *list, const struct collect *collect, const struct collected *one)
{
    part_from_next(list);
    json_text_add(list, collect_text(collect, one->key), one->key_length);
}

static uint64_t value_hash(const struct collect *collect, const struct collected *one)
{
    return one->type == COLLECTED_INT ? (uint64_t)one->integer * SPREAD
                                      : text_hash(TEXT_HASH_START, collect_text(collect, one->at));
}

/* Where an attribute belongs. */
static enum packing_part part_of(const struct collect *collect, const struct collected *one,
                                 const struct packing_of *of, struct habits *habits)
{
    if (one->type == COLLECTED_TEXT) {
        const char *text = collect_text(collect, one->at);

        if (strcmp(text, of->trace_id) == 0) {
            return PACKING_TRACE_IDS;
        }
        if (of->statement != NULL && packing_is_statement(collect_text(collect, one->key)) &&
            strcmp(text, of->statement) == 0) {
            return PACKING_STATEMENTS;
        }
    }
    return habits_has(habits, one->key_hash, value_hash(collect, one)) ? PACKING_SHARED
                                                                       : PACKING_OWN;
}

static void add(struct packing *packing, const struct collect *collect, const struct collected *one,
                enum packing_part part)
{
    add_name(&packing->parts[part], collect, one);
    if (part == PACKING_SHARED) {
        buf_add_char(&packing->parts[PACKING_SHARED], ':');
        collect_put_value(collect, one, &packing->parts[PACKING_SHARED]);
    } else if (part == PACKING_OWN) {
        part_from_next(&packing->parts[PACKING_VALUES]);
        collect_put_value(collect, one, &packing->parts[PACKING_VALUES]);
    }
}

uint32_t packing_make(struct packing *packing, const struct collect *collect,
                      const struct packing_of *of, struct habits *habits,
                      struct vocabulary *vocabulary, const char **ret_own)
{
    const struct buf *values = &packing->parts[PACKING_VALUES];
    const char *parts[TERM_PARTS_MOST];

    for (size_t i = 0; i < PACKING_PARTS; i++) {
        buf_clear(&packing->parts[i]);
        buf_add_char(&packing->parts[i], i == PACKING_SHARED ? '{' : '[');
    }
    for (size_t i = 0; i < collect->count; i++) {
        add(packing, collect, &collect->list[i], part_of(collect, &collect->list[i], of, habits));
    }
    for (size_t i = 0; i < PACKING_PARTS; i++) {
        buf_add_char(&packing->parts[i], i == PACKING_SHARED ? '}' : ']');
    }
    *ret_own = values->length > strlen("[]")
                   ? arena_dup(vocabulary->arena, values->data, values->length)
                   : NULL;
    for (size_t i = 0; i < TERM_PARTS_MOST; i++) {
        parts[i] = packing->parts[i].data;
    }
    return vocabulary_add(vocabulary, TERM_PACK, parts);
}
