#include "service/simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/log.h"
#include "http/router.h"
#include "service/service.h"
#include "trace/span.h"

enum { PER_CENT = 100 };

static const char *const WORDS[FAULT_KIND_COUNT] = {
    [FAULT_SLOW_STATEMENT] = "db.slow",
    [FAULT_LOCK] = "db.lock",
    [FAULT_DEADLOCK] = "db.deadlock",
    [FAULT_POOL_HOLD] = "db.pool_hold",
    [FAULT_N_PLUS_ONE] = "db.n_plus_one",
    [FAULT_DISCONNECT] = "db.disconnect",
    [FAULT_ERROR] = "http.500",
    [FAULT_BAD_GATEWAY] = "http.502",
    [FAULT_TIMEOUT] = "http.timeout",
    [FAULT_SLOW] = "http.slow",
    [FAULT_CPU] = "cpu.spike",
    [FAULT_SLOW_PEER] = "peer.slow",
};

/* What a gauge is read by. */
struct gauge {
    struct simulation *simulation;
    enum fault_kind kind;
};

struct simulation {
    struct service *service;
    atomic_bool is_on; /* anything may be armed */
    struct mutex lock; /* guards what follows */
    struct cond changed;
    uint64_t changes;
    struct scenario armed[SCENARIOS_MOST];
    size_t count;
    struct gauge gauges[FAULT_KIND_COUNT];
    struct counter *touched[FAULT_KIND_COUNT];
};

const char *fault_word(enum fault_kind kind)
{
    return WORDS[kind];
}

/* --- what is armed --- */

static void remove_at(struct simulation *simulation, size_t at) REQUIRES(simulation->lock)
{
    log_line(LOG_WARNING, NULL, "simulation ended", "scenario=%s", simulation->armed[at].id);
    simulation->count--;
    memmove(&simulation->armed[at], &simulation->armed[at + 1],
            (simulation->count - at) * sizeof(simulation->armed[0]));
}

static void forget_ended(struct simulation *simulation) REQUIRES(simulation->lock)
{
    for (size_t i = simulation->count; i > 0; i--) {
        if (clock_has_passed(simulation->armed[i - 1].until_ns)) {
            remove_at(simulation, i - 1);
        }
    }
    atomic_store_explicit(&simulation->is_on, simulation->count > 0, memory_order_relaxed);
}

static struct scenario *find(struct simulation *simulation, const char *id)
    REQUIRES(simulation->lock)
{
    for (size_t i = 0; i < simulation->count; i++) {
        if (strcmp(simulation->armed[i].id, id) == 0) {
            return &simulation->armed[i];
        }
    }
    return NULL;
}

static void wake_all(struct simulation *simulation) REQUIRES(simulation->lock)
{
    simulation->changes++;
    cond_broadcast(&simulation->changed);
}

bool simulation_arm(struct simulation *simulation, const struct scenario *scenario, struct err *err)
{
    struct scenario *place;

    mutex_lock(&simulation->lock);
    forget_ended(simulation);
    place = find(simulation, scenario->id);
    if (place == NULL && simulation->count < SCENARIOS_MOST) {
        place = &simulation->armed[simulation->count++];
    }
    if (place != NULL) {
        *place = *scenario;
        atomic_store_explicit(&simulation->is_on, true, memory_order_relaxed);
        wake_all(simulation);
    }
    mutex_unlock(&simulation->lock);
    if (place == NULL) {
        return err_set(err, ERR_CONFLICT, "%d scenarios are armed: clear one first",
                       SCENARIOS_MOST);
    }
    log_line(LOG_WARNING, scenario->trace_id, "simulation armed", "scenario=%s seconds=%lld",
             scenario->id,
             (long long)((scenario->expires_us - scenario->applied_us) / CLOCK_US_PER_S));
    return true;
}

void simulation_clear(struct simulation *simulation, const char *id)
{
    mutex_lock(&simulation->lock);
    for (size_t i = simulation->count; i > 0; i--) {
        if (id == NULL || strcmp(simulation->armed[i - 1].id, id) == 0) {
            remove_at(simulation, i - 1);
        }
    }
    forget_ended(simulation);
    wake_all(simulation);
    mutex_unlock(&simulation->lock);
}

bool simulation_is_on(const struct simulation *simulation)
{
    return atomic_load_explicit(&simulation->is_on, memory_order_relaxed);
}

size_t simulation_look(struct simulation *simulation, struct scenario *out, size_t most)
{
    size_t count;

    if (!simulation_is_on(simulation)) {
        return 0;
    }
    mutex_lock(&simulation->lock);
    forget_ended(simulation);
    count = simulation->count < most ? simulation->count : most;
    memcpy(out, simulation->armed, count * sizeof(*out));
    mutex_unlock(&simulation->lock);
    return count;
}

/* How many faults of that kind are on. */
static size_t count_of(struct simulation *simulation, enum fault_kind kind)
{
    struct scenario armed[SCENARIOS_MOST];
    const size_t scenarios = simulation_look(simulation, armed, SCENARIOS_MOST);
    size_t count = 0;

    for (size_t i = 0; i < scenarios; i++) {
        for (size_t j = 0; j < armed[i].count; j++) {
            count += armed[i].faults[j].kind == kind;
        }
    }
    return count;
}

const char *simulation_words(struct simulation *simulation, struct arena *arena)
{
    const char *words = NULL;

    for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        if (count_of(simulation, kind) > 0) {
            words = words == NULL ? WORDS[kind] : arena_printf(arena, "%s %s", words, WORDS[kind]);
        }
    }
    return words;
}

bool simulation_allowed(const struct request *rq, struct err *err)
{
    return service_of(rq)->settings->simulation ||
           err_set(err, ERR_FORBIDDEN,
                   "no faults are simulated here: the service was started without CHAOS_ENABLED");
}

void scenario_begin(struct scenario *scenario, const char *id, const struct request *rq,
                    int64_t seconds)
{
    const char *name = rq->ctx.caller.username != NULL ? rq->ctx.caller.username : "";
    const int64_t most = service_of(rq)->settings->simulation_most_s;
    const int64_t life_s = seconds < most ? seconds : most;
    char digest[DIGEST_SHA256_HEX_MAX];

    digest_sha256_hex(name, strlen(name), digest);
    *scenario = (struct scenario){
        .applied_us = clock_utc_us(),
        .expires_us = clock_utc_us() + life_s * CLOCK_US_PER_S,
        .until_ns = clock_after_ms((uint64_t)life_s * 1000),
    };
    (void)snprintf(scenario->id, sizeof(scenario->id), "%s", id);
    (void)snprintf(scenario->by, sizeof(scenario->by), "%.16s", digest);
    (void)snprintf(scenario->trace_id, sizeof(scenario->trace_id), "%s", rq->ctx.trace.trace_id);
}

/* --- whom it meets --- */

/* The template of a request's route, "" for background work: an action is method and template. */
static const char *template_of(const struct ctx *ctx)
{
    const char *slash = ctx->action != NULL ? strstr(ctx->action, " /") : NULL;

    return slash != NULL ? slash + 1 : "";
}

static bool is_in_scope(const struct fault *fault, const char *template, const char *workflow,
                        const struct ctx *ctx)
{
    return (int64_t)(ctx->trace.trace_low % PER_CENT) < fault->share &&
           strncmp(template, fault->path, strlen(fault->path)) == 0 &&
           (fault->workflow[0] == '\0' || strcmp(fault->workflow, workflow) == 0);
}

size_t simulation_meets(const struct service *service, const struct ctx *ctx,
                        struct met_fault out[FAULTS_MOST])
{
    struct scenario armed[SCENARIOS_MOST];
    const size_t scenarios = simulation_look(service->simulation, armed, SCENARIOS_MOST);
    const char *template = template_of(ctx);
    const char *workflow =
        workflow_id_of(service->traits->workflows, service->traits->workflow_count, template);
    size_t count = 0;

    for (size_t i = 0; i < scenarios; i++) {
        for (size_t j = 0; j < armed[i].count && count < FAULTS_MOST; j++) {
            if (is_in_scope(&armed[i].faults[j], template, workflow, ctx)) {
                out[count] = (struct met_fault){armed[i].faults[j], "", armed[i].until_ns};
                memcpy(out[count++].scenario, armed[i].id, sizeof(armed[i].id));
            }
        }
    }
    return count;
}

void simulation_wait(struct simulation *simulation, const struct ctx *ctx, int64_t milliseconds,
                     uint64_t until_ns)
{
    uint64_t end_ns = clock_after_ms((uint64_t)milliseconds);
    uint64_t changes;

    end_ns = end_ns < ctx->deadline_ns ? end_ns : ctx->deadline_ns;
    end_ns = end_ns < until_ns ? end_ns : until_ns;
    mutex_lock(&simulation->lock);
    changes = simulation->changes;
    while (simulation->changes == changes &&
           cond_wait_until(&simulation->changed, &simulation->lock, end_ns)) {
    }
    mutex_unlock(&simulation->lock);
}

void simulation_count(struct simulation *simulation, enum fault_kind kind)
{
    counter_add(simulation->touched[kind], 1);
}

void simulation_before_call(struct ctx *ctx, void *arg)
{
    struct service *service = arg;
    struct met_fault met[FAULTS_MOST];
    const size_t count = simulation_meets(service, ctx, met);

    for (size_t i = 0; i < count; i++) {
        if (met[i].fault.kind == FAULT_SLOW_PEER) {
            span_text(ctx->span, SPAN_SIMULATED, fault_word(FAULT_SLOW_PEER));
            span_event(ctx->span, "chaos.peer_delay", NULL, 0);
            simulation_count(service->simulation, FAULT_SLOW_PEER);
            simulation_wait(service->simulation, ctx, met[i].fault.amount, met[i].until_ns);
        }
    }
}

/* --- its life --- */

static double read_gauge(void *arg)
{
    const struct gauge *gauge = arg;

    return (double)count_of(gauge->simulation, gauge->kind);
}

static void make_metrics(struct simulation *simulation)
{
    struct metrics *metrics = simulation->service->metrics;

    for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        const struct attribute fault = attribute_text("fault", WORDS[kind]);
        const struct metric armed = {
            .name = "simulation.armed",
            .unit = "{fault}",
            .help = "Simulated faults that are on",
            .attributes = &fault,
            .attribute_count = 1,
        };
        const struct metric touched = {
            .name = "simulation.touched",
            .unit = "{unit}",
            .help = "Requests and calls that a simulated fault was done to",
            .attributes = &fault,
            .attribute_count = 1,
        };

        simulation->gauges[kind] = (struct gauge){simulation, kind};
        metrics_gauge(metrics, &armed, read_gauge, &simulation->gauges[kind]);
        simulation->touched[kind] = metrics_counter(metrics, &touched);
    }
}

struct simulation *simulation_new(struct service *service)
{
    struct simulation *simulation = mem_alloc(sizeof(*simulation));

    *simulation = (struct simulation){.service = service};
    mutex_init(&simulation->lock);
    cond_init(&simulation->changed);
    make_metrics(simulation);
    return simulation;
}

void simulation_free(struct simulation *simulation)
{
    if (simulation == NULL) {
        return;
    }
    for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        metrics_forget(simulation->service->metrics, &simulation->gauges[kind]);
    }
    cond_fini(&simulation->changed);
    mutex_fini(&simulation->lock);
    free(simulation);
}
