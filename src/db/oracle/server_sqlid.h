/*
 * db/oracle/server_sqlid.h: what a server itself takes the SQL_ID of a text for. V$SQL tells by the
 * text that it has under a SQL_ID, of what has been parsed and not been forgotten since;
 * DBMS_SQL_TRANSLATOR tells of any text. Neither needs to be open to a user. Both are asked on the
 * caller's session, one round trip each.
 */
#ifndef DB_ORACLE_SERVER_SQLID_H
#define DB_ORACLE_SERVER_SQLID_H

#include <octo/ora.h>

#include "db/catalogue.h"

enum server_sqlid {
    SERVER_SQLID_IN_V_SQL,   /* the same: V$SQL has the text under it */
    SERVER_SQLID_TRANSLATED, /* the same: so says DBMS_SQL_TRANSLATOR */
    SERVER_SQLID_OTHER,
    SERVER_SQLID_UNKNOWN, /* neither tells, and the error says why */
};

/* `ret` has the server's own where it is another. */
enum server_sqlid server_sqlid_ask(struct octo_ora *session, const char *text, const char *sql_id,
                                   char ret[SQLID_SIZE], struct octo_ora_error *error);

#endif
