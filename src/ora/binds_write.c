/* ora/binds_write.c: values on their way to the server: what each place is, and rows of them (see
 * statement_priv.h). */
#include "ora/date.h"
#include "ora/lob.h"

#include "ora/statement_priv.h"

enum {
    MESSAGE_ROW = 7,
    USES_INDICATORS = 1,
    CHARSET_UTF8 = 873, /* of both forms: the national one is told by its form alone */
    NULL_ESCAPE = 0xFD, /* of a BOOLEAN: a length of 0 would be a value */
};

/* A time that is kept with its zone, as the database keeps it in its own. */
static const char *write_local(const struct octo_ora *session, const struct ora_bind *at,
                               uint8_t ret[ORA_TIMESTAMP_SIZE], size_t *ret_length)
{
    struct octo_ora_time time;
    const char *fault = session->zone.fault;

    fault = fault != NULL ? fault : ora_time_read(at->bytes.data, at->bytes.length, &time);
    fault = fault != NULL ? fault : ora_time_move(&time, session->zone.offset_min);
    return fault != NULL ? fault : ora_timestamp_write(&time, ret, ret_length);
}

static const char *fault_of(const struct octo_ora_statement *statement, const struct ora_bind *at)
{
    uint8_t bytes[ORA_TIMESTAMP_SIZE];
    size_t length;

    if (at->fault != NULL) {
        return at->fault;
    }
    if (at->type == ORA_TYPE_BOOLEAN && statement->text.kind != ORA_TEXT_BLOCK &&
        statement->session->dialect.field_version < ORA_FV_23) {
        return "is a BOOLEAN, which SQL knows from 23ai on: bind 0 or 1";
    }
    if (at->type == ORA_TYPE_TIMESTAMP_LTZ && !at->is_null) {
        return write_local(statement->session, at, bytes, &length);
    }
    return NULL;
}

bool ora_binds_check(const struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->wrong_place != 0) {
        return ora_fault(error, OCTO_ORA_USAGE, "there is no bind %u: the statement has %u",
                         statement->wrong_place, statement->text.binds);
    }
    for (unsigned i = 0; i < statement->text.binds; i++) {
        const struct ora_bind *at = &statement->binds[i];
        const char *fault = fault_of(statement, at);

        if (fault != NULL) {
            return ora_fault(error, OCTO_ORA_USAGE, "the value of bind %u %s", i + 1, fault);
        }
        if (!at->is_bound) {
            return ora_fault(error, OCTO_ORA_USAGE,
                             i >= statement->text.first_returned
                                 ? "bind %u has no type: declare what it returns"
                                 : "bind %u has no value: bind NULL where it is meant",
                             i + 1);
        }
    }
    return true;
}

bool ora_binds_need_zone(const struct octo_ora_statement *statement)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        if (statement->binds[i].type == ORA_TYPE_TIMESTAMP_LTZ && !statement->binds[i].is_null) {
            return true;
        }
    }
    return false;
}

void ora_type_write(const struct octo_ora *session, uint8_t type, uint8_t form, uint32_t size,
                    struct ora_wr *wr)
{
    const bool is_lob = type == ORA_TYPE_CLOB || type == ORA_TYPE_BLOB;

    ora_wr_u8(wr, type);
    ora_wr_u8(wr, USES_INDICATORS);
    ora_wr_u8(wr, 0);
    ora_wr_u8(wr, 0);
    ora_wr_ub(wr, size);
    ora_wr_ub(wr, 0); /* elements */
    ora_wr_ub(wr, is_lob ? ORA_LOB_PREFETCH : 0);
    ora_wr_ub(wr, 0); /* an object's type, and its version */
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, form != 0 ? CHARSET_UTF8 : 0);
    ora_wr_u8(wr, form);
    ora_wr_ub(wr, 0); /* of a LOB: bytes that come along */
    if (session->dialect.field_version >= ORA_FV_12_2) {
        ora_wr_ub(wr, 0); /* collation */
    }
}

void ora_binds_write_types(const struct octo_ora_statement *statement, struct ora_wr *wr)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        const struct ora_bind *at = &statement->binds[i];

        if (at->spilled != NULL) {
            ora_type_write(statement->session, at->spilled->type, at->spilled->form,
                           ORA_LOB_BIND_SIZE, wr);
        } else {
            ora_type_write(statement->session, at->type, at->form, at->size, wr);
        }
    }
}

static void write_value(const struct octo_ora_statement *statement, const struct ora_bind *at,
                        struct ora_wr *wr)
{
    uint8_t local[ORA_TIMESTAMP_SIZE];
    size_t length = 0;

    if (at->spilled != NULL) {
        ora_wr_text(wr, at->spilled->locator, at->spilled->locator_length);
    } else if (at->type == ORA_TYPE_CLOB || at->type == ORA_TYPE_BLOB) {
        ora_wr_text(wr, at->bytes.data, at->is_null ? 0 : at->bytes.length);
    } else if (at->type == ORA_TYPE_CURSOR) {
        ora_wr_u8(wr, 1); /* never the NULL of others: servers wait for more then */
        ora_wr_u8(wr, 0);
    } else if (at->is_null && at->type == ORA_TYPE_BOOLEAN) {
        ora_wr_u8(wr, NULL_ESCAPE);
        ora_wr_u8(wr, 1);
    } else if (!at->is_null && at->type == ORA_TYPE_TIMESTAMP_LTZ) {
        (void)write_local(statement->session, at, local, &length); /* was checked */
        ora_wr_clr(wr, local, length);
    } else {
        ora_wr_clr(wr, at->bytes.data, at->is_null ? 0 : at->bytes.length);
    }
}

static bool goes_in(const struct octo_ora_statement *statement, unsigned i)
{
    return statement->text.kind != ORA_TEXT_BLOCK ||
           (statement->columns[i].direction & ORA_DIRECTION_IN) != 0;
}

/* Behind RETURNING INTO a place has a type and no value. In SQL, what is declared longer than a
 * VARCHAR of the server's comes behind all others. */
void ora_binds_write_row(const struct octo_ora_statement *statement, bool by_number,
                         struct ora_wr *wr)
{
    const bool is_block = statement->text.kind == ORA_TEXT_BLOCK;

    if (statement->text.first_returned == 0) {
        return; /* no place has a value */
    }
    ora_wr_u8(wr, MESSAGE_ROW);
    for (int late = 0; late <= 1; late++) {
        for (unsigned i = 0; i < statement->text.first_returned; i++) {
            const struct ora_bind *at = &statement->binds[i];
            const bool is_late = !is_block && at->size > statement->session->max_text;
            const bool is_left_out = by_number && !goes_in(statement, i);

            if (is_late == (late == 1) && !is_left_out) {
                write_value(statement, at, wr);
            }
        }
    }
}
