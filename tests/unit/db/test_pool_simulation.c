/*
 * Ten thousand pools that live through random hours of a clock of their own: clients that come and
 * go in waves, statements and connects that become slow together, a server that is full, down or
 * drops sessions. db/pool_slots.c decides, nothing else is real. Each run follows from its number.
 */
#include "core/arena.h"
#include "core/clock.h"
#include "db/pool_slots.h"
#include "tests/support/test.h"

#define MS CLOCK_NS_PER_MS

enum {
    RUNS = 10000,
    EVENTS = 700, /* of a run */
    CLIENTS_MOST = 64,
    PLACES_MOST = 30,
};

enum event_kind { ARRIVES, GIVES_UP, FINISHES, IS_OPENED, OPENER_LOOKS, JANITOR_LOOKS };

struct event {
    uint64_t at_ns;
    enum event_kind kind;
    size_t index;    /* of the client or the session */
    uint64_t number; /* of the client's visit: an event of an earlier one is void */
};

struct client {
    struct pool_waiter waiter;
    uint64_t visit;
    bool waits;
};

struct session {
    struct pool_slot slot;
    size_t client; /* that uses it */
    uint64_t took_ns;
};

struct world {
    uint64_t random;
    uint64_t now_ns;
    struct pool_slots pool;
    struct client clients[CLIENTS_MOST];
    size_t client_count;
    struct session sessions[PLACES_MOST + 1];
    struct event heap[CLIENTS_MOST * 4 + 1024];
    size_t heap_length;
    uint64_t looks_at_ns; /* when the opener will look */

    /* what this run is like */
    double think_ms, calm, service_ms, connect_ms, slowness;
    size_t server_most;
    unsigned loss_percent;

    size_t opened, lost, served, given_up;
};

static uint64_t next_random(struct world *w)
{
    uint64_t x = (w->random += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64, Steele et al. 2014 */

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static size_t below(struct world *w, size_t bound)
{
    return (size_t)(next_random(w) % bound);
}

/* Between an eighth and twice the mean, small values more often. */
static uint64_t around_ns(struct world *w, double mean_ms)
{
    const double part = (double)(next_random(w) >> 11) / 9007199254740992.0;

    return 1 + (uint64_t)(mean_ms * (0.125 + 1.875 * part * part) * (double)MS);
}

/* --- events --- */

static void schedule(struct world *w, uint64_t at_ns, enum event_kind kind, size_t index,
                     uint64_t number)
{
    size_t at = w->heap_length++;

    assert_true(w->heap_length < sizeof(w->heap) / sizeof(w->heap[0]));
    while (at > 0 && w->heap[(at - 1) / 2].at_ns > at_ns) {
        w->heap[at] = w->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    w->heap[at] = (struct event){at_ns, kind, index, number};
}

static struct event next_event(struct world *w)
{
    const struct event first = w->heap[0];
    const struct event last = w->heap[--w->heap_length];
    size_t at = 0;

    for (size_t child = 1; child < w->heap_length; child = at * 2 + 1) {
        child += child + 1 < w->heap_length && w->heap[child + 1].at_ns < w->heap[child].at_ns;
        if (w->heap[child].at_ns >= last.at_ns) {
            break;
        }
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return first;
}

/* --- what the pool around the rules does --- */

static struct session *session_of(struct pool_slot *slot)
{
    return LIST_ITEM(slot, struct session, slot);
}

static size_t index_of(const struct world *w, struct pool_slot *slot)
{
    return (size_t)(session_of(slot) - w->sessions);
}

static void use(struct world *w, struct pool_slot *slot, size_t client)
{
    slot_move(&w->pool, slot, SLOT_IN_USE);
    assert_false(slot->is_empty);
    session_of(slot)->client = client;
    schedule(w, w->now_ns + around_ns(w, w->service_ms * w->slowness), FINISHES, index_of(w, slot),
             0);
}

/* Whoever is served has come before all who still wait. */
static void serve(struct world *w, struct pool_waiter *waiter)
{
    struct client *client;

    if (waiter == NULL) {
        return;
    }
    client = LIST_ITEM(waiter, struct client, waiter);
    LIST_EACH (link, &w->pool.waiters) {
        assert_true(LIST_ITEM(link, struct pool_waiter, link)->came_ns >= waiter->came_ns);
    }
    client->waits = false;
    use(w, waiter->slot, (size_t)(client - w->clients));
}

static void call_opener(struct world *w)
{
    uint64_t when_ns;

    (void)slots_want_more(&w->pool, w->now_ns, &when_ns);
    if (when_ns < w->looks_at_ns) {
        w->looks_at_ns = when_ns;
        schedule(w, when_ns, OPENER_LOOKS, 0, 0);
    }
}

static void leave(struct world *w, size_t index)
{
    w->clients[index].visit++;
    schedule(w, w->now_ns + around_ns(w, w->think_ms * w->calm), ARRIVES, index, 0);
}

/* For the first time in this visit, or again after the session turned out to be lost. */
static void ask(struct world *w, size_t index)
{
    struct client *client = &w->clients[index];
    const bool is_line = w->pool.waiters.length > 0;
    struct pool_slot *slot = slots_take(&w->pool, w->now_ns);

    if (slot != NULL) {
        assert_false(is_line); /* nobody is overtaken */
        use(w, slot, index);
    } else if (slots_are_hopeless(&w->pool, w->now_ns)) {
        w->given_up++;
        leave(w, index);
    } else {
        client->waits = true;
        slots_wait(&w->pool, &client->waiter, w->now_ns);
        schedule(w, w->now_ns + around_ns(w, 5000), GIVES_UP, index, client->visit);
        call_opener(w);
    }
}

static void arrive(struct world *w, size_t index)
{
    w->clients[index].waiter.came_ns = w->now_ns;
    ask(w, index);
}

static void close_one(struct world *w, struct pool_slot *slot)
{
    assert_int_equal(slot->state, SLOT_CLOSING);
    slot_move(&w->pool, slot, SLOT_GONE);
    call_opener(w);
}

/* Once in a while a session is found lost by its taker, who stands in line again. */
static void finish(struct world *w, size_t index)
{
    struct session *session = &w->sessions[index];
    const bool is_lost = below(w, 100) < w->loss_percent;
    const bool is_retried = is_lost && below(w, 2) == 0;
    const size_t client = session->client;

    w->lost += is_lost || w->now_ns >= session->slot.expires_ns;
    w->served += !is_retried;
    serve(w, slots_put(&w->pool, &session->slot, !is_lost, w->now_ns));
    if (session->slot.state == SLOT_CLOSING) {
        close_one(w, &session->slot);
    }
    if (is_retried) {
        ask(w, client);
    } else {
        leave(w, client);
    }
}

static void look(struct world *w)
{
    uint64_t when_ns;

    w->looks_at_ns = UINT64_MAX;
    if (!slots_want_more(&w->pool, w->now_ns, &when_ns)) {
        call_opener(w);
        return;
    }
    for (size_t i = 0;; i++) {
        struct session *session = &w->sessions[i];

        assert_true(i < PLACES_MOST);
        if (session->slot.state == SLOT_GONE) {
            *session = (struct session){.slot.is_empty = true};
            session->took_ns = around_ns(w, w->connect_ms * w->slowness);
            slot_move(&w->pool, &session->slot, SLOT_OPENING);
            schedule(w, w->now_ns + session->took_ns, IS_OPENED, i, 0);
            return;
        }
    }
}

static void end_opening(struct world *w, size_t index)
{
    struct session *session = &w->sessions[index];

    if (slots_open(&w->pool) > w->server_most) {
        slots_open_failed(&w->pool, &session->slot, w->now_ns);
        while (slots_are_hopeless(&w->pool, w->now_ns) && w->pool.waiters.length > 0) {
            struct client *client = LIST_ITEM(w->pool.waiters.ends.next, struct client, waiter);

            slots_leave(&w->pool, &client->waiter, w->now_ns);
            client->waits = false;
            w->given_up++;
            leave(w, (size_t)(client - w->clients));
        }
    } else {
        w->opened++;
        slot_connected(&session->slot, w->now_ns, around_ns(w, 600000));
        serve(w, slots_opened(&w->pool, &session->slot, session->took_ns, w->now_ns));
    }
    call_opener(w);
}

static void give_up(struct world *w, const struct event *event)
{
    struct client *client = &w->clients[event->index];

    if (client->waits && client->visit == event->number) {
        slots_leave(&w->pool, &client->waiter, w->now_ns);
        client->waits = false;
        w->given_up++;
        leave(w, event->index);
    }
}

/* Also the weather of the run changes here. */
static void visit(struct world *w)
{
    struct pool_slot *slot;

    while ((slot = slots_next_surplus(&w->pool, false, w->now_ns)) != NULL) {
        w->lost += w->now_ns >= slot->expires_ns;
        close_one(w, slot);
    }
    w->slowness = below(w, 4) == 0 ? 1.0 + (double)below(w, 30) : w->slowness;
    w->calm = below(w, 3) == 0 ? 1.0 + (double)below(w, 100) : 1.0;
    w->server_most = below(w, 6) == 0 ? below(w, PLACES_MOST + 1) : w->server_most;
    schedule(w, w->now_ns + 100 * MS, JANITOR_LOOKS, 0, 0);
}

static void happen(struct world *w, const struct event *event)
{
    w->now_ns = event->at_ns;
    switch (event->kind) {
    case ARRIVES:
        arrive(w, event->index);
        break;
    case GIVES_UP:
        give_up(w, event);
        break;
    case FINISHES:
        finish(w, event->index);
        break;
    case IS_OPENED:
        end_opening(w, event->index);
        break;
    case OPENER_LOOKS:
        look(w);
        break;
    case JANITOR_LOOKS:
        visit(w);
        break;
    }
}

/* --- what has to hold at every moment --- */

static void check(const struct world *w)
{
    const struct pool_slots *pool = &w->pool;
    const double keeps = (double)w->now_ns / (double)pool->keep_ns;
    uint64_t when_ns;

    assert_true(slots_open(pool) <= pool->size + pool->overflow);
    assert_true(pool->states[SLOT_OPENING].length <= 1);
    assert_true((double)w->opened <=
                (double)(pool->size + pool->overflow) * (1 + keeps) + (double)w->lost);
    /* Whoever waits has something to wait for. */
    if (pool->waiters.length > 0) {
        struct pool_slots copy = *pool;

        assert_int_equal(pool->states[SLOT_IDLE].length, 0);
        assert_true(pool->states[SLOT_IN_USE].length + pool->states[SLOT_OPENING].length > 0 ||
                    slots_want_more(&copy, w->now_ns, &when_ns) || when_ns != UINT64_MAX);
    }
}

static void world_new(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->random = seed;
    slots_init(&w->pool, 1 + below(w, 10), below(w, 21), false, around_ns(w, 2000));
    w->client_count = 1 + below(w, CLIENTS_MOST);
    w->think_ms = (double)(1 + below(w, 400)) / 10;
    w->service_ms = (double)(1 + below(w, 300)) / 10;
    w->connect_ms = (double)(1 + below(w, 3000)) / 10;
    w->loss_percent = (unsigned)below(w, 3);
    w->server_most = PLACES_MOST;
    w->slowness = w->calm = 1;
    w->looks_at_ns = UINT64_MAX;
    for (size_t i = 0; i < w->client_count; i++) {
        schedule(w, around_ns(w, 100), ARRIVES, i, 0);
    }
    schedule(w, 100 * MS, JANITOR_LOOKS, 0, 0);
}

static void simulation__random_lives__bounded_fair_and_without_a_storm(void **state)
{
    struct world *w = mem_alloc(sizeof(*w));
    size_t served = 0;
    size_t opened = 0;

    (void)state;
    for (uint64_t run = 0; run < RUNS; run++) {
        world_new(w, run);
        for (int i = 0; i < EVENTS; i++) {
            const struct event event = next_event(w);

            happen(w, &event);
            check(w);
        }
        served += w->served;
        opened += w->opened;
    }
    free(w);
    assert_true(served > RUNS * 50);
    assert_true(opened > RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simulation__random_lives__bounded_fair_and_without_a_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
