#include "db/diagnose.h"

#include "db/db_priv.h"

bool db_route(struct db *db, struct arena *arena, struct db_route *ret, struct err *err)
{
    if (db->backend->route == NULL) {
        *ret = (struct db_route){.is_local = true};
        return true;
    }
    return db->backend->route(&db->options, arena, ret, err);
}

bool db_diagnose(struct db *db, const struct db_demand *demand, const char *obstacle,
                 struct findings *out)
{
    return db->backend->diagnose(&db->options, demand, obstacle, out);
}
