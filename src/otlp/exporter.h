/*
 * otlp/exporter.h: the sink that sends spans to one address. A record that it takes is copied into
 * a bounded queue; a thread of its own makes requests of what waits and delivers them
 * (otlp/delivery.h). A receiver that is slow, gone or refuses loses spans, which is counted; it
 * never holds up the service. Threads: any for the sink, one for opening and closing.
 */
#ifndef OTLP_EXPORTER_H
#define OTLP_EXPORTER_H

#include "otlp/delivery.h"
#include "trace/tracer.h"

struct otlp_exporter;

/* What is borrowed is borrowed for as long as it lives. */
struct otlp_exporter_options {
    struct otlp_delivery_options delivery; /* of otlp_signal_traces */
    struct otlp_sender sender;
    uint64_t queue_max;         /* spans that wait */
    uint64_t batch_max;         /* spans of one request */
    uint64_t schedule_delay_ms; /* that a span waits for others at most */
};

struct otlp_exporter *otlp_exporter_open(const struct otlp_exporter_options *options);
struct span_sink otlp_exporter_sink(struct otlp_exporter *exporter);
/* Two steps, so that several end together: from the first one on nothing more is taken, and what
 * waits is sent until that time; the second waits for that. Tracers that have the sink stay, for
 * the records refer to what they keep. NULL is accepted. */
void otlp_exporter_stop(struct otlp_exporter *exporter, uint64_t deadline_ns);
void otlp_exporter_close(struct otlp_exporter *exporter);

#endif
