#include "http/json_in.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

#include "http/json_priv.h"

enum { MEMBER_NAME_MOST = 64 }; /* characters of a name that only the handler knows */

/* Where in the document a value stands; written out only when something is wrong with it. */
struct place {
    const struct place *parent; /* the list's field; NULL at the top */
    size_t index;               /* in that list */
    const struct json_field *field;
};

struct binder {
    struct arena *arena;
    struct err *err;
};

static bool bind_object(struct binder *binder, const struct place *parent, size_t index,
                        const struct json_shape *shape, const json_t *object, char *into);

/* Shapes are tables of ours and shallow, so a fixed number of steps up reaches the top. */
static void pointer_write(const struct place *place, char out[ERR_FIELD_MAX])
{
    const struct place *steps[4];
    size_t count = 0;
    size_t at = 0;

    for (; place != NULL && count < 4; place = place->parent) {
        steps[count++] = place;
    }
    out[0] = '\0';
    while (count > 0 && at < ERR_FIELD_MAX) {
        const struct place *step = steps[--count];
        const int written =
            step->parent == NULL
                ? snprintf(out + at, ERR_FIELD_MAX - at, "/%s", step->field->name)
                : snprintf(out + at, ERR_FIELD_MAX - at, "/%zu/%s", step->index, step->field->name);

        at += (size_t)written;
    }
}

static bool refuse(const struct binder *binder, const struct place *place, const char *format, ...)
    PRINTF_LIKE(3, 4);
static bool refuse(const struct binder *binder, const struct place *place, const char *format, ...)
{
    char pointer[ERR_FIELD_MAX];
    va_list args;
    const char *what;

    va_start(args, format);
    what = arena_vprintf(binder->arena, format, args);
    va_end(args);
    pointer_write(place, pointer);
    return err_field(binder->err, ERR_INVALID, pointer, "%s %s", place->field->name, what);
}

static bool bind_text(struct binder *binder, const struct place *place, const json_t *value,
                      char *into)
{
    const struct json_field *field = place->field;
    const char *text = json_string_value(value);
    int64_t count;

    if (text == NULL) {
        return refuse(binder, place, "must be a text");
    }
    if (json_whole_text(value) == NULL) {
        return refuse(binder, place, "must not hold the character U+0000");
    }
    count = (int64_t)utf8_count(text);
    if (count < field->least || count > field->most) {
        return refuse(binder, place, "must have %" PRId64 " to %" PRId64 " characters",
                      field->least, field->most);
    }
    if (text_is_blank(text)) {
        if (field->least > 0) {
            return refuse(binder, place, "must not be blank");
        }
        text = "";
    }
    if (field->allowed != NULL && text_word(field->allowed, text) == NULL) {
        return refuse(binder, place, "must be one of: %s",
                      text_words(binder->arena, field->allowed));
    }
    if (field->pattern != NULL && !text_has_only(text, field->pattern)) {
        return refuse(binder, place, "may hold letters, digits and \"%s\" only", field->pattern);
    }
    text = field->kind == JSON_KIND_EMAIL ? text_email(binder->arena, text)
                                          : arena_strdup(binder->arena, text);
    if (text == NULL) {
        return refuse(binder, place, "must be an e-mail address");
    }
    memcpy(into + field->offset, &text, sizeof(text));
    return true;
}

static bool bind_number(struct binder *binder, const struct place *place, const json_t *value,
                        char *into)
{
    const struct json_field *field = place->field;
    const char *text = field->takes_text ? json_whole_text(value) : NULL;
    int64_t number;

    if (text != NULL ? !text_to_int64(text, &number) : !json_whole_number(value, &number)) {
        return refuse(binder, place, "must be a whole number");
    }
    if (field->least == INT64_MIN && number > field->most) {
        return refuse(binder, place, "must be at most %" PRId64, field->most);
    }
    if (number < field->least || number > field->most) {
        return refuse(binder, place, "must be from %" PRId64 " to %" PRId64, field->least,
                      field->most);
    }
    memcpy(into + field->offset, &number, sizeof(number));
    return true;
}

static bool bind_money(struct binder *binder, const struct place *place, const json_t *value,
                       char *into)
{
    const struct json_field *field = place->field;
    char least[MONEY_TEXT_MAX];
    char most[MONEY_TEXT_MAX];
    int64_t cents;

    if (!json_money(value, &cents)) {
        return refuse(binder, place, "must be an amount with at most two decimals");
    }
    if (cents < field->least || cents > field->most) {
        money_format(field->least, least);
        money_format(field->most, most);
        return refuse(binder, place, "must be from %s to %s", least, most);
    }
    memcpy(into + field->offset, &cents, sizeof(cents));
    return true;
}

static bool bind_bool(struct binder *binder, const struct place *place, const json_t *value,
                      char *into)
{
    const bool is_true = json_is_true(value);

    if (!json_is_boolean(value)) {
        return refuse(binder, place, "must be true or false");
    }
    memcpy(into + place->field->offset, &is_true, sizeof(is_true));
    return true;
}

static bool bind_list(struct binder *binder, const struct place *place, const json_t *value,
                      char *into)
{
    const struct json_field *field = place->field;
    const size_t count = json_array_size(value);
    const size_t size = field->items->size;
    char *items;

    if (!json_is_array(value)) {
        return refuse(binder, place, "must be a list");
    }
    if ((int64_t)count < field->least || (int64_t)count > field->most) {
        return refuse(binder, place, "must have %" PRId64 " to %" PRId64 " entries", field->least,
                      field->most);
    }
    items = count == 0 ? NULL : arena_array(binder->arena, count, size);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(value, i);

        if (!bind_object(binder, place, i, field->items, item, items + i * size)) {
            return false;
        }
    }
    memcpy(into + field->offset, &items, sizeof(items));
    memcpy(into + field->flag_offset, &count, sizeof(count));
    return true;
}

static bool bind_member(struct binder *binder, const struct place *place, const char *name,
                        const json_t *value, struct json_member *ret)
{
    const char *text = json_whole_text(value);
    int64_t number;

    if (name[0] == '\0' || strlen(name) > MEMBER_NAME_MOST || !text_has_only(name, "_")) {
        return refuse(binder, place,
                      "may have members called by letters, digits and \"_\" only, "
                      "%d of them at most",
                      MEMBER_NAME_MOST);
    }
    if (text != NULL) {
        text = arena_strdup(binder->arena, text);
    } else if (json_is_integer(value) && json_whole_number(value, &number)) {
        text = arena_printf(binder->arena, "%" PRId64, number);
    } else {
        return refuse(binder, place, "may hold texts and whole numbers only, unlike %s", name);
    }
    *ret = (struct json_member){arena_strdup(binder->arena, name), text};
    return true;
}

static bool bind_members(struct binder *binder, const struct place *place, const json_t *value,
                         char *into)
{
    const struct json_field *field = place->field;
    const size_t count = json_object_size(value);
    struct json_member *members;
    const void *list;
    size_t bound = 0;
    const char *name;
    json_t *member;

    if (!json_is_object((const struct json *)(const void *)value)) {
        return refuse(binder, place, "must be an object");
    }
    if ((int64_t)count < field->least || (int64_t)count > field->most) {
        return refuse(binder, place, "must have %" PRId64 " to %" PRId64 " members", field->least,
                      field->most);
    }
    members = arena_array(binder->arena, count + 1, sizeof(*members));
    list = members;
    /* jansson's iterators are not const, and change nothing. */
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        if (!bind_member(binder, place, name, member, &members[bound++])) {
            return false;
        }
    }
    memcpy(into + field->offset, &list, sizeof(list));
    memcpy(into + field->flag_offset, &count, sizeof(count));
    return true;
}

static bool bind_field(struct binder *binder, const struct place *place, const json_t *value,
                       char *into)
{
    const struct json_field *field = place->field;
    const bool was_given = true;
    bool ok = false;

    switch (field->kind) {
    case JSON_KIND_TEXT:
    case JSON_KIND_EMAIL:
        ok = bind_text(binder, place, value, into);
        break;
    case JSON_KIND_INT:
        ok = bind_number(binder, place, value, into);
        break;
    case JSON_KIND_MONEY:
        ok = bind_money(binder, place, value, into);
        break;
    case JSON_KIND_BOOL:
        ok = bind_bool(binder, place, value, into);
        break;
    case JSON_KIND_LIST:
        return bind_list(binder, place, value, into);
    case JSON_KIND_MEMBERS:
        return bind_members(binder, place, value, into);
    }
    if (ok && field->has_flag) {
        memcpy(into + field->flag_offset, &was_given, sizeof(was_given));
    }
    return ok;
}

static bool bind_object(struct binder *binder, const struct place *parent, size_t index,
                        const struct json_shape *shape, const json_t *object, char *into)
{
    char pointer[ERR_FIELD_MAX] = "";

    if (!json_is_object((const struct json *)(const void *)object)) {
        if (parent != NULL) {
            pointer_write(parent, pointer);
        }
        return parent == NULL
                   ? err_set(binder->err, ERR_INVALID, "body must be an object")
                   : err_field(binder->err, ERR_INVALID, pointer, "%s entry %zu must be an object",
                               parent->field->name, index);
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct place place = {.parent = parent, .index = index, .field = &shape->fields[i]};
        const json_t *value = json_object_get(object, place.field->name);

        if (json_is_null((const struct json *)(const void *)value)) {
            if (place.field->presence == JSON_REQUIRED) {
                return refuse(binder, &place, "is required");
            }
        } else if (!bind_field(binder, &place, value, into)) {
            return false;
        }
    }
    return true;
}

bool json_bind(struct arena *arena, const struct json_shape *shape, const char *text, size_t length,
               void **ret_struct, struct err *err)
{
    struct binder binder = {.arena = arena, .err = err};
    json_t *root = NULL;
    char *into;
    bool ok;

    if (!json_load(text, length, JSON_ALLOW_NUL, &root, err)) {
        return false;
    }
    into = arena_alloc(arena, shape->size);
    ok = bind_object(&binder, NULL, 0, shape, root, into);
    json_decref(root);
    if (ok) {
        *ret_struct = into;
    }
    return ok;
}
