/* ora/values.c: what is in the row that was fetched last (see octo/ora.h). */
#include <string.h>

#include "ora/date.h"
#include "ora/number.h"

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
        return OCTO_ORA_ROWID;
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

static const struct ora_value *value_at(const struct octo_ora_statement *statement, unsigned place)
{
    return place == 0 || place > statement->column_count || !statement->has_row
               ? NULL
               : &statement->values[place - 1];
}

bool octo_ora_is_null(const struct octo_ora_statement *statement, unsigned place)
{
    const struct ora_value *value = value_at(statement, place);

    return value == NULL || value->bytes.is_null;
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

bool octo_ora_get_text(const struct octo_ora_statement *statement, unsigned place,
                       struct octo_ora_text *ret, struct octo_ora_error *error)
{
    const struct ora_value *value = value_at(statement, place);
    const char *fault = NULL;
    struct octo_ora_time time;

    _Static_assert(sizeof(ret->room) >= ORA_NUMBER_TEXT_MAX, "a NUMBER has room there");
    if (value == NULL) {
        return no_value(statement, place, error);
    }
    ret->at = (const char *)value->bytes.at;
    ret->length = value->bytes.length;
    if (value->bytes.is_null) {
        ret->length = 0;
        return true;
    }
    switch (type_of(statement->columns[place - 1].type)) {
    case OCTO_ORA_NUMBER:
        fault = ora_number_text(value->bytes.at, value->bytes.length, ret->room);
        break;
    case OCTO_ORA_TIME:
        fault = ora_time_read(value->bytes.at, value->bytes.length, &time);
        if (fault == NULL) {
            ora_time_text(&time, ret->room);
        }
        break;
    case OCTO_ORA_ROWID:
        ora_rowid_text(&value->rowid, ret->room);
        break;
    case OCTO_ORA_CHARACTERS:
    case OCTO_ORA_RAW:
    case OCTO_ORA_OTHER:
        return true;
    }
    if (fault != NULL) {
        return wrong_value(statement, place, fault, error);
    }
    ret->at = ret->room;
    ret->length = strlen(ret->room);
    return true;
}

/* The bytes of a value that is of this type and not NULL. */
static const struct ora_bytes *bytes_of(const struct octo_ora_statement *statement, unsigned place,
                                        enum octo_ora_type type, const char *otherwise,
                                        struct octo_ora_error *error)
{
    const struct ora_value *value = value_at(statement, place);

    if (value == NULL) {
        (void)no_value(statement, place, error);
        return NULL;
    }
    if (value->bytes.is_null || type_of(statement->columns[place - 1].type) != type) {
        (void)wrong_value(statement, place, value->bytes.is_null ? "is NULL" : otherwise, error);
        return NULL;
    }
    return &value->bytes;
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
    const char *fault = bytes == NULL ? NULL : ora_time_read(bytes->at, bytes->length, &time);

    if (bytes == NULL || fault != NULL) {
        return bytes != NULL && wrong_value(statement, place, fault, error);
    }
    *ret = time;
    return true;
}
