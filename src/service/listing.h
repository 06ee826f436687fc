/*
 * service/listing.h: the one way in which lists are paged through and sorted. A page is asked for
 * with `limit` and `sort`; the answer gives `next_cursor`, with which the same request gets the
 * page behind it. A cursor is the position of the last row of a page: what the list is sorted by,
 * and the row's id, which orders equals. So a page costs the same wherever it begins, and rows that
 * come and go meanwhile make nobody see a row twice or miss one.
 *
 * A statement of such a list takes the position and one row more than a page:
 *     WHERE price <= :price AND (price < :price OR id < :id) ORDER BY price DESC, id DESC LIMIT
 * :most so that an index on (price, id) finds where to begin; and the first page begins at a
 * position before all rows.
 */
#ifndef SERVICE_LISTING_H
#define SERVICE_LISTING_H

#include "db/db.h"
#include "http/params.h"
#include "http/reply_shape.h"
#include "http/request.h"
#include "service/listing_cursor.h"

/* What a request asks for. */
struct listing_page {
    int64_t limit;
    const char *sort; /* one of the list's words */
    struct listing_position cursor;
    bool has_cursor;
};

/* limit, sort and cursor; the struct has a struct listing_page <page>. The words are those of
 * columns, with "-" before one whose greatest values come first; the default is one of them. */
#define PARAM_LISTING(struct_, sorts_, default_)                                                   \
    {.name = "limit",                                                                              \
     .kind = PARAM_KIND_INT,                                                                       \
     .offset = offsetof(struct_, page.limit),                                                      \
     .least = 1,                                                                                   \
     .most = PAGE_LIMIT_MAX,                                                                       \
     .fallback = PAGE_LIMIT_DEFAULT,                                                               \
     .has_fallback = true},                                                                        \
        {.name = "sort",                                                                           \
         .kind = PARAM_KIND_TEXT,                                                                  \
         .offset = offsetof(struct_, page.sort),                                                   \
         .allowed = (sorts_),                                                                      \
         .fallback_word = (default_)},                                                             \
    {                                                                                              \
        .name = "cursor", .kind = PARAM_KIND_PARSED, .offset = offsetof(struct_, page.cursor),     \
        .flag_offset = offsetof(struct_, page.has_cursor), .has_flag = true,                       \
        .most = LISTING_CURSOR_SIZE - 1, .parse = listing_parse_cursor,                            \
        .rule = "next_cursor of an earlier reply to the same request, as it came"                  \
    }

/* A page while it is written. */
struct listing {
    const struct listing_page *page;
    struct reply *rp;
    struct request *rq;           /* of listing_put; NULL in a listing of one's own */
    int64_t count;                /* rows that were written */
    bool is_more;                 /* there are others behind them */
    struct listing_position last; /* of the last row of a full page */
    bool is_cut;                  /* its text has no room there */
};

/* Borrows page and reply. ERR_INVALID: the cursor is of another order than is asked for. */
MUST_CHECK bool listing_begin(struct listing *listing, const struct listing_page *page,
                              struct reply *rp, struct err *err);

/* For the statement: rows to ask for, and the position that they come after. Lists of which great
 * ids or numbers come first begin before INT64_MAX, others behind what they say. */
int64_t listing_most(const struct listing *listing);
int64_t listing_id_before(const struct listing *listing);
int64_t listing_id_after(const struct listing *listing); /* 0 at first */
int64_t listing_number(const struct listing *listing, int64_t first);
const char *listing_text(const struct listing *listing); /* "" at first */

/* Is there room for one more row? False, once, when the page is full and there is another row. */
bool listing_takes(struct listing *listing);
/* After each row that was written: where it stands, with the number and the text that the list may
 * be sorted by; NULL: by no text. */
void listing_wrote(struct listing *listing, int64_t id, int64_t number, const char *text);
/* ERR_LIMIT: there are rows behind the page, and no cursor can say where. Columns that lists are
 * sorted by are bounded so that it does not come to this; a cursor that was cut would lead back to
 * the same page again and again. */
MUST_CHECK bool listing_can_go_on(const struct listing *listing, struct err *err);
/* Members of the open object: count, limit, next_cursor. */
void listing_end(struct listing *listing);
extern const struct reply_shape LISTING_REPLY; /* a base */

/* Reads the rows of a page and writes them as elements of the open list; `arg` is for what the
 * caller wants besides. */
typedef bool listing_rows(struct listing *listing, struct db_session *session, void *arg,
                          struct err *err);
/* All of it, with a session of the main pool: members of the open object, the rows under `key`. */
MUST_CHECK bool listing_put(struct request *rq, struct reply *rp, const char *key,
                            const struct listing_page *page, listing_rows *rows, void *arg,
                            struct err *err);
/* The same as a whole answer, where it has no other members. */
MUST_CHECK bool listing_reply(struct request *rq, struct reply *rp, const char *key,
                              const struct listing_page *page, listing_rows *rows, void *arg,
                              struct err *err);

#endif
