/*
 * service/simulation_touch.h: requests on their way to their handlers meet the faults that are
 * armed, and say so in their spans.
 */
#ifndef SERVICE_SIMULATION_TOUCH_H
#define SERVICE_SIMULATION_TOUCH_H

#include "service/simulation.h"

/* Callback of the server: does to a request what it meets. */
bool simulation_touch(struct request *rq, struct err *err);
/* A fault at once, whatever is armed: for what an operator asks for by name. */
MUST_CHECK bool fault_do(struct request *rq, const struct met_fault *met, struct err *err);

#endif
