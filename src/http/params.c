#include "http/params.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"

enum {
    SHOWN_MAX = 64, /* bytes of a refused value that the answer repeats */
    PATTERN_MAX = 64,
};

/* --- binding --- */

struct binder {
    struct arena *arena;
    struct err *err;
    char *into;
};

static bool refuse(const struct binder *binder, const struct param *param, const char *value,
                   const char *rule)
{
    const char *shown = arena_dup(binder->arena, value, utf8_cut(value, strlen(value), SHOWN_MAX));

    return err_field(binder->err, ERR_INVALID, param->name, "%s must be %s, not \"%s\"",
                     param->name, rule, shown);
}

/* What a number must be, in words. */
static const char *range_text(struct arena *arena, const struct param *param)
{
    if (param->most < INT64_MAX) {
        return arena_printf(arena, "a whole number from %" PRId64 " to %" PRId64, param->least,
                            param->most);
    }
    return param->least == 1
               ? "a positive whole number"
               : arena_printf(arena, "a whole number from %" PRId64 " on", param->least);
}

static void put_text(const struct binder *binder, const struct param *param, const char *text)
{
    memcpy(binder->into + param->offset, &text, sizeof(text));
}

static bool bind_word(const struct binder *binder, const struct param *param, const char *text)
{
    const char *word = text_word(param->allowed, text);

    if (word == NULL && !param->is_lenient) {
        return refuse(
            binder, param, text,
            arena_printf(binder->arena, "one of: %s", text_words(binder->arena, param->allowed)));
    }
    put_text(binder, param, word != NULL ? word : param->fallback_word);
    return true;
}

static bool bind_text(const struct binder *binder, const struct param *param, const char *text)
{
    if (param->allowed != NULL) {
        return bind_word(binder, param, text);
    }
    if ((int64_t)utf8_count(text) > param->most) {
        return refuse(binder, param, text,
                      arena_printf(binder->arena, "at most %" PRId64 " characters", param->most));
    }
    if (param->marks != NULL && !text_has_only(text, param->marks)) {
        return refuse(
            binder, param, text,
            arena_printf(binder->arena, "made of letters, digits and \"%s\" only", param->marks));
    }
    put_text(binder, param, text);
    return true;
}

static bool bind_email(const struct binder *binder, const struct param *param, const char *text)
{
    const char *email =
        (int64_t)utf8_count(text) <= param->most ? text_email(binder->arena, text) : NULL;

    if (email == NULL) {
        return refuse(binder, param, text,
                      arena_printf(binder->arena,
                                   "an e-mail address of at most %" PRId64 " characters",
                                   param->most));
    }
    put_text(binder, param, email);
    return true;
}

static bool bind_int(const struct binder *binder, const struct param *param, const char *text)
{
    int64_t number;

    if (!text_to_int64(text, &number) || number < param->least || number > param->most) {
        return refuse(binder, param, text, range_text(binder->arena, param));
    }
    memcpy(binder->into + param->offset, &number, sizeof(number));
    return true;
}

static bool bind_hundredths(const struct binder *binder, const struct param *param,
                            const char *text)
{
    int64_t number;

    if (!money_parse(text, &number) || number < param->least || number > param->most) {
        char least[MONEY_TEXT_MAX];
        char most[MONEY_TEXT_MAX];

        (void)money_format(param->least, least);
        (void)money_format(param->most, most);
        return refuse(binder, param, text,
                      arena_printf(binder->arena, "a number from %s to %s, of two decimals at most",
                                   least, most));
    }
    memcpy(binder->into + param->offset, &number, sizeof(number));
    return true;
}

static bool bind_bool(const struct binder *binder, const struct param *param, const char *text)
{
    const bool is_true = text_equal_fold(text, "true") || strcmp(text, "1") == 0;

    if (!is_true && !text_equal_fold(text, "false") && strcmp(text, "0") != 0) {
        return refuse(binder, param, text, "true or false");
    }
    memcpy(binder->into + param->offset, &is_true, sizeof(is_true));
    return true;
}

static bool bind_time(const struct binder *binder, const struct param *param, const char *text)
{
    int64_t time_us;

    if (!utc_parse(text, &time_us)) {
        return refuse(binder, param, text, "a time like 2026-11-22T10:11:12Z");
    }
    memcpy(binder->into + param->offset, &time_us, sizeof(time_us));
    return true;
}

static bool bind_parsed(const struct binder *binder, const struct param *param, const char *text)
{
    return ((int64_t)utf8_count(text) <= param->most &&
            param->parse(text, binder->into + param->offset)) ||
           refuse(binder, param, text, param->rule);
}

static bool bind_value(const struct binder *binder, const struct param *param, const char *text)
{
    switch (param->kind) {
    case PARAM_KIND_TEXT:
        return bind_text(binder, param, text);
    case PARAM_KIND_EMAIL:
        return bind_email(binder, param, text);
    case PARAM_KIND_INT:
        return bind_int(binder, param, text);
    case PARAM_KIND_BOOL:
        return bind_bool(binder, param, text);
    case PARAM_KIND_TIME:
        return bind_time(binder, param, text);
    case PARAM_KIND_HUNDREDTHS:
        return bind_hundredths(binder, param, text);
    case PARAM_KIND_PARSED:
        return bind_parsed(binder, param, text);
    }
    return false;
}

static bool is_text(const struct param *param)
{
    return param->kind == PARAM_KIND_TEXT || param->kind == PARAM_KIND_EMAIL ||
           param->kind == PARAM_KIND_PARSED;
}

static void put_fallback(const struct binder *binder, const struct param *param)
{
    if (param->fallback_word != NULL) {
        put_text(binder, param, param->fallback_word);
    } else if (param->has_fallback) {
        memcpy(binder->into + param->offset, &param->fallback, sizeof(param->fallback));
    }
}

static bool bind_param(const struct binder *binder, const struct param *param,
                       const struct uri_query *given)
{
    const bool was_given = true;
    const char *text = NULL;

    for (size_t i = 0; i < given->count; i++) {
        if (strcmp(given->params[i].name, param->name) != 0) {
            continue;
        }
        if (text != NULL) {
            return err_field(binder->err, ERR_MALFORMED, param->name,
                             "%s is given twice: give it once", param->name);
        }
        text = given->params[i].value;
    }
    if (text == NULL || (*text == '\0' && is_text(param))) {
        put_fallback(binder, param);
        return !param->is_required ||
               err_field(binder->err, ERR_INVALID, param->name, "%s is required", param->name);
    }
    if (!bind_value(binder, param, text)) {
        return false;
    }
    if (param->has_flag) {
        memcpy(binder->into + param->flag_offset, &was_given, sizeof(was_given));
    }
    return true;
}

bool params_bind(struct arena *arena, const struct param_shape *shape, const struct uri_query *path,
                 const struct uri_query *query, void **ret_struct, struct err *err)
{
    const struct binder binder = {
        .arena = arena, .err = err, .into = arena_alloc(arena, shape->size)};

    for (size_t i = 0; i < shape->count; i++) {
        const struct param *param = &shape->params[i];

        if (!bind_param(&binder, param, param->place == PARAM_IN_PATH ? path : query)) {
            return false;
        }
    }
    *ret_struct = binder.into;
    return true;
}

/* --- the table --- */

/* The name that stands in the braces at `at`, and whether it is the rest of the path. */
static size_t name_in_braces(const char *at, bool *ret_takes_slashes)
{
    const size_t length = strcspn(at + 1, "}");

    *ret_takes_slashes = length > 3 && memcmp(at + 1 + length - 3, "...", 3) == 0;
    return *ret_takes_slashes ? length - 3 : length;
}

static bool is_declared(const struct param_shape *shape, const char *name, size_t length,
                        bool takes_slashes)
{
    for (size_t i = 0; shape != NULL && i < shape->count; i++) {
        const struct param *param = &shape->params[i];

        if (param->place == PARAM_IN_PATH && strlen(param->name) == length &&
            memcmp(param->name, name, length) == 0) {
            return param->takes_slashes == takes_slashes;
        }
    }
    return false;
}

static bool check_names(const char *template, const struct param_shape *shape, size_t in_template,
                        struct err *err)
{
    size_t in_path = 0;

    for (size_t i = 0; i < shape->count; i++) {
        in_path += shape->params[i].place == PARAM_IN_PATH;
        for (size_t k = 0; k < i; k++) {
            if (strcmp(shape->params[i].name, shape->params[k].name) == 0) {
                return err_set(err, ERR_CONFIG, "route \"%s\" declares \"%s\" twice", template,
                               shape->params[i].name);
            }
        }
    }
    return in_path == in_template ||
           err_set(err, ERR_CONFIG,
                   "route \"%s\" declares %zu parameters of its path, which has %zu", template,
                   in_path, in_template);
}

bool params_check(const char *template, const struct param_shape *shape, struct err *err)
{
    size_t in_template = 0;
    bool takes_slashes;

    for (const char *at = template; (at = strchr(at, '{')) != NULL; at++, in_template++) {
        const size_t length = name_in_braces(at, &takes_slashes);

        if (!is_declared(shape, at + 1, length, takes_slashes)) {
            return err_set(err, ERR_CONFIG, "route \"%s\" does not declare its parameter \"%.*s\"",
                           template, (int)length, at + 1);
        }
    }
    return shape == NULL || check_names(template, shape, in_template, err);
}

/* --- the document --- */

static void describe_int(const struct param *param, struct json_out *json)
{
    json_put_text(json, "type", "integer");
    json_put_int(json, "minimum", param->least);
    /* Which no number of JavaScript reaches exactly. */
    if (param->most == INT64_MAX) {
        json_put_text(json, "format", "int64");
    } else {
        json_put_int(json, "maximum", param->most);
    }
    if (param->has_fallback) {
        json_put_int(json, "default", param->fallback);
    }
}

static void describe_hundredths(const struct param *param, struct json_out *json)
{
    json_put_text(json, "type", "number");
    json_put_money(json, "minimum", param->least);
    json_put_money(json, "maximum", param->most);
    json_put_raw(json, "multipleOf", "0.01", 4);
    if (param->has_fallback) {
        json_put_money(json, "default", param->fallback);
    }
}

/* Where other words will do, these are but examples. */
static void describe_words(const struct param *param, struct json_out *json)
{
    json_begin_list(json, param->is_lenient ? "examples" : "enum");
    for (size_t i = 0; param->allowed[i] != NULL; i++) {
        json_put_text(json, NULL, param->allowed[i]);
    }
    json_end_list(json);
    if (param->fallback_word != NULL) {
        json_put_text(json, "default", param->fallback_word);
    }
}

/* What the rest of a path may hold, and what one segment of it: http/uri.c refuses the others. */
static const char *path_pattern(const struct param *param)
{
    return param->takes_slashes ? "^[^\\u0000-\\u001f\\u007f]*$" : "^[^\\u0000-\\u001f/\\u007f]*$";
}

static void describe_text(const struct param *param, struct json_out *json)
{
    struct buf pattern;

    json_put_text(json, "type", "string");
    if (param->allowed != NULL) {
        describe_words(param, json);
        return;
    }
    if (param->kind == PARAM_KIND_EMAIL) {
        json_put_text(json, "format", "email");
    }
    if (param->marks != NULL) {
        buf_init(&pattern, PATTERN_MAX);
        buf_printf(&pattern, "^[A-Za-z0-9%s]*$", param->marks);
        json_put_text(json, "pattern", pattern.data);
        buf_fini(&pattern);
    }
    if (param->pattern != NULL) {
        json_put_text(json, "pattern", param->pattern);
    } else if (param->marks == NULL && param->place == PARAM_IN_PATH) {
        json_put_text(json, "pattern", path_pattern(param));
    }
    if (param->place == PARAM_IN_PATH || param->is_required) {
        json_put_int(json, "minLength", 1);
    }
    json_put_int(json, "maxLength", param->most);
}

static void describe_schema(const struct param *param, struct json_out *json)
{
    switch (param->kind) {
    case PARAM_KIND_TEXT:
    case PARAM_KIND_EMAIL:
    case PARAM_KIND_PARSED:
        describe_text(param, json);
        break;
    case PARAM_KIND_INT:
        describe_int(param, json);
        break;
    case PARAM_KIND_HUNDREDTHS:
        describe_hundredths(param, json);
        break;
    case PARAM_KIND_BOOL:
        json_put_text(json, "type", "boolean");
        json_put_bool(json, "default", false);
        break;
    case PARAM_KIND_TIME:
        json_put_text(json, "type", "string");
        json_put_text(json, "format", "date-time");
        break;
    }
}

static const char *description_of(const struct param *param)
{
    if (param->takes_slashes) {
        return "The rest of the path: it may contain slashes";
    }
    if (param->is_lenient) {
        return "Any other word counts as the default";
    }
    if (param->kind == PARAM_KIND_TIME) {
        return "A date alone is its midnight in UTC";
    }
    return param->rule;
}

void params_describe(const struct param *param, struct json_out *json)
{
    const bool is_in_path = param->place == PARAM_IN_PATH;

    json_begin_object(json, NULL);
    json_put_text(json, "name", param->name);
    json_put_text(json, "in", is_in_path ? "path" : "query");
    if (is_in_path || param->is_required) {
        json_put_bool(json, "required", true);
    } else if (is_text(param)) {
        json_put_bool(json, "allowEmptyValue", true); /* "in place of [one] omitted entirely" */
    }
    if (description_of(param) != NULL) {
        json_put_text(json, "description", description_of(param));
    }
    json_begin_object(json, "schema");
    describe_schema(param, json);
    json_end_object(json);
    json_end_object(json);
}
