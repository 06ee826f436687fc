/*
 * http/guests.h: how many connections each address has open, and how many bodies are still coming
 * over them, so that no one client takes all places. As many addresses can be counted as there are
 * connections; nothing is allocated after the start. Addresses are found by a keyed hash, and
 * counted as net_address_counted says.
 * Threads: any; a lock is held for a few instructions, once for each connection that begins or
 * ends.
 */
#ifndef HTTP_GUESTS_H
#define HTTP_GUESTS_H

#include <stdatomic.h>

#include "core/network.h"

struct guests;

/* An address with connections. */
struct guest {
    struct net_address address;
    uint32_t next; /* of its chain, or of those that are free */
    uint32_t connections;
    atomic_uint unfinished; /* of its connections: those whose request's body still comes */
};

/* connection_max: of all addresses together. */
struct guests *guests_new(size_t connection_max);
void guests_free(struct guests *guests); /* NULL is accepted */

/* One connection more; NULL, and nothing changes, where the address has `most` already. Not more
 * often at a time than connection_max. */
struct guest *guests_enter(struct guests *guests, const struct net_address *address, uint32_t most);
/* One less; `guest` may be another's afterwards. */
void guests_leave(struct guests *guests, struct guest *guest);

#endif
