/*
 * store/log_arrivals.h: the log records of one request of OTLP, read and ready to be stored, as
 * store/arrivals.h does it for spans. A record whose ids are none is left out and counted; the
 * others are kept.
 * Memory: the arena that it was made with. Threads: one, but for the habits.
 */
#ifndef STORE_LOG_ARRIVALS_H
#define STORE_LOG_ARRIVALS_H

#include "store/envelope.h"
#include "store/habits.h"

enum {
    LOG_ARRIVALS_MOST = 100000, /* records of one request; more are left out */
    LOG_ARRIVALS_WHY_MAX = 160,
};

struct log_arrival {
    int64_t time_ns;     /* when it happened, else when it was seen, else when it came in */
    uint64_t digest;     /* of all that it says but its time */
    uint64_t trace_high; /* both 0: it is of no trace */
    uint64_t trace_low;
    uint64_t span_id;       /* 0: it names none */
    int64_t severity;       /* SeverityNumber; 0: it does not say */
    int64_t dropped;        /* attributes, by the sender or here */
    uint32_t severity_text; /* terms; 0: it says none, as in the next */
    uint32_t event;
    uint32_t service;
    uint32_t source;
    uint32_t pack;
    const char *body; /* a text, or JSON of what is none; NULL: it has none */
    const char *own;  /* NULL: none */
};

struct log_arrivals {
    struct arena *arena;
    struct vocabulary vocabulary;
    struct log_arrival *records;
    size_t count;
    size_t capacity;
    size_t rejected;                /* records that were left out */
    size_t dropped_attributes;      /* of those that were not */
    char why[LOG_ARRIVALS_WHY_MAX]; /* the first was left out, or attributes were; "" neither */
};

/* Reads an ExportLogsServiceRequest. `now_ns` is when it came in. ERR_MALFORMED says where it is
 * broken. */
MUST_CHECK bool log_arrivals_read(struct arena *arena, struct habits *habits,
                                  enum envelope_encoding encoding, int64_t now_ns,
                                  const char *bytes, size_t length, struct log_arrivals *ret,
                                  struct err *err);

#endif
