/*
 * What an engine promises to the layer above and no service sees (db/backend.h), on a connection
 * past all pools: how a commit ended, savepoints by their number, the ends of transactions.
 */
#include "core/clock.h"
#include "tests/support/suite.h"

static uint64_t until_ns;

static void put_mark(struct db_conn *conn, int64_t unit)
{
    const struct sql_mark_put_args args = sql_mark_put_args(unit, 1);
    struct err err = {.code = ERR_NONE};

    if (!suite_backend->execute(conn, &sql_conformance__mark_put, args.values, 1, until_ns, NULL,
                                &err)) {
        fail_msg("%s", err.text);
    }
}

static struct db_conn *must_begin(struct db_fixture *f)
{
    struct db_conn *conn = must_open(f);
    struct err err = {.code = ERR_NONE};

    until_ns = clock_after_ms(60000);
    assert_true(suite_backend->begin(conn, DB_BEGIN_WRITE, until_ns, &err));
    return conn;
}

static void commit__goes_well__is_committed(void **state)
{
    struct db_fixture *f = *state;
    struct db_conn *conn = must_begin(f);
    struct err err = {.code = ERR_NONE};

    put_mark(conn, 1);
    assert_int_equal(suite_backend->commit(conn, until_ns, &err), DB_COMMITTED);
    assert_int_equal(count_marks(f), 1);
    suite_backend->close(conn);
}

/* The engine has looked and said no: nothing is in doubt, and the connection goes on. */
static void commit__breaks_a_promise__is_refused(void **state)
{
    struct db_fixture *f = *state;
    struct db_conn *conn = must_begin(f);
    const struct sql_promise_put_args broken = sql_promise_put_args(1, 99);
    struct err err = {.code = ERR_NONE};

    put_mark(conn, 1);
    assert_true(suite_backend->execute(conn, &sql_conformance__promise_put, broken.values, 1,
                                       until_ns, NULL, &err));
    assert_int_equal(suite_backend->commit(conn, until_ns, &err), DB_REFUSED);
    assert_int_equal(err.code, ERR_FOREIGN_KEY);
    suite_backend->rollback(conn, until_ns);
    assert_int_equal(count_marks(f), 0);
    assert_true(suite_backend->is_alive(conn, until_ns, &err));
    suite_backend->close(conn);
}

/* The second is taken back with what lay in it and used once more; the first keeps the rest. */
static void savepoints__by_their_numbers__undo_and_keep(void **state)
{
    struct db_fixture *f = *state;
    struct db_conn *conn = must_begin(f);
    struct err err = {.code = ERR_NONE};

    assert_true(suite_backend->savepoint(conn, 1, until_ns, &err));
    put_mark(conn, 1);
    assert_true(suite_backend->savepoint(conn, 2, until_ns, &err));
    put_mark(conn, 2);
    assert_true(suite_backend->savepoint(conn, 3, until_ns, &err));
    put_mark(conn, 3);
    assert_true(suite_backend->savepoint_release(conn, 3, until_ns, &err));
    assert_true(suite_backend->savepoint_rollback(conn, 2, until_ns, &err));
    assert_true(suite_backend->savepoint(conn, 2, until_ns, &err));
    put_mark(conn, 4);
    assert_true(suite_backend->savepoint_release(conn, 2, until_ns, &err));
    assert_true(suite_backend->savepoint_release(conn, 1, until_ns, &err));
    assert_int_equal(suite_backend->commit(conn, until_ns, &err), DB_COMMITTED);
    assert_int_equal(count_marks(f), 2);
    suite_backend->close(conn);
}

static void rollback__with_and_without_a_transaction__leaves_nothing(void **state)
{
    struct db_fixture *f = *state;
    struct db_conn *conn = must_begin(f);
    struct err err = {.code = ERR_NONE};

    put_mark(conn, 1);
    suite_backend->rollback(conn, until_ns);
    suite_backend->rollback(conn, until_ns);
    assert_true(suite_backend->is_alive(conn, until_ns, &err));
    assert_int_equal(count_marks(f), 0);
    suite_backend->close(conn);
}

#define COUNT_FOR_EVER                                                                             \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT 0 FROM n) SELECT count(*) FROM n"
static const char *const ENDLESS[] = {
    [DB_SQLITE] = COUNT_FOR_EVER,
    [DB_POSTGRES] = COUNT_FOR_EVER,
    [DB_ORACLE] = "BEGIN dbms_session.sleep(3600); END;",
};

static void script__at_its_deadline__is_stopped(void **state)
{
    struct db_conn *conn = must_open(*state);
    struct err err = {.code = ERR_NONE};

    must_have_failed(
        suite_backend->run_script(conn, ENDLESS[suite_backend->dialect], clock_after_ms(100), &err),
        &err, ERR_DEADLINE, "");
    assert_true(suite_backend->is_alive(conn, clock_after_ms(60000), &err) ||
                !suite_keeps_sessions());
    suite_backend->close(conn);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(commit__goes_well__is_committed),
    SUITE_TEST(commit__breaks_a_promise__is_refused),
    SUITE_TEST(savepoints__by_their_numbers__undo_and_keep),
    SUITE_TEST(rollback__with_and_without_a_transaction__leaves_nothing),
    SUITE_TEST(script__at_its_deadline__is_stopped),
};

SUITE_ROOM(contract_room, tests);
