/*
 * crm/put_list.h: a page of rows as a list and the members that say which page it is.
 */
#ifndef CRM_PUT_LIST_H
#define CRM_PUT_LIST_H

#include "db/db.h"
#include "http/server.h"

struct list {
    struct request *rq;
    struct db_session *session;
    struct json_out *out;
    int64_t total; /* rows that match */
    int64_t count; /* rows written */
};

/* Writes the rows of the page as elements of the open list, counts them and all that match. */
typedef bool list_rows(struct list *list, const void *query, struct err *err);

/* Members of the open object: the list under its key, then total, count, limit and offset. */
MUST_CHECK bool put_list(struct request *rq, struct reply *rp, const char *key,
                         const struct page *page, list_rows *rows, const void *query,
                         struct err *err);

#endif
