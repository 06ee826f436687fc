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

bool ctx_leave_loop(struct ctx *ctx, struct err *err, const char *why)
{
    ctx->needs_worker = true;
    return err_set(err, ERR_POOL_TIMEOUT, "%s", why);
}
