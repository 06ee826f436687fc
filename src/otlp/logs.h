/*
 * otlp/logs.h: lines of the log as OTLP has them: the event is the body, each pair an attribute.
 */
#ifndef OTLP_LOGS_H
#define OTLP_LOGS_H

#include "core/log.h"
#include "otlp/batch.h"

struct otlp_exporter;

/* For log_tee, with an exporter that adds log records. */
void otlp_take_log(void *exporter, const struct log_entry *entry);
/* What the former put. */
void otlp_add_log(struct otlp_batch *batch, const void *record);

#endif
