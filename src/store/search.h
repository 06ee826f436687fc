/*
 * store/search.h: which traces there are, by their entry spans: a request that a service was asked,
 * a job that it began. A root is one whose parent is not stored: nobody who is heard here called
 * it. Files that cannot have what is asked for, by their hour or by their sums, are not read.
 * Threads: any.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/segments.h"

enum search_status { SEARCH_ANY_STATUS, SEARCH_OK, SEARCH_ERROR };
/* Which entry spans: all, the roots, or roots that are no jobs (sql/store/search.sql). */
enum search_reach { SEARCH_ENTRIES, SEARCH_ROOTS, SEARCH_REQUESTS };
enum search_order { SEARCH_NEWEST, SEARCH_SLOWEST };

/* Behind which entry a page begins: what it is ordered by, and where it stands. */
struct search_position {
    int64_t hour;
    int64_t value_ns; /* its start, or its duration */
    int64_t id;
};

struct search {
    const char *service; /* NULL: any, as of the next two */
    const char *route;   /* name of the entry span, or what stands behind its method */
    const char *sql_id;  /* of a statement anywhere in the trace */
    enum search_status status;
    int64_t http_status; /* 0: any */
    int64_t least_ns;    /* duration */
    int64_t most_ns;
    int64_t since_ns; /* start, UTC */
    int64_t until_ns;
    enum search_reach reach;
    enum search_order order;
    bool has_position;
    struct search_position position;
    int64_t limit; /* entries of the page */
};

struct search_entry {
    struct search_position position;
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t span_id;
    int64_t start_ns;
    int64_t duration_ns;
    int64_t status;
    int64_t http_status; /* 0: none */
    const char *service;
    const char *name;
};

struct search_result {
    struct search_entry *entries;
    size_t count;
    int64_t total; /* on all pages */
    bool has_more;
};

/* A page while it is filled: entries in their order, and room for one more than it shows, by which
 * it is seen that there are more. */
struct search_page {
    enum search_order order;
    struct search_entry *entries; /* room + 1 of them: the last is that which is pushed out */
    size_t count;
    size_t room;
};
void search_page_init(struct search_page *page, const struct search *search, struct arena *arena);
/* Puts it where it belongs; what is pushed out of the room comes later than the page. */
void search_page_put(struct search_page *page, const struct search_entry *entry);
struct search_result search_page_result(const struct search_page *page, int64_t total);
/* Below 0: a comes first. */
int search_compare(enum search_order order, const struct search_position *a,
                   const struct search_position *b);

/* The result is the arena's. */
MUST_CHECK bool search_run(struct ctx *ctx, struct segments *segments, const struct search *search,
                           struct search_result *ret, struct err *err);

#endif
