/*
 * Cursors that the server has opened. The answers are ones that npm's oracledb 26.0.0 reads as
 * these tests do, and the requests are npm's, but for how many rows are asked for.
 */
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_19 = 12, CURSOR = 0x4D };

/* Two columns, ID and N, without the message that describes them; behind it goes the number. */
#define COLUMNS                                                                                    \
    "00 01 02 00 02 00 00 00 01 16 00 00 00 00 00 00 00 00 01 02 01 02 02 49 44 00 00 00 00 "      \
    "01 00 00 00 01 0A 00 00 00 00 00 01 00 00 01 01 01 01 01 4E 00 00 00 00 00 00 00 00 00 00 "

#define FIRST_FETCH(id)                                                                            \
    "02 80 40 01 " id " 00 00 01 01 0D 00 00 00 01 64 04 7F FF FF FF 00 00 00 00 00 00 00 00 00 "  \
    "00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 64 00 00 00 00 00 01 01 00 00 "   \
    "00 00 00"

static struct octo_ora_statement *prepare(struct peer *peer, const char *sql)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    assert_true(octo_ora_prepare(peer->session, sql, &statement, &error));
    return statement;
}

static void must_execute(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;

    if (!octo_ora_execute(statement, &error)) {
        fail_msg("%s", error.text);
    }
}

static bool fetch(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;
    bool has_row;

    if (!octo_ora_fetch(statement, &has_row, &error)) {
        fail_msg("%s", error.text);
    }
    return has_row;
}

static void say(struct peer *peer, const char *messages, uint32_t number)
{
    peer_say(peer, messages);
    peer_say_end(peer, number, 0, 1);
    peer_send(peer);
}

static void expect_row(struct octo_ora_statement *statement, int64_t expected)
{
    struct octo_ora_error error;
    struct octo_ora_text text;
    int64_t value;

    assert_true(fetch(statement));
    assert_true(octo_ora_get_int(statement, 1, &value, &error));
    assert_int_equal(value, expected);
    assert_true(octo_ora_get_text(statement, 2, &text, &error));
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.at, "abc", 3);
}

/* What a session says before anything else: which cursors are closed. */
static void expect_closed(struct peer *peer, const char *hex)
{
    struct octo_ora_error error;

    peer_hear(peer);
    peer_say(peer, "09 00 00");
    peer_send(peer);
    assert_true(octo_ora_ping(peer->session, &error));
    peer_hear(peer);
    hex_expect("closed", peer->heard.data + 3, peer->heard.length - 6, hex);
}

static void test_out_of_a_block(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_text text;
    struct octo_ora_statement *cursor;
    struct octo_ora_statement *twice;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN OPEN :a FOR SELECT * FROM T WHERE X = :b; END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_CURSOR, 0);
    octo_ora_bind_int(statement, 2, 5);
    say(&peer, "0B 00 01 02 00 01 01 00 00 00 10 20 07 01 " COLUMNS "01 65 00 08 00 00 00 00", 0);
    must_execute(statement);
    peer_expect_tail(&peer, "binds",
                     "66 01 00 00 01 04 00 00 00 00 00 00 00 00 "
                     "02 01 00 00 01 16 00 00 00 00 00 00 00 00 07 01 00 02 C1 06");
    assert_true(fetch(statement));
    assert_int_equal(octo_ora_column(statement, 1).type, OCTO_ORA_CURSOR);
    assert_false(octo_ora_get_text(statement, 1, &text, &error));
    assert_true(octo_ora_get_cursor(statement, 1, &cursor, &error));
    assert_false(octo_ora_get_cursor(statement, 1, &twice, &error));
    assert_false(octo_ora_get_cursor(statement, 2, &twice, &error));
    assert_int_equal(octo_ora_column_count(cursor), 2);
    assert_string_equal(octo_ora_column(cursor, 1).name, "ID");
    assert_false(octo_ora_execute(cursor, &error));
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 03 61 62 63", 0);
    expect_row(cursor, 1);
    peer_expect_tail(&peer, "first rows", "03 5E 02 " FIRST_FETCH("65"));
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 03 03 61 62 63", 1403);
    expect_row(cursor, 2);
    assert_false(fetch(cursor));
    peer_expect_tail(&peer, "more rows", "03 05 03 01 65 01 64");
    octo_ora_free(cursor);
    expect_closed(&peer, "01 01 01 01 65");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A block with a cursor is sent whole each time, and one that nobody took is closed. */
static void test_nobody_took_it(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN OPEN :a FOR SELECT * FROM T WHERE X = :b; END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_CURSOR, 0);
    octo_ora_bind_int(statement, 2, 5);
    for (int i = 0; i < 2; i++) {
        say(&peer, "0B 00 01 02 00 01 01 00 00 00 10 20 07 01 " COLUMNS "01 65 00", 0);
        must_execute(statement);
        assert_true(fetch(statement));
    }
    peer_expect_tail(&peer, "whole", "00 00 00 00 00 00 00 00 07 01 00 02 C1 06");
    octo_ora_free(statement);
    expect_closed(&peer, "01 01 01 01 65");
    peer_close(&peer);
}

/* One that the block left alone is NULL. */
static void test_never_opened(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_statement *cursor;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN NOTHING(:a); END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_CURSOR, 0);
    say(&peer, "0B 00 01 01 00 01 01 00 00 00 10 07 01 00 00 00 00 00 00 00 00 00 00", 0);
    must_execute(statement);
    assert_true(fetch(statement));
    assert_true(octo_ora_is_null(statement, 1));
    assert_false(octo_ora_get_cursor(statement, 1, &cursor, &error));
    assert_non_null(strstr(error.text, "not open"));
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_results_of_a_block(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_statement *cursor;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN RESULTS; END;");
    say(&peer,
        "1B 01 03 03 01 02 03 " COLUMNS "01 66 00 " COLUMNS "01 67 00 " COLUMNS
        "01 68 08 00 00 00 00",
        0);
    must_execute(statement);
    assert_true(octo_ora_next_result(statement, &cursor, &error));
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 03 61 62 63", 1403);
    peer_hear(&peer);
    expect_row(cursor, 1);
    assert_false(fetch(cursor));
    peer_expect_tail(&peer, "first rows", "03 5E 02 " FIRST_FETCH("66"));
    octo_ora_free(cursor);
    assert_true(octo_ora_next_result(statement, &cursor, &error));
    octo_ora_free(cursor);
    octo_ora_free(statement); /* with a third that nobody took */
    expect_closed(&peer, "01 01 03 01 66 01 67 01 68");
    statement = prepare(&peer, "BEGIN NULL; END;");
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    assert_true(octo_ora_next_result(statement, &cursor, &error));
    assert_null(cursor);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Each row has a cursor of its own, which is closed with the statement. */
static void test_in_rows(void **state)
{
    static const struct peer_column columns[] = {{"ID", ORA_TYPE_NUMBER, 0, 22},
                                                 {"K", ORA_TYPE_CURSOR, 0, 1}};
    struct octo_ora_error error;
    struct octo_ora_statement *cursor;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, CURSOR(SELECT * FROM T) K FROM D");
    peer_say_describe(&peer, columns, 2);
    peer_say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 01 " COLUMNS "01 6A "
                    "07 02 C1 03 01 " COLUMNS "01 6B 07 02 C1 04 00");
    peer_say_end(&peer, 1403, 0x69, 3);
    peer_send(&peer);
    must_execute(statement);
    assert_true(fetch(statement));
    assert_true(fetch(statement));
    assert_true(octo_ora_get_cursor(statement, 2, &cursor, &error));
    peer_hear(&peer);
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 03 61 62 63", 1403);
    expect_row(cursor, 1);
    peer_expect_tail(&peer, "first rows", "03 5E 02 " FIRST_FETCH("6B"));
    octo_ora_free(cursor);
    assert_true(fetch(statement));
    assert_true(octo_ora_is_null(statement, 2));
    octo_ora_free(statement);
    expect_closed(&peer, "01 01 01 01 69");
    peer_close(&peer);
}

/* Its LOBs are fetched as those of a query. */
static void test_lobs_of_a_cursor(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_text text;
    struct octo_ora_statement *cursor;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN OPEN :a FOR SELECT C FROM T; END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_CURSOR, 0);
    say(&peer,
        "0B 00 01 01 00 01 01 00 00 00 10 07 01 00 01 01 00 70 00 00 00 02 0F A0 00 00 00 00 00 01 "
        "00 00 01 01 01 01 01 43 00 00 00 00 00 00 00 00 00 00 01 65 00",
        0);
    must_execute(statement);
    assert_true(fetch(statement));
    assert_true(octo_ora_get_cursor(statement, 1, &cursor, &error));
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 01 78 00 00", 1403);
    assert_true(fetch(cursor));
    peer_expect_tail(&peer, "defined", "08 01 00 00 04 7F FF FF FF 00 00 00 00 02 03 69 01 00 00");
    assert_true(octo_ora_get_text(cursor, 1, &text, &error));
    assert_int_equal(text.length, 1);
    octo_ora_free(cursor);
    octo_ora_free(statement);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_of_a_block), cmocka_unit_test(test_nobody_took_it),
        cmocka_unit_test(test_never_opened),   cmocka_unit_test(test_results_of_a_block),
        cmocka_unit_test(test_in_rows),        cmocka_unit_test(test_lobs_of_a_cursor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
