/* The OpenAPI 3.1 document of a server, made from its route tables. Bodies are described by their
 * shapes; replies have a name only. */
#include <stdio.h>
#include <string.h>

#include "http/server_priv.h"

enum {
    SHAPES_MAX = 128,
    REPLIES_MAX = 256,
    NAME_SIZE = 128,          /* bytes of a shape, a parameter or a template, with its NUL */
    TEXT_MAX = 2 * NAME_SIZE, /* of what is made of one */
};

/* What the tables mention, each once. */
struct survey {
    const struct json_shape *shapes[SHAPES_MAX];
    size_t shape_count;
    const char *replies[REPLIES_MAX]; /* names that are not also shapes */
    size_t reply_count;
};

static const char *const METHOD_KEYS[HTTP_METHOD_COUNT] = {"get", "post", "put", "patch", "delete"};

static bool check_name(const char *name, struct err *err)
{
    return strlen(name) < NAME_SIZE ||
           err_set(err, ERR_CONFIG, "\"%s\" is too long for the OpenAPI document: at most %d bytes",
                   name, NAME_SIZE - 1);
}

static bool survey_shape(struct survey *survey, const struct json_shape *shape, struct err *err)
{
    for (size_t i = 0; i < survey->shape_count; i++) {
        if (survey->shapes[i] == shape) {
            return true;
        }
        if (strcmp(survey->shapes[i]->name, shape->name) == 0) {
            return err_set(err, ERR_CONFIG, "two shapes of bodies are called \"%s\"", shape->name);
        }
    }
    if (survey->shape_count == SHAPES_MAX) {
        return err_set(err, ERR_CONFIG,
                       "the routes take more than %d shapes: raise SHAPES_MAX in http/openapi.c",
                       SHAPES_MAX);
    }
    survey->shapes[survey->shape_count++] = shape;
    return check_name(shape->name, err);
}

/* Only such names may be keys of components (OpenAPI 3.1, section 4.8.7). */
static bool is_schema_name(const char *name)
{
    return name != NULL && *name != '\0' &&
           name[strspn(
               name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

static bool is_known_name(const struct survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->shape_count; i++) {
        if (strcmp(survey->shapes[i]->name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < survey->reply_count; i++) {
        if (strcmp(survey->replies[i], name) == 0) {
            return true;
        }
    }
    return strcmp(name, "Problem") == 0;
}

static bool survey_reply(struct survey *survey, const char *name, struct err *err)
{
    if (!is_schema_name(name) || is_known_name(survey, name)) {
        return true;
    }
    if (survey->reply_count == REPLIES_MAX) {
        return err_set(err, ERR_CONFIG,
                       "the routes give more than %d replies: raise REPLIES_MAX in http/openapi.c",
                       REPLIES_MAX);
    }
    survey->replies[survey->reply_count++] = name;
    return check_name(name, err);
}

static bool survey_route(struct survey *survey, const struct route *route, struct err *err)
{
    return check_name(route->template, err) && params_check(route->template, route->params, err) &&
           (route->body == NULL || survey_shape(survey, route->body, err));
}

/* Grows while it is walked: items of lists come behind the shapes that mention them. */
static bool survey_items(struct survey *survey, struct err *err)
{
    for (size_t i = 0; i < survey->shape_count; i++) {
        for (size_t k = 0; k < survey->shapes[i]->field_count; k++) {
            const struct json_shape *items = survey->shapes[i]->fields[k].items;

            if (items != NULL && !survey_shape(survey, items, err)) {
                return false;
            }
        }
    }
    return true;
}

/* The next route of a template from a place in all tables on; NULL when there is none. A template
 * of NULL: of any. */
static const struct route *next_of_template(const struct server_options *options,
                                            const char *template, size_t *table, size_t *row)
{
    for (; *table < options->table_count; (*table)++, *row = 0) {
        while (*row < options->tables[*table].count) {
            const struct route *route = &options->tables[*table].routes[(*row)++];

            if (template == NULL || strcmp(route->template, template) == 0) {
                return route;
            }
        }
    }
    return NULL;
}

static bool survey_tables(struct survey *survey, const struct server_options *options,
                          struct err *err)
{
    const struct route *route;
    size_t table = 0;
    size_t row = 0;

    while ((route = next_of_template(options, NULL, &table, &row)) != NULL) {
        if (!survey_route(survey, route, err)) {
            return false;
        }
    }
    if (!survey_items(survey, err)) {
        return false;
    }
    table = 0;
    row = 0;
    while ((route = next_of_template(options, NULL, &table, &row)) != NULL) {
        if (!survey_reply(survey, route->reply, err)) {
            return false;
        }
    }
    return true;
}

/* --- schemas --- */

static void put_ref(struct json_out *json, const char *name)
{
    char text[TEXT_MAX];

    (void)snprintf(text, sizeof(text), "#/components/schemas/%s", name);
    json_put_text(json, "$ref", text);
}

static void put_words(struct json_out *json, const char *const *words)
{
    json_begin_list(json, "enum");
    for (; *words != NULL; words++) {
        json_put_text(json, NULL, *words);
    }
    json_end_list(json);
}

static void put_text_schema(struct json_out *json, const struct json_field *field)
{
    json_put_text(json, "type", "string");
    if (field->kind == JSON_KIND_EMAIL) {
        json_put_text(json, "format", "email");
    }
    json_put_int(json, "minLength", field->least);
    json_put_int(json, "maxLength", field->most);
    if (field->allowed != NULL) {
        put_words(json, field->allowed);
    }
}

static void put_field_schema(struct json_out *json, const struct json_field *field)
{
    json_begin_object(json, field->name);
    switch (field->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_EMAIL:
        put_text_schema(json, field);
        break;
    case JSON_KIND_INT:
        if (field->takes_text) {
            json_begin_list(json, "type");
            json_put_text(json, NULL, "integer");
            json_put_text(json, NULL, "string");
            json_end_list(json);
        } else {
            json_put_text(json, "type", "integer");
        }
        json_put_int(json, "minimum", field->least);
        json_put_int(json, "maximum", field->most);
        break;
    case JSON_KIND_MONEY:
        json_put_text(json, "type", "number");
        json_put_money(json, "minimum", field->least);
        json_put_money(json, "maximum", field->most);
        json_put_raw(json, "multipleOf", "0.01", 4);
        break;
    case JSON_KIND_BOOL:
        json_put_text(json, "type", "boolean");
        break;
    case JSON_KIND_LIST:
        json_put_text(json, "type", "array");
        json_put_int(json, "minItems", field->least);
        json_put_int(json, "maxItems", field->most);
        json_begin_object(json, "items");
        put_ref(json, field->items->name);
        json_end_object(json);
        break;
    }
    json_end_object(json);
}

static void put_shape_schema(struct json_out *json, const struct json_shape *shape)
{
    bool has_required = false;

    json_begin_object(json, shape->name);
    json_put_text(json, "type", "object");
    json_begin_object(json, "properties");
    for (size_t i = 0; i < shape->field_count; i++) {
        has_required |= shape->fields[i].presence == JSON_REQUIRED;
        put_field_schema(json, &shape->fields[i]);
    }
    json_end_object(json);
    if (has_required) {
        json_begin_list(json, "required");
        for (size_t i = 0; i < shape->field_count; i++) {
            if (shape->fields[i].presence == JSON_REQUIRED) {
                json_put_text(json, NULL, shape->fields[i].name);
            }
        }
        json_end_list(json);
    }
    json_end_object(json);
}

static void put_components(struct json_out *json, const struct survey *survey)
{
    static const char problem[] =
        "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\",\"error\"],"
        "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
        "\"status\":{\"type\":\"integer\",\"minimum\":400,\"maximum\":599},"
        "\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},"
        "\"error\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
        "\"correlation_id\":{\"type\":\"string\"},\"trace_id\":{\"type\":\"string\"},"
        "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"message\"],"
        "\"properties\":{\"pointer\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}}";

    json_begin_object(json, "components");
    json_begin_object(json, "schemas");
    json_put_raw(json, "Problem", problem, sizeof(problem) - 1);
    for (size_t i = 0; i < survey->shape_count; i++) {
        put_shape_schema(json, survey->shapes[i]);
    }
    for (size_t i = 0; i < survey->reply_count; i++) {
        json_begin_object(json, survey->replies[i]);
        json_put_text(json, "type", "object");
        json_end_object(json);
    }
    json_end_object(json);
    json_end_object(json);
}

/* --- operations --- */

static void put_key_parameter(struct json_out *json)
{
    json_begin_object(json, NULL);
    json_put_text(json, "name", "Idempotency-Key");
    json_put_text(json, "in", "header");
    json_put_text(json, "description",
                  "The first outcome is kept for 24 hours: the same request with the same key gets "
                  "it again, with Idempotency-Replayed: true");
    json_begin_object(json, "schema");
    json_put_text(json, "type", "string");
    json_put_text(json, "pattern", "^[A-Za-z0-9._:-]+$");
    json_put_int(json, "minLength", IDEMPOTENCY_KEY_LEAST);
    json_put_int(json, "maxLength", IDEMPOTENCY_KEY_MOST);
    json_end_object(json);
    json_end_object(json);
}

static void put_parameters(struct json_out *json, const struct route *route)
{
    json_begin_list(json, "parameters");
    if ((route->flags & ROUTE_TAKES_KEY) != 0) {
        put_key_parameter(json);
    }
    for (size_t i = 0; route->params != NULL && i < route->params->count; i++) {
        params_describe(&route->params->params[i], json);
    }
    json_end_list(json);
}

static void put_content(struct json_out *json, const char *type, const char *name)
{
    json_begin_object(json, "content");
    json_begin_object(json, type);
    json_begin_object(json, "schema");
    if (is_schema_name(name)) {
        put_ref(json, name);
    }
    json_end_object(json);
    json_end_object(json);
    json_end_object(json);
}

static void put_responses(struct json_out *json, const struct route *route)
{
    json_begin_object(json, "responses");
    json_begin_object(json, "2XX");
    json_put_text(json, "description", "Done");
    put_content(json, route->media != NULL ? route->media : "application/json", route->reply);
    json_end_object(json);
    json_begin_object(json, "default");
    json_put_text(json, "description", "Problem");
    put_content(json, "application/problem+json", "Problem");
    json_end_object(json);
    json_end_object(json);
}

/* OpenAPI has no word for the rest of a path: "{name...}" is "{name}" there. */
static void path_text(const char *template, char out[NAME_SIZE])
{
    const char *rest = strstr(template, "...}");

    (void)snprintf(out, NAME_SIZE, "%.*s%s", rest == NULL ? NAME_SIZE - 1 : (int)(rest - template),
                   template, rest == NULL ? "" : "}");
}

/* "get_api_orders_order_id" */
static void put_operation_id(struct json_out *json, const struct route *route)
{
    char text[TEXT_MAX];
    char path[NAME_SIZE];
    size_t at = (size_t)snprintf(text, sizeof(text), "%s", METHOD_KEYS[route->method]);

    path_text(route->template, path);
    for (const char *from = path; *from != '\0'; from++) {
        if (strchr("/.-", *from) != NULL) {
            text[at++] = '_';
        } else if (*from != '{' && *from != '}') {
            text[at++] = *from;
        }
    }
    text[at] = '\0';
    json_put_text(json, "operationId", text);
}

static void put_body(struct json_out *json, const struct server_options *options,
                     const struct route *route)
{
    json_begin_object(json, "requestBody");
    json_put_bool(json, "required", true);
    json_put_int(json, "x-max-bytes", route->body_max > 0 ? route->body_max : options->body_max);
    if (route->body != NULL) {
        put_content(json, "application/json", route->body->name);
    } else {
        json_begin_object(json, "content");
        for (size_t i = 0; route->takes[i] != NULL; i++) {
            json_begin_object(json, route->takes[i]);
            json_end_object(json);
        }
        json_end_object(json);
    }
    json_end_object(json);
}

static void put_operation(struct json_out *json, const struct server_options *options,
                          const struct route *route)
{
    json_begin_object(json, METHOD_KEYS[route->method]);
    put_operation_id(json, route);
    json_put_text(json, "summary", route->summary == NULL ? route->template : route->summary);
    put_parameters(json, route);
    if (route->body != NULL || route->takes != NULL) {
        put_body(json, options, route);
    }
    put_responses(json, route);
    json_end_object(json);
}

/* --- paths --- */

static bool is_first_of_template(const struct server_options *options, const struct route *route)
{
    size_t table = 0;
    size_t row = 0;

    return next_of_template(options, route->template, &table, &row) == route;
}

static void put_path(struct json_out *json, const struct server_options *options,
                     const char *template)
{
    const struct route *route;
    char text[NAME_SIZE];
    size_t table = 0;
    size_t row = 0;

    path_text(template, text);
    json_begin_object(json, text);
    while ((route = next_of_template(options, template, &table, &row)) != NULL) {
        put_operation(json, options, route);
    }
    json_end_object(json);
}

bool openapi_write(struct buf *out, const struct server_options *options, struct err *err)
{
    struct survey survey = {.shape_count = 0};
    struct json_out json;
    const struct route *route;
    size_t table = 0;
    size_t row = 0;

    if (!survey_tables(&survey, options, err)) {
        return false;
    }
    json_out_init(&json, out);
    json_begin_object(&json, NULL);
    json_put_text(&json, "openapi", "3.1.0");
    json_begin_object(&json, "info");
    json_put_text(&json, "title", options->service);
    json_put_text(&json, "version", "1");
    json_end_object(&json);
    json_begin_object(&json, "paths");
    while ((route = next_of_template(options, NULL, &table, &row)) != NULL) {
        if (is_first_of_template(options, route)) {
            put_path(&json, options, route->template);
        }
    }
    json_end_object(&json);
    put_components(&json, &survey);
    json_end_object(&json);
    return !out->bad ||
           err_set(err, ERR_CONFIG, "the OpenAPI document is larger than %zu bytes", out->max);
}
