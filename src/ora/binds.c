/* ora/binds.c: values on their way to the server (see octo/ora.h and statement_priv.h). */
#include <string.h>

#include "ora/date.h"
#include "ora/number.h"

#include "ora/statement_priv.h"

enum { CHARSET_UTF8 = 873, FORM_DATABASE = 1, USES_INDICATORS = 1, MESSAGE_ROW = 7 };

static struct ora_bind *at_place(struct octo_ora_statement *statement, unsigned place)
{
    if (place == 0 || place > statement->text.binds || statement->binds == NULL) {
        statement->wrong_place = place;
        return NULL;
    }
    statement->binds[place - 1].fault = NULL;
    return &statement->binds[place - 1];
}

/* Sizes go by classes, so that a value a little longer does not make the server parse anew. */
static uint32_t size_class(size_t length)
{
    static const uint32_t classes[] = {32, 128, 512, 2000, 4000};

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (length <= classes[i]) {
            return classes[i];
        }
    }
    return ORA_BIND_TEXT_MAX;
}

static void bind(struct octo_ora_statement *statement, struct ora_bind *bind, uint8_t type,
                 uint32_t size, const void *bytes, size_t length)
{
    size = bind->type == type && bind->size > size ? bind->size : size;
    if (bind->type != type || bind->size != size) {
        statement->are_binds_known = false;
    }
    bind->type = type;
    bind->size = size;
    bind->is_null = length == 0;
    ora_wr_clear(&bind->bytes);
    ora_wr_raw(&bind->bytes, bytes, length);
    bind->fault = bind->bytes.is_bad ? "there is no memory for it" : NULL;
}

void octo_ora_bind_null(struct octo_ora_statement *statement, unsigned place)
{
    struct ora_bind *at = at_place(statement, place);

    if (at == NULL) {
        return;
    }
    if (at->type == 0) {
        bind(statement, at, ORA_TYPE_VARCHAR, size_class(0), NULL, 0);
    }
    at->is_null = true;
}

void octo_ora_bind_int(struct octo_ora_statement *statement, unsigned place, int64_t value)
{
    struct ora_bind *at = at_place(statement, place);
    struct ora_number number;

    ora_number_of_int(value, &number);
    if (at != NULL) {
        bind(statement, at, ORA_TYPE_NUMBER, ORA_NUMBER_MAX, number.bytes, number.length);
    }
}

void octo_ora_bind_number(struct octo_ora_statement *statement, unsigned place, const char *digits)
{
    struct ora_bind *at = at_place(statement, place);
    struct ora_number number;
    const char *fault = ora_number_of_text(digits, strlen(digits), &number);

    if (at != NULL && fault == NULL) {
        bind(statement, at, ORA_TYPE_NUMBER, ORA_NUMBER_MAX, number.bytes, number.length);
    } else if (at != NULL) {
        at->fault = fault;
    }
}

void octo_ora_bind_text(struct octo_ora_statement *statement, unsigned place, const char *text,
                        size_t length)
{
    struct ora_bind *at = at_place(statement, place);

    if (at != NULL && length <= ORA_BIND_TEXT_MAX) {
        bind(statement, at, ORA_TYPE_VARCHAR, size_class(length), text, length);
    } else if (at != NULL) {
        at->fault = "is longer than 32,767 bytes";
    }
}

void octo_ora_bind_date(struct octo_ora_statement *statement, unsigned place,
                        const struct octo_ora_time *time)
{
    struct ora_bind *at = at_place(statement, place);
    uint8_t bytes[ORA_DATE_SIZE];

    if (at == NULL) {
        return;
    }
    at->fault = time->has_offset ? "has a zone, which DATE has not" : ora_date_write(time, bytes);
    if (at->fault == NULL) {
        bind(statement, at, ORA_TYPE_DATE, ORA_DATE_SIZE, bytes, sizeof(bytes));
    }
}

bool ora_binds_check(const struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->wrong_place != 0) {
        return ora_fault(error, OCTO_ORA_USAGE, "there is no bind %u: the statement has %u",
                         statement->wrong_place, statement->text.binds);
    }
    for (unsigned i = 0; i < statement->text.binds; i++) {
        const struct ora_bind *at = &statement->binds[i];

        if (at->fault != NULL) {
            return ora_fault(error, OCTO_ORA_USAGE, "the value of bind %u %s", i + 1, at->fault);
        }
        if (at->type == 0) {
            return ora_fault(error, OCTO_ORA_USAGE,
                             "bind %u has no value: bind NULL where it is meant", i + 1);
        }
    }
    return true;
}

static void write_type(const struct octo_ora_statement *statement, const struct ora_bind *at,
                       struct ora_wr *wr)
{
    const bool is_text = at->type == ORA_TYPE_VARCHAR;

    ora_wr_u8(wr, at->type);
    ora_wr_u8(wr, USES_INDICATORS);
    ora_wr_u8(wr, 0);
    ora_wr_u8(wr, 0);
    ora_wr_ub(wr, at->size);
    ora_wr_ub(wr, 0); /* elements */
    ora_wr_ub(wr, 0); /* flags */
    ora_wr_ub(wr, 0); /* an object's type, and its version */
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, is_text ? CHARSET_UTF8 : 0);
    ora_wr_u8(wr, is_text ? FORM_DATABASE : 0);
    ora_wr_ub(wr, 0); /* of a LOB: bytes that come along */
    if (statement->session->dialect.field_version >= ORA_FV_12_2) {
        ora_wr_ub(wr, 0); /* collation */
    }
}

void ora_binds_write_types(const struct octo_ora_statement *statement, struct ora_wr *wr)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        write_type(statement, &statement->binds[i], wr);
    }
}

/* What is declared longer than a VARCHAR of the server's comes behind all others. */
void ora_binds_write_row(const struct octo_ora_statement *statement, struct ora_wr *wr)
{
    if (statement->text.binds == 0) {
        return;
    }
    ora_wr_u8(wr, MESSAGE_ROW);
    for (int late = 0; late <= 1; late++) {
        for (unsigned i = 0; i < statement->text.binds; i++) {
            const struct ora_bind *at = &statement->binds[i];

            if ((at->size > statement->session->max_text) == (late == 1)) {
                ora_wr_clr(wr, at->bytes.data, at->is_null ? 0 : at->bytes.length);
            }
        }
    }
}
