/*
 * service/simulation_routes.h: what the routes of both services have in common by which operators
 * have faults: scenarios that are known by name, single switches, and two requests that are slow on
 * purpose.
 */
#ifndef SERVICE_SIMULATION_ROUTES_H
#define SERVICE_SIMULATION_ROUTES_H

#include "http/json_in.h"
#include "http/server.h"
#include "service/simulation.h"

enum { SWITCHES_S = 300 /* unless the request says how long */, SWITCHES_S_MOST = 86400 };

/* --- scenarios --- */

extern const struct json_shape SIMULATION_APPLY;
extern const struct reply_shape SIMULATION_PRESETS_REPLY;
extern const struct reply_shape SIMULATION_STATE_REPLY;
extern const struct reply_shape SIMULATION_CLEARED_REPLY;

http_handler simulation_presets;
http_handler simulation_state;
http_handler simulation_apply; /* of the scenarios of this service */
http_handler simulation_clear_all;

/* What a body asks for. ERR_NOT_FOUND: there is no such scenario; ERR_INVALID: it is nobody's. */
struct simulation_plan {
    struct scenario scenario; /* its faults are this service's */
    bool is_own;              /* this service is a target of it */
    bool is_peers;            /* its peer is */
};
MUST_CHECK bool simulation_plan(const struct request *rq, struct simulation_plan *ret,
                                struct err *err);
/* Arms it, and answers with what is on. */
MUST_CHECK bool simulation_carry_out(struct request *rq, struct reply *rp,
                                     const struct simulation_plan *plan, struct err *err);
/* The example of a body that works in both services. */
#define SIMULATION_EXAMPLE                                                                         \
    "{\"scenario_id\":\"slow-peer\",\"workflow\":\"admin-analytics\",\"ttl_seconds\":10}"

/* --- switches: faults of any request, each of which is on or off --- */

/* Sets those: of share 0 it is off. All switches that are on end so many seconds from now. */
MUST_CHECK bool simulation_switch(struct request *rq, const struct fault *faults, size_t count,
                                  int64_t seconds, struct err *err);
/* As it is now; of share 0 where it is off. */
struct fault simulation_switched(struct simulation *simulation, enum fault_kind kind);
void simulation_switch_off(struct request *rq);
/* When they end, as a member that is null while all are off. */
void simulation_put_end(struct simulation *simulation, struct json_out *out, const char *key);

/* A share or a time with two decimals, as JSON_MONEY reads them: hundredths. */
#define JSON_HUNDREDTHS(struct_, field_, name_, most_)                                             \
    {                                                                                              \
        .name = (name_), .kind = JSON_KIND_MONEY, .presence = JSON_OPTIONAL,                       \
        .offset = offsetof(struct_, field_), .flag_offset = offsetof(struct_, has_##field_),       \
        .has_flag = true, .most = (most_)                                                          \
    }

/* --- two that are slow on purpose --- */

extern const struct param_shape SIMULATION_DELAY;
extern const struct reply_shape SIMULATION_SLOW_REPLY;
extern const struct reply_shape SIMULATION_N_PLUS_ONE_REPLY;

http_handler simulation_slow_query;
http_handler simulation_n_plus_one;

#define SIMULATION_DASHBOARD_ROUTES(access_)                                                       \
    {GET,                                                                                          \
     "/api/dashboard/slow-query",                                                                  \
     simulation_slow_query,                                                                        \
     access_,                                                                                      \
     .params = &SIMULATION_DELAY,                                                                  \
     .reply = &SIMULATION_SLOW_REPLY,                                                              \
     .outcomes = GIVES_403,                                                                        \
     .summary = "A statement that is slow on purpose, where faults may be simulated"},             \
    {                                                                                              \
        GET, "/api/dashboard/n-plus-one", simulation_n_plus_one, access_,                          \
            .reply = &SIMULATION_N_PLUS_ONE_REPLY, .outcomes = GIVES_403,                          \
            .summary = "The lines of each order by a statement of its own, where one would do"     \
    }

#endif
