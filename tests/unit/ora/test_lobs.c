/*
 * LOBs in rows, in binds and by themselves. The answers are ones that npm's oracledb 26.0.0 and
 * python-oracledb 1.2.1 read as these tests do; requests are npm's.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"
#include "tests/unit/ora/peer.h"

#include "ora/statement_priv.h"

enum { SERVER_19 = 12, CURSOR = 0x4D, PIECE = 32768 };

#define ZEROS_28                                                                                   \
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
#define CLOB "00 26 00 01 00 08 80 00 00 00 00 01 " ZEROS_28
#define BLOB "00 26 00 01 01 08 00 00 00 00 00 02 " ZEROS_28
#define TEMPORARY "00 26 00 01 40 08 80 01 00 00 00 0A " ZEROS_28
#define UTF8_CLOB "00 26 00 01 00 08 00 00 00 00 00 03 " ZEROS_28

static const struct peer_column columns[] = {
    {"ID", ORA_TYPE_NUMBER, 0, 22},
    {"C", ORA_TYPE_CLOB, ORA_FORM_DATABASE, 4000},
    {"B", ORA_TYPE_BLOB, 0, 4000},
};

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
    peer_say_end(peer, number, CURSOR, 1);
    peer_send(peer);
}

static void say_described(struct peer *peer)
{
    peer_say_describe(peer, columns, sizeof(columns) / sizeof(columns[0]));
    say(peer, "08 00 00 00 00", 0);
}

static void expect_bytes(const struct octo_ora_statement *statement, unsigned place,
                         const char *expected, size_t length)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    assert_true(octo_ora_get_text(statement, place, &text, &error));
    assert_int_equal(text.length, length);
    assert_memory_equal(text.at, expected, length);
}

static void expect_piece(struct octo_ora_lob *lob, const char *expected, size_t length)
{
    struct octo_ora_error error;
    const void *at;
    size_t count;

    if (!octo_ora_lob_read(lob, &at, &count, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(count, length);
    assert_memory_equal(at, expected, length);
}

/* Content, as texts and as bytes; NULL; executed again it is not defined anew. */
static void test_whole(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, C, B FROM T");
    say_described(&peer);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    peer_expect_tail(&peer, "defines",
                     "03 5E 02 02 80 10 01 4D 00 00 01 01 0D 00 00 00 01 64 04 7F FF FF FF 00 "
                     "00 00 00 00 00 00 01 01 03 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 "
                     "00 00 00 00 01 64 00 00 00 00 00 01 01 00 00 00 00 00 "
                     "02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
                     "08 01 00 00 04 7F FF FF FF 00 00 00 00 02 03 69 01 00 00 "
                     "18 01 00 00 04 7F FF FF FF 00 00 00 00 00 00 00 00");
    say(&peer,
        "06 02 01 01 00 01 01 00 00 00 "
        "07 02 C1 02 FE 01 02 61 C3 01 01 BC 00 00 00 03 00 FF 10 00 00 "
        "07 02 C1 03 00 81 01 02 05 7D 00 81 01 02 05 7D",
        1403);
    assert_true(fetch(statement));
    assert_int_equal(octo_ora_column(statement, 2).type, OCTO_ORA_CHARACTERS);
    assert_int_equal(octo_ora_column(statement, 3).type, OCTO_ORA_RAW);
    expect_bytes(statement, 2, "a\xC3\xBC", 3);
    expect_bytes(statement, 3, "\x00\xFF\x10", 3);
    assert_true(fetch(statement));
    assert_true(octo_ora_is_null(statement, 2));
    assert_true(octo_ora_is_null(statement, 3));
    assert_false(fetch(statement));
    peer_hear(&peer);
    say(&peer, "08 00 00 00 00", 0);
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 04 01 78 00 00 00 00 00", 1403);
    must_execute(statement);
    assert_true(fetch(statement));
    expect_bytes(statement, 2, "x", 1);
    peer_hear(&peer);
    hex_expect("executed without fetching", peer.heard.data, 8, "03 5E 04 02 80 20 01 4D");
    hex_expect("then fetched", peer.heard.data + peer.heard.length - 7, 7, "03 05 05 01 4D 01 64");
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_streamed(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_text text;
    struct octo_ora_lob *clob;
    struct octo_ora_lob *blob;
    uint64_t size;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, C, B FROM T");
    octo_ora_stream_lobs(statement, true);
    say_described(&peer);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    peer_expect_tail(&peer, "defines",
                     "02 01 00 00 01 16 00 00 00 00 00 00 00 00 "
                     "70 01 00 00 02 0F A0 00 04 02 00 00 00 00 00 02 03 69 01 00 00 "
                     "71 01 00 00 02 0F A0 00 04 02 00 00 00 00 00 00 00 00 00");
    say(&peer,
        "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 "
        "01 28 01 03 02 1F 7C 28 " CLOB " 01 28 01 02 02 1F 7C 28 " BLOB " 07 02 C1 03 00 00",
        1403);
    assert_true(fetch(statement));
    assert_int_equal(octo_ora_column(statement, 2).type, OCTO_ORA_CLOB);
    assert_false(octo_ora_get_text(statement, 2, &text, &error));
    assert_non_null(strstr(error.text, "octo_ora_get_lob"));
    assert_false(octo_ora_get_lob(statement, 1, &clob, &error));
    assert_true(octo_ora_get_lob(statement, 2, &clob, &error));
    assert_true(octo_ora_get_lob(statement, 3, &blob, &error));
    peer_hear(&peer);
    say(&peer, "0E 06 00 61 D8 3D DE 00 08 " CLOB " 01 03", 0);
    expect_piece(clob, "a😀", 5);
    peer_expect_tail(&peer, "read",
                     "03 60 04 01 01 28 00 00 00 00 00 00 00 01 02 00 00 01 01 00 01 00 00 00 00 "
                     "00 00 00 26 00 01 00 08 80 00 00 00 00 01 " ZEROS_28 " 02 80 00");
    expect_piece(clob, "", 0); /* its size is known */
    assert_true(octo_ora_lob_size(clob, &size, &error));
    assert_int_equal(size, 3);
    say(&peer, "0E 02 00 FF 08 " BLOB " 01 02", 0);
    expect_piece(blob, "\x00\xFF", 2);
    peer_hear(&peer);
    octo_ora_lob_free(clob);
    octo_ora_lob_free(blob);
    assert_true(fetch(statement));
    assert_false(octo_ora_get_lob(statement, 2, &clob, &error));
    assert_non_null(strstr(error.text, "is NULL"));
    assert_false(fetch(statement));
    peer_hear(&peer);
    assert_int_equal(peer.heard.length, 0);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* As one likes, from one execution to the next: the server is told each time. */
static void test_both_ways_by_turns(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, C, B FROM T");
    for (int i = 0; i < 6; i++) {
        const bool streams = i % 2 == 1;

        octo_ora_stream_lobs(statement, streams);
        if (i == 0) {
            say_described(&peer);
        } else {
            say(&peer, "08 00 00 00 00", 0);
        }
        say(&peer, "08 00 00 00 00", 0);
        say(&peer,
            streams ? "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 00 00"
                    : "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 01 78 00 00 00 00 00",
            1403);
        must_execute(statement);
        peer_hear(&peer);
        hex_expect("last type", peer.heard.data + peer.heard.length - (streams ? 19 : 17), 1,
                   streams ? "71" : "18");
        assert_true(fetch(statement));
        assert_int_equal(octo_ora_is_null(statement, 2), streams);
        peer_hear(&peer);
    }
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A character of two units is never cut in two, wherever a piece ends. */
static void test_halves_of_characters(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_lob *lob;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN GET(:c); END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_CLOB, 0);
    say(&peer,
        "0B 00 01 01 00 01 01 00 00 00 10 07 01 28 01 04 02 1F 7C 28 " CLOB " 00 "
        "08 00 00 00 00",
        0);
    must_execute(statement);
    peer_expect_tail(&peer, "as a bind",
                     "70 01 00 00 01 70 00 04 02 00 00 00 00 00 02 03 69 01 00 00 07 00");
    assert_true(fetch(statement));
    assert_true(octo_ora_get_lob(statement, 1, &lob, &error));
    say(&peer, "0E 06 00 61 00 62 D8 3D 08 " CLOB " 01 03", 0);
    expect_piece(lob, "ab", 2);
    peer_hear(&peer);
    say(&peer, "0E 04 D8 3D DE 00 08 " CLOB " 01 02", 0);
    expect_piece(lob, "😀", 4);
    peer_hear(&peer);
    hex_expect("offset", peer.heard.data + 17, 2, "01 03");
    octo_ora_lob_free(lob);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Where the database's character set is of fixed width, LOBs are in UTF-8. */
static void test_utf8_lob(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_lob *lob;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN GET(:c); END;");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_CLOB, 0);
    say(&peer,
        "0B 00 01 01 00 01 01 00 00 00 10 07 01 28 01 0A 02 1F 7C 28 " UTF8_CLOB " 00 "
        "08 00 00 00 00",
        0);
    must_execute(statement);
    assert_true(fetch(statement));
    assert_true(octo_ora_get_lob(statement, 1, &lob, &error));
    say(&peer, "0E 03 61 C3 BC 08 " UTF8_CLOB " 01 02", 0);
    expect_piece(lob, "aü", 3);
    say(&peer, "0E 01 FF 08 " UTF8_CLOB " 01 01", 0);
    peer_hear(&peer);
    assert_false(octo_ora_lob_read(lob, &(const void *){NULL}, &(size_t){0}, &error));
    assert_non_null(strstr(error.text, "no well-formed UTF-8"));
    peer_hear(&peer);
    hex_expect("offset", peer.heard.data + 17, 2, "01 03");
    octo_ora_lob_free(lob);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Created, written, bound, and freed with the next request. */
static void test_temporary(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_lob *lob;
    uint64_t size;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    say(&peer, "08 " TEMPORARY " 02 03 69 00", 0);
    assert_true(octo_ora_lob_create(peer.session, OCTO_ORA_BIND_CLOB, &lob, &error));
    peer_expect_tail(&peer, "create",
                     "03 60 01 01 01 28 00 01 0A 00 00 01 00 01 02 01 10 00 00 01 01 01 70 00 "
                     "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                     "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 03 "
                     "69");
    say(&peer, "08 " TEMPORARY, 0);
    assert_true(octo_ora_lob_write(lob, "a😀", 5, &error));
    peer_expect_tail(
        &peer, "write",
        "01 40 00 00 01 01 00 00 00 00 00 00 00 00 00 26 00 01 40 08 80 01 00 00 00 0A " ZEROS_28
        " 0E 06 00 61 D8 3D DE 00");
    say(&peer, "08 " TEMPORARY, 0);
    assert_true(octo_ora_lob_write(lob, "b", 1, &error));
    peer_expect_tail(
        &peer, "write on",
        "01 40 00 00 01 04 00 00 00 00 00 00 00 00 00 26 00 01 40 08 80 01 00 00 00 0A " ZEROS_28
        " 0E 02 00 62");
    assert_true(octo_ora_lob_size(lob, &size, &error));
    assert_int_equal(size, 4);
    say(&peer, "08 " TEMPORARY " 01 02", 0);
    assert_true(octo_ora_lob_trim(lob, 2, &error));
    assert_false(octo_ora_lob_write(lob, "\xFF", 1, &error));
    assert_non_null(strstr(error.text, "no well-formed UTF-8"));
    statement = prepare(&peer, "INSERT INTO T VALUES (:1)");
    octo_ora_bind_lob(statement, 1, lob);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    peer_expect_tail(
        &peer, "bound",
        "70 01 00 00 01 70 00 04 02 00 00 00 00 00 02 03 69 01 00 00 07 01 28 28 " TEMPORARY);
    octo_ora_lob_free(lob);
    peer_say(&peer, "09 00 00");
    peer_send(&peer);
    assert_true(octo_ora_ping(peer.session, &error));
    peer_expect_tail(&peer, "freed",
                     "11 60 06 01 01 28 00 00 00 00 00 00 00 04 00 08 01 11 00 00 00 00 00 00 00 "
                     "00 00 00 00 " TEMPORARY " 03 93 07");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Who takes it first owns it, however often both are used. */
static void test_taken_twice(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_lob *lobs[2];
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, C, B FROM T");
    octo_ora_stream_lobs(statement, true);
    say_described(&peer);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 01 28 01 03 02 1F 7C 28 " TEMPORARY " 00",
        1403);
    assert_true(fetch(statement));
    for (int i = 0; i < 2; i++) {
        assert_true(octo_ora_get_lob(statement, 2, &lobs[i], &error));
        say(&peer, "0E 06 00 61 00 62 00 63 08 " TEMPORARY " 01 03", 0);
        expect_piece(lobs[i], "abc", 3);
    }
    octo_ora_lob_free(lobs[0]);
    octo_ora_lob_free(lobs[1]);
    peer_hear(&peer);
    peer_say(&peer, "09 00 00");
    peer_send(&peer);
    assert_true(octo_ora_ping(peer.session, &error));
    peer_expect_tail(&peer, "freed once",
                     "11 60 06 01 01 28 00 00 00 00 00 00 00 04 00 08 01 11 00 00 00 00 00 00 00 "
                     "00 00 00 00 " TEMPORARY " 03 93 07");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A temporary one in a row that nobody has taken is freed all the same. */
static void test_nobody_took_it(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, C, B FROM T");
    octo_ora_stream_lobs(statement, true);
    say_described(&peer);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    say(&peer,
        "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 01 28 01 03 02 1F 7C 28 " TEMPORARY
        " 00 07 02 C1 03 00 00",
        1403);
    assert_true(fetch(statement));
    assert_true(fetch(statement));
    peer_hear(&peer);
    peer_say(&peer, "09 00 00");
    peer_send(&peer);
    assert_true(octo_ora_ping(peer.session, &error));
    peer_expect_tail(&peer, "freed", TEMPORARY " 03 93 05");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A long text is a VARCHAR in SQL, whose place comes behind all others. */
static void test_long_in_sql(void **state)
{
    static char text[40000];
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    memset(text, 'a', sizeof(text));
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "INSERT INTO T VALUES (:1, :2)");
    octo_ora_bind_text(statement, 1, text, sizeof(text));
    octo_ora_bind_int(statement, 2, 1);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("types, then the number first", peer.heard.data + peer.heard.length - 40045, 43,
               "01 01 00 00 04 00 01 00 00 00 00 00 00 02 03 69 01 00 00 "
               "02 01 00 00 01 16 00 00 00 00 00 00 00 00 07 02 C1 02 FE 02 7F FF 61 61");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* In a block it becomes a temporary LOB, which is freed behind the call. */
static void test_long_in_a_block(void **state)
{
    static char text[PIECE + 100];
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    memset(text, 'a', sizeof(text));
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "BEGIN P(:1); END;");
    octo_ora_bind_text(statement, 1, text, sizeof(text));
    say(&peer, "08 " TEMPORARY " 02 03 69 01 01",
        0); /* some servers put a length before the flag */
    say(&peer, "08 " TEMPORARY, 0);
    say(&peer, "08 " TEMPORARY, 0);
    say(&peer, "0B 00 01 01 00 01 01 00 00 00 20 08 00 00 00 00", 0);
    must_execute(statement);
    peer_expect_tail(
        &peer, "bound",
        "70 01 00 00 01 70 00 04 02 00 00 00 00 00 02 03 69 01 00 00 07 01 28 28 " TEMPORARY);
    octo_ora_bind_text(statement, 1, "x", 1);
    say(&peer, "0B 00 01 01 00 01 01 00 00 00 20", 0);
    must_execute(statement);
    peer_hear(&peer);
    hex_expect("freed", peer.heard.data, 3, "11 60 05");
    hex_expect("a VARCHAR again", peer.heard.data + peer.heard.length - 3, 3, "07 01 78");
    assert_true(octo_ora_is_alive(peer.session));
    octo_ora_free(statement);
    statement = prepare(&peer, "BEGIN P(:1); END;");
    octo_ora_bind_ntext(statement, 1, text, sizeof(text));
    assert_false(octo_ora_execute(statement, &error));
    assert_non_null(strstr(error.text, "takes it as a LOB"));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* A column that was a VARCHAR2 when the statement was executed first, and is a CLOB now. */
static void test_column_has_become_a_lob(void **state)
{
    static const struct peer_column before = {"A", ORA_TYPE_VARCHAR, 1, 10};
    static const struct peer_column now = {"A", ORA_TYPE_CLOB, 1, 4000};
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT A FROM T");
    peer_say_describe(&peer, &before, 1);
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 01 78", 1403);
    must_execute(statement);
    assert_true(fetch(statement));
    peer_say_describe(&peer, &now, 1);
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 01 79 00 00", 1403);
    must_execute(statement);
    assert_true(fetch(statement));
    expect_bytes(statement, 1, "y", 1);
    octo_ora_free(statement);
    peer_close(&peer);
}

static const uint8_t letters[3000] = {'a'};

/* Asks for more than an answer holds; once all is said, the break is answered. */
static struct octo_ora_statement *prepare_too_large(struct peer *peer)
{
    static const struct peer_column column = {"A", ORA_TYPE_VARCHAR, 1, 4000};
    struct octo_ora_statement *statement;

    peer_open(peer, SERVER_19);
    peer->session->answer.max = 8500;
    statement = prepare(peer, "SELECT A FROM T");
    peer_say_describe(peer, &column, 1);
    peer_say(peer, "06 02 01 01 00 01 01 00 00 00");
    for (int i = 0; i < 6; i++) {
        peer_say(peer, "07 FE 02 0B B8");
        peer_say_bytes(peer, letters, sizeof(letters));
        peer_say(peer, "00");
    }
    say(peer, "", 1403);
    peer_send_marker(peer, ORA_MARKER_BREAK);
    peer_send_marker(peer, ORA_MARKER_RESET);
    say(peer, "", 1013);
    return statement;
}

/* The server is asked to stop, and the session goes on. */
static void test_too_large(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    statement = prepare_too_large(&peer);
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.kind, OCTO_ORA_USAGE);
    assert_non_null(strstr(error.text, "the answer has more than 256 MiB"));
    assert_true(octo_ora_is_alive(peer.session));
    peer_hear(&peer);
    peer_say(&peer, "09 00 00");
    peer_send(&peer);
    assert_true(octo_ora_ping(peer.session, &error));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* One that goes on all the same is not listened to for ever, though there is always more to read.
 */
static void test_does_not_stop(void **state)
{
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    statement = prepare_too_large(&peer);
    peer.session->call_ms = 0; /* it is over at once */
    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.kind, OCTO_ORA_LOST);
    assert_non_null(strstr(error.text, "no answer in time"));
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_malformed(void **state)
{
    struct octo_ora_error error;
    struct octo_ora_lob *lob;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT ID, C, B FROM T");
    octo_ora_stream_lobs(statement, true);
    say_described(&peer);
    say(&peer, "08 00 00 00 00", 0);
    must_execute(statement);
    say(&peer, "06 02 01 01 00 01 01 00 00 00 07 02 C1 02 01 03 00 00 03 00 01 02 00", 1403);
    assert_true(fetch(statement));
    assert_false(octo_ora_get_lob(statement, 2, &lob, &error));
    assert_non_null(strstr(error.text, "whose locator has 3 bytes"));
    octo_ora_free(statement);
    assert_false(octo_ora_lob_create(peer.session, OCTO_ORA_BIND_RAW, &lob, &error));
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_streamed),
        cmocka_unit_test(test_both_ways_by_turns),
        cmocka_unit_test(test_halves_of_characters),
        cmocka_unit_test(test_utf8_lob),
        cmocka_unit_test(test_temporary),
        cmocka_unit_test(test_taken_twice),
        cmocka_unit_test(test_nobody_took_it),
        cmocka_unit_test(test_long_in_sql),
        cmocka_unit_test(test_long_in_a_block),
        cmocka_unit_test(test_column_has_become_a_lob),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_does_not_stop),
        cmocka_unit_test(test_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
