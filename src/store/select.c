#include "store/select.h"

#include "store/judge.h"

enum { NS_PER_S = 1000000000 };

struct selecting {
    const struct selection *selection;
    const struct select_visitor *visitor;
    int64_t hour;
};

/* ---- one file ---- */

static bool open_scan(const struct search *search, struct db_session *session,
                      struct db_cursor **ret, struct err *err)
{
    const int64_t error = SPAN_STATUS_ERROR;
    const int64_t ok = 0;

    return sql_entries_scan_open(
        session, search->service, search->route,
        search->status == SEARCH_ANY_STATUS ? NULL
        : search->status == SEARCH_ERROR    ? &error
                                            : &ok,
        search->http_status != 0 ? &search->http_status : NULL, search->least_ns, search->most_ns,
        search->since_ns, search->until_ns, search->sql_id, (int64_t)search->reach, ret, err);
}

static bool is_in(const struct select_box *box, const struct sql_judged_row *row)
{
    return row->start_ns >= box->since_ns && row->start_ns <= box->until_ns &&
           row->duration_ns >= box->least_ns && row->duration_ns <= box->most_ns;
}

static bool scan(const struct selecting *selecting, struct db_session *session, struct judge *judge,
                 struct err *err)
{
    const struct select_visitor *visitor = selecting->visitor;
    const struct select_box *box = selecting->selection->box;
    struct sql_judged_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!open_scan(&selecting->selection->search, session, &cursor, err)) {
        return false;
    }
    while ((step = sql_judged_next(cursor, &row, err)) == DB_ROW) {
        const bool is_asked_for = judge == NULL || judge_holds(judge, &row);
        const bool holds = is_asked_for && (box == NULL || is_in(box, &row));

        if (holds || (visitor->wants_rest && (box == NULL || is_asked_for))) {
            visitor->span(visitor->arg, &row, holds);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* By its sums. */
static bool may_have(const struct search *search, struct db_session *session, bool *ret,
                     struct err *err)
{
    struct sql_entries_sum_row sum;

    if (sql_entries_sum(session, search->service, search->route, search->status == SEARCH_ERROR,
                        &sum, err) != DB_ROW) {
        return false;
    }
    *ret = sum.total > 0 && sum.longest_ns >= search->least_ns;
    return true;
}

static bool select_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct selecting *selecting = arg;
    const struct where *where = selecting->selection->where;
    const struct select_visitor *visitor = selecting->visitor;
    struct dictionary dictionary;
    struct judge *judge = NULL;
    bool is_read;
    bool ok = true;

    if (!may_have(&selecting->selection->search, session, &is_read, err)) {
        return false;
    }
    if (!is_read) {
        return true;
    }
    if (!dictionary_read(ctx, session, &dictionary, err) ||
        (where != NULL && !judge_open(session, &dictionary, where, &judge, err))) {
        return false;
    }
    if (where == NULL || (visitor->wants_rest && selecting->selection->box == NULL) ||
        judge_may_hold(judge)) {
        if (visitor->begin != NULL) {
            visitor->begin(visitor->arg, selecting->hour, &dictionary);
        }
        ok = scan(selecting, session, judge, err);
        if (ok && visitor->end != NULL) {
            visitor->end(visitor->arg);
        }
    }
    judge_close(judge);
    return ok;
}

/* ---- all files ---- */

bool select_each(struct ctx *ctx, struct segments *segments, const struct selection *selection,
                 const struct select_visitor *visitor, struct err *err)
{
    const int64_t first = selection->search.since_ns / NS_PER_S / SEGMENTS_HOUR_S;
    const int64_t last = selection->search.until_ns / NS_PER_S / SEGMENTS_HOUR_S;
    struct selecting selecting = {.selection = selection, .visitor = visitor};
    int64_t *hours;
    const size_t count = segments_list(segments, ctx->arena, &hours);

    for (size_t i = 0; i < count; i++) {
        selecting.hour = hours[i];
        if (hours[i] >= first && hours[i] <= last &&
            !segments_read(ctx, segments, selecting.hour, select_file, &selecting, err)) {
            return false;
        }
    }
    return true;
}

/* ---- a list ---- */

struct listing {
    const struct search *search;
    const struct dictionary *dictionary;
    int64_t hour;
    struct search_page page;
    int64_t total;
};

static void begin_file(void *arg, int64_t hour, const struct dictionary *dictionary)
{
    struct listing *listing = arg;

    listing->hour = hour;
    listing->dictionary = dictionary;
}

/* Behind the page before, and not behind this one that is full. */
static bool belongs(const struct listing *listing, const struct search_position *position)
{
    const struct search *search = listing->search;
    const struct search_page *page = &listing->page;

    return (!search->has_position ||
            search_compare(search->order, &search->position, position) < 0) &&
           (page->count < page->room ||
            search_compare(search->order, position, &page->entries[page->room - 1].position) < 0);
}

static void list_span(void *arg, const struct sql_judged_row *row, bool holds)
{
    struct listing *listing = arg;
    const struct search_position position = {
        .hour = listing->hour,
        .value_ns = listing->search->order == SEARCH_NEWEST ? row->start_ns : row->duration_ns,
        .id = row->id,
    };
    struct search_entry entry;

    (void)holds;
    listing->total++;
    if (!belongs(listing, &position)) {
        return;
    }
    entry = (struct search_entry){
        .position = position,
        .trace_high = (uint64_t)row->trace_high,
        .trace_low = (uint64_t)row->trace_low,
        .span_id = (uint64_t)row->span_id,
        .start_ns = row->start_ns,
        .duration_ns = row->duration_ns,
        .status = row->status,
        .http_status = row->http_status_is_null ? 0 : row->http_status,
        .service = dictionary_word(listing->dictionary, row->service),
        .name = dictionary_word(listing->dictionary, row->name),
    };
    search_page_put(&listing->page, &entry);
}

bool select_list(struct ctx *ctx, struct segments *segments, const struct selection *selection,
                 struct search_result *ret, struct err *err)
{
    struct listing listing = {.search = &selection->search};
    const struct select_visitor visitor = {.arg = &listing, .begin = begin_file, .span = list_span};

    search_page_init(&listing.page, &selection->search, ctx->arena);
    if (!select_each(ctx, segments, selection, &visitor, err)) {
        return false;
    }
    *ret = search_page_result(&listing.page, listing.total);
    return true;
}
