/*
 * Rows that come in several answers: what is as in the row before a server leaves out, also where
 * that row was the last of another answer.
 */
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_19 = 12, CURSOR = 5 };

#define HEADER "06 02 01 02 00 01 01 00 00 00 "
#define ONLY_FIRST "15 01 01 01 "

static void say(struct peer *peer, const char *messages)
{
    peer_say(peer, messages);
    peer_say_end(peer, 0, CURSOR, 1);
    peer_send(peer);
}

static void expect_text(struct octo_ora_statement *statement, unsigned place, const char *expected)
{
    struct octo_ora_error error;
    struct octo_ora_text text;

    assert_true(octo_ora_get_text(statement, place, &text, &error));
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.at, expected, text.length);
}

static void expect_row(struct octo_ora_statement *statement, const char *a, const char *b)
{
    struct octo_ora_error error;
    bool has_row;

    if (!octo_ora_fetch(statement, &has_row, &error)) {
        fail_msg("%s", error.text);
    }
    assert_true(has_row);
    expect_text(statement, 1, a);
    expect_text(statement, 2, b);
}

/* The second column is sent once, and stays through answers in which the first one grows. */
static void test_left_out_of_whole_answers(void **state)
{
    static const struct peer_column columns[] = {{"A", ORA_TYPE_VARCHAR, 1, 40},
                                                 {"B", ORA_TYPE_VARCHAR, 1, 40}};
    struct octo_ora_error error;
    struct octo_ora_statement *statement;
    struct peer peer;

    (void)state;
    peer_open(&peer, SERVER_19);
    assert_true(octo_ora_prepare(peer.session, "SELECT A, B FROM T", &statement, &error));
    peer_say_describe(&peer, columns, 2);
    say(&peer, HEADER "07 01 61 03 78 79 7A");
    if (!octo_ora_execute(statement, &error)) {
        fail_msg("%s", error.text);
    }
    expect_row(statement, "a", "xyz");
    say(&peer, HEADER ONLY_FIRST "07 06 62 62 62 62 62 62");
    expect_row(statement, "bbbbbb", "xyz");
    say(&peer, HEADER ONLY_FIRST "07 01 63");
    expect_row(statement, "c", "xyz");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Rows that end in an error end their cursor: the next execution sends the statement's text anew.
 */
static void test_failing_rows_end_their_cursor(void **state)
{
    static const struct peer_column columns[] = {{"A", ORA_TYPE_VARCHAR, 1, 40},
                                                 {"B", ORA_TYPE_VARCHAR, 1, 40}};
    static const char text[] = "SELECT A, B FROM T";
    struct octo_ora_error error;
    struct octo_ora_statement *statement;
    struct peer peer;
    bool has_row;

    (void)state;
    peer_open(&peer, SERVER_19);
    assert_true(octo_ora_prepare(peer.session, text, &statement, &error));
    for (int i = 0; i < 2; i++) {
        peer_say_describe(&peer, columns, 2);
        say(&peer, HEADER "07 01 61 03 78 79 7A");
        assert_true(octo_ora_execute(statement, &error));
        peer_hear(&peer);
        assert_non_null(memmem(peer.heard.data, peer.heard.length, text, strlen(text)));
        expect_row(statement, "a", "xyz");
        peer_say_end(&peer, 1555, CURSOR, 1);
        peer_send(&peer);
        assert_false(octo_ora_fetch(statement, &has_row, &error));
        assert_int_equal(error.number, 1555);
    }
    octo_ora_free(statement);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_out_of_whole_answers),
        cmocka_unit_test(test_failing_rows_end_their_cursor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
