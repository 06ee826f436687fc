/* Finds all shapes that the route tables mention, directly or in one another. */
#include <string.h>

#include "http/openapi_priv.h"

static bool check_name(const char *name, struct err *err)
{
    return strlen(name) < OPENAPI_NAME_SIZE ||
           err_set(err, ERR_CONFIG, "\"%s\" is too long for the OpenAPI document: at most %d bytes",
                   name, OPENAPI_NAME_SIZE - 1);
}

static bool is_taken(const struct openapi_survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->body_count; i++) {
        if (strcmp(survey->bodies[i]->name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < survey->reply_count; i++) {
        if (strcmp(survey->replies[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* May a further shape get this name, where so many have one? */
static bool check_shape(const struct openapi_survey *survey, const char *name, size_t count,
                        struct err *err)
{
    if (is_taken(survey, name)) {
        return err_set(err, ERR_CONFIG, "two shapes are called \"%s\"", name);
    }
    if (count == OPENAPI_SHAPES_MAX) {
        return err_set(err, ERR_CONFIG,
                       "the routes have more than %d shapes: raise OPENAPI_SHAPES_MAX in "
                       "http/openapi_priv.h",
                       OPENAPI_SHAPES_MAX);
    }
    return check_name(name, err);
}

static bool add_body(struct openapi_survey *survey, const struct json_shape *shape, struct err *err)
{
    for (size_t i = 0; i < survey->body_count; i++) {
        if (survey->bodies[i] == shape) {
            return true;
        }
    }
    if (!check_shape(survey, shape->name, survey->body_count, err)) {
        return false;
    }
    survey->bodies[survey->body_count++] = shape;
    return true;
}

static bool add_reply(struct openapi_survey *survey, const struct reply_shape *shape,
                      struct err *err)
{
    for (size_t i = 0; i < survey->reply_count; i++) {
        if (survey->replies[i] == shape) {
            return true;
        }
    }
    if (!check_shape(survey, shape->name, survey->reply_count, err)) {
        return false;
    }
    survey->replies[survey->reply_count++] = shape;
    return true;
}

static bool add_events(struct openapi_survey *survey, const struct event_shape *const *events,
                       struct err *err)
{
    if (events == NULL) {
        return true;
    }
    for (; *events != NULL; events++) {
        if (!add_reply(survey, (*events)->data, err)) {
            return false;
        }
    }
    return add_reply(survey, TOPIC_MISSED.data, err);
}

static bool add_route(struct openapi_survey *survey, const struct route *route, struct err *err)
{
    return check_name(route->template, err) && params_check(route->template, route->params, err) &&
           (route->body == NULL || add_body(survey, route->body, err)) &&
           (route->reply == NULL || add_reply(survey, route->reply, err)) &&
           add_events(survey, route->events, err);
}

/* Grows while it is walked: what a shape mentions comes behind it. */
static bool add_items(struct openapi_survey *survey, struct err *err)
{
    for (size_t i = 0; i < survey->body_count; i++) {
        for (size_t k = 0; k < survey->bodies[i]->field_count; k++) {
            const struct json_shape *items = survey->bodies[i]->fields[k].items;

            if (items != NULL && !add_body(survey, items, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool add_parts_of(struct openapi_survey *survey, const struct reply_shape *shape,
                         struct err *err)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        if (shape->fields[i].shape != NULL && !add_reply(survey, shape->fields[i].shape, err)) {
            return false;
        }
    }
    return true;
}

/* Members of a base are its heirs' own, so it is no schema for that. */
static bool add_parts(struct openapi_survey *survey, struct err *err)
{
    for (size_t i = 0; i < survey->reply_count; i++) {
        for (const struct reply_shape *at = survey->replies[i]; at != NULL; at = at->base) {
            if (!add_parts_of(survey, at, err)) {
                return false;
            }
        }
    }
    return true;
}

bool openapi_survey(struct openapi_survey *ret, const struct server_options *options,
                    struct err *err)
{
    ret->body_count = 0;
    ret->reply_count = 0;
    if (!add_reply(ret, &PROBLEM_REPLY, err)) {
        return false;
    }
    for (size_t i = 0; i < options->table_count; i++) {
        for (size_t k = 0; k < options->tables[i].count; k++) {
            if (!add_route(ret, &options->tables[i].routes[k], err)) {
                return false;
            }
        }
    }
    return add_items(ret, err) && add_parts(ret, err);
}
