/*
 * db/sqlite/sqlite_priv.h: what the SQLite backend's own files share.
 */
#ifndef DB_SQLITE_PRIV_H
#define DB_SQLITE_PRIV_H

#include <sqlite3.h>

#include "db/diagnose.h"

/* --- sqlite.c --- */
extern const struct db_backend db_backend_sqlite;

/* Turns SQLite's result into an error: code by table, SQLite's words, and what to do about it where
 * somebody can do something. `path` is the database file. */
bool sqlite_err(struct err *err, sqlite3 *handle, int rc, const char *path);

/* --- plan.c --- */
/* How this statement would be run, line by line. SQLite's result. */
int sqlite_explain(sqlite3 *handle, const char *statement, struct buf *out);

/* --- sessions.c --- */
int64_t sqlite_writer(const struct db_options *options);

/* --- diagnose.c --- */
bool sqlite_diagnose(const struct db_options *options, const struct db_demand *demand,
                     const char *obstacle, struct findings *out);

#endif
