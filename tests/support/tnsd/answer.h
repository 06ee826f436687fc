/* tests/support/tnsd/answer.h: messages that answer a statement. Each adds to t->answer. */
#ifndef TESTS_SUPPORT_TNSD_ANSWER_H
#define TESTS_SUPPORT_TNSD_ANSWER_H

#include "tests/support/tnsd/cursors.h"

/* What became of one row of an array. */
struct answer_batch_error {
    uint32_t row; /* from 0 */
    struct ora_error error;
};

/* What an ERROR says. Number 0: it went well. */
struct answer_outcome {
    uint32_t number;
    const char *text;
    uint32_t cursor;
    uint8_t sql_type;
    uint64_t rows;
    const struct answer_batch_error *batch_errors;
    uint32_t batch_error_count;
};

void answer_describe(struct tnsd *t, const struct tnsd_cursor *cursor);
/* As it stands within a row, of a cursor that is a value. */
void answer_nested_describe(struct tnsd *t, const struct tnsd_cursor *cursor);
void answer_row_header(struct tnsd *t, const struct tnsd_cursor *cursor, uint32_t rows);
/* False: a value has no counterpart in Oracle. */
bool answer_row(struct tnsd *t, const struct tnsd_cursor *cursor, int row);
void answer_directions(struct tnsd *t, const struct tnsd_cursor *cursor);
/* Of each row of an array how many rows it has changed. */
void answer_row_counts(struct tnsd *t, uint32_t cursor, const uint64_t *counts, uint32_t count);
void answer_outcome(struct tnsd *t, const struct answer_outcome *outcome);

#endif
