/*
 * db/oracle/selftest_priv.h: what the files of the selftest share. It asks a real database whether
 * what is said of Oracle is so: each type in and out, arrays, cursors, what is broken off, tags as
 * V$SESSION shows them, every statement read by the server and its SQL_ID compared. It makes one
 * table, octo_selftest, and drops it.
 */
#ifndef DB_ORACLE_SELFTEST_PRIV_H
#define DB_ORACLE_SELFTEST_PRIV_H

#include "db/oracle/oracle_priv.h"

struct selftest {
    const struct db_options *options;
    const struct db_selftest *test;
    struct octo_ora *session;
    struct octo_ora *watcher; /* looks at the other one */
    bool has_failed;
};

/* --- selftest_steps.c --- */

void selftest_tell(struct selftest *s, const char *check, enum finding_state state,
                   const char *format, ...) PRINTF_LIKE(4, 5);
/* Prepares the statement on the session; NULL has been told as that check's failure. */
struct octo_ora_statement *selftest_prepare(struct selftest *s, struct octo_ora *session,
                                            const char *check,
                                            const struct db_statement *statement);
/* Executes it and fetches its first row; false has been told. */
bool selftest_first_row(struct selftest *s, const char *check, struct octo_ora_statement *at);

/* --- selftest_values.c --- */

void selftest_values(struct selftest *s);

/* --- selftest_changes.c --- */

void selftest_changes(struct selftest *s);

/* --- selftest_texts.c --- */

void selftest_texts(struct selftest *s);

#endif
