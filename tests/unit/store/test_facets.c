/* store/facets.h, store/heatmap.h: what many spans have, when they came, how long they took. */
#include "fixture.h"
#include "store/facets.h"
#include "store/heatmap.h"
#include "support/test.h"

enum { NS_PER_MS = 1000000, TRACES = 8 };

#define TEXT(key_, value_) "{\"key\":\"" key_ "\",\"value\":{\"stringValue\":\"" value_ "\"}}"

/* Eight traces of 1 to 8 ms, 1 to 4 in this hour, the others in the one before. Every other one is
 * of the north; slow ones, 7 and 8, have the old engine, and fail; each has a cart of its own. */
static void fill(struct store_fixture *f)
{
    for (int i = 1; i <= TRACES; i++) {
        const char *rest = arena_printf(&f->arena,
                                        ",\"attributes\":[" TEXT("client.region", "%s") "," TEXT(
                                            "engine", "%s") "," TEXT("cart.id", "c-%d") "]%s",
                                        i % 2 == 0 ? "north" : "south", i > 6 ? "old" : "new", i,
                                        i > 6 ? ",\"status\":{\"code\":2}" : "");
        const int64_t hours = i > 4 ? 1 : 0;

        (void)store_send(
            f, request_json(f, "shop",
                            span_json(f, arena_printf(&f->arena, "%032x", (unsigned)i),
                                      "00000000000000a1", "", "GET /a",
                                      f->now_ns - hours * SEGMENTS_HOUR_S * 1000 * NS_PER_MS,
                                      i * NS_PER_MS, rest)));
    }
}

static struct selection any(struct store_fixture *f, const char *condition)
{
    struct selection selection = {.search = {.least_ns = INT64_MIN,
                                             .most_ns = INT64_MAX,
                                             .until_ns = INT64_MAX,
                                             .reach = SEARCH_ROOTS,
                                             .limit = 20}};
    struct err err = {0};

    if (condition != NULL && !where_parse(&f->arena, condition, &selection.where, &err)) {
        fail_msg("%s", err.text);
    }
    return selection;
}

static struct facets count(struct store_fixture *f, const char *condition, bool wants_rest)
{
    const struct selection selection = any(f, condition);
    struct facets facets;
    struct err err = {0};

    if (!facets_count(&f->ctx, f->segments, &selection, wants_rest, &facets, &err)) {
        fail_msg("%s", err.text);
    }
    return facets;
}

/* "engine: new 6, old 2", three values at most. */
static const char *told(struct store_fixture *f, const struct facet *facet)
{
    const char *text = arena_printf(&f->arena, "%s:", facet->field);

    for (size_t i = 0; i < facet->count && i < 3; i++) {
        text = arena_printf(&f->arena, "%s%s %s %d", text, i > 0 ? "," : "", facet->values[i].text,
                            (int)facet->values[i].selected);
    }
    return text;
}

static void facets_count__all__each_value_in_its_order(void **state)
{
    static const char *const EXPECTED[] = {"service: shop 8",
                                           "name: GET /a 8",
                                           "kind: server 8",
                                           "status: unset 6, error 2",
                                           "cart.id: c-1 1, c-2 1, c-3 1",
                                           "client.region: north 4, south 4",
                                           "engine: new 6, old 2",
                                           "resource.service.name: shop 8"};
    struct store_fixture *f = *state;
    struct facets facets;

    fill(f);
    facets = count(f, NULL, false);
    assert_int_equal(facets.selected, TRACES);
    assert_int_equal(facets.rest, 0);
    assert_false(facets.is_cut);
    assert_int_equal(facets.count, sizeof(EXPECTED) / sizeof(EXPECTED[0]));
    for (size_t i = 0; i < facets.count; i++) {
        assert_string_equal(told(f, &facets.fields[i]), EXPECTED[i]);
        assert_int_equal(facets.fields[i].selected, TRACES);
    }
}

static void facets_count__condition__counts_what_holds(void **state)
{
    struct store_fixture *f = *state;
    struct facets facets;

    fill(f);
    facets = count(f, "client.region = north and duration > 3ms", false);
    assert_int_equal(facets.selected, 3);
    assert_string_equal(told(f, &facets.fields[3]), "status: unset 2, error 1");
    facets = count(f, "no.such exists", false);
    assert_int_equal(facets.selected, 0);
    assert_int_equal(facets.count, 0);
}

/* What the slow ones have: the old engine and their failure, all of them; carts by chance. */
static void facets_compare__slow_ones__told_by_what_only_they_have(void **state)
{
    struct store_fixture *f = *state;
    const struct facet_value *values;
    struct facets facets;
    size_t found;

    fill(f);
    facets = count(f, "duration >= 7ms", true);
    assert_int_equal(facets.selected, 2);
    assert_int_equal(facets.rest, 6);
    found = facets_compare(&facets, &f->arena, 10, &values);
    assert_int_equal(found, 4);
    assert_string_equal(values[0].text, "error");
    assert_string_equal(values[1].text, "old");
    assert_true(facets_difference(&facets, &values[0]) == 1);
    assert_true(facets_difference(&facets, &values[1]) == 1);
    assert_true(facets_difference(&facets, &values[2]) == 0.5);
    assert_string_equal(values[2].field, "cart.id");
    assert_int_equal(facets_compare(&facets, &f->arena, 1, &values), 1);
    assert_string_equal(values[0].text, "error");
}

/* Of the north, 2, 4, 6 and 8: those of the hour before that took 7 ms or more, and the rest of the
 * north. */
static void facets_count__box__parts_what_the_condition_asks_for(void **state)
{
    struct store_fixture *f = *state;
    struct selection selection = any(f, "client.region = north");
    struct select_box box = {.since_ns =
                                 f->now_ns - 2 * SEGMENTS_HOUR_S * INT64_C(1000) * NS_PER_MS,
                             .until_ns = f->now_ns - 1,
                             .least_ns = 7 * NS_PER_MS,
                             .most_ns = INT64_MAX};
    struct facets facets;
    struct err err;

    fill(f);
    selection.box = &box;
    assert_true(facets_count(&f->ctx, f->segments, &selection, true, &facets, &err));
    assert_int_equal(facets.selected, 1);
    assert_int_equal(facets.rest, 3);
    box.least_ns = INT64_MIN;
    assert_true(facets_count(&f->ctx, f->segments, &selection, true, &facets, &err));
    assert_int_equal(facets.selected, 2);
    assert_int_equal(facets.rest, 2);
    box.until_ns = f->now_ns; /* both ends belong to it */
    assert_true(facets_count(&f->ctx, f->segments, &selection, false, &facets, &err));
    assert_int_equal(facets.selected, 4);
    assert_int_equal(facets.rest, 0);
}

static void heatmap_row__durations__begin_at_powers_and_halves(void **state)
{
    static const struct {
        int64_t ns;
        size_t row;
    } CASES[] = {
        {-5, 0}, {0, 0}, {1, 0}, {2, 2},     {3, 3},     {4, 4},     {5, 4},
        {6, 5},  {7, 5}, {8, 6}, {1023, 19}, {1024, 20}, {1536, 21}, {INT64_MAX, HEATMAP_ROWS - 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_int_equal(heatmap_row(CASES[i].ns), CASES[i].row);
        assert_true(CASES[i].ns < 2 || heatmap_row_begins(CASES[i].row) <= CASES[i].ns);
    }
    assert_int_equal(heatmap_row_begins(0), 1);
    assert_int_equal(heatmap_row_begins(21), 1536);
}

/* Two hours in two columns: each span in its hour's, by its duration. */
static void heatmap_count__two_hours__spans_stand_in_their_cells(void **state)
{
    struct store_fixture *f = *state;
    const struct selection selection = any(f, "duration > 1ms");
    int64_t counts[2] = {0, 0};
    int64_t errors[2] = {0, 0};
    struct heatmap map;
    struct err err;

    fill(f);
    assert_true(heatmap_count(&f->ctx, f->segments, &selection, 2, &map, &err));
    assert_int_equal(map.total, TRACES - 1);
    assert_int_equal(map.skipped, 0);
    assert_int_equal(map.since_ns, (store_hour(f) - 1) * SEGMENTS_HOUR_S * 1000 * NS_PER_MS);
    assert_int_equal(map.step_ns, INT64_C(3600) * 1000 * NS_PER_MS);
    assert_int_equal(map.first_row, heatmap_row(2 * NS_PER_MS));
    assert_int_equal(map.rows, heatmap_row(8 * NS_PER_MS) - map.first_row + 1);
    for (size_t i = 0; i < 2 * (size_t)HEATMAP_ROWS; i++) {
        counts[i / HEATMAP_ROWS] += map.cells[i].count;
        errors[i / HEATMAP_ROWS] += map.cells[i].errors;
    }
    assert_int_equal(counts[0], 4);
    assert_int_equal(errors[0], 2);
    assert_int_equal(counts[1], 3);
    assert_int_equal(errors[1], 0);
    assert_int_equal(map.cells[HEATMAP_ROWS + heatmap_row(2 * NS_PER_MS)].count, 1);
}

static void heatmap_count__nothing_stored__is_empty(void **state)
{
    struct store_fixture *f = *state;
    const struct selection selection = any(f, NULL);
    struct heatmap map;
    struct err err;

    assert_true(heatmap_count(&f->ctx, f->segments, &selection, 60, &map, &err));
    assert_int_equal(map.total, 0);
    assert_int_equal(map.rows, 0);
    assert_true(map.step_ns > 0);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(facets_count__all__each_value_in_its_order),
        TEST(facets_count__condition__counts_what_holds),
        TEST(facets_compare__slow_ones__told_by_what_only_they_have),
        TEST(facets_count__box__parts_what_the_condition_asks_for),
        TEST(heatmap_row__durations__begin_at_powers_and_halves),
        TEST(heatmap_count__two_hours__spans_stand_in_their_cells),
        TEST(heatmap_count__nothing_stored__is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
