/*
 * http/openapi_priv.h: what the makers of the OpenAPI document share. openapi_survey.c finds what
 * the route tables mention, openapi_schema.c describes bodies, replies and events,
 * openapi_example.c makes up replies, openapi_responses.c says how a route may answer, openapi.c
 * puts it together.
 */
#ifndef HTTP_OPENAPI_PRIV_H
#define HTTP_OPENAPI_PRIV_H

#include "http/topic.h"

#include "http/server_priv.h"

enum {
    OPENAPI_SHAPES_MAX = 256, /* of bodies, and as many of replies */
    OPENAPI_NAME_SIZE = 128,  /* bytes of a shape, a parameter or a template, with its NUL */
    OPENAPI_TEXT_MAX = 4 * OPENAPI_NAME_SIZE, /* of what is made of one */
};

/* What is usual for a kind, in schemas and in whole examples. A text has to be declared: this one
 * says nothing, and a test looks for it. */
#define OPENAPI_TEXT_EXAMPLE "text"
#define OPENAPI_TIME_EXAMPLE "2026-11-22T10:11:12.000000Z"
#define OPENAPI_TRACE_EXAMPLE "4bf92f3577b34da6a3ce929d0e0e4736"
#define OPENAPI_MONEY_EXAMPLE "1299.00"

/* What the tables mention, each once. */
struct openapi_survey {
    const struct json_shape *bodies[OPENAPI_SHAPES_MAX];
    size_t body_count;
    const struct reply_shape *replies[OPENAPI_SHAPES_MAX];
    size_t reply_count;
};

/* ERR_CONFIG for what has no room, and for two shapes of one name. */
MUST_CHECK bool openapi_survey(struct openapi_survey *ret, const struct server_options *options,
                               struct err *err);

/* Members of the open object. */
void openapi_put_schemas(struct json_out *json, const struct openapi_survey *survey);
/* "schema" of a stream of these events, and of TOPIC_MISSED, which each may have. */
void openapi_put_event_schema(struct json_out *json, const struct event_shape *const *events);
void openapi_put_ref(struct json_out *json, const char *kind, const char *name);

/* An object of that shape, with a member in each list. */
void openapi_put_example(struct json_out *json, const char *key,
                         const struct server_options *options, const struct reply_shape *shape);

/* The object "responses" of a route, and the members of "components" that it refers to. */
void openapi_put_responses(struct json_out *json, const struct server_options *options,
                           const struct route *route);
void openapi_put_response_components(struct json_out *json, const struct server_options *options);

#endif
