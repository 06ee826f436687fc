/*
 * Values on their way to PostgreSQL and back. Parameters are binary but for money, which is sent as
 * the decimal text of a numeric; results are binary throughout. Money is read from numeric's digits
 * without any floating point; a number that has no exact place in its C type is an error.
 */
#include <string.h>

#include "core/arena.h"
#include "core/rd.h"

#include "db/backend_postgres_priv.h"

/* Microseconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch. */
#define EPOCH_US INT64_C(946684800000000)

enum {
    NUMERIC_POSITIVE = 0x0000,
    NUMERIC_NEGATIVE = 0x4000,
    NUMERIC_DIGIT = 10000, /* each of its digits counts up to that */
    NUMERIC_CENT = 100,    /* the first digit after the point, in cents */
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

static void put_u64(char out[8], uint64_t value)
{
    for (size_t i = 0; i < 8; i++) {
        out[i] = (char)(value >> (56 - 8 * i) & 0xff);
    }
}

/* Writes one value that is not null into `room`, or points to its text. Returns its length. */
static int encode_one(const struct db_value *value, char room[MONEY_TEXT_MAX], const char **ret)
{
    uint64_t bits;

    *ret = room;
    switch (value->type) {
    case DB_INT:
        put_u64(room, (uint64_t)value->i);
        return 8;
    case DB_TIME:
    case DB_NOW:
        put_u64(room, (uint64_t)(value->i - EPOCH_US));
        return 8;
    case DB_BOOL:
        room[0] = (char)(value->i != 0);
        return 1;
    case DB_REAL:
        memcpy(&bits, &value->real, sizeof bits);
        put_u64(room, bits);
        return 8;
    case DB_MONEY:
        return (int)money_format(value->i, room);
    case DB_TEXT:
        *ret = value->text;
        return (int)strlen(value->text);
    }
    return 0;
}

bool pg_encode(const struct db_statement *statement, const struct db_value *values,
               struct pg_encoded *out, struct err *err)
{
    size_t count = statement->variants[DB_POSTGRES].bind_count;

    for (size_t i = 0; i < count; i++) {
        const struct db_value *value = &values[i];

        out->formats[i] = value->type != DB_MONEY;
        out->values[i] = NULL;
        out->lengths[i] = 0;
        if (value->is_null) {
            continue;
        }
        if ((value->type == DB_TIME || value->type == DB_NOW) && value->i < INT64_MIN + EPOCH_US) {
            return err_set(err, ERR_INVALID, "time of parameter %zu is out of range", i + 1);
        }
        if (value->type == DB_TEXT && strlen(value->text) > INT32_MAX / 2) {
            return err_set(err, ERR_LIMIT, "text of parameter %zu is too long", i + 1);
        }
        out->lengths[i] = encode_one(value, out->room[i], &out->values[i]);
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
    uint64_t bits = 0;

    for (size_t i = 0; i < bytes; i++) {
        bits = bits << 8 | rd_u8(rd);
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
        memcpy(&single, &single_bits, sizeof single);
        return (double)single;
    }
    bits = take_bits(rd, 8);
    memcpy(&real, &bits, sizeof real);
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
        const bool is_null = PQgetisnull(rows, at, i) != 0;

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
    return true;
}
