/*
 * db/engine/bell.h: how an engine that talks to a server waits. A wait has three ends: something
 * happens on the connection's socket, the deadline passes, or another thread rings. Whoever rings
 * touches nothing else of the connection; what a ring means its owner knows.
 * Threads: bell_ring is for any, the rest for whoever has the connection.
 */
#ifndef DB_ENGINE_BELL_H
#define DB_ENGINE_BELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
    int fd; /* -1: the system gave none; errno told why */
    _Atomic bool is_rung;
};

enum bell_end {
    BELL_SOCKET, /* first, where several have come */
    BELL_RUNG,   /* and is silent again */
    BELL_LATE,
    BELL_NOTHING, /* woken for none of them: wait on */
};

void bell_init(struct bell *bell);
void bell_fini(struct bell *bell);
void bell_ring(struct bell *bell);
/* Forgets a ring that was meant for what is over. */
void bell_silence(struct bell *bell);
/* Waits for these events (poll's) of the socket. */
enum bell_end bell_wait(struct bell *bell, int socket, short events, uint64_t deadline_ns);

#endif
