/*
 * http/inbox.h: what other threads bring to a loop: sockets from the acceptor, and exchanges whose
 * handler has run on a worker. Its event tells the loop that something is there.
 * Threads: any may bring; the loop's takes.
 */
#ifndef HTTP_INBOX_H
#define HTTP_INBOX_H

#include "core/thread.h"
#include "http/client.h"

struct exchange;

/* A connection on its way from the acceptor. */
struct accepted {
    struct accepted *next;
    int socket;
    struct client client;
};

struct inbox {
    int event;         /* eventfd, to be polled; -1 where there could be none */
    struct mutex lock; /* guards what follows */
    struct accepted *accepted;
    struct exchange *completed; /* linked by their `next` */
};

void inbox_init(struct inbox *inbox);
void inbox_fini(struct inbox *inbox); /* it must be empty */

void inbox_bring_socket(struct inbox *inbox, int socket, const struct client *client);
void inbox_bring_exchange(struct inbox *inbox, struct exchange *exchange);
/* Wakes the loop although nothing is brought. */
void inbox_ring(struct inbox *inbox);

/* Takes everything; the lists are the caller's. */
void inbox_take(struct inbox *inbox, struct accepted **ret_accepted,
                struct exchange **ret_completed);

#endif
