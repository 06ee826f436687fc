/*
 * db/sqlid_check.h: is the SQL_ID that the catalogue has of each statement the one that the server
 * goes by? A statement that runs for the first time is compared when its unit is over and before
 * its session is anybody else's, on that session, under the unit's tags. Private to src/db.
 * Threads: any; what a session notes is its unit's.
 */
#ifndef DB_SQLID_CHECK_H
#define DB_SQLID_CHECK_H

#include "db/db.h"

struct sqlid_check;

struct sqlid_check *sqlid_check_new(void);
void sqlid_check_free(struct sqlid_check *check); /* NULL is accepted */
/* The session's statement has run. */
void sqlid_check_note(struct db_session *session, const struct db_statement *statement);
/* Compares what the session has noted; one that is lost meanwhile is marked as broken. */
void sqlid_check_compare(struct db_session *session);

#endif
