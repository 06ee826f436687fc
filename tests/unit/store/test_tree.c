/* store/tree.h: trees of spans, also of those that are none. */
#include "store/tree.h"
#include "support/test.h"

enum { MOST = 64 };

struct fixture {
    struct arena arena;
    struct tree_span spans[MOST];
    size_t count;
    struct tree tree;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));

    arena_init(&f->arena);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_fini(&f->arena);
    test_free(f);
    return 0;
}

static void add(struct fixture *f, uint64_t id, uint64_t parent, int64_t start, int64_t duration)
{
    assert_true(f->count < MOST);
    f->spans[f->count++] = (struct tree_span){
        .id = id, .parent_id = parent, .start_ns = start, .duration_ns = duration};
}

static void statement(struct fixture *f, uint64_t id, uint64_t parent, int64_t start,
                      const char *text)
{
    add(f, id, parent, start, 1);
    f->spans[f->count - 1].statement = text;
}

static void make(struct fixture *f)
{
    tree_make(&f->arena, f->spans, f->count, &f->tree);
    assert_int_equal(f->tree.count, f->count);
}

static const struct tree_span *span(const struct fixture *f, uint64_t id)
{
    size_t at = 0;

    while (at < f->count && f->spans[at].id != id) {
        at++;
    }
    assert_true(at < f->count);
    return &f->spans[at];
}

static void tree__parents_come_late__each_stands_before_its_children(void **state)
{
    static const uint64_t ORDER[] = {1, 2, 4, 3};
    struct fixture *f = *state;

    add(f, 3, 1, 50, 10);
    add(f, 4, 2, 20, 10);
    add(f, 1, 0, 0, 100);
    add(f, 2, 1, 10, 30);
    make(f);
    for (size_t i = 0; i < f->count; i++) {
        assert_int_equal(f->spans[f->tree.order[i]].id, ORDER[i]);
    }
    assert_int_equal(span(f, 4)->depth, 2);
    assert_int_equal(f->tree.end_ns - f->tree.start_ns, 100);
}

/* Children that overlap count once, and what sticks out of their parent not at all. */
static void tree__children_overlap__own_time_is_what_none_covers(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 0, 0, 100);
    add(f, 2, 1, 10, 30);
    add(f, 3, 1, 20, 30);
    add(f, 4, 1, 25, 5);
    add(f, 5, 1, 90, 50);
    make(f);
    assert_int_equal(span(f, 1)->self_ns, 10 + 40);
    assert_int_equal(span(f, 5)->self_ns, 50);
}

/* The whole waited for 3, which ended last; 2 ran beside it. */
static void tree__two_run_at_once__the_last_to_end_is_critical(void **state)
{
    struct fixture *f = *state;
    int64_t sum = 0;

    add(f, 1, 0, 0, 100);
    add(f, 2, 1, 10, 40);
    add(f, 3, 1, 30, 60);
    add(f, 4, 3, 40, 20);
    add(f, 5, 1, 5, 15);
    make(f);
    assert_int_equal(span(f, 2)->critical_ns, 0);
    assert_int_equal(span(f, 3)->critical_ns, 40);
    assert_int_equal(span(f, 4)->critical_ns, 20);
    assert_int_equal(span(f, 5)->critical_ns, 15);
    for (size_t i = 0; i < f->count; i++) {
        sum += f->spans[i].critical_ns;
    }
    assert_int_equal(sum, 100);
}

static void tree__consumer_ends_after_its_parent__counts_up_to_that(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 0, 0, 100);
    add(f, 2, 1, 80, 500);
    make(f);
    assert_int_equal(span(f, 1)->critical_ns, 80);
    assert_int_equal(span(f, 2)->critical_ns, 20);
}

static void tree__parent_is_missing__span_is_an_orphan(void **state)
{
    struct fixture *f = *state;

    add(f, 2, 1, 10, 10);
    add(f, 3, 2, 12, 2);
    make(f);
    assert_true(span(f, 2)->is_orphan);
    assert_false(span(f, 3)->is_orphan);
    assert_int_equal(f->tree.orphan_count, 1);
}

static void tree__parents_stand_in_a_circle__all_are_there_once(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 0, 0, 10);
    add(f, 2, 4, 20, 10);
    add(f, 3, 2, 21, 5);
    add(f, 4, 3, 22, 2);
    add(f, 5, 5, 30, 1);
    make(f);
    assert_true(span(f, 2)->is_orphan);
    assert_int_equal(span(f, 4)->depth, 2);
    assert_int_equal(span(f, 5)->depth, 0);
}

static void tree__clock_is_wrong__marked_and_not_moved(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 0, 100, 50);
    add(f, 2, 1, 90, 10);
    add(f, 3, 1, 120, -5);
    make(f);
    assert_true(span(f, 2)->has_odd_clock);
    assert_true(span(f, 3)->has_odd_clock);
    assert_false(span(f, 1)->has_odd_clock);
    assert_int_equal(span(f, 2)->start_ns, 90);
    assert_int_equal(span(f, 1)->self_ns, 50);
}

/* Each ran below a span of its own: it is the one above these that repeats. */
static void tree__statement_runs_five_times__told_of_the_innermost_span(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 0, 0, 1000);
    add(f, 2, 1, 0, 900);
    for (uint64_t i = 0; i < 5; i++) {
        add(f, 10 + i, 2, (int64_t)(100 * i), 50);
        statement(f, 20 + i, 10 + i, (int64_t)(100 * i), "a");
        statement(f, 30 + i, 2, (int64_t)(100 * i), i < 4 ? "b" : "c");
    }
    make(f);
    assert_int_equal(f->tree.repeat_count, 1);
    assert_int_equal(f->spans[f->tree.repeats[0].span].id, 2);
    assert_string_equal(f->tree.repeats[0].statement, "a");
    assert_int_equal(f->spans[f->tree.repeats[0].first].id, 20);
    assert_int_equal(f->tree.repeats[0].count, 5);
    assert_int_equal(f->tree.repeats[0].total_ns, 5);
}

static void tree__no_span__nothing(void **state)
{
    struct fixture *f = *state;

    make(f);
    assert_int_equal(f->tree.repeat_count, 0);
}

/* A recursion would end the program here. */
static void tree__as_deep_as_it_is_long__holds(void **state)
{
    enum { DEEP = 200000 };
    struct fixture *f = *state;
    struct tree_span *spans = arena_array(&f->arena, DEEP, sizeof(*spans));

    for (size_t i = 0; i < DEEP; i++) {
        spans[i] = (struct tree_span){
            .id = i + 1, .parent_id = i, .start_ns = (int64_t)i, .duration_ns = 2 * DEEP};
    }
    tree_make(&f->arena, spans, DEEP, &f->tree);
    assert_int_equal(spans[DEEP - 1].depth, DEEP - 1);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tree__parents_come_late__each_stands_before_its_children),
        TEST(tree__children_overlap__own_time_is_what_none_covers),
        TEST(tree__two_run_at_once__the_last_to_end_is_critical),
        TEST(tree__consumer_ends_after_its_parent__counts_up_to_that),
        TEST(tree__parent_is_missing__span_is_an_orphan),
        TEST(tree__parents_stand_in_a_circle__all_are_there_once),
        TEST(tree__clock_is_wrong__marked_and_not_moved),
        TEST(tree__statement_runs_five_times__told_of_the_innermost_span),
        TEST(tree__no_span__nothing),
        TEST(tree__as_deep_as_it_is_long__holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
