/*
 * Servers of 23ai end each answer with a message of its own, where both sides have said so: then
 * nothing else ends it, and what comes before its end belongs to it.
 */
#include <string.h>

#include "ora/dialect.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_23 = 24, CURSOR = 5, CAPS_AT = 6, TTC4 = 40 };

static void open_peer(struct peer *peer)
{
    peer_open(peer, SERVER_23);
    peer->session->dialect.has_end_of_response = true;
}

static struct octo_ora_statement *prepare(struct peer *peer, const char *sql)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    assert_true(octo_ora_prepare(peer->session, sql, &statement, &error));
    return statement;
}

/* It is said in DATA_TYPES, and only to servers that have offered it. */
static void test_it_is_asked_for(void **state)
{
    struct ora_wr wr;

    (void)state;
    ora_wr_init(&wr, 1 << 16);
    ora_types_write(&wr, false);
    hex_expect("not asked for", wr.data + CAPS_AT + 1 + TTC4, 1, "44");
    ora_wr_clear(&wr);
    ora_types_write(&wr, true);
    hex_expect("asked for", wr.data + CAPS_AT + 1 + TTC4, 1, "64");
    ora_wr_fini(&wr);
}

/* The end comes in a packet of its own: what is said before it is not the end. */
static void test_query(void **state)
{
    static const struct peer_column column = {"A", ORA_TYPE_NUMBER, 0, 22};
    struct octo_ora_error error;
    bool has_row;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_peer(&peer);
    statement = prepare(&peer, "SELECT A FROM T");
    for (int i = 0; i < 2; i++) {
        if (i == 0) {
            peer_say_describe(&peer, &column, 1);
        }
        peer_say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02");
        peer_say_end(&peer, 1403, CURSOR, 1);
        peer_send(&peer);
        peer_say(&peer, "1D");
        peer_send(&peer);
        if (!octo_ora_execute(statement, &error)) {
            fail_msg("%s", error.text);
        }
        assert_true(octo_ora_fetch(statement, &has_row, &error));
        assert_true(has_row);
        assert_true(octo_ora_fetch(statement, &has_row, &error));
        assert_false(has_row);
        peer_hear(&peer);
    }
    peer_say(&peer, "09 01 02 00 1D");
    peer_send(&peer);
    assert_true(octo_ora_ping(peer.session, &error));
    assert_true(octo_ora_in_transaction(peer.session));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* The error of a call is known when it comes, and told at the end; behind markers too. */
static void test_error(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    for (int with_markers = 0; with_markers <= 1; with_markers++) {
        open_peer(&peer);
        statement = prepare(&peer, "DELETE FROM T");
        if (with_markers == 1) {
            peer_send_marker(&peer, ORA_MARKER_BREAK);
            peer_send_marker(&peer, ORA_MARKER_RESET);
        }
        peer_say_end(&peer, 942, 0, 0);
        peer_say(&peer, "1D");
        peer_send(&peer);
        assert_false(octo_ora_execute(statement, &error));
        assert_int_equal(error.number, 942);
        assert_string_equal(error.text, "ORA-00000: as the test says");
        peer_say(&peer, "09 00 00 1D");
        peer_send(&peer);
        assert_true(octo_ora_ping(peer.session, &error));
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* A server that stops while values come out says so without the message of the end. */
static void test_flush(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_peer(&peer);
    statement = prepare(&peer, "INSERT INTO T VALUES (1) RETURNING A INTO :a");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_NUMBER, 0);
    peer_say(&peer, "13");
    peer_send(&peer);
    peer_say_end(&peer, 20001, 0, 0);
    peer_say(&peer, "1D");
    peer_send(&peer);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.number, 20001);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* What comes behind it belongs to nothing. */
static void test_bytes_behind_the_end(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    open_peer(&peer);
    peer_say(&peer, "09 00 00 1D 09 00 00");
    peer_send(&peer);
    assert_false(octo_ora_ping(peer.session, &error));
    assert_int_equal(error.kind, OCTO_ORA_LOST);
    assert_non_null(strstr(error.text, "3 bytes behind the answer"));
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_asked_for),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_flush),
        cmocka_unit_test(test_bytes_behind_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
