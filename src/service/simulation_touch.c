#include "service/simulation_touch.h"

#include <string.h>

#include "service/service.h"
#include "service/simulation_faults.h"
#include "trace/span.h"

/* Whoever arms and ends faults, signs in, or looks on has to come through. */
static bool is_exempt(const struct request *rq)
{
    static const char *const prefixes[] = {"/api/simulate", "/api/chaos", "/api/admin/chaos"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(rq->route->template, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return (rq->route->flags & (ROUTE_NOT_AUDITED | ROUTE_FOR_OPERATORS | ROUTE_SIGNS_IN)) != 0;
}

static void mark(struct request *rq, const struct met_fault *met, size_t count)
{
    struct ctx *ctx = &rq->ctx;
    const char *words = fault_word(met[0].fault.kind);

    for (size_t i = 1; i < count; i++) {
        words = arena_printf(ctx->arena, "%s %s", words, fault_word(met[i].fault.kind));
    }
    ctx->simulated = words;
    span_bool(ctx->span, "chaos.injected", true);
    span_text(ctx->span, "chaos.scenario", met[0].scenario);
    span_text(ctx->span, SPAN_SIMULATED, words);
}

bool fault_do(struct request *rq, const struct met_fault *met, struct err *err)
{
    mark(rq, met, 1);
    return fault_run(rq, met, err);
}

bool simulation_touch(struct request *rq, struct err *err)
{
    struct met_fault met[FAULTS_MOST];
    struct service *service = service_of(rq);
    size_t count;

    if (!simulation_is_on(service->simulation) || is_exempt(rq)) {
        return true;
    }
    count = simulation_meets(service, &rq->ctx, met);
    if (count == 0) {
        return true;
    }
    if (!ctx_may_wait(&rq->ctx)) {
        return ctx_leave(&rq->ctx, err, "a fault is simulated");
    }
    mark(rq, met, count);
    for (size_t i = 0; i < count; i++) {
        if (met[i].fault.kind != FAULT_SLOW_PEER && !fault_run(rq, &met[i], err)) {
            return false;
        }
    }
    return true;
}
