/* How a route may answer: its reply, and the problems that follow from its row. */
#include <string.h>

#include "http/openapi_priv.h"

/* On every response, as the tests see; these are the ones that a client can use. */
static const struct {
    const char *name;
    const char *about;
} HEADERS[] = {
    {"X-Trace-Id", "Leads to the service's log and to every statement of the request"},
    {"X-Span-Id", "The service's own span in that trace"},
    {"X-Request-Id", "That of the request, or a new one"},
    {"X-Correlation-Id", "That of the request, else its trace"},
    {"X-Workflow-Id", "Which way through the service the route belongs to"},
};
static const size_t HEADER_COUNT = sizeof(HEADERS) / sizeof(HEADERS[0]);

static const struct problem {
    int status;
    enum err_code code; /* that has it, for an example */
    const char *key;    /* in components */
    const char *about;
    const char *header; /* one that goes with it, or NULL */
    const char *header_about;
} PROBLEMS[] = {
    {400, ERR_MALFORMED, "BadRequest", "The request cannot be read", NULL, NULL},
    {401, ERR_UNAUTHORIZED, "Unauthorized", "No credentials, or bad ones", "WWW-Authenticate",
     "The scheme that is wanted"},
    {403, ERR_FORBIDDEN, "Forbidden", "The caller may not do this", NULL, NULL},
    {404, ERR_NOT_FOUND, "NotFound", "There is no such thing", NULL, NULL},
    {409, ERR_CONFLICT, "Conflict", "What is stored does not allow it", NULL, NULL},
    {410, ERR_GONE, "Gone", "What it refers to is no longer there", NULL, NULL},
    {412, ERR_PRECONDITION, "PreconditionFailed", "If-Match is of another version than is there",
     NULL, NULL},
    {413, ERR_TOO_LARGE, "ContentTooLarge", "The body is larger than the service takes", NULL,
     NULL},
    {415, ERR_MEDIA_TYPE, "UnsupportedMediaType",
     "The body is of a type or a coding that the route does not take", NULL, NULL},
    {422, ERR_INVALID, "Unprocessable", "Readable, but a value is not allowed", NULL, NULL},
    {428, ERR_PRECONDITION_REQUIRED, "PreconditionRequired",
     "What is to be changed has to be named by If-Match", NULL, NULL},
    {429, ERR_RATE_LIMITED, "TooManyRequests", "Too many in a short time", "Retry-After",
     "Seconds"},
    {503, ERR_UNAVAILABLE, "Unavailable", "The service or its database cannot do it now",
     "Retry-After", "Seconds"},
    {0, ERR_INTERNAL, "Failure", "Whatever else went wrong", NULL, NULL},
};
enum { PROBLEM_COUNT = sizeof(PROBLEMS) / sizeof(PROBLEMS[0]) };

static bool gives(const struct route *route, unsigned outcome)
{
    return (route->outcomes & outcome) != 0;
}

/* The service asks for a caller where it has to know him, and refuses a cookie that comes from
 * another site's page. */
static bool may_forbid(const struct route *route)
{
    return route->access != ANYONE || gives(route, GIVES_403) ||
           ((route->flags & ROUTE_KNOWS_CALLER) != 0 && route->method != GET);
}

static bool is_page(const struct route *route)
{
    return route->media != NULL && strcmp(route->media, "text/html") == 0;
}

static bool may_give(const struct route *route, int status)
{
    const bool has_path_parameter = strchr(route->template, '{') != NULL;
    const bool takes_key = (route->flags & ROUTE_TAKES_KEY) != 0;

    switch (status) {
    case 401:
        return route->access != ANYONE || gives(route, GIVES_401);
    case 403:
        return may_forbid(route);
    case 404:
        /* A page is there for every number: what it asks for may not be. */
        return (has_path_parameter && !is_page(route)) || gives(route, GIVES_404);
    case 409:
        return takes_key || gives(route, GIVES_409);
    case 410:
        return gives(route, GIVES_410);
    case 412:
        return (route->flags & ROUTE_EDITS) != 0;
    case 413:
    case 415:
        return route->body != NULL || route->takes != NULL;
    case 422:
        return has_path_parameter || takes_key || route->body != NULL || route->params != NULL;
    case 428:
        return gives(route, GIVES_428);
    case 429:
        return gives(route, GIVES_429);
    default: /* a request that cannot be read, a service that is stopping, and what is no outcome */
        return true;
    }
}

static void put_events(struct json_out *json, const struct event_shape *const *events)
{
    json_begin_object(json, "text/event-stream");
    openapi_put_event_schema(json, events);
    json_end_object(json);
}

static void put_text(struct json_out *json, const char *type)
{
    json_begin_object(json, type);
    json_begin_object(json, "schema");
    json_put_text(json, "type", "string");
    json_end_object(json);
    json_end_object(json);
}

/* Members of the open media type. */
static void put_schema(struct json_out *json, const struct reply_shape *shape)
{
    json_begin_object(json, "schema");
    openapi_put_ref(json, "schemas", shape->name);
    json_end_object(json);
}

static void put_json(struct json_out *json, const struct server_options *options,
                     const struct reply_shape *shape)
{
    json_begin_object(json, "application/json");
    put_schema(json, shape);
    openapi_put_example(json, "example", options, shape);
    json_end_object(json);
}

/* As problem.c would answer the error. */
static void put_problem_json(struct json_out *json, const struct problem *problem)
{
    struct err err;

    if (problem->status == 422) {
        (void)err_field(&err, problem->code, "limit", "limit must be from 1 to 500");
    } else {
        (void)err_set(&err, problem->code, "%s", err_title(problem->code));
    }
    json_begin_object(json, "application/problem+json");
    put_schema(json, &PROBLEM_REPLY);
    problem_put(json, "example",
                &(struct problem_view){
                    .err = &err,
                    .text = err.text,
                    .instance = "/api/example",
                    .correlation_id = OPENAPI_TRACE_EXAMPLE,
                    .trace_id = OPENAPI_TRACE_EXAMPLE,
                    .field = err.field,
                });
    json_end_object(json);
}

static void put_header(struct json_out *json, const char *name, const char *about, const char *type)
{
    json_begin_object(json, name);
    json_put_text(json, "description", about);
    json_begin_object(json, "schema");
    json_put_text(json, "type", type);
    json_end_object(json);
    json_end_object(json);
}

/* Members of the open "headers". */
static void put_common_headers(struct json_out *json)
{
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        json_begin_object(json, HEADERS[i].name);
        openapi_put_ref(json, "headers", HEADERS[i].name);
        json_end_object(json);
    }
}

/* --- of a route --- */

static void put_reply_headers(struct json_out *json, const struct route *route)
{
    json_begin_object(json, "headers");
    put_common_headers(json);
    if (gives(route, GIVES_304)) {
        put_header(json, "ETag", "For If-None-Match", "string");
    }
    if ((route->flags & ROUTE_EDITS) != 0) {
        put_header(json, "ETag", "Of the thing as it is now, for If-Match", "string");
    }
    if ((route->flags & ROUTE_TAKES_KEY) != 0) {
        put_header(json, "Idempotency-Replayed",
                   "true: this is what the first request with the key was answered", "string");
    }
    json_end_object(json);
}

static void put_redirect(struct json_out *json)
{
    json_begin_object(json, "302");
    json_put_text(json, "description", "Go on there");
    json_begin_object(json, "headers");
    put_common_headers(json);
    put_header(json, "Location", "Where to go on", "string");
    json_end_object(json);
    json_end_object(json);
}

static void put_nothing(struct json_out *json)
{
    json_begin_object(json, "204");
    json_put_text(json, "description", "Done; there is nothing to say");
    json_begin_object(json, "headers");
    put_common_headers(json);
    json_end_object(json);
    json_end_object(json);
}

static void put_reply(struct json_out *json, const struct server_options *options,
                      const struct route *route)
{
    if (gives(route, GIVES_302)) {
        put_redirect(json);
        return;
    }
    if (gives(route, GIVES_204)) {
        put_nothing(json);
        return;
    }
    json_begin_object(json, "200");
    json_put_text(json, "description", "Done");
    put_reply_headers(json, route);
    json_begin_object(json, "content");
    if (route->events != NULL) {
        put_events(json, route->events);
    } else if (route->reply != NULL) {
        put_json(json, options, route->reply);
    } else {
        put_text(json, route->media != NULL ? route->media : "application/json");
    }
    json_end_object(json);
    json_end_object(json);
    if (gives(route, GIVES_304)) {
        json_begin_object(json, "304");
        json_put_text(json, "description", "What If-None-Match names is what there is");
        json_end_object(json);
    }
}

static const char *status_text(const struct problem *problem, char out[4])
{
    if (problem->status == 0) {
        return "default";
    }
    out[0] = (char)('0' + problem->status / 100);
    out[1] = (char)('0' + problem->status / 10 % 10);
    out[2] = (char)('0' + problem->status % 10);
    out[3] = '\0';
    return out;
}

static void put_problem(struct json_out *json, const struct server_options *options,
                        const struct route *route, const struct problem *problem)
{
    char text[4];

    json_begin_object(json, status_text(problem, text));
    if (problem->status == 503 && gives(route, GIVES_REPLY_503)) {
        json_put_text(json, "description", problem->about);
        json_begin_object(json, "content");
        put_json(json, options, route->reply);
        put_problem_json(json, problem);
        json_end_object(json);
    } else {
        openapi_put_ref(json, "responses", problem->key);
    }
    json_end_object(json);
}

void openapi_put_responses(struct json_out *json, const struct server_options *options,
                           const struct route *route)
{
    json_begin_object(json, "responses");
    put_reply(json, options, route);
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        if (may_give(route, PROBLEMS[i].status)) {
            put_problem(json, options, route, &PROBLEMS[i]);
        }
    }
    json_end_object(json);
}

/* --- components --- */

static void put_problem_component(struct json_out *json, const struct problem *problem)
{
    json_begin_object(json, problem->key);
    json_put_text(json, "description", problem->about);
    json_begin_object(json, "headers");
    put_common_headers(json);
    if (problem->header != NULL) {
        put_header(json, problem->header, problem->header_about, "string");
    }
    json_end_object(json);
    json_begin_object(json, "content");
    put_problem_json(json, problem);
    json_end_object(json);
    json_end_object(json);
}

static bool may_any_give(const struct server_options *options, int status)
{
    for (size_t i = 0; i < options->table_count; i++) {
        for (size_t k = 0; k < options->tables[i].count; k++) {
            if (may_give(&options->tables[i].routes[k], status)) {
                return true;
            }
        }
    }
    return false;
}

void openapi_put_response_components(struct json_out *json, const struct server_options *options)
{
    json_begin_object(json, "responses");
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        if (may_any_give(options, PROBLEMS[i].status)) {
            put_problem_component(json, &PROBLEMS[i]);
        }
    }
    json_end_object(json);
    json_begin_object(json, "headers");
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        put_header(json, HEADERS[i].name, HEADERS[i].about, "string");
    }
    json_end_object(json);
}
