/*
 * console/console_priv.h: the struct behind console.h and what the files of this directory have of
 * each other.
 */
#ifndef CONSOLE_CONSOLE_PRIV_H
#define CONSOLE_CONSOLE_PRIV_H

#include "console/console.h"
#include "console/sessions.h"
#include "console/settings.h"
#include "service/roles.h"
#include "store/ingest.h"
#include "store/metric_store.h"
#include "store/retention.h"
#include "store/rollup.h"

/* A span, and so what is made of spans, may hold whatever a program knows. */
enum { CONSOLE_SHOWS = SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_METRICS | SHOWS_TOPOLOGY };

/* Who sees what programs tell: a span may hold whatever one knows, so it is whoever sees all of
 * that in the CRM. */
#define CONSOLE_READERS (ROLE_VIEWER | ROLE_STAFF | ROLE_SERVICE)
#define CONSOLE_SHOWS (SHOWS_REVENUE | SHOWS_CUSTOMERS | SHOWS_METRICS | SHOWS_TOPOLOGY)

struct intake_counters {
    struct counter *received; /* those that were there already too */
    struct counter *stored;
    struct counter *rejected;
};

struct console {
    struct service service; /* first: what requests carry is either */
    struct sessions *sessions;
    struct standing *standing;
    struct segments *segments;
    struct ingest *ingest;
    struct habits *habits;
    struct sums *sums;
    struct rollup *rollup;
    struct retention *retention;
    struct metric_store *metrics;
    struct owners *owners;
    const struct console_catalogues *catalogues;
    struct server *intake; /* NULL until it listens */
    struct intake_counters of_spans;
    struct intake_counters of_logs;
    struct intake_counters of_points;
    struct route_table intake_table;
};

static inline struct console *console_of(const struct request *rq)
{
    return rq->service;
}

extern const struct route_table console_auth_routes;      /* sign_in.c */
extern const struct route_table console_page_routes;      /* pages.c */
extern const struct route_table console_trace_routes;     /* traces.c */
extern const struct route_table console_selection_routes; /* selections.c */

extern const struct route_table console_plan_routes; /* plan.c */

/* known_statements.c: the statement of the services' catalogues that has this SQL_ID on one of the
 * engines; NULL: none. */
const struct db_statement *console_find_statement(const struct console *console,
                                                  const char *sql_id);
/* The same of one catalogue. */
const struct db_statement *console_catalogue_has(const struct db_catalogue *catalogue,
                                                 const char *sql_id);
/* Is it theirs, or one of those that an engine says by itself, such as BEGIN and tags? */
bool console_knows_statement(const struct console *console, const char *sql_id);

extern const struct route_table console_statement_routes; /* statements.c */
extern const struct route_table console_hub_routes;       /* hub.c */
extern const struct route_table console_now_routes;       /* sessions_now.c */
extern const struct route_table console_server_routes;    /* server_sides.c */
extern const struct route_table console_warehouse_routes; /* warehouse.c */
extern const struct route_table console_match_routes;     /* match.c */
extern const struct route_table console_link_routes;      /* links.c */
extern const struct route_table console_retention_routes; /* retention.c */

struct console_settings;
/* Are the templates of links addresses? ERR_CONFIG names the setting. */
MUST_CHECK bool links_check(const struct console_settings *settings, struct err *err);

void console_find_session(struct request *rq, const char *token); /* of the traits; sign_in.c */

/* intake.c: takes spans, at a port of their own. */
MUST_CHECK bool intake_start(struct console *console, struct err *err);
void intake_stop(struct console *console); /* also when it was never started */

#endif
