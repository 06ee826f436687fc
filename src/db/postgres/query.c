/*
 * Statements and their rows. What need not be known at once travels with what must be: statements
 * that nobody asks about with the next one or with COMMIT, opened cursors with the first one that
 * is stepped. A result is read whole before its first row is given, so that statements may nest as
 * they like.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

#include "db/postgres/postgres_priv.h"

enum {
    DEFERRED_MOST = 256, /* then somebody waits, so that neither side hoards the other's answers */
};

struct db_result {
    struct db_conn *conn;
    const struct db_statement *statement;
    uint64_t deadline_ns;
    int at;      /* row of the first answer that is left */
    size_t left; /* answers: the last ones */
    size_t count;
    void *row; /* that is being read: row_size bytes behind the answers */
    struct pg_answer answers[];
};

void pg_finish(struct db_result *result)
{
    if (result != NULL) {
        for (size_t i = 0; i < result->count; i++) {
            pg_drop(result->conn, &result->answers[i]);
        }
        free(result);
    }
}

void pg_watch(struct db_conn *conn, struct db_execution *execution)
{
    conn->watching = execution;
}

static struct db_execution *take_watching(struct db_conn *conn)
{
    struct db_execution *execution = conn->watching;

    conn->watching = NULL;
    return execution;
}

/* One message for each row, or of a batch statement for as many rows as one can take. */
static bool rows_send(struct db_conn *conn, const struct db_statement *statement,
                      const struct db_value *values, size_t rows, struct pg_asker asker,
                      struct err *err)
{
    const size_t binds = statement->variants[DB_POSTGRES].bind_count;
    size_t taken = 1;

    for (size_t at = 0; at < rows; at += taken) {
        const struct db_value *from = binds > 0 ? values + at * binds : NULL;

        if (statement->is_batch) {
            taken = pg_batch_rows(statement, from, rows - at);
        }
        if (!(statement->is_batch ? pg_send_batch(conn, statement, from, taken, asker, err)
                                  : pg_send(conn, statement, from, asker, err))) {
            return false;
        }
        conn->deferred++;
    }
    return true;
}

bool pg_execute(struct db_conn *conn, const struct db_statement *statement,
                const struct db_value *values, size_t rows, uint64_t deadline_ns,
                int64_t *ret_changes, struct err *err)
{
    const bool is_deferred = conn->in_transaction && ret_changes == NULL;
    const struct pg_asker asker = {.answer = is_deferred ? NULL : &conn->counted,
                                   .execution = take_watching(conn)};

    pg_drop(conn, &conn->counted);
    conn->deadline_ns = deadline_ns;
    if (!pg_clear_doubt(conn, statement, err) || !pg_tags_send(conn, err) ||
        !rows_send(conn, statement, values, rows, asker, err)) {
        return false;
    }
    if (is_deferred) {
        return conn->deferred < DEFERRED_MOST || pg_settle(conn, deadline_ns, err);
    }
    if (rows > 0 && !pg_await(conn, &conn->counted, deadline_ns, err)) {
        return false;
    }
    if (ret_changes != NULL) {
        *ret_changes = conn->counted.changes;
    }
    return true;
}

bool pg_query(struct db_conn *conn, const struct db_statement *statement,
              const struct db_value *values, size_t sets, uint64_t deadline_ns,
              struct db_result **ret, struct err *err)
{
    const size_t binds = statement->variants[DB_POSTGRES].bind_count;
    struct pg_asker asker = {.execution = take_watching(conn)};
    struct db_result *result;

    conn->deadline_ns = deadline_ns;
    if (!pg_clear_doubt(conn, statement, err) || !pg_tags_send(conn, err)) {
        return false;
    }
    result = mem_alloc(sizeof(*result) + sets * sizeof(result->answers[0]) + statement->row_size);
    result->row = &result->answers[sets];
    result->conn = conn;
    result->statement = statement;
    result->deadline_ns = deadline_ns;
    result->left = result->count = sets;
    for (size_t i = 0; i < sets; i++) {
        asker.answer = &result->answers[i];
        if (!pg_send(conn, statement, binds > 0 ? values + i * binds : NULL, asker, err)) {
            pg_finish(result);
            return false;
        }
    }
    conn->deferred += sets;
    *ret = result;
    return true;
}

/* Waits for the answer and looks at its columns before the first of its rows. */
static bool answer_open(struct db_result *result, const struct pg_answer *answer, struct err *err)
{
    return result->at > 0 || (pg_await(result->conn, answer, result->deadline_ns, err) &&
                              pg_result_fits(result->statement, answer->rows, err));
}

enum db_step pg_next(struct db_result *result, void *ret_row, struct err *err)
{
    for (; result->left > 0; result->left--, result->at = 0) {
        const struct pg_answer *answer = &result->answers[result->count - result->left];

        if (!answer_open(result, answer, err)) {
            return DB_FAILED;
        }
        if (result->at >= PQntuples(answer->rows)) {
            continue;
        }
        if (ret_row != NULL) {
            if (!pg_decode_row(result->statement, answer->rows, result->at, result->row, err)) {
                return DB_FAILED;
            }
            memcpy(ret_row, result->row, result->statement->row_size);
        }
        result->at++;
        return DB_ROW;
    }
    return DB_NO_ROW;
}

bool pg_has_answer(const struct db_result *result)
{
    return result->left == 0 || result->answers[result->count - result->left].is_here;
}
