/*
 * service/service.h: what every service is made of: settings, database and its pools, HTTP server,
 * peer client, audit trail, sign-in. The struct of a service holds one as its first member.
 * Which service it is is said by its traits. Owner: the command that runs the service.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stdatomic.h>

#include "db/db.h"
#include "db/migrate.h"
#include "http/server.h"
#include "net/http_client.h"
#include "service/settings.h"
#include "service/snapshot.h"
#include "service/traits.h"
#include "trace/metrics.h"
#include "trace/span.h"

#define OCTO_VERSION "0.1.0"

struct audit;
struct audit_periods;
struct auth;
struct budgets;
struct disk;
struct events;
struct security;
struct sso;
struct simulation;
struct sweep;
struct telemetry;
struct writer;

struct service {
    const struct service_traits *traits;
    const struct settings *settings; /* of the command that runs it */
    const char *internal_key;        /* that services show each other */
    struct arena arena;
    struct metrics *metrics;
    struct telemetry *telemetry;
    struct tracer *tracer; /* the telemetry's; NULL: spans are off */
    struct db *db;         /* NULL: the service has none, and no pools */
    /* By purpose: two of these may be the same pool. */
    struct db_pool *main_pool; /* POOL_FOR_REQUESTS */
    struct db_pool *events_pool;
    struct db_pool *sign_in_pool;
    struct http_client *peer; /* NULL: it calls nobody */
    struct budgets *budgets;
    struct auth *auth;
    struct sso *sso; /* NULL: single sign-on is not set up */
    struct security *security;
    struct simulation *simulation; /* faults that are on purpose */
    struct writer *writer;         /* from service_listen on; NULL without a database */
    struct audit *audit;
    struct sweep *sweep;
    struct audit_periods *periods; /* NULL too where the database is a file */
    struct disk *disk;             /* NULL too where the database is no file */
    struct events *events;         /* from service_listen on */
    struct server *server;
    const struct route_table *tables; /* that it serves, from service_listen on */
    size_t table_count;
    struct snapshot regions;    /* service/page_views.h: views of all regions */
    struct snapshot peer_state; /* service/integrations.h */
    struct snapshot overview;   /* service/figures.h */
    struct snapshot dashboard;  /* what the service's own dashboard shows */
    uint64_t started_ns;
    _Atomic uint64_t stored_ns; /* service/stored.h: when a row was last made durable; 0: none yet,
                                   or one could not be since */
    _Atomic int64_t free_bytes; /* service/disk.h: on the disk, as they were when somebody looked */
    atomic_bool is_nearly_full; /* and were they too few? */
    struct migrate_report migrated; /* by service_open (service/lifecycle.h) */
    char generated_password[33];    /* of admin, when this start made one; wiped after printing */
};

/* The service of a request. */
static inline struct service *service_of(const struct request *rq)
{
    return rq->service;
}

#endif
