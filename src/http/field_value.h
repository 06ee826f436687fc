/*
 * http/field_value.h: the grammar of field values (RFC 9110 section 5.6, RFC 6265 section 4.2): the
 * one reader of lists, quoted strings, parameters, weights, media types, validators and cookies.
 * Values are bytes: what is not ASCII may stand in quoted strings, cookies and validators.
 * Memory: what is read borrows from the value. Pure functions; any thread.
 */
#ifndef HTTP_FIELD_VALUE_H
#define HTTP_FIELD_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rd.h"

/* A piece of a value, without the blanks around it; not NUL-terminated. */
struct field_text {
    const char *at;
    size_t length;
};

/* Blanks and tabs around a value are no part of it (RFC 9110 section 5.5). */
struct field_text field_trimmed(const char *at, size_t length);
/* Is it this word, whatever the letters' case? */
bool field_is(struct field_text text, const char *word);

/* The next element of a list, false at its end. Commas within quotes part nothing, empty elements
 * count for nothing (RFC 9110 section 5.6.1). A quote that is never closed goes to the end. */
bool field_next_element(struct rd *list, struct field_text *ret);

/* Is the word, in whatever case, an element? NULL is an empty list. */
bool field_lists(const char *value, const char *word);
/* Is every element this word? */
bool field_lists_only(const char *value, const char *word);

/* The next piece of "name;a=1;b=\"two words\"", the first of which is the name itself. */
bool field_next_part(struct rd *element, struct field_text *ret);
/* Such a piece as a parameter; the value is without its quotes. False where it is none. */
bool field_parameter(struct field_text part, struct field_text *ret_name,
                     struct field_text *ret_value);

/* An element with a weight, "gzip;q=0.5" (RFC 9110 section 12.4.2). */
struct field_choice {
    struct field_text name;
    int weight; /* in thousandths; 0 for what is no weight */
};
bool field_next_choice(struct rd *list, struct field_choice *ret);

/* "text/html; charset=utf-8". False where it is no media type (RFC 9110 section 8.3.1). */
struct media_type {
    struct field_text type;    /* "text/html" */
    struct field_text charset; /* at NULL: none is named */
};
bool field_media_type(const char *value, struct media_type *ret);

/* What stands behind "Bearer", or another scheme, in a value such as Authorization's (RFC 9110
 * section 11.6.2), "" where nothing does; NULL where that is of another scheme, or NULL itself. */
const char *field_credentials(const char *value, const char *scheme);

/* The next validator of a list such as If-None-Match's, "*" included, without its W/ and with its
 * quotes (RFC 9110 section 8.8.3). What is no validator is left out. */
bool field_next_validator(struct rd *list, struct field_text *ret);

enum cookie_found {
    COOKIE_ABSENT,
    COOKIE_GOOD,
    COOKIE_UNUSABLE, /* it is there twice with two values, or is not UTF-8: whose it is is unknown
                      */
};

/* The value of a cookie, without quotes around it. Names are exact; other cookies may hold what
 * they like. Writes *ret only for COOKIE_GOOD. */
enum cookie_found field_cookie(const char *header, const char *name, struct field_text *ret);

#endif
