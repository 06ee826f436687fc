/*
 * http/router.h: finds the route of a path. Built once at start from the route tables, read-only
 * afterwards, so any thread may ask.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "core/err.h"
#include "http/server.h"
#include "http/uri.h"

enum {
    ROUTE_PARAMS_MAX = 4,
    ALLOW_TEXT_MAX = 64, /* "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" and its NUL */
};

/* One row of a table with all that requests need from it prepared. */
struct route_entry {
    const struct route *route;
    const char *action;      /* "GET /api/orders/{order_id}" */
    const char *workflow_id; /* the server's, as is the meter */
    size_t param_count;
    const char *param_names[ROUTE_PARAMS_MAX];
    size_t param_segments[ROUTE_PARAMS_MAX]; /* which segment of the path holds it, or begins it: */
    bool has_tail;                           /* the last one is the rest of the path */
    struct route_meter *meter;
};

struct router;

/* ERR_CONFIG for a template that cannot be, and for two rows that are the same. */
MUST_CHECK bool router_new(const struct route_table *tables, size_t table_count,
                           struct router **ret_router, struct err *err);
void router_free(struct router *router); /* NULL is accepted */

size_t router_count(const struct router *router);
struct route_entry *router_entry(struct router *router, size_t index);

/* A literal segment wins over a parameter, and a parameter over a rest of the path ("{name...}",
 * one segment or more), whatever the method: of all templates that fit one decides, as OpenAPI says
 * ("concrete before templated"). NULL: none; *ret_allowed then has a bit per method that this
 * template has, 0 when none fits. HTTP_METHOD_COUNT asks for that set alone. */
const struct route_entry *router_find(const struct router *router, const struct uri_path *path,
                                      enum http_method method, unsigned *ret_allowed);
/* What a path that the entry was found for holds in its template's places; borrowed from both. */
struct uri_query router_params(const struct route_entry *entry, const struct uri_path *path,
                               struct uri_param into[ROUTE_PARAMS_MAX]);
/* Writes the Allow header of such a set. */
void router_allow_text(unsigned allowed, char out[ALLOW_TEXT_MAX]);

const char *http_method_name(enum http_method method);
/* Which workflow a template belongs to; "other" when it is none of them. */
const char *workflow_id_of(const struct workflow *workflows, size_t count, const char *template);

#endif
