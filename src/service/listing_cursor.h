/*
 * service/listing_cursor.h: a position in a list as the opaque text that clients carry from page to
 * page (service/listing.h).
 */
#ifndef SERVICE_LISTING_CURSOR_H
#define SERVICE_LISTING_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LISTING_SORT_SIZE = 24,     /* bytes of a word of `sort` and its NUL */
    LISTING_TEXT_SIZE = 801,    /* of a text that lists are sorted by: 200 characters */
    LISTING_CURSOR_SIZE = 1160, /* of a cursor: base64url of what follows */
};

/* "<id>.<number>.<sort>.<text>" as base64url: the number and the text that the list may be sorted
 * by, 0 and "" where there is none. */
struct listing_position {
    int64_t id;
    int64_t number;
    char sort[LISTING_SORT_SIZE];
    char text[LISTING_TEXT_SIZE];
};

void listing_position_format(const struct listing_position *position,
                             char out[LISTING_CURSOR_SIZE]);
/* False for a text that listing_position_format did not make. */
bool listing_position_parse(const char *text, struct listing_position *ret);
/* The same, for a table of parameters. */
bool listing_parse_cursor(const char *text, void *into);

#endif
