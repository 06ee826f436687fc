/*
 * otlp/reporter.h: sends metrics to one address, every so often, and once more at the end. What a
 * receiver did not take is not kept: the next report says the same, for the values are those since
 * the beginning. Threads: one of its own; one opens and closes.
 */
#ifndef OTLP_REPORTER_H
#define OTLP_REPORTER_H

#include "otlp/delivery.h"

struct otlp_reporter;

struct otlp_reporter_options {
    struct otlp_delivery_options
        delivery; /* of otlp_signal_metrics; its metrics are what is sent */
    struct otlp_sender sender;
    int64_t start_ns; /* UTC, since when they count */
    uint64_t interval_ms;
};

struct otlp_reporter *otlp_reporter_open(const struct otlp_reporter_options *options);
/* In two steps, as those of an exporter (otlp/exporter.h). NULL is accepted. */
void otlp_reporter_stop(struct otlp_reporter *reporter, uint64_t deadline_ns);
void otlp_reporter_close(struct otlp_reporter *reporter);

#endif
