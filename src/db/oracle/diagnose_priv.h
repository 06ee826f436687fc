/* What diagnose.c and diagnose_server.c share. */
#ifndef DB_ORACLE_DIAGNOSE_PRIV_H
#define DB_ORACLE_DIAGNOSE_PRIV_H

#include "db/oracle/oracle_priv.h"

enum oracle_check {
    SIGN_IN,
    WALLET,
    SERVICE,
    CHARACTERS,
    ZONES,
    RIGHTS,
    SESSIONS,
    CACHE,
    SQL_IDS,
    CLOCK,
    ROUND_TRIP,
    ORACLE_CHECKS
};
enum { ORACLE_ASK_MS = 5000 };

/* --- diagnose_server.c --- */

extern const char *const oracle_checks[ORACLE_CHECKS]; /* their names */
/* From CHARACTERS to CLOCK. The catalogue may be NULL: none is compared with V$SQL. */
void oracle_diagnose_server(struct db_conn *conn, const struct db_catalogue *catalogue,
                            const struct db_demand *demand, struct findings *out);

#endif
