/*
 * http/idle_reaper.h: ends connections whose client never completes a request. libmicrohttpd ends
 * those that say nothing; a client that says one byte now and then would hold its connection for
 * ever.
 * Threads: entries are made and freed by loop threads; one thread of its own looks at all of them.
 */
#ifndef HTTP_IDLE_REAPER_H
#define HTTP_IDLE_REAPER_H

#include <stdint.h>

struct idle_reaper;
struct idle_entry; /* one connection */

/* Starts the thread. A client has limit_ms from one reply, or from the start, to the end of its
 * next request's headers. */
struct idle_reaper *idle_reaper_new(uint64_t limit_ms);
/* Stops the thread; all entries must be gone. NULL is accepted. */
void idle_reaper_free(struct idle_reaper *reaper);

struct idle_entry *idle_reaper_add(struct idle_reaper *reaper, int socket);
void idle_reaper_remove(struct idle_reaper *reaper, struct idle_entry *entry);
void idle_begins(struct idle_entry *entry); /* its client owes a request from now on */
void idle_ends(struct idle_entry *entry);   /* the headers are here */

#endif
