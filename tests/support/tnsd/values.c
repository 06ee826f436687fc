#include "tests/support/tnsd/values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ora/date.h"
#include "ora/number.h"
#include "tests/support/tnsd/intervals.h"
#include "tests/support/tnsd/rewrite.h"

enum {
    BYTES_OF_CHARACTER = 4,
    VARCHAR_MAX = 4000,
    RAW_MAX = 2000,
    SCALE_FLOATING = -127,
    TIMESTAMP_SCALE = 6,
    LONG_MAX_SIZE = 0x7FFFFFFF,
    LOB_SIZE = 4000,
    LOB_CHUNK = 8060,
    ROW_ID_SIZE = 10,
    ROW_ID_LENGTH = 14, /* as servers say, however few bytes its parts take */
};

/* --- types --- */

struct type_row {
    Oid theirs;
    uint8_t ours;
    uint32_t size;
};

static const struct type_row types[] = {
    {PG_BOOL, ORA_TYPE_BOOLEAN, 4},
    {PG_BYTEA, ORA_TYPE_RAW, RAW_MAX},
    {PG_INT8, ORA_TYPE_NUMBER, ORA_NUMBER_MAX},
    {PG_INT2, ORA_TYPE_NUMBER, ORA_NUMBER_MAX},
    {PG_INT4, ORA_TYPE_NUMBER, ORA_NUMBER_MAX},
    {PG_TEXT, ORA_TYPE_VARCHAR, VARCHAR_MAX},
    {PG_FLOAT4, ORA_TYPE_BINARY_FLOAT, 4},
    {PG_FLOAT8, ORA_TYPE_BINARY_DOUBLE, 8},
    {PG_UNKNOWN, ORA_TYPE_VARCHAR, VARCHAR_MAX},
    {PG_BPCHAR, ORA_TYPE_CHAR, RAW_MAX},
    {PG_VARCHAR, ORA_TYPE_VARCHAR, VARCHAR_MAX},
    {PG_TIMESTAMP, ORA_TYPE_TIMESTAMP, ORA_TIMESTAMP_SIZE},
    {PG_TIMESTAMPTZ, ORA_TYPE_TIMESTAMP_TZ, ORA_ZONED_SIZE},
    {PG_INTERVAL, ORA_TYPE_INTERVAL_DS, ORA_INTERVAL_DS_SIZE},
    {PG_NUMERIC, ORA_TYPE_NUMBER, ORA_NUMBER_MAX},
    {PG_REFCURSOR, ORA_TYPE_CURSOR, 4},
    {PG_VOID, ORA_TYPE_VARCHAR, 1},
};

static const struct type_row own_types[DATABASE_TYPES] = {
    [DATABASE_DATE] = {0, ORA_TYPE_DATE, ORA_DATE_SIZE},
    [DATABASE_LOCAL_TIME] = {0, ORA_TYPE_TIMESTAMP_LTZ, ORA_TIMESTAMP_SIZE},
    [DATABASE_CLOB] = {0, ORA_TYPE_CLOB, LOB_SIZE},
    [DATABASE_BLOB] = {0, ORA_TYPE_BLOB, LOB_SIZE},
    [DATABASE_NVARCHAR] = {0, ORA_TYPE_VARCHAR, VARCHAR_MAX},
    [DATABASE_ROW_ID] = {0, ORA_TYPE_ROWID, ROW_ID_SIZE},
};

static const struct type_row *find_type(const struct database *database, Oid type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (types[i].theirs == type) {
            return &types[i];
        }
    }
    for (int i = 0; i < DATABASE_TYPES; i++) {
        if (database->types[i] == type) {
            return &own_types[i];
        }
    }
    return NULL;
}

/* Of a numeric the modifier holds precision and scale above 4; see numeric.c of PostgreSQL. */
static void describe_number(Oid type, int modifier, struct tnsd_column *ret)
{
    ret->scale = SCALE_FLOATING;
    if (type == PG_NUMERIC && modifier >= 4) {
        const int scale = (modifier - 4) & 0x7FF;

        ret->precision = (int8_t)((modifier - 4) >> 16);
        ret->scale = (int8_t)(scale >= 0x400 ? scale - 0x800 : scale);
    }
}

/* Of an interval the upper half says which fields it has; those of years and months are bits 1, 2.
 */
static bool has_months_only(int modifier)
{
    const int fields = modifier < 0 ? 0x7FFF : modifier >> 16 & 0x7FFF;

    return fields != 0x7FFF && (fields & ~0x6) == 0;
}

static void describe_text(int modifier, struct tnsd_column *ret)
{
    const uint32_t unit = ret->charset_form == FORM_NATIONAL ? 2 : BYTES_OF_CHARACTER;

    ret->characters = modifier >= 4 ? (uint32_t)modifier - 4 : ret->size;
    if (modifier >= 4 && ret->characters * unit < ret->size) {
        ret->size = ret->characters * unit;
    }
}

bool column_of_result(const struct database *database, const PGresult *result, int place,
                      struct tnsd_column *ret)
{
    const Oid type = PQftype(result, place);
    const int modifier = PQfmod(result, place);
    const struct type_row *row = find_type(database, type);
    const char *name = PQfname(result, place);
    const size_t length = strlen(name);

    if (row == NULL) {
        return false;
    }
    *ret = (struct tnsd_column){.type = row->ours, .size = row->size};
    rewrite_swap_case(name, length < COLUMN_NAME_MAX ? length : COLUMN_NAME_MAX, ret->name);
    switch (row->ours) {
    case ORA_TYPE_NUMBER:
        describe_number(type, modifier, ret);
        break;
    case ORA_TYPE_VARCHAR:
    case ORA_TYPE_CHAR:
    case ORA_TYPE_CLOB:
        ret->charset_form =
            type == database->types[DATABASE_NVARCHAR] ? FORM_NATIONAL : FORM_DATABASE;
        describe_text(modifier, ret);
        break;
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
        ret->scale = (int8_t)(modifier >= 0 ? modifier : TIMESTAMP_SCALE);
        break;
    case ORA_TYPE_INTERVAL_DS:
        ret->precision = 9;
        ret->scale = TIMESTAMP_SCALE;
        if (has_months_only(modifier)) {
            ret->type = ORA_TYPE_INTERVAL_YM;
            ret->size = ORA_INTERVAL_YM_SIZE;
            ret->scale = 0;
        }
        break;
    default:
        break;
    }
    return true;
}

void column_of_bind(const struct tnsd_bind *bind, struct tnsd_column *ret)
{
    *ret = (struct tnsd_column){.type = bind->type,
                                .charset_form = bind->charset_form,
                                .size = bind->size,
                                .lob_form = bind->has_prefetch ? LOB_PREFETCH : LOB_PLAIN};
}

Oid param_type(const struct database *database, const struct tnsd_bind *bind, bool is_text)
{
    switch (bind->type) {
    case ORA_TYPE_NUMBER:
        return PG_NUMERIC;
    case ORA_TYPE_DATE:
        return database->types[DATABASE_DATE];
    case ORA_TYPE_TIMESTAMP:
        return PG_TIMESTAMP;
    case ORA_TYPE_TIMESTAMP_TZ:
        return PG_TIMESTAMPTZ;
    case ORA_TYPE_TIMESTAMP_LTZ:
        return database->types[DATABASE_LOCAL_TIME];
    case ORA_TYPE_INTERVAL_DS:
    case ORA_TYPE_INTERVAL_YM:
        return PG_INTERVAL;
    case ORA_TYPE_RAW:
    case ORA_TYPE_LONG_RAW:
        return PG_BYTEA;
    case ORA_TYPE_BINARY_FLOAT:
        return PG_FLOAT4;
    case ORA_TYPE_BINARY_DOUBLE:
        return PG_FLOAT8;
    case ORA_TYPE_BOOLEAN:
        return PG_BOOL;
    case ORA_TYPE_CLOB:
        return database->types[DATABASE_CLOB];
    case ORA_TYPE_BLOB:
        return database->types[DATABASE_BLOB];
    default:
        return is_text ? PG_TEXT : 0;
    }
}

const char *param_type_name(const struct tnsd_bind *bind)
{
    static const struct {
        uint8_t type;
        const char *name;
    } names[] = {
        {ORA_TYPE_VARCHAR, "varchar"},
        {ORA_TYPE_CHAR, "varchar"},
        {ORA_TYPE_LONG, "varchar"},
        {ORA_TYPE_NUMBER, "numeric"},
        {3 /* BINARY_INTEGER */, "numeric"},
        {ORA_TYPE_DATE, "ora.date"},
        {ORA_TYPE_TIMESTAMP, "timestamp"},
        {ORA_TYPE_TIMESTAMP_TZ, "timestamptz"},
        {ORA_TYPE_TIMESTAMP_LTZ, "ora.local_time"},
        {ORA_TYPE_INTERVAL_DS, "interval"},
        {ORA_TYPE_INTERVAL_YM, "interval"},
        {ORA_TYPE_RAW, "bytea"},
        {ORA_TYPE_LONG_RAW, "bytea"},
        {ORA_TYPE_BINARY_FLOAT, "real"},
        {ORA_TYPE_BINARY_DOUBLE, "double precision"},
        {ORA_TYPE_BOOLEAN, "boolean"},
        {ORA_TYPE_CLOB, "ora.clob"},
        {ORA_TYPE_BLOB, "ora.blob"},
        {ORA_TYPE_CURSOR, "refcursor"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].type == bind->type) {
            return names[i].name;
        }
    }
    return NULL;
}

/* --- from the client --- */

static void write_hex(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    static const char digits[] = "0123456789abcdef";

    ora_wr_raw(to, "\\x", 2);
    for (size_t i = 0; i < length; i++) {
        ora_wr_u8(to, (uint8_t)digits[bytes[i] >> 4]);
        ora_wr_u8(to, (uint8_t)digits[bytes[i] & 0xF]);
    }
}

static bool text_of_number(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    char text[ORA_NUMBER_TEXT_MAX];

    if (ora_number_text(bytes, length, text) != NULL) {
        return false;
    }
    ora_wr_raw(to, text, strlen(text));
    return true;
}

static bool text_of_time(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    struct octo_ora_time time;
    char text[ORA_TIME_TEXT_MAX];
    const bool is_bc = ora_time_read(bytes, length, &time) == NULL && time.year < 0;

    if (ora_time_read(bytes, length, &time) != NULL) {
        return false;
    }
    ora_time_text(&time, text);
    ora_wr_raw(to, text + is_bc, strlen(text) - is_bc);
    if (is_bc) {
        ora_wr_raw(to, " BC", 3);
    }
    return true;
}

/* The order of IEEE's numbers is kept as bytes: the sign is turned round, of negative ones all
 * bits. */
static uint64_t turn_bits(uint64_t bits, uint64_t sign, bool was_positive)
{
    return was_positive ? bits ^ sign : ~bits & (sign | (sign - 1));
}

static bool text_of_binary(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    const uint64_t sign = (uint64_t)1 << (8 * length - 1);
    uint64_t bits = 0;
    double value;
    char text[40];

    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | bytes[i];
    }
    bits = turn_bits(bits, sign, (bits & sign) != 0);
    if (length == sizeof(float)) {
        const uint32_t half = (uint32_t)bits;
        float single;

        memcpy(&single, &half, sizeof(single));
        value = (double)single;
    } else {
        memcpy(&value, &bits, sizeof(value));
    }
    (void)snprintf(text, sizeof(text),
                   isnan(value)   ? "NaN"
                   : isinf(value) ? (value > 0 ? "Infinity" : "-Infinity")
                                  : "%.17g",
                   value);
    ora_wr_raw(to, text, strlen(text));
    return true;
}

static bool text_of_lob(const uint8_t *locator, size_t length, struct lobs *lobs, struct ora_wr *to)
{
    const struct lob *lob = lobs_find(lobs, locator, length);

    if (lob == NULL) {
        return false;
    }
    if (lob->is_text) {
        ora_wr_raw(to, lob->content.data, lob->content.length);
    } else {
        write_hex(lob->content.data, lob->content.length, to);
    }
    return true;
}

static bool text_of_bytes(const struct tnsd_bind *bind, const uint8_t *bytes, size_t length,
                          struct lobs *lobs, struct ora_wr *to)
{
    switch (bind->type) {
    case ORA_TYPE_NUMBER:
    case 3: /* BINARY_INTEGER, which PL/SQL has */
        return text_of_number(bytes, length, to);
    case ORA_TYPE_DATE:
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
        return text_of_time(bytes, length, to);
    case ORA_TYPE_INTERVAL_DS:
        return text_of_interval_ds(bytes, length, to);
    case ORA_TYPE_INTERVAL_YM:
        return text_of_interval_ym(bytes, length, to);
    case ORA_TYPE_RAW:
    case ORA_TYPE_LONG_RAW:
        write_hex(bytes, length, to);
        return true;
    case ORA_TYPE_BINARY_FLOAT:
        return length == sizeof(float) && text_of_binary(bytes, length, to);
    case ORA_TYPE_BINARY_DOUBLE:
        return length == sizeof(double) && text_of_binary(bytes, length, to);
    case ORA_TYPE_BOOLEAN:
        ora_wr_u8(to, bytes[length - 1] == 1 ? 't' : 'f');
        return true;
    case ORA_TYPE_CLOB:
    case ORA_TYPE_BLOB:
        return text_of_lob(bytes, length, lobs, to);
    default:
        if (bind->charset_form == FORM_NATIONAL) {
            return utf8_of_utf16(bytes, length, to);
        }
        ora_wr_raw(to, bytes, length);
        return memchr(bytes, '\0', length) == NULL; /* which PostgreSQL's texts cannot hold */
    }
}

bool param_text(const struct tnsd_bind *bind, const struct ora_bytes *bytes, struct lobs *lobs,
                struct ora_wr *to)
{
    uint8_t *joined = malloc(bytes->length + 1);
    bool ok = joined != NULL && bytes->length > 0;

    if (ok) {
        ora_bytes_copy(bytes, joined);
        ok = text_of_bytes(bind, joined, bytes->length, lobs, to);
    }
    free(joined);
    ora_wr_u8(to, '\0');
    return ok && !to->is_bad;
}

/* --- to the client --- */

static bool write_number(const char *text, size_t length, struct ora_wr *to)
{
    struct ora_number number;

    if (ora_number_of_text(text, length, &number) != NULL) {
        return false;
    }
    ora_wr_clr(to, number.bytes, number.length);
    return true;
}

/* 2024-02-29 13:14:15[.123456][+05[:30]][ BC]. */
static bool read_time(const char *text, struct octo_ora_time *ret)
{
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int used = 0;
    int digits = 0;
    char fraction[10] = "000000000";

    if (sscanf(text, "%d-%d-%d %d:%d:%d%n", &year, &month, &day, &hour, &minute, &second, &used) !=
        6) {
        return false;
    }
    if (text[used] == '.' && sscanf(text + used, ".%9[0-9]%n", fraction, &digits) == 1) {
        memset(fraction + strlen(fraction), '0', 9 - strlen(fraction));
        used += digits;
    }
    if (strstr(text + used, "BC") != NULL) {
        year = -year;
    }
    *ret = (struct octo_ora_time){.year = (int16_t)year,
                                  .month = (uint8_t)month,
                                  .day = (uint8_t)day,
                                  .hour = (uint8_t)hour,
                                  .minute = (uint8_t)minute,
                                  .second = (uint8_t)second,
                                  .nanosecond = (uint32_t)strtoul(fraction, NULL, 10)};
    return true;
}

static bool write_time(uint8_t type, const char *text, struct ora_wr *to)
{
    uint8_t bytes[ORA_ZONED_SIZE];
    size_t length = ORA_DATE_SIZE;
    struct octo_ora_time time;
    const char *fault;

    if (!read_time(text, &time)) {
        return false;
    }
    if (type == ORA_TYPE_DATE) {
        time.nanosecond = 0;
        fault = ora_date_write(&time, bytes);
    } else if (type == ORA_TYPE_TIMESTAMP_TZ) {
        time.has_offset = true; /* the session is in UTC */
        length = ORA_ZONED_SIZE;
        fault = ora_zoned_write(&time, bytes);
    } else {
        fault = ora_timestamp_write(&time, bytes, &length);
    }
    ora_wr_clr(to, bytes, length);
    return fault == NULL;
}

static bool write_binary(const char *text, size_t size, struct ora_wr *to)
{
    const double value = strtod(text, NULL);
    const float single = (float)value;
    const uint64_t sign = (uint64_t)1 << (8 * size - 1);
    uint8_t bytes[sizeof(double)];
    uint64_t bits = 0;

    if (size == sizeof(single)) {
        uint32_t half;

        memcpy(&half, &single, sizeof(half));
        bits = half;
    } else {
        memcpy(&bits, &value, sizeof(bits));
    }
    bits = turn_bits(bits, sign, (bits & sign) == 0);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(bits >> (8 * (size - 1 - i)));
    }
    ora_wr_clr(to, bytes, size);
    return true;
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* \x and digits. */
static struct ora_wr bytes_of_hex(const char *text, size_t length)
{
    struct ora_wr bytes;

    ora_wr_init(&bytes, LOB_BYTES_MAX);
    for (size_t i = 2; i + 1 < length; i += 2) {
        ora_wr_u8(&bytes, (uint8_t)(digit(text[i]) << 4 | digit(text[i + 1])));
    }
    return bytes;
}

static bool write_bytes(const char *text, size_t length, struct ora_wr *to)
{
    struct ora_wr bytes = bytes_of_hex(text, length);

    ora_wr_clr(to, bytes.data, bytes.length);
    ora_wr_fini(&bytes);
    return true;
}

static bool write_characters(const struct tnsd_column *column, const char *text, size_t length,
                             struct ora_wr *to)
{
    struct ora_wr wide;

    if (column->charset_form != FORM_NATIONAL) {
        ora_wr_clr(to, text, length);
        return true;
    }
    ora_wr_init(&wide, LOB_BYTES_MAX);
    utf16_of_utf8(text, length, &wide);
    ora_wr_clr(to, wide.data, wide.length);
    ora_wr_fini(&wide);
    return true;
}

static bool write_lob(const struct tnsd_column *column, const char *text, size_t length,
                      struct lobs *lobs, struct ora_wr *to)
{
    const bool is_text = column->type == ORA_TYPE_CLOB;
    struct ora_wr bytes = is_text ? (struct ora_wr){.data = NULL} : bytes_of_hex(text, length);
    uint8_t locator[LOB_LOCATOR];
    struct lob *lob;

    if (column->lob_form == LOB_VALUE) {
        ora_wr_clr(to, is_text ? (const void *)text : bytes.data, is_text ? length : bytes.length);
        ora_wr_zeros(to, 2); /* there is a value, and it is whole */
        ora_wr_fini(&bytes);
        return true;
    }
    lob = lobs_add(lobs, is_text, false, is_text ? (const void *)text : bytes.data,
                   is_text ? length : bytes.length);
    ora_wr_fini(&bytes);
    if (lob == NULL) {
        return false;
    }
    lob_locator(lob, locator);
    ora_wr_ub(to, LOB_LOCATOR);
    if (column->lob_form == LOB_PREFETCH) {
        ora_wr_ub(to, lob_length(lob));
        ora_wr_ub(to, LOB_CHUNK);
    }
    ora_wr_clr(to, locator, LOB_LOCATOR);
    return true;
}

/* Digits to the base of 64. */
static uint32_t part_of_row_id(const char *text, int digits)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t part = 0;

    for (int i = 0; i < digits; i++) {
        const char *found = strchr(alphabet, text[i]);

        part = part << 6 | (uint32_t)(found != NULL ? found - alphabet : 0);
    }
    return part;
}

/* Object, file, block and row, as the text has them. */
static bool write_row_id(const char *text, size_t length, struct ora_wr *to)
{
    if (length != ORA_ROWIDS_TEXT) {
        return false;
    }
    ora_wr_u8(to, ROW_ID_LENGTH);
    ora_wr_ub(to, part_of_row_id(text, 6));
    ora_wr_ub(to, part_of_row_id(text + 6, 3));
    ora_wr_u8(to, 0);
    ora_wr_ub(to, part_of_row_id(text + 9, 6));
    ora_wr_ub(to, part_of_row_id(text + 15, 3));
    return true;
}

static void write_null(const struct tnsd_column *column, struct ora_wr *to)
{
    enum { NO_VALUE = 1405 };

    ora_wr_u8(to, 0);
    if (column->lob_form == LOB_VALUE) {
        ora_wr_u8(to, 0x81); /* -1: NULL */
        ora_wr_u8(to, 1);
        ora_wr_ub(to, NO_VALUE);
    }
}

bool value_write(const struct tnsd_column *column, const char *text, size_t length,
                 struct lobs *lobs, struct ora_wr *to)
{
    if (text == NULL) {
        write_null(column, to);
        return true;
    }
    switch (column->type) {
    case ORA_TYPE_NUMBER:
    case 3: /* BINARY_INTEGER */
        return write_number(text, length, to);
    case ORA_TYPE_DATE:
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
        return write_time(column->type, text, to);
    case ORA_TYPE_INTERVAL_DS:
        return write_interval_ds(text, to);
    case ORA_TYPE_INTERVAL_YM:
        return write_interval_ym(text, to);
    case ORA_TYPE_BINARY_FLOAT:
        return write_binary(text, sizeof(float), to);
    case ORA_TYPE_BINARY_DOUBLE:
        return write_binary(text, sizeof(double), to);
    case ORA_TYPE_BOOLEAN:
        ora_wr_clr(to, text[0] == 't' ? "\1\1" : "", text[0] == 't' ? 2 : 1);
        return true;
    case ORA_TYPE_RAW:
    case ORA_TYPE_LONG_RAW:
        return write_bytes(text, length, to);
    case ORA_TYPE_CLOB:
    case ORA_TYPE_BLOB:
        return write_lob(column, text, length, lobs, to);
    case ORA_TYPE_ROWID:
        return write_row_id(text, length, to);
    default:
        return write_characters(column, text, length, to);
    }
}
