#include "service/staff.h"

#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/link.h"
#include "service/write.h"

const char *const ACTIVE_WORDS[] = {"all", "active", "inactive", NULL};

const int64_t *active_of_word(const char *word)
{
    static const int64_t active = 1;
    static const int64_t inactive = 0;

    if (strcmp(word, "active") == 0) {
        return &active;
    }
    return strcmp(word, "inactive") == 0 ? &inactive : NULL;
}

bool staff_check_picture(const char *image_url, struct err *err)
{
    return image_url == NULL || link_may_be_stored(image_url) ||
           err_field(err, ERR_INVALID, "/image_url",
                     "must begin with https://, http:// or a single /");
}

bool staff_create(struct request *rq, struct reply *rp, db_work *work, struct err *err)
{
    struct staff_write write = {.rq = rq, .rp = rp, .body = rq->body};

    return service_write(rq, rp, service_of(rq)->main_pool, work, &write, err);
}

bool staff_edit(struct request *rq, struct reply *rp, db_work *work, struct err *err)
{
    const struct id_params *given = rq->params;
    struct staff_write write = {.rq = rq, .rp = rp, .body = rq->body, .id = given->id};

    if (!service_write(rq, rp, service_of(rq)->main_pool, work, &write, err)) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

void staff_note(const struct staff_write *write, const char *what, int64_t id)
{
    struct arena *arena = write->rq->ctx.arena;

    audit_note(write->rq,
               arena_printf(arena, "%s.%s", what, write->id == 0 ? "created" : "updated"),
               arena_printf(arena, "%s:%" PRId64, what, id), NULL);
}
