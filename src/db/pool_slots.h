/*
 * db/pool_slots.h: which session of a pool stands where, who waits for one, and when another is
 * worth opening. It opens nothing, takes no lock and reads no clock: the pool does that and says
 * what time it is (monotonic nanoseconds), so the rules can be run without sessions and sockets.
 *
 * A pool that its takers fill (the database is a file) gives the room for a session to whoever
 * asks, who opens it. Elsewhere one opener fills the pool, one session at a time, and whoever waits
 * takes the first that is free, an old or the new one. The opener's rules:
 *  - up to the pool's size a session is opened as soon as somebody waits;
 *  - past it when the time in which somebody waited has come to what opening a session takes. It is
 *    counted anew after each that was opened, and while nobody waits so much is forgotten in each
 *    `keep_ns`;
 *  - one past the size that nobody has taken for `keep_ns` is surplus and is closed.
 * So a place is filled at most once in `keep_ns`, unless its session was lost or too old: in a time
 * t no more than (size + overflow) * (1 + t / keep_ns) sessions are opened besides those.
 *
 * Slots and waiters are their owner's; a slot is in the list of its state, a waiter in the line.
 */
#ifndef DB_POOL_SLOTS_H
#define DB_POOL_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"

enum slot_state {
    SLOT_GONE, /* in no list */
    SLOT_OPENING,
    SLOT_IDLE,  /* the one used last stands first */
    SLOT_TAKEN, /* its taker finds out whether it is sound, or opens it */
    SLOT_IN_USE,
    SLOT_CLOSING,
    SLOT_STATES,
};

struct pool_slot {
    struct list_link link;
    enum slot_state state;
    bool is_empty;     /* a place without a connection: nothing to keep */
    uint64_t since_ns; /* taken or given back at that time */
    uint64_t used_ns;  /* opened or given back last */
    uint64_t opened_ns;
    uint64_t expires_ns; /* end of its lifetime */
};

/* One who waits, first come first served. */
struct pool_waiter {
    struct list_link link;
    uint64_t came_ns;
    struct pool_slot *slot;                   /* given to it */
    bool is_refused;                          /* no session is there, and none can be opened */
    void (*wake)(struct pool_waiter *waiter); /* it was given a slot, or refused one */
};

struct pool_slots {
    size_t size;
    size_t overflow;
    bool takers_open;
    uint64_t keep_ns;

    struct list states[SLOT_STATES];
    struct list waiters;

    uint64_t opening_cost_ns; /* what opening a session takes: measured, 0 before the first */
    uint64_t waited_ns;       /* at most opening_cost_ns */
    uint64_t counted_until_ns;
    uint64_t pause_ns; /* after a failure to open; 0: the last try went well */
    uint64_t pause_ends_ns;
};

void slots_init(struct pool_slots *slots, size_t size, size_t overflow, bool takers_open,
                uint64_t keep_ns);
/* Those in any state: the number that is bounded by size + overflow. */
size_t slots_open(const struct pool_slots *slots);
/* The only way from one state to another. */
void slot_move(struct pool_slots *slots, struct pool_slot *slot, enum slot_state to);

/* The idle session that was used last, now taken; NULL when there is none or somebody waits. */
struct pool_slot *slots_take(struct pool_slots *slots, uint64_t now_ns);
/* Is there room for a taker's own session, and nobody waits for it? The taker adds a slot. */
bool slots_may_add(const struct pool_slots *slots);
/* Stands in line by came_ns: one whose session turned out to be lost does not lose its turn. */
void slots_wait(struct pool_slots *slots, struct pool_waiter *waiter, uint64_t now_ns);
void slots_leave(struct pool_slots *slots, struct pool_waiter *waiter, uint64_t now_ns);
/* No session is there that could come back, and none may be opened at the moment. */
bool slots_are_hopeless(const struct pool_slots *slots, uint64_t now_ns);

/* The session in use comes back. Where it goes is its state: taken by the waiter that is returned
 * and is to be woken, idle, or closing. */
struct pool_waiter *slots_put(struct pool_slots *slots, struct pool_slot *slot, bool is_sound,
                              uint64_t now_ns);
/* Where takers open: somebody waits, and there is room for a session of its own. */
bool slots_can_give_place(const struct pool_slots *slots);
/* The first waiter gets this slot, which is in no list, to open it. */
struct pool_waiter *slots_give_place(struct pool_slots *slots, struct pool_slot *slot,
                                     uint64_t now_ns);

/* For the opener: is another session to be opened now? Otherwise *ret_when says when to ask again
 * if nothing happens until then; UINT64_MAX: not at all. */
bool slots_want_more(struct pool_slots *slots, uint64_t now_ns, uint64_t *ret_when);
/* The slot has a connection now, for so long. */
void slot_connected(struct pool_slot *slot, uint64_t now_ns, uint64_t lifetime_ns);
/* The opening session is there after so long. Returns the waiter that gets it, to be woken. */
struct pool_waiter *slots_opened(struct pool_slots *slots, struct pool_slot *slot, uint64_t took_ns,
                                 uint64_t now_ns);
/* It could not be opened: its slot is gone, and nobody tries again for a while, twice as long after
 * each failure. */
void slots_open_failed(struct pool_slots *slots, struct pool_slot *slot, uint64_t now_ns);

/* The next idle session that is too old or surplus, now closing; NULL: none. With
 * `is_needed_elsewhere` each idle one past the size is surplus. */
struct pool_slot *slots_next_surplus(struct pool_slots *slots, bool is_needed_elsewhere,
                                     uint64_t now_ns);

#endif
