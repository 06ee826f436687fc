/* ora/binds.c: values are given to a statement's places (see octo/ora.h and statement_priv.h). */
#include <string.h>

#include "ora/date.h"
#include "ora/floating.h"
#include "ora/interval.h"
#include "ora/lob.h"
#include "ora/number.h"
#include "ora/unicode.h"

#include "ora/statement_priv.h"

enum {
    ROOM_DEFAULT = 4000, /* bytes, of what is declared without saying */
    CURSOR_SIZE = 4,
    BOOLEAN_SIZE = 4, /* that drivers of Oracle's declare; its value has two bytes */
};

static const char NO_MEMORY[] = "there is no memory for it";
static const char TOO_LONG[] = "is longer than 32 MiB: write it into a LOB, and bind that";

/* A type with what goes with it in the description of a bind. */
struct kind {
    uint8_t type;
    uint8_t form; /* of the character set; 0: it has none */
    uint32_t size;
};

static const struct kind kinds[OCTO_ORA_BIND_TYPE_COUNT] = {
    [OCTO_ORA_BIND_VARCHAR2] = {ORA_TYPE_VARCHAR, ORA_FORM_DATABASE, 0},
    [OCTO_ORA_BIND_NVARCHAR2] = {ORA_TYPE_VARCHAR, ORA_FORM_NATIONAL, 0},
    [OCTO_ORA_BIND_RAW] = {ORA_TYPE_RAW, 0, 0},
    [OCTO_ORA_BIND_NUMBER] = {ORA_TYPE_NUMBER, 0, ORA_NUMBER_MAX},
    [OCTO_ORA_BIND_DATE] = {ORA_TYPE_DATE, 0, ORA_DATE_SIZE},
    [OCTO_ORA_BIND_TIMESTAMP] = {ORA_TYPE_TIMESTAMP, 0, ORA_TIMESTAMP_SIZE},
    [OCTO_ORA_BIND_TIMESTAMP_TZ] = {ORA_TYPE_TIMESTAMP_TZ, 0, ORA_ZONED_SIZE},
    [OCTO_ORA_BIND_TIMESTAMP_LTZ] = {ORA_TYPE_TIMESTAMP_LTZ, 0, ORA_TIMESTAMP_SIZE},
    [OCTO_ORA_BIND_INTERVAL_YM] = {ORA_TYPE_INTERVAL_YM, 0, ORA_MONTHS_SIZE},
    [OCTO_ORA_BIND_INTERVAL_DS] = {ORA_TYPE_INTERVAL_DS, 0, ORA_SECONDS_SIZE},
    [OCTO_ORA_BIND_BINARY_FLOAT] = {ORA_TYPE_BINARY_FLOAT, 0, ORA_FLOAT_SIZE},
    [OCTO_ORA_BIND_BINARY_DOUBLE] = {ORA_TYPE_BINARY_DOUBLE, 0, ORA_DOUBLE_SIZE},
    [OCTO_ORA_BIND_BOOLEAN] = {ORA_TYPE_BOOLEAN, 0, BOOLEAN_SIZE},
    [OCTO_ORA_BIND_CLOB] = {ORA_TYPE_CLOB, ORA_FORM_DATABASE, ORA_LOB_BIND_SIZE},
    [OCTO_ORA_BIND_NCLOB] = {ORA_TYPE_CLOB, ORA_FORM_NATIONAL, ORA_LOB_BIND_SIZE},
    [OCTO_ORA_BIND_BLOB] = {ORA_TYPE_BLOB, 0, ORA_LOB_BIND_SIZE},
    [OCTO_ORA_BIND_CURSOR] = {ORA_TYPE_CURSOR, 0, CURSOR_SIZE},
};

static struct ora_bind *at_place(struct octo_ora_statement *statement, unsigned place)
{
    if (place == 0 || place > statement->text.binds || statement->binds == NULL) {
        statement->wrong_place = place;
        return NULL;
    }
    statement->binds[place - 1].fault = NULL;
    statement->binds[place - 1].is_bound = true;
    return &statement->binds[place - 1];
}

/* Sizes go by classes, so that a value a little longer does not make the server parse anew. */
static uint32_t size_class(size_t length)
{
    static const uint32_t classes[] = {32, 128, 512, 2000, 4000, ORA_BIND_TEXT_MAX};
    uint32_t size = ORA_BIND_TEXT_MAX + 1;

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (length <= classes[i]) {
            return classes[i];
        }
    }
    while (size < length) {
        size *= 2;
    }
    return size;
}

/* What a place has been declared with once stays: it never shrinks. */
static void become(struct octo_ora_statement *statement, struct ora_bind *bind,
                   enum octo_ora_bind_type type, uint32_t size)
{
    const struct kind *kind = &kinds[type];
    const bool is_same = bind->type == kind->type && bind->form == kind->form;

    size = kind->size > 0 ? kind->size : size;
    size = is_same && bind->size > size ? bind->size : size;
    if (!is_same || bind->size != size) {
        statement->are_binds_known = false;
    }
    bind->type = kind->type;
    bind->form = kind->form;
    bind->size = size;
    bind->is_null = true;
    ora_wr_clear(&bind->bytes);
}

static void bind(struct octo_ora_statement *statement, unsigned place, enum octo_ora_bind_type type,
                 const void *bytes, size_t length)
{
    struct ora_bind *at = at_place(statement, place);

    if (at == NULL) {
        return;
    }
    if (length > ORA_BIND_MAX) {
        at->fault = TOO_LONG;
        return;
    }
    become(statement, at, type, size_class(length));
    ora_wr_raw(&at->bytes, bytes, length);
    at->is_null = length == 0;
    at->fault = at->bytes.is_bad ? NO_MEMORY : NULL;
}

/* What was found wrong with a value before it was bound. */
static void refuse(struct octo_ora_statement *statement, unsigned place, const char *fault)
{
    struct ora_bind *at = at_place(statement, place);

    if (at != NULL) {
        at->fault = fault;
    }
}

void octo_ora_bind_type(struct octo_ora_statement *statement, unsigned place,
                        enum octo_ora_bind_type type, size_t room)
{
    struct ora_bind *at = at_place(statement, place);

    if (at == NULL) {
        return;
    }
    if (room > ORA_BIND_TEXT_MAX) {
        at->fault = "is declared with more room than 32,767 bytes";
        return;
    }
    become(statement, at, type, size_class(room == 0 ? ROOM_DEFAULT : room));
}

void octo_ora_bind_null(struct octo_ora_statement *statement, unsigned place)
{
    struct ora_bind *at = at_place(statement, place);

    if (at == NULL) {
        return;
    }
    if (at->type == 0) {
        become(statement, at, OCTO_ORA_BIND_VARCHAR2, size_class(0));
    }
    at->is_null = true;
}

void octo_ora_bind_int(struct octo_ora_statement *statement, unsigned place, int64_t value)
{
    struct ora_number number;

    ora_number_of_int(value, &number);
    bind(statement, place, OCTO_ORA_BIND_NUMBER, number.bytes, number.length);
}

void octo_ora_bind_number(struct octo_ora_statement *statement, unsigned place, const char *digits)
{
    struct ora_number number;
    const char *fault = ora_number_of_text(digits, strlen(digits), &number);

    if (fault != NULL) {
        refuse(statement, place, fault);
        return;
    }
    bind(statement, place, OCTO_ORA_BIND_NUMBER, number.bytes, number.length);
}

void octo_ora_bind_text(struct octo_ora_statement *statement, unsigned place, const char *text,
                        size_t length)
{
    bind(statement, place, OCTO_ORA_BIND_VARCHAR2, text, length);
}

void octo_ora_bind_ntext(struct octo_ora_statement *statement, unsigned place, const char *text,
                         size_t length)
{
    struct ora_wr wr;

    ora_wr_init(&wr, ORA_BIND_MAX);
    if (!ora_utf16_write(&wr, text, length)) {
        refuse(statement, place, "is no well-formed UTF-8");
    } else if (wr.is_bad) {
        refuse(statement, place, TOO_LONG);
    } else {
        bind(statement, place, OCTO_ORA_BIND_NVARCHAR2, wr.data, wr.length);
    }
    ora_wr_fini(&wr);
}

void octo_ora_bind_raw(struct octo_ora_statement *statement, unsigned place, const void *bytes,
                       size_t length)
{
    bind(statement, place, OCTO_ORA_BIND_RAW, bytes, length);
}

void octo_ora_bind_float(struct octo_ora_statement *statement, unsigned place, float value)
{
    uint8_t bytes[ORA_FLOAT_SIZE];

    ora_float_write(value, bytes);
    bind(statement, place, OCTO_ORA_BIND_BINARY_FLOAT, bytes, sizeof(bytes));
}

void octo_ora_bind_double(struct octo_ora_statement *statement, unsigned place, double value)
{
    uint8_t bytes[ORA_DOUBLE_SIZE];

    ora_double_write(value, bytes);
    bind(statement, place, OCTO_ORA_BIND_BINARY_DOUBLE, bytes, sizeof(bytes));
}

void octo_ora_bind_bool(struct octo_ora_statement *statement, unsigned place, bool value)
{
    static const uint8_t no[] = {0};
    static const uint8_t yes[] = {1, 1};

    bind(statement, place, OCTO_ORA_BIND_BOOLEAN, value ? yes : no,
         value ? sizeof(yes) : sizeof(no));
}

void octo_ora_bind_date(struct octo_ora_statement *statement, unsigned place,
                        const struct octo_ora_time *time)
{
    uint8_t bytes[ORA_DATE_SIZE];
    const char *fault =
        time->has_offset ? "has a zone, which DATE has not" : ora_date_write(time, bytes);

    if (fault != NULL) {
        refuse(statement, place, fault);
        return;
    }
    bind(statement, place, OCTO_ORA_BIND_DATE, bytes, sizeof(bytes));
}

void octo_ora_bind_timestamp(struct octo_ora_statement *statement, unsigned place,
                             const struct octo_ora_time *time)
{
    uint8_t bytes[ORA_ZONED_SIZE];
    size_t length = sizeof(bytes);
    const char *fault =
        time->has_offset ? ora_zoned_write(time, bytes) : ora_timestamp_write(time, bytes, &length);

    if (fault != NULL) {
        refuse(statement, place, fault);
        return;
    }
    bind(statement, place, time->has_offset ? OCTO_ORA_BIND_TIMESTAMP_TZ : OCTO_ORA_BIND_TIMESTAMP,
         bytes, length);
}

/* It is kept in its zoned form, and moved to the database's zone when it is sent. */
void octo_ora_bind_local(struct octo_ora_statement *statement, unsigned place,
                         const struct octo_ora_time *time)
{
    uint8_t bytes[ORA_ZONED_SIZE];
    const char *fault = ora_zoned_write(time, bytes);

    if (fault != NULL) {
        refuse(statement, place, fault);
        return;
    }
    bind(statement, place, OCTO_ORA_BIND_TIMESTAMP_LTZ, bytes, sizeof(bytes));
}

void octo_ora_bind_months(struct octo_ora_statement *statement, unsigned place,
                          const struct octo_ora_months *interval)
{
    uint8_t bytes[ORA_MONTHS_SIZE];
    const char *fault = ora_months_write(interval, bytes);

    if (fault != NULL) {
        refuse(statement, place, fault);
        return;
    }
    bind(statement, place, OCTO_ORA_BIND_INTERVAL_YM, bytes, sizeof(bytes));
}

void octo_ora_bind_seconds(struct octo_ora_statement *statement, unsigned place,
                           const struct octo_ora_seconds *interval)
{
    uint8_t bytes[ORA_SECONDS_SIZE];
    const char *fault = ora_seconds_write(interval, bytes);

    if (fault != NULL) {
        refuse(statement, place, fault);
        return;
    }
    bind(statement, place, OCTO_ORA_BIND_INTERVAL_DS, bytes, sizeof(bytes));
}

void octo_ora_bind_lob(struct octo_ora_statement *statement, unsigned place,
                       const struct octo_ora_lob *lob)
{
    const enum octo_ora_bind_type type = lob->type == ORA_TYPE_BLOB       ? OCTO_ORA_BIND_BLOB
                                         : lob->form == ORA_FORM_NATIONAL ? OCTO_ORA_BIND_NCLOB
                                                                          : OCTO_ORA_BIND_CLOB;

    if (lob->session != statement->session) {
        refuse(statement, place, "is a LOB of another session");
        return;
    }
    bind(statement, place, type, lob->locator, lob->locator_length);
}
