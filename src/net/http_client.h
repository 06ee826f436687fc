/*
 * net/http_client.h: calls to a peer over HTTP (libcurl): deadline of the unit of work, trace
 * context passed on, retry of safe calls, circuit breaker. One client per peer; connections are
 * kept open. Threads: any.
 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "net/breaker.h"
#include "trace/ctx.h"

struct http_client;

struct http_client_options {
    const char *peer;          /* "crm": breaker and span name */
    const char *base_url;      /* "http://127.0.0.1:8081", without a final slash */
    const char *internal_key;  /* X-Internal-Service-Key; NULL sends none; never logged */
    const char *authorization; /* Authorization; NULL or empty sends none; never logged */
    const char *service_name;  /* X-Service-Name */
    const char *service_version;
    bool is_visitor;    /* tells of no trace, as a browser does: the peer begins one */
    int64_t timeout_ms; /* of one try, never past the unit's deadline */
    int64_t tries;      /* of GET and of calls with an Idempotency-Key; 1: no retry */
    /* Runs before each try, in its span; NULL: nothing does. */
    void (*before)(struct ctx *ctx, void *arg);
    void *before_arg;
    struct breaker_options breaker;
};

struct http_call {
    const char *method; /* "GET", "POST" */
    const char *path;   /* "/api/orders?limit=200", already encoded */
    const char *body;   /* NULL: none */
    size_t body_length;
    const char *body_type;       /* NULL: application/json */
    const char *idempotency_key; /* NULL: none */
    const char *authorization;   /* "Bearer ..."; NULL: the client's own */
    int64_t body_max;            /* of the answer, bytes */
};

struct http_answer {
    int status;
    struct buf body; /* buf_fini() by the caller, also after a failure */
};

/* How what is sent to a URL travels. */
enum http_way {
    HTTP_WAY_NONE,    /* it is no URL of HTTP */
    HTTP_WAY_PLAIN,   /* over a network, for all to read who are on the way */
    HTTP_WAY_PRIVATE, /* over TLS, or on this machine alone (core/network.h) */
};
/* As the client would read it. */
enum http_way http_way_of(const char *url);

struct http_client *http_client_new(const struct http_client_options *options);
void http_client_free(struct http_client *client);
/* True for every complete answer, whatever its status: the caller judges it. ERR_BREAKER_OPEN,
 * ERR_DEADLINE, ERR_PEER (cannot connect, broken answer, answer over the limit) otherwise. 5xx and
 * failures count for the breaker. */
MUST_CHECK bool http_client_call(struct ctx *ctx, struct http_client *client,
                                 const struct http_call *call, struct http_answer *ret_answer,
                                 struct err *err);
const struct breaker *http_client_breaker(const struct http_client *client);
/* The host part of the base URL, for spans and status pages. */
const char *http_client_host(const struct http_client *client);

#endif
