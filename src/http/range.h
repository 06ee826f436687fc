/*
 * http/range.h: which part of something a Range header asks for (RFC 9110 section 14.2). Pure.
 */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include <stddef.h>

enum range_kind {
    RANGE_WHOLE, /* none is asked for, or in a way that is not understood and so ignored */
    RANGE_PART,
    RANGE_OUTSIDE, /* nothing of it is there: 416 */
};

struct range {
    size_t first;
    size_t count; /* at least 1 */
};

/* `text` may be NULL. Of more than one range nothing is made: the whole is as good an answer.
 * Writes *ret for RANGE_PART alone. */
enum range_kind range_parse(const char *text, size_t length, struct range *ret);

#endif
