#include "trace/ctx.h"

#include "core/clock.h"

void ctx_init_background(struct ctx *ctx, struct arena *arena, struct tracer *tracer,
                         const char *module, const char *action, uint64_t timeout_ms)
{
    *ctx = (struct ctx){
        .arena = arena,
        .deadline_ns = clock_after_ms(timeout_ms),
        .tracer = tracer,
        .module = module,
        .action = action,
    };
    w3c_new_trace(&ctx->trace);
}

bool ctx_join_trace(struct ctx *ctx, const char *traceparent)
{
    if (!w3c_parse_traceparent(traceparent, &ctx->trace)) {
        return false;
    }
    if ((ctx->trace.flags & TRACE_FLAG_SAMPLED) == 0) {
        ctx->tracer = NULL;
    }
    return true;
}

void ctx_unsample(struct ctx *ctx)
{
    ctx->tracer = NULL;
    ctx->trace.flags &= (uint8_t)~TRACE_FLAG_SAMPLED;
}

bool ctx_leave(struct ctx *ctx, struct err *err, const char *why)
{
    ctx->place->is_left = true;
    return err_set(err, ERR_POOL_TIMEOUT, "%s", why);
}
