/*
 * trace/w3c.h: W3C Trace Context (https://www.w3.org/TR/trace-context/): parsing and writing of
 * traceparent and tracestate, and new identifiers.
 */
#ifndef TRACE_W3C_H
#define TRACE_W3C_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TRACE_ID_HEX = 32,
    SPAN_ID_HEX = 16,
    TRACEPARENT_MAX = 56, /* "00-" 32 "-" 16 "-" 2 and the NUL */
    TRACESTATE_MAX = 513, /* 512 characters must be passed on (section 3.3.1.5) */
    TRACE_FLAG_SAMPLED = 1,
    TRACE_FLAG_RANDOM =
        2, /* the trace id's last seven bytes are random (level 2, section 3.2.2.5.2) */
    TRACE_FLAGS_KNOWN = TRACE_FLAG_SAMPLED | TRACE_FLAG_RANDOM,
};

/* Both ids as numbers and as they are written. */
struct trace_context {
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t span;
    char trace_id[TRACE_ID_HEX + 1]; /* lower-case hexadecimal, never all zero */
    char span_id[SPAN_ID_HEX + 1]; /* of the innermost span; of the caller's right after parsing */
    uint8_t flags;
    bool is_remote; /* span_id is the caller's; otherwise the first span of the unit takes it */
    char tracestate[TRACESTATE_MAX]; /* "" where there is none */
};

/* False when the header is not valid for version 00 or a later version's known prefix (section
 * 3.2.2); *ret is then untouched and a new trace must be started. Of the flags those that
 * are known are kept and passed on, as level 2 of the recommendation asks. */
bool w3c_parse_traceparent(const char *header, struct trace_context *ret);
/* 32 lower-case hexadecimal digits, not all zero. */
bool w3c_is_trace_id(const char *text);
/* Keeps the members of a list, in their order, without blanks and empty ones. Drops a list with
 * anything that is no member, more than 32 of them or one key twice (section 3.3.1); of one that is
 * too long the members that fit are kept. NULL is an empty one. */
void w3c_set_tracestate(struct trace_context *trace, const char *header);
void w3c_new_trace(struct trace_context *trace); /* new ids, sampled and random */
uint64_t w3c_new_id(void);                       /* random, not zero */
void w3c_set_span(struct trace_context *trace, uint64_t id);
void w3c_format_id(uint64_t id, char out[SPAN_ID_HEX + 1]);
void w3c_format_traceparent(const struct trace_context *trace, char out[TRACEPARENT_MAX]);

#endif
