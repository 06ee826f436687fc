/*
 * http/server.h: the HTTP server: loop threads that read, parse and write, and a
 * bounded queue of requests to worker threads that run handlers. A full queue answers 503 with
 * Retry-After at once. What operators look at when all workers are stuck has a small crew of its
 * own, and so has what would keep the workers from all else: signing in, and asking a peer. The
 * route table is the router, the access rules, the labels of the metrics, ACTION of the database
 * tags and the OpenAPI document.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "core/err.h"
#include "core/network.h"
#include "http/budget.h"
#include "http/json_in.h"
#include "http/params.h"
#include "http/reply_shape.h"
#include "http/request.h"
#include "trace/metrics.h"

/* RERUN: the handler is begun on a loop thread. Where it would have to wait there, what it has made
 * is dropped and a worker runs it again from its start, so it does nothing that counts twice (an
 * event, a counter, a note) before its last read. */
enum route_flag {
    ROUTE_RERUN_READS = 1 << 0,  /* reads, briefly, statement by statement */
    ROUTE_NO_IO = 1 << 1,        /* never waits: always runs on the loop (/health) */
    ROUTE_KNOWS_CALLER = 1 << 2, /* open to all, but credentials are looked at when there are any */
    ROUTE_NOT_AUDITED = 1 << 3,  /* probes: /health, /ready, /metrics: no spans either, unless the
                                    caller brings a trace */
    ROUTE_FOR_OPERATORS = 1 << 4,  /* has workers of its own: answers while all others wait */
    ROUTE_RERUN_SNAPSHOT = 1 << 5, /* reads, briefly, in one transaction: on the loop only where the
                                      database is embedded */
    ROUTE_TAKES_KEY = 1 << 6,      /* an Idempotency-Key makes it safe to send twice */
    ROUTE_SIGNS_IN = 1 << 7,       /* hashes a password, or has another service do it: has a crew of
                                      its own, of as many threads as may do that at a time */
    ROUTE_CALLS_PEER = 1 << 8,     /* waits for another service: has a crew of its own */
    ROUTE_EDITS = 1 << 9, /* If-Match says of which version (reply_is_of_version), the reply
                             is the next one (reply_version) */
    ROUTE_MAY_LACK_BODY = 1 << 10, /* one of JSON: without it nothing is given */
};

enum { IDEMPOTENCY_KEY_LEAST = 8, IDEMPOTENCY_KEY_MOST = 64 }; /* characters */

enum { ANYONE = 0 };

/* What a handler may answer that does not follow from the rest of its row. From that follow 401 and
 * 403 (access), 404 (a parameter of the path), 409 (an Idempotency-Key), 412 (ROUTE_EDITS), 400,
 * 413, 415 and 422 (what it takes). For the document. */
enum route_outcome {
    GIVES_304 = 1 << 0, /* reply_etag */
    GIVES_401 = 1 << 1,
    GIVES_403 = 1 << 2,
    GIVES_404 = 1 << 3,
    GIVES_409 = 1 << 4,
    GIVES_410 = 1 << 5,
    GIVES_428 = 1 << 6, /* of an edit without If-Match */
    GIVES_429 = 1 << 7,
    GIVES_REPLY_503 = 1 << 8, /* its own reply, with 503 */
    GIVES_302 = 1 << 9,       /* reply_redirect, in place of 200 */
    GIVES_204 = 1 << 10,      /* no body, in place of 200 */
};

/* A cookie that a handler asks for (request_cookie), for the document. */
struct route_cookie {
    const char *name;
    const char *about;
};

/* Rows give the first four by position and the rest by name. */
struct route {
    enum http_method method;
    const char *template; /* "/api/orders/{order_id}"; a literal segment wins over a parameter */
    http_handler *handler;
    unsigned access; /* ANYONE or the roles that may call, as bits that the services name */
    unsigned flags;
    const struct param_shape *params; /* of path and query; NULL: the route takes none */
    const struct json_shape *body;    /* of JSON, bound; NULL: the route takes none */
    const char *const *takes;         /* types of a body that is left as it is, NULL-terminated;
                                         NULL: none */
    int64_t body_max;                 /* bytes of either; 0: as options.body_max */
    enum budget_kind budget;          /* that a stranger's request draws from */
    int64_t time_ms;                  /* deadline; 0: as options.request_timeout_ms */
    const struct reply_shape *reply;  /* for the document; NULL: it is no JSON object */
    const char *media;                /* type of the reply, for the document; NULL: JSON */
    const struct event_shape *const *events; /* of a stream (reply_stream), for the document,
                                                NULL-terminated; NULL: it is none */
    const char *summary;
    const char *example; /* a body that works as soon as the service is seeded, for the document */
    unsigned outcomes;   /* enum route_outcome */
    unsigned sees_all;   /* roles that get the whole of it; others who may call get what is their
                            own or nobody's secret. 0: all who may call get the same */
    unsigned shows;      /* of what is not for everybody, as bits that the services name */
    /* That the handler asks for; NULL: none. A sign-in's follows from access. */
    const struct route_cookie *cookie;
    /* May this request wait for a thread? False with *err: it is answered with that at once. On the
     * loop's thread, before the caller is looked at and the body is bound: must not wait. May be
     * NULL. */
    bool (*admit)(struct request *rq, struct err *err);
    /* Told of a body that `body` refused, before the problem is answered; may be NULL. */
    void (*refused)(struct request *rq, const struct err *err);
};

/* Does this caller get the whole? */
static inline bool route_shows_all(const struct request *rq)
{
    return rq->route->sees_all == 0 || CTX_HAS_ROLE(&rq->ctx, rq->route->sees_all);
}

/* One subject's routes. */
struct route_table {
    const struct route *routes;
    size_t count;
    const char *tag;   /* the subject in the document: "orders"; NULL: none */
    const char *about; /* a sentence on it */
};

/* A way to say who calls, for the document. */
struct credential {
    const char *name;  /* "sessionCookie" */
    const char *in;    /* "cookie", "header"; NULL: Authorization with the scheme Bearer */
    const char *field; /* name of the cookie or the header */
    unsigned roles;    /* bits of access that it can prove */
    const char *about;
};

enum claim {
    CLAIM_NOTHING, /* no credentials, or none that could be right: an anonymous caller */
    CLAIM_SESSION, /* some that have to be looked up */
    CLAIM_SERVICE, /* the internal key, and it is right */
};

struct db_pipelines;

/* What a loop has its handlers wait for together: the reads of routes with ROUTE_RERUN_READS, see
 * db/pipeline.h. All but open are called on the loop's thread, close after its end. */
struct reads_calls {
    struct db_pipelines *(*open)(void *service_state, int epoll, uint32_t number); /* NULL: none */
    void (*close)(struct db_pipelines *pipelines);
    uint64_t (*send)(struct db_pipelines *pipelines);
    void (*receive)(struct db_pipelines *pipelines);
};

/* Routes whose template begins with `prefix` are steps of this workflow: it is their X-Workflow-Id
 * and their spans' workflow.id. Of several the first holds. */
struct workflow {
    const char *prefix;
    const char *id;
};

/* Texts and tables are borrowed until server_stop. */
struct server_options {
    const char *service;       /* "octo-drone-shop": module, span and log name */
    const char *title;         /* "Drone Shop": what pages call it; NULL: as service */
    const char *page_style;    /* address of a style sheet behind that of all pages; NULL: none */
    const char *metric_prefix; /* "shop" */
    const char *version;       /* of the program, for the document */
    const char *host;          /* address to listen on: "127.0.0.1", "0.0.0.0", "::1" */
    int64_t port;              /* 0: any free one */
    int64_t loop_threads;
    int64_t worker_threads;
    int64_t reserve_threads; /* of them: run only what has waited because all others are busy */
    int64_t queue_length;    /* requests that may wait for a worker */
    int64_t connection_max;
    int64_t connections_of_one; /* of them: at most for an address; 0: a quarter. Not for proxies of
                                   ours and clients that are exempt */
    int64_t body_max;           /* bytes */
    int64_t bodies_max;         /* bytes of all together that are kept at a time */
    int64_t idle_timeout_s;     /* a connection that says nothing, or too slowly, is closed */
    int64_t head_timeout_s;     /* for a head, from its first byte */
    int64_t request_timeout_ms; /* deadline of each unit of work */
    bool reads_on_loop;         /* routes that only read run on the loop threads */
    const struct reads_calls *reads;           /* NULL: nobody waits on the loop threads */
    struct networks trusted_proxies;           /* whose X-Forwarded-For and -Proto are believed */
    struct networks exempt;                    /* clients that no budget counts */
    struct budget *budgets[BUDGET_KIND_COUNT]; /* the caller's; NULL: no limit */
    const char *allowed_origins;               /* CORS: comma-separated, "" none */
    const struct route_table *tables;          /* several tables make the router */
    size_t table_count;
    const struct workflow *workflows;
    size_t workflow_count;
    const struct credential *credentials;
    size_t credential_count;
    const struct reply_example *examples; /* for the document: of texts */
    size_t example_count;
    unsigned peer_roles; /* bits of access that other services have (handle_contract) */
    const char *(*role_name)(unsigned role); /* of one bit of access, for the document */
    struct metrics *metrics;
    struct tracer *tracer; /* NULL: spans are off */
    void *service_state;   /* request->service */

    /* All clients come by HTTPS, whatever a proxy says or does not say. */
    bool is_https;
    /* Strict-Transport-Security for those who do; NULL: none. */
    const char *hsts;

    /* What a request shows of who calls, as far as that can be told without waiting; on the loop,
     * and only for a request with a key or with a body that is not for everybody. NULL: it has to
     * be looked up. */
    enum claim (*claim)(const struct request *rq);
    /* Finds out who calls and fills rq->ctx.caller; leaves it zero for anonymous callers and bad
     * credentials. False: the session store failed (503). Called only where a route needs it.
     * NULL: everybody is anonymous. */
    bool (*authenticate)(struct request *rq, struct err *err);
    /* May a new request be taken? False with *err: answered with it at once (audit is full). Not
     * asked for ROUTE_NOT_AUDITED. Runs on loop threads: must not wait. */
    bool (*admit)(void *service_state, struct err *err);
    /* Writes a refusal in place of a problem document, where a protocol has a form of its own for
     * it: the status and its headers are there, `text` is what may be told. NULL: problem
     * documents. */
    void (*put_problem)(struct request *rq, struct reply *rp, const char *text);
    /* Once it is known who calls and what with, before the handler. False with *err: it is answered
     * with that. Where it would have to wait and may not, it leaves the place (ctx_leave). NULL:
     * nothing is done. */
    bool (*prepare)(struct request *rq, struct err *err);
    /* After the reply is complete, on the thread that made it (a loop thread too: must not wait);
     * err is NULL for success. rq->route is never NULL: what no route matches has the template
     * "(unmatched)". */
    void (*finished)(struct request *rq, const struct reply *rp, uint64_t duration_us,
                     const struct err *err);
};

struct server;

MUST_CHECK bool server_start(const struct server_options *options, struct server **ret_server,
                             struct err *err);
int64_t server_port(const struct server *server);
/* Stops accepting, finishes what was accepted, joins all threads. NULL is accepted. */
void server_stop(struct server *server);

/* Handlers that every service has. */
bool handle_openapi(struct request *rq, struct reply *rp, struct err *err); /* GET /openapi.json */
/* The same document of what other services may call. */
bool handle_contract(struct request *rq, struct reply *rp, struct err *err);
extern const struct reply_shape OPENAPI_REPLY;
/* GET /metrics: who does not see all gets the families that are open. */
bool handle_metrics(struct request *rq, struct reply *rp, struct err *err);

/* Writes the problem document of an error (RFC 9457, with `error` kept for old clients), as a page
 * where the client would rather have text/html. The text of errors from 500 on stays inside.
 * With 429 and 503 goes a Retry-After of err->retry_after_s seconds, of one where that is 0. */
void reply_problem(struct request *rq, struct reply *rp, const struct err *err);

#endif
