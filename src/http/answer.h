/*
 * http/answer.h: an answer on its way out: a head of its own and bytes that are borrowed from
 * wherever they lie, in a reply's buffer or in memory that never changes. Both go out in one call,
 * and nothing is copied.
 * Memory: the head's buffer is kept from answer to answer. Threads: one at a time.
 */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "core/buf.h"

enum { ANSWER_HEAD_MAX = 256 * 1024 };

struct answer {
    struct buf head; /* status line and fields, with the empty line */
    const char *body;
    size_t body_length; /* bytes that go out, which HEAD has none of */
    size_t sent;        /* of both together */
    bool closes;        /* the connection ends behind it */
};

enum answer_progress {
    ANSWER_WRITTEN,
    ANSWER_WAITS, /* the socket takes no more for now */
    ANSWER_LOST,  /* nobody is there to take it */
};

enum answer_progress answer_write(struct answer *answer, int socket);

#endif
