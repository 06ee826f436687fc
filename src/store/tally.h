/*
 * store/tally.h: work in databases, summed up by subject and by minute, hour and day: how often,
 * how long, and how long it was active in each period. Pure arithmetic; what it comes from and goes
 * to is store/rollup.h's. Memory: its own, until tally_fini. Threads: one.
 */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TALLY_MINUTE_S = 60,
    TALLY_HOUR_S = 3600,
    TALLY_DAY_S = 86400,
    TALLY_LENGTHS = 3,
    TALLY_KEY_PARTS = 5,
};
extern const int64_t TALLY_LENGTHS_S[TALLY_LENGTHS];

/* A table by a key of five numbers; each entry begins with its key. */
struct tally_table {
    char *entries;
    size_t entry_size;
    size_t count;
    size_t capacity;
    uint32_t *places; /* by hash: number of the entry, from 1 on */
    size_t place_count;
};

/* Who ran what, in the numbers of a file of spans; 0: none. */
struct tally_subject {
    int64_t service;
    int64_t module;
    int64_t action;
    int64_t statement;
    int64_t wait;
};

/* An execution of a statement, or a wait. */
struct tally_work {
    struct tally_subject subject;
    int64_t start_ns;
    int64_t duration_ns; /* 0 or more */
    int64_t rows;
    bool has_failed;
    int64_t trace_high;
    int64_t trace_low;
    int64_t span_id;
};

/* As the tables of sql/sums/schema say. `subject` counts from 0, in the order in which they came.
 */
struct tally_sum {
    int64_t subject;
    int64_t length_s;
    int64_t start_s;
    int64_t unused[2]; /* of the key */
    int64_t executions;
    int64_t failures;
    int64_t rows;
    int64_t total_ns;
    double squares; /* of nanoseconds */
    int64_t longest_ns;
    int64_t active_ns;
};

struct tally_step {
    int64_t subject;
    int64_t length_s;
    int64_t start_s;
    int64_t step;
    int64_t unused;
    int64_t executions;
};

struct tally_example {
    int64_t subject;
    int64_t start_s;
    int64_t is_failed;
    int64_t step;
    int64_t unused;
    int64_t trace_high;
    int64_t trace_low;
    int64_t span_id;
    int64_t start_ns;
    int64_t duration_ns;
};

struct tally {
    struct tally_table subjects; /* of struct tally_subject */
    struct tally_table sums;
    struct tally_table steps;
    struct tally_table examples;
};

void tally_init(struct tally *tally);
void tally_fini(struct tally *tally);
void tally_add(struct tally *tally, const struct tally_work *work);

static inline const struct tally_subject *tally_subject_at(const struct tally *tally, size_t i)
{
    return &((const struct tally_subject *)(const void *)tally->subjects.entries)[i];
}
static inline const struct tally_sum *tally_sum_at(const struct tally *tally, size_t i)
{
    return &((const struct tally_sum *)(const void *)tally->sums.entries)[i];
}
static inline const struct tally_step *tally_step_at(const struct tally *tally, size_t i)
{
    return &((const struct tally_step *)(const void *)tally->steps.entries)[i];
}
static inline const struct tally_example *tally_example_at(const struct tally *tally, size_t i)
{
    return &((const struct tally_example *)(const void *)tally->examples.entries)[i];
}

#endif
