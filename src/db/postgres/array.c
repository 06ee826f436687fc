/*
 * Many rows of values as PostgreSQL's arrays, one for each parameter of a batch statement. An array
 * is binary: a head of five numbers, then each element with its length in front; -1 is NULL.
 */
#include <string.h>

#include "db/postgres/postgres_priv.h"

enum {
    ROWS_MOST = 1000,
    BYTES_MOST = 1 << 20,
    ARRAYS_MAX = INT32_MAX, /* all of a message; one row alone may be long */
    HEAD = 20, /* dimensions, is a null there, type of the elements, their count, first index */
    LENGTH = 4,
};

static unsigned array_of(enum db_type type)
{
    switch (type) {
    case DB_INT:
        return PG_INT8_ARRAY;
    case DB_MONEY:
        return PG_NUMERIC_ARRAY;
    case DB_TIME:
        return PG_TIMESTAMPTZ_ARRAY;
    case DB_BOOL:
        return PG_BOOL_ARRAY;
    case DB_REAL:
        return PG_FLOAT8_ARRAY;
    case DB_TEXT:
        return PG_TEXT_ARRAY;
    case DB_NOW: /* one for all rows */
        return PG_TIMESTAMPTZ;
    }
    return 0;
}

unsigned pg_param_type(const struct db_statement *statement, size_t at)
{
    const enum db_type type = statement->params[at].type;

    return statement->is_batch ? array_of(type) : pg_type_of(type);
}

/* An upper bound but for text, whose length is exact. */
static size_t room_of(const struct db_value *value)
{
    if (value->is_null) {
        return LENGTH;
    }
    return LENGTH + (value->type == DB_TEXT ? strlen(value->text) : PG_VALUE_ROOM);
}

size_t pg_batch_rows(const struct db_statement *statement, const struct db_value *values,
                     size_t rows)
{
    const size_t binds = statement->variants[DB_POSTGRES].bind_count;
    size_t bytes = 0;
    size_t taken = 0;

    if (rows > ROWS_MOST) {
        rows = ROWS_MOST;
    }
    while (taken < rows) {
        for (size_t i = 0; i < binds; i++) {
            bytes += room_of(&values[taken * binds + i]);
        }
        if (taken > 0 && bytes > BYTES_MOST) {
            break;
        }
        taken++;
    }
    return taken;
}

static void put_element(const struct db_value *value, struct buf *out)
{
    char *at = buf_reserve(out, room_of(value));
    const char *bytes = NULL;
    int length = -1;

    if (at == NULL) {
        return;
    }
    if (!value->is_null) {
        length = pg_put_value(value, at + LENGTH, &bytes);
    }
    if (bytes != NULL && bytes != at + LENGTH) {
        memcpy(at + LENGTH, bytes, (size_t)length);
    }
    pg_put_bits(at, (uint64_t)length, LENGTH);
    out->length += LENGTH + (size_t)(length > 0 ? length : 0);
}

/* One parameter's array: a value of each row, `binds` apart. */
static void put_array(enum db_type type, const struct db_value *values, size_t binds, size_t rows,
                      struct buf *out)
{
    const size_t start = out->length;
    bool has_null = false;

    if (buf_reserve(out, HEAD) == NULL) {
        return;
    }
    out->length += HEAD;
    for (size_t i = 0; i < rows; i++) {
        has_null |= values[i * binds].is_null;
        put_element(&values[i * binds], out);
    }
    pg_put_bits(out->data + start, 1, 4);
    pg_put_bits(out->data + start + 4, has_null, 4);
    pg_put_bits(out->data + start + 8, pg_type_of(type), 4);
    pg_put_bits(out->data + start + 12, rows, 4);
    pg_put_bits(out->data + start + 16, 1, 4);
}

static bool all_fit(const struct db_value *values, size_t binds, size_t rows, struct err *err)
{
    for (size_t i = 0; i < rows * binds; i++) {
        if (!pg_value_fits(&values[i], i % binds + 1, err)) {
            return err_wrap(err, "row %zu of the batch", i / binds + 1);
        }
    }
    return true;
}

bool pg_encode_batch(const struct db_statement *statement, const struct db_value *values,
                     size_t rows, struct buf *arrays, struct pg_encoded *out, struct err *err)
{
    const size_t binds = statement->variants[DB_POSTGRES].bind_count;
    size_t at = 0;

    if (!all_fit(values, binds, rows, err)) {
        return false;
    }
    buf_init(arrays, ARRAYS_MAX);
    for (size_t i = 0; i < binds; i++) {
        const size_t start = arrays->length;

        out->formats[i] = 1;
        if (statement->params[i].type == DB_NOW) {
            out->lengths[i] = pg_put_value(&values[i], out->room[i], &out->values[i]);
        } else {
            put_array(statement->params[i].type, values + i, binds, rows, arrays);
            out->lengths[i] = (int)(arrays->length - start);
        }
    }
    if (arrays->bad) {
        return err_set(err, ERR_LIMIT, "a row of the batch is too long to be sent");
    }
    /* Only now the buffer stays where it is. */
    for (size_t i = 0; i < binds; i++) {
        if (statement->params[i].type != DB_NOW) {
            out->values[i] = arrays->data + at;
            at += (size_t)out->lengths[i];
        }
    }
    return true;
}
