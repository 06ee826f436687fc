#include "service/ready.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "service/audit.h"
#include "service/disk.h"
#include "service/stored.h"
#include "sql_core.h"

enum {
    LOOK_MS = 1000,
    PROOF_MS = 10000,        /* how long what was stored proves that more can be */
    LARGE_BYTES = 32 * 1024, /* what the largest of a service's writes take in the database's log */
};

bool ready_ping(struct request *rq, struct err *err)
{
    struct sql_db_ping_row row;
    struct db_session *session = NULL;
    const bool is_up = db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err) &&
                       sql_db_ping(session, &row, err) == DB_ROW;

    db_checkin(session);
    return is_up;
}

/* --- the own row --- */

static bool store_row(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sql_db_store(session, arg, err);
}

/* After a failure as much as a large write takes. */
static bool store(struct request *rq, bool has_failed, struct err *err)
{
    const size_t size = has_failed ? LARGE_BYTES : 0;
    char *body = arena_alloc(rq->ctx.arena, size + 1);

    memset(body, '.', size);
    if (!db_write(&rq->ctx, service_of(rq)->main_pool, store_row, body, err)) {
        return err_wrap(err, "store a row");
    }
    return true;
}

static bool can_store(struct request *rq, struct err *err)
{
    struct service *service = service_of(rq);
    const uint64_t proof_ns = stored_when_ns(service);
    const bool has_failed = proof_ns == 0;

    if (service->audit != NULL && !audit_has_room(service->audit)) {
        return err_set(err, ERR_CANNOT_STORE, "audit trail is full");
    }
    if (!has_failed && clock_mono_ns() - proof_ns < PROOF_MS * CLOCK_NS_PER_MS) {
        return true;
    }
    if (!ctx_may_wait(&rq->ctx)) {
        return ctx_leave(&rq->ctx, err, "a row has to be stored");
    }
    if (!store(rq, has_failed, err)) {
        stored_note(service, false, err);
        return false;
    }
    stored_prove(service);
    return true;
}

void ready_look(struct request *rq, struct readiness *ret)
{
    const uint64_t deadline_ns = rq->ctx.deadline_ns;
    const uint64_t limit_ns = clock_after_ms(LOOK_MS);

    *ret = (struct readiness){.is_up = false};
    rq->ctx.deadline_ns = limit_ns < deadline_ns ? limit_ns : deadline_ns;
    ret->is_up = ready_ping(rq, &ret->why);
    ret->can_store = ret->is_up && can_store(rq, &ret->why);
    ret->has_room = ret->can_store && disk_has_room(&rq->ctx, service_of(rq), &ret->why);
    rq->ctx.deadline_ns = deadline_ns;
    if (!ret->has_room && !ctx_has_left(&rq->ctx)) {
        log_err(LOG_WARNING, rq->ctx.trace.trace_id, "not ready", &ret->why);
    }
}

static const struct reply_field ready_fields[] = {
    REPLY_FIELD("ready", REPLY_BOOL),
    REPLY_WORD("database", REPLY_WORDS("connected", "disconnected"), 0),
    REPLY_FIELD("can_store", REPLY_BOOL),
    REPLY_FIELD("has_room", REPLY_BOOL),
    REPLY_FIELD("error", REPLY_TEXT | REPLY_OPTIONAL),
};
const struct reply_shape READY_REPLY = REPLY_SHAPE("Ready", ready_fields);

static const char *error_of(const struct readiness *readiness)
{
    return readiness->can_store ? "the disk is nearly full" : err_title(readiness->why.code);
}

void ready_put(struct reply *rp, const struct readiness *readiness)
{
    const bool is_ready = readiness->is_up && readiness->can_store && readiness->has_room;

    rp->status = is_ready ? 200 : err_http_status(ERR_UNAVAILABLE);
    json_put_bool(&rp->json, "ready", is_ready);
    json_put_text(&rp->json, "database", readiness->is_up ? "connected" : "disconnected");
    json_put_bool(&rp->json, "can_store", readiness->can_store);
    json_put_bool(&rp->json, "has_room", readiness->has_room);
    if (!is_ready) {
        json_put_text(&rp->json, "error", error_of(readiness));
    }
}
