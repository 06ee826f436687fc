/*
 * trace/record.h: what a span that has ended says. It knows no format that it may be written in:
 * numbers are numbers, times are nanoseconds since 1970, ids are the words they are made of. A
 * record is one piece of memory, so that a sink keeps it by copying `size` bytes; what is the same
 * for all spans of a statement is not in it but referred to, and lives as long as the tracer.
 * Threads: nobody changes a record that a sink has been given.
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include <stddef.h>

#include "trace/attribute.h"

enum span_kind { SPAN_INTERNAL, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER };
enum span_status { SPAN_UNSET, SPAN_ERROR };

/* What the spans of one statement have in common (tracer_keep in trace/tracer.h). */
struct span_constants {
    size_t count;
    struct attribute attributes[];
};

struct span_record {
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t id;
    uint64_t parent_id; /* 0: there is no parent anywhere */
    int64_t start_ns;
    int64_t end_ns;
    const char *borrowed_name;              /* NULL: it is an item, see record_name */
    const struct span_constants *constants; /* NULL: none */
    uint32_t size;                          /* of the whole record */
    uint8_t kind;                           /* enum span_kind */
    uint8_t status;                         /* enum span_status */
    uint8_t flags;                          /* TRACE_FLAG_ (trace/w3c.h) */
    bool is_entry;                          /* its parent is another process's */
    uint16_t attributes; /* that are in the record, without those of events and links */
    uint16_t events;
    uint16_t links;
    uint16_t dropped_attributes; /* which were too many or found no room */
    uint16_t dropped_events;
    uint16_t dropped_links;
};

/* ---- reading ---- */

/* Where a walk over attributes, events or links stands. */
struct record_cursor {
    const struct span_constants *constants; /* come first */
    size_t constant;
    const char *at;
    const char *end;
};

struct span_event {
    const char *name;
    int64_t time_ns;
    struct record_cursor attributes;
    unsigned dropped_attributes;
};

struct span_link {
    uint64_t trace_high;
    uint64_t trace_low;
    uint64_t id;
    uint8_t flags;
    struct record_cursor attributes;
    unsigned dropped_attributes;
};

const char *record_name(const struct span_record *record);
const char *record_status_text(const struct span_record *record); /* "" where there is none */
struct record_cursor record_begin(const struct span_record *record);
/* Each passes over the two other kinds; false at the end. The elements of ATTRIBUTE_TEXTS stand one
 * behind the other at ret->text, each with its NUL; of other arrays ret->elements are aligned. */
bool record_next_attribute(struct record_cursor *cursor, struct attribute *ret);
bool record_next_event(struct record_cursor *cursor, struct span_event *ret);
bool record_next_link(struct record_cursor *cursor, struct span_link *ret);

#endif
