/* JSON Schema of what the routes take and give, from the shapes that bodies are read by and those
 * that stand beside what writes replies. */
#include <stdio.h>

#include "core/text.h"

#include "http/openapi_priv.h"

void openapi_put_ref(struct json_out *json, const char *kind, const char *name)
{
    char text[OPENAPI_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "#/components/%s/%s", kind, name);
    json_put_text(json, "$ref", text);
}

static void put_words(struct json_out *json, const char *const *words, bool is_nullable)
{
    json_begin_list(json, "enum");
    for (; *words != NULL; words++) {
        json_put_text(json, NULL, *words);
    }
    if (is_nullable) {
        json_put_null(json, NULL);
    }
    json_end_list(json);
}

/* One type, or null beside it. */
static void put_type(struct json_out *json, const char *type, bool is_nullable)
{
    if (!is_nullable) {
        json_put_text(json, "type", type);
        return;
    }
    json_begin_list(json, "type");
    json_put_text(json, NULL, type);
    json_put_text(json, NULL, "null");
    json_end_list(json);
}

/* --- bodies --- */

/* What stands in a token; anywhere else all characters but NUL, and not blanks alone where the text
 * may not be empty. */
static void put_pattern(struct json_out *json, const struct json_field *field)
{
    char text[OPENAPI_TEXT_MAX] = "^[^\\u0000]*$";

    if (field->pattern != NULL) {
        (void)snprintf(text, sizeof(text), "^[A-Za-z0-9%s]*$", field->pattern);
    } else if (field->least > 0) {
        (void)snprintf(text, sizeof(text), "^[^\\u0000]*%s[^\\u0000]*$", TEXT_SHOWS);
    }
    json_put_text(json, "pattern", text);
}

static void put_text_schema(struct json_out *json, const struct json_field *field, bool is_nullable)
{
    put_type(json, "string", is_nullable);
    if (field->allowed != NULL) {
        put_words(json, field->allowed, is_nullable);
        return;
    }
    if (field->kind == JSON_KIND_EMAIL) {
        json_put_text(json, "format", "email");
    } else {
        put_pattern(json, field);
    }
    json_put_int(json, "minLength", field->least);
    json_put_int(json, "maxLength", field->most);
}

static void put_int_schema(struct json_out *json, const struct json_field *field, bool is_nullable)
{
    if (field->takes_text) {
        json_begin_list(json, "type");
        json_put_text(json, NULL, "integer");
        json_put_text(json, NULL, "string");
        if (is_nullable) {
            json_put_text(json, NULL, "null");
        }
        json_end_list(json);
        json_put_text(json, "pattern", "^[0-9]+$");
    } else {
        put_type(json, "integer", is_nullable);
    }
    json_put_int(json, "minimum", field->least);
    json_put_int(json, "maximum", field->most);
}

static void put_members_schema(struct json_out *json, const struct json_field *field,
                               bool is_nullable)
{
    put_type(json, "object", is_nullable);
    json_begin_object(json, "propertyNames");
    json_put_text(json, "pattern", "^[A-Za-z0-9_]{1,64}$");
    json_end_object(json);
    json_put_int(json, "minProperties", field->least);
    json_put_int(json, "maxProperties", field->most);
    json_begin_object(json, "additionalProperties");
    json_begin_list(json, "type");
    json_put_text(json, NULL, "string");
    json_put_text(json, NULL, "integer");
    json_end_list(json);
    json_end_object(json);
}

/* A member that is null counts as not given. */
static void put_body_field(struct json_out *json, const struct json_field *field)
{
    const bool is_nullable = field->presence == JSON_OPTIONAL;

    json_begin_object(json, field->name);
    switch (field->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_EMAIL:
        put_text_schema(json, field, is_nullable);
        break;
    case JSON_KIND_INT:
        put_int_schema(json, field, is_nullable);
        break;
    case JSON_KIND_MONEY:
        put_type(json, "number", is_nullable);
        json_put_money(json, "minimum", field->least);
        json_put_money(json, "maximum", field->most);
        json_put_raw(json, "multipleOf", "0.01", 4);
        break;
    case JSON_KIND_BOOL:
        put_type(json, "boolean", is_nullable);
        break;
    case JSON_KIND_LIST:
        put_type(json, "array", is_nullable);
        json_put_int(json, "minItems", field->least);
        json_put_int(json, "maxItems", field->most);
        json_begin_object(json, "items");
        openapi_put_ref(json, "schemas", field->items->name);
        json_end_object(json);
        break;
    case JSON_KIND_MEMBERS:
        put_members_schema(json, field, is_nullable);
        break;
    }
    json_end_object(json);
}

static void put_body(struct json_out *json, const struct json_shape *shape)
{
    bool has_required = false;

    json_begin_object(json, shape->name);
    json_put_text(json, "type", "object");
    json_begin_object(json, "properties");
    for (size_t i = 0; i < shape->field_count; i++) {
        has_required |= shape->fields[i].presence == JSON_REQUIRED;
        put_body_field(json, &shape->fields[i]);
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

/* --- replies --- */

/* What is said of a kind beside its type, as members that follow it. */
static const struct {
    const char *type;
    const char *rest;
} KINDS[] = {
    [REPLY_TEXT] = {"string", ""},
    [REPLY_TIME] = {"string",
                    ",\"format\":\"date-time\",\"examples\":[\"" OPENAPI_TIME_EXAMPLE "\"]"},
    [REPLY_TRACE_ID] = {"string", ",\"pattern\":\"^[0-9a-f]{32}$\","
                                  "\"examples\":[\"" OPENAPI_TRACE_EXAMPLE "\"]"},
    [REPLY_ID] = {"integer", ",\"format\":\"int64\",\"minimum\":1"},
    [REPLY_COUNT] = {"integer", ",\"format\":\"int64\",\"minimum\":0"},
    [REPLY_INT] = {"integer", ",\"format\":\"int64\""},
    [REPLY_FLAG] = {"integer", ",\"minimum\":0,\"maximum\":1"},
    [REPLY_MONEY] = {"number", ",\"format\":\"decimal\",\"description\":\"US dollars, always with "
                               "two decimals\",\"examples\":[" OPENAPI_MONEY_EXAMPLE "]"},
    [REPLY_REAL] = {"number", ""},
    [REPLY_BOOL] = {"boolean", ""},
    [REPLY_NOTHING] = {"null", ""},
    [REPLY_OBJECT] = {"object", ""},
};

static void put_part(struct json_out *json, const struct reply_shape *shape, bool is_nullable)
{
    if (!is_nullable) {
        openapi_put_ref(json, "schemas", shape->name);
        return;
    }
    json_begin_list(json, "oneOf");
    json_begin_object(json, NULL);
    openapi_put_ref(json, "schemas", shape->name);
    json_end_object(json);
    json_begin_object(json, NULL);
    json_put_text(json, "type", "null");
    json_end_object(json);
    json_end_list(json);
}

/* Members of the open object. */
static void put_value(struct json_out *json, const struct reply_field *field)
{
    const unsigned kind = field->as & REPLY_KINDS;
    const bool is_nullable = (field->as & REPLY_NULLABLE) != 0;

    if (field->shape != NULL) {
        put_part(json, field->shape, is_nullable);
        return;
    }
    put_type(json, KINDS[kind].type, is_nullable);
    buf_add_text(json->buf, KINDS[kind].rest);
    if (field->words != NULL) {
        put_words(json, field->words, is_nullable);
    }
}

static void put_reply_field(struct json_out *json, const struct reply_field *field)
{
    json_begin_object(json, field->name);
    if ((field->as & REPLY_LIST) != 0) {
        json_put_text(json, "type", "array");
        json_begin_object(json, "items");
        put_value(json, field);
        json_end_object(json);
    } else {
        put_value(json, field);
    }
    json_end_object(json);
}

/* Those of the base come first. */
static void put_reply_fields(struct json_out *json, const struct reply_shape *shape)
{
    if (shape->base != NULL) {
        put_reply_fields(json, shape->base);
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        put_reply_field(json, &shape->fields[i]);
    }
}

static void put_reply_required(struct json_out *json, const struct reply_shape *shape)
{
    if (shape->base != NULL) {
        put_reply_required(json, shape->base);
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        if ((shape->fields[i].as & REPLY_OPTIONAL) == 0) {
            json_put_text(json, NULL, shape->fields[i].name);
        }
    }
}

static void put_reply(struct json_out *json, const struct reply_shape *shape)
{
    json_begin_object(json, shape->name);
    json_put_text(json, "type", "object");
    json_begin_object(json, "properties");
    put_reply_fields(json, shape);
    json_end_object(json);
    json_begin_list(json, "required");
    put_reply_required(json, shape);
    json_end_list(json);
    json_end_object(json);
}

/* --- events --- */

/* As who reads the stream gets it (the HTML standard, section 9.2.6): texts, one of which is JSON.
 */
static void put_event(struct json_out *json, const struct event_shape *event)
{
    json_begin_object(json, NULL);
    json_put_text(json, "type", "object");
    json_begin_object(json, "properties");
    json_put_raw(json, "id", "{\"type\":\"string\"}", 17);
    json_begin_object(json, "event");
    json_put_text(json, "type", "string");
    put_words(json, (const char *const[]){event->type, NULL}, false);
    json_end_object(json);
    json_begin_object(json, "data");
    json_put_text(json, "type", "string");
    json_put_text(json, "contentMediaType", "application/json");
    json_begin_object(json, "contentSchema");
    openapi_put_ref(json, "schemas", event->data->name);
    json_end_object(json);
    json_end_object(json);
    json_end_object(json);
    json_put_raw(json, "required", "[\"id\",\"event\",\"data\"]", 21);
    json_end_object(json);
}

/* A list of events, which has no end. */
void openapi_put_event_schema(struct json_out *json, const struct event_shape *const *events)
{
    json_begin_object(json, "schema");
    json_put_text(json, "type", "array");
    json_begin_object(json, "items");
    json_begin_list(json, "oneOf");
    for (; *events != NULL; events++) {
        put_event(json, *events);
    }
    put_event(json, &TOPIC_MISSED);
    json_end_list(json);
    json_end_object(json);
    json_end_object(json);
}

void openapi_put_schemas(struct json_out *json, const struct openapi_survey *survey)
{
    json_begin_object(json, "schemas");
    for (size_t i = 0; i < survey->body_count; i++) {
        put_body(json, survey->bodies[i]);
    }
    for (size_t i = 0; i < survey->reply_count; i++) {
        put_reply(json, survey->replies[i]);
    }
    json_end_object(json);
}
