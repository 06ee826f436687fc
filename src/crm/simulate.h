/*
 * crm/simulate.h: what the routes of simulated faults have in common: who may use them, and what
 * they answer.
 */
#ifndef CRM_SIMULATE_H
#define CRM_SIMULATE_H

#include "crm/crm_priv.h"

#define CRM_SIMULATORS ((unsigned)(ROLE_ADMIN | ROLE_CHAOS_OPERATOR))

extern const struct reply_shape CRM_SIMULATED_REPLY;
/* Begins an answer of that shape; the caller puts its further members and ends it. */
struct json_out *crm_begin_simulated(struct reply *rp, const char *status, const char *type);

#endif
