/* Examples of replies, made from their shapes: texts are what the service has declared for them, or
 * the first of their words; of other kinds there is an example each. */
#include <string.h>

#include "http/openapi_priv.h"

static const char *const USUAL[] = {
    [REPLY_TIME] = ("\"" OPENAPI_TIME_EXAMPLE "\""),
    [REPLY_TRACE_ID] = ("\"" OPENAPI_TRACE_EXAMPLE "\""),
    [REPLY_ID] = "7",
    [REPLY_COUNT] = "3",
    [REPLY_INT] = "3",
    [REPLY_FLAG] = "1",
    [REPLY_MONEY] = OPENAPI_MONEY_EXAMPLE,
    [REPLY_REAL] = "1.5",
    [REPLY_BOOL] = "true",
    [REPLY_NOTHING] = "null",
    [REPLY_OBJECT] = "{}",
};

/* "Shape.member" says more than "member". */
static const char *declared(const struct server_options *options, const struct reply_shape *shape,
                            const char *member)
{
    const size_t length = strlen(shape->name);
    const char *found = OPENAPI_TEXT_EXAMPLE;

    for (size_t i = 0; i < options->example_count; i++) {
        const struct reply_example *example = &options->examples[i];

        if (strncmp(example->member, shape->name, length) == 0 && example->member[length] == '.' &&
            strcmp(example->member + length + 1, member) == 0) {
            return example->text;
        }
        if (strcmp(example->member, member) == 0) {
            found = example->text;
        }
    }
    return found;
}

static void put_field(struct json_out *json, const struct server_options *options,
                      const struct reply_shape *shape, const struct reply_field *field)
{
    const unsigned kind = field->as & REPLY_KINDS;
    const char *text = kind == REPLY_TEXT ? declared(options, shape, field->name) : "";
    const bool is_list = (field->as & REPLY_LIST) != 0;
    const char *key = is_list ? NULL : field->name;

    if (text == NULL && (field->as & REPLY_OPTIONAL) != 0) {
        return;
    }
    if (is_list) {
        json_begin_list(json, field->name);
    }
    if (field->shape != NULL) {
        openapi_put_example(json, key, options, field->shape);
    } else if (field->words != NULL) {
        json_put_text(json, key, field->words[0]);
    } else if (kind == REPLY_TEXT) {
        json_put_text(json, key, text);
    } else {
        json_put_raw(json, key, USUAL[kind], strlen(USUAL[kind]));
    }
    if (is_list) {
        json_end_list(json);
    }
}

static void put_fields(struct json_out *json, const struct server_options *options,
                       const struct reply_shape *shape)
{
    if (shape->base != NULL) {
        put_fields(json, options, shape->base);
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        put_field(json, options, shape, &shape->fields[i]);
    }
}

void openapi_put_example(struct json_out *json, const char *key,
                         const struct server_options *options, const struct reply_shape *shape)
{
    json_begin_object(json, key);
    put_fields(json, options, shape);
    json_end_object(json);
}
