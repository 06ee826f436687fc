#include "console/mismatches.h"

#include <stdlib.h>
#include <string.h>

const char *const MISMATCH_KINDS[] = {
    "no_sql_id",        "odd_sql_id",  "altered_text",  "unknown_statement",
    "no_tags",          "foreign_tag", "no_trace",      "no_parent",
    "only_in_database", "fewer_spans", "only_in_spans", "more_spans",
    "clock_off",        NULL};

static size_t rank_of(const char *kind)
{
    size_t rank = 0;

    while (MISMATCH_KINDS[rank] != NULL && strcmp(MISMATCH_KINDS[rank], kind) != 0) {
        rank++;
    }
    return rank;
}

void mismatches_add(struct mismatches *mismatches, const struct mismatch *one)
{
    struct mismatch *added;

    mismatches->list = arena_room(mismatches->arena, mismatches->list, mismatches->count,
                                  &mismatches->capacity, sizeof(*mismatches->list));
    added = &mismatches->list[mismatches->count++];
    *added = *one;
    added->position = arena_printf(mismatches->arena, "%02zu %.200s %s", rank_of(one->kind),
                                   one->service, one->sql_id != NULL ? one->sql_id : one->said);
}

static int compare(const void *a, const void *b)
{
    const struct mismatch *left = a;
    const struct mismatch *right = b;

    return strcmp(left->position, right->position);
}

void mismatches_sort(struct mismatches *mismatches)
{
    if (mismatches->count > 0) {
        qsort(mismatches->list, mismatches->count, sizeof(*mismatches->list), compare);
    }
}
