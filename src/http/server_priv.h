/*
 * http/server_priv.h: the insides that the parts of the server share. server.c starts and stops,
 * listen.c gives the loops their sockets, loop.c is such a loop, connection.c reads and writes one
 * of its connections, exchange.c takes a request from its head to its end, dispatch.c runs its
 * handler, respond.c makes an answer of its reply, stream.c goes on with one that is a
 * stream, request.c and reply.c are what handlers call,
 * problem.c answers what failed.
 */
#ifndef HTTP_SERVER_PRIV_H
#define HTTP_SERVER_PRIV_H

#include <stdatomic.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/fiber.h"
#include "core/gzip.h"
#include "core/queue.h"
#include "core/thread.h"
#include "http/answer.h"
#include "http/asset.h"
#include "http/client.h"
#include "http/fields.h"
#include "http/framing.h"
#include "http/guests.h"
#include "http/head.h"
#include "http/inbox.h"
#include "http/reserve.h"
#include "http/router.h"
#include "http/schedule.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/uri.h"

enum {
    REPLY_HEADERS_MAX = 16,
    REPLY_BODY_MAX = 64 * 1024 * 1024,
    REQUEST_ID_MAX = 128,
    CORRELATION_ID_MAX = 64,
    LOOP_READ_SIZE = 64 * 1024,
};

/* --- metrics of a route --- */

struct route_meter;

struct route_meter *route_meter_new(struct metrics *metrics, const char *prefix, bool is_https,
                                    const struct route *route);
void route_meter_free(struct route_meter *meter);
/* Both accept NULL: a server may run without metrics. */
void route_meter_record(struct route_meter *meter, int status, uint64_t us);

/* --- one request and its reply --- */

/* What may follow what is kept in exchange.c. A client that goes away ends its exchange in any
 * state but RUNNING, in which a worker or a fiber may have it.
 *
 *   SPARE -> READING -> RUNNING -> READY
 *     ^---------'--------------------'
 */
enum exchange_state {
    EXCHANGE_SPARE,   /* without a request, in the server's list or just made */
    EXCHANGE_READING, /* the head is read, the body is coming in */
    EXCHANGE_RUNNING, /* taken: on the loop, in the queue or with a worker */
    EXCHANGE_READY,   /* the answer is made, and goes out */
    EXCHANGE_STATE_COUNT,
};

struct header_line {
    const char *name;
    const char *value;
};

/* What the server knows of a request besides what handlers see; assigned whole when one begins. */
struct exchange_in {
    const struct client *client; /* which the connection keeps */
    struct net_address address;  /* of whom the request is from, behind our proxies */
    struct budget_bill bill;     /* what it drew */
    struct uri_target target;
    struct uri_path path;
    struct uri_query query;
    struct fields fields;
    struct framing framing;
    size_t body_seen;                /* bytes that came in, also those thrown away */
    size_t body_charged;             /* bytes of its body that stand in server->body_bytes */
    const struct route_entry *entry; /* never NULL */
    struct span *span;               /* of the server */
    uint64_t start_ns;
    struct ctx_place place; /* while its handler runs on the loop */
    unsigned allowed_methods;
    bool is_exempt; /* no budget counts it */
    bool is_head;
    bool is_options;
    bool is_packed;  /* its body is, with gzip, and has not been unpacked yet */
    bool expects;    /* the client waits to be told before it sends the body */
    bool is_counted; /* in server->in_flight */
    bool has_place;  /* one of the server's for streams */
    bool has_paused; /* its handler, which runs on the loop */
    bool must_close; /* the request was not read to its end: the connection cannot go on */
    bool has_failed; /* before a handler could run: `failure` is the answer */
};

enum etag_kind { ETAG_NONE, ETAG_WEAK, ETAG_STRONG };

/* The same of a reply; assigned whole when it is emptied. */
struct exchange_out {
    size_t header_count; /* of `headers` */
    enum etag_kind etag;
    bool is_negotiated;   /* the reply's form depends on Accept */
    const void *constant; /* the body, instead of what stands in the reply; NULL: that stands */
    size_t constant_length;
    struct topic *topic; /* the body is a stream of its events; NULL: it is none */
    const char *reader;  /* that it may be dismissed by; NULL: nothing */
};

/* Belongs to its loop thread, but to the queue and a worker between the two. Reused from the
 * server's list of spare ones, with its arena and buffers. */
struct exchange {
    struct server *server;
    struct loop *loop;
    struct scheduled *scheduled; /* its connection's turn */
    struct exchange *next;       /* in the list of spare ones, or in its loop's inbox */
    enum exchange_state state;   /* changed by exchange_move alone */
    struct arena arena;
    struct head head; /* borrows from the arena */
    struct buf body_in;

    struct request rq;
    struct exchange_in in;
    struct reply rp;
    struct exchange_out out;
    struct answer answer; /* borrows from the reply, or from its stream */
    struct stream stream; /* zero but while it goes on */

    /* Written before they are read, so nobody empties them. */
    struct err failure;
    struct header_line headers[REPLY_HEADERS_MAX];
};

/* --- the server --- */

/* Threads that run handlers, and the requests that wait for one of them. A route's flags say which
 * are its own. */
enum crew {
    CREW_WORKERS,
    CREW_OPERATORS, /* ROUTE_FOR_OPERATORS */
    CREW_SIGN_INS,  /* ROUTE_SIGNS_IN */
    CREW_PEERS,     /* ROUTE_CALLS_PEER */
    CREW_COUNT,
};

struct worker_pool {
    struct queue *queue;
    struct thread *threads;
    int64_t thread_count;
    int64_t reserve_count; /* of them: the last ones */
    int64_t queue_length;
    atomic_long queued;  /* requests that wait */
    atomic_long running; /* that its threads run */
    struct mutex lock;   /* guards what the reserve is told; asking it needs none */
    struct reserve reserve;
};

struct connection;

/* A loop thread. What follows the inbox belongs to it alone. */
struct loop {
    struct server *server;
    struct thread thread;
    atomic_long connections;
    atomic_bool is_stopping;
    struct inbox inbox;

    int epoll;
    struct schedule schedule;
    struct streams streams;
    struct connection **by_socket; /* NULL where it has none of that number */
    size_t by_socket_count;
    char *read_buffer; /* LOOP_READ_SIZE; what is in it lasts for one connection's turn */
    struct db_pipelines *pipelines; /* NULL: handlers that have to wait are for the workers */
    struct fibers *fibers;          /* that handlers with pipelines run in */
    uint64_t reads_due_ns;          /* when the pipelines want to be looked at */
};

struct server {
    struct server_options options;
    struct loop *loops;      /* options.loop_threads of them */
    struct thread acceptor;  /* accepts connections */
    int listener;            /* socket of the port */
    atomic_long connections; /* of all loops; only the acceptor adds to it */
    struct guests *guests;
    struct counter *refused_of_one; /* connections; NULL without metrics */
    struct counter *refused_of_all;
    struct counter *refused_bodies;
    int64_t port;
    struct router *router;
    struct route_entry unmatched[HTTP_METHOD_COUNT]; /* what requests without a route count as */
    struct made_asset openapi;
    struct made_asset contract; /* the part of it that is for peers */
    struct gzip_pool *gzip;

    struct worker_pool crews[CREW_COUNT];
    atomic_long in_flight;
    atomic_long streams;     /* that are open, or about to be */
    atomic_long body_bytes;  /* memory of bodies, but for the small ones */
    atomic_bool is_stopping; /* replies close their connections */
    atomic_bool is_refusing; /* new requests are answered 503 */
    atomic_bool has_warned_of_proxy;

    struct mutex lock;        /* guards spare and spare_count */
    struct cond is_idle;      /* signalled when in_flight falls to 0 while stopping */
    struct cond listen_again; /* signalled when there is room for a connection, and at the end */
    struct exchange *spare;
    size_t spare_count;
};

/* listen.c: the port, and the acceptor, which gives its connections to the loops. */
MUST_CHECK bool listen_open(struct server *server, struct err *err);
void listen_accept(void *server);                                  /* body of the acceptor */
void listen_ended(struct loop *loop, const struct client *client); /* a connection did */
void listen_close(struct server *server); /* ends the thread: nobody new gets in */
void listen_fini(struct server *server);

/* loop.c */
MUST_CHECK bool loop_start(struct loop *loop, struct server *server, struct err *err);
void loop_stop(struct loop *loop); /* one that was never started is accepted */

/* exchange.c: on the loop's thread. */
/* A request whose whole head is there. It is one whatever is wrong with it. */
struct exchange *exchange_begin(struct loop *loop, struct scheduled *scheduled,
                                const struct client *client, const char *bytes, size_t length);
/* One whose head cannot be read at all: it is only to be refused. */
struct exchange *exchange_refuse(struct loop *loop, struct scheduled *scheduled,
                                 const struct client *client, const struct err *err);
void exchange_fail(struct exchange *exchange, const struct err *err); /* while READING */
enum body_progress {
    BODY_MORE,
    BODY_WHOLE,
    BODY_GIVEN_UP, /* it is to be refused, and the rest not to be read */
};
/* Takes bytes of the body from *at, of which there are *left. */
enum body_progress exchange_read_body(struct exchange *exchange, const char **at, size_t *left);
/* All bodies together have so much memory, what is unpacked too: may that of this exchange have
 * `more`? ERR_UNAVAILABLE, and what it has is given back. By the thread that has the exchange. */
MUST_CHECK bool exchange_may_grow(void *exchange, size_t more, struct err *err);
/* It counts as taken no longer: a stop does not wait for it. */
void exchange_uncount(struct exchange *exchange);
void exchange_end(struct exchange *exchange); /* in any state but RUNNING */
void exchange_free_spare(struct server *server);
/* Aborts where the state must not follow the present one. */
void exchange_move(struct exchange *exchange, enum exchange_state next);

/* dispatch.c */
/* The request is complete, or refused: runs it or hands it over, on the loop's thread. True: it is
 * READY. False: its connection is told when it is (schedule_answer). */
MUST_CHECK bool dispatch_request(struct exchange *exchange);
void dispatch_work(void *pool);      /* body of a worker thread */
void dispatch_work_late(void *pool); /* body of one in reserve */

/* respond.c: finishes the reply (validator, compression) and makes the answer. */
void reply_finish(struct exchange *exchange);
void answer_make(struct exchange *exchange);

/* reply.c */
void reply_preflight(struct exchange *exchange);

/* problem.c: beside reply_problem, which writes it. */
extern const struct reply_shape PROBLEM_REPLY;
/* What stands in a problem document. `text` is what of the error may be shown. */
struct problem_view {
    const struct err *err;
    const char *text;
    const char *instance;
    const char *correlation_id;
    const char *trace_id;
    const char *field; /* at fault; "": none */
};
void problem_put(struct json_out *json, const char *key, const struct problem_view *view);

/* openapi.c; ERR_CONFIG for tables that cannot be described whole. */
MUST_CHECK bool openapi_write(struct buf *out, const struct server_options *options,
                              struct err *err);
/* Of those routes alone that one of the roles may call. */
MUST_CHECK bool openapi_write_for(struct buf *out, const struct server_options *options,
                                  unsigned roles, struct err *err);

#endif
