/*
 * tests/support/fake_backend.h: a backend that fails on demand and records which tags were in force
 * at each statement. Alone it holds no data: statements succeed and give rows of zeroes. Around
 * another backend it passes every call on.
 * Threads: any; the script and the record are behind one lock.
 */
#ifndef TESTS_SUPPORT_FAKE_BACKEND_H
#define TESTS_SUPPORT_FAKE_BACKEND_H

#include "db/engines.h"

enum fake_call {
    FAKE_OPEN,
    FAKE_CLOSE,
    FAKE_IS_ALIVE,
    FAKE_SET_TAGS,
    FAKE_BEGIN,
    FAKE_COMMIT,
    FAKE_ROLLBACK,
    FAKE_SAVEPOINT,
    FAKE_SAVEPOINT_RELEASE,
    FAKE_SAVEPOINT_ROLLBACK,
    FAKE_EXECUTE,
    FAKE_QUERY,
    FAKE_NEXT,
    FAKE_TEND,
    FAKE_PIPELINE_SEND,
    FAKE_ABANDON,
    FAKE_CALLS,
};

/* One statement as it reached the backend. */
struct fake_record {
    const struct db_statement *statement;
    struct db_tags tags;
    int64_t connection; /* 1, 2, ... in the order of opening */
    int64_t now_us;     /* the first DB_NOW among its values, 0: none */
};

/* Forgets script and record. inner NULL: no real database. The same table each time. */
const struct db_backend *fake_backend(const struct db_backend *inner);
/* From now on the calls of this kind fail with this code, `times` of them, after `skip` went well.
 */
void fake_fail(enum fake_call call, size_t skip, size_t times, enum err_code code);
/* What a commit that fails on demand answers; DB_REFUSED unless set. */
void fake_commit_fails_as(enum db_outcome outcome);
/* From now on statements are sent by pipeline_send and have no answer before pipeline_receive says
 * so: of a fake that stands alone, before it is opened. */
void fake_pipelines(void);
/* What pipeline_send and, while something is under way, pipeline_receive say; DB_BATCH_SENT unless
 * set. */
void fake_send_as(enum db_batch_state state);
void fake_receive_as(enum db_batch_state state);
/* Rows that a query gives, of zeroes; 1 unless set. */
void fake_rows(size_t rows);
size_t fake_count(enum fake_call call); /* of calls, failed ones too */
/* The highest number of one; a number that is not its savepoint's depth ends the program. */
unsigned fake_deepest_savepoint(void);
/* The oldest `most` records; returns how many there are in all. */
size_t fake_records(struct fake_record *out, size_t most);
void fake_forget(void); /* the records there are so far */

#endif
