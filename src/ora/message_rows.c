/*
 * ora/message_rows.c: columns and rows (see message.h). A row has no length and its values no
 * types: only what described the columns tells where it ends.
 */
#include <string.h>

#include "ora/message.h"

#include "ora/message_priv.h"

/* --- columns --- */

/* Annotations of a column's: a list of names and values with bytes around it that mean nothing. */
static void skip_annotations(struct ora_rd *rd)
{
    uint32_t count;

    if (ora_rd_ub4(rd) == 0) {
        return;
    }
    (void)ora_rd_u8(rd);
    count = ora_rd_count(rd, ORA_PAIRS_MAX, "more annotations than there are");
    (void)ora_rd_u8(rd);
    for (uint32_t i = 0; i < count && ora_rd_is_fine(rd); i++) {
        (void)ora_rd_text(rd);
        (void)ora_rd_text(rd);
        (void)ora_rd_ub4(rd);
    }
    (void)ora_rd_ub4(rd);
}

static bool has_long_scale(uint8_t type)
{
    return type == ORA_TYPE_NUMBER || type == ORA_TYPE_INTERVAL_DS || type == ORA_TYPE_TIMESTAMP ||
           type == ORA_TYPE_TIMESTAMP_TZ || type == ORA_TYPE_TIMESTAMP_LTZ;
}

/* What field versions have added at the end. */
static void skip_newer_fields(const struct ora_dialect *dialect, struct ora_rd *rd)
{
    if (dialect->field_version >= ORA_FV_23) {
        (void)ora_rd_text(rd); /* domain's schema */
        (void)ora_rd_text(rd); /* domain */
    }
    if (dialect->field_version >= ORA_FV_23_EXT3) {
        skip_annotations(rd);
    }
    if (dialect->field_version >= ORA_FV_23_4) {
        (void)ora_rd_ub4(rd); /* of a vector: dimensions, format, flags */
        (void)ora_rd_u8(rd);
        (void)ora_rd_u8(rd);
    }
}

void ora_column_read(const struct ora_dialect *dialect, struct ora_rd *rd, struct ora_column *ret)
{
    struct ora_column column = {.type = ora_rd_u8(rd)};

    (void)ora_rd_u8(rd); /* flags */
    column.precision = (int8_t)ora_rd_u8(rd);
    if (dialect->has_long_bytes && has_long_scale(column.type)) {
        column.scale = (int8_t)ora_rd_sb4(rd);
    } else {
        column.scale = (int8_t)ora_rd_u8(rd);
    }
    column.size = ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);  /* elements */
    (void)ora_rd_ub8(rd);  /* continuation flags */
    (void)ora_rd_text(rd); /* identifier of an object's type */
    (void)ora_rd_ub2(rd);  /* its version */
    (void)ora_rd_ub2(rd);  /* character set */
    column.charset_form = ora_rd_u8(rd);
    column.characters = ora_rd_ub4(rd);
    if (dialect->field_version >= ORA_FV_12_2) {
        (void)ora_rd_ub4(rd); /* collation */
    }
    column.is_nullable = ora_rd_u8(rd) != 0;
    (void)ora_rd_u8(rd); /* length of the name, of old */
    column.name = ora_rd_text(rd);
    (void)ora_rd_text(rd); /* an object's schema */
    (void)ora_rd_text(rd); /* its type */
    (void)ora_rd_ub2(rd);  /* position */
    (void)ora_rd_ub4(rd);  /* flags */
    skip_newer_fields(dialect, rd);
    column.lob = column.type == ORA_TYPE_CLOB || column.type == ORA_TYPE_BLOB ? column.type : 0;
    *ret = column;
}

void ora_describe_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                       struct ora_describe *ret)
{
    (void)ora_rd_clr(rd); /* an identifier */
    ora_nested_describe_read(dialect, rd, ret);
}

void ora_nested_describe_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                              struct ora_describe *ret)
{
    struct ora_column column;

    (void)ora_rd_ub4(rd); /* the longest row */
    ret->count = ora_rd_count(rd, ORA_COLUMNS_MAX, "more columns than there can be");
    if (ret->count > 0) {
        (void)ora_rd_u8(rd);
    }
    ret->columns = *rd;
    for (uint32_t i = 0; i < ret->count && ora_rd_is_fine(rd); i++) {
        ora_column_read(dialect, rd, &column);
    }
    ret->columns.end = rd->at;
    (void)ora_rd_text(rd); /* the server's date */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_text(rd); /* key of a cache */
}

/* --- which columns a row has --- */

static void read_bits(struct ora_answer *answer, struct ora_rd *rd, size_t count)
{
    const uint8_t *bits;

    if (count > sizeof(answer->bits)) {
        ora_rd_fail(rd, "a bit vector of more columns than there can be");
        return;
    }
    bits = ora_rd_raw(rd, count);
    if (bits != NULL) {
        memset(answer->bits, 0, sizeof(answer->bits));
        memcpy(answer->bits, bits, count);
        answer->has_bits = true;
    }
}

void ora_row_header_read(struct ora_answer *answer, struct ora_rd *rd)
{
    uint32_t length;

    (void)ora_rd_u8(rd);  /* flags */
    (void)ora_rd_ub2(rd); /* columns that are sent */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub2(rd);
    length = ora_rd_ub4(rd);
    if (length > 0) {
        (void)ora_rd_u8(rd);
        read_bits(answer, rd, length);
    }
    (void)ora_rd_text(rd);
}

void ora_bit_vector_read(struct ora_answer *answer, struct ora_rd *rd)
{
    (void)ora_rd_ub2(rd); /* columns that are sent */
    read_bits(answer, rd, (answer->column_count + 7) / 8);
}

bool ora_column_is_sent(const struct ora_answer *answer, uint32_t column)
{
    return !answer->has_bits || (answer->bits[column / 8] >> (column % 8) & 1) != 0;
}

/* --- values --- */

void ora_rd_rowid(struct ora_rd *rd, struct ora_rowid *ret)
{
    ret->object = ora_rd_ub4(rd);
    ret->file = ora_rd_ub2(rd);
    (void)ora_rd_u8(rd);
    ret->block = ora_rd_ub4(rd);
    ret->slot = ora_rd_ub2(rd);
}

static void read_rowid(struct ora_rd *rd, struct ora_value *ret)
{
    const uint8_t length = ora_rd_u8(rd);

    ret->bytes = (struct ora_bytes){.at = rd->at, .is_null = length == 0 || length == ORA_CLR_NULL};
    if (!ret->bytes.is_null) {
        ora_rd_rowid(rd, &ret->rowid);
    }
}

/* What ora_rd_clr does, where nearly all are a few bytes behind their length: rows are made of
 * these. */
static struct ora_bytes read_value(struct ora_rd *rd)
{
    const uint8_t *at = rd->at;
    const bool is_short = ora_rd_is_fine(rd) && at<rd->end && * at> 0 && *at <= ORA_CLR_READ_MAX &&
                          rd->end - at > *at;

    if (!is_short) {
        return ora_rd_clr(rd);
    }
    rd->at = at + 1 + *at;
    return (struct ora_bytes){.at = at + 1, .length = *at};
}

/* The first of two strings only says whether there is one. */
static void read_universal_rowid(struct ora_rd *rd, struct ora_value *ret)
{
    ret->bytes = read_value(rd);
    if (!ret->bytes.is_null) {
        ret->bytes = read_value(rd);
    }
}

static void read_long(struct ora_rd *rd, struct ora_value *ret)
{
    ret->bytes = read_value(rd);
    (void)ora_rd_sb4(rd); /* is it NULL */
    (void)ora_rd_ub4(rd); /* return code */
}

/* A number says whether there is one; then what was asked for, and the locator. */
static void read_lob(const struct ora_column *column, struct ora_rd *rd, struct ora_value *ret)
{
    if (ora_rd_ub4(rd) == 0) {
        return;
    }
    if (column->has_size) {
        ret->lob_size = ora_rd_ub8(rd);
        (void)ora_rd_ub4(rd); /* its chunks' size */
    }
    ret->bytes = read_value(rd);
}

/* Its columns, as a message of their own would tell them, and its number. */
static void read_cursor(const struct ora_dialect *dialect, struct ora_rd *rd, struct ora_value *ret)
{
    const uint8_t length = ora_rd_u8(rd);

    if (length != 0 && length != ORA_CLR_NULL) {
        ora_nested_describe_read(dialect, rd, &ret->describe);
        ret->cursor = ora_rd_ub2(rd);
        ret->bytes.is_null = ret->cursor == 0; /* it was never opened */
    }
}

static bool is_always_null(const struct ora_column *column)
{
    return column->size == 0 && column->type != ORA_TYPE_LONG &&
           column->type != ORA_TYPE_LONG_RAW && column->type != ORA_TYPE_UROWID;
}

void ora_value_read(const struct ora_dialect *dialect, const struct ora_column *column,
                    struct ora_rd *rd, struct ora_value *ret)
{
    ret->bytes = (struct ora_bytes){.at = rd->at, .is_null = true};
    ret->cursor = 0;
    ret->lob_size = 0;
    ret->is_cut = false;
    if (is_always_null(column)) {
        return;
    }
    switch (column->type) {
    case ORA_TYPE_VARCHAR:
    case ORA_TYPE_NUMBER:
    case ORA_TYPE_DATE:
    case ORA_TYPE_RAW:
    case ORA_TYPE_CHAR:
    case ORA_TYPE_BINARY_FLOAT:
    case ORA_TYPE_BINARY_DOUBLE:
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
    case ORA_TYPE_INTERVAL_YM:
    case ORA_TYPE_INTERVAL_DS:
    case ORA_TYPE_BOOLEAN:
        ret->bytes = read_value(rd);
        break;
    case ORA_TYPE_LONG:
    case ORA_TYPE_LONG_RAW:
        read_long(rd, ret);
        break;
    case ORA_TYPE_ROWID:
        read_rowid(rd, ret);
        break;
    case ORA_TYPE_UROWID:
        read_universal_rowid(rd, ret);
        break;
    case ORA_TYPE_CLOB:
    case ORA_TYPE_BLOB:
    case ORA_TYPE_BFILE:
        read_lob(column, rd, ret);
        break;
    case ORA_TYPE_CURSOR:
        read_cursor(dialect, rd, ret);
        break;
    default:
        ora_rd_fail(rd, "a value of a type that is not read");
        break;
    }
}

bool ora_comes_back(const struct ora_column *bind)
{
    return (bind->direction & ORA_DIRECTION_OUT) != 0;
}

/* The length that a value had before it was cut; of a BOOLEAN that is NULL, less than 0. */
void ora_out_read(const struct ora_dialect *dialect, const struct ora_column *bind,
                  struct ora_rd *rd, struct ora_value *ret)
{
    int32_t length;

    ora_value_read(dialect, bind, rd, ret);
    length = ora_rd_sb4(rd);
    ret->is_cut = length > 0;
    ret->bytes.is_null = ret->bytes.is_null || (bind->type == ORA_TYPE_BOOLEAN && length < 0);
}

/* How many values of the bind come. */
static uint32_t count_outs(const struct ora_answer *answer, uint32_t column, struct ora_rd *rd)
{
    if (!ora_comes_back(&answer->columns[column])) {
        return 0;
    }
    return answer->rows == ORA_ROWS_RETURNED ? ora_rd_ub4(rd) : 1;
}

static void skip_outs(struct ora_answer *answer, struct ora_rd *rd)
{
    struct ora_row_place *place = &answer->place;
    struct ora_value value;

    for (; place->column < answer->column_count; place->column++, place->value = 0) {
        if (place->value == 0) {
            place->at = ora_rd_offset(rd);
            place->values = count_outs(answer, place->column, rd);
        }
        while (ora_rd_is_fine(rd) && place->value < place->values) {
            ora_out_read(answer->dialect, &answer->columns[place->column], rd, &value);
            if (ora_rd_is_fine(rd)) {
                place->at = ora_rd_offset(rd);
                place->value++;
            }
        }
        if (!ora_rd_is_fine(rd)) {
            break;
        }
    }
}

static void skip_columns(struct ora_answer *answer, struct ora_rd *rd)
{
    struct ora_row_place *place = &answer->place;
    struct ora_value value;

    for (; place->column < answer->column_count; place->column++) {
        place->at = ora_rd_offset(rd);
        if (ora_column_is_sent(answer, place->column)) {
            ora_value_read(answer->dialect, &answer->columns[place->column], rd, &value);
        }
        if (!ora_rd_is_fine(rd)) {
            break;
        }
    }
}

void ora_row_read(struct ora_answer *answer, struct ora_rd *rd, struct ora_row *ret)
{
    const size_t row = ora_rd_offset(rd);

    if (answer->column_count == 0) {
        ora_rd_fail(rd, "a row before its columns were described");
    }
    ret->values = *rd;
    if (answer->place.row != row || answer->place.at > (size_t)(rd->end - rd->start)) {
        answer->place = (struct ora_row_place){.row = row, .at = row};
    }
    rd->at = rd->start + answer->place.at;
    rd->chunks = &answer->place.chunks;
    if (answer->rows == ORA_ROWS_FETCHED) {
        skip_columns(answer, rd);
    } else {
        skip_outs(answer, rd);
    }
    rd->chunks = NULL;
    ret->values.end = rd->at;
}

/* --- rowids as texts --- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *put_digits(char *to, uint32_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = digits[value & 63];
        value >>= 6;
    }
    return to + count;
}

void ora_rowid_text(const struct ora_rowid *rowid, char ret[ORA_ROWIDS_TEXT + 1])
{
    char *to = put_digits(ret, rowid->object, 6);

    to = put_digits(to, rowid->file, 3);
    to = put_digits(to, rowid->block, 6);
    to = put_digits(to, rowid->slot, 3);
    *to = '\0';
}

static bool physical_text(struct ora_wr *wr, const uint8_t *bytes, size_t length)
{
    struct ora_rd rd = ora_rd_of(bytes, length);
    char text[ORA_ROWIDS_TEXT + 1];
    struct ora_rowid rowid;

    (void)ora_rd_u8(&rd); /* that it is one */
    rowid.object = ora_rd_u32(&rd);
    rowid.file = ora_rd_u16(&rd);
    rowid.block = ora_rd_u32(&rd);
    rowid.slot = ora_rd_u16(&rd);
    if (!ora_rd_is_fine(&rd)) {
        return false;
    }
    ora_rowid_text(&rowid, text);
    ora_wr_raw(wr, text, ORA_ROWIDS_TEXT);
    return true;
}

/* Of three bytes four digits, of one that is left two, of two three: nothing is filled up. */
bool ora_universal_rowid_text(struct ora_wr *wr, const uint8_t *bytes, size_t length)
{
    enum { PHYSICAL = 1 };

    if (length == 0) {
        return false;
    }
    if (bytes[0] == PHYSICAL) {
        return physical_text(wr, bytes, length);
    }
    ora_wr_u8(wr, '*');
    for (size_t i = 1; i < length; i += 3) {
        const size_t count = length - i < 3 ? length - i : 3;
        uint32_t value = 0;

        for (size_t j = 0; j < 3; j++) {
            value = value * 256 + (j < count ? bytes[i + j] : 0u);
        }
        for (size_t j = 0; j <= count; j++) {
            ora_wr_u8(wr, (uint8_t)digits[value >> (18 - 6 * j) & 63]);
        }
    }
    return true;
}
