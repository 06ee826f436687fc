#include "store/heatmap.h"

#define NS_PER_HOUR (INT64_C(1000000000) * SEGMENTS_HOUR_S)

enum { BITS = 63 };

struct drawing {
    struct heatmap *map;
    struct heatmap_cell *cells;
};

size_t heatmap_row(int64_t duration_ns)
{
    const uint64_t ns = duration_ns < 1 ? 1 : (uint64_t)duration_ns;
    const size_t power = (size_t)(BITS - __builtin_clzll(ns));
    const bool is_upper = power > 0 && (ns >> (power - 1) & 1) != 0;

    return 2 * power + is_upper;
}

int64_t heatmap_row_begins(size_t row)
{
    const int64_t power = INT64_C(1) << row / 2;

    return row % 2 == 0 ? power : power + power / 2;
}

static void draw(void *arg, const struct sql_judged_row *row, bool holds)
{
    const struct drawing *drawing = arg;
    struct heatmap *map = drawing->map;
    const int64_t column = (row->start_ns - map->since_ns) / map->step_ns;
    struct heatmap_cell *cell;

    (void)holds;
    map->total++;
    if (row->duration_ns < 0 || column < 0 || column >= (int64_t)map->columns) {
        map->skipped++;
        return;
    }
    cell = &drawing->cells[(size_t)column * HEATMAP_ROWS + heatmap_row(row->duration_ns)];
    cell->count++;
    cell->errors += row->status == SPAN_STATUS_ERROR;
}

/* Rows above and below all spans are left out. */
static void trim(struct heatmap *map)
{
    size_t first = HEATMAP_ROWS;
    size_t end = 0;

    for (size_t i = 0; i < map->columns * HEATMAP_ROWS; i++) {
        const size_t row = i % HEATMAP_ROWS;

        if (map->cells[i].count > 0) {
            first = row < first ? row : first;
            end = row + 1 > end ? row + 1 : end;
        }
    }
    map->first_row = end > 0 ? first : 0;
    map->rows = end > 0 ? end - first : 0;
}

bool heatmap_count(struct ctx *ctx, struct segments *segments, const struct selection *selection,
                   size_t columns, struct heatmap *ret, struct err *err)
{
    struct selection bounded = *selection;
    struct search *search = &bounded.search;
    struct drawing drawing = {
        .map = ret,
        .cells = arena_array(ctx->arena, columns * HEATMAP_ROWS, sizeof(struct heatmap_cell)),
    };
    const struct select_visitor visitor = {.arg = &drawing, .span = draw};
    int64_t *hours;
    const size_t count = segments_list(segments, ctx->arena, &hours);

    if (search->since_ns == 0 && count > 0) {
        search->since_ns = hours[count - 1] * NS_PER_HOUR;
    }
    if (search->until_ns == INT64_MAX) {
        search->until_ns =
            count > 0 ? (hours[0] + 1) * NS_PER_HOUR - 1 : search->since_ns + NS_PER_HOUR;
    }
    if (search->until_ns < search->since_ns) {
        search->until_ns = search->since_ns;
    }
    *ret =
        (struct heatmap){.since_ns = search->since_ns, .columns = columns, .cells = drawing.cells};
    ret->step_ns = (search->until_ns - search->since_ns) / (int64_t)columns + 1;
    if (!select_each(ctx, segments, &bounded, &visitor, err)) {
        return false;
    }
    trim(ret);
    return true;
}
