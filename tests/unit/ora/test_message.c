/* ora/message.h: where answers end and what is in them, however their bytes come. */
#include "ora/message.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

enum { COLUMNS_MAX = 8 };

static const struct ora_dialect dialect_19 = {.field_version = 12, .has_sql_type = true};
static const struct ora_dialect dialect_23 = {.field_version = 24, .has_sql_type = true};

/* Three columns, two rows, the second of which repeats a date, and the end of the rows. */
static const char answer_select[] =
    "10 04 01 02 03 04 01 45 01 03 01 02 00 00 00 01 16 00 00 00 00 00 00 00 00 01 02 01 02 02 "
    "49 44 00 00 01 01 00 0C 00 00 00 01 07 00 00 00 00 00 00 00 00 01 05 01 05 05 48 49 52 45 "
    "44 00 00 01 02 00 01 00 00 00 01 28 00 00 00 00 02 03 69 01 01 0A 00 01 04 01 04 04 4E 41 "
    "4D 45 00 00 01 03 00 01 07 07 78 7C 02 1D 0E 0F 10 00 00 00 00 00 06 02 01 03 00 01 02 00 "
    "00 00 07 04 C2 02 18 2E 07 78 7C 02 1D 0E 0F 10 03 61 62 63 15 01 02 05 07 03 3E 64 66 00 "
    "08 00 00 00 00 04 00 01 01 01 02 02 05 7B 00 00 01 05 00 03 00 00 00 00 00 00 00 00 00 00 "
    "00 00 00 00 00 00 00 00 00 02 05 7B 01 02 19 4F 52 41 2D 30 31 34 30 33 3A 20 6E 6F 20 64 "
    "61 74 61 20 66 6F 75 6E 64 0A ";

/* What a reader of ours keeps of a query's answer. */
struct seen {
    char types[32][20];
    size_t count;
    struct ora_column columns[COLUMNS_MAX];
    char names[COLUMNS_MAX][16];
    uint32_t column_count;
    char cells[16][32]; /* "NULL", "=" for the one before, or hexadecimal */
    size_t cell_count;
    struct ora_failure failure;
    bool has_ended;
};

static void keep_columns(struct seen *seen, const struct ora_answer *answer,
                         const struct ora_describe *describe)
{
    struct ora_rd rd = describe->columns;

    assert_true(describe->count <= COLUMNS_MAX);
    for (uint32_t i = 0; i < describe->count; i++) {
        struct ora_column *column = &seen->columns[i];

        ora_column_read(answer->dialect, &rd, column);
        memset(seen->names[i], 0, sizeof(seen->names[i]));
        memcpy(seen->names[i], column->name.at, column->name.length);
    }
    assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
    seen->column_count = describe->count;
}

static void keep_row(struct seen *seen, const struct ora_answer *answer, const struct ora_row *row)
{
    struct ora_rd rd = row->values;

    for (uint32_t i = 0; i < answer->column_count; i++) {
        char *cell = seen->cells[seen->cell_count++];
        struct ora_value value;

        if (!ora_column_is_sent(answer, i)) {
            (void)strcpy(cell, "=");
            continue;
        }
        ora_value_read(answer->dialect, &answer->columns[i], &rd, &value);
        (void)strcpy(cell, "NULL");
        if (!value.bytes.is_null) {
            hex_write(value.bytes.at, value.bytes.length, cell, 32);
        }
    }
    assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
}

static void keep(struct seen *seen, struct ora_answer *answer, const struct ora_message *message)
{
    assert_false(seen->has_ended);
    (void)strcpy(seen->types[seen->count++], ora_message_name((uint8_t)message->type));
    seen->has_ended = ora_message_ends(answer, message);
    if (message->type == ORA_MSG_DESCRIBE) {
        keep_columns(seen, answer, &message->of.describe);
        answer->columns = seen->columns;
        answer->column_count = seen->column_count;
    } else if (message->type == ORA_MSG_ROW_DATA) {
        keep_row(seen, answer, &message->of.row);
    } else if (message->type == ORA_MSG_ERROR) {
        seen->failure = message->of.failure;
    }
}

/* Reads what is there `step` bytes further each time, from bytes of exactly that length. */
static void read_in_steps(const char *hex, const struct ora_dialect *dialect, size_t step,
                          struct seen *ret)
{
    struct ora_answer answer = {.dialect = dialect, .call = ORA_CALL_EXECUTE};
    uint8_t bytes[HEX_BYTES_MAX];
    const size_t count = hex_read(hex, bytes, sizeof(bytes));
    size_t at = 0;

    memset(ret, 0, sizeof(*ret));
    for (size_t have = step < count ? step : count;;
         have = have + step < count ? have + step : count) {
        uint8_t *exact = malloc(have);
        struct ora_message message;
        struct ora_rd rd;

        assert_non_null(exact);
        memcpy(exact, bytes, have);
        rd = ora_rd_of(exact + at, have - at);
        while (ora_message_read(&answer, &rd, &message) == ORA_STEP_DONE) {
            keep(ret, &answer, &message);
        }
        assert_null(rd.fault);
        at += ora_rd_offset(&rd);
        free(exact);
        if (have == count) {
            break;
        }
    }
    assert_int_equal(at, count);
}

static void ora_message_read__query__is_the_same_however_its_bytes_come(void **state)
{
    static const char *const types[] = {"DESCRIBE", "ROW_HEADER", "ROW_DATA", "BIT_VECTOR",
                                        "ROW_DATA", "PARAMETER",  "ERROR"};
    static const char *const cells[] = {
        "C2 02 18 2E", "78 7C 02 1D 0E 0F 10", "61 62 63", "3E 64 66", "=", "NULL"};
    static const size_t steps[] = {1, 2, 7, 64, 1000};

    (void)state;
    for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
        struct seen seen;

        read_in_steps(answer_select, &dialect_19, steps[s], &seen);
        assert_int_equal(seen.count, sizeof(types) / sizeof(types[0]));
        for (size_t i = 0; i < seen.count; i++) {
            assert_string_equal(seen.types[i], types[i]);
        }
        assert_int_equal(seen.cell_count, sizeof(cells) / sizeof(cells[0]));
        for (size_t i = 0; i < seen.cell_count; i++) {
            assert_string_equal(seen.cells[i], cells[i]);
        }
        assert_true(seen.has_ended);
        assert_int_equal(seen.column_count, 3);
        assert_string_equal(seen.names[1], "HIRED");
        assert_int_equal(seen.columns[2].size, 40);
        assert_int_equal(seen.columns[2].characters, 10);
        assert_true(seen.columns[0].is_nullable);
        assert_int_equal(seen.failure.number, 1403);
        assert_int_equal(seen.failure.cursor, 5);
        assert_int_equal(seen.failure.rows, 2);
    }
}

static struct ora_message must_read(const char *hex, struct ora_answer *answer, uint8_t *bytes)
{
    struct ora_rd rd = ora_rd_of(bytes, hex_read(hex, bytes, HEX_BYTES_MAX));
    struct ora_message message;

    if (ora_message_read(answer, &rd, &message) != ORA_STEP_DONE || ora_rd_left(&rd) != 0) {
        fail_msg("not read: %s (%s)", hex, rd.fault != NULL ? rd.fault : "short, or bytes left");
    }
    return message;
}

static void ora_message_read__errors__give_number_rows_and_text(void **state)
{
    static const struct {
        const struct ora_dialect *dialect;
        const char *bytes;
        uint32_t number;
        uint64_t rows;
        uint32_t batch_errors;
        bool in_transaction;
    } cases[] = {
        /* A row was inserted; its rowid stands twice. */
        {&dialect_23,
         "04 03 01 00 05 02 31 5F 01 01 00 00 00 01 04 01 0C 02 00 00 00 00 00 03 01 8A 49 01 18 "
         "00 01 "
         "74 00 00 00 08 00 01 01 01 0D 0D 01 00 01 8A 49 00 18 00 00 00 74 00 00 00 00 00 00 01 "
         "01 01 "
         "02 00",
         0, 1, 0, false},
        /* The call's time stands behind its status. */
        {&dialect_19,
         "04 01 0A 01 05 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
         "00 00 00 00 00 00 01 07",
         0, 7, 0, true},
        /* Two rows of an array failed. */
        {&dialect_19,
         "04 01 02 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
         "01 02 02 01 01 02 05 78 01 02 02 00 01 03 01 02 02 01 03 03 61 62 63 00 00 01 03 03 64 "
         "65 66 "
         "00 00 02 5F 3D 01 02 02 61 0A",
         24381, 2, 2, true},
        /* The same in chunks. */
        {&dialect_19,
         "04 00 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
         "01 01 FE 01 02 01 01 00 01 01 FE 01 01 01 05 00 00 02 5F 3D 00 02 61 0A",
         24381, 0, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_answer answer = {.dialect = cases[i].dialect, .call = ORA_CALL_EXECUTE};
        uint8_t bytes[HEX_BYTES_MAX];
        const struct ora_message message = must_read(cases[i].bytes, &answer, bytes);

        assert_int_equal(message.type, ORA_MSG_ERROR);
        assert_true(ora_message_ends(&answer, &message));
        assert_int_equal(message.of.failure.number, cases[i].number);
        assert_true(message.of.failure.rows == cases[i].rows);
        assert_int_equal(message.of.failure.batch_numbers.count, cases[i].batch_errors);
        assert_true(((message.of.failure.call_status & ORA_STATUS_IN_TRANSACTION) != 0) ==
                    cases[i].in_transaction);
        assert_true(message.of.failure.text.is_null == (cases[i].number == 0));
    }
}

/* What servers say beside their answers is read to its end. */
static void ora_message_read__every_other_message__ends_where_it_ends(void **state)
{
    static const struct {
        enum ora_call call;
        const char *bytes;
        enum ora_message_type type;
        bool ends;
    } cases[] = {
        {ORA_CALL_SIMPLE, "09 01 02 00", ORA_MSG_STATUS, true},
        {ORA_CALL_SIMPLE, "09 01 08 01 63 02 01 00", ORA_MSG_STATUS, true},
        {ORA_CALL_SIMPLE, "17 02 01 07 07 33 32 34 34 38 39 32", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 01", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 03", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 04 00 00 01 01 01 01 01 01 61 01 01 01 62 01 01 01 04 01 07 01 09",
         ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE,
         "17 05 01 01 10 01 01 16 00 01 0B 0B 80 00 00 00 41 5A 3C 80 00 00 00 01 A3 00",
         ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 07 01 02 02 61 62", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 08 00 00 01 01 01 02 00 00", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 09 01 01 00", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "17 0A 01 01 00 01 01 01 02 01 03", ORA_MSG_PIGGYBACK, false},
        {ORA_CALL_SIMPLE, "0F 02 6D 62 01 03 00 03 61 62 63", ORA_MSG_WARNING, false},
        {ORA_CALL_SIMPLE, "0F 00 00 00", ORA_MSG_WARNING, false},
        {ORA_CALL_SIMPLE, "1D", ORA_MSG_END_OF_RESPONSE, false},
        {ORA_CALL_SIMPLE, "21 01 05", ORA_MSG_TOKEN, false},
        {ORA_CALL_SIMPLE, "1C", ORA_MSG_RENEGOTIATE, false},
        {ORA_CALL_LOGON, "1C", ORA_MSG_RENEGOTIATE, true},
        {ORA_CALL_EXECUTE, "13", ORA_MSG_FLUSH_OUT_BINDS, true},
        {ORA_CALL_EXECUTE, "08 00 00 00 00", ORA_MSG_PARAMETER, false},
        {ORA_CALL_EXECUTE, "08 01 06 03 E7 E1 0E 00 01 04 01 02 00 00 00 00 00", ORA_MSG_PARAMETER,
         false},
        {ORA_CALL_EXECUTE, "08 00 01 02 AA BB 01 01 01 01 01 61 00 01 A8 01 01 CC",
         ORA_MSG_PARAMETER, false},
        {ORA_CALL_EXECUTE, "0B 00 01 03 00 01 01 00 00 00 20 10 30", ORA_MSG_IO_VECTOR, false},
        {ORA_CALL_LOGON, "08 01 01 01 02 02 61 62 01 01 01 63 02 48 15", ORA_MSG_PARAMETER, false},
        {ORA_CALL_VERSION, "08 01 02 02 61 62 04 17 1A 20 00", ORA_MSG_PARAMETER, false},
        {ORA_CALL_LOB, "0E 02 61 62", ORA_MSG_LOB_DATA, false},
        {ORA_CALL_PROTOCOL,
         "01 06 00 61 62 00 69 03 01 00 00 00 0B 00 00 00 00 00 00 00 00 00 07 D0 02 06 "
         "01 01 02",
         ORA_MSG_PROTOCOL, true},
        {ORA_CALL_DATA_TYPES, "02 00 01 00 01 00 01 00 00 00 02 00 00 00 00", ORA_MSG_DATA_TYPES,
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_answer answer = {.dialect = &dialect_23, .call = cases[i].call};
        uint8_t bytes[HEX_BYTES_MAX];
        const struct ora_message message = must_read(cases[i].bytes, &answer, bytes);

        assert_int_equal(message.type, cases[i].type);
        assert_true(ora_message_ends(&answer, &message) == cases[i].ends);
    }
}

static void ora_message_read__what_cannot_be__is_bad_and_says_why(void **state)
{
    static const struct {
        enum ora_call call;
        const char *bytes;
        const char *fault;
    } cases[] = {
        {ORA_CALL_EXECUTE, "FF", "a message of an unknown type"},
        {ORA_CALL_EXECUTE, "00", "a message of an unknown type"},
        {ORA_CALL_SIMPLE, "08 00 00 00 00", "parameters to a call that has none"},
        {ORA_CALL_EXECUTE, "07 01 61", "a row before its columns were described"},
        {ORA_CALL_EXECUTE, "10 00 00 02 10 01", "more columns than there can be"},
        {ORA_CALL_LOGON, "08 02 04 01", "more pairs than there are"},
        {ORA_CALL_EXECUTE, "17 06", "a word beside the answer that is unknown"},
        {ORA_CALL_EXECUTE, "06 00 00 00 00 00 02 02 02 00",
         "a bit vector of more columns than there can be"},
        {ORA_CALL_EXECUTE, "0B 00 00 04 01 00 00 00 00 00 00 00", "more binds than there can be"},
        {ORA_CALL_EXECUTE, "09 81 01", "a negative number where none can be"},
        {ORA_CALL_EXECUTE, "09 05", "a number longer than its type"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_answer answer = {.dialect = &dialect_23, .call = cases[i].call};
        struct ora_message message;
        uint8_t bytes[HEX_BYTES_MAX];
        struct ora_rd rd = ora_rd_of(bytes, hex_read(cases[i].bytes, bytes, sizeof(bytes)));

        assert_int_equal(ora_message_read(&answer, &rd, &message), ORA_STEP_BAD);
        assert_string_equal(rd.fault, cases[i].fault);
    }
}

/* Of each type one value and one NULL; what is described with no size is not sent at all. */
static void ora_value_read__each_type__has_its_own_form(void **state)
{
    static const struct {
        uint8_t type;
        uint32_t size;
        const char *bytes;
        const char *shown; /* "NULL", a rowid's text, or hexadecimal */
    } cases[] = {
        {ORA_TYPE_NUMBER, 22, "02 C1 02", "C1 02"},
        {ORA_TYPE_NUMBER, 22, "00", "NULL"},
        {ORA_TYPE_NUMBER, 0, "", "NULL"},
        {ORA_TYPE_VARCHAR, 10, "FF", "NULL"},
        {ORA_TYPE_VARCHAR, 0, "", "NULL"},
        {ORA_TYPE_CHAR, 3, "03 61 62 20", "61 62 20"},
        {ORA_TYPE_RAW, 3, "FE 01 02 DE AD 00", "DE AD"},
        {ORA_TYPE_BOOLEAN, 1, "02 01 01", "01 01"},
        {ORA_TYPE_LONG, 0, "01 61 00 00", "61"},
        {ORA_TYPE_LONG, 0, "00 81 01 02 05 7D", "NULL"},
        {ORA_TYPE_ROWID, 10, "0E 03 01 8A 49 01 18 00 01 74 01 01", "AAAYpJAAYAAAAB0AAB"},
        {ORA_TYPE_ROWID, 10, "00", "NULL"},
        {ORA_TYPE_UROWID, 0, "01 0D 02 01 02", "01 02"},
        {ORA_TYPE_UROWID, 0, "00", "NULL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct ora_column column = {.type = cases[i].type, .size = cases[i].size};
        struct ora_value value;
        char shown[64] = "NULL";
        uint8_t bytes[32];
        struct ora_rd rd = ora_rd_of(bytes, hex_read(cases[i].bytes, bytes, sizeof(bytes)));

        ora_value_read(&dialect_19, &column, &rd, &value);
        assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
        if (!value.bytes.is_null && column.type == ORA_TYPE_ROWID) {
            ora_rowid_text(&value.rowid, shown);
        } else if (!value.bytes.is_null) {
            hex_write(value.bytes.at, value.bytes.length, shown, sizeof(shown));
        }
        assert_string_equal(shown, cases[i].shown);
    }
}

static void ora_value_read__unknown_type__is_a_fault(void **state)
{
    const struct ora_column column = {.type = ORA_TYPE_OBJECT, .size = 1};
    struct ora_value value;
    struct ora_rd rd = ora_rd_of("\0\0", 2);

    (void)state;
    ora_value_read(&dialect_19, &column, &rd, &value);
    assert_string_equal(rd.fault, "a value of a type that is not read");
}

/* Each cut where another value goes on behind it. What has been read of the row may as well be
 * something else by now, since it is not looked at again: so a row of many packets is read once. */
static void ora_message_read__cut_row__goes_on_where_it_was(void **state)
{
    static const struct ora_column columns[] = {
        {.type = ORA_TYPE_VARCHAR, .size = 9, .direction = ORA_DIRECTION_OUT},
        {.type = ORA_TYPE_VARCHAR, .size = 9, .direction = ORA_DIRECTION_OUT},
    };
    static const struct {
        enum ora_rows rows;
        const char *hex;
        size_t cut;
        size_t value; /* where the value begins that is cut: its first byte is looked at again */
        size_t read;  /* up to here nothing else is */
    } cases[] = {
        {ORA_ROWS_FETCHED,
         "07 FE 01 03 61 62 63 01 02 64 65 00 FE 01 02 66 67 01 01 68 01 01 69 00", 19, 12, 17},
        {ORA_ROWS_OUT, "07 FE 01 03 61 62 63 01 02 64 65 00 00 FE 01 02 66 67 01 01 68 00 00", 20,
         13, 18},
        {ORA_ROWS_RETURNED, "07 01 02 03 61 62 63 00 FE 01 02 66 67 01 01 68 00 00 01 01 01 61 00",
         15, 8, 13},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_answer answer = {.dialect = &dialect_19,
                                    .call = ORA_CALL_EXECUTE,
                                    .rows = cases[i].rows,
                                    .columns = columns,
                                    .column_count = 2};
        uint8_t bytes[64];
        const size_t count = hex_read(cases[i].hex, bytes, sizeof(bytes));
        struct ora_rd rd = ora_rd_of(bytes, cases[i].cut);
        struct ora_message message;

        assert_int_equal(ora_message_read(&answer, &rd, &message), ORA_STEP_MORE);
        memset(bytes + 1, 0xFD, cases[i].value - 1);
        memset(bytes + cases[i].value + 1, 0xFD, cases[i].read - cases[i].value - 1);
        rd = ora_rd_of(bytes, count);
        assert_int_equal(ora_message_read(&answer, &rd, &message), ORA_STEP_DONE);
        assert_int_equal(message.length, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_message_read__query__is_the_same_however_its_bytes_come),
        cmocka_unit_test(ora_message_read__errors__give_number_rows_and_text),
        cmocka_unit_test(ora_message_read__every_other_message__ends_where_it_ends),
        cmocka_unit_test(ora_message_read__what_cannot_be__is_bad_and_says_why),
        cmocka_unit_test(ora_value_read__each_type__has_its_own_form),
        cmocka_unit_test(ora_value_read__unknown_type__is_a_fault),
        cmocka_unit_test(ora_message_read__cut_row__goes_on_where_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
