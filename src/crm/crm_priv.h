/*
 * crm/crm_priv.h: the struct behind crm.h and the route tables of this directory, one a subject.
 */
#ifndef CRM_CRM_PRIV_H
#define CRM_CRM_PRIV_H

#include <stdatomic.h>

#include "core/thread.h"
#include "crm/crm.h"
#include "crm/settings.h"
#include "service/outbox.h"
#include "service/roles.h"
#include "sql_crm.h"

enum { CRM_REPLICA_MAX = 80, CRM_FRONTEND_TYPE_COUNT = 6 };

/* frontend.c: the types of what pages tell, NULL at the end. */
extern const char *const CRM_FRONTEND_TYPES[CRM_FRONTEND_TYPE_COUNT + 1];

struct sync_timer {
    struct thread thread;
    struct mutex lock; /* guards is_ending */
    struct cond wake;
    bool is_ending;
};

/* Counts over whole tables, which the 360 page asks for again and again. */
struct observed_counts {
    struct sql_core_counts_row core;
    struct sql_portal_counts_row portal;
    struct sql_portal_activity_row activity;
    struct sql_audit_counts_row audit;
    struct sql_count_row failures;
};

struct observed {
    struct mutex lock; /* guards what follows */
    uint64_t fresh_until_ns;
    struct observed_counts counts;
};

/* What the business does, for /metrics. */
struct crm_counters {
    struct counter *invoices_made;
    struct counter *invoices_paid;
    struct counter *paid_cents;
    struct counter *tickets_opened;
    struct counter *reports_run;
    struct counter *reports_ended; /* at their limit of time */
    struct counter *frontend_events[CRM_FRONTEND_TYPE_COUNT];
    struct counter *frontend_dropped;
};

struct crm {
    struct service service;        /* first: what requests carry is either */
    char replica[CRM_REPLICA_MAX]; /* "host:pid": how this process signs its leases */
    atomic_bool is_stopping;       /* a synchronisation that runs ends at its next step */
    struct sync_timer timer;
    struct outbox *product_outbox; /* NULL when changes of products are not pushed */
    struct observed observed;
    atomic_int reports_running; /* report_run.c */
    struct crm_counters counters;
};

static inline struct crm *crm_of(const struct request *rq)
{
    return rq->service;
}

/* Who may read what the portal knows: whose work it is, and not whoever may sign in. And who may
 * change it. */
#define CRM_READERS ((unsigned)(ROLE_VIEWER | ROLE_STAFF | ROLE_SERVICE))
#define CRM_WRITERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER | ROLE_SERVICE))
/* Who helps customers. */
#define CRM_HELPERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER | ROLE_SUPPORT))

extern const struct route_table crm_administration_routes;
extern const struct route_table crm_campaign_routes;
extern const struct route_table crm_catalogue_push_routes;
extern const struct route_table crm_dashboard_routes;
extern const struct route_table crm_file_import_routes;
extern const struct route_table crm_file_routes;
extern const struct route_table crm_frontend_routes;
extern const struct route_table crm_home_routes;
extern const struct route_table crm_integration_routes;
extern const struct route_table crm_auth_routes;
extern const struct route_table crm_customer_routes;
extern const struct route_table crm_customer_side_routes;
extern const struct route_table crm_order_routes;
extern const struct route_table crm_page_routes;
extern const struct route_table crm_order_create_routes;
extern const struct route_table crm_recommend_routes;
extern const struct route_table crm_sync_routes;
extern const struct route_table crm_product_routes;
extern const struct route_table crm_analytics_routes;
extern const struct route_table crm_observe_routes;
extern const struct route_table crm_invoice_routes;
extern const struct route_table crm_ticket_routes;
extern const struct route_table crm_ticket_message_routes;
extern const struct route_table crm_report_routes;
extern const struct route_table crm_chaos_routes;
extern const struct route_table crm_shipping_routes;
extern const struct route_table crm_simulation_routes;
extern const struct route_table crm_storefront_routes;

extern const struct event_shape CRM_ORDER_CREATED;     /* order_create.c */
extern const struct event_shape CRM_ORDER_STATUS;      /* orders.c */
extern const struct event_shape CRM_ORDERS_TAKEN_OVER; /* order_sync.c */
extern const struct event_shape CRM_SYNC_PROGRESS;     /* order_sync.c */
extern const struct event_shape CRM_SYNC_RUN;          /* order_sync.c */

/* tickets.c. */
bool no_ticket(struct err *err, int64_t id); /* ERR_NOT_FOUND */
void watch_ticket_text(struct request *rq, const char *text);

/* sync_timer.c: runs the synchronisation at its interval until it is stopped. */
void sync_timer_start(struct crm *crm);
void sync_timer_stop(struct crm *crm); /* also when it was never started */

#endif
