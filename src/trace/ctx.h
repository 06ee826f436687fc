/*
 * trace/ctx.h: the context of one unit of work: a request, a sync run, a background job. It is the
 * first parameter wherever work is done and carries what every layer needs: memory, deadline,
 * trace, caller and the tags of the database session.
 * Threads: one at a time; the database layer may run the unit's write on another thread while the
 * owner waits for it.
 */
#ifndef TRACE_CTX_H
#define TRACE_CTX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "trace/w3c.h"

struct span;
struct span_hold;
struct tracer;

/* Zero (no role) is an anonymous caller. */
struct caller {
    unsigned role;   /* one bit, which the services name (service/roles.h) */
    int64_t user_id; /* 0 for the internal service */
    const char *username;
    const char *email;
    const char *auth_method; /* "password", "key" */
    int64_t expires_us;      /* end of the session, 0 where there is none */
};

/* A thread that units share, so that none may hold it up. Belongs to whoever runs them there. */
struct ctx_place {
    void *together; /* what they wait in, all at once, for the layer below that knows it; NULL: they
                       do not wait at all */
    bool is_left;   /* by this unit, see ctx_leave */
};

struct ctx {
    struct arena *arena;
    uint64_t deadline_ns;
    struct tracer *tracer;      /* NULL: spans are off, or the trace is not recorded */
    struct span *span;          /* the innermost open span, NULL without a tracer */
    struct span_hold *hold;     /* of spans that may not count (trace/span.h); NULL: none */
    struct trace_context trace; /* trace id, id of the innermost span, flags, tracestate */
    const char *simulated; /* faults that are simulated for this unit, "db.slow": its spans say so.
                              NULL: none. Lives as long as the unit */
    struct caller caller;
    const char *module; /* MODULE: the service's name; outlives the unit */
    const char
        *action; /* ACTION: "POST /api/shop/checkout" or "BG order-sync"; outlives the unit */
    const char *client_ip;
    const char *user_agent;
    const char *request_id;
    const char *correlation_id;
    unsigned sql_statements; /* statements run and round trips made for this unit so far */
    unsigned sql_round_trips;
    struct ctx_place *place; /* NULL: a thread of its own, where it may wait */
};

/* A unit of background work: own trace, own arena (given), deadline from now. */
void ctx_init_background(struct ctx *ctx, struct arena *arena, struct tracer *tracer,
                         const char *module, const char *action, uint64_t timeout_ms);

/* Begins a trace, or goes on with one that came from elsewhere: the tracer's sampler decides
 * whether it is recorded, for those too that are called from here. Without a tracer nothing is
 * decided; what a caller wants goes on. Joining is false, and changes nothing, when the header is
 * not valid. */
void ctx_begin_trace(struct ctx *ctx, struct tracer *tracer);
bool ctx_join_trace(struct ctx *ctx, struct tracer *tracer, const char *traceparent);
/* The work is recorded nowhere, here and by those it calls; its trace id is a tag all the same. */
void ctx_unsample(struct ctx *ctx);

/* For a unit that would have to wait where it must not: fails with ERR_POOL_TIMEOUT. Whatever is
 * made of that, the unit is run again from its start, on a thread of its own. Always false. */
bool ctx_leave(struct ctx *ctx, struct err *err, const char *why);

static inline bool ctx_may_wait(const struct ctx *ctx)
{
    return ctx->place == NULL;
}

/* Its failure is then none: nobody is told of it. */
static inline bool ctx_has_left(const struct ctx *ctx)
{
    return ctx->place != NULL && ctx->place->is_left;
}

#define CTX_HAS_ROLE(ctx, roles) (((ctx)->caller.role & (unsigned)(roles)) != 0)

#endif
