/*
 * Statements and their rows. A statement is executed when it is called; the rows that come with its
 * answer, a thousand at most, are given one by one, and the rest is fetched when it is wanted.
 *
 * Many sets of values of a write go as an array, in one call. A block runs once a call, and so does
 * what needs LOBs; a query too, each set when the one before it has given all its rows.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

#include "db/oracle/oracle_priv.h"

enum {
    DUPLICATE = 1, /* ORA-00001 */
    COLLISIONS_MAX = 3,
};

struct db_result {
    struct db_conn *conn;
    const struct db_statement *statement;
    struct octo_ora_statement *at;
    const struct db_value *values; /* of the sets that have not run yet */
    size_t sets_left;
    uint64_t deadline_ns;
    struct arena texts; /* of the row that was given last; of a block's rows */
    char *rows;         /* of a block, all of them; else room for one */
    size_t row_count;
    size_t row_at;
};

static const struct db_variant *variant_of(const struct db_statement *statement)
{
    return &statement->variants[DB_ORACLE];
}

static bool prepare(struct db_conn *conn, const struct db_statement *statement,
                    struct octo_ora_statement **ret, struct err *err)
{
    const char *text = variant_of(statement)->text;
    struct octo_ora_error error;

    if (text == NULL) {
        return err_set(err, ERR_INTERNAL, "no text for Oracle");
    }
    return octo_ora_prepare(conn->session, text, ret, &error) || oracle_err(err, conn, &error);
}

/* --- executing --- */

static bool execute_one(struct db_conn *conn, struct octo_ora_statement *at,
                        const struct db_statement *statement, const struct db_value *values,
                        struct err *err)
{
    struct oracle_lobs lobs = {.count = 0};
    struct octo_ora_error error;
    bool ok = oracle_bind(conn, at, statement, values, &lobs, err);

    ok = ok && (octo_ora_execute(at, &error) || oracle_err(err, conn, &error));
    oracle_lobs_free(&lobs);
    return ok;
}

static bool execute_array(struct db_conn *conn, struct octo_ora_statement *at,
                          const struct db_statement *statement, const struct db_value *values,
                          size_t sets, struct err *err)
{
    const size_t binds = variant_of(statement)->bind_count;
    struct oracle_lobs none = {.count = 0};
    struct octo_ora_error error;

    for (size_t i = 0; i < sets; i++) {
        if (!oracle_bind(conn, at, statement, values + i * binds, &none, err)) {
            return false;
        }
        if (!octo_ora_add(at, &error)) {
            return oracle_err(err, conn, &error);
        }
    }
    return octo_ora_execute_added(at, variant_of(statement)->may_collide ? OCTO_ORA_GO_ON : 0,
                                  &error) ||
           oracle_err(err, conn, &error);
}

/* Those of a row; a statement without binds has no array of them. */
static const struct db_value *values_of(const struct db_variant *variant,
                                        const struct db_value *values, size_t row)
{
    return variant->bind_count > 0 ? values + row * variant->bind_count : values;
}

static bool is_array(const struct db_statement *statement, const struct db_value *values,
                     size_t sets)
{
    const struct db_variant *variant = variant_of(statement);
    const bool returns = statement->column_count > 0 && !variant->gives_binds;

    if (sets < 2 || variant->bind_count == 0 || variant->is_block || returns) {
        return false;
    }
    for (size_t i = 0; i < sets; i++) {
        if (oracle_needs_lobs(variant, values_of(variant, values, i))) {
            return false;
        }
    }
    return true;
}

/* A MERGE that inserts looks first and inserts then: where another transaction has stored the key
 * in between it fails, has done nothing, and finds that key when it is run again. */
static bool collides(const struct db_statement *statement, const struct err *err)
{
    return variant_of(statement)->may_collide && err->native == DUPLICATE;
}

static bool execute_again(struct db_conn *conn, struct octo_ora_statement *at,
                          const struct db_statement *statement, const struct db_value *values,
                          struct err *err)
{
    for (int tries = 1;; tries++) {
        if (execute_one(conn, at, statement, values, err)) {
            return true;
        }
        if (!collides(statement, err) || tries == COLLISIONS_MAX) {
            return false;
        }
        err_clear(err);
    }
}

/* Those of an array that have collided are run again, one by one. */
static bool settle_collisions(struct db_conn *conn, struct octo_ora_statement *at,
                              const struct db_statement *statement, const struct db_value *values,
                              int64_t *changes, struct err *err)
{
    const size_t binds = variant_of(statement)->bind_count;
    const size_t count = octo_ora_failed_count(at);
    size_t *failed = mem_alloc((count + 1) * sizeof(*failed));
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        struct octo_ora_error error;

        failed[i] = octo_ora_failed(at, i + 1, &error) - 1;
        ok = error.number == DUPLICATE || oracle_err(err, conn, &error);
    }
    for (size_t i = 0; ok && i < count; i++) {
        ok = execute_again(conn, at, statement, values + failed[i] * binds, err);
        *changes += ok ? (int64_t)octo_ora_row_count(at) : 0;
    }
    free(failed);
    return ok;
}

bool oracle_execute(struct db_conn *conn, const struct db_statement *statement,
                    const struct db_value *values, size_t rows, uint64_t deadline_ns,
                    int64_t *ret_changes, struct err *err)
{
    const struct db_variant *variant = variant_of(statement);
    struct octo_ora_statement *at = NULL;
    int64_t changes = 0;
    bool ok =
        oracle_prepare_call(conn, variant, deadline_ns, err) && prepare(conn, statement, &at, err);

    if (ok && is_array(statement, values, rows)) {
        ok = execute_array(conn, at, statement, values, rows, err);
        changes = (int64_t)octo_ora_row_count(at);
        ok = ok && settle_collisions(conn, at, statement, values, &changes, err);
    } else {
        for (size_t i = 0; ok && i < rows; i++) {
            ok = execute_again(conn, at, statement, values_of(variant, values, i), err);
            changes += ok ? (int64_t)octo_ora_row_count(at) : 0;
        }
    }
    octo_ora_free(at);
    if (ok && ret_changes != NULL) {
        *ret_changes = changes;
    }
    return ok;
}

bool oracle_run_script(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                       struct err *err)
{
    static const struct db_variant writes = {.is_read_only = false};
    struct octo_ora_statement *at = NULL;
    struct octo_ora_error error;
    bool ok;

    if (!oracle_prepare_call(conn, &writes, deadline_ns, err)) {
        return false;
    }
    ok = octo_ora_prepare(conn->session, text, &at, &error) && octo_ora_execute(at, &error);
    octo_ora_free(at);
    return ok || oracle_err(err, conn, &error);
}

/* --- rows --- */

static bool columns_fit(const struct db_result *result, struct err *err)
{
    const struct db_variant *variant = variant_of(result->statement);
    const unsigned wanted =
        result->statement->column_count + (variant->gives_binds ? variant->bind_count : 0u);
    const unsigned have = octo_ora_column_count(result->at);

    return have == wanted ||
           err_set(err, ERR_SCHEMA, "declared with %u columns, has %u", wanted, have);
}

static bool run_set(struct db_result *result, struct err *err)
{
    const struct db_value *values = result->values;

    result->values = values_of(variant_of(result->statement), result->values, 1);
    result->sets_left--;
    return execute_again(result->conn, result->at, result->statement, values, err) &&
           columns_fit(result, err);
}

/* Reads the next row that is there into `row`. */
static enum db_step take_row(struct db_result *result, void *row, struct err *err)
{
    struct octo_ora_error error;
    bool has_row = false;

    if (!octo_ora_fetch(result->at, &has_row, &error)) {
        (void)oracle_err(err, result->conn, &error);
        return DB_FAILED;
    }
    if (!has_row) {
        return DB_NO_ROW;
    }
    return oracle_read_row(result->conn, result->at, result->statement, &result->texts, row, err)
               ? DB_ROW
               : DB_FAILED;
}

/* A block gives one row, and none where the first column of it is NULL. It is run for each set
 * before any row is given: what it does is done whoever looks at its rows. */
static bool run_block(struct db_result *result, struct err *err)
{
    const struct db_statement *statement = result->statement;
    const unsigned first = variant_of(statement)->bind_count + 1u;

    while (result->sets_left > 0) {
        struct octo_ora_error error;
        bool has_row = false;

        if (!run_set(result, err)) {
            return false;
        }
        if (!octo_ora_fetch(result->at, &has_row, &error)) {
            return oracle_err(err, result->conn, &error);
        }
        if (has_row && !octo_ora_is_null(result->at, first)) {
            if (!oracle_read_row(result->conn, result->at, statement, &result->texts,
                                 result->rows + result->row_count * statement->row_size, err)) {
                return false;
            }
            result->row_count++;
        }
    }
    return true;
}

static bool run(struct db_result *result, struct err *err)
{
    const size_t sets = result->sets_left;

    if (variant_of(result->statement)->is_block) {
        return run_block(result, err);
    }
    if (!is_array(result->statement, result->values, sets)) {
        return run_set(result, err);
    }
    result->sets_left = 0;
    return execute_array(result->conn, result->at, result->statement, result->values, sets, err) &&
           columns_fit(result, err);
}

bool oracle_query(struct db_conn *conn, const struct db_statement *statement,
                  const struct db_value *values, size_t sets, uint64_t deadline_ns,
                  struct db_result **ret, struct err *err)
{
    const size_t rows = variant_of(statement)->is_block ? sets : 1;
    struct db_result *result;
    struct octo_ora_statement *at = NULL;

    if (!oracle_prepare_call(conn, variant_of(statement), deadline_ns, err) ||
        !prepare(conn, statement, &at, err)) {
        return false;
    }
    octo_ora_set_rows_at_once(at, ORACLE_ROWS_AT_ONCE);
    result = mem_alloc(sizeof(*result) + rows * statement->row_size);
    *result = (struct db_result){.conn = conn,
                                 .statement = statement,
                                 .at = at,
                                 .values = values,
                                 .sets_left = sets,
                                 .deadline_ns = deadline_ns,
                                 .rows = (char *)(result + 1)};
    arena_init(&result->texts);
    if (!run(result, err)) {
        oracle_finish(result);
        return false;
    }
    *ret = result;
    return true;
}

static enum db_step next_of_block(struct db_result *result, void *ret_row)
{
    const size_t size = result->statement->row_size;

    if (result->row_at == result->row_count) {
        return DB_NO_ROW;
    }
    if (ret_row != NULL) {
        memcpy(ret_row, result->rows + result->row_at * size, size);
    }
    result->row_at++;
    return DB_ROW;
}

enum db_step oracle_next(struct db_result *result, void *ret_row, struct err *err)
{
    enum db_step step;

    if (variant_of(result->statement)->is_block) {
        return next_of_block(result, ret_row);
    }
    oracle_give_time(result->conn, result->deadline_ns);
    arena_reset(&result->texts);
    while ((step = take_row(result, result->rows, err)) == DB_NO_ROW && result->sets_left > 0) {
        if (!run_set(result, err)) {
            return DB_FAILED;
        }
    }
    if (step == DB_ROW && ret_row != NULL) {
        memcpy(ret_row, result->rows, result->statement->row_size);
    }
    return step;
}

void oracle_finish(struct db_result *result)
{
    if (result == NULL) {
        return;
    }
    octo_ora_free(result->at);
    arena_fini(&result->texts);
    free(result);
}
