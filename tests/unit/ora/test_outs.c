/*
 * What comes out of a block's binds and of RETURNING INTO. The answers are ones that npm's oracledb
 * 26.0.0 and python-oracledb 1.2.1 read as these tests do, and the requests are npm's, but for the
 * sizes of places.
 */
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_19 = 12, CURSOR = 0x4D };

static struct octo_ora_statement *prepare(struct peer *peer, const char *sql)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    assert_true(octo_ora_prepare(peer->session, sql, &statement, &error));
    return statement;
}

static void say_answer(struct peer *peer, const char *messages, uint64_t rows)
{
    peer_say(peer, messages);
    peer_say(peer, "08 00 00 00 00");
    peer_say_end(peer, 0, CURSOR, rows);
    peer_send(peer);
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

    assert_true(octo_ora_fetch(statement, &has_row, &error));
    return has_row;
}

/* NULL: it is NULL. */
static void expect_text(const struct octo_ora_statement *statement, unsigned place,
                        const char *expected)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    assert_true(octo_ora_get_text(statement, place, &text, &error));
    assert_int_equal(octo_ora_is_null(statement, place), expected == NULL);
    assert_int_equal(text.length, expected == NULL ? 0 : strlen(expected));
    assert_memory_equal(text.at, expected == NULL ? "" : expected, text.length);
}

/* A name has one place in a block, and what comes out of it lies there too. */
static void test_block(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN :a := :b; :c := UPPER(:b); END;");
    octo_ora_bind_type(statement, octo_ora_place(statement, "A", 0), OCTO_ORA_BIND_NUMBER, 0);
    octo_ora_bind_text(statement, octo_ora_place(statement, "b", 0), "abc", 3);
    octo_ora_bind_type(statement, 3, OCTO_ORA_BIND_VARCHAR2, 100);
    assert_int_equal(octo_ora_place(statement, "b", 2), 0);
    assert_int_equal(octo_ora_place(statement, "\"c\"", 0), 0);
    assert_int_equal(octo_ora_place(statement, "\"C\"", 0), 3);
    say_answer(&peer, "0B 00 01 03 00 01 01 00 00 00 10 20 10 07 02 C1 06 00 03 41 42 43 00", 1);
    must_execute(statement);
    peer_expect_tail(&peer, "the first time",
                     "02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
                     "01 01 00 00 01 20 00 00 00 00 02 03 69 01 00 00 "
                     "01 01 00 00 01 80 00 00 00 00 02 03 69 01 00 00 07 00 03 61 62 63 00");
    assert_true(fetch(statement));
    assert_int_equal(octo_ora_column_count(statement), 3);
    assert_string_equal(octo_ora_column(statement, 3).name, "c");
    assert_int_equal(octo_ora_column(statement, 1).type, OCTO_ORA_NUMBER);
    expect_text(statement, 1, "5");
    expect_text(statement, 2, NULL);
    expect_text(statement, 3, "ABC");
    assert_false(fetch(statement));
    say_answer(&peer, "07 02 C1 07 00 00 00", 1);
    must_execute(statement);
    peer_expect_tail(&peer, "again", "03 04 02 01 4D 01 01 00 00 07 03 61 62 63");
    assert_true(fetch(statement));
    expect_text(statement, 1, "6");
    expect_text(statement, 3, NULL);
    assert_false(fetch(statement));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Its options are those of a block with binds: what the server goes by. */
static void test_options(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN p(:a); END;");
    octo_ora_bind_int(statement, 1, 1);
    say_answer(&peer, "0B 00 01 01 00 01 01 00 00 00 20", 1);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("options", peer.heard.data, 8, "03 5E 01 02 04 29 00 01");
    assert_false(fetch(statement));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A block that takes no value is sent whole each time: by number alone servers have hung. */
static void test_block_without_values(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN :a := 1; END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_NUMBER, 0);
    for (int i = 0; i < 3; i++) {
        say_answer(&peer, "0B 00 01 01 00 01 01 00 00 00 10 07 02 C1 02 00", 1);
        must_execute(statement);
        peer_expect_tail(&peer, "whole", "02 01 00 00 01 16 00 00 00 00 00 00 00 00 07 00");
        assert_int_equal(peer.heard.data[1], ORA_FUNCTION_EXECUTE);
        assert_true(fetch(statement));
        expect_text(statement, 1, "1");
    }
    octo_ora_free(statement);
    peer_close(&peer);
}

/* IN OUT: the value that came out does not go in the next time. */
static void test_in_out(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN :io := :io + :x; END;");
    octo_ora_bind_int(statement, 1, 1);
    octo_ora_bind_int(statement, 2, 2);
    say_answer(&peer, "0B 00 01 02 00 01 01 00 00 00 30 20 07 02 C1 04 00", 1);
    must_execute(statement);
    assert_true(fetch(statement));
    expect_text(statement, 1, "3");
    peer_hear(&peer);
    say_answer(&peer, "07 02 C1 04 00", 1);
    must_execute(statement);
    peer_expect_tail(&peer, "again", "01 4D 01 01 00 00 07 02 C1 02 02 C1 03");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A value for which its place has too little room is an error of that place alone. */
static void test_cut(void **state)
{
    struct octo_ora_text text;
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN :a := :b; END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_VARCHAR2, 2);
    octo_ora_bind_type(statement, 2, OCTO_ORA_BIND_BOOLEAN, 0);
    say_answer(&peer, "0B 00 01 02 00 01 01 00 00 00 10 30 07 02 41 42 01 05 01 00 81 01", 1);
    must_execute(statement);
    assert_true(fetch(statement));
    assert_false(octo_ora_get_text(statement, 1, &text, &error));
    assert_non_null(strstr(error.text, "column 1 (a) was cut"));
    expect_text(statement, 2, NULL);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* All values of a place lie together: rows are made of them. */
static void test_returning(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = A + :1 RETURNING A, B INTO :2, :3");
    octo_ora_bind_int(statement, 1, 1);
    octo_ora_bind_type(statement, 2, OCTO_ORA_BIND_NUMBER, 0);
    octo_ora_bind_type(statement, 3, OCTO_ORA_BIND_VARCHAR2, 100);
    say_answer(&peer, "07 01 02 02 C1 06 00 02 C1 07 00 01 02 01 78 00 00 00", 2);
    must_execute(statement);
    peer_expect_tail(&peer, "no values for what returns",
                     "02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
                     "02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
                     "01 01 00 00 01 80 00 00 00 00 02 03 69 01 00 00 07 02 C1 02");
    assert_int_equal(octo_ora_row_count(statement), 2);
    assert_true(fetch(statement));
    expect_text(statement, 1, NULL);
    expect_text(statement, 2, "5");
    expect_text(statement, 3, "x");
    assert_true(fetch(statement));
    expect_text(statement, 2, "6");
    expect_text(statement, 3, NULL);
    assert_false(fetch(statement));
    say_answer(&peer, "07 00 00", 0);
    must_execute(statement);
    peer_expect_tail(&peer, "again", "03 04 02 01 4D 01 01 00 00 07 02 C1 02");
    assert_false(fetch(statement));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Where every place returns, no row of values is sent. */
static void test_only_returning(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "DELETE FROM T RETURNING A INTO :a");
    assert_false(octo_ora_execute(statement, &error));
    assert_non_null(strstr(error.text, "bind 1 has no type"));
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_RAW, 16);
    say_answer(&peer, "07 01 01 02 C1 06 00", 1);
    must_execute(statement);
    peer_expect_tail(&peer, "no row",
                     "02 80 00 00 00 00 17 01 00 00 01 20 00 00 00 00 00 00 00 00");
    assert_true(fetch(statement));
    assert_false(fetch(statement));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A server that cannot deliver stops, and says why once it is told to go on. */
static void test_flush(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "INSERT INTO T VALUES (1) RETURNING A INTO :a");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_NUMBER, 0);
    peer_say(&peer, "13");
    peer_send(&peer);
    peer_say_end(&peer, 20001, CURSOR, 0);
    peer_send(&peer);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.kind, OCTO_ORA_SERVER);
    assert_int_equal(error.number, 20001);
    peer_expect_tail(&peer, "go on", "00 00 00 00 00 13");
    assert_true(octo_ora_is_alive(peer.session));
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_protocol_errors(void **state)
{
    static const char *const answers[] = {
        "0B 00 01 02 00 01 01 00 00 00 10 20", /* of two binds */
        "07 02 C1 06 00",                      /* a row, though nothing comes out */
        "10 00 00 00 00 00 00 00 00 00",       /* columns, of which there are none */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct peer peer;
        struct octo_ora_statement *statement;
        struct octo_ora_error error;

        peer_open(&peer, SERVER_19);
        statement = prepare(&peer, "BEGIN p(:a); END;");
        octo_ora_bind_int(statement, 1, 1);
        say_answer(&peer, answers[i], 1);
        assert_false(octo_ora_execute(statement, &error));
        assert_int_equal(error.kind, OCTO_ORA_LOST);
        assert_non_null(strstr(error.text, "protocol error"));
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_block_without_values),
        cmocka_unit_test(test_in_out),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_returning),
        cmocka_unit_test(test_only_returning),
        cmocka_unit_test(test_flush),
        cmocka_unit_test(test_protocol_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
