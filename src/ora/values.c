/* ora/values.c: what is in the row that was fetched last (see octo/ora.h). */
#include <string.h>

#include "ora/date.h"
#include "ora/floating.h"
#include "ora/interval.h"
#include "ora/number.h"
#include "ora/unicode.h"

#include "ora/statement_priv.h"

unsigned octo_ora_column_count(const struct octo_ora_statement *statement)
{
    return statement->column_count;
}

static enum octo_ora_type type_of(uint8_t type)
{
    switch (type) {
    case ORA_TYPE_VARCHAR:
    case ORA_TYPE_CHAR:
    case ORA_TYPE_LONG:
        return OCTO_ORA_CHARACTERS;
    case ORA_TYPE_NUMBER:
        return OCTO_ORA_NUMBER;
    case ORA_TYPE_DATE:
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
        return OCTO_ORA_TIME;
    case ORA_TYPE_RAW:
    case ORA_TYPE_LONG_RAW:
        return OCTO_ORA_RAW;
    case ORA_TYPE_ROWID:
    case ORA_TYPE_UROWID:
        return OCTO_ORA_ROWID;
    case ORA_TYPE_INTERVAL_YM:
        return OCTO_ORA_MONTHS;
    case ORA_TYPE_INTERVAL_DS:
        return OCTO_ORA_SECONDS;
    case ORA_TYPE_BINARY_FLOAT:
    case ORA_TYPE_BINARY_DOUBLE:
        return OCTO_ORA_FLOATING;
    case ORA_TYPE_BOOLEAN:
        return OCTO_ORA_BOOLEAN;
    case ORA_TYPE_CLOB:
        return OCTO_ORA_CLOB;
    case ORA_TYPE_BLOB:
        return OCTO_ORA_BLOB;
    case ORA_TYPE_CURSOR:
        return OCTO_ORA_CURSOR;
    default:
        return OCTO_ORA_OTHER;
    }
}

struct octo_ora_column octo_ora_column(const struct octo_ora_statement *statement, unsigned place)
{
    const struct ora_column *column;

    if (place == 0 || place > statement->column_count) {
        return (struct octo_ora_column){.name = ""};
    }
    column = &statement->columns[place - 1];
    return (struct octo_ora_column){.name = (const char *)column->name.at,
                                    .type = type_of(column->type),
                                    .is_nullable = column->is_nullable};
}

static const struct ora_cell *cell_at(const struct octo_ora_statement *statement, unsigned place)
{
    return place == 0 || place > statement->column_count || !statement->has_row
               ? NULL
               : &statement->cells[place - 1];
}

bool octo_ora_is_null(const struct octo_ora_statement *statement, unsigned place)
{
    const struct ora_cell *cell = cell_at(statement, place);

    return cell == NULL || cell->value.bytes.is_null;
}

static bool no_value(const struct octo_ora_statement *statement, unsigned place,
                     struct octo_ora_error *error)
{
    return ora_fault(error, OCTO_ORA_USAGE,
                     statement->has_row ? "there is no column %u: the row has %u"
                                        : "column %u of %u: no row has been fetched",
                     place, statement->column_count);
}

static bool wrong_value(const struct octo_ora_statement *statement, unsigned place,
                        const char *fault, struct octo_ora_error *error)
{
    return ora_fault(error, OCTO_ORA_USAGE, "the value of column %u (%.128s) %s", place,
                     octo_ora_column(statement, place).name, fault);
}

/* A time that the database calls local is in its own zone, which the session knows by now. */
static const char *read_time(const struct octo_ora_statement *statement, unsigned place,
                             const struct ora_bytes *bytes, struct octo_ora_time *ret)
{
    const struct ora_zone *zone = &statement->session->zone;
    const char *fault = ora_time_read(bytes->at, bytes->length, ret);

    if (fault == NULL && statement->columns[place - 1].type == ORA_TYPE_TIMESTAMP_LTZ) {
        ret->has_offset = true;
        ret->offset_min = (int16_t)zone->offset_min;
        fault = zone->fault;
    }
    return fault;
}

/* The last byte says it, as drivers of Oracle's read it. */
static const char *read_bool(const struct ora_bytes *bytes, bool *ret)
{
    const bool is_fine = bytes->length >= 1 && bytes->length <= 2; /* in chunks it may have none */

    *ret = is_fine && bytes->at[bytes->length - 1] == 1;
    return is_fine ? NULL : "is no well-formed BOOLEAN";
}

static const char *time_text(const struct octo_ora_statement *statement, unsigned place,
                             const struct ora_bytes *bytes, char *room)
{
    struct octo_ora_time time;
    const char *fault = read_time(statement, place, bytes, &time);

    if (fault == NULL) {
        ora_time_text(&time, room);
    }
    return fault;
}

static const char *interval_text(enum octo_ora_type type, const struct ora_bytes *bytes, char *room)
{
    struct octo_ora_months months;
    struct octo_ora_seconds seconds;
    const char *fault;

    if (type == OCTO_ORA_MONTHS) {
        fault = ora_months_read(bytes->at, bytes->length, &months);
        if (fault == NULL) {
            ora_months_text(&months, room);
        }
        return fault;
    }
    fault = ora_seconds_read(bytes->at, bytes->length, &seconds);
    if (fault == NULL) {
        ora_seconds_text(&seconds, room);
    }
    return fault;
}

static const char *bool_text(const struct ora_bytes *bytes, char *room)
{
    static const char texts[][6] = {"FALSE", "TRUE"};
    bool value;
    const char *fault = read_bool(bytes, &value);

    memcpy(room, texts[value], sizeof(texts[value]));
    return fault;
}

/* Of a value that is not NULL: into `room`, or an empty text there where its bytes are its text. */
static const char *text_of(const struct octo_ora_statement *statement, unsigned place,
                           const struct ora_value *value, char *room)
{
    const struct ora_column *column = &statement->columns[place - 1];
    const struct ora_bytes *bytes = &value->bytes;

    room[0] = '\0';
    switch (type_of(column->type)) {
    case OCTO_ORA_NUMBER:
        return ora_number_text(bytes->at, bytes->length, room);
    case OCTO_ORA_TIME:
        return time_text(statement, place, bytes, room);
    case OCTO_ORA_ROWID:
        if (column->type == ORA_TYPE_ROWID) {
            ora_rowid_text(&value->rowid, room);
        }
        return NULL;
    case OCTO_ORA_MONTHS:
    case OCTO_ORA_SECONDS:
        return interval_text(type_of(column->type), bytes, room);
    case OCTO_ORA_FLOATING:
        return ora_floating_text(bytes->at, bytes->length, room);
    case OCTO_ORA_BOOLEAN:
        return bool_text(bytes, room);
    case OCTO_ORA_CHARACTERS:
        return ora_utf8_is_valid(bytes->at, bytes->length) ? NULL : "is no well-formed UTF-8";
    case OCTO_ORA_CLOB:
    case OCTO_ORA_BLOB:
        return "is a LOB that is streamed: take it with octo_ora_get_lob";
    case OCTO_ORA_CURSOR:
        return "is a cursor: take it with octo_ora_get_cursor";
    case OCTO_ORA_RAW:
    case OCTO_ORA_OTHER:
        break;
    }
    return NULL;
}

bool octo_ora_get_text(const struct octo_ora_statement *statement, unsigned place,
                       struct octo_ora_text *ret, struct octo_ora_error *error)
{
    const struct ora_cell *cell = cell_at(statement, place);
    const char *fault;

    _Static_assert(sizeof(ret->room) >= ORA_NUMBER_TEXT_MAX, "a NUMBER has room there");
    if (cell == NULL) {
        return no_value(statement, place, error);
    }
    ret->at = (const char *)cell->value.bytes.at;
    ret->length = cell->value.bytes.length;
    if (cell->value.bytes.is_null) {
        ret->length = 0;
        return true;
    }
    fault = cell->fault != NULL ? cell->fault : text_of(statement, place, &cell->value, ret->room);
    if (fault != NULL) {
        return wrong_value(statement, place, fault, error);
    }
    if (ret->room[0] != '\0') {
        ret->at = ret->room;
        ret->length = strlen(ret->room);
    }
    return true;
}

/* The bytes of a value that is of this type and not NULL. */
static const struct ora_bytes *bytes_of(const struct octo_ora_statement *statement, unsigned place,
                                        enum octo_ora_type type, const char *otherwise,
                                        struct octo_ora_error *error)
{
    const struct ora_cell *cell = cell_at(statement, place);
    const char *fault;

    if (cell == NULL) {
        (void)no_value(statement, place, error);
        return NULL;
    }
    fault = cell->value.bytes.is_null                             ? "is NULL"
            : type_of(statement->columns[place - 1].type) != type ? otherwise
                                                                  : cell->fault;
    if (fault != NULL) {
        (void)wrong_value(statement, place, fault, error);
        return NULL;
    }
    return &cell->value.bytes;
}

bool octo_ora_get_int(const struct octo_ora_statement *statement, unsigned place, int64_t *ret,
                      struct octo_ora_error *error)
{
    const struct ora_bytes *bytes =
        bytes_of(statement, place, OCTO_ORA_NUMBER, "is no NUMBER", error);
    const char *fault = bytes == NULL ? NULL : ora_number_int(bytes->at, bytes->length, ret);

    return bytes != NULL && (fault == NULL || wrong_value(statement, place, fault, error));
}

bool octo_ora_get_time(const struct octo_ora_statement *statement, unsigned place,
                       struct octo_ora_time *ret, struct octo_ora_error *error)
{
    const struct ora_bytes *bytes =
        bytes_of(statement, place, OCTO_ORA_TIME, "is no date or time", error);
    struct octo_ora_time time = {.year = 0};
    const char *fault = bytes == NULL ? NULL : read_time(statement, place, bytes, &time);

    if (bytes == NULL || fault != NULL) {
        return bytes != NULL && wrong_value(statement, place, fault, error);
    }
    *ret = time;
    return true;
}

bool octo_ora_get_months(const struct octo_ora_statement *statement, unsigned place,
                         struct octo_ora_months *ret, struct octo_ora_error *error)
{
    const struct ora_bytes *bytes =
        bytes_of(statement, place, OCTO_ORA_MONTHS, "is no INTERVAL YEAR TO MONTH", error);
    const char *fault = bytes == NULL ? NULL : ora_months_read(bytes->at, bytes->length, ret);

    return bytes != NULL && (fault == NULL || wrong_value(statement, place, fault, error));
}

bool octo_ora_get_seconds(const struct octo_ora_statement *statement, unsigned place,
                          struct octo_ora_seconds *ret, struct octo_ora_error *error)
{
    const struct ora_bytes *bytes =
        bytes_of(statement, place, OCTO_ORA_SECONDS, "is no INTERVAL DAY TO SECOND", error);
    const char *fault = bytes == NULL ? NULL : ora_seconds_read(bytes->at, bytes->length, ret);

    return bytes != NULL && (fault == NULL || wrong_value(statement, place, fault, error));
}

bool octo_ora_get_double(const struct octo_ora_statement *statement, unsigned place, double *ret,
                         struct octo_ora_error *error)
{
    const struct ora_bytes *bytes =
        bytes_of(statement, place, OCTO_ORA_FLOATING, "is no BINARY_FLOAT or BINARY_DOUBLE", error);
    const char *fault = bytes == NULL ? NULL : ora_floating_read(bytes->at, bytes->length, ret);

    return bytes != NULL && (fault == NULL || wrong_value(statement, place, fault, error));
}

bool octo_ora_get_bool(const struct octo_ora_statement *statement, unsigned place, bool *ret,
                       struct octo_ora_error *error)
{
    const struct ora_bytes *bytes =
        bytes_of(statement, place, OCTO_ORA_BOOLEAN, "is no BOOLEAN", error);
    const char *fault = bytes == NULL ? NULL : read_bool(bytes, ret);

    return bytes != NULL && (fault == NULL || wrong_value(statement, place, fault, error));
}
