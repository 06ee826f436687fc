/* Parsing of JSON and reading of its tree. A `struct json` is jansson's json_t by another name:
 * the type is never defined, its pointers are only cast. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#include "http/json_priv.h"

enum {
    JSON_DEPTH_MAX = 64,
    JSON_VALUES_MAX = 50000, /* each may take 250 bytes of the tree, however short its text is */
};

static const json_t *node(const struct json *value)
{
    return (const json_t *)(const void *)value;
}

static const struct json *wrapped(const json_t *value)
{
    return (const struct json *)(const void *)value;
}

/* Held before parsing: the parser calls itself for each level, makes a node of each value, and
 * overlooks a NUL byte behind a number. */
static bool check_size(const char *text, size_t length, struct err *err)
{
    size_t depth = 0;
    size_t values = 1;
    bool in_text = false;

    for (size_t i = 0; i < length; i++) {
        const char c = text[i];

        if (in_text) {
            i += c == '\\';
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            depth++;
            values++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (c == ',') {
            values++;
        } else if (c == '\0') {
            return err_set(err, ERR_MALFORMED, "a NUL byte is no json, at byte %zu", i + 1);
        }
        if (depth > JSON_DEPTH_MAX) {
            return err_set(err, ERR_MALFORMED, "json is nested deeper than %d levels",
                           JSON_DEPTH_MAX);
        }
        if (values > JSON_VALUES_MAX) {
            return err_set(err, ERR_MALFORMED, "json holds more than %d values", JSON_VALUES_MAX);
        }
    }
    return true;
}

/* What is wrong with a text, in our words: the parser's name its own options and repeat pieces of
 * the input, which may be cut within a character. */
static const struct {
    const char *start; /* of the parser's words */
    enum err_code code;
    const char *what;
} FAULTS[] = {
    {"'[' or '{' expected", ERR_MALFORMED, "a document must begin with { or ["},
    {"end of file expected", ERR_MALFORMED, "something follows the end of the document"},
    {"string or '}' expected", ERR_MALFORMED, "a name in quotes or } must stand here"},
    {"':' expected", ERR_MALFORMED, "a colon must follow a name"},
    {"'}' expected", ERR_MALFORMED, "a comma or } must follow a member"},
    {"']' expected", ERR_MALFORMED, "a comma or ] must follow an entry"},
    {"premature end of input", ERR_MALFORMED, "the text ends too early"},
    {"unexpected newline", ERR_MALFORMED, "a line break in quotes must be written \\n"},
    {"control character", ERR_MALFORMED, "a control character in quotes must be written \\u00.."},
    {"invalid escape", ERR_MALFORMED, "no such escape: \\ must be written twice"},
    {"invalid Unicode", ERR_MALFORMED, "\\u must have four hex digits and halves a partner"},
    {"duplicate object key", ERR_MALFORMED, "a name stands twice in one object"},
    {"unable to decode byte", ERR_MALFORMED, "the text is not UTF-8"},
    {"\\u0000", ERR_INVALID, "a text must not hold \\u0000"},
    {"NUL byte in object key", ERR_INVALID, "a name must not hold \\u0000"},
    {"too big", ERR_INVALID, "number is too large"},
    {"real number overflow", ERR_INVALID, "number is too large"},
};

static bool refuse_text(const json_error_t *problem, struct err *err)
{
    enum err_code code = ERR_MALFORMED;
    const char *what = "this is no JSON";

    for (size_t i = 0; i < sizeof(FAULTS) / sizeof(FAULTS[0]); i++) {
        if (strncmp(problem->text, FAULTS[i].start, strlen(FAULTS[i].start)) == 0) {
            code = FAULTS[i].code;
            what = FAULTS[i].what;
            break;
        }
    }
    return err_set(err, code, "%s, at line %d column %d", what, problem->line, problem->column);
}

bool json_load(const char *text, size_t length, size_t flags, json_t **ret_root, struct err *err)
{
    json_error_t problem;
    json_t *root;

    if (!check_size(text, length, err)) {
        return false;
    }
    root = json_loadb(text, length, JSON_REJECT_DUPLICATES | flags, &problem);
    if (root == NULL) {
        return refuse_text(&problem, err);
    }
    *ret_root = root;
    return true;
}

const char *json_whole_text(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

bool json_whole_number(const json_t *value, int64_t *ret)
{
    /* Of more than fifteen digits a double loses what stands behind the point, and json_write what
     * stands before it. */
    const double too_long = 1e15;

    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return true;
    }
    if (json_is_real(value)) {
        const double real = json_real_value(value);

        if (fabs(real) < too_long && real == trunc(real)) {
            *ret = (int64_t)real;
            return true;
        }
    }
    return false;
}

bool json_money(const json_t *value, int64_t *ret_cents)
{
    int64_t cents;

    if (json_is_string(value)) {
        const char *text = json_whole_text(value);

        if (text == NULL || !money_parse(text, &cents)) {
            return false;
        }
    } else if (json_is_integer(value)) {
        const int64_t whole = json_integer_value(value);

        if (whole > MONEY_CENTS_MAX / 100 || whole < -MONEY_CENTS_MAX / 100) {
            return false;
        }
        cents = whole * 100;
    } else if (json_is_real(value)) {
        const double real = json_real_value(value);

        if (fabs(real) > (double)(MONEY_CENTS_MAX / 100 + 1)) {
            return false;
        }
        cents = llround(real * 100.0);
        /* A decimal with two places and its double are one to one in this range, so the number
         * had at most two places when and only when this division gives it back. */
        if ((double)cents / 100.0 != real) {
            return false;
        }
    } else {
        return false;
    }
    if (cents > MONEY_CENTS_MAX || cents < -MONEY_CENTS_MAX) {
        return false;
    }
    *ret_cents = cents;
    return true;
}

bool json_parse(const char *text, size_t length, struct json **ret_document, struct err *err)
{
    json_t *root = NULL;

    if (!json_load(text, length, 0, &root, err)) {
        return false;
    }
    *ret_document = (struct json *)(void *)root;
    return true;
}

void json_free(struct json *document)
{
    json_decref((json_t *)(void *)document);
}

bool json_is_object(const struct json *value)
{
    return value != NULL && json_typeof(node(value)) == JSON_OBJECT;
}

bool json_is_list(const struct json *value)
{
    return json_is_array(node(value));
}

bool json_is_null(const struct json *value)
{
    return value == NULL || json_typeof(node(value)) == JSON_NULL;
}

const struct json *json_get(const struct json *object, const char *name)
{
    return wrapped(json_object_get(node(object), name));
}

size_t json_length(const struct json *list)
{
    return json_array_size(node(list));
}

const struct json *json_at(const struct json *list, size_t index)
{
    return wrapped(json_array_get(node(list), index));
}

const char *json_text(const struct json *value)
{
    return json_string_value(node(value));
}

bool json_bool(const struct json *value, bool *ret)
{
    *ret = json_is_true(node(value));
    return json_is_boolean(node(value));
}

bool json_int(const struct json *value, int64_t *ret)
{
    const char *text = json_text(value);

    return text != NULL ? text_to_int64(text, ret) : json_whole_number(node(value), ret);
}

bool json_cents(const struct json *value, int64_t *ret_cents)
{
    return json_money(node(value), ret_cents);
}

char *json_write(struct arena *arena, const struct json *value, size_t *ret_length)
{
    /* 15 digits: amounts come out as they were written, 99.99 and not 99.989999999999995. */
    char *heap = json_dumps(node(value), JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    char *text;

    /* NULL means that memory is gone or that there is no value: both read as null. */
    text = arena_strdup(arena, heap == NULL ? "null" : heap);
    free(heap);
    *ret_length = strlen(text);
    return text;
}
