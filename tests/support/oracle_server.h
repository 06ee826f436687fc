/*
 * tests/support/oracle_server.h: the listener of tests/support/tnsd, over the PostgreSQL of
 * postgres_server.h, for one test program: started when first asked for, gone with it. It knows one
 * user, octo with the password "secret", and takes nobody without TLS and a certificate of its
 * authority.
 * Threads: only the test's own.
 */
#ifndef TESTS_SUPPORT_ORACLE_SERVER_H
#define TESTS_SUPPORT_ORACLE_SERVER_H

#include "db/db.h"

/* Ends the program as skipped where there is no PostgreSQL 15; for main, before the first test.
 * `pose`: "12.2", "19c" or "23ai". */
void oracle_server_or_skip(const char *pose);
/* Fills in where it is, who comes and with which wallet. */
void oracle_server_options(struct db_options *options);
const char *oracle_server_wallet(void);   /* a directory */
const char *oracle_server_stranger(void); /* one with a certificate of somebody else's */
int oracle_server_port(void);
/* Every session ends where it stands; the next comes to a listener that has just begun. */
void oracle_server_restart(void);

#endif
