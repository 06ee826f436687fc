/*
 * db/execution.h: what became of a statement, for its span. A statement is recorded when it is
 * answered and not when it is sent: where statements travel without being waited for, that is later
 * than the call that sent it, perhaps later than its unit of work, and what stands behind one that
 * failed has not run at all.
 * An execution exists only while spans are on, in the memory of its span. It has two sides, the
 * call (statement.c) and the backend, and ends with the later of them, and the span with it.
 * Threads: that of the call; afterwards whoever has the connection.
 */
#ifndef DB_EXECUTION_H
#define DB_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct db_execution;
struct db_session;
struct db_statement;
struct span;

/* What came of one message. */
enum db_answer {
    DB_ANSWER_READY,   /* it only made the statement ready */
    DB_ANSWER_RAN,     /* without a failure */
    DB_ANSWER_FAILED,  /* the server could not run it */
    DB_ANSWER_SKIPPED, /* the server did not look at it, because one before it failed */
    DB_ANSWER_NONE,    /* the connection ended: nobody knows how far it came */
};

/* --- for the call --- */

/* NULL when spans are off; both others accept that. */
struct db_execution *db_execution_begin(struct db_session *session,
                                        const struct db_statement *statement);
void db_execution_set_size(struct db_execution *execution, size_t sets); /* a batch's */
/* The backend has not been asked: there is no execution, whatever the span says. */
void db_execution_refused(struct db_execution *execution);
/* The call is over; err is NULL where it went well. A backend that tells counts the rows itself. */
void db_execution_end(struct db_execution *execution, int64_t rows, unsigned round_trips,
                      const struct err *err);

/* --- for a backend that tells (db_backend.watch) --- */

void db_execution_sent(struct db_execution *execution); /* a message that will be answered */
void db_execution_answered(struct db_execution *execution, enum db_answer answer,
                           const struct err *err); /* of a failure; NONE may have one */
/* So many rows were returned or changed by a message that ran. */
void db_execution_counted(struct db_execution *execution, int64_t rows);
/* Nobody waits for the answers that are to come. */
void db_execution_left(struct db_execution *execution);

#endif
