/*
 * service/staff.h: what the routes have in common by which staff keep things: what is offered or
 * not, and how one is made and edited.
 */
#ifndef SERVICE_STAFF_H
#define SERVICE_STAFF_H

#include "db/db.h"
#include "http/request.h"

/* Values of a filter `status`, and what it means to a statement: NULL for "all". */
extern const char *const ACTIVE_WORDS[];
const int64_t *active_of_word(const char *word);

/* Is the picture of a body, which may be NULL, a link that may be stored? ERR_INVALID. */
MUST_CHECK bool staff_check_picture(const char *image_url, struct err *err);

/* What the work of a create or an edit is about. `id` is 0 where a new thing is made. */
struct staff_write {
    struct request *rq;
    struct reply *rp;
    const void *body; /* the request's, as its shape has it */
    int64_t id;
};

/* Runs the work of a route that makes one. */
MUST_CHECK bool staff_create(struct request *rq, struct reply *rp, db_work *work, struct err *err);
/* The same of an edit of what the id of the path names; the reply tells the version that it has
 * made. */
MUST_CHECK bool staff_edit(struct request *rq, struct reply *rp, db_work *work, struct err *err);
/* The audit entry of such a work: "service.updated" of "service:7". */
void staff_note(const struct staff_write *write, const char *what, int64_t id);

#endif
