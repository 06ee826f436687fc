/*
 * ora/outs.c: what comes out of binds: of a block's places that are OUT or IN OUT, and of those
 * behind RETURNING INTO (see statement_priv.h). They are given as columns are, so a bind is the
 * column of its place: a block gives a row for each execution, RETURNING INTO one for each row that
 * was changed.
 */
#include <string.h>

#include "ora/heap.h"
#include "ora/lob.h"

#include "ora/statement_priv.h"

bool ora_outs_may_come(const struct octo_ora_statement *statement)
{
    const struct ora_text *text = &statement->text;

    return text->kind == ORA_TEXT_BLOCK ? text->binds > 0 : text->first_returned < text->binds;
}

static size_t names_size(const struct ora_text *text)
{
    size_t size = 0;

    for (unsigned i = 0; i < text->binds; i++) {
        size += text->names[i].length + 1;
    }
    return size;
}

/* Names are kept with a NUL behind each. */
static void describe(struct octo_ora_statement *statement)
{
    const struct ora_text *text = &statement->text;
    uint8_t *to = statement->description;

    for (unsigned i = 0; i < text->binds; i++) {
        struct ora_column *column = &statement->columns[i];

        memcpy(to, text->names[i].at, text->names[i].length);
        column->name = (struct ora_bytes){.at = to, .length = text->names[i].length};
        column->is_nullable = true;
        to += text->names[i].length + 1;
        ora_wr_init(&statement->cells[i].converted, ORA_ANSWER_MAX);
    }
}

static bool make_columns(struct octo_ora_statement *statement)
{
    const unsigned count = statement->text.binds;

    statement->columns = ora_heap_zeroed(count, sizeof(*statement->columns));
    statement->cells = ora_heap_zeroed(count, sizeof(*statement->cells));
    statement->description = ora_heap_zeroed(names_size(&statement->text), 1);
    if (statement->columns == NULL || statement->cells == NULL || statement->description == NULL) {
        ora_rows_forget(statement);
        return false;
    }
    statement->column_count = count;
    describe(statement);
    return true;
}

static void be_bind(const struct ora_bind *bind, struct ora_column *column)
{
    column->type = bind->spilled != NULL ? bind->spilled->type : bind->type;
    column->charset_form = bind->form;
    column->size = bind->size;
    column->lob = column->type == ORA_TYPE_CLOB || column->type == ORA_TYPE_BLOB ? column->type : 0;
    column->has_size = column->lob != 0;
}

bool ora_outs_prepare(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    if (statement->column_count == 0 && !make_columns(statement)) {
        return ora_fault_memory(error);
    }
    for (unsigned i = 0; i < statement->text.binds; i++) {
        struct ora_column *column = &statement->columns[i];
        struct ora_cell *cell = &statement->cells[i];

        ora_cell_let_go(statement, cell);
        be_bind(&statement->binds[i], column);
        if (statement->text.kind != ORA_TEXT_BLOCK) {
            column->direction =
                i < statement->text.first_returned ? ORA_DIRECTION_IN : ORA_DIRECTION_OUT;
        } else if (statement->cursor == 0) {
            column->direction = ORA_DIRECTION_IN; /* until the server says otherwise */
        }
        cell->value = (struct ora_value){.bytes = {.is_null = true}};
        cell->fault = NULL;
        cell->returned_count = 0;
    }
    statement->returned_left = 0;
    return true;
}

bool octo_ora_comes_out(const struct octo_ora_statement *statement, unsigned place)
{
    return place > 0 && place <= statement->column_count &&
           (statement->columns[place - 1].direction & ORA_DIRECTION_OUT) != 0;
}

bool ora_outs_take_directions(struct octo_ora_statement *statement,
                              const struct ora_bytes *directions, struct octo_ora_error *error)
{
    if (statement->text.kind != ORA_TEXT_BLOCK) {
        return true; /* its text has said it */
    }
    if (directions->length != statement->column_count) {
        return ora_die(statement->session, error,
                       "protocol error: directions of %zu binds, where there are %u",
                       directions->length, (unsigned)statement->column_count);
    }
    for (uint32_t i = 0; i < statement->column_count; i++) {
        statement->columns[i].direction = directions->at[i];
    }
    return true;
}

/* All values of a bind lie together: each bind is read on from where its own are. */
static void take_returned(struct octo_ora_statement *statement, const struct ora_row *row)
{
    struct ora_rd rd = row->values;
    struct ora_value value;

    statement->returned_left = 0;
    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_cell *cell = &statement->cells[i];

        if (!ora_comes_back(&statement->columns[i])) {
            continue;
        }
        cell->returned_count = ora_rd_ub4(&rd);
        cell->returned = rd;
        for (uint32_t j = 0; j < cell->returned_count; j++) {
            ora_out_read(statement->reading.dialect, &statement->columns[i], &rd, &value);
        }
        if (cell->returned_count > statement->returned_left) {
            statement->returned_left = cell->returned_count;
        }
    }
}

void ora_outs_take_row(struct octo_ora_statement *statement, const struct ora_row *row)
{
    struct ora_rd rd = row->values;

    if (statement->reading.rows == ORA_ROWS_RETURNED) {
        take_returned(statement, row);
        return;
    }
    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_cell *cell = &statement->cells[i];

        if (ora_comes_back(&statement->columns[i])) {
            ora_cell_let_go(statement, cell);
            ora_out_read(statement->reading.dialect, &statement->columns[i], &rd, &cell->value);
            ora_cell_settle(statement, &statement->columns[i], cell);
        }
    }
}

bool ora_outs_next(struct octo_ora_statement *statement)
{
    if (statement->returned_left == 0) {
        return false;
    }
    statement->returned_left--;
    for (uint32_t i = 0; i < statement->column_count; i++) {
        struct ora_cell *cell = &statement->cells[i];

        ora_cell_let_go(statement, cell);
        if (cell->returned_count == 0) {
            cell->value = (struct ora_value){.bytes = {.is_null = true}};
            continue;
        }
        cell->returned_count--;
        ora_out_read(statement->reading.dialect, &statement->columns[i], &cell->returned,
                     &cell->value);
        ora_cell_settle(statement, &statement->columns[i], cell);
    }
    return true;
}
