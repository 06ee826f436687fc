#include "crm/crm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crm/order_sync.h"
#include "crm/product_outbox.h"
#include "service/api_keys.h"
#include "service/browser_spans.h"
#include "service/events.h"
#include "service/lifecycle.h"
#include "service/routes.h"
#include "service/security.h"
#include "service/sso.h"
#include "service/statement_counts.h"
#include "service/statement_plan.h"
#include "service/user_admin.h"

#include "crm/crm_priv.h"

static const struct pool_traits POOLS[CRM_POOL_COUNT] = {
    [CRM_MAIN_POOL] = {.name = "main", .purposes = POOL_FOR_REQUESTS | POOL_FOR_EVENTS},
    [CRM_AUTH_POOL] = {.name = "auth", .purposes = POOL_FOR_SIGN_INS},
};

static const struct first_user USERS[] = {{"admin", "admin", "admin@crm-enterprise.local"}};

static const struct attack REFUSED_SIGN_IN = {
    .type = "broken_auth", .severity = SEVERITY_HIGH, .payload = "sign-in limit reached"};

static const struct attack_type ATTACKS[] = {
    {"xss_reflected", "T1059.007", "execution", "A03"},
    {"xss_stored", "T1059.007", "execution", "A03"},
    {"xss_dom", "T1059.007", "execution", "A03"},
    {"xxe", "T1611", "execution", "A05"},
    {"idor", "T1078", "privilege-escalation", "A01"},
    {"command_injection", "T1059", "execution", "A03"},
    {"csrf", "T1557", "credential-access", "A01"},
    {"broken_auth", "T1110", "credential-access", "A07"},
    {"rate_limit_bypass", "T1110.003", "credential-access", "A07"},
    {"jwt_bypass", "T1539", "credential-access", "A02"},
    {"mass_assignment", "T1565", "impact", "A04"},
    {"deserialization", "T1055", "execution", "A08"},
    {"sensitive_data", "T1552", "credential-access", "A02"},
    {"file_upload", "T1105", "command-and-control", "A04"},
    {"open_redirect", "T1566.002", "initial-access", "A01"},
    {"privilege_escalation", "T1068", "privilege-escalation", "A01"},
    {"log_injection", "T1070", "defense-evasion", "A09"},
    {"cache_poisoning", "T1557", "credential-access", "A05"},
};

static const struct workflow WORKFLOWS[] = {
    {"/api/products", "browse-catalog"},
    {"/api/orders", "checkout"},
    {"/api/customers", "crm-lead-capture"},
    {"/api/analytics", "admin-analytics"},
};

const struct service_traits crm_traits = {
    .name = "crm",
    .title = "CRM Portal",
    .module = "enterprise-crm-portal",
    .settings = &crm_settings_table,
    .settings_size = sizeof(struct crm_settings),
    .check_settings = crm_settings_check,
    .workflows = WORKFLOWS,
    .workflow_count = sizeof(WORKFLOWS) / sizeof(WORKFLOWS[0]),
    .peer = "shop",
    .shown_by = "console",
    .pools = POOLS,
    .pool_count = CRM_POOL_COUNT,
    .catalogue = &sql_crm_catalogue,
    .scripts = sql_crm_scripts,
    .script_count = &sql_crm_script_count,
    .cookie = "octo_crm",
    .sign_in_page = "/login",
    .signed_in_page = "/",
    .users = USERS,
    .user_count = sizeof(USERS) / sizeof(USERS[0]),
    .refused_sign_in = &REFUSED_SIGN_IN,
    .attacks = ATTACKS,
    .attack_count = sizeof(ATTACKS) / sizeof(ATTACKS[0]),
};

static const struct event_shape *const ORDER_EVENTS[] = {&CRM_ORDER_CREATED, &CRM_ORDER_STATUS,
                                                         &CRM_ORDERS_TAKEN_OVER, NULL};
static const struct event_shape *const SYNC_EVENTS[] = {&CRM_SYNC_PROGRESS, &CRM_SYNC_RUN, NULL};
static const struct route event_routes[] = {EVENT_ROUTES(ORDER_EVENTS, SYNC_EVENTS)};

const struct route_table *crm_route_tables(struct arena *arena, size_t *ret_count)
{
    const struct route_table tables[] = {
        service_routes, /* one a line */
        service_statement_routes,
        service_count_routes,
        EVENT_ROUTE_TABLE(event_routes),
        crm_page_routes,
        service_browser_span_routes,
        crm_home_routes,
        crm_auth_routes,
        service_sso_routes,
        crm_customer_routes,
        crm_order_routes,
        crm_order_create_routes,
        crm_sync_routes,
        crm_product_routes,
        crm_analytics_routes,
        crm_observe_routes,
        crm_invoice_routes,
        crm_ticket_routes,
        crm_ticket_message_routes,
        crm_report_routes,
        service_user_admin_routes,
        crm_customer_side_routes,
        crm_campaign_routes,
        crm_shipping_routes,
        crm_administration_routes,
        crm_dashboard_routes,
        crm_integration_routes,
        crm_catalogue_push_routes,
        crm_recommend_routes,
        service_api_key_routes,
        crm_storefront_routes,
        crm_file_routes,
        crm_chaos_routes,
        crm_simulation_routes,
        crm_frontend_routes,
        crm_file_import_routes,
    };

    *ret_count = sizeof(tables) / sizeof(tables[0]);
    return memcpy(arena_alloc(arena, sizeof(tables)), tables, sizeof(tables));
}

static void name_replica(struct crm *crm)
{
    char host[CRM_REPLICA_MAX - 16] = "localhost";

    if (gethostname(host, sizeof(host)) == 0) {
        host[sizeof(host) - 1] = '\0'; /* a longer name is cut without one */
    }
    (void)snprintf(crm->replica, sizeof(crm->replica), "%s:%ld", host, (long)getpid());
}

static struct counter *counter_of(struct crm *crm, const char *name, const char *unit,
                                  const char *help)
{
    return metrics_counter(crm->service.metrics,
                           &(struct metric){.name = name, .unit = unit, .help = help});
}

static void count_frontend(struct crm *crm)
{
    for (size_t i = 0; i < CRM_FRONTEND_TYPE_COUNT; i++) {
        const struct attribute type = attribute_text("type", CRM_FRONTEND_TYPES[i]);

        crm->counters.frontend_events[i] =
            metrics_counter(crm->service.metrics,
                            &(struct metric){.name = "crm_frontend_events",
                                             .unit = "{event}",
                                             .help = "What pages told of themselves, by its type.",
                                             .attributes = &type,
                                             .attribute_count = 1});
    }
    crm->counters.frontend_dropped =
        counter_of(crm, "crm_frontend_events_dropped", "{event}",
                   "What pages sent that is none of the events they may tell of.");
}

static void make_counters(struct crm *crm)
{
    crm->counters = (struct crm_counters){
        .invoices_made =
            counter_of(crm, "crm_business_invoices", "{invoice}", "Invoices that were made."),
        .invoices_paid =
            counter_of(crm, "crm_business_invoices_paid", "{invoice}", "Invoices that were paid."),
        .paid_cents = counter_of(crm, "crm_business_invoices_paid_cents", "{cent}",
                                 "What was paid for them, tax included, in cents."),
        .tickets_opened = counter_of(crm, "crm_business_tickets", "{ticket}",
                                     "Support tickets that were opened."),
        .reports_run =
            counter_of(crm, "crm_business_reports", "{report}", "Reports that were made."),
        .reports_ended = counter_of(crm, "crm_business_reports_ended", "{report}",
                                    "Reports that were ended at their limit of time."),
    };
    count_frontend(crm);
}

bool crm_open(const struct settings *settings, struct crm **ret_crm, struct err *err)
{
    struct crm *crm = mem_alloc(sizeof(*crm));

    crm->service.traits = &crm_traits;
    crm->service.settings = settings;
    mutex_init(&crm->timer.lock);
    mutex_init(&crm->observed.lock);
    cond_init(&crm->timer.wake);
    atomic_init(&crm->is_stopping, false);
    atomic_init(&crm->reports_running, 0);
    name_replica(crm);
    if (!service_open(&crm->service, err)) {
        crm_close(crm);
        return err_wrap(err, "open the CRM Portal");
    }
    make_counters(crm);
    *ret_crm = crm;
    return true;
}

bool crm_listen(struct crm *crm, struct err *err)
{
    size_t count = 0;
    const struct route_table *tables = crm_route_tables(&crm->service.arena, &count);

    if (crm_settings(&crm->service)->push_products) {
        crm->product_outbox = outbox_new(&crm->service, &CRM_PRODUCT_OUTBOX);
    }
    if (!service_listen(&crm->service, crm, tables, count, err)) {
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
    outbox_free(crm->product_outbox); /* requests wake it */
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
    ctx_init_background(&ctx, &arena, crm->service.tracer, crm->service.traits->module,
                        "BG order-sync", SYNC_RUN_TIMEOUT_MS);
    ok = order_sync_run(crm, &ctx, &options, ret_report, err);
    if (ok && ret_report->reason != NULL) { /* outlives the run with the portal itself */
        ret_report->reason = arena_strdup(&crm->service.arena, ret_report->reason);
    }
    arena_fini(&arena);
    return ok;
}
