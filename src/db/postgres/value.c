/*
 * Values on their way to PostgreSQL and back, binary throughout. Money is made of numeric's digits
 * and read from them without any floating point; a number that has no exact place in its C type is
 * an error.
 */
#include <string.h>

#include "core/arena.h"
#include "core/rd.h"
#include "db/filled_texts.h"

#include "db/postgres/postgres_priv.h"

/* Microseconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch. */
#define EPOCH_US INT64_C(946684800000000)

enum {
    NUMERIC_POSITIVE = 0x0000,
    NUMERIC_NEGATIVE = 0x4000,
    NUMERIC_DIGIT = 10000, /* each of its digits counts up to that */
    NUMERIC_CENT = 100,    /* the first digit after the point, in cents */
    NUMERIC_HEAD = 8,      /* bytes: count of digits, weight, sign, decimals */
    MONEY_DIGITS_MAX = 6,  /* of 64 bits of cents: five before the point and one behind it */
    MONEY_DECIMALS = 2,
};

unsigned pg_type_of(enum db_type type)
{
    switch (type) {
    case DB_INT:
        return PG_INT8;
    case DB_MONEY:
        return PG_NUMERIC;
    case DB_TIME:
    case DB_NOW:
        return PG_TIMESTAMPTZ;
    case DB_BOOL:
        return PG_BOOL;
    case DB_REAL:
        return PG_FLOAT8;
    case DB_TEXT:
        return PG_TEXT;
    }
    return 0;
}

/* --- parameters --- */

void pg_put_bits(char *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (char)(value >> (8 * (bytes - 1 - i)) & 0xff);
    }
}

/* Digits count in powers of 10000; the weight is the power of the first. */
static int put_money(char *out, int64_t cents)
{
    uint64_t left = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    uint64_t digits[MONEY_DIGITS_MAX]; /* the last one first */
    size_t count = 1;

    digits[0] = left % 100 * NUMERIC_CENT;
    for (left /= 100; left > 0; left /= NUMERIC_DIGIT) {
        digits[count++] = left % NUMERIC_DIGIT;
    }
    pg_put_bits(out, count, 2);
    pg_put_bits(out + 2, count - 2, 2);
    pg_put_bits(out + 4, cents < 0 ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE, 2);
    pg_put_bits(out + 6, MONEY_DECIMALS, 2);
    for (size_t i = 0; i < count; i++) {
        pg_put_bits(out + NUMERIC_HEAD + 2 * i, digits[count - 1 - i], 2);
    }
    return NUMERIC_HEAD + 2 * (int)count;
}

_Static_assert(NUMERIC_HEAD + 2 * MONEY_DIGITS_MAX <= PG_VALUE_ROOM, "money has room");

int pg_put_value(const struct db_value *value, char room[PG_VALUE_ROOM], const char **ret)
{
    uint64_t bits;

    *ret = room;
    switch (value->type) {
    case DB_INT:
        pg_put_bits(room, (uint64_t)value->i, 8);
        return 8;
    case DB_TIME:
    case DB_NOW:
        pg_put_bits(room, (uint64_t)(value->i - EPOCH_US), 8);
        return 8;
    case DB_BOOL:
        room[0] = (char)(value->i != 0);
        return 1;
    case DB_REAL:
        memcpy(&bits, &value->real, sizeof(bits));
        pg_put_bits(room, bits, 8);
        return 8;
    case DB_MONEY:
        return put_money(room, value->i);
    case DB_TEXT:
        *ret = value->text;
        return (int)strlen(value->text);
    }
    return 0;
}

bool pg_value_fits(const struct db_value *value, size_t number, struct err *err)
{
    if (value->is_null) {
        return true;
    }
    if ((value->type == DB_TIME || value->type == DB_NOW) && value->i < INT64_MIN + EPOCH_US) {
        return err_set(err, ERR_INVALID, "time of parameter %zu is out of range", number);
    }
    if (value->type == DB_TEXT && strlen(value->text) > INT32_MAX / 2) {
        return err_set(err, ERR_LIMIT, "text of parameter %zu is too long", number);
    }
    return true;
}

bool pg_encode(const struct db_statement *statement, const struct db_value *values,
               struct pg_encoded *out, struct err *err)
{
    size_t count = statement->variants[DB_POSTGRES].bind_count;

    for (size_t i = 0; i < count; i++) {
        if (!pg_value_fits(&values[i], i + 1, err)) {
            return false;
        }
        out->formats[i] = 1;
        out->values[i] = NULL;
        out->lengths[i] = 0;
        if (!values[i].is_null) {
            out->lengths[i] = pg_put_value(&values[i], out->room[i], &out->values[i]);
        }
    }
    return true;
}

/* --- results --- */

static bool type_fits(enum db_type type, unsigned oid)
{
    switch (type) {
    case DB_INT:
        return oid == PG_INT8 || oid == PG_INT4 || oid == PG_INT2 || oid == PG_NUMERIC;
    case DB_MONEY:
        return oid == PG_NUMERIC;
    case DB_TIME:
    case DB_NOW:
        return oid == PG_TIMESTAMPTZ;
    case DB_BOOL:
        return oid == PG_BOOL;
    case DB_REAL:
        return oid == PG_FLOAT8 || oid == PG_FLOAT4;
    case DB_TEXT:
        return oid == PG_TEXT || oid == PG_VARCHAR || oid == PG_BPCHAR || oid == PG_NAME ||
               oid == PG_JSON;
    }
    return false;
}

bool pg_result_fits(const struct db_statement *statement, const PGresult *rows, struct err *err)
{
    static const char *const wanted[] = {
        [DB_INT] = "bigint",      [DB_MONEY] = "numeric",         [DB_TIME] = "timestamptz",
        [DB_BOOL] = "boolean",    [DB_REAL] = "double precision", [DB_TEXT] = "text",
        [DB_NOW] = "timestamptz",
    };

    if (PQnfields(rows) != statement->column_count) {
        return err_set(err, ERR_SCHEMA, "declared with %d columns, has %d", statement->column_count,
                       PQnfields(rows));
    }
    for (int i = 0; i < statement->column_count; i++) {
        const struct db_column *column = &statement->columns[i];

        if (!type_fits(column->type, PQftype(rows, i))) {
            return err_set(err, ERR_SCHEMA, "column %s is declared as %s, has the type number %u",
                           column->name, wanted[column->type], PQftype(rows, i));
        }
    }
    return true;
}

static uint64_t take_bits(struct rd *rd, size_t bytes)
{
    const char *at = rd_bytes(rd, bytes);
    uint64_t bits = 0;

    for (size_t i = 0; at != NULL && i < bytes; i++) {
        bits = bits << 8 | (uint8_t)at[i];
    }
    return bits;
}

/* The number times `scale` (1: whole, 100: cents), if that is a whole number of 64 bits. Digits
 * count in powers of 10000; `weight` is the power of the first. */
static bool take_numeric(struct rd *rd, int64_t scale, int64_t *ret)
{
    const uint64_t digits = take_bits(rd, 2);
    int weight = (int16_t)take_bits(rd, 2);
    const uint64_t sign = take_bits(rd, 2);
    int64_t value = 0;

    (void)take_bits(rd, 2); /* how many decimals are shown */
    if (rd->bad || (sign != NUMERIC_POSITIVE && sign != NUMERIC_NEGATIVE)) {
        return false;
    }
    for (uint64_t i = 0; i < digits; i++, weight--) {
        int64_t digit = (int64_t)take_bits(rd, 2);

        if (weight >= 0) {
            if (__builtin_mul_overflow(value, NUMERIC_DIGIT, &value) ||
                __builtin_sub_overflow(value, digit, &value)) {
                return false;
            }
        } else if (digit != 0) {
            if (weight < -1 || scale == 1 || digit % NUMERIC_CENT != 0 ||
                __builtin_mul_overflow(value, scale, &value) ||
                __builtin_sub_overflow(value, digit / NUMERIC_CENT, &value)) {
                return false;
            }
            scale = 1;
        }
    }
    /* Zeroes at the end are not sent. */
    for (; weight >= 0 && value != 0; weight--) {
        if (__builtin_mul_overflow(value, NUMERIC_DIGIT, &value)) {
            return false;
        }
    }
    if (__builtin_mul_overflow(value, scale, &value) ||
        (sign == NUMERIC_POSITIVE && __builtin_sub_overflow(0, value, &value))) {
        return false;
    }
    *ret = value;
    return true;
}

static bool take_int(struct rd *rd, unsigned oid, int64_t *ret)
{
    switch (oid) {
    case PG_INT2:
        *ret = (int16_t)take_bits(rd, 2);
        return true;
    case PG_INT4:
        *ret = (int32_t)take_bits(rd, 4);
        return true;
    case PG_NUMERIC: /* sums of bigint are */
        return take_numeric(rd, 1, ret);
    default:
        *ret = (int64_t)take_bits(rd, 8);
        return true;
    }
}

/* Infinite times have no place among ours. */
static bool take_time(struct rd *rd, int64_t *ret)
{
    int64_t since_2000 = (int64_t)take_bits(rd, 8);

    return since_2000 != INT64_MIN && !__builtin_add_overflow(since_2000, EPOCH_US, ret);
}

static double take_real(struct rd *rd, unsigned oid)
{
    double real;
    float single;
    uint64_t bits;
    uint32_t single_bits;

    if (oid == PG_FLOAT4) {
        single_bits = (uint32_t)take_bits(rd, 4);
        memcpy(&single, &single_bits, sizeof(single));
        return (double)single;
    }
    bits = take_bits(rd, 8);
    memcpy(&real, &bits, sizeof(real));
    return real;
}

static bool decode_field(const PGresult *rows, int at, int column_at, enum db_type type,
                         void *field)
{
    const char *bytes = PQgetvalue(rows, at, column_at);
    struct rd rd = rd_of(bytes, (size_t)PQgetlength(rows, at, column_at));
    bool ok = true;

    switch (type) {
    case DB_INT:
        ok = take_int(&rd, PQftype(rows, column_at), field);
        break;
    case DB_MONEY:
        ok = take_numeric(&rd, NUMERIC_CENT, field);
        break;
    case DB_TIME:
    case DB_NOW:
        ok = take_time(&rd, field);
        break;
    case DB_BOOL:
        *(bool *)field = rd_u8(&rd) != 0;
        break;
    case DB_REAL:
        *(double *)field = take_real(&rd, PQftype(rows, column_at));
        break;
    case DB_TEXT:
        *(const char **)field = bytes; /* libpq puts a NUL behind each value */
        return true;
    }
    return ok && rd_at_end(&rd);
}

static void store_null(const struct db_column *column, char *row)
{
    void *field = row + column->offset;

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
        *(const char **)field = NULL;
        break;
    }
}

bool pg_decode_row(const struct db_statement *statement, const PGresult *rows, int at, void *row,
                   struct err *err)
{
    for (int i = 0; i < statement->column_count; i++) {
        const struct db_column *column = &statement->columns[i];
        const bool is_null = PQgetlength(rows, at, i) == 0 && PQgetisnull(rows, at, i) != 0;

        if (is_null ? !column->is_nullable
                    : !decode_field(rows, at, i, column->type, (char *)row + column->offset)) {
            return err_set(err, ERR_SCHEMA, "column %s does not hold its type but %s", column->name,
                           is_null ? "NULL" : "a value out of its range");
        }
        if (is_null) {
            store_null(column, row);
        }
        if (column->is_nullable && column->type != DB_TEXT) {
            *(bool *)((char *)row + column->null_offset) = is_null;
        }
    }
    return filled_texts_read(statement, row, err);
}
