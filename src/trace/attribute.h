/*
 * trace/attribute.h: what spans, events, links and metrics say of themselves: a key and a value
 * that keeps its type. Text is UTF-8 and ends with a NUL; key and value are borrowed.
 */
#ifndef TRACE_ATTRIBUTE_H
#define TRACE_ATTRIBUTE_H

#include <stdbool.h>
#include <stdint.h>

enum attribute_type {
    ATTRIBUTE_TEXT,
    ATTRIBUTE_INT,
    ATTRIBUTE_REAL,
    ATTRIBUTE_BOOL,
    ATTRIBUTE_TEXTS,
    ATTRIBUTE_INTS,
    ATTRIBUTE_REALS,
    ATTRIBUTE_BOOLS,
};

struct attribute {
    const char *key;
    enum attribute_type type;
    uint32_t count; /* elements of an array */
    union {
        const char *text;
        int64_t integer;
        double real;
        bool truth;
        const char *const *texts;
        const int64_t *integers;
        const double *reals;
        const bool *truths;
        const void *elements;
    };
};

static inline struct attribute attribute_text(const char *key, const char *text)
{
    return (struct attribute){.key = key, .type = ATTRIBUTE_TEXT, .text = text};
}

static inline struct attribute attribute_int(const char *key, int64_t integer)
{
    return (struct attribute){.key = key, .type = ATTRIBUTE_INT, .integer = integer};
}

#endif
