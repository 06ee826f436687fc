/* tests/support/tnsd/execution.h: runs statements and sends what they give; false is the end of the
 * connection. */
#ifndef TESTS_SUPPORT_TNSD_EXECUTION_H
#define TESTS_SUPPORT_TNSD_EXECUTION_H

#include "tests/support/tnsd/request.h"

struct execution {
    struct tnsd_cursor *cursor;
    const struct request_rows *rows;
    uint64_t executions;
    uint32_t wanted; /* rows to fetch at once; 0: none */
    bool is_new;     /* its columns or directions are told */
    bool commits;
    bool keeps_on; /* behind an error of an array's row */
    bool wants_row_counts;
};

/* The session's own, opened when it is first asked for. NULL: there is none. */
struct database *execution_database(struct tnsd *t);
bool execution_run(struct tnsd *t, const struct execution *execution);
/* What its columns are, without running it. */
bool execution_describe(struct tnsd *t, struct tnsd_cursor *cursor);
/* More rows of the last execution. */
bool execution_fetch(struct tnsd *t, struct tnsd_cursor *cursor, uint32_t wanted);
/* COMMIT or ROLLBACK as a call. */
bool execution_end(struct tnsd *t, bool commits);
/* ROLLBACK that nobody waits for. */
bool execution_undo(struct tnsd *t);
bool execution_error(struct tnsd *t, uint32_t number, const char *text, uint32_t cursor);

void execution_fini(struct tnsd *t);

#endif
