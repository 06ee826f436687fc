#include "store/facets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "store/cells.h"

enum {
    SLOTS = 65536, /* a power of two; more than three times FACET_VALUES_MOST */
    FIELDS_MOST = 1024,
    NUMBER_MAX = 24,
};

/* How many spans there are of one number of a dictionary. */
struct tally {
    int64_t selected;
    int64_t rest;
};

struct counting {
    struct arena *arena;
    struct arena of_a_span;
    struct facet_value *values[SLOTS];
    size_t value_count;
    struct facet fields[FIELDS_MOST]; /* without their values until the end */
    size_t field_count;
    struct tally total;
    bool is_cut;

    /* Of the file that is read. */
    const struct dictionary *dictionary;
    struct tally *services;
    struct tally *names;
    struct tally *sources;
    struct tally *packs;
};

/* ---- fields and values ---- */

static struct facet *field_of(struct counting *counting, const char *name)
{
    for (size_t i = 0; i < counting->field_count; i++) {
        if (strcmp(counting->fields[i].field, name) == 0) {
            return &counting->fields[i];
        }
    }
    if (counting->field_count == FIELDS_MOST) {
        counting->is_cut = true;
        return NULL;
    }
    counting->fields[counting->field_count] =
        (struct facet){.field = arena_strdup(counting->arena, name)};
    return &counting->fields[counting->field_count++];
}

static size_t slot_of(const struct counting *counting, const char *field, const char *text)
{
    size_t at = (size_t)text_hash(text_hash(TEXT_HASH_START, field), text) & (SLOTS - 1);

    while (counting->values[at] != NULL && (strcmp(counting->values[at]->text, text) != 0 ||
                                            strcmp(counting->values[at]->field, field) != 0)) {
        at = (at + 1) & (SLOTS - 1);
    }
    return at;
}

static void add(struct counting *counting, const char *name, const char *text, struct tally tally)
{
    struct facet *field = tally.selected + tally.rest > 0 ? field_of(counting, name) : NULL;
    size_t at;

    if (field == NULL) {
        return;
    }
    field->selected += tally.selected;
    field->rest += tally.rest;
    at = slot_of(counting, field->field, text);
    if (counting->values[at] == NULL && counting->value_count == FACET_VALUES_MOST) {
        counting->is_cut = true;
        return;
    }
    if (counting->values[at] == NULL) {
        counting->values[at] = arena_alloc(counting->arena, sizeof(**counting->values));
        *counting->values[at] = (struct facet_value){.field = field->field,
                                                     .text = arena_strdup(counting->arena, text)};
        counting->value_count++;
    }
    counting->values[at]->selected += tally.selected;
    counting->values[at]->rest += tally.rest;
}

/* ---- one file ---- */

static void begin_file(void *arg, int64_t hour, const struct dictionary *dictionary)
{
    struct counting *counting = arg;
    struct arena *arena = counting->arena;

    (void)hour;
    counting->dictionary = dictionary;
    counting->services = arena_array(arena, dictionary->word_count + 1, sizeof(struct tally));
    counting->names = arena_array(arena, dictionary->word_count + 1, sizeof(struct tally));
    counting->sources = arena_array(arena, dictionary->resource_count + 1, sizeof(struct tally));
    counting->packs = arena_array(arena, dictionary->pack_count + 1, sizeof(struct tally));
}

static void note(struct tally *tallies, size_t count, int64_t number, struct tally one)
{
    struct tally *tally = &tallies[number > 0 && (size_t)number < count ? (size_t)number : count];

    tally->selected += one.selected;
    tally->rest += one.rest;
}

/* The values that it has of its own, by the names in its pack. */
static void count_own(struct counting *counting, const struct sql_judged_row *row, struct tally one)
{
    const struct dictionary *dictionary = counting->dictionary;
    struct arena *arena = &counting->of_a_span;
    struct cells names;
    struct cells values = cells_of(row->own);
    struct where_value name;
    struct where_value value;

    if (row->pack < 1 || (size_t)row->pack >= dictionary->pack_count) {
        return;
    }
    names = cells_of(dictionary->packs[row->pack].own);
    while (cells_next(&names, arena, NULL, &name) && cells_next(&values, arena, NULL, &value)) {
        add(counting, name.text, value.text, one);
    }
    arena_reset(arena);
}

static void count_span(void *arg, const struct sql_judged_row *row, bool holds)
{
    struct counting *counting = arg;
    const struct dictionary *dictionary = counting->dictionary;
    const struct tally one = {.selected = holds, .rest = !holds};
    char number[NUMBER_MAX];

    counting->total.selected += one.selected;
    counting->total.rest += one.rest;
    note(counting->services, dictionary->word_count, row->service, one);
    note(counting->names, dictionary->word_count, row->name, one);
    note(counting->sources, dictionary->resource_count, row->source, one);
    note(counting->packs, dictionary->pack_count, row->pack, one);
    add(counting, "kind", where_kind_word(row->kind), one);
    add(counting, "status", where_status_word(row->status), one);
    if (!row->http_status_is_null) {
        (void)snprintf(number, sizeof(number), "%lld", (long long)row->http_status);
        add(counting, "http_status", number, one);
    }
    if (row->own != NULL) {
        count_own(counting, row, one);
    }
}

/* The attributes of one object, as often as spans have it. */
static void add_object(struct counting *counting, const char *prefix, const char *object,
                       struct tally tally)
{
    struct arena *arena = &counting->of_a_span;
    struct cells cells = cells_of(object);
    struct where_value value;
    const char *key = NULL;

    while (tally.selected + tally.rest > 0 && cells_next(&cells, arena, &key, &value)) {
        add(counting, arena_printf(arena, "%s%s", prefix, key), value.text, tally);
    }
    arena_reset(arena);
}

static void end_file(void *arg)
{
    struct counting *counting = arg;
    const struct dictionary *dictionary = counting->dictionary;

    for (size_t i = 1; i < dictionary->word_count; i++) {
        add(counting, "service", dictionary_word(dictionary, (int64_t)i), counting->services[i]);
        add(counting, "name", dictionary_word(dictionary, (int64_t)i), counting->names[i]);
    }
    for (size_t i = 1; i < dictionary->resource_count; i++) {
        add_object(counting, "resource.", dictionary->resources[i], counting->sources[i]);
    }
    for (size_t i = 1; i < dictionary->pack_count; i++) {
        add_object(counting, "", dictionary->packs[i].shared, counting->packs[i]);
    }
}

/* ---- the whole ---- */

static const char *const FIRST[] = {"service", "name", "kind", "status", "http_status"};
enum { FIRST_COUNT = sizeof(FIRST) / sizeof(FIRST[0]) };

static size_t rank_of(const char *field)
{
    size_t at = 0;

    while (at < FIRST_COUNT && strcmp(FIRST[at], field) != 0) {
        at++;
    }
    return at;
}

static int by_rank(const void *a, const void *b)
{
    const struct facet *first = a;
    const struct facet *second = b;
    const size_t first_rank = rank_of(first->field);
    const size_t second_rank = rank_of(second->field);

    if (first_rank != second_rank) {
        return first_rank < second_rank ? -1 : 1;
    }
    if (first->selected != second->selected) {
        return first->selected > second->selected ? -1 : 1;
    }
    return strcmp(first->field, second->field);
}

/* By field, then as facets.h says. */
static int by_field(const void *a, const void *b)
{
    const struct facet_value *first = a;
    const struct facet_value *second = b;
    const int fields = strcmp(first->field, second->field);

    if (fields != 0) {
        return fields;
    }
    if (first->selected != second->selected) {
        return first->selected > second->selected ? -1 : 1;
    }
    return strcmp(first->text, second->text);
}

static void finish(struct counting *counting, struct facets *ret)
{
    struct facet_value *all = arena_array(counting->arena, counting->value_count + 1, sizeof(*all));
    struct facet *fields = arena_array(counting->arena, counting->field_count + 1, sizeof(*fields));
    size_t count = 0;

    for (size_t i = 0; i < SLOTS; i++) {
        if (counting->values[i] != NULL) {
            all[count++] = *counting->values[i];
        }
    }
    qsort(all, count, sizeof(*all), by_field);
    memcpy(fields, counting->fields, counting->field_count * sizeof(*fields));
    for (size_t i = 0; i < counting->field_count; i++) {
        for (size_t at = 0; at < count; at++) {
            if (strcmp(all[at].field, fields[i].field) == 0) {
                fields[i].values = fields[i].count == 0 ? &all[at] : fields[i].values;
                fields[i].count++;
            }
        }
    }
    qsort(fields, counting->field_count, sizeof(*fields), by_rank);
    *ret = (struct facets){.fields = fields,
                           .count = counting->field_count,
                           .selected = counting->total.selected,
                           .rest = counting->total.rest,
                           .is_cut = counting->is_cut};
}

bool facets_count(struct ctx *ctx, struct segments *segments, const struct selection *selection,
                  bool wants_rest, struct facets *ret, struct err *err)
{
    struct counting *counting = mem_alloc(sizeof(*counting));
    const struct select_visitor visitor = {.arg = counting,
                                           .begin = begin_file,
                                           .span = count_span,
                                           .end = end_file,
                                           .wants_rest = wants_rest};
    bool ok;

    counting->arena = ctx->arena;
    arena_init(&counting->of_a_span);
    ok = select_each(ctx, segments, selection, &visitor, err);
    if (ok) {
        finish(counting, ret);
    }
    arena_fini(&counting->of_a_span);
    free(counting);
    return ok;
}

/* ---- what differs ---- */

double facets_difference(const struct facets *facets, const struct facet_value *value)
{
    const double of_selected =
        facets->selected > 0 ? (double)value->selected / (double)facets->selected : 0;
    const double of_rest = facets->rest > 0 ? (double)value->rest / (double)facets->rest : 0;

    return of_selected - of_rest;
}

size_t facets_compare(const struct facets *facets, struct arena *arena, size_t most,
                      const struct facet_value **ret)
{
    struct facet_value *best = arena_array(arena, most + 1, sizeof(*best));
    size_t count = 0;

    for (size_t field = 0; field < facets->count; field++) {
        for (size_t i = 0; i < facets->fields[field].count; i++) {
            const struct facet_value *value = &facets->fields[field].values[i];
            const double difference = facets_difference(facets, value);
            size_t at = count;

            while (at > 0 && difference > facets_difference(facets, &best[at - 1])) {
                at--;
            }
            if (difference > 0 && at < most) {
                memmove(&best[at + 1], &best[at], (count - at) * sizeof(*best));
                best[at] = *value;
                count = count < most ? count + 1 : most;
            }
        }
    }
    *ret = best;
    return count;
}
