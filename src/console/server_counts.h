/*
 * console/server_counts.h: what database servers count of the services' statements, as the services
 * tell it (console/owners.h), beside what spans tell of the same statements since the server
 * counts. A difference is one beyond what may be under way between the two. Memory: the request's
 * arena. Threads: any.
 */
#ifndef CONSOLE_SERVER_COUNTS_H
#define CONSOLE_SERVER_COUNTS_H

#include "http/request.h"
#include "store/statements.h"

/* A statement as its server has it. */
struct server_count {
    int64_t calls; /* that did not fail */
    int64_t rows;
    int64_t total_us; /* within the server */
};

/* One that is known to either side. A side that does not know it has zeros. */
struct compared_statement {
    const char *sql_id;
    const char *name;
    bool is_counted; /* the server has it */
    bool is_probe;   /* run by probes that nobody traces: not judged */
    struct server_count server;
    struct statement_share most; /* of spans (store/statements.h) */
    struct statement_share least;
};

/* Of a service. */
struct compared_service {
    const char *service;             /* MODULE, which its spans are told under */
    const char *engine;              /* NULL: it did not answer */
    int64_t since_us;                /* the server counts; 0: nothing is counted */
    const char *reason;              /* why the two cannot be compared; NULL: they can */
    struct compared_statement *list; /* those first that the server spent the most time on */
    size_t count;
};

struct compared {
    struct compared_service *services;
    size_t count;
};

/* Asks each service, or `service` alone (its MODULE) where that is not NULL. One that does not
 * answer is no failure: it says so in its reason. */
MUST_CHECK bool server_counts_compare(struct request *rq, const char *service, struct compared *ret,
                                      struct err *err);

/* In what the sides differ: bits. */
enum compared_difference {
    DIFFERS_MORE_CALLS = 1,  /* the server has more calls than spans tell of */
    DIFFERS_FEWER_CALLS = 2, /* it has fewer */
    DIFFERS_ROWS = 4,
    DIFFERS_TIME = 8, /* the server worked for longer than spans lasted; that they last longer is
                       * usual: they wait for the network, too */
};
/* Not for statements of a service that has a reason.
 *
 * Two counts differ where they are apart by more than a hundredth and what twenty executions do:
 * spans come in batches, every five seconds where nothing else is set (OTEL_BSP_SCHEDULE_DELAY in
 * OpenTelemetry's specification), and so much may be under way. */
unsigned server_counts_differ(const struct compared_statement *statement);

#endif
