/*
 * db/migrate.h: brings a schema to this program's version. Scripts run once each, in order, each in
 * a transaction, or statement by statement where a definition ends that (db/migrate_steps.h); what
 * ran stands in schema_migrations with its checksum. Two replicas that start at
 * once: one migrates, the other waits and finds it done. A schema that is newer than this program,
 * or a script whose checksum differs from what ran, is refused.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

struct migrate_report {
    int from_version; /* 0: an empty database */
    int to_version;
    int scripts_run;
};

MUST_CHECK bool db_migrate(struct ctx *ctx, struct db_pool *pool, const struct db_script *scripts,
                           size_t count, bool with_seed, struct migrate_report *ret,
                           struct err *err);

/* What the schema is like; nothing is changed. */
struct migrate_state {
    bool is_there;             /* a migration has run on it */
    int version;               /* of the last script that ran */
    int pending;               /* scripts that db_migrate would run */
    const char *first_pending; /* "0010_shop"; NULL: none */
};

/* Errors: what db_migrate would refuse, too. */
MUST_CHECK bool db_migrate_look(struct ctx *ctx, struct db_pool *pool,
                                const struct db_script *scripts, size_t count, bool with_seed,
                                struct migrate_state *ret, struct err *err);

#endif
