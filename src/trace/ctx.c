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
