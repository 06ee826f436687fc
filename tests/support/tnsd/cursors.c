#include "tests/support/tnsd/cursors.h"

#include <stdlib.h>
#include <string.h>

struct tnsd_cursor *cursor_find(const struct tnsd *t, uint32_t id)
{
    for (size_t i = 0; id != 0 && i < TNSD_CURSORS_MAX; i++) {
        if (t->cursors[i] != NULL && t->cursors[i]->id == id) {
            return t->cursors[i];
        }
    }
    return NULL;
}

struct tnsd_cursor *cursor_open(struct tnsd *t)
{
    for (size_t i = 0; i < TNSD_CURSORS_MAX; i++) {
        if (t->cursors[i] == NULL) {
            t->cursors[i] = calloc(1, sizeof(*t->cursors[i]));
            if (t->cursors[i] != NULL) {
                t->cursors[i]->id = ++t->last_cursor;
            }
            return t->cursors[i];
        }
    }
    return NULL;
}

static void free_cursor(struct tnsd_cursor *cursor)
{
    PQclear(cursor->rows);
    rewrite_fini(&cursor->statement);
    free(cursor->columns);
    free(cursor);
}

void cursor_close(struct tnsd *t, uint32_t id)
{
    for (size_t i = 0; id != 0 && i < TNSD_CURSORS_MAX; i++) {
        if (t->cursors[i] != NULL && t->cursors[i]->id == id) {
            free_cursor(t->cursors[i]);
            t->cursors[i] = NULL;
        }
    }
}

void cursors_fini(struct tnsd *t)
{
    for (size_t i = 0; i < TNSD_CURSORS_MAX; i++) {
        if (t->cursors[i] != NULL) {
            cursor_close(t, t->cursors[i]->id);
        }
    }
}

bool cursor_take_rows(struct tnsd *t, struct tnsd_cursor *cursor, PGresult *rows)
{
    const uint32_t count = rows == NULL ? 0 : (uint32_t)PQnfields(rows);
    struct tnsd_column *columns = calloc(count + 1, sizeof(*columns));
    bool ok = columns != NULL && count <= TNSD_COLUMNS_MAX;

    PQclear(cursor->rows);
    cursor->rows = rows;
    cursor->next = 0;
    cursor->fetched = 0;
    cursor->has_lobs = false;
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = column_of_result(t->database, rows, (int)i, &columns[i]);
        cursor->has_lobs = cursor->has_lobs || columns[i].type == ORA_TYPE_CLOB ||
                           columns[i].type == ORA_TYPE_BLOB;
        if (i < cursor->column_count && cursor->columns[i].type == columns[i].type) {
            columns[i].lob_form = cursor->columns[i].lob_form; /* as the client has said before */
        }
    }
    free(cursor->columns);
    cursor->columns = columns;
    cursor->column_count = ok ? count : 0;
    return ok;
}
