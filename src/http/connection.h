/*
 * http/connection.h: one connection: it reads requests, one after the other, has each of them
 * answered and writes the answers (RFC 9112 section 9). Sockets never block; a connection goes as
 * far as it can whenever it is its turn, and then waits for its socket, for its exchange or for its
 * time to run out.
 * Memory: what a request is made of lies in its exchange; between two requests a connection holds
 * no buffer. Threads: its loop's.
 */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "core/buf.h"
#include "http/inbox.h"
#include "http/schedule.h"

struct loop;

/* What may follow what is kept in connection.c.
 *
 *                                         QUIET
 *                                          ^|
 *                                          |v
 *   IDLE -> HEAD -> BODY -> RUNNING -> WRITING -> LINGERING
 *     ^       '-------'--------^-'        |           |
 *     '-----------------------------------'           v
 *   any but RUNNING ------------------------------> OVER
 */
enum connection_state {
    CONNECTION_IDLE,      /* nothing of a request is here */
    CONNECTION_HEAD,      /* a part of its head is */
    CONNECTION_BODY,      /* its head is, and its body comes */
    CONNECTION_RUNNING,   /* its handler runs, or waits for doing so */
    CONNECTION_WRITING,   /* the answer goes out */
    CONNECTION_QUIET,     /* the answer is a stream that has nothing to send for now */
    CONNECTION_LINGERING, /* it has gone out and ends the connection; what the client still sends is
                             thrown away, or it would lose the answer to a reset */
    CONNECTION_OVER,
    CONNECTION_STATE_COUNT,
};

struct connection {
    struct loop *loop;
    int socket;
    enum connection_state state; /* changed by connection_move alone */
    struct scheduled scheduled;
    struct exchange *exchange; /* from the end of a head to the end of its answer, else NULL */

    bool is_readable; /* reading may give something */
    bool is_writable;
    bool is_hung_up; /* the client sends nothing more, but there may be something to read */
    bool is_at_end;  /* nor is there anything to read */
    bool is_unread;  /* a body was refused that may still come */
    bool is_awaited; /* a body's rest, which its guest is counted for */

    struct buf held; /* bytes that came and have to wait */
    const char *at;  /* what is to be read next: in `held` or in what the loop has read just now */
    size_t left;
    size_t scanned; /* of them: known to hold no end of a head */
    size_t timed;   /* bytes of the answer that were out when the client's time began */

    struct client client;
};

/* Owns the socket from here on, whose events the loop tells it. */
struct connection *connection_new(struct loop *loop, const struct accepted *accepted);
/* In any state but RUNNING. */
void connection_free(struct connection *connection);

/* Its socket has these events (epoll's). */
void connection_notice(struct connection *connection, unsigned events);
/* Goes as far as it can; false: it is OVER. */
bool connection_run(struct connection *connection);
/* Its time has run out. */
void connection_expire(struct connection *connection);
/* Aborts where the state must not follow the present one. */
void connection_move(struct connection *connection, enum connection_state next);

#endif
