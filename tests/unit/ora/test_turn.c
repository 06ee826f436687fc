/* Requests and answers of a server that does not do what it should, or gives the session to another
 * of its processes. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "ora/locator.h"
#include "tests/support/test.h"
#include "tests/unit/ora/peer.h"

#include "ora/statement_priv.h"

enum { SERVER_19 = 12, PACKETS = 1000000, PACKETS_AT_ONCE = 1000 };

#define DONE_WELL "09 00 00"
#define ANOTHER_PROCESS "09 02 80 00 00"
#define ONE_ROW "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 "

static const struct peer_column column = {"A", ORA_TYPE_NUMBER, 0, 22};

static void say_well(struct peer *peer, const char *messages)
{
    peer_say(peer, messages);
    peer_send(peer);
}

static void must_ping(struct peer *peer)
{
    struct octo_ora_error error;

    if (!octo_ora_ping(peer->session, &error)) {
        fail_msg("%s", error.text);
    }
}

/* --- a server that goes on and on --- */

struct flood {
    int fd;
    struct ora_wr packets;
    struct ora_wr end; /* behind all of them: a good answer */
    atomic_bool is_over;
};

static void send_all(struct flood *flood, const struct ora_wr *bytes)
{
    struct pollfd ready = {.fd = flood->fd, .events = POLLOUT};

    for (size_t at = 0; at < bytes->length && !atomic_load(&flood->is_over);) {
        const ssize_t sent = send(flood->fd, bytes->data + at, bytes->length - at, MSG_NOSIGNAL);

        at += sent > 0 ? (size_t)sent : 0;
        if (sent < 0) {
            (void)poll(&ready, 1, 10);
        }
    }
}

static void *run_flood(void *arg)
{
    struct flood *flood = arg;

    for (int i = 0; i < PACKETS / PACKETS_AT_ONCE; i++) {
        send_all(flood, &flood->packets);
    }
    send_all(flood, &flood->end);
    return NULL;
}

/* So many packets that each call is over before they are. */
static void expect_lost(enum ora_packet_type type, const char *body, size_t length)
{
    static const uint8_t well[] = {ORA_MSG_STATUS, 0, 0};
    struct flood flood = {.is_over = false};
    struct octo_ora_error error;
    struct peer peer;
    pthread_t thread;

    peer_open(&peer, SERVER_19);
    octo_ora_set_call_ms(peer.session, 1);
    flood.fd = peer.fd;
    ora_wr_init(&flood.packets, 1 << 20);
    ora_wr_init(&flood.end, 1 << 20);
    for (int i = 0; i < PACKETS_AT_ONCE; i++) {
        ora_packet_write(&flood.packets, true, type, 0, body, length);
    }
    if (type == ORA_PACKET_MARKER) {
        ora_marker_write(&flood.end, true, ORA_MARKER_RESET);
    }
    ora_data_write(&flood.end, true, 8192, 0, 0, well, sizeof(well));
    assert_int_equal(pthread_create(&thread, NULL, run_flood, &flood), 0);
    assert_false(octo_ora_ping(peer.session, &error));
    assert_int_equal(error.kind, OCTO_ORA_LOST);
    assert_non_null(strstr(error.text, "no answer in time"));
    atomic_store(&flood.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    ora_wr_fini(&flood.packets);
    ora_wr_fini(&flood.end);
    peer_close(&peer);
}

static void ora_turn__packets_without_end__are_late(void **state)
{
    (void)state;
    expect_lost(ORA_PACKET_MARKER, "\1\0\1", 3); /* breaks */
    expect_lost(ORA_PACKET_MARKER, "\1\0\2", 3); /* resets */
    expect_lost(ORA_PACKET_CONTROL, "\0\x9", 2); /* of no meaning */
}

/* --- what goes along --- */

static size_t heard_by_ping(struct peer *peer)
{
    say_well(peer, DONE_WELL);
    must_ping(peer);
    peer_hear(peer);
    return peer->heard.length;
}

/* Closes, tags and locators that wait; gives how many bytes a ping has that takes them along. */
static size_t ping_with_cargo(bool is_refused_first)
{
    static const uint8_t locator[ORA_LOCATOR_MIN] = {0};
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    struct peer peer;
    size_t plain;
    size_t length;

    peer_open(&peer, SERVER_19);
    plain = heard_by_ping(&peer);
    ora_close_cursor(peer.session, 7);
    ora_close_cursor(peer.session, 8);
    ora_locator_release(peer.session,
                        &(struct ora_bytes){.at = locator, .length = sizeof(locator)});
    assert_true(octo_ora_set_tag(peer.session, OCTO_ORA_MODULE, "shop", &error));
    if (is_refused_first) {
        const size_t max = peer.session->request.max;

        assert_true(octo_ora_prepare(peer.session, "SELECT A FROM T", &statement, &error));
        peer.session->request.max = 64;
        assert_false(octo_ora_execute(statement, &error));
        assert_int_equal(error.kind, OCTO_ORA_MEMORY);
        peer.session->request.max = max;
        octo_ora_free(statement);
    }
    length = heard_by_ping(&peer);
    assert_true(length > plain + sizeof(locator));
    assert_int_equal(heard_by_ping(&peer), plain); /* it has gone, once */
    peer_close(&peer);
    return length;
}

static void ora_request_begin__request_is_not_sent__takes_nothing_along(void **state)
{
    (void)state;
    assert_int_equal(ping_with_cargo(true), ping_with_cargo(false));
}

/* --- another process of the server's --- */

static struct octo_ora_statement *query(struct peer *peer, uint32_t cursor, uint32_t number)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    bool has_row;

    assert_true(octo_ora_prepare(peer->session, "SELECT A FROM T", &statement, &error));
    peer_say_describe(peer, &column, 1);
    peer_say(peer, ONE_ROW);
    peer_say_end(peer, number, cursor, 1);
    peer_send(peer);
    assert_true(octo_ora_execute(statement, &error));
    assert_true(octo_ora_fetch(statement, &has_row, &error) && has_row);
    return statement;
}

/* Numbers of cursors mean something else there, or nothing: a statement in use is sent whole. */
static void ora_turn__session_has_moved__statements_in_use_are_parsed_anew(void **state)
{
    static const char sql[] = "SELECT A FROM T";
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = query(&peer, 5, 1403);
    say_well(&peer, ANOTHER_PROCESS);
    must_ping(&peer);
    peer_hear(&peer);
    peer_say_describe(&peer, &column, 1);
    peer_say(&peer, ONE_ROW);
    peer_say_end(&peer, 1403, 9, 1);
    peer_send(&peer);
    assert_true(octo_ora_execute(statement, &error));
    peer_hear(&peer);
    assert_non_null(memmem(peer.heard.data, peer.heard.length, sql, sizeof(sql) - 1));
    assert_int_equal(statement->cursor, 9);
    octo_ora_free(statement);
    assert_int_equal(peer.session->closing_count, 1); /* of 9 */
    peer_close(&peer);
}

static void octo_ora_fetch__session_has_moved__rows_are_gone(void **state)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    struct peer peer;
    bool has_row;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = query(&peer, 5, 0);
    say_well(&peer, ANOTHER_PROCESS);
    must_ping(&peer);
    peer_hear(&peer);
    assert_false(octo_ora_fetch(statement, &has_row, &error));
    assert_int_equal(error.kind, OCTO_ORA_SERVER);
    assert_int_equal(error.number, 1001);
    octo_ora_free(statement);
    peer_hear(&peer);
    assert_int_equal(peer.heard.length, 0);
    assert_int_equal(peer.session->closing_count, 0);
    assert_true(octo_ora_is_alive(peer.session));
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_turn__packets_without_end__are_late),
        cmocka_unit_test(ora_request_begin__request_is_not_sent__takes_nothing_along),
        cmocka_unit_test(ora_turn__session_has_moved__statements_in_use_are_parsed_anew),
        cmocka_unit_test(octo_ora_fetch__session_has_moved__rows_are_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
