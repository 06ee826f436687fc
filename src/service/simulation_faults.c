#include "service/simulation_faults.h"

#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "service/service.h"
#include "sql_core.h"
#include "trace/span.h"

enum { CPU_BYTES = 64 * 1024 };

/* --- the database --- */

static bool wait_in_statement(struct request *rq, const struct met_fault *met, struct err *err)
{
    struct sql_simulated_wait_row row;
    struct db_session *session = NULL;
    const bool ok = db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err) &&
                    sql_simulated_wait(session, met->fault.amount, &row, err) == DB_ROW;

    db_checkin(session);
    return ok;
}

struct holding {
    struct simulation *simulation;
    const struct met_fault *met;
    unsigned runs;
};

/* Whoever wants the row meanwhile waits: on a file, whoever wants to write. */
static bool hold_lock(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct holding *holding = arg;
    int64_t changed;
    struct span *span;

    if (!sql_simulated_lock_count(session, &changed, err)) {
        return false;
    }
    span = span_begin(ctx, "simulated.lock_held", SPAN_INTERNAL);
    simulation_wait(holding->simulation, ctx, holding->met->fault.amount, holding->met->until_ns);
    span_end(ctx, span);
    return true;
}

static bool lock_row(struct request *rq, const struct met_fault *met, struct err *err)
{
    struct holding holding = {service_of(rq)->simulation, met, 0};

    return db_write(&rq->ctx, service_of(rq)->main_pool, hold_lock, &holding, err);
}

/* A victim's transaction is undone; the next attempt finds nobody in its way. */
static bool be_victim(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct holding *holding = arg;
    int64_t changed;

    (void)ctx;
    if (!sql_simulated_lock_count(session, &changed, err)) {
        return false;
    }
    return holding->runs++ > 0 ||
           err_set(err, ERR_SERIALIZATION, "deadlock with a transaction that is simulated");
}

static bool meet_deadlock(struct request *rq, const struct met_fault *met, struct err *err)
{
    struct holding holding = {service_of(rq)->simulation, met, 0};

    if (db_write(&rq->ctx, service_of(rq)->main_pool, be_victim, &holding, err)) {
        return true;
    }
    if (err->code != ERR_SERIALIZATION) {
        return false;
    }
    err_clear(err); /* of writers that stand in line none is tried again */
    return db_write(&rq->ctx, service_of(rq)->main_pool, be_victim, &holding, err);
}

static bool hold_session(struct request *rq, const struct met_fault *met, struct err *err)
{
    struct db_session *session = NULL;
    struct span *span;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    span = span_begin(&rq->ctx, "simulated.session_held", SPAN_INTERNAL);
    simulation_wait(service_of(rq)->simulation, &rq->ctx, met->fault.amount, met->until_ns);
    span_end(&rq->ctx, span);
    db_checkin(session);
    return true;
}

static bool look_up_one_by_one(struct request *rq, const struct met_fault *met, struct err *err)
{
    struct sql_simulated_look_up_row row;
    struct db_session *session = NULL;
    bool ok = db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err);

    for (int64_t id = 1; ok && id <= met->fault.amount; id++) {
        ok = sql_simulated_look_up(session, id, &row, err) != DB_FAILED;
    }
    db_checkin(session);
    return ok;
}

/* --- all else --- */

static void wait_in_span(struct request *rq, const struct met_fault *met, const char *name)
{
    struct span *span = span_begin(&rq->ctx, name, SPAN_INTERNAL);

    simulation_wait(service_of(rq)->simulation, &rq->ctx, met->fault.amount, met->until_ns);
    span_end(&rq->ctx, span);
}

static void count_in_span(struct request *rq, const struct met_fault *met)
{
    struct span *span = span_begin(&rq->ctx, "simulated.cpu", SPAN_INTERNAL);
    const uint64_t until_ns = clock_after_ms((uint64_t)met->fault.amount);
    char *bytes = arena_alloc(rq->ctx.arena, CPU_BYTES);
    char digest[DIGEST_SHA256_HEX_MAX];

    memset(bytes, '.', CPU_BYTES);
    do {
        digest_sha256_hex(bytes, CPU_BYTES, digest);
    } while (!clock_has_passed(until_ns) && !clock_has_passed(rq->ctx.deadline_ns));
    span_end(&rq->ctx, span);
}

/* That it is no failure of ours may be told. */
static bool fail(const struct met_fault *met, enum err_code code, struct err *err)
{
    (void)err_set(err, code, "simulated by the scenario %s", met->scenario);
    err->is_public = true;
    return false;
}

bool fault_run(struct request *rq, const struct met_fault *met, struct err *err)
{
    simulation_count(service_of(rq)->simulation, met->fault.kind);
    switch (met->fault.kind) {
    case FAULT_SLOW_STATEMENT:
        return wait_in_statement(rq, met, err);
    case FAULT_LOCK:
        return lock_row(rq, met, err);
    case FAULT_DEADLOCK:
        return meet_deadlock(rq, met, err);
    case FAULT_POOL_HOLD:
        return hold_session(rq, met, err);
    case FAULT_N_PLUS_ONE:
        return look_up_one_by_one(rq, met, err);
    case FAULT_DISCONNECT:
        return fail(met, ERR_CONNECTION_LOST, err);
    case FAULT_ERROR:
        return fail(met, ERR_INTERNAL, err);
    case FAULT_BAD_GATEWAY:
        return fail(met, ERR_PEER, err);
    case FAULT_TIMEOUT:
        wait_in_span(rq, met, "simulated.timeout");
        return fail(met, ERR_DEADLINE, err);
    case FAULT_SLOW:
        wait_in_span(rq, met, "simulated.delay");
        return true;
    case FAULT_CPU:
        count_in_span(rq, met);
        return true;
    case FAULT_SLOW_PEER:
    case FAULT_KIND_COUNT:
        break;
    }
    return true;
}
