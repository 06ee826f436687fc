/*
 * service/simulation_faults.h: what simulated faults do, each in a span of its own, so that a trace
 * shows where the time went.
 */
#ifndef SERVICE_SIMULATION_FAULTS_H
#define SERVICE_SIMULATION_FAULTS_H

#include "service/simulation.h"

/* False with *err for what the fault is, or for what went wrong. */
MUST_CHECK bool fault_run(struct request *rq, const struct met_fault *met, struct err *err);

#endif
