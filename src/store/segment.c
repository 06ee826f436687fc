#include "store/segment.h"

#include <stdlib.h>
#include <string.h>

#include "core/thread.h"
#include "db/migrate.h"
#include "db/value.h"
#include "sql_store.h"

enum {
    READERS = 4,
    READERS_MORE = 12,
    READERS_WAIT_MS = 5000,
    CACHE_PLACES =
        4096,        /* terms whose numbers are remembered; a newer one takes an older's place */
    BATCH_ROWS = 64, /* that are bound at a time: they fit into the processor's cache */
    ROW_BYTES = 100, /* of a span's or a log record's numbers, about (sql/store/schema) */
};

/* A term that is in the file for good, and its number there. */
struct known_term {
    struct term term; /* its parts are owned */
    int64_t id;       /* 0: the place is free */
};

struct segment {
    struct db *db;
    struct db_pool *pool;
    struct mutex lock; /* guards known */
    struct known_term known[CACHE_PLACES];
};

/* ---- opening ---- */

/* A file that another process fills meanwhile is looked at again under its lock. */
static bool make_tables(struct ctx *ctx, struct db_pool *pool, struct err *err)
{
    struct migrate_state state;
    struct migrate_report report;

    if (!db_migrate_look(ctx, pool, sql_store_scripts, sql_store_script_count, false, &state,
                         err)) {
        return false;
    }
    return state.pending == 0 ||
           db_migrate(ctx, pool, sql_store_scripts, sql_store_script_count, false, &report, err);
}

bool segment_open(struct ctx *ctx, const struct segment_options *options, struct segment **ret,
                  struct err *err)
{
    const struct db_options database = {.service = "store",
                                        .module = ctx->module,
                                        .location = options->path,
                                        .catalogue = &sql_store_catalogue,
                                        .busy_timeout_ms = options->busy_timeout_ms};
    const struct db_pool_options pool = {.name = "spans",
                                         .size = READERS,
                                         .overflow = READERS_MORE,
                                         .checkout_timeout_ms = READERS_WAIT_MS};
    struct segment *segment = mem_alloc(sizeof(*segment));

    mutex_init(&segment->lock);
    if (db_open(&database, &segment->db, err) &&
        db_pool_new(segment->db, &pool, &segment->pool, err) &&
        make_tables(ctx, segment->pool, err)) {
        *ret = segment;
        return true;
    }
    segment_close(segment);
    return err_wrap(err, "%s", options->path);
}

void segment_close(struct segment *segment)
{
    if (segment == NULL) {
        return;
    }
    db_close(segment->db);
    for (size_t i = 0; i < CACHE_PLACES; i++) {
        free((void *)(uintptr_t)segment->known[i].term.parts[0]);
    }
    mutex_fini(&segment->lock);
    free(segment);
}

struct db_pool *segment_pool(struct segment *segment)
{
    return segment->pool;
}

/* ---- numbers of terms ---- */

static struct known_term *place_of(struct segment *segment, const struct term *term)
{
    return &segment->known[term->hash % CACHE_PLACES];
}

/* Numbers of the terms that are known; 0 for the others. */
static void look_up(struct segment *segment, const struct vocabulary *vocabulary, int64_t *ids)
{
    mutex_lock(&segment->lock);
    for (uint32_t number = 1; number <= vocabulary->count; number++) {
        const struct term *term = vocabulary_term(vocabulary, number);
        const struct known_term *known = place_of(segment, term);

        ids[number] = known->id != 0 && term_equals(&known->term, term) ? known->id : 0;
    }
    mutex_unlock(&segment->lock);
}

static bool number_term(struct db_session *session, const struct term *term, int64_t *ret,
                        struct err *err)
{
    const char *const *parts = term->parts;
    struct sql_word_add_row word;
    struct sql_statement_add_row statement;
    struct sql_source_add_row source;
    struct sql_pack_add_row pack;
    enum db_step step = DB_FAILED;

    switch (term->kind) {
    case TERM_WORD:
        step = sql_word_add(session, parts[0], &word, err);
        *ret = step == DB_ROW ? word.id : 0;
        break;
    case TERM_STATEMENT:
        step = sql_statement_add(session, parts[0], parts[1], parts[2], &statement, err);
        *ret = step == DB_ROW ? statement.id : 0;
        break;
    case TERM_SOURCE:
        step = sql_source_add(session, parts[0], parts[1], parts[2], parts[3], &source, err);
        *ret = step == DB_ROW ? source.id : 0;
        break;
    case TERM_PACK:
        step = sql_pack_add(session, parts[0], parts[1], parts[2], parts[3], &pack, err);
        *ret = step == DB_ROW ? pack.id : 0;
        break;
    case TERM_KINDS:
        break;
    }
    return step == DB_ROW;
}

/* Terms of what is added, and their numbers in the file. */
struct numbering {
    const struct vocabulary *vocabulary;
    int64_t *ids;  /* by number of the term; 0: not known yet */
    bool *are_new; /* were not known before */
    size_t bytes;  /* of those that were not, in the present run */
};

static struct numbering numbering_of(struct arena *arena, struct segment *segment,
                                     const struct vocabulary *vocabulary)
{
    const size_t terms = (size_t)vocabulary->count + 1;
    struct numbering numbering = {.vocabulary = vocabulary};

    numbering.ids = arena_array(arena, terms, sizeof(*numbering.ids));
    numbering.are_new = arena_array(arena, terms, sizeof(*numbering.are_new));
    look_up(segment, vocabulary, numbering.ids);
    return numbering;
}

/* Now that they are durable. */
static void remember(struct segment *segment, const struct numbering *numbering)
{
    mutex_lock(&segment->lock);
    for (uint32_t number = 1; number <= numbering->vocabulary->count; number++) {
        const struct term *term = vocabulary_term(numbering->vocabulary, number);
        struct known_term *known = place_of(segment, term);

        if (!numbering->are_new[number] || numbering->ids[number] == 0) {
            continue;
        }
        free((void *)(uintptr_t)known->term.parts[0]);
        known->id = numbering->ids[number];
        known->term = *term;
        known->term.parts[0] = memcpy(mem_alloc(term->length), term->parts[0], term->length);
    }
    mutex_unlock(&segment->lock);
}

/* What a transaction that was undone had found does not count. */
static void forget_new(struct numbering *numbering)
{
    for (uint32_t i = 1; i <= numbering->vocabulary->count; i++) {
        if (numbering->are_new[i]) {
            numbering->ids[i] = 0;
        }
    }
}

/* Its number, found or made in this transaction where it is not known. */
static bool number_of(struct numbering *numbering, struct db_session *session, uint32_t term,
                      int64_t *ret, struct err *err)
{
    int64_t *id = &numbering->ids[term];

    if (*id == 0) {
        numbering->are_new[term] = true;
        numbering->bytes += vocabulary_term(numbering->vocabulary, term)->length;
        if (!number_term(session, vocabulary_term(numbering->vocabulary, term), id, err)) {
            return false;
        }
    }
    *ret = *id;
    return true;
}

static bool number_or_none(struct numbering *numbering, struct db_session *session, uint32_t term,
                           int64_t *ret, struct err *err)
{
    return term == 0 || number_of(numbering, session, term, ret, err);
}

static const int64_t *or_null(const int64_t *value)
{
    return *value != 0 ? value : NULL;
}

/* ---- who has how much ---- */

static size_t length_of(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* Spans or log records of one service that follow each other, while they are added. */
struct run {
    size_t first; /* of those that are added */
    size_t end;
    size_t bytes; /* of their texts */
    size_t added;
};

/* Counts what the run has added; of what was there already nothing is its sender's. */
static bool count_sender(const struct numbering *numbering, struct db_session *session,
                         uint32_t service, const struct run *run, bool are_spans, struct err *err)
{
    const size_t length = run->end - run->first;
    const size_t bytes =
        numbering->bytes + ROW_BYTES * run->added + run->bytes * run->added / length;

    return run->added == 0 ||
           sql_sender_count(session, numbering->ids[service], are_spans ? (int64_t)run->added : 0,
                            are_spans ? 0 : (int64_t)run->added, (int64_t)bytes, err);
}

/* ---- spans ---- */

struct addition {
    struct numbering numbering;
    const struct arrival *all;
    const size_t *which; /* of them */
    size_t count;
    size_t added;
};

static const struct arrival *span_at(const struct addition *addition, size_t at)
{
    return &addition->all[addition->which[at]];
}

static bool row_of(struct addition *addition, struct db_session *session,
                   const struct arrival *span, struct sql_span_add_args *ret, struct err *err)
{
    struct numbering *numbering = &addition->numbering;
    const int64_t parent = (int64_t)span->parent_id;
    int64_t service;
    int64_t name;
    int64_t source;
    int64_t pack;
    int64_t statement = 0;
    int64_t module = 0;
    int64_t action = 0;

    if (!number_of(numbering, session, span->service, &service, err) ||
        !number_of(numbering, session, span->name, &name, err) ||
        !number_of(numbering, session, span->source, &source, err) ||
        !number_of(numbering, session, span->pack, &pack, err) ||
        !number_or_none(numbering, session, span->statement, &statement, err) ||
        !number_or_none(numbering, session, span->module, &module, err) ||
        !number_or_none(numbering, session, span->action, &action, err)) {
        return false;
    }
    *ret = sql_span_add_args(
        (int64_t)span->trace_high, (int64_t)span->trace_low, (int64_t)span->id, or_null(&parent),
        span->start_ns, span->duration_ns, (int64_t)span->entry, span->kind, span->status,
        or_null(&span->http_status), service, name, source, pack, or_null(&statement), span->own,
        span->more, or_null(&module), or_null(&action), span->rows < 0 ? NULL : &span->rows);
    return true;
}

/* What is stored beside its row: sums of entries, waits. */
static bool has_more_rows(const struct arrival *span)
{
    return span->entry != ENTRY_NONE || span->wait_count > 0;
}

static bool add_plain(struct addition *addition, struct db_session *session, struct run *run,
                      struct err *err)
{
    struct sql_span_add_args rows[BATCH_ROWS];
    size_t filled = 0;
    int64_t added = 0;

    for (size_t i = run->first; i < run->end; i++) {
        if (!has_more_rows(span_at(addition, i)) &&
            !row_of(addition, session, span_at(addition, i), &rows[filled++], err)) {
            return false;
        }
        if (filled == BATCH_ROWS || (filled > 0 && i + 1 == run->end)) {
            if (!sql_span_add_batch(session, rows, filled, &added, err)) {
                return false;
            }
            run->added += (size_t)added;
            filled = 0;
        }
    }
    return true;
}

static bool add_waits(struct addition *addition, struct db_session *session,
                      const struct arrival *span, struct err *err)
{
    for (unsigned i = 0; i < span->wait_count; i++) {
        const struct arrival_wait *wait = &span->waits[i];
        int64_t word;

        if (!number_of(&addition->numbering, session, wait->word, &word, err) ||
            !sql_wait_add(session, word, wait->start_ns, wait->duration_ns, err)) {
            return false;
        }
    }
    return true;
}

/* An entry is counted in the file's sums, what waited has its waits, unless the span was there. */
static bool add_with_more(struct addition *addition, struct db_session *session,
                          const struct arrival *span, struct run *run, struct err *err)
{
    struct sql_span_add_args row;
    int64_t added = 0;

    if (!row_of(addition, session, span, &row, err) ||
        !sql_span_add_batch(session, &row, 1, &added, err)) {
        return false;
    }
    run->added += (size_t)added;
    if (added > 0 && span->entry != ENTRY_NONE &&
        !sql_entry_count(session, addition->numbering.ids[span->service],
                         addition->numbering.ids[span->name], span->status == SPAN_STATUS_ERROR,
                         span->duration_ns, err)) {
        return false;
    }
    return added == 0 || add_waits(addition, session, span, err);
}

static struct run run_from(const struct addition *addition, size_t first)
{
    struct run run = {.first = first, .end = first};

    while (run.end < addition->count &&
           span_at(addition, run.end)->service == span_at(addition, first)->service) {
        const struct arrival *span = span_at(addition, run.end++);

        run.bytes += length_of(span->own) + length_of(span->more);
    }
    return run;
}

static bool add_run(struct addition *addition, struct db_session *session, struct run *run,
                    struct err *err)
{
    addition->numbering.bytes = 0;
    for (size_t i = run->first; i < run->end; i++) {
        if (has_more_rows(span_at(addition, i)) &&
            !add_with_more(addition, session, span_at(addition, i), run, err)) {
            return false;
        }
    }
    return add_plain(addition, session, run, err) &&
           count_sender(&addition->numbering, session, span_at(addition, run->first)->service, run,
                        true, err);
}

/* Runs again where it was undone. */
static bool add(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct addition *addition = arg;
    struct run run = {.end = 0};

    (void)ctx;
    addition->added = 0;
    forget_new(&addition->numbering);
    while (run.end < addition->count) {
        run = run_from(addition, run.end);
        if (!add_run(addition, session, &run, err)) {
            return false;
        }
        addition->added += run.added;
    }
    return true;
}

bool segment_add(struct ctx *ctx, struct segment *segment, const struct arrivals *arrivals,
                 const size_t *which, size_t count, size_t *ret_added, struct err *err)
{
    struct addition addition = {.numbering =
                                    numbering_of(ctx->arena, segment, &arrivals->vocabulary),
                                .all = arrivals->spans,
                                .which = which,
                                .count = count};

    if (!db_write(ctx, segment->pool, add, &addition, err)) {
        return false;
    }
    remember(segment, &addition.numbering);
    *ret_added = addition.added;
    return true;
}

/* ---- log records ---- */

struct log_addition {
    struct numbering numbering;
    const struct log_arrival *all;
    const size_t *which; /* of them */
    size_t count;
    size_t added;
};

static bool log_row_of(struct numbering *numbering, struct db_session *session,
                       const struct log_arrival *record, struct sql_log_add_args *ret,
                       struct err *err)
{
    const bool has_trace = record->trace_high != 0 || record->trace_low != 0;
    const int64_t trace_high = (int64_t)record->trace_high;
    const int64_t trace_low = (int64_t)record->trace_low;
    const int64_t span_id = (int64_t)record->span_id;
    int64_t severity_text = 0;
    int64_t event = 0;
    int64_t service;
    int64_t source;
    int64_t pack;

    if (!number_of(numbering, session, record->service, &service, err) ||
        !number_of(numbering, session, record->source, &source, err) ||
        !number_of(numbering, session, record->pack, &pack, err) ||
        !number_or_none(numbering, session, record->severity_text, &severity_text, err) ||
        !number_or_none(numbering, session, record->event, &event, err)) {
        return false;
    }
    *ret = sql_log_add_args(
        record->time_ns, (int64_t)record->digest, has_trace ? &trace_high : NULL,
        has_trace ? &trace_low : NULL, or_null(&span_id), record->severity, or_null(&severity_text),
        or_null(&event), service, source, pack, record->own, record->body, record->dropped);
    return true;
}

static const struct log_arrival *record_at(const struct log_addition *addition, size_t at)
{
    return &addition->all[addition->which[at]];
}

static struct run log_run_from(const struct log_addition *addition, size_t first)
{
    struct run run = {.first = first, .end = first};

    while (run.end < addition->count &&
           record_at(addition, run.end)->service == record_at(addition, first)->service) {
        const struct log_arrival *record = record_at(addition, run.end++);

        run.bytes += length_of(record->own) + length_of(record->body);
    }
    return run;
}

static bool add_log_run(struct log_addition *addition, struct db_session *session, struct run *run,
                        struct err *err)
{
    struct sql_log_add_args rows[BATCH_ROWS];
    size_t filled = 0;
    int64_t added = 0;

    addition->numbering.bytes = 0;
    for (size_t i = run->first; i < run->end; i++) {
        if (!log_row_of(&addition->numbering, session, record_at(addition, i), &rows[filled++],
                        err)) {
            return false;
        }
        if (filled == BATCH_ROWS || i + 1 == run->end) {
            if (!sql_log_add_batch(session, rows, filled, &added, err)) {
                return false;
            }
            run->added += (size_t)added;
            filled = 0;
        }
    }
    return count_sender(&addition->numbering, session, record_at(addition, run->first)->service,
                        run, false, err);
}

static bool add_logs(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct log_addition *addition = arg;
    struct run run = {.end = 0};

    (void)ctx;
    addition->added = 0;
    forget_new(&addition->numbering);
    while (run.end < addition->count) {
        run = log_run_from(addition, run.end);
        if (!add_log_run(addition, session, &run, err)) {
            return false;
        }
        addition->added += run.added;
    }
    return true;
}

bool segment_add_logs(struct ctx *ctx, struct segment *segment, const struct log_arrivals *arrivals,
                      const size_t *which, size_t count, size_t *ret_added, struct err *err)
{
    struct log_addition addition = {.numbering =
                                        numbering_of(ctx->arena, segment, &arrivals->vocabulary),
                                    .all = arrivals->records,
                                    .which = which,
                                    .count = count};

    if (!db_write(ctx, segment->pool, add_logs, &addition, err)) {
        return false;
    }
    remember(segment, &addition.numbering);
    *ret_added = addition.added;
    return true;
}
