/*
 * otlp/delivery.h: requests of one signal on their way to one address. One is sent, sent again
 * while that may help, and given up when its time is over; what becomes of it is counted under the
 * names that OpenTelemetry has for it ("Semantic conventions for OpenTelemetry SDK metrics").
 * Threads: one delivers; any may stop it.
 */
#ifndef OTLP_DELIVERY_H
#define OTLP_DELIVERY_H

#include "otlp/batch.h"
#include "otlp/config.h"
#include "otlp/schema.h"
#include "trace/metrics.h"

struct otlp_delivery;

/* What is told, for metrics and log lines. Literals. */
struct otlp_signal {
    const char *what;     /* "spans" */
    const char *unit;     /* "{span}" */
    const char *exported; /* metrics' names */
    const char *inflight;
    const char *queue_size; /* of what is told one by one; NULL for metrics */
    const char *queue_capacity;
    const char *processed;
    const struct otlp_message *request;
    const struct otlp_message *answer;
};

extern const struct otlp_signal otlp_signal_traces;
extern const struct otlp_signal otlp_signal_metrics;
extern const struct otlp_signal otlp_signal_logs;

struct otlp_delivery_options {
    const struct otlp_signal *signal;
    const struct otlp_destination *destination; /* borrowed for as long as it lives */
    struct metrics *metrics;
    const char *user_agent;
    int64_t batch_ms; /* after which no further try of a request begins */
    int64_t pause_ms; /* before the second try; longer before each further one */
};

/* Metrics that it makes are read while it lives. */
struct otlp_delivery *otlp_delivery_new(const struct otlp_delivery_options *options);
void otlp_delivery_free(struct otlp_delivery *delivery); /* NULL is accepted */
/* Takes as long as it takes. The batch has ended; it may be changed. False: not all was taken,
 * which is counted and logged. */
bool otlp_deliver(struct otlp_delivery *delivery, struct otlp_batch *batch);
/* No try begins after this time, and each request has one from now on: that under way a last one.
 */
void otlp_delivery_stop(struct otlp_delivery *delivery, uint64_t deadline_ns);
/* Those that were never sent, as others that were given up. */
void otlp_delivery_give_up(struct otlp_delivery *delivery, uint64_t lost);

/* Asks a receiver by a request that holds nothing, which OTLP allows. True: there is an answer, of
 * this status. ERR_PEER otherwise. */
MUST_CHECK bool otlp_probe(const struct otlp_destination *destination, const char *user_agent,
                           int *ret_status, struct err *err);

/* Attributes of its metrics, which belong to those of its queue too. */
enum { OTLP_DELIVERY_ATTRIBUTES = 2 };
const struct attribute *otlp_delivery_address(const struct otlp_delivery *delivery);

#endif
