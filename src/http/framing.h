/*
 * http/framing.h: where the body of a request ends (RFC 9112 sections 6 and 7), and its bytes
 * without the chunks they came in. What two readers could read in two ways is refused, so that no
 * part of a body passes for a request.
 * Memory: borrows from the bytes it is given. Pure functions; a framing belongs to one request.
 */
#ifndef HTTP_FRAMING_H
#define HTTP_FRAMING_H

#include <stdint.h>

#include "http/fields.h"

enum framing_kind { FRAMING_NONE, FRAMING_LENGTH, FRAMING_CHUNKED };

enum chunk_state {
    CHUNK_SIZE,  /* digits of a chunk's size */
    CHUNK_BLANK, /* bad manners before a semicolon, to be borne (RFC 9112 section 7.1.1) */
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_CR,
    CHUNK_LF,
    CHUNK_TRAILER_START, /* of a line behind the last chunk */
    CHUNK_TRAILER_NAME,
    CHUNK_TRAILER_VALUE,
    CHUNK_TRAILER_LF,
    CHUNK_END_LF,
    CHUNK_ENDED,
};

struct framing {
    enum framing_kind kind;
    uint64_t left;          /* bytes of the body, or of the chunk, that are still to come */
    enum chunk_state state; /* of FRAMING_CHUNKED */
    unsigned digits;        /* of the size that is being read */
    size_t overhead;        /* bytes of this line, or of all trailers, so far */
};

/* What the head says. ERR_MALFORMED for what is said in two ways or badly, ERR_TRANSFER_CODING for
 * a coding that is not known, ERR_TOO_LARGE for a length that no number holds. */
MUST_CHECK bool framing_of(const struct fields *fields, int minor_version, struct framing *ret,
                           struct err *err);

enum framing_step {
    FRAMING_DATA, /* a piece of the body */
    FRAMING_MORE, /* all bytes are used up, more have to come */
    FRAMING_END,  /* what is left belongs to the next request */
    FRAMING_BROKEN,
};

/* Takes bytes from *at, of which there are *left. */
enum framing_step framing_take(struct framing *framing, const char **at, size_t *left,
                               const char **ret_piece, size_t *ret_length);

#endif
