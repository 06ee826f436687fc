#include "crm/crm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crm/order_sync.h"

#include "crm/crm_priv.h"

/* Audit rows are written by the main pool: the auth pool is for signing in and nothing else. */
static struct db_pool *audit_pool(struct service *service)
{
    return service->main_pool;
}

static struct service_parts crm_parts(struct crm *crm)
{
    const struct route_table tables[CRM_TABLE_COUNT] = {
        service_routes,      home_routes, auth_routes,    customer_routes,  order_routes,
        order_create_routes, sync_routes, product_routes, analytics_routes, observe_routes,
    };

    memcpy(crm->tables, tables, sizeof(tables));
    return (struct service_parts){
        .catalogue = &sql_crm_catalogue,
        .scripts = sql_crm_scripts,
        .script_count = sql_crm_script_count,
        .tables = crm->tables,
        .table_count = CRM_TABLE_COUNT,
        .state = crm,
        .audit_pool = audit_pool,
    };
}

static void name_replica(struct crm *crm)
{
    char host[CRM_REPLICA_MAX - 16] = "localhost";

    if (gethostname(host, sizeof(host)) == 0) {
        host[sizeof(host) - 1] = '\0'; /* a longer name is cut without one */
    }
    (void)snprintf(crm->replica, sizeof(crm->replica), "%s:%ld", host, (long)getpid());
}

bool crm_open(const struct settings *settings, struct arena *take_arena, struct crm **ret_crm,
              struct err *err)
{
    struct crm *crm = mem_alloc(sizeof(*crm));
    const struct service_parts parts = crm_parts(crm);

    crm->service.kind = SERVICE_CRM;
    crm->service.settings = *settings;
    crm->service.arena = *take_arena;
    arena_init(take_arena);
    mutex_init(&crm->timer.lock);
    mutex_init(&crm->observed.lock);
    cond_init(&crm->timer.wake);
    atomic_init(&crm->is_stopping, false);
    name_replica(crm);
    if (!service_open(&crm->service, &parts, err)) {
        crm_close(crm);
        return err_wrap(err, "open the CRM Portal");
    }
    *ret_crm = crm;
    return true;
}

bool crm_listen(struct crm *crm, struct err *err)
{
    const struct service_parts parts = crm_parts(crm);

    if (!service_listen(&crm->service, &parts, err)) {
        return err_wrap(err, "start the CRM Portal");
    }
    sync_timer_start(crm);
    return true;
}

void crm_close(struct crm *crm)
{
    if (crm == NULL) {
        return;
    }
    atomic_store(&crm->is_stopping, true);
    sync_timer_stop(crm);
    service_stop_listening(&crm->service);
    service_close(&crm->service);
    cond_fini(&crm->timer.wake);
    mutex_fini(&crm->observed.lock);
    mutex_fini(&crm->timer.lock);
    free(crm);
}

struct service *crm_service(struct crm *crm)
{
    return &crm->service;
}

bool crm_sync(struct crm *crm, bool full, sync_progress *progress, void *arg,
              struct sync_report *ret_report, struct err *err)
{
    const struct sync_options options = {.full = full, .progress = progress, .progress_arg = arg};
    struct arena arena;
    struct ctx ctx;
    bool ok;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, crm->service.tracer, crm->service.module, "BG order-sync",
                        SYNC_RUN_TIMEOUT_MS);
    ok = order_sync_run(crm, &ctx, &options, ret_report, err);
    if (ok && ret_report->reason != NULL) { /* outlives the run with the portal itself */
        ret_report->reason = arena_strdup(&crm->service.arena, ret_report->reason);
    }
    arena_fini(&arena);
    return ok;
}
