/*
 * http/head.h: the head of a request: its first line and its fields, read strictly as RFC 9112
 * (sections 2 to 5) and RFC 9110 (section 5) have them. What two readers could read in two ways is
 * refused: a line that ends without CR, a folded one, a blank before a colon, a control character.
 * Memory: everything borrows from the text that was parsed, which is cut up with NULs. Pure
 * functions; any thread.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"

enum {
    HEAD_MAX = 32 * 1024,   /* bytes of a head; more is 431 */
    TARGET_MAX = 16 * 1024, /* bytes of a request target; more is 414 */
    HEAD_FIELDS_MAX = 100,  /* more is 431 */
};

struct head_field {
    const char *name;
    size_t name_length;
    const char *value; /* without the blanks around it */
    size_t length;
};

struct head {
    const char *method; /* "" until the first line has been read */
    const char *target;
    size_t target_length;
    int minor_version; /* of HTTP/1: 0 or 1 */
    size_t count;
    struct head_field fields[HEAD_FIELDS_MAX]; /* only the first `count` have been written */
};

/* One of which nothing has been read. */
void head_init(struct head *head);

enum head_extent {
    HEAD_PARTIAL, /* more has to come */
    HEAD_WHOLE,
    HEAD_BROKEN, /* whatever comes: the first line is none, or a line ends without CR */
    HEAD_TOO_LARGE,
    HEAD_TARGET_TOO_LONG,
};

/* Looks for the end of the head that `bytes` begin with, its empty line included. *scanned, 0 at
 * first, remembers how far that went: a head that comes byte by byte is looked through once. */
enum head_extent head_find_end(const char *bytes, size_t length, size_t *scanned,
                               size_t *ret_length);
/* What is wrong with a head of the last three. */
void head_explain(enum head_extent extent, struct err *err);

/* Cuts up a whole head, text[0] to text[length - 1]. When it fails, *ret holds what was read before
 * the fault. */
MUST_CHECK bool head_parse(char *text, size_t length, struct head *ret, struct err *err);

#endif
