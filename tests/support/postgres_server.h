/*
 * tests/support/postgres_server.h: a real PostgreSQL 15 for one test program, in a directory of its
 * own, started when first asked for and stopped at exit. It never touches a cluster of the machine.
 * Over its socket everybody is trusted. Over TCP (localhost, TLS): role octo needs the password
 * "secret" and a client certificate of its authority, role octo_word the password alone.
 * Threads: only the test's own.
 */
#ifndef TESTS_SUPPORT_POSTGRES_SERVER_H
#define TESTS_SUPPORT_POSTGRES_SERVER_H

#include "core/err.h"

/* Transactions are rolled back in order; or the server dies where it stands and recovers. */
enum postgres_stop { POSTGRES_STOP_FAST, POSTGRES_STOP_IMMEDIATE };

/* Ends the program as skipped where there is no PostgreSQL 15; for main, before the first test. */
void postgres_server_or_skip(void);
const char *postgres_server_url(void);       /* over the socket, as octo, database octo */
const char *postgres_server_directory(void); /* ca.crt, client.crt, client.key, stranger.*, ... */
int postgres_server_port(void);
int postgres_server_pid(void);
/* Runs statements as the administrator; a failure fails the test. */
void postgres_server_run(const char *sql);
/* The first field of the first row, "" where there is none; good until the next call. */
const char *postgres_server_ask(const char *sql);
/* Every session ends; returns when the server takes new ones. */
void postgres_server_restart(enum postgres_stop how);

#endif
