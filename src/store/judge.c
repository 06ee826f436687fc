#include "store/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/cells.h"

enum { TRACES_FIRST = 1024, TRACE_ID_MAX = 33, HTTP_TEXT_MAX = 24 };

/* Fibonacci hashing. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

/* What a dictionary's entry says of a test: for all of its spans, or where a span has the value. */
enum verdict { NO, YES, BY_TRACE_ID, BY_STATEMENT, BY_OWN /* and its place among them */ };

/* Lower halves of the ids of traces. 0 is none: such a one is kept apart. */
struct traces {
    uint64_t *places;
    size_t capacity; /* a power of two */
    size_t count;
    bool has_zero;
};

struct judge {
    const struct dictionary *dictionary;
    const struct where *where;
    struct arena arena;     /* verdicts */
    struct arena of_a_span; /* values of one */
    /* By leaf; the second one of texts of statements, for attributes. */
    uint32_t *verdicts[WHERE_LEAVES_MOST];
    uint32_t *of_texts[WHERE_LEAVES_MOST];
    uint8_t *may_hold; /* by pack */
    struct traces traces[WHERE_NODES_MOST];
};

/* ---- what the dictionaries say ---- */

static size_t places_of(const struct judge *judge, enum where_field field)
{
    switch (field) {
    case WHERE_SERVICE:
    case WHERE_NAME:
    case WHERE_ROUTE:
        return judge->dictionary->word_count + 1;
    case WHERE_SQL_ID:
    case WHERE_STATEMENT:
        return judge->dictionary->statement_count + 1;
    case WHERE_RESOURCE:
        return judge->dictionary->resource_count + 1;
    case WHERE_ATTRIBUTE:
        return judge->dictionary->pack_count + 1;
    default:
        return 0;
    }
}

static enum verdict on_text(const struct where_leaf *leaf, const char *text)
{
    const struct where_value value = {.text = text};

    return where_leaf_holds(leaf, text != NULL ? &value : NULL) ? YES : NO;
}

static enum verdict on_word(const struct where_leaf *leaf, const char *word)
{
    const char *blank = word != NULL ? strchr(word, ' ') : NULL;

    if (leaf->field == WHERE_ROUTE && blank != NULL && on_text(leaf, blank + 1) == YES) {
        return YES;
    }
    return on_text(leaf, word);
}

/* An object of JSON: whether it has the attribute, and what the test says then. */
static bool is_among(struct arena *arena, const char *object, const struct where_leaf *leaf,
                     uint32_t *ret)
{
    struct cells cells = cells_of(object);
    struct where_value value;
    const char *key;

    while (cells_next(&cells, arena, &key, &value)) {
        if (strcmp(key, leaf->key) == 0) {
            *ret = where_leaf_holds(leaf, &value) ? YES : NO;
            return true;
        }
    }
    return false;
}

/* A list of names: the place of this one. */
static bool is_named(struct arena *arena, const char *list, const char *name, uint32_t *ret_place)
{
    struct cells cells = cells_of(list);
    struct where_value value;

    for (uint32_t place = 0; cells_next(&cells, arena, NULL, &value); place++) {
        if (strcmp(value.text, name) == 0) {
            *ret_place = place;
            return true;
        }
    }
    return false;
}

static uint32_t on_pack(struct arena *arena, const struct dictionary_pack *pack,
                        const struct where_leaf *leaf)
{
    uint32_t found = where_leaf_holds(leaf, NULL) ? YES : NO;
    uint32_t place;

    if (pack->shared == NULL || is_among(arena, pack->shared, leaf, &found)) {
        return found;
    }
    if (is_named(arena, pack->own, leaf->key, &place)) {
        return BY_OWN + place;
    }
    if (is_named(arena, pack->trace_ids, leaf->key, &place)) {
        return BY_TRACE_ID;
    }
    return is_named(arena, pack->statements, leaf->key, &place) ? BY_STATEMENT : found;
}

static uint32_t on_place(struct judge *judge, const struct where_leaf *leaf, size_t place)
{
    const struct dictionary *dictionary = judge->dictionary;
    uint32_t found = where_leaf_holds(leaf, NULL) ? YES : NO;

    switch (leaf->field) {
    case WHERE_SERVICE:
    case WHERE_NAME:
    case WHERE_ROUTE:
        return on_word(leaf, dictionary->words[place]);
    case WHERE_SQL_ID:
        return on_text(leaf, dictionary->statements[place].sql_id);
    case WHERE_STATEMENT:
        return on_text(leaf, dictionary->statements[place].name);
    case WHERE_RESOURCE:
        (void)is_among(&judge->of_a_span, dictionary->resources[place], leaf, &found);
        return found;
    default:
        return on_pack(&judge->of_a_span, &dictionary->packs[place], leaf);
    }
}

/* The last place is that of a number which the dictionary does not have, a NULL's too. */
static void judge_dictionaries(struct judge *judge, size_t at)
{
    const struct where_leaf *leaf = &judge->where->leaves[at];
    const size_t places = places_of(judge, leaf->field);
    const size_t texts = judge->dictionary->statement_count;

    if (places == 0) {
        return;
    }
    judge->verdicts[at] = arena_array(&judge->arena, places, sizeof(uint32_t));
    for (size_t i = 0; i + 1 < places; i++) {
        judge->verdicts[at][i] = on_place(judge, leaf, i);
        arena_reset(&judge->of_a_span);
    }
    judge->verdicts[at][places - 1] = where_leaf_holds(leaf, NULL) ? YES : NO;
    if (leaf->field == WHERE_ATTRIBUTE) {
        judge->of_texts[at] = arena_array(&judge->arena, texts + 1, sizeof(uint32_t));
        for (size_t i = 0; i <= texts; i++) {
            const char *text = i < texts ? judge->dictionary->statements[i].text : NULL;

            judge->of_texts[at][i] = on_text(leaf, text);
        }
    }
}

static uint32_t verdict_of(const struct judge *judge, size_t leaf, int64_t number)
{
    const size_t places = places_of(judge, judge->where->leaves[leaf].field);

    return judge
        ->verdicts[leaf][number > 0 && (size_t)number < places - 1 ? (size_t)number : places - 1];
}

/* ---- what may be, of a pack ---- */

struct may {
    bool hold;
    bool fail;
};

static struct may leaf_may(const struct judge *judge, size_t at, size_t pack)
{
    const enum where_field field = judge->where->leaves[at].field;
    const size_t places = places_of(judge, field);
    struct may may = {false, false};

    if (field == WHERE_ATTRIBUTE) {
        const uint32_t verdict = judge->verdicts[at][pack];

        return (struct may){verdict != NO, verdict != YES};
    }
    for (size_t i = 0; i < places; i++) {
        may.hold |= judge->verdicts[at][i] == YES;
        may.fail |= judge->verdicts[at][i] == NO;
    }
    return places == 0 ? (struct may){true, true} : may;
}

/* As deep as the condition, which has a bound. */
static struct may node_may(const struct judge *judge, size_t at, size_t pack)
{
    const struct where_node *node = &judge->where->nodes[at];
    struct may a;
    struct may b;

    switch (node->kind) {
    case WHERE_LEAF:
        return leaf_may(judge, node->first, pack);
    case WHERE_ANY:
        return (struct may){true, true};
    case WHERE_NOT:
        a = node_may(judge, node->first, pack);
        return (struct may){a.fail, a.hold};
    default:
        a = node_may(judge, node->first, pack);
        b = node_may(judge, node->second, pack);
        return node->kind == WHERE_AND ? (struct may){a.hold && b.hold, a.fail || b.fail}
                                       : (struct may){a.hold || b.hold, a.fail && b.fail};
    }
}

bool judge_may_hold(const struct judge *judge)
{
    return memchr(judge->may_hold, 1, judge->dictionary->pack_count + 1) != NULL;
}

/* ---- one span ---- */

static uint32_t on_own(struct judge *judge, const struct where_leaf *leaf, const char *own,
                       uint32_t place)
{
    struct cells cells = cells_of(own);
    struct where_value value;
    bool is_there = true;

    for (uint32_t i = 0; i < place && is_there; i++) {
        is_there = cells_skip(&cells);
    }
    is_there = is_there && cells_next(&cells, &judge->of_a_span, NULL, &value);
    return where_leaf_holds(leaf, is_there ? &value : NULL);
}

static bool attribute_holds(struct judge *judge, size_t at, const struct sql_judged_row *row)
{
    const struct where_leaf *leaf = &judge->where->leaves[at];
    const uint32_t verdict = verdict_of(judge, at, row->pack);
    const size_t texts = judge->dictionary->statement_count;
    const size_t statement =
        !row->statement_is_null && row->statement > 0 && (size_t)row->statement < texts
            ? (size_t)row->statement
            : texts;
    char id[TRACE_ID_MAX];

    switch (verdict) {
    case NO:
    case YES:
        return verdict == YES;
    case BY_STATEMENT:
        return judge->of_texts[at][statement] == YES;
    case BY_TRACE_ID:
        (void)snprintf(id, sizeof(id), "%016" PRIx64 "%016" PRIx64, (uint64_t)row->trace_high,
                       (uint64_t)row->trace_low);
        return on_text(leaf, id) == YES;
    default:
        return on_own(judge, leaf, row->own, verdict - BY_OWN);
    }
}

static bool number_holds(const struct where_leaf *leaf, int64_t number)
{
    char text[HTTP_TEXT_MAX];
    const struct where_value value = {.text = text, .is_number = true, .number = (double)number};

    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    return where_leaf_holds(leaf, &value);
}

static bool leaf_holds(struct judge *judge, size_t at, const struct sql_judged_row *row)
{
    const struct where_leaf *leaf = &judge->where->leaves[at];

    switch (leaf->field) {
    case WHERE_SERVICE:
        return verdict_of(judge, at, row->service) == YES;
    case WHERE_NAME:
    case WHERE_ROUTE:
        return verdict_of(judge, at, row->name) == YES;
    case WHERE_SQL_ID:
    case WHERE_STATEMENT:
        return verdict_of(judge, at, row->statement_is_null ? 0 : row->statement) == YES;
    case WHERE_RESOURCE:
        return verdict_of(judge, at, row->source) == YES;
    case WHERE_KIND:
        return on_text(leaf, where_kind_word(row->kind)) == YES;
    case WHERE_STATUS:
        return on_text(leaf, where_status_word(row->status)) == YES;
    case WHERE_HTTP_STATUS:
        return row->http_status_is_null ? where_leaf_holds(leaf, NULL)
                                        : number_holds(leaf, row->http_status);
    case WHERE_DURATION:
        return number_holds(leaf, row->duration_ns);
    case WHERE_ATTRIBUTE:
        break;
    }
    return attribute_holds(judge, at, row);
}

static bool has_trace(const struct traces *traces, uint64_t id);

static bool node_holds(struct judge *judge, size_t at, const struct sql_judged_row *row)
{
    const struct where_node *node = &judge->where->nodes[at];

    switch (node->kind) {
    case WHERE_LEAF:
        return leaf_holds(judge, node->first, row);
    case WHERE_NOT:
        return !node_holds(judge, node->first, row);
    case WHERE_AND:
        return node_holds(judge, node->first, row) && node_holds(judge, node->second, row);
    case WHERE_OR:
        return node_holds(judge, node->first, row) || node_holds(judge, node->second, row);
    case WHERE_ANY:
        break;
    }
    return has_trace(&judge->traces[at], (uint64_t)row->trace_low);
}

bool judge_holds(struct judge *judge, const struct sql_judged_row *row)
{
    const size_t packs = judge->dictionary->pack_count;
    const size_t pack = row->pack > 0 && (size_t)row->pack < packs ? (size_t)row->pack : packs;
    bool holds;

    if (judge->may_hold[pack] == 0) {
        return false;
    }
    holds = node_holds(judge, judge->where->root, row);
    arena_reset(&judge->of_a_span);
    return holds;
}

/* ---- any(...) ---- */

static size_t slot_of(const struct traces *traces, uint64_t id)
{
    size_t at = (size_t)(id * SPREAD) & (traces->capacity - 1);

    while (traces->places[at] != 0 && traces->places[at] != id) {
        at = (at + 1) & (traces->capacity - 1);
    }
    return at;
}

static bool has_trace(const struct traces *traces, uint64_t id)
{
    if (id == 0) {
        return traces->has_zero;
    }
    return traces->capacity > 0 && traces->places[slot_of(traces, id)] == id;
}

static void grow(struct traces *traces)
{
    const struct traces old = *traces;

    traces->capacity = old.capacity == 0 ? TRACES_FIRST : 2 * old.capacity;
    traces->places = mem_alloc(traces->capacity * sizeof(*traces->places));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.places[i] != 0) {
            traces->places[slot_of(traces, old.places[i])] = old.places[i];
        }
    }
    free(old.places);
}

static void add_trace(struct traces *traces, uint64_t id)
{
    size_t at;

    if (2 * (traces->count + 1) > traces->capacity) {
        grow(traces);
    }
    traces->has_zero |= id == 0;
    at = slot_of(traces, id);
    traces->count += id != 0 && traces->places[at] == 0;
    traces->places[at] = id;
}

static bool find_traces(struct judge *judge, struct db_session *session, struct err *err)
{
    const struct where *where = judge->where;
    struct sql_judged_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_spans_scan_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_judged_next(cursor, &row, err)) == DB_ROW) {
        for (size_t i = 0; i < where->node_count; i++) {
            if (where->nodes[i].kind == WHERE_ANY &&
                node_holds(judge, where->nodes[i].first, &row)) {
                add_trace(&judge->traces[i], (uint64_t)row.trace_low);
            }
        }
        arena_reset(&judge->of_a_span);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* ---- life ---- */

bool judge_open(struct db_session *session, const struct dictionary *dictionary,
                const struct where *where, struct judge **ret, struct err *err)
{
    struct judge *judge = mem_alloc(sizeof(*judge));

    judge->dictionary = dictionary;
    judge->where = where;
    arena_init(&judge->arena);
    arena_init(&judge->of_a_span);
    for (size_t i = 0; i < where->leaf_count; i++) {
        judge_dictionaries(judge, i);
    }
    judge->may_hold = arena_array(&judge->arena, dictionary->pack_count + 1, sizeof(uint8_t));
    for (size_t pack = 0; pack <= dictionary->pack_count; pack++) {
        judge->may_hold[pack] = node_may(judge, where->root, pack).hold;
    }
    if (where->any_count > 0 && !find_traces(judge, session, err)) {
        judge_close(judge);
        return false;
    }
    *ret = judge;
    return true;
}

void judge_close(struct judge *judge)
{
    if (judge == NULL) {
        return;
    }
    for (size_t i = 0; i < WHERE_NODES_MOST; i++) {
        free(judge->traces[i].places);
    }
    arena_fini(&judge->of_a_span);
    arena_fini(&judge->arena);
    free(judge);
}
