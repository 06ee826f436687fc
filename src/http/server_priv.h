/*
 * http/server_priv.h: the insides that the parts of the server share. server.c starts and stops,
 * listen.c gives the loops their connections, loop.c is such a loop, exchange.c takes a request
 * from its first byte to its end, dispatch.c runs its handler, respond.c makes the reply a response
 * on the wire, request.c and reply.c are what handlers call, problem.c answers what failed. The
 * only header that shows libmicrohttpd.
 */
#ifndef HTTP_SERVER_PRIV_H
#define HTTP_SERVER_PRIV_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/fiber.h"
#include "core/queue.h"
#include "core/thread.h"
#include "http/gzip.h"
#include "http/idle_reaper.h"
#include "http/router.h"
#include "http/server.h"
#include "http/uri.h"

enum {
    REPLY_HEADERS_MAX = 16,
    REPLY_BODY_MAX = 64 * 1024 * 1024,
    REQUEST_ID_MAX = 128,
    CORRELATION_ID_MAX = 64,
    ADDRESS_MAX = 46, /* INET6_ADDRSTRLEN */
    NONCE_SIZE = 16,
};

/* --- metrics of a route --- */

struct route_meter;

struct route_meter *route_meter_new(struct metrics *metrics, const char *prefix,
                                    const struct route *route);
void route_meter_free(struct route_meter *meter);
/* Both accept NULL: a server may run without metrics. */
void route_meter_record(struct route_meter *meter, int status, uint64_t us);

/* --- one request and its reply --- */

/* What may follow what is kept in exchange.c. A client that goes away ends its exchange in any
 * state but RUNNING, in which a worker or a fiber may have it.
 *
 *   SPARE -> NEW -> READING -> RUNNING -> READY -> ANSWERED
 *     ^-------'--------'--------------------'---------'
 */
enum exchange_state {
    EXCHANGE_SPARE,    /* without a request, in the server's list or just made */
    EXCHANGE_NEW,      /* the request line is read */
    EXCHANGE_READING,  /* headers are read, the body is coming in */
    EXCHANGE_RUNNING,  /* taken: on the loop, in the queue or with a worker */
    EXCHANGE_READY,    /* the response is made */
    EXCHANGE_ANSWERED, /* handed to libmicrohttpd */
    EXCHANGE_STATE_COUNT,
};

struct header_line {
    const char *name;
    const char *value;
};

/* What the server knows of a request besides what handlers see; assigned whole when one begins. */
struct exchange_in {
    const char *raw_uri; /* as it stood in the request line */
    size_t raw_path_length;
    struct uri_path path;
    struct uri_query query;
    size_t body_seen;                /* bytes that came in, also those thrown away */
    const struct route_entry *entry; /* never NULL once the headers are read */
    struct span *span;               /* of the server */
    uint64_t start_ns;
    struct ctx_place place; /* while its handler runs on the loop */
    unsigned allowed_methods;
    bool is_head;
    bool is_options;
    bool is_counted;   /* in server->in_flight */
    bool is_suspended; /* its handler, which runs on the loop, has paused */
    bool must_close;   /* the body was not read: the connection cannot go on */
    bool has_failed;   /* before a handler could run: `failure` is the answer */
};

/* The same of a reply; assigned whole when it is emptied. */
struct exchange_out {
    size_t header_count; /* of `headers` */
    bool wants_etag;
    bool is_negotiated; /* the reply's form depends on Accept */
    const char *nonce;  /* of the Content-Security-Policy; NULL: none was asked for */
};

/* Belongs to its loop thread, but to the queue and a worker while its connection is suspended.
 * Reused from the server's list of spare ones, with its arena and buffers. */
struct exchange {
    struct server *server;
    struct loop *loop;
    struct MHD_Connection *connection;
    struct exchange *next;         /* in the list of spare ones, or loop->completed */
    enum exchange_state state;     /* changed by exchange_move alone */
    struct MHD_Response *response; /* while READY */
    struct arena arena;
    struct buf body_in;

    struct request rq;
    struct exchange_in in;
    struct reply rp;
    struct exchange_out out;

    /* Written before they are read, so nobody empties them. */
    struct err failure;
    struct header_line headers[REPLY_HEADERS_MAX];
    char client_address[ADDRESS_MAX];
};

/* --- the server --- */

/* Threads that run handlers, and the requests that wait for one of them. */
struct worker_pool {
    struct queue *queue;
    struct thread *threads;
    int64_t thread_count;
    int64_t reserve_count; /* of them: the last ones */
    int64_t queue_length;
    atomic_long queued; /* requests that wait */
};

struct accepted;

/* A loop thread and its daemon of libmicrohttpd. */
struct loop {
    struct server *server;
    struct thread thread;
    struct MHD_Daemon *daemon;
    atomic_long connections;
    int epoll;
    int wake; /* eventfd: a connection or a completed exchange is there, or the end */
    atomic_bool is_stopping;
    struct db_pipelines *pipelines; /* NULL: handlers that have to wait are for the workers */
    struct fibers *fibers;          /* that handlers with pipelines run in */
    uint64_t reads_due_ns;          /* when the pipelines want to be looked at */
    bool has_resumed;               /* a connection, of which the daemon does not know yet */

    struct mutex lock; /* guards what follows */
    struct accepted *accepted;
    struct exchange *completed;
};

struct server {
    struct server_options options;
    struct loop *loops;      /* options.loop_threads of them */
    struct thread acceptor;  /* accepts connections */
    int listener;            /* socket of the port */
    atomic_long connections; /* of all loops; only the acceptor adds to it */
    int64_t port;
    struct router *router;
    struct route_entry unmatched[HTTP_METHOD_COUNT]; /* what requests without a route count as */
    struct buf openapi;
    struct gzip_pool *gzip;
    struct idle_reaper *reaper;

    struct worker_pool workers;
    struct worker_pool operators; /* runs ROUTE_FOR_OPERATORS */
    atomic_long in_flight;
    atomic_bool is_stopping; /* replies close their connections */
    atomic_bool is_refusing; /* new requests are answered 503 */

    struct mutex lock;        /* guards spare and spare_count */
    struct cond is_idle;      /* signalled when in_flight falls to 0 while stopping */
    struct cond listen_again; /* signalled when there is room for a connection, and at the end */
    struct exchange *spare;
    size_t spare_count;
};

/* listen.c: the port, and the acceptor, which gives its connections to the loops. */
MUST_CHECK bool listen_open(struct server *server, struct err *err);
void listen_accept(void *server);         /* body of the acceptor */
void listen_ended(struct loop *loop);     /* one of its connections did */
void listen_close(struct server *server); /* ends the thread: nobody new gets in */
void listen_fini(struct server *server);

/* loop.c */
MUST_CHECK bool loop_start(struct loop *loop, struct server *server, struct err *err);
void loop_stop(struct loop *loop); /* one that was never started is accepted */
/* Hands a socket over, from any thread. */
void loop_add_connection(struct loop *loop, int fd, const struct sockaddr *client, socklen_t size);
/* Gives a request back whose response is made, from any thread. */
void loop_complete(struct exchange *exchange);
/* Lets the connection of a request go on whose response is made; on the loop's thread. */
void loop_resume(struct exchange *exchange);

/* exchange.c; the signatures of the first four are libmicrohttpd's. *context is the exchange. */
void *exchange_new(void *loop, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_step(void *loop, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **context);
void exchange_completed(void *loop, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code);
/* A connection begins or ends; *context is its struct idle_entry. */
void exchange_connection(void *loop, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code);
void exchange_free_spare(struct server *server);
/* Aborts where the state must not follow the present one. */
void exchange_move(struct exchange *exchange, enum exchange_state next);

/* dispatch.c: the first four on the loop's thread. */
/* The request is complete: runs it or hands it over. */
enum MHD_Result dispatch_request(struct exchange *exchange);
/* It counts as taken from here on; done by dispatch_request. */
void dispatch_accept(struct exchange *exchange);
enum MHD_Result dispatch_answer(struct exchange *exchange);  /* hands the response out */
enum MHD_Result dispatch_refusal(struct exchange *exchange); /* answers with its failure */
void dispatch_work(void *pool);                              /* body of a worker thread */
void dispatch_work_late(void *pool);                         /* body of one in reserve */

/* respond.c: finishes the reply (validator, compression) and makes the response. */
void reply_finish(struct exchange *exchange);
struct MHD_Response *response_make(struct exchange *exchange);

/* reply.c */
void reply_preflight(struct exchange *exchange);

/* openapi.c; ERR_CONFIG for tables that cannot be described whole. */
MUST_CHECK bool openapi_write(struct buf *out, const struct server_options *options,
                              struct err *err);

#endif
