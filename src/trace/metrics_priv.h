/*
 * trace/metrics_priv.h: what the process itself looks like, for metrics_visit.
 */
#ifndef TRACE_METRICS_PRIV_H
#define TRACE_METRICS_PRIV_H

#include <stdint.h>

/* Read from /proc and the clocks at the time of the call; 0 where /proc cannot be read. */
struct process_usage {
    uint64_t resident_bytes;
    double cpu_seconds;
    uint64_t open_files;
    double start_seconds; /* UTC, since 1970 */
};

struct process_usage process_usage_now(void);

#endif
