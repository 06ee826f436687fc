/*
 * service/simulation.h: faults that an operator has on purpose, so that it can be seen what they
 * look like: in which requests, of what share of them, and until when. They are off unless the
 * settings let them be armed (CHAOS_ENABLED), are in the memory of this process alone, and end by
 * themselves. None touches a row of the business: what locks, locks a table of its own, and what
 * fails, fails before the handler has begun. Requests that are touched say so in each of their
 * spans, and what is on stands in /health and in the metrics
 * (docs/decisions/0076-simulated-faults.md). Threads: any. While nothing is armed a request costs
 * one relaxed load.
 */
#ifndef SERVICE_SIMULATION_H
#define SERVICE_SIMULATION_H

#include <stdatomic.h>

#include "core/thread.h"
#include "http/request.h"
#include "trace/metrics.h"

struct service;

enum fault_kind {
    FAULT_SLOW_STATEMENT, /* a statement takes `amount` milliseconds */
    FAULT_LOCK,           /* a row is locked for `amount` milliseconds: who else wants it waits */
    FAULT_DEADLOCK,       /* a unit of work is the victim of a deadlock, once */
    FAULT_POOL_HOLD,      /* a session is held for `amount` milliseconds, for nothing */
    FAULT_N_PLUS_ONE,     /* `amount` look-ups where one would do */
    FAULT_DISCONNECT,     /* the session is lost */
    FAULT_ERROR,          /* 500 */
    FAULT_BAD_GATEWAY,    /* 502 */
    FAULT_TIMEOUT,        /* 503 after `amount` milliseconds, as of a deadline */
    FAULT_SLOW,           /* `amount` milliseconds before the handler */
    FAULT_CPU,            /* the same, counting */
    FAULT_SLOW_PEER,      /* the same before each call of the peer */
    FAULT_KIND_COUNT
};

enum {
    FAULTS_MOST = 6,    /* of one scenario */
    SCENARIOS_MOST = 8, /* at a time */
    SCENARIO_ID_SIZE = 65,
    SCENARIO_SCOPE_SIZE = 65,
    SCENARIO_BY_SIZE = 17,
    FAULT_AMOUNT_MOST = 30000,
    FAULT_LOOK_UPS_MOST = 200,
};

struct fault {
    enum fault_kind kind;
    char workflow[SCENARIO_SCOPE_SIZE]; /* X-Workflow-Id of the requests; "": of any */
    char path[SCENARIO_SCOPE_SIZE];     /* that their template begins with; "": any */
    int64_t share;                      /* per cent of them: of their trace ids */
    int64_t amount;                     /* milliseconds, or look-ups */
};

struct scenario {
    char id[SCENARIO_ID_SIZE];
    char by[SCENARIO_BY_SIZE];     /* who armed it: 16 digits of the digest of his name */
    char target[SCENARIO_BY_SIZE]; /* "shop", "crm", "both": faults of others are not here */
    char trace_id[TRACE_ID_HEX + 1];
    int64_t applied_us;
    int64_t expires_us;
    uint64_t until_ns; /* the same end, by the monotonic clock */
    struct fault faults[FAULTS_MOST];
    size_t count;
};

struct simulation;

struct simulation *simulation_new(struct service *service);
void simulation_free(struct simulation *simulation); /* NULL is accepted */

const char *fault_word(enum fault_kind kind); /* "db.slow": a literal */

/* ERR_FORBIDDEN unless the settings let faults be simulated. */
MUST_CHECK bool simulation_allowed(const struct request *rq, struct err *err);
/* Who arms it, in which trace, from now on for so many seconds. */
void scenario_begin(struct scenario *scenario, const char *id, const struct request *rq,
                    int64_t seconds);
/* Takes the place of one of the same id. ERR_CONFLICT: too many are armed. */
MUST_CHECK bool simulation_arm(struct simulation *simulation, const struct scenario *scenario,
                               struct err *err);
/* Ends that one, or all (NULL), now: who waits in one goes on. */
void simulation_clear(struct simulation *simulation, const char *id);
/* May anything be? */
bool simulation_is_on(const struct simulation *simulation);
/* What is armed now, in the order of arming; returns how many were written, at most `most`. */
size_t simulation_look(struct simulation *simulation, struct scenario *out, size_t most);
/* Words of the faults that are on, separated by blanks; from the arena. NULL: none is. */
const char *simulation_words(struct simulation *simulation, struct arena *arena);

/* A fault that a unit of work meets. */
struct met_fault {
    struct fault fault;
    char scenario[SCENARIO_ID_SIZE];
    uint64_t until_ns;
};

/* Those that this unit meets, by its action and its trace; at most FAULTS_MOST. */
size_t simulation_meets(const struct service *service, const struct ctx *ctx,
                        struct met_fault out[FAULTS_MOST]);
/* Waits for so long: until the unit's deadline at most, the fault's end, or until somebody changes
 * what is armed. */
void simulation_wait(struct simulation *simulation, const struct ctx *ctx, int64_t milliseconds,
                     uint64_t until_ns);
void simulation_count(struct simulation *simulation, enum fault_kind kind); /* for the metrics */

/* Callback of the client of the peer; arg is the service. */
void simulation_before_call(struct ctx *ctx, void *arg);

#endif
