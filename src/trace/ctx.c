#include "trace/ctx.h"

#include "core/clock.h"
#include "trace/tracer.h"

static void decide(struct ctx *ctx, struct tracer *tracer)
{
    ctx->tracer = tracer;
    if (tracer == NULL) {
        return;
    }
    if (tracer_records(tracer, &ctx->trace)) {
        ctx->trace.flags |= TRACE_FLAG_SAMPLED;
    } else {
        ctx_unsample(ctx);
    }
}

void ctx_begin_trace(struct ctx *ctx, struct tracer *tracer)
{
    w3c_new_trace(&ctx->trace);
    decide(ctx, tracer);
}

bool ctx_join_trace(struct ctx *ctx, struct tracer *tracer, const char *traceparent)
{
    if (!w3c_parse_traceparent(traceparent, &ctx->trace)) {
        return false;
    }
    decide(ctx, tracer);
    return true;
}

void ctx_unsample(struct ctx *ctx)
{
    ctx->tracer = NULL;
    ctx->trace.flags &= (uint8_t)~TRACE_FLAG_SAMPLED;
}

void ctx_init_background(struct ctx *ctx, struct arena *arena, struct tracer *tracer,
                         const char *module, const char *action, uint64_t timeout_ms)
{
    *ctx = (struct ctx){
        .arena = arena,
        .deadline_ns = clock_after_ms(timeout_ms),
        .module = module,
        .action = action,
    };
    ctx_begin_trace(ctx, tracer);
}

bool ctx_leave(struct ctx *ctx, struct err *err, const char *why)
{
    ctx->place->is_left = true;
    return err_set(err, ERR_POOL_TIMEOUT, "%s", why);
}
