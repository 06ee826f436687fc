/* What spans say of statements that were sent together, when one of them, the unit or the session
 * fails: a statement has run, has failed, has not run, or nobody knows. */
#include "tests/support/suite.h"
#include "tests/support/traced.h"

static const char *const RAN = "\"status\":\"unset\"";
static const char *const FAILED = "\"status\":\"error\"";
static const char *const NOT_RUN = "\"db.executions\":0";
static const char *const UNKNOWN = "\"db.outcome_unknown\":true";

/* Not failed; run, when it is not said otherwise. */
static void must_have_run(const char *line)
{
    must_hold(line, RAN);
    must_not_hold(line, "db.executions");
}

static void must_not_have_run(const char *line)
{
    must_hold(line, NOT_RUN);
    must_hold(line, RAN);
    must_not_hold(line, "db.rows");
    must_not_hold(line, "db.response.returned_rows");
}

/* --- what units do --- */

static bool put_the_same_twice(struct ctx *ctx, struct db_session *session, void *arg,
                               struct err *err)
{
    struct sql_mark_count_row row;

    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 1, 1, err) && sql_mark_put(session, 1, 1, err) &&
           sql_mark_put(session, 1, 2, err) && sql_mark_count(session, &row, err) == DB_ROW;
}

static bool read_and_put_the_same_twice(struct ctx *ctx, struct db_session *session, void *arg,
                                        struct err *err)
{
    struct sql_mark_count_of_row row;
    struct db_cursor *cursor = NULL;

    (void)ctx;
    (void)arg;
    return sql_mark_count_of_open(session, 1, &cursor, err) && sql_mark_put(session, 1, 1, err) &&
           sql_mark_put(session, 1, 1, err) && sql_mark_count_of_next(cursor, &row, err) == DB_ROW;
}

static bool put_and_think_again(struct ctx *ctx, struct db_session *session, void *arg,
                                struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(session, 1, 1, err) && err_set(err, ERR_CONFLICT, "second thoughts");
}

static bool put_after_the_end(struct ctx *ctx, struct db_session *session, void *arg,
                              struct err *err)
{
    struct sql_mark_count_of_row of;
    struct sql_mark_count_row row;

    (void)ctx;
    (void)arg;
    if (sql_mark_count(session, &row, err) != DB_ROW) {
        return false;
    }
    suite_server->order(SERVER_END_ALL);
    return sql_mark_put(session, 1, 1, err) && sql_mark_count_of(session, 1, &of, err) == DB_ROW;
}

static bool put_a_batch(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_mark_put_args rows[] = {sql_mark_put_args(1, 1), sql_mark_put_args(1, 2),
                                       sql_mark_put_args(1, 1)};

    (void)ctx;
    (void)arg;
    return sql_mark_put_batch(session, rows, 3, NULL, err) && sql_mark_put(session, 2, 1, err);
}

/* --- cases --- */

/* The error stands on the statement that failed, and what is behind it has not run: not even the
 * one that waited for them all. */
static void spans__one_of_a_message_fails__it_alone_bears_the_error(void **state)
{
    struct db_fixture *f = *state;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    traced_begin(&t, f);
    must_have_failed(db_write(&f->ctx, f->pool, put_the_same_twice, NULL, &err), &err, ERR_UNIQUE,
                     "mark_put: ");
    assert_null(strstr(err.text, "mark_count"));
    traced_read(&t);
    must_have_run(traced_line(&t, "mark_put", 0));
    must_hold(traced_line(&t, "mark_put", 1), FAILED);
    must_hold(traced_line(&t, "mark_put", 1), "\"db.response.status_code\":\"23505\"");
    must_not_have_run(traced_line(&t, "mark_put", 2));
    must_not_have_run(traced_line(&t, "mark_count", 0));
    must_hold(traced_line(&t, "db.write", 0), FAILED);
    traced_end(&t);
}

/* Which statement, of which database and schema, on which server. */
static void spans__a_statement_runs__says_which_and_where(void **state)
{
    struct db_fixture *f = *state;
    struct sql_mark_count_row row;
    struct db_session *session;
    struct traced t;
    struct err err = {.code = ERR_NONE};
    const char *line;

    traced_begin(&t, f);
    session = must_checkout(f);
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    db_checkin(session);
    traced_read(&t);
    line = traced_line(&t, "mark_count", 0);
    must_hold(line, "\"db.system.name\":\"postgresql\"");
    must_hold(line, "\"db.namespace\":\"octo|octo_test\"");
    must_hold(line, "\"db.query.summary\":\"mark_count\"");
    must_hold(line, "\"db.response.returned_rows\":1");
    must_hold(line, "\"server.address\":\"/"); /* the directory of its socket, which has no port */
    must_not_hold(line, "server.port");
    traced_end(&t);
}

/* One that has its answer has not failed because of what came behind it. */
static void spans__the_awaited_runs_and_another_fails__it_has_run(void **state)
{
    struct db_fixture *f = *state;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    traced_begin(&t, f);
    must_have_failed(db_write(&f->ctx, f->pool, read_and_put_the_same_twice, NULL, &err), &err,
                     ERR_UNIQUE, "mark_put: ");
    traced_read(&t);
    must_have_run(traced_line(&t, "mark_count_of", 0));
    must_hold(traced_line(&t, "mark_count_of", 0), "\"db.response.returned_rows\":1");
    must_have_run(traced_line(&t, "mark_put", 0));
    must_hold(traced_line(&t, "mark_put", 0), "\"db.rows\":1");
    must_hold(traced_line(&t, "mark_put", 1), FAILED);
    traced_end(&t);
}

static void spans__a_batch_fails__what_is_behind_has_not_run(void **state)
{
    struct db_fixture *f = *state;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    traced_begin(&t, f);
    must_have_failed(db_write(&f->ctx, f->pool, put_a_batch, NULL, &err), &err, ERR_UNIQUE,
                     "mark_put_batch");
    traced_read(&t);
    must_hold(traced_line(&t, "mark_put_batch", 0), FAILED);
    must_not_hold(traced_line(&t, "mark_put_batch", 0), "db.executions");
    must_not_have_run(traced_line(&t, "mark_put", 0));
    traced_end(&t);
}

/* Nobody waits for what a unit sent that gives up; its outcome is told when it is known. */
static void spans__the_unit_gives_up__its_statements_have_run(void **state)
{
    struct db_fixture *f = *state;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    traced_begin(&t, f);
    must_have_failed(db_write(&f->ctx, f->pool, put_and_think_again, NULL, &err), &err,
                     ERR_CONFLICT, "second thoughts");
    (void)count_marks(f); /* on the same session, which hears of it by that */
    traced_read(&t);
    must_have_run(traced_line(&t, "mark_put", 0));
    traced_end(&t);
}

static void spans__a_cursor_is_never_stepped__it_has_run(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct db_cursor *cursor = NULL;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    traced_begin(&t, f);
    assert_true(sql_mark_count_of_open(session, 1, &cursor, &err));
    db_checkin(session);
    (void)count_marks(f);
    traced_read(&t);
    must_have_run(traced_line(&t, "mark_count_of", 0));
    traced_end(&t);
}

/* Rows that nobody can use are a failure of the statement that gave them. */
static void spans__rows_do_not_fit__the_statement_has_failed(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "one"};
    struct db_session *session;
    struct sql_thing_get_strict_row row;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    must_write(f, put_thing, &thing);
    session = must_checkout(f);
    traced_begin(&t, f);
    assert_int_equal(sql_thing_get_strict(session, 1, &row, &err), DB_FAILED);
    db_checkin(session);
    traced_read(&t);
    must_hold(traced_line(&t, "thing_get_strict", 0), FAILED);
    must_not_hold(traced_line(&t, "thing_get_strict", 0), "db.executions");
    traced_end(&t);
}

/* The session ended between two messages: what was sent then may have run for all that the client
 * can tell, and what was answered before has. */
static void spans__the_session_ends__what_was_under_way_is_unknown(void **state)
{
    struct db_fixture *f = *state;
    struct traced t;
    struct err err = {.code = ERR_NONE};

    traced_begin(&t, f);
    must_have_failed(db_write(&f->ctx, f->pool, put_after_the_end, NULL, &err), &err,
                     ERR_CONNECTION_LOST, "");
    traced_read(&t);
    must_have_run(traced_line(&t, "mark_count", 0));
    must_hold(traced_line(&t, "mark_put", 0), FAILED);
    must_hold(traced_line(&t, "mark_put", 0), UNKNOWN);
    traced_end(&t);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(spans__one_of_a_message_fails__it_alone_bears_the_error),
    SUITE_TEST(spans__a_statement_runs__says_which_and_where),
    SUITE_TEST(spans__the_awaited_runs_and_another_fails__it_has_run),
    SUITE_TEST(spans__a_batch_fails__what_is_behind_has_not_run),
    SUITE_TEST(spans__the_unit_gives_up__its_statements_have_run),
    SUITE_TEST(spans__a_cursor_is_never_stepped__it_has_run),
    SUITE_TEST(spans__rows_do_not_fit__the_statement_has_failed),
    SUITE_TEST(spans__the_session_ends__what_was_under_way_is_unknown),
};
SUITE_ROOM(server_spans_room, tests);
