/* tests/support/tnsd/request.h: what clients ask, read from their bytes. */
#ifndef TESTS_SUPPORT_TNSD_REQUEST_H
#define TESTS_SUPPORT_TNSD_REQUEST_H

#include "tests/support/tnsd/cursors.h"

enum {
    OPTION_PARSE = 0x1,
    OPTION_BIND = 0x8,
    OPTION_DEFINE = 0x10,
    OPTION_EXECUTE = 0x20,
    OPTION_FETCH = 0x40,
    OPTION_COMMIT = 0x100,
    OPTION_DESCRIBE = 0x20000,
    OPTION_BATCH_ERRORS = 0x80000,
};

struct request_execute {
    uint32_t options;
    uint32_t cursor;
    struct ora_bytes sql;
    uint32_t rows;       /* to fetch */
    uint32_t executions; /* or rows to fetch: al8i4[1] */
    bool wants_row_counts;
    struct tnsd_bind defines[TNSD_COLUMNS_MAX];
    uint32_t define_count;
    struct tnsd_bind binds[TNSD_BINDS_MAX];
    uint32_t bind_count;
};

void request_execute(const struct tnsd *t, struct ora_rd *rd, struct request_execute *ret);

/* Rows of binds as texts for PostgreSQL, in the order of its parameters. For rows_fini. */
struct request_rows {
    struct ora_wr text;
    size_t *offsets; /* in text; SIZE_MAX: NULL */
    size_t count;    /* of values, in all rows */
    size_t capacity;
    const char *fault; /* of a value: a sentence's end; the bytes were read all the same */
};

void rows_fini(struct request_rows *rows);
/* One row of binds of a cursor whose binds are known. Of one that is executed again by its number
 * those that give values only are left out. */
void request_row(const struct tnsd *t, struct ora_rd *rd, const struct tnsd_cursor *cursor,
                 bool is_again, struct request_rows *ret);

#endif
