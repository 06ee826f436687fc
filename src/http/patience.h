/*
 * http/patience.h: ends connections whose client never completes a request. libmicrohttpd ends
 * those that say nothing; a client that says one byte now and then would hold its connection for
 * ever.
 * Threads: entries are made and freed by loop threads; one thread of its own looks at all of them.
 */
#ifndef HTTP_PATIENCE_H
#define HTTP_PATIENCE_H

#include <stdint.h>

struct patience;
struct patience_entry; /* one connection */

/* Starts the thread. A client has limit_ms from one reply, or from the start, to the end of its
 * next request's headers. */
struct patience *patience_new(uint64_t limit_ms);
/* Stops the thread; all entries must be gone. NULL is accepted. */
void patience_free(struct patience *patience);

struct patience_entry *patience_add(struct patience *patience, int socket);
void patience_remove(struct patience *patience, struct patience_entry *entry);
void patience_waits(struct patience_entry *entry); /* for a request, from now on */
void patience_rests(struct patience_entry *entry); /* the headers are here */

#endif
