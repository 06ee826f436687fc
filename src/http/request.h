/*
 * http/request.h: one request and its reply as a handler sees them. Both live until the reply has
 * been handed to the server; texts are borrowed from the request or its arena.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "http/fields.h"
#include "http/json_out.h"
#include "http/params.h"
#include "http/reply_shape.h"
#include "trace/ctx.h"

enum http_method { GET, POST, PUT, PATCH, DELETE, HTTP_METHOD_COUNT };

struct route;
struct budget;
struct exchange;
struct topic;

struct request {
    struct ctx ctx;
    enum http_method method;
    const struct route *route;
    const char *path;  /* decoded, valid UTF-8, without query */
    const char *query; /* as it came, not terminated; query_length is 0 where there is none */
    size_t query_length;
    void *service;         /* what the server was given: struct shop, struct crm */
    const void *params;    /* the struct of route->params, bound; NULL for routes without one */
    const void *body;      /* the same of route->body */
    const char *body_text; /* raw bytes, NUL-terminated */
    size_t body_length;
    bool is_proxied;    /* a proxy of ours has sent it: what proxies add may be believed */
    bool is_secure;     /* https: such a proxy says so */
    void *service_data; /* what the service keeps for this run of the handler; NULL at first */
    struct exchange *exchange;
};

struct reply {
    int status;               /* 200 at first */
    const char *content_type; /* "application/json" at first */
    struct buf body;
    struct json_out json; /* writes into body */
    struct exchange *exchange;
};

/* Serves one route. False with *err set becomes a problem document; the reply is then dropped.
 * Where its flags say so, it may be called twice for a request, each time as if for the first. */
typedef bool http_handler(struct request *rq, struct reply *rp, struct err *err);

/* NULL when it is not there, else as http/fields.h says. */
const char *request_field(const struct request *rq, enum field field);
/* The name that a cookie of ours has on the way: "__Host-..." over HTTPS, so that no other host of
 * the domain and nobody on an unencrypted way could have set it (RFC 6265bis section 4.1.3.2). */
const char *cookie_name(const struct request *rq, const char *name);
/* A cookie by its name without that prefix. *ret is NULL when it is not there. ERR_MALFORMED for
 * one that is there and unusable: it must not be taken for absent, because another caller would be
 * served. */
MUST_CHECK bool request_cookie(const struct request *rq, const char *name, const char **ret,
                               struct err *err);

/* Draws from a budget besides that of the route, as a stranger: who is exempt draws nothing.
 * ERR_RATE_LIMITED. */
MUST_CHECK bool request_spend(const struct request *rq, struct budget *budget, struct err *err);
/* The same for who is told by these bytes instead of an address. */
MUST_CHECK bool request_spend_of(const struct request *rq, struct budget *budget, const void *who,
                                 size_t size, struct err *err);

/* total, count, limit, offset as members of the object that is open. */
void reply_page(struct reply *rp, const struct page *page, int64_t total, int64_t count);
extern const struct reply_shape PAGE_REPLY; /* a base */

/* As it was at first: 200, JSON, no body, no headers. What may run more than once begins with it.
 */
void reply_empty(struct reply *rp);
void reply_header(struct reply *rp, const char *name, const char *value); /* value is copied */
/* Path=/, HttpOnly, SameSite=Lax; Secure and __Host- when the request is. max_age_s 0 deletes the
 * cookie. */
void reply_cookie(struct request *rq, struct reply *rp, const char *name, const char *value,
                  int64_t max_age_s);
/* Weak validator over the body; a matching If-None-Match turns the reply into a 304. */
void reply_etag(struct request *rq, struct reply *rp);
/* Strong validator over the body, which is then never compressed: by it an edit says of which
 * version it is. So an edit answers with the very body that GET gives of the thing. A matching
 * If-None-Match turns the reply to GET into a 304. */
void reply_version(struct request *rq, struct reply *rp);
/* For an edit (ROUTE_EDITS), in the transaction that makes it: rp holds what GET would give of the
 * thing. Is If-Match, where the request has one, of that? Then rp is empty again, for what is there
 * afterwards. ERR_PRECONDITION. */
MUST_CHECK bool reply_is_of_version(const struct request *rq, struct reply *rp, struct err *err);
/* The body is these bytes, which live as long as the program: they are neither copied nor changed.
 */
void reply_constant(struct reply *rp, const void *bytes, size_t length);
/* The body is what is posted to the topic, from now on or behind the Last-Event-ID of the request,
 * as server-sent events (http/stream.h), until it is dismissed by `who` (http/topic.h; of the
 * request's arena, or NULL). The topic lives until the server is stopped. */
void reply_stream(struct reply *rp, struct topic *topic, const char *who);
/* 302: go on there. An address with all that has to be encoded encoded. */
void reply_redirect(struct reply *rp, const char *location);
/* {"status": word} */
void reply_status_word(struct reply *rp, const char *word);
extern const struct reply_shape STATUS_REPLY;

#endif
