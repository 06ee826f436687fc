/*
 * Values as Oracle has them: money and whole numbers are NUMBER, times TIMESTAMP in UTC, flags 0
 * and 1, fractions BINARY_DOUBLE. A text of no characters is NULL there, so a column that may hold
 * one, and is never null, holds NULL in its place.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "db/filled_texts.h"

#include "db/oracle/oracle_priv.h"

enum {
    VARCHAR_BYTES = 4000, /* MAX_STRING_SIZE = STANDARD: all that every server takes in SQL */
    OUT_BYTES = 4000,
    NUMBER_ROOM = 192, /* digits of a NUMBER, at most 126 of them zeroes, sign and point */
    NS_PER_US = 1000,
    US_PER_MIN = 60000000,
};

/* --- LOBs --- */

void oracle_lobs_free(struct oracle_lobs *lobs)
{
    while (lobs->count > 0) {
        octo_ora_lob_free(lobs->at[--lobs->count]);
    }
}

static bool goes_as_lob(const struct db_variant *variant, size_t place,
                        const struct db_value *value)
{
    for (size_t i = 0; i < variant->lob_place_count; i++) {
        if (variant->lob_places[i] == place) {
            return value->type == DB_TEXT && !value->is_null && strlen(value->text) > VARCHAR_BYTES;
        }
    }
    return false;
}

bool oracle_needs_lobs(const struct db_variant *variant, const struct db_value *values)
{
    for (size_t i = 0; i < variant->bind_count; i++) {
        if (goes_as_lob(variant, i, &values[i])) {
            return true;
        }
    }
    return false;
}

static bool bind_lob(struct db_conn *conn, struct octo_ora_statement *at, unsigned place,
                     const char *text, struct oracle_lobs *lobs, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = NULL;

    if (!octo_ora_lob_create(conn->session, OCTO_ORA_BIND_CLOB, &lob, error)) {
        return false;
    }
    lobs->at[lobs->count++] = lob;
    if (!octo_ora_lob_write(lob, text, strlen(text), error)) {
        return false;
    }
    octo_ora_bind_lob(at, place, lob);
    return true;
}

/* --- binds --- */

/* As it is declared, so that NULL and a value are of one type for the server. */
static enum octo_ora_bind_type type_of(enum db_type type)
{
    switch (type) {
    case DB_INT:
    case DB_MONEY:
    case DB_BOOL:
        return OCTO_ORA_BIND_NUMBER;
    case DB_TIME:
    case DB_NOW:
        return OCTO_ORA_BIND_TIMESTAMP;
    case DB_REAL:
        return OCTO_ORA_BIND_BINARY_DOUBLE;
    case DB_TEXT:
        break;
    }
    return OCTO_ORA_BIND_VARCHAR2;
}

static unsigned digits(const char *text, size_t count)
{
    unsigned value = 0;

    for (size_t i = 0; i < count; i++) {
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value;
}

static void put_digits(char *text, size_t count, unsigned value)
{
    while (count > 0) {
        text[--count] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* What utc_format writes stands at fixed places: 2026-11-22T10:11:12.123456Z */
static struct octo_ora_time time_of(int64_t us)
{
    char text[UTC_TEXT_MAX];

    (void)utc_format(us, text);
    return (struct octo_ora_time){
        .year = (int16_t)digits(text, 4),
        .month = (uint8_t)digits(text + 5, 2),
        .day = (uint8_t)digits(text + 8, 2),
        .hour = (uint8_t)digits(text + 11, 2),
        .minute = (uint8_t)digits(text + 14, 2),
        .second = (uint8_t)digits(text + 17, 2),
        .nanosecond = digits(text + 20, 6) * NS_PER_US,
    };
}

static void bind_value(struct octo_ora_statement *at, unsigned place, const struct db_value *value)
{
    char money[MONEY_TEXT_MAX];
    struct octo_ora_time time;

    if (value->is_null) {
        octo_ora_bind_type(at, place, type_of(value->type), 1);
        return;
    }
    switch (value->type) {
    case DB_INT:
        octo_ora_bind_int(at, place, value->i);
        break;
    case DB_BOOL:
        octo_ora_bind_int(at, place, value->i != 0);
        break;
    case DB_MONEY:
        (void)money_format(value->i, money);
        octo_ora_bind_number(at, place, money);
        break;
    case DB_TIME:
    case DB_NOW:
        time = time_of(value->i);
        octo_ora_bind_timestamp(at, place, &time);
        break;
    case DB_REAL:
        octo_ora_bind_double(at, place, value->real);
        break;
    case DB_TEXT:
        octo_ora_bind_text(at, place, value->text, strlen(value->text));
        break;
    }
}

static bool is_lob_column(const struct db_variant *variant, size_t column)
{
    for (size_t i = 0; i < variant->lob_column_count; i++) {
        if (variant->lob_columns[i] == column) {
            return true;
        }
    }
    return false;
}

/* The row comes out of binds, which stand behind those that go in. */
static void declare_outs(struct octo_ora_statement *at, const struct db_statement *statement)
{
    const struct db_variant *variant = &statement->variants[DB_ORACLE];

    for (unsigned i = 0; variant->gives_binds && i < statement->column_count; i++) {
        const enum octo_ora_bind_type type =
            is_lob_column(variant, i) ? OCTO_ORA_BIND_CLOB : type_of(statement->columns[i].type);

        octo_ora_bind_type(at, variant->bind_count + i + 1, type, OUT_BYTES);
    }
}

bool oracle_bind(struct db_conn *conn, struct octo_ora_statement *at,
                 const struct db_statement *statement, const struct db_value *values,
                 struct oracle_lobs *lobs, struct err *err)
{
    const struct db_variant *variant = &statement->variants[DB_ORACLE];
    struct octo_ora_error error;

    for (unsigned i = 0; i < variant->bind_count; i++) {
        if (!goes_as_lob(variant, i, &values[i])) {
            bind_value(at, i + 1, &values[i]);
        } else if (!bind_lob(conn, at, i + 1, values[i].text, lobs, &error)) {
            return oracle_err(err, conn, &error);
        }
    }
    declare_outs(at, statement);
    return true;
}

/* --- rows --- */

static bool read_number(const struct octo_ora_statement *at, unsigned place, char out[NUMBER_ROOM],
                        struct octo_ora_error *error)
{
    struct octo_ora_text text;

    if (!octo_ora_get_text(at, place, &text, error) || text.length >= NUMBER_ROOM) {
        return false;
    }
    memcpy(out, text.at, text.length);
    out[text.length] = '\0';
    return true;
}

static bool read_money(const struct octo_ora_statement *at, unsigned place, int64_t *ret,
                       struct octo_ora_error *error)
{
    char text[NUMBER_ROOM];

    return read_number(at, place, text, error) && money_parse(text, ret);
}

static bool read_flag(const struct octo_ora_statement *at, unsigned place, bool *ret,
                      struct octo_ora_error *error)
{
    int64_t number = 0;

    if (octo_ora_column(at, place).type == OCTO_ORA_BOOLEAN) {
        return octo_ora_get_bool(at, place, ret, error);
    }
    if (!octo_ora_get_int(at, place, &number, error) || (number & ~INT64_C(1)) != 0) {
        return false;
    }
    *ret = number == 1;
    return true;
}

static bool read_real(const struct octo_ora_statement *at, unsigned place, double *ret,
                      struct octo_ora_error *error)
{
    char text[NUMBER_ROOM];

    if (octo_ora_column(at, place).type != OCTO_ORA_NUMBER) {
        return octo_ora_get_double(at, place, ret, error);
    }
    if (!read_number(at, place, text, error)) {
        return false;
    }
    *ret = strtod(text, NULL);
    return isfinite(*ret);
}

/* Times without an offset are UTC, as all that we store. Years before 1 have no place among ours.
 */
static bool read_time(const struct octo_ora_statement *at, unsigned place, int64_t *ret,
                      struct octo_ora_error *error)
{
    struct octo_ora_time time;
    char text[] = "0000-00-00T00:00:00.000000Z";

    if (!octo_ora_get_time(at, place, &time, error) || time.year < 1) {
        return false;
    }
    put_digits(text, 4, (unsigned)time.year);
    put_digits(text + 5, 2, time.month);
    put_digits(text + 8, 2, time.day);
    put_digits(text + 11, 2, time.hour);
    put_digits(text + 14, 2, time.minute);
    put_digits(text + 17, 2, time.second);
    put_digits(text + 20, 6, time.nanosecond / NS_PER_US);
    if (!utc_parse(text, ret)) {
        return false;
    }
    *ret -= time.has_offset ? (int64_t)time.offset_min * US_PER_MIN : 0;
    return true;
}

/* A LOB that came out of a bind, piece by piece. */
static bool read_lob(struct octo_ora_statement *at, unsigned place, struct arena *texts,
                     const char **ret, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = NULL;
    const void *piece = NULL;
    char *text = arena_dup(texts, "", 0);
    size_t length = 0;
    size_t count = 0;
    bool ok = octo_ora_get_lob(at, place, &lob, error);

    while (ok && (ok = octo_ora_lob_read(lob, &piece, &count, error)) && count > 0) {
        char *longer = arena_alloc(texts, length + count + 1);

        memcpy(longer, text, length);
        memcpy(longer + length, piece, count);
        text = longer;
        length += count;
    }
    octo_ora_lob_free(lob);
    *ret = text;
    return ok;
}

static bool read_text(struct octo_ora_statement *at, unsigned place, struct arena *texts,
                      const char **ret, struct octo_ora_error *error)
{
    struct octo_ora_text text;

    if (octo_ora_column(at, place).type == OCTO_ORA_CLOB) {
        return read_lob(at, place, texts, ret, error);
    }
    if (octo_ora_column(at, place).type != OCTO_ORA_CHARACTERS ||
        !octo_ora_get_text(at, place, &text, error)) {
        return false;
    }
    *ret = arena_dup(texts, text.at, text.length);
    return true;
}

static bool read_field(struct octo_ora_statement *at, unsigned place, enum db_type type,
                       struct arena *texts, void *field, struct octo_ora_error *error)
{
    switch (type) {
    case DB_INT:
        return octo_ora_get_int(at, place, field, error);
    case DB_MONEY:
        return read_money(at, place, field, error);
    case DB_TIME:
    case DB_NOW:
        return read_time(at, place, field, error);
    case DB_BOOL:
        return read_flag(at, place, field, error);
    case DB_REAL:
        return read_real(at, place, field, error);
    case DB_TEXT:
        return read_text(at, place, texts, field, error);
    }
    return false;
}

/* A text that is never null, and may be empty, is NULL there when it is. */
static void store_null(const struct db_column *column, void *field)
{
    switch (column->type) {
    case DB_INT:
    case DB_MONEY:
    case DB_TIME:
    case DB_NOW:
        *(int64_t *)field = 0;
        break;
    case DB_BOOL:
        *(bool *)field = false;
        break;
    case DB_REAL:
        *(double *)field = 0.0;
        break;
    case DB_TEXT:
        *(const char **)field = column->is_nullable ? NULL : "";
        break;
    }
}

bool oracle_read_row(struct db_conn *conn, struct octo_ora_statement *at,
                     const struct db_statement *statement, struct arena *texts, void *row,
                     struct err *err)
{
    const struct db_variant *variant = &statement->variants[DB_ORACLE];
    const unsigned first = variant->gives_binds ? variant->bind_count + 1u : 1;

    for (unsigned i = 0; i < statement->column_count; i++) {
        const struct db_column *column = &statement->columns[i];
        const bool is_null = octo_ora_is_null(at, first + i);
        void *field = (char *)row + column->offset;
        struct octo_ora_error error = {.kind = OCTO_ORA_NONE};

        if (is_null) {
            store_null(column, field);
        } else if (!read_field(at, first + i, column->type, texts, field, &error)) {
            return error.kind == OCTO_ORA_LOST || error.kind == OCTO_ORA_TIMEOUT ||
                           error.kind == OCTO_ORA_SERVER
                       ? oracle_err(err, conn, &error)
                       : err_set(err, ERR_SCHEMA,
                                 "column %s does not hold its type but another one, or a value out "
                                 "of its range",
                                 column->name);
        }
        if (is_null && !column->is_nullable && column->type != DB_TEXT) {
            return err_set(err, ERR_SCHEMA, "column %s does not hold its type but NULL",
                           column->name);
        }
        if (column->is_nullable && column->type != DB_TEXT) {
            *(bool *)((char *)row + column->null_offset) = is_null;
        }
    }
    return filled_texts_read(statement, row, err);
}
