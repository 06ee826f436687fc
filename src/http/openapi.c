/* The OpenAPI 3.1 document of a server, made from its route tables. */
#include <stdio.h>
#include <string.h>

#include "http/openapi_priv.h"

static const char *const METHOD_KEYS[HTTP_METHOD_COUNT] = {"get", "post", "put", "patch", "delete"};

static const struct reply_field document_fields[] = {
    REPLY_FIELD("openapi", REPLY_TEXT),
    REPLY_FIELD("info", REPLY_OBJECT),
    REPLY_FIELD("servers", REPLY_OBJECT | REPLY_LIST),
    REPLY_FIELD("tags", REPLY_OBJECT | REPLY_LIST),
    REPLY_FIELD("paths", REPLY_OBJECT),
    REPLY_FIELD("components", REPLY_OBJECT),
};
const struct reply_shape OPENAPI_REPLY = REPLY_SHAPE("OpenApiDocument", document_fields);

/* A place in all tables. */
struct found_route {
    const struct route *route;
    const char *tag;
    size_t table;
    size_t row; /* the next one */
};

/* Goes on to the next route of a template; false when there is none. A template of NULL: of any. */
static bool next_of_template(const struct server_options *options, const char *template,
                             struct found_route *found)
{
    for (; found->table < options->table_count; found->table++, found->row = 0) {
        const struct route_table *table = &options->tables[found->table];

        while (found->row < table->count) {
            found->route = &table->routes[found->row++];
            found->tag = table->tag;
            if (template == NULL || strcmp(found->route->template, template) == 0) {
                return true;
            }
        }
    }
    return false;
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

static void put_version_parameter(struct json_out *json, const struct route *route)
{
    const char *about =
        (route->outcomes & GIVES_428) != 0
            ? "The ETag of what is to be changed, as it was read, or *: changed meanwhile, it is "
              "left as it is and answered with 412. An edit of what others change besides is "
              "answered with 428 without one; of anything else the last who writes wins"
            : "The ETag of what is to be changed, as it was read: changed meanwhile, it is left as "
              "it is and answered with 412. Without one the last who writes wins";

    json_begin_object(json, NULL);
    json_put_text(json, "name", "If-Match");
    json_put_text(json, "in", "header");
    json_put_text(json, "description", about);
    json_begin_object(json, "schema");
    json_put_text(json, "type", "string");
    json_end_object(json);
    json_end_object(json);
}

static void put_cookie(struct json_out *json, const struct route_cookie *cookie)
{
    json_begin_object(json, NULL);
    json_put_text(json, "name", cookie->name);
    json_put_text(json, "in", "cookie");
    json_put_text(json, "description", cookie->about);
    json_begin_object(json, "schema");
    json_put_text(json, "type", "string");
    json_end_object(json);
    json_end_object(json);
}

static void put_parameters(struct json_out *json, const struct route *route)
{
    json_begin_list(json, "parameters");
    if ((route->flags & ROUTE_TAKES_KEY) != 0) {
        put_key_parameter(json);
    }
    if ((route->flags & ROUTE_EDITS) != 0) {
        put_version_parameter(json, route);
    }
    if (route->cookie != NULL) {
        put_cookie(json, route->cookie);
    }
    for (size_t i = 0; route->params != NULL && i < route->params->count; i++) {
        params_describe(&route->params->params[i], json);
    }
    json_end_list(json);
}

/* OpenAPI has no word for the rest of a path: "{name...}" is "{name}" there. */
static void path_text(const char *template, char out[OPENAPI_NAME_SIZE])
{
    const char *rest = strstr(template, "...}");

    (void)snprintf(out, OPENAPI_NAME_SIZE, "%.*s%s",
                   rest == NULL ? OPENAPI_NAME_SIZE - 1 : (int)(rest - template), template,
                   rest == NULL ? "" : "}");
}

/* "shop_get_api_orders_by_order_id" */
static void put_operation_id(struct json_out *json, const struct server_options *options,
                             const struct route *route)
{
    const char *service =
        options->metric_prefix != NULL ? options->metric_prefix : options->service;
    char path[OPENAPI_NAME_SIZE];
    struct buf id;

    path_text(strcmp(route->template, "/") == 0 ? "/root" : route->template, path);
    buf_init(&id, OPENAPI_TEXT_MAX);
    buf_printf(&id, "%s_%s", service, METHOD_KEYS[route->method]);
    for (const char *from = path; *from != '\0'; from++) {
        if (*from == '{') {
            buf_add_text(&id, "by_");
        } else if (strchr("/.-", *from) != NULL) {
            buf_add_char(&id, '_');
        } else if (*from != '}') {
            buf_add_char(&id, *from);
        }
    }
    json_put_text(json, "operationId", id.data);
    buf_fini(&id);
}

static void put_json_content(struct json_out *json, const struct route *route)
{
    json_begin_object(json, "application/json");
    json_begin_object(json, "schema");
    openapi_put_ref(json, "schemas", route->body->name);
    json_end_object(json);
    if (route->example != NULL) {
        json_put_raw(json, "example", route->example, strlen(route->example));
    }
    json_end_object(json);
}

static void put_body(struct json_out *json, const struct server_options *options,
                     const struct route *route)
{
    json_begin_object(json, "requestBody");
    json_put_bool(json, "required", (route->flags & ROUTE_MAY_LACK_BODY) == 0);
    json_put_int(json, "x-max-bytes", route->body_max > 0 ? route->body_max : options->body_max);
    json_begin_object(json, "content");
    if (route->body != NULL) {
        put_json_content(json, route);
    }
    for (size_t i = 0; route->takes != NULL && route->takes[i] != NULL; i++) {
        json_begin_object(json, route->takes[i]);
        json_end_object(json);
    }
    json_end_object(json);
    json_end_object(json);
}

static void put_roles(struct json_out *json, const struct server_options *options, const char *key,
                      unsigned roles)
{
    json_begin_list(json, key);
    for (unsigned role = 1; role != 0 && role <= roles; role <<= 1) {
        if ((roles & role) != 0) {
            json_put_text(json, NULL, options->role_name(role));
        }
    }
    json_end_list(json);
}

/* Each credential that one of the route's roles can have is a way in. */
static void put_security(struct json_out *json, const struct server_options *options,
                         const struct route *route)
{
    const bool knows_caller = (route->flags & ROUTE_KNOWS_CALLER) != 0;

    json_begin_list(json, "security");
    if (route->access == ANYONE && knows_caller) {
        json_begin_object(json, NULL);
        json_end_object(json);
    }
    for (size_t i = 0; i < options->credential_count; i++) {
        const struct credential *credential = &options->credentials[i];

        if ((credential->roles & route->access) != 0 || (route->access == ANYONE && knows_caller)) {
            json_begin_object(json, NULL);
            json_begin_list(json, credential->name);
            json_end_list(json);
            json_end_object(json);
        }
    }
    json_end_list(json);
    if (route->access != ANYONE && options->role_name != NULL) {
        put_roles(json, options, "x-roles", route->access);
    }
    if (route->sees_all != 0 && options->role_name != NULL) {
        put_roles(json, options, "x-sees-all", route->sees_all);
    }
}

static void put_operation(struct json_out *json, const struct server_options *options,
                          const struct found_route *found)
{
    const struct route *route = found->route;

    json_begin_object(json, METHOD_KEYS[route->method]);
    put_operation_id(json, options, route);
    json_put_text(json, "summary", route->summary == NULL ? route->template : route->summary);
    if (found->tag != NULL) {
        json_begin_list(json, "tags");
        json_put_text(json, NULL, found->tag);
        json_end_list(json);
    }
    put_security(json, options, route);
    put_parameters(json, route);
    if (route->body != NULL || route->takes != NULL) {
        put_body(json, options, route);
    }
    openapi_put_responses(json, options, route);
    json_end_object(json);
}

/* --- the document --- */

static bool is_first_of_template(const struct server_options *options, const struct route *route)
{
    struct found_route found = {.table = 0};

    return next_of_template(options, route->template, &found) && found.route == route;
}

static void put_path(struct json_out *json, const struct server_options *options,
                     const char *template)
{
    struct found_route found = {.table = 0};
    char text[OPENAPI_NAME_SIZE];

    path_text(template, text);
    json_begin_object(json, text);
    while (next_of_template(options, template, &found)) {
        put_operation(json, options, &found);
    }
    json_end_object(json);
}

static void put_paths(struct json_out *json, const struct server_options *options)
{
    struct found_route found = {.table = 0};

    json_begin_object(json, "paths");
    while (next_of_template(options, NULL, &found)) {
        if (is_first_of_template(options, found.route)) {
            put_path(json, options, found.route->template);
        }
    }
    json_end_object(json);
}

static void put_info(struct json_out *json, const struct server_options *options)
{
    json_begin_object(json, "info");
    json_put_text(json, "title", options->title != NULL ? options->title : options->service);
    json_put_text(json, "version", options->version != NULL ? options->version : "1");
    json_put_text(
        json, "description",
        "Each answer names its trace: X-Trace-Id leads to the log and to every SQL "
        "statement of the request. What fails is a problem document (RFC 9457), and a page for "
        "whoever would rather have text/html.");
    json_begin_object(json, "license");
    json_put_text(json, "name", "Apache License 2.0");
    json_put_text(json, "identifier", "Apache-2.0");
    json_end_object(json);
    json_end_object(json);
    /* Whoever has the document found the service: behind a proxy too, which only he can name. */
    json_begin_list(json, "servers");
    json_begin_object(json, NULL);
    json_put_text(json, "url", "/");
    json_put_text(json, "description", "The service that gave this document");
    json_end_object(json);
    json_end_list(json);
}

static bool is_first_of_tag(const struct server_options *options, size_t table)
{
    for (size_t i = 0; i < table; i++) {
        if (options->tables[i].tag != NULL &&
            strcmp(options->tables[i].tag, options->tables[table].tag) == 0) {
            return false;
        }
    }
    return true;
}

static void put_tags(struct json_out *json, const struct server_options *options)
{
    json_begin_list(json, "tags");
    for (size_t i = 0; i < options->table_count; i++) {
        if (options->tables[i].tag != NULL && is_first_of_tag(options, i)) {
            json_begin_object(json, NULL);
            json_put_text(json, "name", options->tables[i].tag);
            json_put_text(json, "description", options->tables[i].about);
            json_end_object(json);
        }
    }
    json_end_list(json);
}

static void put_credentials(struct json_out *json, const struct server_options *options)
{
    json_begin_object(json, "securitySchemes");
    for (size_t i = 0; i < options->credential_count; i++) {
        const struct credential *credential = &options->credentials[i];

        json_begin_object(json, credential->name);
        if (credential->in == NULL) {
            json_put_text(json, "type", "http");
            json_put_text(json, "scheme", "bearer");
        } else {
            json_put_text(json, "type", "apiKey");
            json_put_text(json, "in", credential->in);
            json_put_text(json, "name", credential->field);
        }
        json_put_text(json, "description", credential->about);
        json_end_object(json);
    }
    json_end_object(json);
}

bool openapi_write(struct buf *out, const struct server_options *options, struct err *err)
{
    struct openapi_survey survey;
    struct json_out json;

    if (!openapi_survey(&survey, options, err)) {
        return false;
    }
    json_out_init(&json, out);
    json_begin_object(&json, NULL);
    json_put_text(&json, "openapi", "3.1.0");
    put_info(&json, options);
    put_tags(&json, options);
    put_paths(&json, options);
    json_begin_object(&json, "components");
    put_credentials(&json, options);
    openapi_put_schemas(&json, &survey);
    openapi_put_response_components(&json, options);
    json_end_object(&json);
    json_end_object(&json);
    return !out->bad ||
           err_set(err, ERR_CONFIG, "the OpenAPI document is larger than %zu bytes", out->max);
}

/* The same tables with those rows alone that one of the roles may call. */
static const struct route_table *tables_for(struct arena *arena,
                                            const struct server_options *options, unsigned roles)
{
    struct route_table *tables = arena_array(arena, options->table_count, sizeof(*tables));

    for (size_t i = 0; i < options->table_count; i++) {
        const struct route_table *all = &options->tables[i];
        struct route *rows = arena_array(arena, all->count, sizeof(*rows));

        tables[i] = *all;
        tables[i].routes = rows;
        tables[i].count = 0;
        for (size_t row = 0; row < all->count; row++) {
            if ((all->routes[row].access & roles) != 0) {
                rows[tables[i].count++] = all->routes[row];
            }
        }
        if (tables[i].count == 0) {
            tables[i].tag = NULL;
        }
    }
    return tables;
}

bool openapi_write_for(struct buf *out, const struct server_options *options, unsigned roles,
                       struct err *err)
{
    struct server_options some = *options;
    struct arena arena;
    bool ok;

    arena_init(&arena);
    some.tables = tables_for(&arena, options, roles);
    ok = openapi_write(out, &some, err);
    arena_fini(&arena);
    return ok;
}
