/* What is said to a server without waiting for its answer, and what comes from it unasked. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_19 = 12 };

#define DONE_WELL "09 00 00"
#define IN_TRANSACTION "09 01 02 00"
#define PING "03 93 "
#define ROLLBACK "03 0F "

static void say_well(struct peer *peer, const char *messages)
{
    peer_say(peer, messages);
    peer_send(peer);
}

static void must_leave(struct peer *peer)
{
    struct octo_ora_error error;

    if (!octo_ora_leave(peer->session, octo_ora_in_transaction(peer->session), &error)) {
        fail_msg("%s", error.text);
    }
}

static void must_ping(struct peer *peer)
{
    struct octo_ora_error error;

    if (!octo_ora_ping(peer->session, &error)) {
        fail_msg("%s", error.text);
    }
}

static void must_tag(struct peer *peer, const char *module)
{
    struct octo_ora_error error;

    assert_true(octo_ora_set_tag(peer->session, OCTO_ORA_MODULE, module, &error));
}

/* Nobody has said anything when it returns: it cannot have waited. */
static void octo_ora_leave__tags_have_changed__go_and_nobody_waits(void **state)
{
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    must_tag(&peer, "shop");
    must_leave(&peer);
    peer_expect_tail(&peer, "a ping with tags", PING "02");
    assert_non_null(memmem(peer.heard.data, peer.heard.length, "shop", 4));
    assert_int_equal(octo_ora_round_trips(peer.session), 0);
    say_well(&peer, DONE_WELL);
    say_well(&peer, DONE_WELL);
    must_ping(&peer);
    peer_expect_tail(&peer, "a ping alone", PING "03");
    assert_int_equal(octo_ora_round_trips(peer.session), 1);
    peer_close(&peer);
}

static void octo_ora_leave__nothing_to_say__sends_nothing(void **state)
{
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    must_leave(&peer);
    peer_hear(&peer);
    assert_int_equal(peer.heard.length, 0);
    peer_close(&peer);
}

static void octo_ora_leave__in_a_transaction__rolls_it_back(void **state)
{
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    say_well(&peer, IN_TRANSACTION);
    must_ping(&peer);
    assert_true(octo_ora_in_transaction(peer.session));
    peer_hear(&peer);
    must_leave(&peer);
    peer_expect_tail(&peer, "a rollback", ROLLBACK "02");
    assert_false(octo_ora_in_transaction(peer.session));
    peer_close(&peer);
}

/* A second one is not sent before the first is answered. */
static void octo_ora_leave__answer_is_still_owed__is_read_first(void **state)
{
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    must_tag(&peer, "shop");
    must_leave(&peer);
    must_tag(&peer, "crm");
    say_well(&peer, DONE_WELL);
    must_leave(&peer);
    assert_int_equal(recv(peer.session->link.fd, (char[1]){0}, 1, MSG_PEEK | MSG_DONTWAIT), -1);
    peer_close(&peer);
}

/* What the answer says of the session is told by the next call, which is not sent. */
static void octo_ora_leave__session_was_killed__next_call_says_so(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    must_tag(&peer, "shop");
    must_leave(&peer);
    peer_say_end(&peer, 28, 0, 0);
    peer_send(&peer);
    peer_hear(&peer);
    assert_false(octo_ora_commit(peer.session, &error));
    assert_int_equal(error.kind, OCTO_ORA_LOST); /* and not in doubt */
    assert_int_equal(error.number, 28);
    peer_hear(&peer);
    assert_int_equal(peer.heard.length, 0);
    peer_close(&peer);
}

static void octo_ora_leave__was_refused__next_call_goes_on(void **state)
{
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    must_tag(&peer, "shop");
    must_leave(&peer);
    peer_say_end(&peer, 3001, 0, 0);
    peer_send(&peer);
    say_well(&peer, DONE_WELL);
    must_ping(&peer);
    peer_close(&peer);
}

static void octo_ora_look__nothing_has_come__is_fine(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    assert_true(octo_ora_look(peer.session, &error));
    say_well(&peer, DONE_WELL);
    must_ping(&peer);
    peer_close(&peer);
}

/* It has time until the next call. */
static void octo_ora_look__answer_is_still_owed__is_fine(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    must_tag(&peer, "shop");
    must_leave(&peer);
    assert_true(octo_ora_look(peer.session, &error));
    say_well(&peer, DONE_WELL);
    assert_true(octo_ora_look(peer.session, &error));
    say_well(&peer, DONE_WELL);
    must_ping(&peer);
    peer_close(&peer);
}

static void octo_ora_look__connection_has_ended__session_is_dead(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
    assert_false(octo_ora_look(peer.session, &error));
    assert_int_equal(error.kind, OCTO_ORA_LOST);
    assert_false(octo_ora_is_alive(peer.session));
    peer_close(&peer);
}

static void octo_ora_look__answer_that_nobody_asked_for__session_is_dead(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    say_well(&peer, DONE_WELL);
    assert_false(octo_ora_look(peer.session, &error));
    assert_non_null(strstr(error.text, "nobody asked for"));
    peer_close(&peer);
}

/* --- the bell --- */

/* Answers the break that it waits for, as a server does. */
static void *answer_break(void *arg)
{
    struct peer *peer = arg;
    struct pollfd ready = {.fd = peer->fd, .events = POLLIN};
    uint8_t bytes[256];
    size_t markers = 0;

    while (markers == 0 && poll(&ready, 1, -1) > 0) {
        const ssize_t count = recv(peer->fd, bytes, sizeof(bytes), 0);

        for (ssize_t i = 0; i + 4 < count; i++) {
            markers += bytes[i + 4] == ORA_PACKET_MARKER && bytes[i] == 0 && bytes[i + 1] == 0;
        }
    }
    peer_send_marker(peer, ORA_MARKER_BREAK);
    peer_send_marker(peer, ORA_MARKER_RESET);
    peer_say_end(peer, 1013, 0, 0);
    peer_send(peer);
    return NULL;
}

static void octo_ora_set_bell__rings_while_a_call_waits__breaks_it_off(void **state)
{
    const int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const uint64_t one = 1;
    uint64_t rings;
    struct octo_ora_error error;
    struct peer peer;
    pthread_t server;

    (void)state;
    peer_open(&peer, SERVER_19);
    octo_ora_set_bell(peer.session, bell);
    assert_int_equal(write(bell, &one, sizeof(one)), sizeof(one));
    assert_int_equal(pthread_create(&server, NULL, answer_break, &peer), 0);
    assert_false(octo_ora_ping(peer.session, &error));
    assert_int_equal(pthread_join(server, NULL), 0);
    assert_int_equal(error.kind, OCTO_ORA_TIMEOUT);
    assert_non_null(strstr(error.text, "as was asked"));
    assert_int_equal(read(bell, &rings, sizeof(rings)), -1);
    say_well(&peer, DONE_WELL);
    must_ping(&peer);
    peer_close(&peer);
    close(bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octo_ora_leave__tags_have_changed__go_and_nobody_waits),
        cmocka_unit_test(octo_ora_leave__nothing_to_say__sends_nothing),
        cmocka_unit_test(octo_ora_leave__in_a_transaction__rolls_it_back),
        cmocka_unit_test(octo_ora_leave__answer_is_still_owed__is_read_first),
        cmocka_unit_test(octo_ora_leave__session_was_killed__next_call_says_so),
        cmocka_unit_test(octo_ora_leave__was_refused__next_call_goes_on),
        cmocka_unit_test(octo_ora_look__nothing_has_come__is_fine),
        cmocka_unit_test(octo_ora_look__answer_is_still_owed__is_fine),
        cmocka_unit_test(octo_ora_look__connection_has_ended__session_is_dead),
        cmocka_unit_test(octo_ora_look__answer_that_nobody_asked_for__session_is_dead),
        cmocka_unit_test(octo_ora_set_bell__rings_while_a_call_waits__breaks_it_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
