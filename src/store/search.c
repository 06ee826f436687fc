#include "store/search.h"

#include <string.h>

#include "sql_store.h"

enum { NS_PER_S = 1000000000 };

struct searching {
    const struct search *search;
    int64_t hour;
    struct search_page page;
    int64_t total;
    int64_t found;      /* in this file */
    int64_t longest_ns; /* of its entries, by its sums */
};

static const int64_t *or_null(const int64_t *value, bool is_given)
{
    return is_given ? value : NULL;
}

static int64_t status_of(const struct search *search)
{
    return search->status == SEARCH_ERROR ? SPAN_STATUS_ERROR : 0;
}

/* ---- order ---- */

static int64_t value_of(const struct search *search, const struct sql_entry_row *row)
{
    return search->order == SEARCH_NEWEST ? row->start_ns : row->duration_ns;
}

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Newest go by files, since a file may hold a span whose clock is wrong. */
int search_compare(enum search_order order, const struct search_position *a,
                   const struct search_position *b)
{
    const int by_hour = sign(b->hour, a->hour);
    const int by_value = sign(b->value_ns, a->value_ns);
    const int first = order == SEARCH_NEWEST ? by_hour : by_value;
    const int second = order == SEARCH_NEWEST ? by_value : by_hour;

    if (first != 0) {
        return first;
    }
    return second != 0 ? second : sign(b->id, a->id);
}

void search_page_init(struct search_page *page, const struct search *search, struct arena *arena)
{
    const size_t room = (size_t)search->limit + 1;

    *page = (struct search_page){.order = search->order,
                                 .entries = arena_array(arena, room + 1, sizeof(*page->entries)),
                                 .room = room};
}

void search_page_put(struct search_page *page, const struct search_entry *entry)
{
    size_t at = page->count;

    while (at > 0 &&
           search_compare(page->order, &entry->position, &page->entries[at - 1].position) < 0) {
        at--;
    }
    if (at == page->room) {
        return;
    }
    if (page->count < page->room) {
        page->count++;
    }
    memmove(&page->entries[at + 1], &page->entries[at], (page->count - at - 1) * sizeof(*entry));
    page->entries[at] = *entry;
}

struct search_result search_page_result(const struct search_page *page, int64_t total)
{
    return (struct search_result){
        .entries = page->entries,
        .count = page->count < page->room ? page->count : page->room - 1,
        .total = total,
        .has_more = page->count == page->room,
    };
}

/* Where the page goes on in this file: *ret_value NULL at its start. False: it does not. */
static bool go_on_from(const struct searching *searching, const int64_t **ret_value,
                       int64_t *ret_id)
{
    const struct search *search = searching->search;
    const struct search_position *position = &search->position;

    *ret_value = NULL;
    *ret_id = 0;
    if (!search->has_position) {
        return true;
    }
    if (search->order == SEARCH_NEWEST && searching->hour != position->hour) {
        return searching->hour < position->hour;
    }
    *ret_value = &position->value_ns;
    *ret_id = position->id;
    if (searching->hour !=
        position->hour) { /* of two that took as long, the newer file's is first */
        *ret_id = searching->hour < position->hour ? INT64_MAX : 0;
    }
    return true;
}

/* ---- one file ---- */

/* By its sums. */
static bool may_have(struct searching *searching, struct db_session *session, bool *ret,
                     struct err *err)
{
    const struct search *search = searching->search;
    struct sql_entries_sum_row sum;
    const enum db_step step = sql_entries_sum(session, search->service, search->route,
                                              search->status == SEARCH_ERROR, &sum, err);

    if (step != DB_ROW) {
        return false;
    }
    searching->longest_ns = sum.longest_ns;
    *ret = sum.total > 0 && sum.longest_ns >= search->least_ns;
    return true;
}

/* Is the page full of what comes before all of this file? */
static bool is_behind_page(const struct searching *searching)
{
    const struct search_page *page = &searching->page;

    return page->count == page->room &&
           (page->order == SEARCH_NEWEST ||
            searching->longest_ns < page->entries[page->room - 1].position.value_ns);
}

static bool count(struct searching *searching, struct db_session *session, struct err *err)
{
    const struct search *search = searching->search;
    const int64_t status = status_of(search);
    struct sql_entries_count_row row;
    const enum db_step step = sql_entries_count(
        session, search->service, search->route,
        or_null(&status, search->status != SEARCH_ANY_STATUS),
        or_null(&search->http_status, search->http_status != 0), search->least_ns, search->most_ns,
        search->since_ns, search->until_ns, search->sql_id, (int64_t)search->reach, &row, err);

    searching->found = step == DB_ROW ? row.total : 0;
    searching->total += searching->found;
    return step == DB_ROW;
}

static struct search_entry entry_of(struct ctx *ctx, const struct searching *searching,
                                    const struct sql_entry_row *row)
{
    return (struct search_entry){
        .position = {.hour = searching->hour,
                     .value_ns = value_of(searching->search, row),
                     .id = row->id},
        .trace_high = (uint64_t)row->trace_high,
        .trace_low = (uint64_t)row->trace_low,
        .span_id = (uint64_t)row->span_id,
        .start_ns = row->start_ns,
        .duration_ns = row->duration_ns,
        .status = row->status,
        .http_status = row->http_status_is_null ? 0 : row->http_status,
        .service = arena_strdup(ctx->arena, row->service),
        .name = arena_strdup(ctx->arena, row->name),
    };
}

static bool open_list(const struct searching *searching, struct db_session *session,
                      const int64_t *before, int64_t before_id, struct db_cursor **ret,
                      struct err *err)
{
    const struct search *search = searching->search;
    const int64_t status = status_of(search);
    const int64_t *status_or_null = or_null(&status, search->status != SEARCH_ANY_STATUS);
    const int64_t *http_status = or_null(&search->http_status, search->http_status != 0);
    const int64_t most = (int64_t)searching->page.room;

    if (search->order == SEARCH_NEWEST) {
        return sql_entries_newest_open(session, search->service, search->route, status_or_null,
                                       http_status, search->least_ns, search->most_ns,
                                       search->since_ns, search->until_ns, search->sql_id,
                                       (int64_t)search->reach, before, before_id, most, ret, err);
    }
    return sql_entries_slowest_open(session, search->service, search->route, status_or_null,
                                    http_status, search->least_ns, search->most_ns,
                                    search->since_ns, search->until_ns, search->sql_id,
                                    (int64_t)search->reach, before, before_id, most, ret, err);
}

static bool list(struct ctx *ctx, struct searching *searching, struct db_session *session,
                 struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_entry_row row;
    enum db_step step = DB_NO_ROW;
    const int64_t *before;
    int64_t before_id;

    if (!go_on_from(searching, &before, &before_id)) {
        return true;
    }
    if (!open_list(searching, session, before, before_id, &cursor, err)) {
        return false;
    }
    while ((step = sql_entry_next(cursor, &row, err)) == DB_ROW) {
        const struct search_entry entry = entry_of(ctx, searching, &row);

        search_page_put(&searching->page, &entry);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool search_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct searching *searching = arg;
    bool is_read;

    if (!may_have(searching, session, &is_read, err)) {
        return false;
    }
    if (!is_read) {
        return true;
    }
    return count(searching, session, err) && (searching->found == 0 || is_behind_page(searching) ||
                                              list(ctx, searching, session, err));
}

/* ---- all files ---- */

static bool is_within(const struct search *search, int64_t hour)
{
    return hour >= search->since_ns / NS_PER_S / SEGMENTS_HOUR_S &&
           hour <= search->until_ns / NS_PER_S / SEGMENTS_HOUR_S;
}

bool search_run(struct ctx *ctx, struct segments *segments, const struct search *search,
                struct search_result *ret, struct err *err)
{
    struct searching searching = {.search = search};
    int64_t *hours;
    const size_t file_count = segments_list(segments, ctx->arena, &hours);

    search_page_init(&searching.page, search, ctx->arena);
    for (size_t i = 0; i < file_count; i++) {
        searching.hour = hours[i];
        if (is_within(search, hours[i]) &&
            !segments_read(ctx, segments, searching.hour, search_file, &searching, err)) {
            return false;
        }
    }
    *ret = search_page_result(&searching.page, searching.total);
    return true;
}
