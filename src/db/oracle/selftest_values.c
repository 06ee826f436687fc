/* A value of each type goes to the server, and comes back by a query and out of a block. */
#include <stdio.h>
#include <string.h>

#include "sql_db_oracle.h"

#include "db/oracle/selftest_priv.h"

enum { PLACE_IN = 1, PLACE_OUT = 2, TEXT_ROOM = 200 };

static const struct octo_ora_time TIME = {.year = 2024,
                                          .month = 2,
                                          .day = 29,
                                          .hour = 13,
                                          .minute = 14,
                                          .second = 15,
                                          .nanosecond = 123456000,
                                          .offset_min = 330};

static struct octo_ora_time zoned(void)
{
    struct octo_ora_time time = TIME;

    time.has_offset = true;
    return time;
}

static void bind_number(struct octo_ora_statement *at)
{
    octo_ora_bind_number(at, PLACE_IN, "-12345678901234567890.0123456789");
}

static void bind_text(struct octo_ora_statement *at)
{
    octo_ora_bind_text(at, PLACE_IN,
                       "Gr\xC3\xBC\xC3\x9F"
                       "e",
                       strlen("Gr\xC3\xBC\xC3\x9F"
                              "e"));
}

static void bind_ntext(struct octo_ora_statement *at)
{
    octo_ora_bind_ntext(at, PLACE_IN, "\xF0\x9F\x9A\x81", 4);
}

static void bind_raw(struct octo_ora_statement *at)
{
    octo_ora_bind_raw(at, PLACE_IN, "\x01\x7F\xFE", 3);
}

static void bind_date(struct octo_ora_statement *at)
{
    struct octo_ora_time time = TIME;

    time.nanosecond = 0;
    octo_ora_bind_date(at, PLACE_IN, &time);
}

static void bind_timestamp(struct octo_ora_statement *at)
{
    octo_ora_bind_timestamp(at, PLACE_IN, &TIME);
}

static void bind_zoned(struct octo_ora_statement *at)
{
    const struct octo_ora_time time = zoned();

    octo_ora_bind_timestamp(at, PLACE_IN, &time);
}

static void bind_local(struct octo_ora_statement *at)
{
    const struct octo_ora_time time = zoned();

    octo_ora_bind_local(at, PLACE_IN, &time);
}

static void bind_months(struct octo_ora_statement *at)
{
    octo_ora_bind_months(at, PLACE_IN, &(struct octo_ora_months){.years = 1, .months = 2});
}

static void bind_seconds(struct octo_ora_statement *at)
{
    octo_ora_bind_seconds(
        at, PLACE_IN,
        &(struct octo_ora_seconds){
            .days = 3, .hours = 4, .minutes = 5, .seconds = 6, .nanoseconds = 700000000});
}

static void bind_float(struct octo_ora_statement *at)
{
    octo_ora_bind_float(at, PLACE_IN, 1.5F);
}

static void bind_double(struct octo_ora_statement *at)
{
    octo_ora_bind_double(at, PLACE_IN, 0.1);
}

static const struct value {
    const char *check;
    void (*bind)(struct octo_ora_statement *at);
    enum octo_ora_bind_type type;
    const char *text;                /* as it must come back; NULL: at that instant */
    const struct db_statement *echo; /* NULL: selftest_echo */
} VALUES[] = {
    {"NUMBER", bind_number, OCTO_ORA_BIND_NUMBER, "-12345678901234567890.0123456789", NULL},
    {"VARCHAR2", bind_text, OCTO_ORA_BIND_VARCHAR2,
     "Gr\xC3\xBC\xC3\x9F"
     "e",
     NULL},
    {"NVARCHAR2", bind_ntext, OCTO_ORA_BIND_NVARCHAR2, "\xF0\x9F\x9A\x81", NULL},
    {"RAW", bind_raw, OCTO_ORA_BIND_RAW, "\x01\x7F\xFE", NULL},
    {"DATE", bind_date, OCTO_ORA_BIND_DATE, "2024-02-29 13:14:15", NULL},
    {"TIMESTAMP", bind_timestamp, OCTO_ORA_BIND_TIMESTAMP, "2024-02-29 13:14:15.123456", NULL},
    {"TIMESTAMP WITH TIME ZONE", bind_zoned, OCTO_ORA_BIND_TIMESTAMP_TZ, NULL, NULL},
    {"TIMESTAMP WITH LOCAL TIME ZONE", bind_local, OCTO_ORA_BIND_TIMESTAMP_LTZ, NULL, NULL},
    {"INTERVAL YEAR TO MONTH", bind_months, OCTO_ORA_BIND_INTERVAL_YM, "1-02",
     &sql_db_oracle__selftest_echo_months},
    {"INTERVAL DAY TO SECOND", bind_seconds, OCTO_ORA_BIND_INTERVAL_DS, "3 04:05:06.7", NULL},
    {"BINARY_FLOAT", bind_float, OCTO_ORA_BIND_BINARY_FLOAT, "1.5", NULL},
    {"BINARY_DOUBLE", bind_double, OCTO_ORA_BIND_BINARY_DOUBLE, "0.1", NULL},
};

/* The minute of the day in UTC, which tells an instant of that day from one that was shifted. */
static int utc_minute(const struct octo_ora_time *time)
{
    enum { DAY = 24 * 60 };

    return ((time->hour * 60 + time->minute - time->offset_min) % DAY + DAY) % DAY;
}

static bool is_as_it_went(struct selftest *s, const struct value *value,
                          struct octo_ora_statement *at, unsigned place)
{
    const struct octo_ora_time wanted = zoned();
    struct octo_ora_text text = {.at = ""};
    struct octo_ora_time time = {0};
    struct octo_ora_error error;
    bool ok = octo_ora_get_text(at, place, &text, &error);

    if (ok && value->text == NULL) {
        ok = octo_ora_get_time(at, place, &time, &error);
    }
    if (!ok) {
        selftest_tell(s, value->check, FINDING_FAIL, "%s", error.text);
    } else if (value->text == NULL ? !time.has_offset || utc_minute(&time) != utc_minute(&wanted) ||
                                         time.nanosecond != wanted.nanosecond
                                   : text.length != strlen(value->text) ||
                                         memcmp(text.at, value->text, text.length) != 0) {
        selftest_tell(s, value->check, FINDING_FAIL, "came back as %.*s", (int)text.length,
                      text.at);
        ok = false;
    }
    return ok;
}

static bool comes_back(struct selftest *s, const struct value *value,
                       const struct db_statement *statement, unsigned place)
{
    struct octo_ora_statement *at = selftest_prepare(s, s->session, value->check, statement);
    bool ok = at != NULL;

    if (ok) {
        value->bind(at);
        if (place == PLACE_OUT) {
            octo_ora_bind_type(at, PLACE_OUT, value->type, 0);
        }
        ok = selftest_first_row(s, value->check, at) && is_as_it_went(s, value, at, place);
    }
    octo_ora_free(at);
    return ok;
}

/* --- LOBs --- */

static bool write_lob(struct octo_ora_lob *lob, struct octo_ora_statement *at, const char *text,
                      struct octo_ora_error *error)
{
    octo_ora_bind_lob(at, PLACE_IN, lob);
    return octo_ora_lob_write(lob, text, strlen(text), error);
}

/* A temporary one that is written, bound, and read from what the query gives. */
static void try_lob(struct selftest *s, const char *check, enum octo_ora_bind_type type)
{
    static const char text[] = "temporary, and bound";
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, check, &sql_db_oracle__selftest_echo);
    struct octo_ora_text found = {.at = ""};
    struct octo_ora_lob *lob = NULL;
    struct octo_ora_error error;

    if (at == NULL) {
        return;
    }
    if (!octo_ora_lob_create(s->session, type, &lob, &error) || !write_lob(lob, at, text, &error)) {
        selftest_tell(s, check, FINDING_FAIL, "%s", error.text);
    } else if (selftest_first_row(s, check, at)) {
        const bool ok = octo_ora_get_text(at, PLACE_IN, &found, &error) &&
                        found.length == strlen(text) && memcmp(found.at, text, found.length) == 0;

        selftest_tell(s, check, ok ? FINDING_OK : FINDING_FAIL, "%zu bytes came back of %zu",
                      found.length, strlen(text));
    }
    octo_ora_free(at);
    octo_ora_lob_free(lob);
}

/* --- cursors --- */

static void try_cursor(struct selftest *s)
{
    static const char check[] = "REF CURSOR";
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, check, &sql_db_oracle__selftest_cursor);
    struct octo_ora_statement *cursor = NULL;
    struct octo_ora_error error = {.text = ""};
    bool has_row = true;
    int rows = -1;

    if (at == NULL) {
        return;
    }
    octo_ora_bind_type(at, PLACE_IN, OCTO_ORA_BIND_CURSOR, 0);
    if (selftest_first_row(s, check, at)) {
        bool ok = octo_ora_get_cursor(at, PLACE_IN, &cursor, &error);

        while (ok && has_row) {
            ok = octo_ora_fetch(cursor, &has_row, &error);
            rows++;
        }
        selftest_tell(s, check, ok && rows == 2 ? FINDING_OK : FINDING_FAIL, "%s",
                      ok ? rows == 2 ? "both rows came" : "not all rows came" : error.text);
    }
    octo_ora_free(cursor);
    octo_ora_free(at);
}

/* Each of the two has one row, with its number. */
static bool is_result(struct octo_ora_statement *at, int64_t number, struct octo_ora_error *error)
{
    struct octo_ora_statement *cursor = NULL;
    bool has_row = false;
    int64_t found = 0;
    const bool ok = octo_ora_next_result(at, &cursor, error) && cursor != NULL &&
                    octo_ora_fetch(cursor, &has_row, error) && has_row &&
                    octo_ora_get_int(cursor, 1, &found, error) && found == number;

    octo_ora_free(cursor);
    return ok;
}

static void try_results(struct selftest *s)
{
    static const char check[] = "implicit results";
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, check, &sql_db_oracle__selftest_results);
    struct octo_ora_error error = {.text = "not the two that were given"};

    if (at == NULL) {
        return;
    }
    octo_ora_bind_type(at, PLACE_IN, OCTO_ORA_BIND_NUMBER, 0);
    if (selftest_first_row(s, check, at)) {
        const bool ok = is_result(at, 1, &error) && is_result(at, 2, &error);

        selftest_tell(s, check, ok ? FINDING_OK : FINDING_FAIL, "%s",
                      ok ? "both came" : error.text);
    }
    octo_ora_free(at);
}

void selftest_values(struct selftest *s)
{
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        const struct value *value = &VALUES[i];
        const struct db_statement *echo =
            value->echo != NULL ? value->echo : &sql_db_oracle__selftest_echo;

        if (comes_back(s, value, echo, PLACE_IN) &&
            comes_back(s, value, &sql_db_oracle__selftest_out, PLACE_OUT)) {
            selftest_tell(s, value->check, FINDING_OK, "by a query and out of a block");
        }
    }
    try_lob(s, "CLOB", OCTO_ORA_BIND_CLOB);
    try_lob(s, "BLOB", OCTO_ORA_BIND_BLOB);
    try_cursor(s);
    try_results(s);
}
