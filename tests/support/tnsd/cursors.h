/*
 * tests/support/tnsd/cursors.h: statements that a client has parsed and may execute again, with the
 * rows of their last execution.
 */
#ifndef TESTS_SUPPORT_TNSD_CURSORS_H
#define TESTS_SUPPORT_TNSD_CURSORS_H

#include "tests/support/tnsd/rewrite.h"
#include "tests/support/tnsd/tnsd.h"
#include "tests/support/tnsd/values.h"

struct tnsd_cursor {
    uint32_t id;
    struct sql_area_statement *in_area; /* NULL: V$SQL has no room for it */
    struct rewrite statement;           /* of a cursor that a block has opened there is none */
    struct tnsd_bind binds[TNSD_BINDS_MAX];
    uint32_t bind_count;
    struct tnsd_column *columns;
    uint32_t column_count;
    bool has_lobs; /* among its columns: the client says first how it wants them */
    PGresult *rows;
    int next;         /* row that is fetched */
    uint64_t fetched; /* of this execution */
};

/* NULL: there is none of that number. */
struct tnsd_cursor *cursor_find(const struct tnsd *t, uint32_t id);
/* A new one, empty; NULL when there are too many. */
struct tnsd_cursor *cursor_open(struct tnsd *t);
void cursor_close(struct tnsd *t, uint32_t id); /* one that is not there is fine */
void cursors_fini(struct tnsd *t);
/* Its rows are these from now on, with columns of theirs; NULL takes them away. False: a column's
 * type has no counterpart. */
bool cursor_take_rows(struct tnsd *t, struct tnsd_cursor *cursor, PGresult *rows);

#endif
