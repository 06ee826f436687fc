/* The rules of a pool, db/pool_slots.c: one by one. */
#include "core/clock.h"
#include "db/pool_slots.h"
#include "tests/support/aborts.h"
#include "tests/support/test.h"

#define MS CLOCK_NS_PER_MS
#define KEEP_NS (60000 * MS)
#define LIFETIME_NS (3600000 * MS)
#define START_NS (1000000 * MS)

enum { PLACES = 4, COST_MS = 10 };

/* Two sessions and two more; opening one takes 10 ms. Both are open and in use. */
struct fixture {
    struct pool_slots pool;
    struct pool_slot slots[PLACES];
    size_t used;
    struct pool_waiter waiters[PLACES];
    size_t waiting;
    uint64_t now_ns;
};

static struct pool_slot *begin_opening(struct fixture *f)
{
    struct pool_slot *slot = &f->slots[f->used++];

    *slot = (struct pool_slot){.is_empty = true};
    slot_move(&f->pool, slot, SLOT_OPENING);
    return slot;
}

static struct pool_waiter *end_opening(struct fixture *f, struct pool_slot *slot)
{
    f->now_ns += COST_MS * MS;
    slot_connected(slot, f->now_ns, LIFETIME_NS);
    return slots_opened(&f->pool, slot, COST_MS * MS, f->now_ns);
}

static void use(struct fixture *f, struct pool_slot *slot)
{
    assert_non_null(slot);
    slot_move(&f->pool, slot, SLOT_IN_USE);
}

static struct pool_waiter *wait_in_line(struct fixture *f)
{
    struct pool_waiter *waiter = &f->waiters[f->waiting++];

    waiter->came_ns = f->now_ns;
    slots_wait(&f->pool, waiter, f->now_ns);
    return waiter;
}

static void leave_after(struct fixture *f, struct pool_waiter *waiter, uint64_t waited_ns)
{
    f->now_ns += waited_ns;
    slots_leave(&f->pool, waiter, f->now_ns);
}

/* When the opener is to look again, in milliseconds from now; 0: it is to open one now, -1: not at
 * all. */
static int64_t wanted_in_ms(struct fixture *f)
{
    uint64_t when_ns;

    if (slots_want_more(&f->pool, f->now_ns, &when_ns)) {
        return 0;
    }
    return when_ns == UINT64_MAX ? -1 : (int64_t)((when_ns - f->now_ns) / MS);
}

static int set_up_with(void **state, size_t size, size_t overflow)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->now_ns = START_NS;
    slots_init(&f->pool, size, overflow, false, KEEP_NS);
    for (size_t i = 0; i < size; i++) {
        assert_null(end_opening(f, begin_opening(f)));
        use(f, slots_take(&f->pool, f->now_ns));
    }
    *state = f;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, 2, 2);
}

static int set_up_fixed(void **state)
{
    return set_up_with(state, 2, 0);
}

static int set_up_empty(void **state)
{
    return set_up_with(state, 0, PLACES);
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void want_more__past_the_size__when_waiting_has_cost_what_opening_does(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(wanted_in_ms(f), -1);
    wait_in_line(f);
    assert_int_equal(wanted_in_ms(f), COST_MS);
    f->now_ns += 9 * MS;
    assert_int_equal(wanted_in_ms(f), 1);
    f->now_ns += 1 * MS;
    assert_int_equal(wanted_in_ms(f), 0);
}

/* Short waits add up, however much time lies between them, unless a session opened for them would
 * have been closed again meanwhile. */
static void want_more__line_is_empty_again__price_is_forgotten_while_one_is_kept(void **state)
{
    struct fixture *f = *state;

    leave_after(f, wait_in_line(f), 6 * MS);
    f->now_ns += KEEP_NS / 2;
    leave_after(f, wait_in_line(f), 6 * MS);
    wait_in_line(f);
    assert_int_equal(wanted_in_ms(f), COST_MS - (6 - COST_MS / 2) - 6);
}

static void want_more__nobody_waited_for_as_long_as_one_is_kept__all_is_forgotten(void **state)
{
    struct fixture *f = *state;

    leave_after(f, wait_in_line(f), (COST_MS - 1) * MS);
    f->now_ns += KEEP_NS;
    wait_in_line(f);
    assert_int_equal(wanted_in_ms(f), COST_MS);
}

static void want_more__one_is_being_opened__no_second_one(void **state)
{
    struct fixture *f = *state;
    struct pool_waiter *first = wait_in_line(f);
    struct pool_slot *opening;

    wait_in_line(f);
    f->now_ns += COST_MS * MS;
    assert_int_equal(wanted_in_ms(f), 0);
    opening = begin_opening(f);
    f->now_ns += 100 * MS;
    assert_int_equal(wanted_in_ms(f), -1);
    assert_ptr_equal(end_opening(f, opening), first);
    assert_int_equal(wanted_in_ms(f), COST_MS); /* counted anew */
}

/* A session that comes back is taken by the one who came first, though another is on its way. */
static void put__one_is_being_opened_for_the_line__first_takes_what_comes_back(void **state)
{
    struct fixture *f = *state;
    struct pool_waiter *first = wait_in_line(f);
    struct pool_slot *opening = begin_opening(f);

    assert_ptr_equal(slots_put(&f->pool, &f->slots[0], true, f->now_ns), first);
    assert_ptr_equal(first->slot, &f->slots[0]);
    assert_null(end_opening(f, opening));
    assert_int_equal(opening->state, SLOT_IDLE);
}

static void want_more__up_to_the_size__at_once(void **state)
{
    struct fixture *f = *state;

    assert_null(slots_put(&f->pool, &f->slots[0], false, f->now_ns));
    slot_move(&f->pool, &f->slots[0], SLOT_GONE);
    assert_int_equal(wanted_in_ms(f), -1);
    wait_in_line(f);
    assert_int_equal(wanted_in_ms(f), 0);
}

static void want_more__no_overflow__never_past_the_size(void **state)
{
    struct fixture *f = *state;

    wait_in_line(f);
    f->now_ns += 1000000 * MS;
    assert_int_equal(wanted_in_ms(f), -1);
}

static void open_failed__again_and_again__pauses_grow_to_two_seconds(void **state)
{
    static const int64_t pauses_ms[] = {100, 200, 400, 800, 1600, 2000, 2000};
    struct fixture *f = *state;

    wait_in_line(f);
    f->now_ns += COST_MS * MS;
    for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
        struct pool_slot *slot = begin_opening(f);

        slots_open_failed(&f->pool, slot, f->now_ns);
        f->used--;
        assert_int_equal(wanted_in_ms(f), pauses_ms[i]);
        assert_false(slots_are_hopeless(&f->pool, f->now_ns)); /* two may still come back */
        f->now_ns += (uint64_t)pauses_ms[i] * MS;
        assert_int_equal(wanted_in_ms(f), 0);
    }
    (void)end_opening(f, begin_opening(f));
    slots_open_failed(&f->pool, begin_opening(f), f->now_ns);
    assert_int_equal(f->pool.pause_ns, 100 * MS);
}

static void are_hopeless__nothing_open_and_none_to_be_had__until_the_next_try(void **state)
{
    struct fixture *f = *state;

    assert_false(slots_are_hopeless(&f->pool, f->now_ns));
    slots_open_failed(&f->pool, begin_opening(f), f->now_ns);
    assert_true(slots_are_hopeless(&f->pool, f->now_ns + 99 * MS));
    assert_false(slots_are_hopeless(&f->pool, f->now_ns + 100 * MS));
}

/* Whoever found a lost session stands where it stood before. */
static void wait__came_earlier__stands_further_ahead(void **state)
{
    struct fixture *f = *state;
    struct pool_waiter *early = wait_in_line(f);
    struct pool_waiter *late;

    f->now_ns += MS;
    late = wait_in_line(f);
    slots_leave(&f->pool, early, f->now_ns);
    slots_wait(&f->pool, early, f->now_ns);
    assert_ptr_equal(slots_put(&f->pool, &f->slots[0], true, f->now_ns), early);
    assert_ptr_equal(slots_put(&f->pool, &f->slots[1], true, f->now_ns), late);
}

static void take__somebody_waits__nobody_passes_the_line(void **state)
{
    struct fixture *f = *state;

    assert_null(slots_take(&f->pool, f->now_ns));
    assert_null(slots_put(&f->pool, &f->slots[0], true, f->now_ns));
    wait_in_line(f);
    assert_null(slots_take(&f->pool, f->now_ns));
}

/* The ones that were used last are kept, and never fewer than the size. */
static void next_surplus__idle_for_long__past_the_size_only_and_the_oldest_first(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 2; i < PLACES; i++) {
        (void)end_opening(f, begin_opening(f));
        use(f, slots_take(&f->pool, f->now_ns));
    }
    for (size_t i = 0; i < PLACES; i++) {
        assert_null(slots_put(&f->pool, &f->slots[i], true, f->now_ns));
        f->now_ns += MS;
    }
    f->now_ns += KEEP_NS - PLACES * MS - 1;
    assert_null(slots_next_surplus(&f->pool, false, f->now_ns));
    f->now_ns += 1;
    assert_ptr_equal(slots_next_surplus(&f->pool, false, f->now_ns), &f->slots[0]);
    assert_null(slots_next_surplus(&f->pool, false, f->now_ns));
    f->now_ns += KEEP_NS;
    assert_ptr_equal(slots_next_surplus(&f->pool, false, f->now_ns), &f->slots[1]);
    assert_null(slots_next_surplus(&f->pool, false, f->now_ns));
}

static void next_surplus__needed_elsewhere__all_past_the_size_at_once(void **state)
{
    struct fixture *f = *state;

    (void)end_opening(f, begin_opening(f));
    assert_ptr_equal(slots_next_surplus(&f->pool, true, f->now_ns), &f->slots[2]);
    slot_move(&f->pool, &f->slots[2], SLOT_GONE);
    assert_null(slots_put(&f->pool, &f->slots[0], true, f->now_ns));
    assert_null(slots_next_surplus(&f->pool, true, f->now_ns));
}

static void next_surplus__lifetime_over__also_within_the_size(void **state)
{
    struct fixture *f = *state;

    assert_null(slots_put(&f->pool, &f->slots[0], true, f->now_ns));
    f->now_ns += LIFETIME_NS;
    assert_ptr_equal(slots_next_surplus(&f->pool, false, f->now_ns), &f->slots[0]);
    wait_in_line(f);
    assert_null(slots_put(&f->pool, &f->slots[1], true, f->now_ns));
    assert_int_equal(f->slots[1].state, SLOT_CLOSING);
}

/* One slow answer of a name server does not keep the pool small for long. */
static void opened__measured_anew__cost_follows(void **state)
{
    struct fixture *f = *state;
    struct pool_slot *slot = begin_opening(f);

    (void)slots_opened(&f->pool, slot, 410 * MS, f->now_ns);
    assert_int_equal(f->pool.opening_cost_ns / MS, 110);
    for (int i = 0; i < 8; i++) {
        slot_move(&f->pool, slot, SLOT_CLOSING);
        slot_move(&f->pool, slot, SLOT_GONE);
        slot_move(&f->pool, slot, SLOT_OPENING);
        (void)slots_opened(&f->pool, slot, COST_MS * MS, f->now_ns);
    }
    assert_in_range(f->pool.opening_cost_ns / MS, 10, 20);
}

/* Where takers open their own, a place goes to whoever comes, and then to the line. */
static void give_place__takers_open__first_in_line_gets_the_room(void **state)
{
    struct fixture *f = *state;
    struct pool_slot place = {.is_empty = true};
    struct pool_waiter *first;

    f->pool.takers_open = true;
    assert_true(slots_may_add(&f->pool));
    f->pool.overflow = 0;
    assert_false(slots_may_add(&f->pool));
    first = wait_in_line(f);
    assert_false(slots_can_give_place(&f->pool));
    assert_int_equal(wanted_in_ms(f), -1);
    assert_null(slots_put(&f->pool, &f->slots[0], false, f->now_ns));
    slot_move(&f->pool, &f->slots[0], SLOT_GONE);
    assert_true(slots_can_give_place(&f->pool));
    assert_ptr_equal(slots_give_place(&f->pool, &place, f->now_ns), first);
    use(f, &place);
    assert_null(slots_put(&f->pool, &place, true, f->now_ns));
    assert_int_equal(place.state, SLOT_CLOSING); /* nothing to keep */
}

/* --- from state to state --- */

/* One way from nowhere into each state. */
static const enum slot_state WAYS[SLOT_STATES][3] = {
    [SLOT_OPENING] = {SLOT_OPENING},
    [SLOT_IDLE] = {SLOT_OPENING, SLOT_IDLE},
    [SLOT_TAKEN] = {SLOT_TAKEN},
    [SLOT_IN_USE] = {SLOT_TAKEN, SLOT_IN_USE},
    [SLOT_CLOSING] = {SLOT_TAKEN, SLOT_CLOSING},
};

/* What may follow what, as the picture in db/pool.c has it. */
static const bool MAY_FOLLOW[SLOT_STATES][SLOT_STATES] = {
    [SLOT_GONE] = {[SLOT_OPENING] = true, [SLOT_TAKEN] = true},
    [SLOT_OPENING] = {[SLOT_IDLE] = true, [SLOT_TAKEN] = true, [SLOT_GONE] = true},
    [SLOT_IDLE] = {[SLOT_TAKEN] = true, [SLOT_CLOSING] = true},
    [SLOT_TAKEN] = {[SLOT_IN_USE] = true, [SLOT_CLOSING] = true},
    [SLOT_IN_USE] = {[SLOT_IDLE] = true, [SLOT_TAKEN] = true, [SLOT_CLOSING] = true},
    [SLOT_CLOSING] = {[SLOT_GONE] = true},
};

struct move {
    struct pool_slots pool;
    struct pool_slot slot;
    enum slot_state to;
};

static void start_in(struct move *move, enum slot_state from)
{
    slots_init(&move->pool, 1, 0, false, KEEP_NS);
    for (size_t i = 0; i < sizeof(WAYS[from]) / sizeof(WAYS[from][0]); i++) {
        if (WAYS[from][i] != SLOT_GONE) {
            slot_move(&move->pool, &move->slot, WAYS[from][i]);
        }
    }
    assert_int_equal(move->slot.state, from);
}

static void make_move(void *arg)
{
    struct move *move = arg;

    slot_move(&move->pool, &move->slot, move->to);
}

static void must_stand_in(const struct move *move, enum slot_state state)
{
    assert_int_equal(move->slot.state, state);
    for (enum slot_state each = SLOT_GONE; each < SLOT_STATES; each++) {
        assert_int_equal(move->pool.states[each].length, each == state && state != SLOT_GONE);
    }
}

static void move__all_pairs_of_states__allowed_ones_work_and_the_others_abort(void **state)
{
    (void)state;
    for (enum slot_state from = SLOT_GONE; from < SLOT_STATES; from++) {
        for (enum slot_state to = SLOT_GONE; to <= SLOT_STATES; to++) {
            struct move move = {.to = to};

            start_in(&move, from);
            if (to < SLOT_STATES && MAY_FOLLOW[from][to]) {
                make_move(&move);
                must_stand_in(&move, to);
            } else if (!aborts(make_move, &move)) {
                fail_msg("a slot went from state %d to %d", (int)from, (int)to);
            }
        }
    }
}

#define RULE(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(want_more__past_the_size__when_waiting_has_cost_what_opening_does),
        RULE(want_more__line_is_empty_again__price_is_forgotten_while_one_is_kept),
        RULE(want_more__nobody_waited_for_as_long_as_one_is_kept__all_is_forgotten),
        RULE(want_more__one_is_being_opened__no_second_one),
        RULE(put__one_is_being_opened_for_the_line__first_takes_what_comes_back),
        RULE(want_more__up_to_the_size__at_once),
        cmocka_unit_test_setup_teardown(want_more__no_overflow__never_past_the_size, set_up_fixed,
                                        tear_down),
        RULE(open_failed__again_and_again__pauses_grow_to_two_seconds),
        cmocka_unit_test_setup_teardown(
            are_hopeless__nothing_open_and_none_to_be_had__until_the_next_try, set_up_empty,
            tear_down),
        RULE(wait__came_earlier__stands_further_ahead),
        RULE(take__somebody_waits__nobody_passes_the_line),
        RULE(next_surplus__idle_for_long__past_the_size_only_and_the_oldest_first),
        RULE(next_surplus__needed_elsewhere__all_past_the_size_at_once),
        RULE(next_surplus__lifetime_over__also_within_the_size),
        RULE(opened__measured_anew__cost_follows),
        RULE(give_place__takers_open__first_in_line_gets_the_room),
        cmocka_unit_test(move__all_pairs_of_states__allowed_ones_work_and_the_others_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
