/*
 * tests/support/scratch_engine.h: a third engine, for what a program must do to have one more: a
 * row in its table of engines. It is SQLite under another name, whose locations are URLs and whose
 * writers, unlike SQLite's, have connections and commits of their own.
 */
#ifndef TESTS_SUPPORT_SCRATCH_ENGINE_H
#define TESTS_SUPPORT_SCRATCH_ENGINE_H

#include "db/engines.h"

#define SCRATCH_SCHEME "scratch://"

extern struct db_backend db_backend_scratch;

/* Fills the table of functions; for main, before a database is opened. */
void scratch_engine_make(void);

#endif
