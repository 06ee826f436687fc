/*
 * Values of every type as binds and as columns: what is sent is what npm's oracledb 26.0.0 sends
 * for the same value, and comes back as it was.
 */
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"
#include "tests/unit/ora/peer.h"

#include "ora/statement_priv.h"

enum { SERVER_19 = 12, SERVER_23 = 24 };

static const struct octo_ora_time moment = {2024, 2, 29, 13, 14, 15, 123000000, 0, false};
static const struct octo_ora_time zoned = {2024, 2, 29, 13, 14, 15, 123000000, 0, true};

static struct octo_ora_statement *prepare(struct peer *peer, const char *sql)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    assert_true(octo_ora_prepare(peer->session, sql, &statement, &error));
    return statement;
}

/* One row of one column, whose value is these bytes. */
static void say_value(struct peer *peer, const struct peer_column *column, const char *value)
{
    peer_say_describe(peer, column, 1);
    peer_say(peer, "06 02 01 01 00 01 01 00 00 00 07");
    peer_say(peer, value);
    peer_say_end(peer, 1403, 1, 1);
    peer_send(peer);
}

static void must_fetch(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;
    bool has_row;

    assert_true(octo_ora_execute(statement, &error));
    assert_true(octo_ora_fetch(statement, &has_row, &error));
    assert_true(has_row);
}

static void expect_text(const struct octo_ora_statement *statement, const char *expected)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    assert_true(octo_ora_get_text(statement, 1, &text, &error));
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.at, expected, text.length);
}

static void bind_ntext(struct octo_ora_statement *statement)
{
    octo_ora_bind_ntext(statement, 1, "Grüße 😀", strlen("Grüße 😀"));
}

static void bind_raw(struct octo_ora_statement *statement)
{
    octo_ora_bind_raw(statement, 1, "A\xFF\x10", 3);
}

static void bind_date(struct octo_ora_statement *statement)
{
    struct octo_ora_time date = moment;

    date.nanosecond = 0;
    octo_ora_bind_date(statement, 1, &date);
}

static void bind_timestamp(struct octo_ora_statement *statement)
{
    octo_ora_bind_timestamp(statement, 1, &moment);
}

static void bind_zoned(struct octo_ora_statement *statement)
{
    octo_ora_bind_timestamp(statement, 1, &zoned);
}

static void bind_double(struct octo_ora_statement *statement)
{
    octo_ora_bind_double(statement, 1, -2.25);
}

static void bind_float(struct octo_ora_statement *statement)
{
    octo_ora_bind_float(statement, 1, 0.5f);
}

static void bind_months(struct octo_ora_statement *statement)
{
    octo_ora_bind_months(statement, 1, &(struct octo_ora_months){-3, -4});
}

static void bind_seconds(struct octo_ora_statement *statement)
{
    octo_ora_bind_seconds(statement, 1, &(struct octo_ora_seconds){3, 4, 5, 6, 700000000});
}

/* The size of a text's place is ours, and the rest as it was recorded. */
static void test_binds_come_back(void **state)
{
    static const struct {
        void (*bind)(struct octo_ora_statement *statement);
        struct peer_column column;
        enum octo_ora_type type;
        const char *metadata;
        const char *value;
        const char *text;
    } cases[] = {
        {bind_ntext,
         {"A", ORA_TYPE_VARCHAR, ORA_FORM_NATIONAL, 32},
         OCTO_ORA_CHARACTERS,
         "01 01 00 00 01 20 00 00 00 00 02 03 69 02 00 00",
         "10 00 47 00 72 00 FC 00 DF 00 65 00 20 D8 3D DE 00",
         "Grüße 😀"},
        {bind_raw,
         {"A", ORA_TYPE_RAW, 0, 32},
         OCTO_ORA_RAW,
         "17 01 00 00 01 20 00 00 00 00 00 00 00 00",
         "03 41 FF 10",
         "A\xFF\x10"},
        {bind_date,
         {"A", ORA_TYPE_DATE, 0, 7},
         OCTO_ORA_TIME,
         "0C 01 00 00 01 07 00 00 00 00 00 00 00 00",
         "07 78 7C 02 1D 0E 0F 10",
         "2024-02-29 13:14:15"},
        {bind_timestamp,
         {"A", ORA_TYPE_TIMESTAMP, 0, 11},
         OCTO_ORA_TIME,
         "B4 01 00 00 01 0B 00 00 00 00 00 00 00 00",
         "0B 78 7C 02 1D 0E 0F 10 07 54 D4 C0",
         "2024-02-29 13:14:15.123"},
        {bind_zoned,
         {"A", ORA_TYPE_TIMESTAMP_TZ, 0, 13},
         OCTO_ORA_TIME,
         "B5 01 00 00 01 0D 00 00 00 00 00 00 00 00",
         "0D 78 7C 02 1D 0E 0F 10 07 54 D4 C0 14 3C",
         "2024-02-29 13:14:15.123 +00:00"},
        {bind_double,
         {"A", ORA_TYPE_BINARY_DOUBLE, 0, 8},
         OCTO_ORA_FLOATING,
         "65 01 00 00 01 08 00 00 00 00 00 00 00 00",
         "08 3F FD FF FF FF FF FF FF",
         "-2.25"},
        {bind_float,
         {"A", ORA_TYPE_BINARY_FLOAT, 0, 4},
         OCTO_ORA_FLOATING,
         "64 01 00 00 01 04 00 00 00 00 00 00 00 00",
         "04 BF 00 00 00",
         "0.5"},
        {bind_months,
         {"A", ORA_TYPE_INTERVAL_YM, 0, 5},
         OCTO_ORA_MONTHS,
         "B6 01 00 00 01 05 00 00 00 00 00 00 00 00",
         "05 7F FF FF FD 38",
         "-3-04"},
        {bind_seconds,
         {"A", ORA_TYPE_INTERVAL_DS, 0, 11},
         OCTO_ORA_SECONDS,
         "B7 01 00 00 01 0B 00 00 00 00 00 00 00 00",
         "0B 80 00 00 03 40 41 42 A9 B9 27 00",
         "3 04:05:06.7"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char tail[512];
        struct peer peer;
        struct octo_ora_statement *statement;

        peer_open(&peer, SERVER_19);
        statement = prepare(&peer, "SELECT :1 AS A FROM DUAL");
        cases[i].bind(statement);
        say_value(&peer, &cases[i].column, cases[i].value);
        must_fetch(statement);
        (void)snprintf(tail, sizeof(tail), "%s 07 %s", cases[i].metadata, cases[i].value);
        peer_expect_tail(&peer, cases[i].metadata, tail);
        assert_int_equal(octo_ora_column(statement, 1).type, cases[i].type);
        assert_false(octo_ora_is_null(statement, 1));
        expect_text(statement, cases[i].text);
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* NULL of each type: the type is told, and the value has no bytes, but that of a BOOLEAN. */
static void test_null_of_each_type(void **state)
{
    static const uint8_t types[OCTO_ORA_BIND_CLOB] = {
        ORA_TYPE_VARCHAR,     ORA_TYPE_VARCHAR,     ORA_TYPE_RAW,          ORA_TYPE_NUMBER,
        ORA_TYPE_DATE,        ORA_TYPE_TIMESTAMP,   ORA_TYPE_TIMESTAMP_TZ, ORA_TYPE_TIMESTAMP_LTZ,
        ORA_TYPE_INTERVAL_YM, ORA_TYPE_INTERVAL_DS, ORA_TYPE_BINARY_FLOAT, ORA_TYPE_BINARY_DOUBLE,
        ORA_TYPE_BOOLEAN,
    };

    (void)state;
    for (int type = 0; type < OCTO_ORA_BIND_CLOB; type++) {
        const bool is_bool = type == OCTO_ORA_BIND_BOOLEAN;
        const struct peer_column column = {"A", types[type], 0, 32};
        struct peer peer;
        struct octo_ora_statement *statement;

        peer_open(&peer, SERVER_23);
        peer.session->zone.is_known = true;
        statement = prepare(&peer, "SELECT :1 AS A FROM DUAL");
        octo_ora_bind_type(statement, 1, (enum octo_ora_bind_type)type, 0);
        say_value(&peer, &column, "00");
        must_fetch(statement);
        peer_expect_tail(&peer, "NULL", is_bool ? "07 FD 01" : "07 00");
        assert_true(octo_ora_is_null(statement, 1));
        expect_text(statement, "");
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* What a place was declared with is kept when shorter values come, and NULL has its type. */
static void test_declared_room_stays(void **state)
{
    const struct peer_column column = {"A", ORA_TYPE_VARCHAR, ORA_FORM_DATABASE, 32};
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT :1 AS A FROM DUAL");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_VARCHAR2, 600);
    octo_ora_bind_text(statement, 1, "x", 1);
    say_value(&peer, &column, "01 78");
    must_fetch(statement);
    peer_expect_tail(&peer, "room", "01 01 00 00 02 07 D0 00 00 00 00 02 03 69 01 00 00 07 01 78");
    octo_ora_free(statement);
    peer_close(&peer);
}

static void test_bool(void **state)
{
    static const struct peer_column column = {"A", ORA_TYPE_BOOLEAN, 0, 4};
    struct octo_ora_error error;
    struct peer peer;
    struct octo_ora_statement *statement;
    bool value;

    (void)state;
    peer_open(&peer, SERVER_23);
    statement = prepare(&peer, "SELECT :1 AS A FROM DUAL");
    octo_ora_bind_bool(statement, 1, true);
    say_value(&peer, &column, "02 01 01");
    must_fetch(statement);
    peer_expect_tail(&peer, "TRUE", "FC 01 00 00 01 04 00 00 00 00 00 00 00 00 07 02 01 01");
    assert_true(octo_ora_get_bool(statement, 1, &value, &error));
    assert_true(value);
    expect_text(statement, "TRUE");
    octo_ora_bind_bool(statement, 1, false);
    say_value(&peer, &column, "01 00");
    must_fetch(statement);
    peer_expect_tail(&peer, "FALSE", "07 01 00");
    assert_true(octo_ora_get_bool(statement, 1, &value, &error));
    assert_false(value);
    expect_text(statement, "FALSE");
    octo_ora_free(statement);
    peer_close(&peer);
}

static void expect_taken(struct octo_ora_statement *statement, size_t length)
{
    void *bytes = calloc(1, length);

    assert_non_null(bytes);
    octo_ora_bind_raw(statement, 1, bytes, length);
    assert_null(statement->binds[0].fault);
    free(bytes);
}

static void expect_refused(struct octo_ora_statement *statement, const char *words)
{
    struct octo_ora_error error;

    assert_false(octo_ora_execute(statement, &error));
    assert_int_equal(error.kind, OCTO_ORA_USAGE);
    assert_non_null(strstr(error.text, words));
}

/* What a type has no room for is told before anything is sent. */
static void test_refused(void **state)
{
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT :1 AS A FROM DUAL");
    octo_ora_bind_bool(statement, 1, true);
    expect_refused(statement, "bind 1 is a BOOLEAN, which SQL knows from 23ai on");
    octo_ora_bind_ntext(statement, 1, "\xFF", 1);
    expect_refused(statement, "bind 1 is no well-formed UTF-8");
    expect_taken(statement, ORA_BIND_MAX);
    octo_ora_bind_raw(statement, 1, "", ORA_BIND_MAX + 1); /* its length is looked at first */
    expect_refused(statement, "bind 1 is longer than 32 MiB");
    octo_ora_bind_local(statement, 1, &moment);
    expect_refused(statement, "bind 1 has no offset from UTC");
    octo_ora_bind_months(statement, 1, &(struct octo_ora_months){1, -1});
    expect_refused(statement, "bind 1 has members of both signs");
    octo_ora_bind_type(statement, 1, OCTO_ORA_BIND_RAW, 40000);
    expect_refused(statement, "bind 1 is declared with more room than 32,767 bytes");
    peer_hear(&peer);
    assert_int_equal(peer.heard.length, 0);
    octo_ora_free(statement);
    peer_close(&peer);
}

/* The database's zone is asked for once, and what is local there is bound and given in it. */
static void test_local(void **state)
{
    static const struct peer_column zone = {"DBTIMEZONE", ORA_TYPE_VARCHAR, 1, 6};
    static const struct peer_column column = {"A", ORA_TYPE_TIMESTAMP_LTZ, 0, 11};
    struct octo_ora_error error;
    struct octo_ora_time time;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT :1 AS A FROM DUAL");
    octo_ora_bind_local(statement, 1, &zoned);
    say_value(&peer, &zone, "06 2D 30 39 3A 33 30"); /* -09:30 */
    say_value(&peer, &column, "0B 78 7C 02 1D 04 2D 10 07 54 D4 C0");
    must_fetch(statement);
    peer_expect_tail(&peer, "local", "07 0B 78 7C 02 1D 04 2D 10 07 54 D4 C0");
    assert_true(octo_ora_get_time(statement, 1, &time, &error));
    assert_int_equal(time.hour, 3);
    assert_int_equal(time.minute, 44);
    assert_true(time.has_offset);
    assert_int_equal(time.offset_min, -570);
    expect_text(statement, "2024-02-29 03:44:15.123 -09:30");
    say_value(&peer, &column, "07 78 7C 02 1D 04 2D 10");
    must_fetch(statement);
    peer_expect_tail(&peer, "no question", "07 0B 78 7C 02 1D 04 2D 10 07 54 D4 C0");
    octo_ora_free(statement);
    peer_close(&peer);
}

/* What a database may have as its time zone; anything but hours and minutes is a region's name. */
static void test_local_in_each_zone(void **state)
{
    static const struct {
        const char *hex;
        int offset_min; /* 0: none */
    } cases[] = {
        {"06 2B 31 32 3A 34 35", 765}, /* +12:45 */
        {"05 2B 39 3A 33 30", 570},    /* +9:30 */
        {"06 2D 30 30 3A 33 30", -30}, /* -00:30 */
        {"06 2B 31 35 3A 35 39", 959}, /* +15:59 */
        {"06 2B 31 36 3A 30 30", 0},   /* +16:00 */
        {"06 2B 31 32 3A 36 30", 0},   /* +12:60 */
        {"06 2B 31 32 2D 34 35", 0},   /* +12-45 */
        {"07 2B 31 32 3A 34 35 36", 0} /* +12:456 */
    };
    static const struct peer_column zone = {"DBTIMEZONE", ORA_TYPE_VARCHAR, 1, 32};
    static const struct peer_column column = {"A", ORA_TYPE_TIMESTAMP_LTZ, 0, 11};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct octo_ora_statement *statement;
        struct octo_ora_error error;
        struct octo_ora_time time;
        struct peer peer;

        peer_open(&peer, SERVER_19);
        statement = prepare(&peer, "SELECT A FROM T");
        say_value(&peer, &column, "07 78 7C 02 1D 04 2D 10");
        say_value(&peer, &zone, cases[i].hex);
        must_fetch(statement);
        assert_int_equal(octo_ora_get_time(statement, 1, &time, &error), cases[i].offset_min != 0);
        if (cases[i].offset_min != 0) {
            assert_int_equal(time.offset_min, cases[i].offset_min);
        }
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

static void test_local_in_a_region(void **state)
{
    static const struct peer_column zone = {"DBTIMEZONE", ORA_TYPE_VARCHAR, 1, 32};
    static const struct peer_column column = {"A", ORA_TYPE_TIMESTAMP_LTZ, 0, 11};
    struct octo_ora_error error;
    struct octo_ora_time time;
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT A FROM T");
    say_value(&peer, &column, "07 78 7C 02 1D 04 2D 10");
    say_value(&peer, &zone, "0D 45 75 72 6F 70 65 2F 42 65 72 6C 69 6E");
    must_fetch(statement);
    assert_false(octo_ora_get_time(statement, 1, &time, &error));
    assert_non_null(strstr(error.text, "column 1 (A) is in the database's own time zone"));
    assert_true(octo_ora_is_alive(peer.session));
    octo_ora_free(statement);
    peer_close(&peer);
}

/* Both kinds of rowid, and texts that are not what they should be: an error of that column. */
static void test_columns(void **state)
{
    static const struct {
        struct peer_column column;
        const char *value;
        const char *text; /* NULL: it cannot be given */
    } cases[] = {
        {{"A", ORA_TYPE_ROWID, 0, 14},
         "0E 03 01 2D 3C 01 04 00 02 04 D2 01 03",
         "AAAS08AAEAAAATSAAD"},
        {{"A", ORA_TYPE_UROWID, 0, 4000},
         "01 0D 0D 01 00 01 2D 3C 00 04 00 00 04 D2 00 03",
         "AAAS08AAEAAAATSAAD"},
        {{"A", ORA_TYPE_UROWID, 0, 4000}, "01 06 06 02 04 01 00 40 FE", "*BAEAQP4"},
        {{"A", ORA_TYPE_UROWID, 0, 4000}, "01 05 05 02 C1 02 C1 03", "*wQLBAw"},
        {{"A", ORA_TYPE_UROWID, 0, 4000}, "01 02 02 01 00", NULL},
        {{"A", ORA_TYPE_VARCHAR, 1, 4000}, "02 C3 28", NULL},
        {{"A", ORA_TYPE_VARCHAR, 2, 4000}, "02 D8 00", NULL},
        {{"A", ORA_TYPE_INTERVAL_YM, 0, 5}, "01 00", NULL},
        {{"A", ORA_TYPE_BINARY_FLOAT, 0, 5}, "01 00", NULL},
        {{"A", ORA_TYPE_BOOLEAN, 0, 5}, "03 00 00 01", NULL},
        {{"A", ORA_TYPE_BOOLEAN, 0, 5}, "FE 00", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct octo_ora_text text;
        struct octo_ora_error error;
        struct peer peer;
        struct octo_ora_statement *statement;

        peer_open(&peer, SERVER_19);
        statement = prepare(&peer, "SELECT A FROM T");
        say_value(&peer, &cases[i].column, cases[i].value);
        must_fetch(statement);
        if (cases[i].text != NULL) {
            expect_text(statement, cases[i].text);
        } else {
            assert_false(octo_ora_get_text(statement, 1, &text, &error));
            assert_int_equal(error.kind, OCTO_ORA_USAGE);
        }
        assert_true(octo_ora_is_alive(peer.session));
        octo_ora_free(statement);
        peer_close(&peer);
    }
}

/* No way to ask for a value makes one up where there is none. */
static void expect_none(struct octo_ora_statement *statement, unsigned place, const char *words)
{
    struct octo_ora_text text;
    struct octo_ora_time time;
    struct octo_ora_months months;
    struct octo_ora_seconds seconds;
    struct octo_ora_statement *cursor;
    struct octo_ora_lob *lob;
    struct octo_ora_error errors[9];
    int64_t number;
    double real;
    bool truth;
    bool is_there = false;

    memset(errors, 0, sizeof(errors));
    is_there |= octo_ora_get_text(statement, place, &text, &errors[0]);
    is_there |= octo_ora_get_int(statement, place, &number, &errors[1]);
    is_there |= octo_ora_get_time(statement, place, &time, &errors[2]);
    is_there |= octo_ora_get_months(statement, place, &months, &errors[3]);
    is_there |= octo_ora_get_seconds(statement, place, &seconds, &errors[4]);
    is_there |= octo_ora_get_double(statement, place, &real, &errors[5]);
    is_there |= octo_ora_get_bool(statement, place, &truth, &errors[6]);
    is_there |= octo_ora_get_cursor(statement, place, &cursor, &errors[7]);
    is_there |= octo_ora_get_lob(statement, place, &lob, &errors[8]);
    assert_false(is_there);
    assert_true(octo_ora_is_null(statement, place));
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_int_equal(errors[i].kind, OCTO_ORA_USAGE);
        if (i < 7) { /* cursors and LOBs have words of their own */
            assert_string_equal(errors[i].text, words);
        }
    }
}

static void test_no_such_value(void **state)
{
    static const struct peer_column column = {"A", ORA_TYPE_NUMBER, 0, 22};
    struct peer peer;
    struct octo_ora_statement *statement;

    (void)state;
    peer_open(&peer, SERVER_19);
    statement = prepare(&peer, "SELECT A FROM T");
    expect_none(statement, 1, "column 1 of 0: no row has been fetched");
    say_value(&peer, &column, "02 C1 02");
    must_fetch(statement);
    expect_text(statement, "1");
    expect_none(statement, 0, "there is no column 0: the row has 1");
    expect_none(statement, 2, "there is no column 2: the row has 1");
    octo_ora_free(statement);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binds_come_back),
        cmocka_unit_test(test_null_of_each_type),
        cmocka_unit_test(test_declared_room_stays),
        cmocka_unit_test(test_bool),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_local_in_each_zone),
        cmocka_unit_test(test_local_in_a_region),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_no_such_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
