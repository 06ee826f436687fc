/* ora/columns.c: the columns of a statement, and what is to be known of them before rows are asked
 * for (see statement_priv.h). */
#include <stdlib.h>

#include "ora/heap.h"

#include "ora/statement_priv.h"

static bool is_text(uint8_t type)
{
    return type == ORA_TYPE_VARCHAR || type == ORA_TYPE_CHAR || type == ORA_TYPE_LONG;
}

static bool is_raw(uint8_t type)
{
    return type == ORA_TYPE_RAW || type == ORA_TYPE_LONG_RAW;
}

/* A column that the statement fetched as text or bytes before, and that has become a LOB since, is
 * still sent so. */
static void keep_form(const struct ora_column *before, struct ora_column *now)
{
    if (now->lob == ORA_TYPE_CLOB && before->lob == 0 && is_text(before->type)) {
        now->type = ORA_TYPE_LONG;
        now->lob = 0;
    } else if (now->lob == ORA_TYPE_BLOB && before->lob == 0 && is_raw(before->type)) {
        now->type = ORA_TYPE_LONG_RAW;
        now->lob = 0;
    }
}

static void read_columns(const struct octo_ora_statement *statement,
                         const struct ora_describe *describe, struct ora_column *columns)
{
    struct ora_rd rd = describe->columns;

    for (uint32_t i = 0; i < describe->count; i++) {
        ora_column_read(&statement->session->dialect, &rd, &columns[i]);
        if (i < statement->column_count) {
            keep_form(&statement->columns[i], &columns[i]);
        }
    }
}

/* Names are kept with a NUL behind each. */
bool ora_rows_describe(struct octo_ora_statement *statement, const struct ora_describe *describe)
{
    struct ora_column *columns = ora_heap_zeroed(describe->count, sizeof(*columns));
    struct ora_cell *cells = ora_heap_zeroed(describe->count, sizeof(*cells));
    const size_t room = ora_rd_left(&describe->columns) + describe->count;
    uint8_t *names = ora_heap_zeroed(room, 1);
    uint8_t *to = names;

    if (columns != NULL) {
        read_columns(statement, describe, columns);
    }
    ora_rows_forget(statement);
    statement->are_lobs_defined = false;
    statement->columns = columns;
    statement->cells = cells;
    statement->description = names;
    if (columns == NULL || cells == NULL || names == NULL) {
        ora_rows_forget(statement);
        return false;
    }
    for (uint32_t i = 0; i < describe->count; i++) {
        ora_bytes_copy(&columns[i].name, to);
        columns[i].name.at = to;
        columns[i].name.is_chunked = false;
        to += columns[i].name.length + 1;
        cells[i].value.bytes.is_null = true;
        ora_wr_init(&cells[i].converted, ORA_ANSWER_MAX);
    }
    statement->column_count = describe->count;
    return true;
}

void ora_rows_forget(struct octo_ora_statement *statement)
{
    struct ora_answer *reading = &statement->session->reading;

    if (reading->columns == statement->columns) { /* no later answer is read by them */
        reading->columns = NULL;
        reading->column_count = 0;
    }
    for (uint32_t i = 0; i < statement->column_count; i++) {
        ora_cell_let_go(statement, &statement->cells[i]);
        ora_wr_fini(&statement->cells[i].converted);
    }
    free(statement->columns);
    free(statement->cells);
    free(statement->description);
    statement->columns = NULL;
    statement->cells = NULL;
    statement->description = NULL;
    statement->column_count = 0;
    statement->has_row = false;
}

unsigned ora_rows_unreadable(const struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; i < statement->column_count; i++) {
        switch (statement->columns[i].type) {
        case ORA_TYPE_BFILE:
        case ORA_TYPE_JSON:
        case ORA_TYPE_VECTOR:
        case ORA_TYPE_OBJECT:
            return i + 1;
        default:
            break;
        }
    }
    return 0;
}

bool ora_rows_refuse(const struct octo_ora_statement *statement, unsigned place,
                     struct octo_ora_error *error)
{
    return ora_fault(error, OCTO_ORA_USAGE,
                     "column %u (%.128s) is of a type that is not read: files, objects, JSON and "
                     "vectors are not; select it as a text, or leave it out",
                     place, octo_ora_column(statement, place).name);
}

bool ora_rows_need_zone(const struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; i < statement->column_count; i++) {
        if (statement->columns[i].type == ORA_TYPE_TIMESTAMP_LTZ) {
            return true;
        }
    }
    return false;
}

/* --- LOBs among them --- */

bool ora_lobs_are_known(const struct octo_ora_statement *statement)
{
    for (uint32_t i = 0; statement->text.kind == ORA_TEXT_QUERY && i < statement->column_count;
         i++) {
        if (statement->columns[i].lob != 0) {
            return true;
        }
    }
    return false;
}

bool ora_lobs_are_due(const struct octo_ora_statement *statement)
{
    return ora_lobs_are_known(statement) &&
           !(statement->are_lobs_defined && statement->defined_streams == statement->streams_lobs);
}
