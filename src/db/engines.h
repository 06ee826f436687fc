/*
 * db/engines.h: the engines that this program has. An engine more is a row of the table in
 * engines.c; nothing else of src/db asks which there are. A program that defines the table itself
 * has the engines it names there.
 */
#ifndef DB_ENGINES_H
#define DB_ENGINES_H

#include "db/backend.h"

extern const struct db_backend db_backend_sqlite;
extern const struct db_backend db_backend_postgres;
extern const struct db_backend db_backend_oracle;

/* Ended by NULL. The first that owns a location opens it. */
extern const struct db_backend *const db_engines[];

#endif
