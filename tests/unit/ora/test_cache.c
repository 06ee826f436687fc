/* Statements that are kept for later, those whose table has changed since, and rows at once. */
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"
#include "tests/unit/ora/peer.h"

enum { SERVER_19 = 12 };

#define END_OF_PARSE "08 00 00 00 00 "
#define ONE_ROW "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 "

static const struct peer_column column = {"A", ORA_TYPE_NUMBER, 0, 22};

static void open_with_cache(struct peer *peer, int wanted)
{
    peer_open(peer, SERVER_19);
    assert_true(ora_cache_init(&peer->session->cache, wanted));
}

static struct octo_ora_statement *prepare(struct peer *peer, const char *sql)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    assert_true(octo_ora_prepare(peer->session, sql, &statement, &error));
    return statement;
}

static void say(struct peer *peer, const char *messages, uint32_t number, uint32_t cursor)
{
    peer_say(peer, messages);
    peer_say_end(peer, number, cursor, 1);
    peer_send(peer);
}

static void say_query(struct peer *peer, uint32_t number, uint32_t cursor)
{
    peer_say_describe(peer, &column, 1);
    say(peer, ONE_ROW, number, cursor);
}

static void must_execute(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;

    if (!octo_ora_execute(statement, &error)) {
        fail_msg("%s", error.text);
    }
}

static void query(struct peer *peer, const char *sql, uint32_t number, uint32_t cursor)
{
    struct octo_ora_statement *statement = prepare(peer, sql);

    say_query(peer, number, cursor);
    must_execute(statement);
    octo_ora_free(statement);
}

static void expect_int(const struct octo_ora_statement *statement, int64_t expected)
{
    struct octo_ora_error error;
    int64_t value;

    assert_true(octo_ora_get_int(statement, 1, &value, &error));
    assert_int_equal(value, expected);
}

static void test_kept(void **state)
{
    struct octo_ora_error error;
    bool has_row;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_with_cache(&peer, 0);
    statement = prepare(&peer, "SELECT A FROM T WHERE B = :1");
    octo_ora_bind_int(statement, 1, 7);
    say_query(&peer, 1403, 5);
    must_execute(statement);
    octo_ora_free(statement);
    peer_hear(&peer);
    statement = prepare(&peer, "SELECT A FROM T WHERE B = :1");
    assert_false(octo_ora_execute(statement, &error)); /* values do not stay */
    assert_non_null(strstr(error.text, "bind 1 has no value"));
    octo_ora_bind_int(statement, 1, 8);
    say(&peer, ONE_ROW, 1403, 5);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("by its number", peer.heard.data, peer.heard.length,
               "03 4E 02 01 05 01 64 01 20 00 07 02 C1 09");
    assert_true(octo_ora_fetch(statement, &has_row, &error));
    assert_true(has_row);
    expect_int(statement, 1);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Two of the same text at a time are two statements. */
static void test_in_use(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_with_cache(&peer, 0);
    query(&peer, "SELECT A FROM T", 1403, 5);
    statement = prepare(&peer, "SELECT A FROM T");
    peer_hear(&peer);
    query(&peer, "SELECT A FROM T", 1403, 6);
    peer_hear(&peer);
    hex_expect("parsed", peer.heard.data, 5, "03 5E 02 02 80");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* The oldest gives way, and its cursor is closed with the next request. */
static void test_bound(void **state)
{
    struct peer peer;

    (void)state;
    open_with_cache(&peer, 2);
    query(&peer, "SELECT A FROM T", 1403, 5);
    query(&peer, "SELECT A FROM U", 1403, 6);
    query(&peer, "SELECT A FROM V", 1403, 7);
    peer_hear(&peer);
    query(&peer, "SELECT A FROM W", 1403, 8);
    peer_hear(&peer);
    hex_expect("closed", peer.heard.data, 8, "11 69 04 01 01 01 01 05");
    peer_close(&peer);
}

static void test_none_is_kept(void **state)
{
    struct peer peer;

    (void)state;
    open_with_cache(&peer, -1);
    query(&peer, "SELECT A FROM T", 1403, 5);
    peer_hear(&peer);
    query(&peer, "SELECT A FROM T", 1403, 6);
    peer_hear(&peer);
    hex_expect("closed, parsed", peer.heard.data, 11, "11 69 02 01 01 01 01 05 03 5E 03");
    peer_close(&peer);
}

/* What has rows left on the server is closed. */
static void test_half_read(void **state)
{
    struct peer peer;

    (void)state;
    open_with_cache(&peer, 0);
    query(&peer, "SELECT A FROM T", 0, 5);
    peer_hear(&peer);
    query(&peer, "SELECT A FROM T", 1403, 6);
    peer_hear(&peer);
    hex_expect("closed, parsed", peer.heard.data, 11, "11 69 02 01 01 01 01 05 03 5E 03");
    peer_close(&peer);
}

/* The table was altered in between: once more, anew, and the new columns are there. */
static void test_altered(void **state)
{
    static const struct peer_column columns[] = {{"A", ORA_TYPE_NUMBER, 0, 22},
                                                 {"B", ORA_TYPE_NUMBER, 0, 22}};
    static const uint32_t numbers[] = {1007, 932, 1001};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct peer peer;
        struct octo_ora_statement *statement;

        open_with_cache(&peer, 0);
        query(&peer, "SELECT * FROM T", 1403, 5);
        statement = prepare(&peer, "SELECT * FROM T");
        peer_hear(&peer);
        say(&peer, "", numbers[i], 5);
        peer_say_describe(&peer, columns, 2);
        say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 02 C1 03", 1403, 6);
        must_execute(statement);
        assert_int_equal(octo_ora_column_count(statement), 2);
        peer_hear(&peer);
        hex_expect("by number, closed, parsed", peer.heard.data, 21,
                   "03 4E 02 01 05 01 64 01 20 00 11 69 03 01 01 01 01 05 03 5E 04");
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* An error comes through the second time, and one of another kind the first time. */
static void test_tried_once_more_only(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_with_cache(&peer, 0);
    query(&peer, "SELECT * FROM T", 1403, 5);
    statement = prepare(&peer, "SELECT * FROM T");
    say(&peer, "", 1007, 0);
    say(&peer, "", 1007, 0);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.number, 1007);
    octo_ora_free(statement);
    statement = prepare(&peer, "SELECT * FROM T");
    peer_hear(&peer);
    say(&peer, "", 942, 0);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.number, 942);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Breaking a rule of the table says nothing against the cursor, other errors do. */
static void test_errors_and_the_cursor(void **state)
{
    static const struct {
        uint32_t number;
        bool keeps;
    } cases[] = {{1, true}, {2290, true}, {2291, true}, {942, false}, {1017, false}};
    static const char text[] = "DELETE FROM T";

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct octo_ora_error error;
        struct peer peer;
        struct octo_ora_statement *statement;

        open_with_cache(&peer, 0);
        statement = prepare(&peer, text);
        say(&peer, END_OF_PARSE, 0, 5);
        must_execute(statement);
        say(&peer, "", cases[i].number, 5);
        assert_false(octo_ora_execute(statement, &error));
        assert_int_equal(error.number, (int)cases[i].number);
        peer_hear(&peer);
        say(&peer, END_OF_PARSE, 0, cases[i].keeps ? 5 : 6);
        must_execute(statement);
        peer_hear(&peer);
        assert_int_equal(memmem(peer.heard.data, peer.heard.length, text, strlen(text)) == NULL,
                         cases[i].keeps);
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* A change whose cursor is lost was not made: it is tried again. What tells of other types was. */
static void test_changes(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_with_cache(&peer, 0);
    statement = prepare(&peer, "DELETE FROM T");
    say(&peer, END_OF_PARSE, 0, 5);
    must_execute(statement);
    say(&peer, "", 1001, 0);
    say(&peer, END_OF_PARSE, 0, 6);
    must_execute(statement);
    say(&peer, "", 932, 0);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.number, 932);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Where the server has no more room for cursors, those that wait are closed. */
static void test_too_many_cursors(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_with_cache(&peer, 0);
    query(&peer, "SELECT A FROM T", 1403, 5);
    query(&peer, "SELECT A FROM U", 1403, 6);
    statement = prepare(&peer, "SELECT A FROM V");
    say(&peer, "", 1000, 0);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.number, 1000);
    peer_hear(&peer);
    say_query(&peer, 1403, 7);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("closed", peer.heard.data, 10, "11 69 04 01 01 02 01 06 01 05");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* The pool on the server has given another session: numbers mean nothing there. */
static void test_session_has_changed(void **state)
{
    struct octo_ora_error error;
    struct peer peer;

    (void)state;
    open_with_cache(&peer, 0);
    query(&peer, "SELECT A FROM T", 1403, 5);
    peer_say(&peer, "09 02 80 00 00");
    peer_send(&peer);
    assert_true(octo_ora_ping(peer.session, &error));
    peer_hear(&peer);
    query(&peer, "SELECT A FROM T", 1403, 6);
    peer_hear(&peer);
    hex_expect("parsed, and nothing closed", peer.heard.data, 3, "03 5E 03");
    peer_close(&peer);
}

static void test_rows_at_once(void **state)
{
    struct octo_ora_error error;
    bool has_row;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    open_with_cache(&peer, 0);
    statement = prepare(&peer, "SELECT A FROM T");
    octo_ora_set_rows_at_once(statement, 1000);
    say_query(&peer, 0, 5);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("first", peer.heard.data + 16, 3, "02 03 E8");
    say(&peer, ONE_ROW, 1403, 5);
    assert_true(octo_ora_fetch(statement, &has_row, &error));
    assert_true(octo_ora_fetch(statement, &has_row, &error));
    assert_true(has_row);
    peer_expect_tail(&peer, "then", "03 05 02 01 05 02 03 E8");
    octo_ora_free(statement);
    statement = prepare(&peer, "SELECT A FROM T");
    say(&peer, ONE_ROW, 1403, 5);
    must_execute(statement);
    peer_expect_tail(&peer, "as ever", "03 4E 03 01 05 01 64 01 20 00");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* What was never sent leaves the cursors of others alone. */
static void test_too_large_to_be_sent(void **state)
{
    static const char bytes[4000];
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;
    size_t max;

    (void)state;
    open_with_cache(&peer, 0);
    query(&peer, "SELECT A FROM T", 1403, 5);
    statement = prepare(&peer, "INSERT INTO T VALUES (:1)");
    octo_ora_bind_raw(statement, 1, bytes, sizeof(bytes));
    max = peer.session->request.max;
    peer.session->request.max = sizeof(bytes);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.kind, OCTO_ORA_MEMORY);
    peer.session->request.max = max;
    octo_ora_free(statement);
    peer_hear(&peer);
    statement = prepare(&peer, "SELECT A FROM T");
    say(&peer, ONE_ROW, 1403, 5);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("nothing closed", peer.heard.data, 2, "03 4E");
    octo_ora_free(statement);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_in_use),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_none_is_kept),
        cmocka_unit_test(test_half_read),
        cmocka_unit_test(test_altered),
        cmocka_unit_test(test_tried_once_more_only),
        cmocka_unit_test(test_errors_and_the_cursor),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_too_many_cursors),
        cmocka_unit_test(test_session_has_changed),
        cmocka_unit_test(test_rows_at_once),
        cmocka_unit_test(test_too_large_to_be_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
