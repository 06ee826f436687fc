#include "app/glance.h"

#include <stdio.h>
#include <string.h>

#include "app/waterfall.h"
#include "core/text.h"

enum { CELLS_MOST = 1000000 };

static int64_t count_of(const struct json *of, const char *member)
{
    int64_t count = 0;

    (void)json_int(json_get(of, member), &count);
    return count;
}

static const char *share(struct asking *asking, int64_t part, int64_t all)
{
    return arena_printf(&asking->arena, "%.1f %%",
                        all > 0 ? 100.0 * (double)part / (double)all : 0.0);
}

static void print_cut(const struct asking *asking)
{
    size_t length;
    struct arena arena;

    arena_init(&arena);
    if (strcmp(json_write(&arena, json_get(asking->answer, "is_cut"), &length), "true") == 0) {
        (void)printf("There are more values than are told apart: ask for fewer traces.\n");
    }
    arena_fini(&arena);
}

/* ---- facets ---- */

static const struct table_column FACET_COLUMNS[] = {
    {"field", "FIELD", false},
    {"value", "VALUE", false},
    {"count", "TRACES", true},
    {"share", "SHARE", true},
};
static const struct table_concession FACET_CONCESSIONS[] = {{"value", 40}, {"field", 24}};
static const struct table FACETS = {
    .columns = FACET_COLUMNS,
    .column_count = sizeof(FACET_COLUMNS) / sizeof(FACET_COLUMNS[0]),
    .concessions = FACET_CONCESSIONS,
    .concession_count = sizeof(FACET_CONCESSIONS) / sizeof(FACET_CONCESSIONS[0])};

/* The field stands beside its first value; what is not shown of it is a row. */
static void put_facet(struct asking *asking, struct buf *rows, const struct json *facet,
                      int64_t total)
{
    const struct json *values = json_get(facet, "values");
    const int64_t others = count_of(facet, "value_count") - (int64_t)json_length(values);

    for (size_t i = 0; i < json_length(values); i++) {
        const struct json *value = json_at(values, i);

        asking_begin_row(rows);
        asking_put(asking, rows, "field", i == 0 ? json_text(json_get(facet, "field")) : "");
        asking_put(asking, rows, "value", json_text(json_get(value, "value")));
        asking_put_count(asking, rows, "count", value, "count");
        asking_put(asking, rows, "share", share(asking, count_of(value, "count"), total));
        asking_end_row(rows);
    }
    if (others > 0) {
        asking_begin_row(rows);
        asking_put(asking, rows, "value",
                   arena_printf(&asking->arena, "and %lld more", (long long)others));
        asking_end_row(rows);
    }
}

bool glance_facets(struct asking *asking, struct err *err)
{
    const struct json *facets = json_get(asking->answer, "facets");
    const int64_t total = count_of(asking->answer, "total");
    struct buf rows;
    bool ok;

    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(facets); i++) {
        put_facet(asking, &rows, json_at(facets, i), total);
    }
    (void)printf("%lld traces\n", (long long)total);
    ok = asking_print_rows(&FACETS, &rows, err);
    buf_fini(&rows);
    print_cut(asking);
    return ok;
}

/* ---- the heat map ---- */

/* How many began in each column and took as long as each row says; the longest first. */
static double *cells_of(struct asking *asking, size_t columns, size_t rows)
{
    const struct json *cells = json_get(asking->answer, "cells");
    double *counts = arena_array(&asking->arena, columns * rows + 1, sizeof(*counts));

    for (size_t i = 0; i < json_length(cells); i++) {
        const struct json *cell = json_at(cells, i);
        const int64_t column = count_of(cell, "column");
        const int64_t row = count_of(cell, "row");

        if (column >= 0 && (size_t)column < columns && row >= 0 && (size_t)row < rows) {
            counts[(rows - 1 - (size_t)row) * columns + (size_t)column] =
                (double)count_of(cell, "count");
        }
    }
    return counts;
}

/* So many characters of a curve; returns where the next ones begin. */
static const char *print_cells(const char *curve, size_t columns)
{
    const char *at = curve;

    for (size_t i = 0; i < columns; i++) {
        at += strlen(at) > 0 ? utf8_prefix(at, 1) : 0;
    }
    (void)printf("%.*s|\n", (int)(at - curve), curve);
    return at;
}

static const char *duration(struct asking *asking, int64_t ns)
{
    char text[DURATION_TEXT_MAX];

    waterfall_duration(ns, !asking_is_utf8(), text);
    return arena_strdup(&asking->arena, text);
}

bool glance_heatmap(struct asking *asking, struct err *err)
{
    const struct json *answer = asking->answer;
    const struct json *begins = json_get(answer, "rows_begin_ns");
    const size_t columns = (size_t)count_of(answer, "columns");
    const size_t rows = json_length(begins);
    const char *since = json_text(json_get(answer, "since"));
    const char *curve;

    if (columns == 0 || rows > CELLS_MOST / columns) {
        return err_set(err, ERR_PEER, "the console's heat map has no columns, or too many rows");
    }
    curve = asking_curve(asking, cells_of(asking, columns, rows), columns * rows);
    (void)printf("%lld traces, by when they began and how long they took at least\n",
                 (long long)count_of(answer, "total"));
    for (size_t row = 0; row < rows; row++) {
        int64_t ns = 0;

        (void)json_int(json_at(begins, rows - 1 - row), &ns);
        (void)printf("%10s |", duration(asking, ns));
        curve = print_cells(curve, columns);
    }
    if (since != NULL) {
        (void)printf("%12sfrom %.10s %.5s UTC on, a column is %s\n", "", since, since + 11,
                     duration(asking, count_of(answer, "step_ns")));
    }
    return true;
}

/* ---- the comparison ---- */

static const struct table_column DIFFERENCE_COLUMNS[] = {
    {"field", "FIELD", false},         {"value", "VALUE", false}, {"selected", "SELECTED", true},
    {"selected_share", "SHARE", true}, {"rest", "OTHERS", true},  {"rest_share", "SHARE", true},
};
static const struct table_concession DIFFERENCE_CONCESSIONS[] = {
    {"value", 40}, {"field", 24}, {"rest", 0}, {"selected", 0}};
static const struct table DIFFERENCES = {
    .columns = DIFFERENCE_COLUMNS,
    .column_count = sizeof(DIFFERENCE_COLUMNS) / sizeof(DIFFERENCE_COLUMNS[0]),
    .concessions = DIFFERENCE_CONCESSIONS,
    .concession_count = sizeof(DIFFERENCE_CONCESSIONS) / sizeof(DIFFERENCE_CONCESSIONS[0])};

bool glance_comparison(struct asking *asking, struct err *err)
{
    const struct json *differences = json_get(asking->answer, "differences");
    const int64_t selected = count_of(asking->answer, "selected");
    const int64_t rest = count_of(asking->answer, "rest");
    struct buf rows;
    bool ok;

    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(differences); i++) {
        const struct json *one = json_at(differences, i);

        asking_begin_row(&rows);
        asking_put(asking, &rows, "field", json_text(json_get(one, "field")));
        asking_put(asking, &rows, "value", json_text(json_get(one, "value")));
        asking_put_count(asking, &rows, "selected", one, "selected");
        asking_put(asking, &rows, "selected_share",
                   share(asking, count_of(one, "selected"), selected));
        asking_put_count(asking, &rows, "rest", one, "rest");
        asking_put(asking, &rows, "rest_share", share(asking, count_of(one, "rest"), rest));
        asking_end_row(&rows);
    }
    (void)printf("%lld traces that are as the condition says, %lld others: what the former have "
                 "more often\n",
                 (long long)selected, (long long)rest);
    ok = asking_print_rows(&DIFFERENCES, &rows, err);
    buf_fini(&rows);
    print_cut(asking);
    return ok;
}
