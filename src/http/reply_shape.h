/*
 * http/reply_shape.h: what the JSON of a reply or of an event looks like, as tables that stand
 * beside what writes it. They write nothing: the OpenAPI document is made of them, and the tests
 * hold what was answered against the document, member by member and both ways.
 */
#ifndef HTTP_REPLY_SHAPE_H
#define HTTP_REPLY_SHAPE_H

#include <stddef.h>

/* One of the kinds, and what holds besides. */
enum reply_as {
    REPLY_TEXT = 1,
    REPLY_TIME,     /* json_put_time */
    REPLY_TRACE_ID, /* 32 hexadecimal digits */
    REPLY_ID,       /* a whole number from 1 on */
    REPLY_COUNT,    /* from 0 on */
    REPLY_INT,
    REPLY_FLAG,  /* 0 or 1 */
    REPLY_MONEY, /* json_put_money: two decimals */
    REPLY_REAL,
    REPLY_BOOL,
    REPLY_NOTHING, /* always null: what this installation does not have */
    REPLY_OBJECT,  /* of `shape`; without one an object of any members */
    REPLY_KINDS = 0xff,

    REPLY_NULLABLE = 1 << 8,
    REPLY_OPTIONAL = 1 << 9, /* not in every reply */
    REPLY_LIST = 1 << 10,    /* a list of such values */
};

struct reply_shape;

struct reply_field {
    const char *name;
    unsigned as;
    const struct reply_shape *shape; /* of REPLY_OBJECT */
    const char *const *words;        /* texts: NULL or all that may stand here, NULL-terminated */
};

struct reply_shape {
    const char *name;               /* its schema's name in the OpenAPI document */
    const struct reply_shape *base; /* whose members it has too, or NULL */
    const struct reply_field *fields;
    size_t field_count;
};

/* What a text may be: of all shapes that have such a member, or of one ("Shape.member"). NULL: it
 * is optional, and not there in the usual case. */
struct reply_example {
    const char *member;
    const char *text;
};

/* An event of a stream: its data are JSON of that shape. */
struct event_shape {
    const char *type;
    const struct reply_shape *data;
};

#define REPLY_FIELD(name_, as_)                                                                    \
    {                                                                                              \
        .name = (name_), .as = (as_)                                                               \
    }
#define REPLY_WORD(name_, words_, flags_)                                                          \
    {                                                                                              \
        .name = (name_), .as = REPLY_TEXT | (flags_), .words = (words_)                            \
    }
#define REPLY_PART(name_, shape_, flags_)                                                          \
    {                                                                                              \
        .name = (name_), .as = REPLY_OBJECT | (flags_), .shape = (shape_)                          \
    }
/* For REPLY_WORD, where the words have no list of their own. */
#define REPLY_WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define REPLY_SHAPE(name_, fields_) REPLY_SHAPE_ON(name_, NULL, fields_)
#define REPLY_SHAPE_ON(name_, base_, fields_)                                                      \
    {                                                                                              \
        .name = (name_), .base = (base_), .fields = (fields_),                                     \
        .field_count = sizeof(fields_) / sizeof((fields_)[0])                                      \
    }

#endif
