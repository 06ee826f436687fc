/*
 * store/arrivals.h: the spans of one request of OTLP, read and ready to be stored: numbers, and
 * terms for what is said in words. A span whose ids are none is left out and counted; the others
 * are kept.
 * Memory: the arena that it was made with. Threads: one, but for the habits.
 */
#ifndef STORE_ARRIVALS_H
#define STORE_ARRIVALS_H

#include "core/err.h"
#include "store/envelope.h"
#include "store/habits.h"

enum {
    ARRIVALS_MOST = 100000, /* spans of one request; more are left out */
    ARRIVALS_WHY_MAX = 160,
    WAITS_MOST = 3, /* of one span */
};

/* As the column `entry` of a file says (sql/store/schema). */
enum span_entry { ENTRY_NONE, ENTRY_ROOT, ENTRY_FROM_ELSEWHERE };

/* opentelemetry.proto.trace.v1.Status.StatusCode */
enum { SPAN_STATUS_ERROR = 2 };

/* What a unit of work waited for. */
struct arrival_wait {
    uint32_t word; /* a term */
    int64_t start_ns;
    int64_t duration_ns;
};

struct arrival {
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t id;
    uint64_t parent_id; /* 0: none */
    int64_t start_ns;
    int64_t duration_ns; /* below 0: its end lies before its start */
    int64_t http_status; /* 0: none */
    int64_t kind;
    int64_t status;
    enum span_entry entry;
    uint32_t service; /* terms; statement may be 0: none */
    uint32_t name;
    uint32_t source;
    uint32_t pack;
    uint32_t statement;
    uint32_t module; /* terms; 0: it says none */
    uint32_t action;
    int64_t rows; /* returned or changed; below 0: it does not say */
    struct arrival_wait waits[WAITS_MOST];
    unsigned wait_count;
    const char *own;  /* NULL: none */
    const char *more; /* NULL: none */
};

struct arrivals {
    struct arena *arena;
    struct vocabulary vocabulary;
    struct arrival *spans;
    size_t count;
    size_t capacity;
    size_t rejected;            /* spans that were left out */
    size_t dropped_attributes;  /* of those that were not */
    char why[ARRIVALS_WHY_MAX]; /* the first was left out, or attributes were; "" neither */
};

/* Reads an ExportTraceServiceRequest. ERR_MALFORMED says where it is broken. */
MUST_CHECK bool arrivals_read(struct arena *arena, struct habits *habits,
                              enum envelope_encoding encoding, const char *bytes, size_t length,
                              struct arrivals *ret, struct err *err);

#endif
