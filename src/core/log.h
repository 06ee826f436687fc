/*
 * core/log.h: one line per event on standard error: ts=... level=... service=... trace=...
 * event=... followed by key=value pairs (values quoted where needed). No secrets, no bind values.
 * Repeats of one warning or error within ten seconds are folded into one line with a count.
 * Threads: any.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_setup(const char *service, enum log_level least); /* before threads; service is borrowed */
bool log_level_parse(const char *text, enum log_level *ret);
/* event is a short fixed word group ("pool checkout timed out"); trace_id may be NULL. The format
 * gives the pairs: "route=%s ms=%d". Values printed with %s that may hold blanks or quotes go
 * through log_quote. */
void log_line(enum log_level level, const char *trace_id, const char *event, const char *format,
              ...) PRINTF_LIKE(4, 5);
void log_err(enum log_level level, const char *trace_id, const char *event, const struct err *err);
/* Writes `text` into `out` (always terminated), quoted and escaped when it has to be. */
const char *log_quote(const char *text, char *out, size_t out_size);
void log_flush_folded(void); /* at exit */

#endif
