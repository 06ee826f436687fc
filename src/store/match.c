#include "store/match.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/keyed_hash.h"
#include "db/sqlid.h"
#include "sql_store.h"
#include "store/cells.h"
#include "store/dictionary.h"

enum {
    NS_PER_S = 1000000000,
    LIST_FIRST = 64,
    SLOTS_FIRST = 256,     /* a power of two */
    AWAITED_MOST = 100000, /* parents of one file that are looked for in those beside it */
};

/* As the column parent_state says (sql/store/match.sql). */
enum { PARENT_NONE, PARENT_HERE, PARENT_ELSEWHERE };

/* Where the spans of a pack have an attribute. */
struct place {
    enum { PLACE_NOWHERE, PLACE_SHARED, PLACE_OWN, PLACE_TRACE_ID } of;
    const char *shared; /* its value, where they have it alike */
    size_t at;          /* in the span's own values */
};

struct pack {
    bool is_known;
    struct place sql_id;
    struct place client_identifier;
};

/* A statement of a file: whose spans are counted where. */
struct site {
    struct site *next; /* of the same statement, run by another service */
    int64_t service;
    size_t statement; /* of the list */
    bool is_altered;  /* its text has another SQL_ID */
};

/* A span whose parent is not in its file. */
struct awaited {
    struct sql_statement_spans_row row; /* without texts */
    size_t statement;
    bool is_whole; /* but for its parent */
    bool is_found;
};

/* By the two texts that tell entries of a list apart, the number of the one that has them: open
 * addressing, half full at most. Whoever sends spans chooses these texts. */
struct places {
    struct hash_secret secret;
    struct slot {
        uint64_t hash;
        size_t number; /* from 1 on; 0: free */
    } * slots;
    size_t slot_count;
    size_t count;
};

struct matching {
    const struct match_question *question;
    struct match *match;
    size_t statement_room;
    size_t clock_room;
    struct places statements;
    struct places clocks;

    /* Of the file that is read. */
    struct dictionary dictionary;
    struct pack *packs;
    struct site **sites;
    struct awaited *awaited;
    size_t awaited_count;
    size_t awaited_room;
};

/* Room for one more in a list of the arena. */
static void *grown(struct arena *arena, void *list, size_t count, size_t size, size_t *room)
{
    void *wider;

    if (count < *room) {
        return list;
    }
    *room = *room == 0 ? LIST_FIRST : 2 * *room;
    wider = arena_array(arena, *room, size);
    if (count > 0) {
        memcpy(wider, list, count * size);
    }
    return wider;
}

static struct slot *free_slot(struct slot *slots, size_t count, uint64_t hash)
{
    size_t at = hash & (count - 1);

    while (slots[at].number != 0) {
        at = (at + 1) & (count - 1);
    }
    return &slots[at];
}

static void widen(struct arena *arena, struct places *places)
{
    const size_t count = places->slot_count == 0 ? SLOTS_FIRST : 2 * places->slot_count;
    struct slot *slots = arena_array(arena, count, sizeof(*slots));

    for (size_t i = 0; i < places->slot_count; i++) {
        if (places->slots[i].number != 0) {
            *free_slot(slots, count, places->slots[i].hash) = places->slots[i];
        }
    }
    places->slots = slots;
    places->slot_count = count;
}

/* Does the entry of that number have these two texts? */
typedef bool places_is(const struct match *match, size_t number, const char *a, const char *b);

/* The number of the entry that has them; a new one is the next of its list. */
static size_t place_for(struct arena *arena, struct places *places, places_is *is,
                        const struct match *match, const char *a, const char *b)
{
    const uint64_t hash = keyed_hash(&places->secret, a, strlen(a) + 1) * 3 +
                          keyed_hash(&places->secret, b, strlen(b) + 1);
    size_t at;

    if (places->count >= places->slot_count / 2) {
        widen(arena, places);
    }
    for (at = hash & (places->slot_count - 1); places->slots[at].number != 0;
         at = (at + 1) & (places->slot_count - 1)) {
        const struct slot *slot = &places->slots[at];

        if (slot->hash == hash && is(match, slot->number - 1, a, b)) {
            return slot->number - 1;
        }
    }
    places->slots[at] = (struct slot){.hash = hash, .number = ++places->count};
    return places->count - 1;
}

/* ---- attributes ---- */

static struct place place_of(struct arena *arena, const struct dictionary_pack *pack,
                             const char *name)
{
    struct place place = {.of = PLACE_NOWHERE};
    struct where_value value;
    const char *key;

    for (struct cells cells = cells_of(pack->shared); cells_next(&cells, arena, &key, &value);) {
        if (strcmp(key, name) == 0) {
            return (struct place){.of = PLACE_SHARED, .shared = value.text};
        }
    }
    for (struct cells cells = cells_of(pack->trace_ids); cells_next(&cells, arena, &key, &value);) {
        if (strcmp(value.text, name) == 0) {
            return (struct place){.of = PLACE_TRACE_ID};
        }
    }
    for (struct cells cells = cells_of(pack->own); cells_next(&cells, arena, &key, &value);) {
        if (strcmp(value.text, name) == 0) {
            place.of = PLACE_OWN;
            return place;
        }
        place.at++;
    }
    return (struct place){.of = PLACE_NOWHERE};
}

/* NULL: the number is none of the dictionary's. */
static const struct pack *pack_of(struct arena *arena, struct matching *matching, int64_t number)
{
    const struct dictionary *dictionary = &matching->dictionary;
    struct pack *pack;

    if (number < 1 || (size_t)number >= dictionary->pack_count ||
        dictionary->packs[number].shared == NULL) {
        return NULL;
    }
    pack = &matching->packs[number];
    if (!pack->is_known) {
        const struct dictionary_pack *of = &dictionary->packs[number];

        *pack = (struct pack){.is_known = true,
                              .sql_id = place_of(arena, of, "DbOracleSqlId"),
                              .client_identifier = place_of(arena, of, "db.client_identifier")};
    }
    return pack;
}

/* NULL: the span has none. Of its trace's id nobody asks for the text. */
static const char *value_at(struct arena *arena, const struct place *place, const char *own)
{
    struct cells cells = cells_of(own);
    struct where_value value;
    const char *key;

    if (place->of != PLACE_OWN) {
        return place->shared;
    }
    for (size_t i = 0; i < place->at; i++) {
        if (!cells_skip(&cells)) {
            return NULL;
        }
    }
    return cells_next(&cells, arena, &key, &value) ? value.text : NULL;
}

/* ---- statements ---- */

static bool is_statement(const struct match *match, size_t number, const char *service,
                         const char *sql_id)
{
    const struct match_statement *one = &match->statements[number];

    return strcmp(one->sql_id, sql_id) == 0 && strcmp(one->service, service) == 0;
}

static size_t statement_place(struct arena *arena, struct matching *matching, const char *service,
                              const struct dictionary_statement *of)
{
    struct match *match = matching->match;
    const size_t number =
        place_for(arena, &matching->statements, is_statement, match, service, of->sql_id);

    if (number == match->statement_count) {
        match->statements = grown(arena, match->statements, match->statement_count,
                                  sizeof(*match->statements), &matching->statement_room);
        match->statements[match->statement_count++] =
            (struct match_statement){.service = service, .sql_id = of->sql_id, .name = of->name};
    }
    return number;
}

/* NULL: the number is none of the dictionary's. */
static const struct site *site_of(struct arena *arena, struct matching *matching, int64_t number,
                                  int64_t service)
{
    const struct dictionary *dictionary = &matching->dictionary;
    const struct dictionary_statement *of;
    char computed[SQLID_SIZE];
    struct site *site;

    if (number < 1 || (size_t)number >= dictionary->statement_count ||
        dictionary->statements[number].sql_id == NULL) {
        return NULL;
    }
    for (site = matching->sites[number]; site != NULL; site = site->next) {
        if (site->service == service) {
            return site;
        }
    }
    of = &dictionary->statements[number];
    sqlid_of(of->text, strlen(of->text), computed);
    site = arena_alloc(arena, sizeof(*site));
    *site = (struct site){
        .next = matching->sites[number],
        .service = service,
        .statement = statement_place(arena, matching, dictionary_word(dictionary, service), of),
        .is_altered = strcmp(computed, of->sql_id) != 0,
    };
    matching->sites[number] = site;
    return site;
}

static void note(struct match_statement *statement, enum match_fault fault,
                 const struct sql_statement_spans_row *row, const char *said)
{
    struct match_faulty *faulty = &statement->faults[fault];

    if (faulty->count++ == 0) {
        faulty->trace_high = (uint64_t)row->trace_high;
        faulty->trace_low = (uint64_t)row->trace_low;
        faulty->span_id = (uint64_t)row->span_id;
        faulty->start_ns = row->start_ns;
        faulty->said = said;
    }
}

/* ---- a span ---- */

static bool has_sql_id(struct arena *arena, const struct pack *pack, const struct site *site,
                       struct match_statement *statement, const struct sql_statement_spans_row *row)
{
    const char *said = value_at(arena, &pack->sql_id, row->own);

    if (said == NULL) {
        note(statement, MATCH_NO_SQL_ID, row, NULL);
        return false;
    }
    if (!sqlid_is_valid(said)) {
        note(statement, MATCH_ODD_SQL_ID, row, said);
        return false;
    }
    if (site->is_altered) {
        note(statement, MATCH_ALTERED_TEXT, row, said);
        return false;
    }
    return true;
}

static bool has_tags(struct arena *arena, const struct pack *pack,
                     struct match_statement *statement, const struct sql_statement_spans_row *row)
{
    const char *missing = row->module_is_null                           ? "MODULE"
                          : row->action_is_null                         ? "ACTION"
                          : pack->client_identifier.of == PLACE_NOWHERE ? "CLIENT_IDENTIFIER"
                                                                        : NULL;

    if (missing != NULL) {
        note(statement, MATCH_NO_TAGS, row, missing);
        return false;
    }
    if (pack->client_identifier.of != PLACE_TRACE_ID) {
        note(statement, MATCH_FOREIGN_TAG, row,
             value_at(arena, &pack->client_identifier, row->own));
        return false;
    }
    return true;
}

static const char *id_text(struct arena *arena, int64_t id)
{
    return arena_printf(arena, "%016" PRIx64, (uint64_t)id);
}

/* What is missing here may stand in the file before or behind. */
static void await(struct arena *arena, struct matching *matching, size_t statement, bool is_whole,
                  const struct sql_statement_spans_row *row)
{
    struct match_statement *of = &matching->match->statements[statement];

    if (matching->awaited_count == AWAITED_MOST) {
        note(of, MATCH_NO_PARENT, row, id_text(arena, row->parent_id));
        return;
    }
    matching->awaited = grown(arena, matching->awaited, matching->awaited_count,
                              sizeof(*matching->awaited), &matching->awaited_room);
    matching->awaited[matching->awaited_count++] =
        (struct awaited){.row = *row, .statement = statement, .is_whole = is_whole};
}

static void judge(struct arena *arena, struct matching *matching,
                  const struct sql_statement_spans_row *row)
{
    const struct pack *pack = pack_of(arena, matching, row->pack);
    const struct site *site = site_of(arena, matching, row->statement, row->service);
    struct match_statement *statement;
    bool is_whole;

    if (pack == NULL || site == NULL) {
        return;
    }
    statement = &matching->match->statements[site->statement];
    statement->spans++;
    is_whole = has_sql_id(arena, pack, site, statement, row);
    is_whole = has_tags(arena, pack, statement, row) && is_whole;
    switch (row->parent_state) {
    case PARENT_HERE:
        statement->whole += is_whole;
        break;
    case PARENT_ELSEWHERE:
        await(arena, matching, site->statement, is_whole, row);
        break;
    default:
        note(statement, MATCH_NO_TRACE, row, NULL);
    }
}

/* ---- a file ---- */

static bool read_statements(struct ctx *ctx, struct db_session *session, struct matching *matching,
                            struct err *err)
{
    const struct match_question *question = matching->question;
    struct sql_statement_spans_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    if (sql_statement_spans_open(session, question->from_ns, question->to_ns, question->service,
                                 &cursor, err)) {
        while ((step = sql_statement_spans_next(cursor, &row, err)) == DB_ROW) {
            judge(ctx->arena, matching, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool is_clock(const struct match *match, size_t number, const char *service,
                     const char *caller)
{
    const struct match_clock *one = &match->clocks[number];

    return strcmp(one->service, service) == 0 && strcmp(one->caller, caller) == 0;
}

static struct match_clock *clock_of(struct arena *arena, struct matching *matching,
                                    const char *service, const char *caller)
{
    struct match *match = matching->match;
    const size_t number = place_for(arena, &matching->clocks, is_clock, match, service, caller);

    if (number == match->clock_count) {
        match->clocks = grown(arena, match->clocks, match->clock_count, sizeof(*match->clocks),
                              &matching->clock_room);
        match->clocks[match->clock_count++] =
            (struct match_clock){.service = arena_strdup(arena, service),
                                 .caller = arena_strdup(arena, caller),
                                 .uncertainty_ns = INT64_MAX};
    }
    return &match->clocks[number];
}

/* As NTP has it (RFC 5905, section 8): a question lies within the wait for its answer, so the
 * clocks are apart by what lies between the middles of both, give or take half of the wait that is
 * no work. */
static void compare_clocks(struct arena *arena, struct matching *matching,
                           const struct sql_questions_between_row *row)
{
    struct match_clock *clock = clock_of(arena, matching, row->service, row->caller);
    const int64_t uncertainty_ns = (row->waited_ns - row->duration_ns) / 2;

    clock->questions++;
    if (uncertainty_ns < clock->uncertainty_ns) {
        clock->uncertainty_ns = uncertainty_ns;
        clock->ahead_ns = row->start_ns - row->asked_ns - uncertainty_ns;
        clock->trace_high = (uint64_t)row->trace_high;
        clock->trace_low = (uint64_t)row->trace_low;
    }
}

static bool read_clocks(struct ctx *ctx, struct db_session *session, struct matching *matching,
                        struct err *err)
{
    const struct match_question *question = matching->question;
    struct sql_questions_between_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    if (sql_questions_between_open(session, question->from_ns, question->to_ns, question->service,
                                   &cursor, err)) {
        while ((step = sql_questions_between_next(cursor, &row, err)) == DB_ROW) {
            compare_clocks(ctx->arena, matching, &row);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct matching *matching = arg;
    const struct dictionary *dictionary = &matching->dictionary;

    if (!dictionary_read(ctx, session, &matching->dictionary, err)) {
        return false;
    }
    matching->packs = arena_array(ctx->arena, dictionary->pack_count + 1, sizeof(*matching->packs));
    matching->sites =
        arena_array(ctx->arena, dictionary->statement_count + 1, sizeof(struct site *));
    return read_statements(ctx, session, matching, err) && read_clocks(ctx, session, matching, err);
}

/* ---- what is in the files beside it ---- */

static bool find_parents(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct matching *matching = arg;
    struct sql_span_find_row row;

    (void)ctx;
    for (size_t i = 0; i < matching->awaited_count; i++) {
        struct awaited *one = &matching->awaited[i];
        enum db_step step;

        if (one->is_found) {
            continue;
        }
        step = sql_span_find(session, one->row.trace_low, one->row.parent_id, &row, err);
        if (step == DB_FAILED) {
            return false;
        }
        one->is_found = step == DB_ROW;
    }
    return true;
}

static bool settle_awaited(struct ctx *ctx, struct segments *segments, struct matching *matching,
                           int64_t hour, struct err *err)
{
    if (matching->awaited_count > 0 &&
        (!segments_read(ctx, segments, hour - 1, find_parents, matching, err) ||
         !segments_read(ctx, segments, hour + 1, find_parents, matching, err))) {
        return false;
    }
    for (size_t i = 0; i < matching->awaited_count; i++) {
        const struct awaited *one = &matching->awaited[i];
        struct match_statement *statement = &matching->match->statements[one->statement];

        if (one->is_found) {
            statement->whole += one->is_whole;
        } else {
            note(statement, MATCH_NO_PARENT, &one->row, id_text(ctx->arena, one->row.parent_id));
        }
    }
    matching->awaited_count = 0;
    return true;
}

/* ---- all files ---- */

static int compare(const void *a, const void *b)
{
    const struct match_statement *left = a;
    const struct match_statement *right = b;
    const int by_service = strcmp(left->service, right->service);

    return by_service != 0 ? by_service : strcmp(left->sql_id, right->sql_id);
}

bool match_tell(struct ctx *ctx, struct segments *segments, const struct match_question *question,
                struct match *ret, struct err *err)
{
    const int64_t first = question->from_ns / NS_PER_S / SEGMENTS_HOUR_S;
    const int64_t last = question->to_ns / NS_PER_S / SEGMENTS_HOUR_S;
    const struct hash_secret secret = keyed_hash_secret();
    struct matching matching = {
        .question = question, .match = ret, .statements.secret = secret, .clocks.secret = secret};
    int64_t *hours;
    const size_t count = segments_list(segments, ctx->arena, &hours);

    *ret = (struct match){.statement_count = 0};
    for (size_t i = 0; i < count; i++) {
        if (hours[i] >= first && hours[i] <= last &&
            (!segments_read(ctx, segments, hours[i], read_file, &matching, err) ||
             !settle_awaited(ctx, segments, &matching, hours[i], err))) {
            return false;
        }
    }
    if (ret->statement_count > 0) {
        qsort(ret->statements, ret->statement_count, sizeof(*ret->statements), compare);
    }
    return true;
}

/* ---- shares ---- */

int64_t match_with_sql_id(const struct match_statement *statement)
{
    return statement->spans - statement->faults[MATCH_NO_SQL_ID].count -
           statement->faults[MATCH_ODD_SQL_ID].count - statement->faults[MATCH_ALTERED_TEXT].count;
}

int64_t match_with_tags(const struct match_statement *statement)
{
    return statement->spans - statement->faults[MATCH_NO_TAGS].count -
           statement->faults[MATCH_FOREIGN_TAG].count;
}

int64_t match_with_trace(const struct match_statement *statement)
{
    return statement->spans - statement->faults[MATCH_NO_TRACE].count -
           statement->faults[MATCH_NO_PARENT].count;
}

bool match_is_off(const struct match_clock *clock, int64_t least_ns)
{
    const int64_t apart_ns = clock->ahead_ns < 0 ? -clock->ahead_ns : clock->ahead_ns;

    return apart_ns - clock->uncertainty_ns > least_ns;
}
