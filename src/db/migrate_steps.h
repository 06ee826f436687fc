/*
 * db/migrate_steps.h: runs scripts where a definition commits by itself
 * (DB_CAP_DEFINITIONS_COMMIT), so that no transaction can hold a script together. It goes statement
 * by statement, and each is noted: a definition before it is made, in the transaction that it
 * commits, a change of rows together with itself. Whoever comes behind a crash goes on with the
 * first statement that is not known to be done. That one may have been made: a definition is then
 * made again, and one that is there already is taken for its own. Memory: the lock is whoever's
 * that takes it. Threads: one at a time.
 */
#ifndef DB_MIGRATE_STEPS_H
#define DB_MIGRATE_STEPS_H

#include "db/db.h"

struct migrate_lock; /* held by a connection of its own: each definition would give it up */

/* Makes the tables that migrations are noted in, from the script `text`; what is there stays. */
MUST_CHECK bool migrate_steps_prepare(struct ctx *ctx, struct db_pool *pool, const char *text,
                                      struct err *err);
/* Runs the script `text`, which notes nothing and may run again. */
MUST_CHECK bool migrate_steps_end(struct ctx *ctx, struct db_pool *pool, const char *text,
                                  struct err *err);
/* Waits, until the unit's deadline, for whoever else migrates. */
MUST_CHECK bool migrate_lock_take(struct ctx *ctx, struct db_pool *pool, struct migrate_lock **ret,
                                  struct err *err);
void migrate_lock_release(struct migrate_lock *lock); /* NULL is accepted */
/* Runs the script, or what is left of it, and notes that it ran. Errors name the statement, what
 * the engine says, and what becomes of it now. */
MUST_CHECK bool migrate_steps_run(struct ctx *ctx, struct db_pool *pool,
                                  const struct db_script *script, struct err *err);

#endif
