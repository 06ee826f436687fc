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

bool db_try(struct db *db, const struct db_endpoint *endpoint, bool *ret_is_encrypted,
            struct err *err)
{
    *ret_is_encrypted = false;
    return db->backend->try == NULL ||
           db->backend->try(&db->options, endpoint, ret_is_encrypted, err);
}

bool db_check(struct db *db, bool *ret_is_pooled, struct err *err)
{
    *ret_is_pooled = false;
    return db->backend->check == NULL || db->backend->check(&db->options, ret_is_pooled, err);
}

bool db_diagnose(struct db *db, const struct db_demand *demand, const char *obstacle,
                 struct findings *out)
{
    return db->backend->diagnose(&db->options, demand, obstacle, out);
}
