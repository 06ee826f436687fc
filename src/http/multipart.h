/*
 * http/multipart.h: the parts of a body of multipart/form-data (RFC 7578, RFC 2046 section 5.1), as
 * forms of browsers send files. Content stays where it is; names are copied to the arena. Pure
 * functions; any thread.
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"

enum {
    MULTIPART_PARTS_MAX = 64,
    MULTIPART_HEAD_MAX = 4096,   /* bytes of the header fields of one part */
    MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
};

struct multipart_part {
    const char *file_name; /* as it was sent, valid UTF-8; NULL: it is no file */
    const char *content;   /* borrowed from the body; not NUL-terminated */
    size_t length;
};

/* The first part of that name. The type is that of the whole body, with its boundary.
 * ERR_MALFORMED: the body is not what the type says. ERR_INVALID with the name as its field: there
 * is no such part. */
MUST_CHECK bool multipart_find(struct arena *arena, const char *content_type, const char *body,
                               size_t length, const char *name, struct multipart_part *ret,
                               struct err *err);

#endif
