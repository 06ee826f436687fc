/* http/server.h: what is slow has a crew and a short queue of its own, and holds nobody else up. */
#include <poll.h>
#include <unistd.h>

#include "server_fixture.h"

enum { CREW_MOST = 32 };

/* As many as a crew has threads are at the gate and its queue is full: of as many as fit there and
 * one more exactly one is refused, at once. Workers answer meanwhile. */
static void fill_crew(struct fixture *f, const char *path, size_t threads, size_t places)
{
    struct pollfd waiting[CREW_MOST];
    int running[CREW_MOST];
    size_t refused = CREW_MOST;

    for (size_t i = 0; i < threads; i++) {
        running[i] = connect_to(f);
        say_get(running[i], path, "");
        gate_wait_entered(&f->gate, (int)i + 1);
    }
    for (size_t i = 0; i <= places; i++) {
        waiting[i] = (struct pollfd){.fd = connect_to(f), .events = POLLIN};
        say_get(waiting[i].fd, path, "");
    }
    assert_int_equal(poll(waiting, places + 1, 60000), 1);
    for (size_t i = 0; i <= places; i++) {
        refused = waiting[i].revents != 0 ? i : refused;
    }
    assert_in_range(refused, 0, places);
    assert_status(hear(waiting[refused].fd), 503);
    assert_has(ask_get(f, "/where", ""), "\"on_loop\":false");
    gate_open(&f->gate);
    for (size_t i = 0; i < threads; i++) {
        assert_status(hear(running[i]), 200);
        close(running[i]);
    }
    for (size_t i = 0; i <= places; i++) {
        if (i != refused) {
            assert_status(hear(waiting[i].fd), 200);
        }
        close(waiting[i].fd);
    }
}

static void server__sign_ins_are_stuck__others_are_answered(void **state)
{
    fill_crew(*state, "/sign-in", 2, 16);
}

static void server__peer_is_stuck__others_are_answered(void **state)
{
    fill_crew(*state, "/peer", 4, 16);
}

/* The other way round: who signs in needs no worker. */
static void server__workers_are_stuck__crews_answer(void **state)
{
    struct fixture *f = *state;
    const int worker = connect_to(f);
    const int sign_in = connect_to(f);
    const int peer = connect_to(f);

    say_get(worker, "/gate", "");
    gate_wait_entered(&f->gate, 1);
    say_get(sign_in, "/sign-in", "");
    gate_wait_entered(&f->gate, 2);
    say_get(peer, "/peer", "");
    gate_wait_entered(&f->gate, 3);
    gate_open(&f->gate);
    assert_status(hear(worker), 200);
    assert_status(hear(sign_in), 200);
    assert_status(hear(peer), 200);
    close(worker);
    close(sign_in);
    close(peer);
}

/* Who is not let in by the route is told so while no thread is free, and takes none. */
static void server__route_does_not_admit__answers_at_once(void **state)
{
    struct fixture *f = *state;
    const int worker = connect_to(f);
    const int let_in = connect_to(f);
    const char *answer;

    say_get(worker, "/gate", "");
    gate_wait_entered(&f->gate, 1);
    for (int i = 0; i < 3; i++) {
        answer = ask_get(f, "/doorman", "");
        assert_status(answer, 429);
        assert_has(answer, "Retry-After: 77\r\n");
    }
    say_get(let_in, "/doorman", "Authorization: x\r\n");
    gate_open(&f->gate);
    assert_status(hear(worker), 200);
    assert_status(hear(let_in), 200);
    assert_int_equal(atomic_load(&f->finished_failures), 3);
    close(worker);
    close(let_in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, server_set_up, server_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server__sign_ins_are_stuck__others_are_answered),
        TEST(server__peer_is_stuck__others_are_answered),
        TEST(server__workers_are_stuck__crews_answer),
        TEST(server__route_does_not_admit__answers_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
