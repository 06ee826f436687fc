#include "db/pool_slots.h"

#include <assert.h>

#include "core/clock.h"

enum {
    PAUSE_MS_FIRST = 100,
    PAUSE_MS_MOST = 2000,
    COST_WEIGHT = 4, /* a measurement counts a quarter, so that one slow name server is forgotten */
};

#define MAY(state_) (1U << (state_))

/* From where a slot may go where. */
static const unsigned MOVES[SLOT_STATES] = {
    [SLOT_GONE] = MAY(SLOT_OPENING) | MAY(SLOT_TAKEN),
    [SLOT_OPENING] = MAY(SLOT_IDLE) | MAY(SLOT_TAKEN) | MAY(SLOT_GONE),
    [SLOT_IDLE] = MAY(SLOT_TAKEN) | MAY(SLOT_CLOSING),
    [SLOT_TAKEN] = MAY(SLOT_IN_USE) | MAY(SLOT_CLOSING),
    [SLOT_IN_USE] = MAY(SLOT_IDLE) | MAY(SLOT_TAKEN) | MAY(SLOT_CLOSING),
    [SLOT_CLOSING] = MAY(SLOT_GONE),
};

void slots_init(struct pool_slots *slots, size_t size, size_t overflow, bool takers_open,
                uint64_t keep_ns)
{
    *slots = (struct pool_slots){
        .size = size, .overflow = overflow, .takers_open = takers_open, .keep_ns = keep_ns};
    for (size_t i = 0; i < SLOT_STATES; i++) {
        list_init(&slots->states[i]);
    }
    list_init(&slots->waiters);
}

size_t slots_open(const struct pool_slots *slots)
{
    size_t open = 0;

    for (size_t i = SLOT_OPENING; i < SLOT_STATES; i++) {
        open += slots->states[i].length;
    }
    return open;
}

static bool have_room(const struct pool_slots *slots)
{
    return slots_open(slots) < slots->size + slots->overflow;
}

void slot_move(struct pool_slots *slots, struct pool_slot *slot, enum slot_state to)
{
    assert((MOVES[slot->state] & MAY(to)) != 0);
    if (slot->state != SLOT_GONE) {
        list_remove(&slots->states[slot->state], &slot->link);
    }
    slot->state = to;
    if (to != SLOT_GONE) {
        list_push_front(&slots->states[to], &slot->link);
    }
}

static struct pool_slot *slot_of(struct list_link *link)
{
    return LIST_ITEM(link, struct pool_slot, link);
}

/* What opening a session takes is forgotten in keep_ns, which is how long one that is opened would
 * have been of use. */
static uint64_t forgotten(const struct pool_slots *slots, uint64_t passed_ns)
{
    const double share = (double)passed_ns / (double)slots->keep_ns;

    return share < 1 ? (uint64_t)(share * (double)slots->opening_cost_ns) : slots->opening_cost_ns;
}

/* Brings the time of waiting up to date; called before anybody joins or leaves the line. */
static void count_waiting(struct pool_slots *slots, uint64_t now_ns)
{
    const uint64_t passed_ns =
        now_ns > slots->counted_until_ns ? now_ns - slots->counted_until_ns : 0;

    if (slots->waiters.length == 0) {
        const uint64_t less_ns = forgotten(slots, passed_ns);

        slots->waited_ns -= less_ns < slots->waited_ns ? less_ns : slots->waited_ns;
    } else if (passed_ns < slots->opening_cost_ns - slots->waited_ns) {
        slots->waited_ns += passed_ns;
    } else {
        slots->waited_ns = slots->opening_cost_ns;
    }
    slots->counted_until_ns += passed_ns;
}

/* --- taking and waiting --- */

struct pool_slot *slots_take(struct pool_slots *slots, uint64_t now_ns)
{
    struct list_link *link =
        slots->waiters.length == 0 ? list_first(&slots->states[SLOT_IDLE]) : NULL;
    struct pool_slot *slot = link != NULL ? slot_of(link) : NULL;

    if (slot != NULL) {
        slot_move(slots, slot, SLOT_TAKEN);
        slot->since_ns = now_ns;
    }
    return slot;
}

bool slots_may_add(const struct pool_slots *slots)
{
    return slots->takers_open && slots->waiters.length == 0 && have_room(slots);
}

void slots_wait(struct pool_slots *slots, struct pool_waiter *waiter, uint64_t now_ns)
{
    struct list_link *after = slots->waiters.ends.prev;

    count_waiting(slots, now_ns);
    while (after != &slots->waiters.ends &&
           LIST_ITEM(after, struct pool_waiter, link)->came_ns > waiter->came_ns) {
        after = after->prev;
    }
    waiter->slot = NULL;
    list_insert_after(&slots->waiters, after, &waiter->link);
}

void slots_leave(struct pool_slots *slots, struct pool_waiter *waiter, uint64_t now_ns)
{
    count_waiting(slots, now_ns);
    list_remove(&slots->waiters, &waiter->link);
}

bool slots_are_hopeless(const struct pool_slots *slots, uint64_t now_ns)
{
    return !slots->takers_open && slots_open(slots) == 0 && now_ns < slots->pause_ends_ns;
}

/* The first who waits gets the slot. */
static struct pool_waiter *give(struct pool_slots *slots, struct pool_slot *slot, uint64_t now_ns)
{
    struct pool_waiter *first = LIST_ITEM(slots->waiters.ends.next, struct pool_waiter, link);

    slots_leave(slots, first, now_ns);
    slot_move(slots, slot, SLOT_TAKEN);
    slot->since_ns = now_ns;
    first->slot = slot;
    return first;
}

/* --- giving back --- */

struct pool_waiter *slots_put(struct pool_slots *slots, struct pool_slot *slot, bool is_sound,
                              uint64_t now_ns)
{
    const bool is_young = slot->is_empty || now_ns < slot->expires_ns;

    if (!is_sound || !is_young) {
        slot_move(slots, slot, SLOT_CLOSING);
        return NULL;
    }
    slot->used_ns = slot->since_ns = now_ns;
    if (slots->waiters.length > 0) {
        return give(slots, slot, now_ns);
    }
    slot_move(slots, slot, slot->is_empty ? SLOT_CLOSING : SLOT_IDLE);
    return NULL;
}

bool slots_can_give_place(const struct pool_slots *slots)
{
    return slots->takers_open && slots->waiters.length > 0 && have_room(slots);
}

struct pool_waiter *slots_give_place(struct pool_slots *slots, struct pool_slot *slot,
                                     uint64_t now_ns)
{
    assert(slots_can_give_place(slots));
    return give(slots, slot, now_ns);
}

/* --- opening --- */

/* When enough has been waited, if nobody leaves until then. */
static uint64_t worth_at(const struct pool_slots *slots, uint64_t now_ns)
{
    return slots_open(slots) < slots->size ? now_ns
                                           : now_ns + slots->opening_cost_ns - slots->waited_ns;
}

bool slots_want_more(struct pool_slots *slots, uint64_t now_ns, uint64_t *ret_when)
{
    uint64_t when_ns;

    *ret_when = UINT64_MAX;
    count_waiting(slots, now_ns);
    if (slots->takers_open || slots->waiters.length == 0 || !have_room(slots) ||
        slots->states[SLOT_OPENING].length > 0) {
        return false;
    }
    when_ns = worth_at(slots, now_ns);
    if (when_ns < slots->pause_ends_ns) {
        when_ns = slots->pause_ends_ns;
    }
    *ret_when = when_ns;
    return when_ns <= now_ns;
}

void slot_connected(struct pool_slot *slot, uint64_t now_ns, uint64_t lifetime_ns)
{
    slot->is_empty = false;
    slot->opened_ns = slot->used_ns = now_ns;
    slot->expires_ns = now_ns + lifetime_ns;
}

struct pool_waiter *slots_opened(struct pool_slots *slots, struct pool_slot *slot, uint64_t took_ns,
                                 uint64_t now_ns)
{
    count_waiting(slots, now_ns);
    slots->waited_ns = 0;
    slots->opening_cost_ns =
        slots->opening_cost_ns == 0
            ? took_ns
            : slots->opening_cost_ns - slots->opening_cost_ns / COST_WEIGHT + took_ns / COST_WEIGHT;
    slots->pause_ns = 0;
    if (slots->waiters.length > 0) {
        return give(slots, slot, now_ns);
    }
    slot_move(slots, slot, SLOT_IDLE);
    slot->since_ns = now_ns;
    return NULL;
}

void slots_open_failed(struct pool_slots *slots, struct pool_slot *slot, uint64_t now_ns)
{
    slot_move(slots, slot, SLOT_GONE);
    slots->pause_ns = slots->pause_ns == 0 ? PAUSE_MS_FIRST * CLOCK_NS_PER_MS : slots->pause_ns * 2;
    if (slots->pause_ns > PAUSE_MS_MOST * CLOCK_NS_PER_MS) {
        slots->pause_ns = PAUSE_MS_MOST * CLOCK_NS_PER_MS;
    }
    slots->pause_ends_ns = now_ns + slots->pause_ns;
}

/* --- closing --- */

struct pool_slot *slots_next_surplus(struct pool_slots *slots, bool is_needed_elsewhere,
                                     uint64_t now_ns)
{
    const struct list *idle = &slots->states[SLOT_IDLE];
    const bool is_past_size = slots_open(slots) - slots->states[SLOT_CLOSING].length > slots->size;

    for (struct list_link *link = idle->ends.prev; link != &idle->ends; link = link->prev) {
        struct pool_slot *slot = slot_of(link);
        const bool is_unwanted =
            is_past_size && (is_needed_elsewhere || now_ns - slot->since_ns >= slots->keep_ns);

        if (is_unwanted || now_ns >= slot->expires_ns) {
            slot_move(slots, slot, SLOT_CLOSING);
            return slot;
        }
    }
    return NULL;
}
