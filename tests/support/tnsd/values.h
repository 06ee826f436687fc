/*
 * tests/support/tnsd/values.h: values as they travel in Oracle's messages, and as texts of
 * PostgreSQL's; what columns and binds of either side's types are on the other.
 */
#ifndef TESTS_SUPPORT_TNSD_VALUES_H
#define TESTS_SUPPORT_TNSD_VALUES_H

#include "ora/message.h"
#include "tests/support/tnsd/database.h"
#include "tests/support/tnsd/lobs.h"

enum { COLUMN_NAME_MAX = 128, FORM_NONE = 0, FORM_DATABASE = 1, FORM_NATIONAL = 2 };

/* How a client wants the values of a LOB. */
enum lob_form {
    LOB_PLAIN,    /* a locator */
    LOB_PREFETCH, /* with size and chunk size before it */
    LOB_VALUE,    /* the content itself, as LONG or LONG RAW */
};

/* A column, or a bind that gives a value back. */
struct tnsd_column {
    char name[COLUMN_NAME_MAX + 1];
    uint8_t type;
    int8_t precision;
    int8_t scale;
    uint8_t charset_form;
    uint32_t size;       /* in bytes */
    uint32_t characters; /* of texts */
    enum lob_form lob_form;
};

/* What the client has declared of a bind. */
struct tnsd_bind {
    uint8_t type;
    uint8_t charset_form;
    uint32_t size;
    uint32_t elements; /* of an array; 0: none */
    bool has_prefetch;
};

/* A column of PostgreSQL's; false for a type that has no counterpart. */
bool column_of_result(const struct database *database, const PGresult *result, int place,
                      struct tnsd_column *ret);
/* A column as a bind is declared, for what comes back in it. */
void column_of_bind(const struct tnsd_bind *bind, struct tnsd_column *ret);
/* The type of a parameter; 0 leaves it to PostgreSQL. */
Oid param_type(const struct database *database, const struct tnsd_bind *bind, bool is_text);
/* A parameter's type by name, as a function declares it. NULL: none. */
const char *param_type_name(const struct tnsd_bind *bind);

/* A client's value as a text, with its NUL. False: it is malformed, or its LOB is not there. NULL
 * is for the caller. */
bool param_text(const struct tnsd_bind *bind, const struct ora_bytes *bytes, struct lobs *lobs,
                struct ora_wr *to);
/* A text of PostgreSQL's as a client gets it; NULL is NULL. False: it has no counterpart. */
bool value_write(const struct tnsd_column *column, const char *text, size_t length,
                 struct lobs *lobs, struct ora_wr *to);

#endif
