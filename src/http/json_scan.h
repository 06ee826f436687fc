/*
 * http/json_scan.h: where the values of a list or an object stand in a JSON text, without a tree.
 * What comes from one source and holds things that do not depend on each other is taken apart
 * first and each piece parsed alone: one that is no good spoils no other, and memory goes by the
 * largest piece. Inside a piece brackets are matched and texts passed over, nothing more: whether
 * it is JSON is found out by whoever parses it.
 * Memory: nothing is allocated; pieces are borrowed from the text. Time: linear, no recursion.
 */
#ifndef HTTP_JSON_SCAN_H
#define HTTP_JSON_SCAN_H

#include "core/rd.h"

/* A value as it stands in the text, without blanks around it. */
struct json_piece {
    const char *text;
    size_t length;
};

struct json_scan {
    struct rd rd;
    bool is_object;
    bool is_begun;
    bool is_over;
    bool bad; /* the text ends too early, goes on after its end, or is no list or object */
};

/* Over the entries of a list or the members of an object, whichever the text is. */
struct json_scan json_scan_of(struct json_piece text);
/* The next value, and in an object its name: raw, as it stands between the quotes. False at the
 * end and when the text turns out to be broken, which `bad` says; then the pieces given before may
 * not be what was meant. */
bool json_scan_next(struct json_scan *scan, struct json_piece *ret_name,
                    struct json_piece *ret_value);

/* Is the raw name this one, which needs no escapes? */
bool json_piece_is(struct json_piece name, const char *text);

#endif
