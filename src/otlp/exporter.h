/*
 * otlp/exporter.h: sends what is told one by one, as spans and log records, to one address. It is
 * copied into a bounded queue; a thread of its own makes requests of what waits and delivers them
 * (otlp/delivery.h). A receiver that is slow, gone or refuses loses some, which is counted; it
 * never holds up the service. Threads: any for putting, one for opening and closing.
 */
#ifndef OTLP_EXPORTER_H
#define OTLP_EXPORTER_H

#include "otlp/delivery.h"
#include "trace/tracer.h"

struct otlp_exporter;

/* What is borrowed is borrowed for as long as it lives. */
struct otlp_exporter_options {
    struct otlp_delivery_options delivery;
    struct otlp_sender sender;
    /* Writes one of what was put into the request; otlp_add_span and the like. */
    void (*add)(struct otlp_batch *batch, const void *record);
    uint64_t queue_max;         /* that wait */
    uint64_t batch_max;         /* of one request */
    uint64_t schedule_delay_ms; /* that one waits for others at most */
};

struct otlp_exporter *otlp_exporter_open(const struct otlp_exporter_options *options);
void otlp_exporter_put(struct otlp_exporter *exporter, const void *record, uint32_t size);
/* For one that adds spans. */
struct span_sink otlp_exporter_sink(struct otlp_exporter *exporter);
/* Two steps, so that several end together: from the first one on nothing more is taken, and what
 * waits is sent until that time; the second waits for that. Tracers that have the sink stay, for
 * the records refer to what they keep. NULL is accepted. */
void otlp_exporter_stop(struct otlp_exporter *exporter, uint64_t deadline_ns);
void otlp_exporter_close(struct otlp_exporter *exporter);

#endif
