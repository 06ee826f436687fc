#include "core/thread.h"
#include "http/guests.h"
#include "support/test.h"

enum { CONNECTION_MAX = 64 };

static struct net_address address_of(uint32_t number)
{
    struct net_address address = {.bytes = {[10] = 0xff, [11] = 0xff}};

    memcpy(address.bytes + 12, &number, sizeof(number));
    return address;
}

static struct guest *enter(struct guests *guests, uint32_t number, uint32_t most)
{
    const struct net_address address = address_of(number);

    return guests_enter(guests, &address, most);
}

static void guests_enter__one_address__no_more_than_most(void **state)
{
    struct guests *guests = guests_new(CONNECTION_MAX);
    struct guest *guest = NULL;

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct guest *same = enter(guests, 1, 5);

        assert_non_null(same);
        assert_true(guest == NULL || same == guest);
        guest = same;
    }
    assert_null(enter(guests, 1, 5));
    assert_non_null(enter(guests, 2, 5));
    guests_leave(guests, guest);
    assert_non_null(enter(guests, 1, 5));
    assert_null(enter(guests, 1, 5));
    assert_null(enter(guests, 3, 0));
    guests_free(guests);
}

static void guests_enter__ipv6__counted_by_network(void **state)
{
    struct guests *guests = guests_new(CONNECTION_MAX);
    struct net_address one;
    struct net_address neighbour;
    struct net_address other;

    (void)state;
    assert_true(net_address_parse("2001:db8::1", 11, &one));
    assert_true(net_address_parse("2001:db8::2", 11, &neighbour));
    assert_true(net_address_parse("2001:db8:0:1::", 14, &other));
    assert_non_null(guests_enter(guests, &one, 2));
    assert_non_null(guests_enter(guests, &neighbour, 2));
    assert_null(guests_enter(guests, &one, 2));
    assert_non_null(guests_enter(guests, &other, 2));
    guests_free(guests);
}

/* As many addresses as connections, again and again: places of those that are gone are used anew,
 * in whatever order they go, and nobody is counted under another's name. */
static void guests_leave__all_gone__room_for_as_many_others(void **state)
{
    struct guests *guests = guests_new(CONNECTION_MAX);
    struct guest *all[CONNECTION_MAX];

    (void)state;
    for (uint32_t round = 0; round < 100; round++) {
        for (uint32_t i = 0; i < CONNECTION_MAX; i++) {
            const struct net_address wanted = address_of(1000 * round + i);

            all[i] = enter(guests, 1000 * round + i, 1);
            assert_non_null(all[i]);
            assert_memory_equal(&all[i]->address, &wanted, sizeof(wanted));
            assert_int_equal(all[i]->connections, 1);
        }
        for (uint32_t i = 0; i < CONNECTION_MAX; i++) {
            assert_null(enter(guests, 1000 * round + i, 1)); /* still found */
        }
        for (uint32_t i = 0; i < CONNECTION_MAX; i++) {
            guests_leave(guests,
                         all[(i * 5 + round) % CONNECTION_MAX]); /* each, in a mixed order */
        }
    }
    guests_free(guests);
}

struct visitor {
    struct guests *guests;
    unsigned refused;
};

static void come_and_go(void *arg)
{
    struct visitor *visitor = arg;

    for (uint32_t i = 0; i < 20000; i++) {
        struct guest *guest = enter(visitor->guests, i % 7, 2);

        if (guest == NULL) {
            visitor->refused++;
        } else {
            guests_leave(visitor->guests, guest);
        }
    }
}

static void guests__several_threads__all_are_gone_at_the_end(void **state)
{
    enum { THREADS = 4 };
    struct guests *guests = guests_new(CONNECTION_MAX);
    struct thread threads[THREADS] = {{0}};
    struct visitor visitors[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        visitors[i] = (struct visitor){.guests = guests};
        thread_start(&threads[i], "visitor", come_and_go, &visitors[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
        assert_true(visitors[i].refused < 20000);
    }
    for (uint32_t number = 0; number < CONNECTION_MAX; number++) {
        assert_int_equal(enter(guests, number, 1)->connections, 1);
    }
    guests_free(guests);
}

static void guests_free__null__nothing(void **state)
{
    (void)state;
    guests_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_enter__one_address__no_more_than_most),
        cmocka_unit_test(guests_enter__ipv6__counted_by_network),
        cmocka_unit_test(guests_leave__all_gone__room_for_as_many_others),
        cmocka_unit_test(guests__several_threads__all_are_gone_at_the_end),
        cmocka_unit_test(guests_free__null__nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
