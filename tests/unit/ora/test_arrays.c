/*
 * Many executions in a call. The answers are ones that npm's oracledb 26.0.0 and python-oracledb
 * 1.2.1 read as these tests do, and the requests are npm's, but for the sizes of places.
 */
#include <stdlib.h>
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

static void add(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;

    if (!octo_ora_add(statement, &error)) {
        fail_msg("%s", error.text);
    }
}

static void add_numbers(struct octo_ora_statement *statement, int count)
{
    for (int i = 1; i <= count; i++) {
        octo_ora_bind_int(statement, 1, i);
        add(statement);
    }
}

static void must_execute(struct octo_ora_statement *statement, unsigned how)
{
    struct octo_ora_error error;

    if (!octo_ora_execute_added(statement, how, &error)) {
        fail_msg("%s", error.text);
    }
}

static void say_done(struct peer *peer, const char *messages, uint64_t rows)
{
    peer_say(peer, messages);
    peer_say_end(peer, 0, CURSOR, rows);
    peer_send(peer);
}

/* The end of a call of which two executions have failed. */
static void say_failures(struct peer *peer, const char *numbers, const char *executions)
{
    peer_say(peer, "08 00 00 00 00 01 03 01 01 00 00");
    peer_say(peer, "04 01 02 00 00 00 00 00 00 00");
    peer_say(peer, "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"); /* to the lists */
    peer_say(peer, numbers);
    peer_say(peer, executions);
    peer_say(peer, "01 02 03 01 0A 0A 4F 52 41 2D 30 30 30 30 31 0A 00 00");
    peer_say(peer, "01 09 09 4F 52 41 2D 30 31 34 30 30 00 00");
    peer_say(peer, "02 5F 3D 01 01 04 4F 52 41 0A");
    peer_send(peer);
}

/* NULL and a value that needs more room come later: the places are declared for all of them. */
static void test_mixed_values(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    char longer[100];

    (void)state;
    memset(longer, 'a', sizeof(longer));
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "INSERT INTO T VALUES (:1, :2)");
    octo_ora_bind_null(statement, 1);
    octo_ora_bind_text(statement, 2, "a", 1);
    add(statement);
    octo_ora_bind_int(statement, 1, 1);
    octo_ora_bind_null(statement, 2);
    add(statement);
    octo_ora_bind_null(statement, 1);
    octo_ora_bind_text(statement, 2, longer, sizeof(longer));
    add(statement);
    octo_ora_bind_text(statement, 2, "bb", 2);
    add(statement);
    say_done(&peer, "08 00 00 00 00", 4);
    must_execute(statement, 0);
    peer_hear(&peer);
    hex_expect("types and two rows", peer.heard.data + peer.heard.length - 147, 40,
               "02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
               "01 01 00 00 01 80 00 00 00 00 02 03 69 01 00 00 "
               "07 00 01 61 07 02 C1 02 00 07");
    hex_expect("the last row", peer.heard.data + peer.heard.length - 5, 5, "07 00 02 62 62");
    assert_int_equal(octo_ora_row_count(statement), 4);
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_another_type(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "INSERT INTO T VALUES (:1)");
    add_numbers(statement, 2);
    octo_ora_bind_text(statement, 1, "x", 1);
    assert_false(octo_ora_add(statement, &error));
    assert_int_equal(error.kind, OCTO_ORA_USAGE);
    assert_non_null(strstr(error.text, "bind 1 is in execution 3 of another type"));
    add_numbers(statement, 1);
    say_done(&peer, "08 00 00 00 00", 3);
    must_execute(statement, 0);
    peer_expect_tail(&peer, "three",
                     "02 80 00 00 00 00 02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
                     "07 02 C1 02 07 02 C1 03 07 02 C1 02");
    assert_false(octo_ora_execute_added(statement, 0, &error));
    assert_non_null(strstr(error.text, "no execution has been added"));
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_again_by_number(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "DELETE FROM T WHERE A = :1");
    for (int i = 0; i < 2; i++) {
        add_numbers(statement, 2);
        say_done(&peer, i == 0 ? "08 00 00 00 00" : "", 2);
        must_execute(statement, 0);
        peer_expect_tail(&peer, "rows", "07 02 C1 02 07 02 C1 03");
    }
    hex_expect("by number", peer.heard.data, peer.heard.length,
               "03 04 02 01 4D 01 02 00 00 07 02 C1 02 07 02 C1 03");
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_row_counts(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = :1");
    add_numbers(statement, 3);
    say_done(&peer, "08 00 00 00 00 01 03 01 02 00 02 01 00", 258);
    must_execute(statement, OCTO_ORA_COUNT_EACH);
    peer_hear(&peer);
    hex_expect("request", peer.heard.data, peer.heard.length,
               "03 5E 01 02 80 29 00 01 01 13 01 01 0D 00 00 00 01 01 04 7F FF FF FF 01 01 01 00 "
               "00 00 00 00 00 00 00 00 01 00 00 00 00 00 01 01 03 01 00 00 00 00 00 00 00 13 55 "
               "50 44 41 54 45 20 54 20 53 45 54 20 41 20 3D 20 3A 31 01 01 01 03 00 00 00 00 00 "
               "00 00 02 C0 00 00 00 00 02 01 00 00 01 16 00 00 00 00 00 00 00 00 07 02 C1 02 07 "
               "02 C1 03 07 02 C1 04");
    assert_int_equal(octo_ora_row_count(statement), 258);
    assert_int_equal(octo_ora_rows_of(statement, 1), 2);
    assert_int_equal(octo_ora_rows_of(statement, 2), 0);
    assert_int_equal(octo_ora_rows_of(statement, 3), 256);
    assert_int_equal(octo_ora_rows_of(statement, 4), 0);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Numbers come in two forms. */
static void test_failures(void **state)
{
    static const struct {
        const char *numbers;
        const char *executions;
    } cases[] = {
        {"01 02 02 01 01 02 05 78", "01 02 02 01 01 01 02"},
        {"01 02 FE 01 01 01 01 01 01 02 05 78 00", "01 02 FE 01 01 01 01 01 01 01 02 00"},
    };
    struct octo_ora_error error;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer peer;
        struct octo_ora_statement *statement;

        peer_open(&peer, SERVER_19);
        statement = prepare(&peer, "INSERT INTO T VALUES (:1)");
        add_numbers(statement, 3);
        say_failures(&peer, cases[i].numbers, cases[i].executions);
        must_execute(statement, OCTO_ORA_GO_ON | OCTO_ORA_COUNT_EACH);
        peer_hear(&peer);
        hex_expect("options", peer.heard.data + 3, 5, "04 00 08 80 29");
        assert_int_equal(octo_ora_row_count(statement), 1);
        assert_int_equal(octo_ora_failed_count(statement), 2);
        assert_int_equal(octo_ora_failed(statement, 1, &error), 2);
        assert_int_equal(error.number, 1);
        assert_string_equal(error.text, "ORA-00001");
        assert_int_equal(octo_ora_failed(statement, 2, &error), 3);
        assert_int_equal(error.number, 1400);
        assert_string_equal(error.text, "ORA-01400");
        assert_int_equal(octo_ora_failed(statement, 3, &error), 0);
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* Without going on, what was done before the failure is counted. */
static void test_first_failure_ends_it(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "INSERT INTO T VALUES (:1)");
    add_numbers(statement, 3);
    peer_say_end(&peer, 1, CURSOR, 2);
    peer_send(&peer);
    assert_false(octo_ora_execute_added(statement, 0, &error));
    assert_int_equal(error.number, 1);
    assert_int_equal(octo_ora_row_count(statement), 2);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* More executions than one call takes: failures are counted over all of them. */
static void test_split(void **state)
{
    enum { COUNT = 65535 + 3 };
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "INSERT INTO T VALUES (:1)");
    for (int i = 0; i < COUNT; i++) {
        octo_ora_bind_int(statement, 1, 1);
        add(statement);
    }
    say_failures(&peer, "01 02 02 01 01 02 05 78", "01 02 02 01 01 02 FF FE");
    say_failures(&peer, "01 02 02 01 01 02 05 78", "01 02 02 00 01 02");
    must_execute(statement, OCTO_ORA_GO_ON | OCTO_ORA_COUNT_EACH);
    assert_int_equal(octo_ora_row_count(statement), 2);
    assert_int_equal(octo_ora_failed_count(statement), 4);
    assert_int_equal(octo_ora_failed(statement, 2, &error), 65535);
    assert_int_equal(octo_ora_failed(statement, 3, &error), 65536);
    assert_int_equal(octo_ora_failed(statement, 4, &error), 65538);
    assert_int_equal(octo_ora_rows_of(statement, 1), 1);
    assert_int_equal(octo_ora_rows_of(statement, 3), 0);
    assert_int_equal(octo_ora_rows_of(statement, 65536), 1);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* An error behind markers takes the place of an answer that has begun. */
static void test_answer_is_replaced(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = :1");
    add_numbers(statement, 2);
    peer_say(&peer, "08 00 00 00 00 01 02 01 07 01 07");
    peer_send(&peer);
    peer_send_marker(&peer, ORA_MARKER_BREAK);
    peer_send_marker(&peer, ORA_MARKER_RESET);
    say_done(&peer, "08 00 00 00 00 01 02 01 01 01 02", 3);
    must_execute(statement, OCTO_ORA_COUNT_EACH);
    assert_int_equal(octo_ora_rows_of(statement, 1), 1);
    assert_int_equal(octo_ora_rows_of(statement, 2), 2);
    octo_ora_free(statement);
    peer_close(&peer);
}

static void expect_row(struct octo_ora_statement *statement, unsigned place, int64_t expected)
{
    struct octo_ora_error error;
    int64_t value;
    bool has_row;

    assert_true(octo_ora_fetch(statement, &has_row, &error));
    assert_true(has_row);
    assert_true(octo_ora_get_int(statement, place, &value, &error));
    assert_int_equal(value, expected);
}

static void expect_no_row(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;
    bool has_row;

    assert_true(octo_ora_fetch(statement, &has_row, &error));
    assert_false(has_row);
}

/* A block with IN OUT is executed one by one: each has its own sum. */
static void test_block_with_in_out(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN :io := :io + :x; END;");
    octo_ora_bind_int(statement, 2, 10);
    add_numbers(statement, 3);
    say_done(&peer, "0B 00 01 02 00 01 01 00 00 00 30 20 07 02 C1 0C 00 08 00 00 00 00", 1);
    say_done(&peer, "07 02 C1 0D 00", 1);
    say_done(&peer, "07 02 C1 0E 00", 1);
    must_execute(statement, 0);
    peer_expect_tail(&peer, "two calls more",
                     "03 04 02 01 4D 01 01 00 00 07 02 C1 03 02 C1 0B "
                     "03 04 03 01 4D 01 01 00 00 07 02 C1 04 02 C1 0B");
    expect_row(statement, 1, 11);
    expect_row(statement, 1, 12);
    expect_row(statement, 1, 13);
    expect_no_row(statement);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* One that gives nothing goes in two calls: the first tells which way its places go. */
static void test_block_that_gives_nothing(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN p(:x); END;");
    add_numbers(statement, 3);
    assert_false(octo_ora_execute_added(statement, OCTO_ORA_GO_ON, &error));
    say_done(&peer, "0B 00 01 01 00 01 01 00 00 00 20 08 00 00 00 00", 1);
    say_done(&peer, "", 2);
    must_execute(statement, 0);
    peer_expect_tail(&peer, "the rest at once",
                     "03 04 02 01 4D 01 02 00 00 07 02 C1 03 07 02 C1 04");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* What each execution returns comes in its own message. */
static void test_returning(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = :1 RETURNING B INTO :2");
    octo_ora_bind_type(statement, 2, OCTO_ORA_BIND_NUMBER, 0);
    add_numbers(statement, 3);
    say_done(&peer, "07 01 02 02 C1 06 00 02 C1 07 00 07 00 07 01 01 02 C1 08 00 08 00 00 00 00",
             3);
    must_execute(statement, 0);
    expect_row(statement, 2, 5);
    expect_row(statement, 2, 6);
    expect_row(statement, 2, 7);
    expect_no_row(statement);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* The row that was fetched is gone when the next array is executed, and so are those that were not.
 */
static void test_returning_again(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    struct octo_ora_text value;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = :1 RETURNING B INTO :2");
    octo_ora_bind_type(statement, 2, OCTO_ORA_BIND_NUMBER, 0);
    add_numbers(statement, 1);
    say_done(&peer, "07 01 02 02 C1 06 00 02 C1 07 00 08 00 00 00 00", 2);
    must_execute(statement, 0);
    expect_row(statement, 2, 5);
    add_numbers(statement, 1);
    say_done(&peer, "07 01 01 02 C1 08 00 08 00 00 00 00", 1);
    must_execute(statement, 0);
    assert_false(octo_ora_get_text(statement, 2, &value, &error));
    expect_row(statement, 2, 7);
    expect_no_row(statement);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Counts that come in two messages of an answer follow each other. */
static void test_counts_in_two_messages(void **state)
{
    enum { HALF = 300 };
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = :1");
    add_numbers(statement, 2 * HALF);
    for (int message = 0; message < 2; message++) {
        peer_say(&peer, "08 00 00 00 00 02 01 2C");
        for (int i = 0; i < HALF; i++) {
            peer_say(&peer, message == 0 ? "01 07" : "01 08");
        }
    }
    say_done(&peer, "", 2 * HALF);
    must_execute(statement, OCTO_ORA_COUNT_EACH);
    assert_int_equal(octo_ora_rows_of(statement, HALF), 7);
    assert_int_equal(octo_ora_rows_of(statement, HALF + 1), 8);
    assert_int_equal(octo_ora_rows_of(statement, 2 * HALF), 8);
    assert_int_equal(octo_ora_rows_of(statement, 2 * HALF + 1), 0);
    octo_ora_free(statement);
    peer_close(&peer);
}

static bool fetch_nothing(void *statement, struct octo_ora_error *error)
{
    bool has_row = true;

    return octo_ora_fetch(statement, &has_row, error) && !has_row;
}

/* Many executions that return nothing are passed over on a small stack. */
static void test_nothing_is_returned(void **state)
{
    enum { EXECUTIONS = 20000 };
    struct octo_ora_error error;
    struct octo_ora_task *task;
    struct octo_ora_wait wait;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "UPDATE T SET A = :1 RETURNING B INTO :2");
    octo_ora_bind_type(statement, 2, OCTO_ORA_BIND_NUMBER, 0);
    add_numbers(statement, EXECUTIONS);
    for (int i = 0; i < EXECUTIONS; i++) {
        peer_say(&peer, "07 00");
    }
    say_done(&peer, "08 00 00 00 00", 0);
    must_execute(statement, 0);
    assert_true(octo_ora_start(fetch_nothing, statement, &task, &error));
    assert_int_equal(octo_ora_finish(task, &wait, &error), OCTO_ORA_DONE);
    octo_ora_free(statement);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed_values),
        cmocka_unit_test(test_another_type),
        cmocka_unit_test(test_again_by_number),
        cmocka_unit_test(test_row_counts),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_first_failure_ends_it),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_answer_is_replaced),
        cmocka_unit_test(test_block_with_in_out),
        cmocka_unit_test(test_block_that_gives_nothing),
        cmocka_unit_test(test_returning),
        cmocka_unit_test(test_returning_again),
        cmocka_unit_test(test_counts_in_two_messages),
        cmocka_unit_test(test_nothing_is_returned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
