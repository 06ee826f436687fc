/*
 * net/breaker.h: circuit breaker: closed -> open after N failures in a row; open -> half_open after
 * the recovery time; half_open lets one probe through: success closes, failure opens again. Every
 * admitted call must report its outcome. Threads: any.
 */
#ifndef NET_BREAKER_H
#define NET_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker;

struct breaker_options {
    const char *name;
    int64_t failure_threshold;
    int64_t recovery_ms;
};

struct breaker_view {
    const char *name;
    const char *state; /* "closed", "open", "half_open" */
    int64_t failure_count;
    int64_t failure_threshold;
    int64_t recovery_timeout_s;
    int64_t last_failure_age_ms; /* -1: none yet */
};

struct breaker *breaker_new(const struct breaker_options *options);
void breaker_free(struct breaker *breaker);
bool breaker_admit(struct breaker *breaker); /* false: do not call; nothing is to be reported */
void breaker_report(struct breaker *breaker, bool succeeded);
struct breaker_view breaker_look(const struct breaker *breaker);

#endif
