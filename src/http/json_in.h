/*
 * http/json_in.h: JSON from outside. Two ways to read it: a shape, a table that binds the members
 * of an object to the fields of a struct and says what is wrong with which member; and a tree, for
 * documents whose members go by several names. Parsing is strict: UTF-8, no duplicate members, no
 * NUL characters, limited depth. Unknown members are ignored.
 * Memory: texts and structs live in the arena; a tree is freed with json_free.
 */
#ifndef HTTP_JSON_IN_H
#define HTTP_JSON_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/text.h"

/* --- shapes --- */

enum json_kind {
    JSON_KIND_TEXT,    /* const char *; least..most characters (code points); blank text is empty,
                          and refused where that is */
    JSON_KIND_EMAIL,   /* const char *, trimmed and lower-cased; least is 3 */
    JSON_KIND_INT,     /* int64_t, least..most */
    JSON_KIND_MONEY,   /* int64_t cents from a number or a decimal text, least..most cents */
    JSON_KIND_BOOL,    /* bool */
    JSON_KIND_LIST,    /* array of structs by `items`, least..most of them */
    JSON_KIND_MEMBERS, /* array of struct json_member: an object of texts and whole numbers under
                          names that only the handler knows, of letters, digits and "_";
                          least..most of them */
};

struct json_member {
    const char *name;
    const char *text; /* a number as its digits */
};

enum json_presence { JSON_OPTIONAL, JSON_REQUIRED };

struct json_shape;

struct json_field {
    const char *name;
    enum json_kind kind;
    enum json_presence presence;
    size_t offset;      /* of the value; for lists of the pointer to the array */
    size_t flag_offset; /* of a bool that says "was given"; for lists and members of the size_t
                           count */
    bool has_flag;
    bool takes_text; /* whole numbers: a text of digits will do */
    int64_t least;
    int64_t most;
    const struct json_shape *items;
    const char *pattern; /* texts: NULL or the characters allowed beside letters and digits; "-"
                            stands last, "]", "^" and "\\" nowhere */
    const char *const *allowed; /* texts: NULL or the words allowed, NULL-terminated */
};

struct json_shape {
    const char *name; /* its schema's name in the OpenAPI document */
    size_t size;      /* of the struct */
    const struct json_field *fields;
    size_t field_count;
};

#define JSON_TEXT(struct_, field_, least_, most_, presence_)                                       \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_TEXT, .presence = (presence_),                          \
        .offset = offsetof(struct_, field_), .least = (least_), .most = (most_)                    \
    }
#define JSON_WORD(struct_, field_, allowed_, presence_)                                            \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_TEXT, .presence = (presence_),                          \
        .offset = offsetof(struct_, field_), .least = 1, .most = 100, .allowed = (allowed_)        \
    }
#define JSON_TOKEN(struct_, field_, least_, most_, pattern_, presence_)                            \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_TEXT, .presence = (presence_),                          \
        .offset = offsetof(struct_, field_), .least = (least_), .most = (most_),                   \
        .pattern = (pattern_)                                                                      \
    }
#define JSON_EMAIL(struct_, field_, presence_)                                                     \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_EMAIL, .presence = (presence_),                         \
        .offset = offsetof(struct_, field_), .least = 3, .most = 200                               \
    }
/* The struct has a bool has_<field> beside the number. */
#define JSON_INT(struct_, field_, least_, most_, presence_)                                        \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_INT, .presence = (presence_),                           \
        .offset = offsetof(struct_, field_), .flag_offset = offsetof(struct_, has_##field_),       \
        .has_flag = true, .least = (least_), .most = (most_)                                       \
    }
/* The same for numbers that some senders write as texts. */
#define JSON_INT_OR_TEXT(struct_, field_, least_, most_, presence_)                                \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_INT, .presence = (presence_),                           \
        .offset = offsetof(struct_, field_), .flag_offset = offsetof(struct_, has_##field_),       \
        .has_flag = true, .takes_text = true, .least = (least_), .most = (most_)                   \
    }
/* The struct has int64_t <field>_cents and bool has_<field>. */
#define JSON_MONEY(struct_, field_, presence_)                                                     \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_MONEY, .presence = (presence_),                         \
        .offset = offsetof(struct_, field_##_cents),                                               \
        .flag_offset = offsetof(struct_, has_##field_), .has_flag = true, .least = 0,              \
        .most = MONEY_CENTS_MAX                                                                    \
    }
#define JSON_BOOL(struct_, field_, presence_)                                                      \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_BOOL, .presence = (presence_),                          \
        .offset = offsetof(struct_, field_), .flag_offset = offsetof(struct_, has_##field_),       \
        .has_flag = true                                                                           \
    }
/* The struct has a pointer <field> to an array and size_t <field>_count. */
#define JSON_LIST(struct_, field_, items_, least_, most_, presence_)                               \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_LIST, .presence = (presence_),                          \
        .offset = offsetof(struct_, field_), .flag_offset = offsetof(struct_, field_##_count),     \
        .has_flag = true, .items = (items_), .least = (least_), .most = (most_)                    \
    }
/* The struct has a const struct json_member *<field> and size_t <field>_count. */
#define JSON_MEMBERS(struct_, field_, most_, presence_)                                            \
    {                                                                                              \
        .name = #field_, .kind = JSON_KIND_MEMBERS, .presence = (presence_),                       \
        .offset = offsetof(struct_, field_), .flag_offset = offsetof(struct_, field_##_count),     \
        .has_flag = true, .most = (most_)                                                          \
    }
#define JSON_SHAPE(name_, struct_, fields_)                                                        \
    {                                                                                              \
        .name = (name_), .size = sizeof(struct_), .fields = (fields_),                             \
        .field_count = sizeof(fields_) / sizeof((fields_)[0])                                      \
    }

/* Parses and binds: *ret_struct is zeroed but for what was given. ERR_MALFORMED for text that is
 * not JSON (with line and column), ERR_INVALID with err->field a JSON pointer for the rest. A
 * member that is null counts as not given. */
MUST_CHECK bool json_bind(struct arena *arena, const struct json_shape *shape, const char *text,
                          size_t length, void **ret_struct, struct err *err);

/* --- trees --- */

struct json; /* a node; all are freed with their document */

MUST_CHECK bool json_parse(const char *text, size_t length, struct json **ret_document,
                           struct err *err);
void json_free(struct json *document); /* NULL is accepted */

bool json_is_object(const struct json *value);
bool json_is_list(const struct json *value);
bool json_is_null(const struct json *value); /* also when value is NULL */
const struct json *json_get(const struct json *object,
                            const char *name); /* NULL: none, or no object */
size_t json_length(const struct json *list);   /* 0 when it is no list */
const struct json *json_at(const struct json *list, size_t index);
const char *json_text(const struct json *value); /* NULL when it is no text; borrowed */
bool json_bool(const struct json *value, bool *ret);
bool json_int(const struct json *value,
              int64_t *ret); /* numbers without a fraction, and texts of one */
/* Numbers and decimal texts with at most two decimals, within MONEY_CENTS_MAX either way. */
bool json_cents(const struct json *value, int64_t *ret_cents);
/* Compact text of a node, in the arena. */
char *json_write(struct arena *arena, const struct json *value, size_t *ret_length);

#endif
