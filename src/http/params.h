/*
 * http/params.h: the parameters of a request's target, of its path and of its query, as a table
 * that a route declares: name, type, range and default. They are bound to the fields of a struct;
 * what is wrong is told with the parameter's name; the OpenAPI document shows what the same table
 * says. A query may also hold parameters that nobody declared, which mean nothing. Memory: the
 * struct lives in the arena, its texts there or in what was parsed.
 */
#ifndef HTTP_PARAMS_H
#define HTTP_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "http/json_out.h"
#include "http/uri.h"

enum {
    PAGE_LIMIT_DEFAULT = 100,
    PAGE_LIMIT_MAX = 500,
    PAGE_OFFSET_MAX = 1000000,
    PARAM_TAIL_MAX = 500,
};

struct page {
    int64_t limit;
    int64_t offset;
};

enum param_kind {
    PARAM_KIND_TEXT,       /* const char *, at most `most` characters (code points) */
    PARAM_KIND_EMAIL,      /* const char *, trimmed and lower-cased */
    PARAM_KIND_INT,        /* int64_t, least..most */
    PARAM_KIND_HUNDREDTHS, /* int64_t hundredths, least..most, of a number of two decimals */
    PARAM_KIND_BOOL,       /* bool, from true, false, 1 and 0 */
    PARAM_KIND_TIME,       /* int64_t microseconds since 1970, from a time or a date */
    PARAM_KIND_PARSED,     /* what `parse` makes of the text */
};

enum param_place { PARAM_IN_QUERY, PARAM_IN_PATH };

/* Fills the field at `into`; false for a text that is none of its kind. */
typedef bool param_parse(const char *text, void *into);

/* A parameter that is not given leaves its field 0 or NULL, or what its default says. So does one
 * of the query that is given without a value, where it is a text. */
struct param {
    const char *name;
    enum param_kind kind;
    enum param_place place;
    bool is_required;   /* all of the path are */
    bool takes_slashes; /* of the path, as "{name...}": the rest of it */
    bool is_lenient;    /* a word that is not allowed counts as `fallback_word` */
    bool has_flag;
    bool has_fallback;
    size_t offset;      /* of the field */
    size_t flag_offset; /* of a bool that says "was given" */
    int64_t least;
    int64_t most;
    int64_t fallback;           /* the default of a number */
    const char *fallback_word;  /* the default of a text; NULL: there is none */
    const char *const *allowed; /* texts: NULL or the words allowed, NULL-terminated */
    const char *marks;          /* texts: NULL or what is allowed beside letters and digits; "-"
                                   stands last, "]", "^" and "\\" nowhere */
    param_parse *parse;
    const char *rule;    /* what a parsed text must be: "next_cursor of an earlier reply" */
    const char *pattern; /* the same for the document, as ECMA-262 has it; NULL: it is opaque */
};

struct param_shape {
    size_t size; /* of the struct */
    const struct param *params;
    size_t count;
};

/* An id that stands in the path under that name: a positive number. */
#define PARAM_ID(struct_, field_, name_)                                                           \
    {                                                                                              \
        .name = (name_), .kind = PARAM_KIND_INT, .place = PARAM_IN_PATH,                           \
        .offset = offsetof(struct_, field_), .least = 1, .most = INT64_MAX                         \
    }
/* The rest of the path: "{field...}", segments and the slashes between them. */
#define PARAM_TAIL(struct_, field_)                                                                \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TEXT, .place = PARAM_IN_PATH, .takes_slashes = true,   \
        .offset = offsetof(struct_, field_), .most = PARAM_TAIL_MAX                                \
    }
#define PARAM_TEXT(struct_, field_, most_)                                                         \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TEXT, .offset = offsetof(struct_, field_),             \
        .most = (most_)                                                                            \
    }
#define PARAM_TOKEN(struct_, field_, most_, marks_)                                                \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TEXT, .offset = offsetof(struct_, field_),             \
        .most = (most_), .marks = (marks_)                                                         \
    }
#define PARAM_EMAIL(struct_, field_)                                                               \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_EMAIL, .offset = offsetof(struct_, field_),            \
        .most = 200                                                                                \
    }
#define PARAM_WORD(struct_, field_, allowed_)                                                      \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TEXT, .offset = offsetof(struct_, field_),             \
        .allowed = (allowed_)                                                                      \
    }
#define PARAM_WORD_OR(struct_, field_, allowed_, fallback_)                                        \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TEXT, .offset = offsetof(struct_, field_),             \
        .allowed = (allowed_), .fallback_word = (fallback_)                                        \
    }
/* The same where any other word counts as the default. */
#define PARAM_ANY_WORD_OR(struct_, field_, allowed_, fallback_)                                    \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TEXT, .offset = offsetof(struct_, field_),             \
        .is_lenient = true, .allowed = (allowed_), .fallback_word = (fallback_)                    \
    }
#define PARAM_INT(struct_, field_, least_, most_)                                                  \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_INT, .offset = offsetof(struct_, field_),              \
        .least = (least_), .most = (most_)                                                         \
    }
#define PARAM_BOOL(struct_, field_)                                                                \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_BOOL, .offset = offsetof(struct_, field_)              \
    }
/* The struct has int64_t <field>_us and bool has_<field>. */
#define PARAM_TIME(struct_, field_)                                                                \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_TIME, .offset = offsetof(struct_, field_##_us),        \
        .flag_offset = offsetof(struct_, has_##field_), .has_flag = true                           \
    }
/* The struct has <field> and bool has_<field>. */
#define PARAM_PARSED(struct_, field_, most_, parse_, rule_)                                        \
    {                                                                                              \
        .name = #field_, .kind = PARAM_KIND_PARSED, .offset = offsetof(struct_, field_),           \
        .flag_offset = offsetof(struct_, has_##field_), .has_flag = true, .most = (most_),         \
        .parse = (parse_), .rule = (rule_)                                                         \
    }
/* limit and offset; the struct has a struct page <page>. */
#define PARAM_PAGE(struct_)                                                                        \
    {.name = "limit",                                                                              \
     .kind = PARAM_KIND_INT,                                                                       \
     .offset = offsetof(struct_, page.limit),                                                      \
     .least = 1,                                                                                   \
     .most = PAGE_LIMIT_MAX,                                                                       \
     .fallback = PAGE_LIMIT_DEFAULT,                                                               \
     .has_fallback = true},                                                                        \
    {                                                                                              \
        .name = "offset", .kind = PARAM_KIND_INT, .offset = offsetof(struct_, page.offset),        \
        .least = 0, .most = PAGE_OFFSET_MAX, .has_fallback = true                                  \
    }
/* What routes of one thing take. */
struct id_params {
    int64_t id;
};
#define PARAM_SHAPE(struct_, params_)                                                              \
    {                                                                                              \
        .size = sizeof(struct_), .params = (params_),                                              \
        .count = sizeof(params_) / sizeof((params_)[0])                                            \
    }

/* Binds what path and query hold. ERR_INVALID for a value that breaks its rule, ERR_MALFORMED for a
 * declared parameter that the query holds twice; err->field is its name. */
MUST_CHECK bool params_bind(struct arena *arena, const struct param_shape *shape,
                            const struct uri_query *path, const struct uri_query *query,
                            void **ret_struct, struct err *err);

/* ERR_CONFIG unless the table, which may be NULL, declares just what stands in braces in the
 * template and no name twice. */
MUST_CHECK bool params_check(const char *template, const struct param_shape *shape,
                             struct err *err);

/* A parameter object of OpenAPI 3.1, as an element of the open list. */
void params_describe(const struct param *param, struct json_out *json);

#endif
