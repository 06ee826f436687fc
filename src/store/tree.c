#include "store/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MOST = 16 /* above a statement, in which its repeats are looked for */ };

/* Lists of children: of each span the first, of each child the next. */
struct children {
    int64_t *first;
    int64_t *next;
};

static int64_t end_of(const struct tree_span *span)
{
    return span->duration_ns > 0 ? span->start_ns + span->duration_ns : span->start_ns;
}

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* ---- orders ---- */

static int by_id(const void *a, const void *b, void *spans)
{
    const size_t first = *(const size_t *)a;
    const size_t second = *(const size_t *)b;
    const uint64_t first_id = ((const struct tree_span *)spans)[first].id;
    const uint64_t second_id = ((const struct tree_span *)spans)[second].id;

    return first_id != second_id ? (first_id > second_id) - (first_id < second_id)
                                 : (first > second) - (first < second);
}

static int by_start(const void *a, const void *b, void *spans)
{
    const size_t first = *(const size_t *)a;
    const size_t second = *(const size_t *)b;
    const int order = sign(((const struct tree_span *)spans)[first].start_ns,
                           ((const struct tree_span *)spans)[second].start_ns);

    return order != 0 ? order : (first > second) - (first < second);
}

static int by_end(const void *a, const void *b, void *spans)
{
    const size_t first = *(const size_t *)a;
    const size_t second = *(const size_t *)b;
    const int order = sign(end_of(&((const struct tree_span *)spans)[first]),
                           end_of(&((const struct tree_span *)spans)[second]));

    return order != 0 ? order : (first > second) - (first < second);
}

static size_t *sorted(struct arena *arena, struct tree_span *spans, size_t count,
                      int (*compare)(const void *a, const void *b, void *spans))
{
    size_t *indexes = arena_array(arena, count + 1, sizeof(*indexes));

    for (size_t i = 0; i < count; i++) {
        indexes[i] = i;
    }
    qsort_r(indexes, count, sizeof(*indexes), compare, spans);
    return indexes;
}

/* ---- parents ---- */

static int64_t find(const struct tree_span *spans, const size_t *ids, size_t count, uint64_t id)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (spans[ids[middle]].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && spans[ids[low]].id == id ? (int64_t)ids[low] : TREE_NONE;
}

static void find_parents(struct arena *arena, struct tree_span *spans, size_t count)
{
    const size_t *ids = sorted(arena, spans, count, by_id);

    for (size_t i = 0; i < count; i++) {
        struct tree_span *span = &spans[i];

        span->parent = span->parent_id != 0 ? find(spans, ids, count, span->parent_id) : TREE_NONE;
        if (span->parent == (int64_t)i) {
            span->parent = TREE_NONE;
        }
        span->is_orphan = span->parent_id != 0 && span->parent == TREE_NONE;
    }
}

/* Children in the reverse of this order. */
static struct children children_by(struct arena *arena, const struct tree_span *spans, size_t count,
                                   const size_t *order)
{
    struct children children = {.first = arena_array(arena, count + 1, sizeof(int64_t)),
                                .next = arena_array(arena, count + 1, sizeof(int64_t))};

    for (size_t i = 0; i < count; i++) {
        children.first[i] = children.next[i] = TREE_NONE;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t child = order[i];
        const int64_t parent = spans[child].parent;

        if (parent != TREE_NONE) {
            children.next[child] = children.first[parent];
            children.first[parent] = (int64_t)child;
        }
    }
    return children;
}

/* A span and all below it that are not in the order yet: each before its children, which are
 * pushed the last first. */
static void walk(struct tree *tree, const struct children *by_start_down, size_t root, bool *is_met,
                 size_t *stack)
{
    size_t depth = 0;

    stack[depth++] = root;
    is_met[root] = true;
    while (depth > 0) {
        const size_t at = stack[--depth];

        tree->order[tree->count++] = at;
        for (int64_t child = by_start_down->first[at]; child != TREE_NONE;
             child = by_start_down->next[child]) {
            if (!is_met[child]) {
                is_met[child] = true;
                tree->spans[child].depth = tree->spans[at].depth + 1;
                stack[depth++] = (size_t)child;
            }
        }
    }
}

/* Those that stand in a circle are reached from no root: the first of them becomes one. */
static void make_order(struct arena *arena, struct tree *tree, size_t count, const size_t *starts,
                       const struct children *by_start_down)
{
    bool *is_met = arena_array(arena, count + 1, sizeof(*is_met));
    size_t *stack = arena_array(arena, count + 1, sizeof(*stack));

    tree->order = arena_array(arena, count + 1, sizeof(*tree->order));
    tree->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (tree->spans[starts[i]].parent == TREE_NONE) {
            walk(tree, by_start_down, starts[i], is_met, stack);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_met[starts[i]]) {
            tree->spans[starts[i]].parent = TREE_NONE;
            tree->spans[starts[i]].is_orphan = true;
            walk(tree, by_start_down, starts[i], is_met, stack);
        }
    }
    assert(tree->count == count);
}

/* ---- times ---- */

static bool is_child_of(const struct tree_span *spans, int64_t child, size_t parent)
{
    return spans[child].parent == (int64_t)parent;
}

/* Children by their ends, the last first: from the end back, what is covered by none of them. */
static int64_t self_time(const struct tree_span *spans, size_t at,
                         const struct children *by_end_down)
{
    const struct tree_span *span = &spans[at];
    int64_t free_until = end_of(span);
    int64_t self = 0;

    for (int64_t child = by_end_down->first[at]; child != TREE_NONE;
         child = by_end_down->next[child]) {
        const int64_t end = end_of(&spans[child]);

        if (!is_child_of(spans, child, at)) {
            continue;
        }
        if (end < free_until) {
            self += free_until - (end > span->start_ns ? end : span->start_ns);
            free_until = end;
        }
        if (spans[child].start_ns < free_until) {
            free_until = spans[child].start_ns;
        }
        if (free_until <= span->start_ns) {
            return self;
        }
    }
    return self + free_until - span->start_ns;
}

/* From the end of a span back: the child that ended last is what it waited for, before that began
 * the one that had ended last by then, and so on; between them it was the span itself. What goes on
 * after its parent's end counts up to that. */
static void follow(struct tree_span *spans, const struct children *by_end_down, size_t root,
                   size_t *stack, int64_t *ends)
{
    size_t depth = 0;

    stack[depth] = root;
    ends[depth++] = end_of(&spans[root]);
    while (depth > 0) {
        const size_t at = stack[--depth];
        const int64_t end = ends[depth];
        const int64_t start = spans[at].start_ns;
        int64_t position = end;

        for (int64_t child = by_end_down->first[at]; child != TREE_NONE && position > start;
             child = by_end_down->next[child]) {
            const int64_t child_end = end_of(&spans[child]) < end ? end_of(&spans[child]) : end;
            const int64_t child_start =
                spans[child].start_ns > start ? spans[child].start_ns : start;

            if (!is_child_of(spans, child, at) || child_end > position ||
                child_start >= child_end) {
                continue;
            }
            spans[at].critical_ns += position - child_end;
            stack[depth] = (size_t)child;
            ends[depth++] = child_end;
            position = child_start;
        }
        spans[at].critical_ns += position > start ? position - start : 0;
    }
}

static void measure(struct arena *arena, struct tree *tree, const struct children *by_end_down)
{
    size_t *stack = arena_array(arena, tree->count + 1, sizeof(*stack));
    int64_t *ends = arena_array(arena, tree->count + 1, sizeof(*ends));

    for (size_t i = 0; i < tree->count; i++) {
        struct tree_span *span = &tree->spans[i];

        span->self_ns = self_time(tree->spans, i, by_end_down);
        span->has_odd_clock =
            span->duration_ns < 0 ||
            (span->parent != TREE_NONE && span->start_ns < tree->spans[span->parent].start_ns);
        tree->orphan_count += span->is_orphan;
        if (i == 0 || span->start_ns < tree->start_ns) {
            tree->start_ns = span->start_ns;
        }
        if (i == 0 || end_of(span) > tree->end_ns) {
            tree->end_ns = end_of(span);
        }
    }
    if (tree->count > 0) {
        follow(tree->spans, by_end_down, tree->order[0], stack, ends);
    }
}

/* ---- repeats ---- */

/* A statement below a span; then of all that are alike one is left, with their number. */
struct pair {
    const char *statement;
    size_t span;
    size_t first;
    size_t count;
    int64_t total_ns;
    bool is_covered; /* by one below it */
};

static int by_pair(const void *a, const void *b)
{
    const struct pair *first = a;
    const struct pair *second = b;
    const int order = strcmp(first->statement, second->statement);

    return order != 0 ? order : (first->span > second->span) - (first->span < second->span);
}

static int by_total(const void *a, const void *b)
{
    const struct tree_repeat *first = a;
    const struct tree_repeat *second = b;
    const int order = sign(second->total_ns, first->total_ns);

    return order != 0 ? order : (first->span > second->span) - (first->span < second->span);
}

static size_t gather_pairs(struct arena *arena, const struct tree *tree, struct pair **ret)
{
    struct pair *pairs;
    size_t count = 0;
    size_t statements = 0;

    for (size_t i = 0; i < tree->count; i++) {
        statements += tree->spans[i].statement != NULL;
    }
    pairs = arena_array(arena, statements * LEVELS_MOST + 1, sizeof(*pairs));
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree_span *span = &tree->spans[i];
        int64_t above = span->parent;

        for (size_t level = 0; span->statement != NULL && above != TREE_NONE && level < LEVELS_MOST;
             level++) {
            pairs[count] = (struct pair){.statement = span->statement,
                                         .span = (size_t)above,
                                         .first = i,
                                         .count = 1,
                                         .total_ns = end_of(span) - span->start_ns};
            count++;
            above = tree->spans[above].parent;
        }
    }
    *ret = pairs;
    return count;
}

/* Those that came often enough. */
static size_t add_up(struct pair *pairs, size_t count)
{
    size_t kept = 0;

    qsort(pairs, count, sizeof(*pairs), by_pair);
    for (size_t i = 0; i < count;) {
        struct pair sum = pairs[i++];

        while (i < count && by_pair(&sum, &pairs[i]) == 0) {
            sum.first = pairs[i].first < sum.first ? pairs[i].first : sum.first;
            sum.count++;
            sum.total_ns += pairs[i++].total_ns;
        }
        if (sum.count >= TREE_REPEATS_LEAST) {
            pairs[kept++] = sum;
        }
    }
    return kept;
}

static void cover(const struct tree *tree, struct pair *pairs, size_t count, size_t at)
{
    struct pair key = pairs[at];
    int64_t above = tree->spans[key.span].parent;

    for (size_t level = 0; above != TREE_NONE && level < LEVELS_MOST; level++) {
        struct pair *pair;

        key.span = (size_t)above;
        pair = bsearch(&key, pairs, count, sizeof(*pairs), by_pair);
        if (pair != NULL) {
            pair->is_covered = true;
        }
        above = tree->spans[above].parent;
    }
}

static void find_repeats(struct arena *arena, struct tree *tree)
{
    struct pair *pairs;
    size_t count = gather_pairs(arena, tree, &pairs);

    count = add_up(pairs, count);
    for (size_t i = 0; i < count; i++) {
        cover(tree, pairs, count, i);
    }
    tree->repeats = arena_array(arena, count + 1, sizeof(*tree->repeats));
    for (size_t i = 0; i < count; i++) {
        if (!pairs[i].is_covered) {
            tree->repeats[tree->repeat_count++] =
                (struct tree_repeat){.span = pairs[i].span,
                                     .statement = pairs[i].statement,
                                     .first = pairs[i].first,
                                     .count = pairs[i].count,
                                     .total_ns = pairs[i].total_ns};
        }
    }
    qsort(tree->repeats, tree->repeat_count, sizeof(*tree->repeats), by_total);
}

void tree_make(struct arena *arena, struct tree_span *spans, size_t count, struct tree *ret)
{
    const size_t *starts = sorted(arena, spans, count, by_start);
    const size_t *ends = sorted(arena, spans, count, by_end);
    struct children by_start_down;
    struct children by_end_down;

    for (size_t i = 0; i < count; i++) {
        spans[i].depth = 0;
        spans[i].self_ns = spans[i].critical_ns = 0;
    }
    *ret = (struct tree){.spans = spans};
    find_parents(arena, spans, count);
    by_start_down = children_by(arena, spans, count, starts);
    by_end_down = children_by(arena, spans, count, ends);
    make_order(arena, ret, count, starts, &by_start_down);
    measure(arena, ret, &by_end_down);
    find_repeats(arena, ret);
}
