/*
 * core/log.h: one line per event on standard error: ts=... level=... service=... trace=...
 * event=... followed by key=value pairs (values quoted where needed). No secrets, no bind values.
 * Repeats of one warning or error within ten seconds are folded into one line with a count.
 * Threads: any.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdint.h>

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

/* What a line says; borrowed until the call returns. */
struct log_entry {
    enum log_level level;
    int64_t utc_us;
    const char *trace_id; /* NULL: it is of no trace */
    const char *event;
    const char *pairs; /* as in the line; "" where there are none */
    uint64_t repeats;  /* of a line that was there before; 0: it is one of its own */
};

/* From now on each line is also given to take, which returns at once and logs nothing. NULL ends
 * it; then no call is under way any more. One at a time. */
void log_tee(void (*take)(void *arg, const struct log_entry *entry), void *arg);
/* The pairs of an entry, one after the other: true, with *at behind it, while there is one. A value
 * that was quoted is written plain into `value`, cut where there is no room. */
bool log_next_pair(const char **at, char *key, size_t key_size, char *value, size_t value_size);

#endif
