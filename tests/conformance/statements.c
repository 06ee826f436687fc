/* Upsert, RETURNING, batches of one to ten thousand rows, cursors, rules of the tables. */
#include "tests/support/suite.h"

enum { BATCH_MOST = 10000 };

struct upsert {
    const char *name;
    int64_t stock;
    struct sql_thing_upsert_row row;
};

static bool upsert(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct upsert *wanted = arg;

    (void)ctx;
    return sql_thing_upsert(session, wanted->name, wanted->stock, &wanted->row, err) == DB_ROW;
}

static void upsert__row_is_there__is_updated_and_given(void **state)
{
    struct db_fixture *f = *state;
    struct upsert first = {.name = "one", .stock = 5};
    struct upsert second = {.name = "one", .stock = 7};

    must_write(f, upsert, &first);
    must_write(f, upsert, &second);
    assert_int_equal(first.row.stock, 5);
    assert_int_equal(second.row.stock, 12);
    assert_true(first.row.id == second.row.id);
    assert_int_equal(count_things(f), 1);
}

struct take {
    int64_t id;
    int64_t quantity;
    struct sql_thing_take_row row;
    enum db_step step;
};

static bool take(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct take *wanted = arg;

    (void)ctx;
    wanted->step = sql_thing_take(session, wanted->id, wanted->quantity, &wanted->row, err);
    return wanted->step != DB_FAILED;
}

/* Binds stand in the text in another order than in the declaration. */
static void returning__row_or_none__tells_what_was_done(void **state)
{
    struct db_fixture *f = *state;
    struct upsert start = {.name = "one", .stock = 5};
    struct take some = {.quantity = 3};
    struct take too_many = {.quantity = 3, .row = {.stock = -77}};

    must_write(f, upsert, &start);
    some.id = too_many.id = start.row.id;
    must_write(f, take, &some);
    must_write(f, take, &too_many);
    assert_int_equal(some.step, DB_ROW);
    assert_int_equal(some.row.stock, 2);
    assert_int_equal(too_many.step, DB_NO_ROW);
    assert_int_equal(too_many.row.stock, -77);
}

static bool all_returning(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_thing_all_returning_row row;

    (void)ctx;
    (void)arg;
    return sql_thing_all_returning(session, &row, err) != DB_FAILED;
}

static void returning__more_than_one_row__is_a_mistake(void **state)
{
    struct db_fixture *f = *state;
    struct upsert one = {.name = "one", .stock = 5};
    struct upsert two = {.name = "two", .stock = 5};

    must_write(f, upsert, &one);
    must_write(f, upsert, &two);
    must_fail(f, all_returning, NULL, ERR_DATABASE);
}

/* Takes 1, 2, 3 ... of a thing, whose stock lasts for four of them. */
static bool take_in_turn(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    static const int64_t LEFT[] = {9, 7, 4, 0};
    const int64_t *id = arg;
    struct sql_thing_take_args sets[6];
    struct sql_thing_take_row row;
    struct db_cursor *cursor = NULL;
    size_t rows = 0;

    (void)ctx;
    for (int64_t i = 0; i < 6; i++) {
        sets[i] = sql_thing_take_args(*id, i + 1);
    }
    assert_true(sql_thing_take_open_batch(session, sets, 6, &cursor, err));
    while (sql_thing_take_next(cursor, &row, err) == DB_ROW) {
        assert_true(rows < 4);
        assert_int_equal(row.stock, LEFT[rows++]);
    }
    db_cursor_close(cursor);
    assert_int_equal(rows, 4);
    return err->code == ERR_NONE;
}

static void cursor__several_sets_of_values__gives_the_rows_of_all(void **state)
{
    struct db_fixture *f = *state;
    struct upsert one = {.name = "one", .stock = 10};

    must_write(f, upsert, &one);
    must_write(f, take_in_turn, &one.row.id);
}

/* Each set but the last may be stored: the reference of that one is to nobody. */
static bool own_in_turn(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *id = arg;
    const int64_t nobody = 4711;
    struct sql_thing_own_returning_args sets[3];
    struct sql_thing_own_returning_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)ctx;
    for (int64_t i = 0; i < 3; i++) {
        sets[i] = sql_thing_own_returning_args(*id, i < 2 ? NULL : &nobody);
    }
    if (!sql_thing_own_returning_open_batch(session, sets, 3, &cursor, err)) {
        return false; /* an engine may run all of them before it gives a row */
    }
    while ((step = sql_thing_own_returning_next(cursor, &row, err)) == DB_ROW) {
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static void cursor__last_of_several_sets_fails__fails(void **state)
{
    struct db_fixture *f = *state;
    struct upsert one = {.name = "one", .stock = 10};

    must_write(f, upsert, &one);
    must_fail(f, own_in_turn, &one.row.id, ERR_FOREIGN_KEY);
}

struct batch {
    size_t rows;
    int64_t first_id;
    int64_t twice; /* an id that breaks the batch, -1: none */
    int64_t changes;
};

static bool put_batch(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct batch *batch = arg;
    struct sql_thing_put_args *args = arena_array(ctx->arena, batch->rows + 1, sizeof(*args));

    for (size_t i = 0; i < batch->rows; i++) {
        int64_t id = batch->first_id + (int64_t)i;

        args[i] = sql_thing_put_args(id == batch->twice ? batch->first_id : id,
                                     arena_printf(ctx->arena, "thing %lld", (long long)id), &id,
                                     NULL, NULL, NULL, NULL, NULL);
    }
    return sql_thing_put_batch(session, args, batch->rows, &batch->changes, err);
}

static void batch__one_to_ten_thousand_rows__all_are_stored(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 100, BATCH_MOST};
    struct db_fixture *f = *state;
    int64_t total = 0;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct batch batch = {.rows = sizes[i], .first_id = total, .twice = -1, .changes = -1};

        must_write(f, put_batch, &batch);
        assert_int_equal(batch.changes, sizes[i]);
        total += (int64_t)sizes[i];
        assert_int_equal(count_things(f), total);
    }
    assert_int_equal(get_thing(f, total - 1).amount, total - 1);
}

static void batch__one_row_fails__nothing_is_stored(void **state)
{
    struct db_fixture *f = *state;
    struct batch batch = {.rows = 100, .first_id = 1, .twice = 60};

    must_fail(f, put_batch, &batch, ERR_UNIQUE);
    assert_int_equal(count_things(f), 0);
}

static void cursor__many_rows__come_in_order_and_end(void **state)
{
    struct db_fixture *f = *state;
    struct batch batch = {.rows = 1000, .first_id = 0, .twice = -1};
    struct db_session *session;
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;
    struct err err = {.code = ERR_NONE};
    int64_t expected = 0;

    must_write(f, put_batch, &batch);
    session = must_checkout(f);
    assert_true(sql_thing_list_open(session, &cursor, &err));
    while (sql_thing_list_next(cursor, &row, &err) == DB_ROW) {
        char name[32];

        snprintf(name, sizeof(name), "thing %lld", (long long)expected);
        assert_true(row.id == expected);
        assert_string_equal(row.name, name);
        expected++;
    }
    assert_int_equal(expected, 1000);
    db_cursor_close(cursor);
    db_checkin(session);
}

/* The same statement may run while its own cursor is open, and another one in between. */
static void cursor__same_statement_again__both_give_their_rows(void **state)
{
    struct db_fixture *f = *state;
    struct batch batch = {.rows = 3, .first_id = 0, .twice = -1};
    struct db_session *session;
    struct db_cursor *outer = NULL;
    struct db_cursor *inner = NULL;
    struct sql_thing_list_row row;
    struct sql_thing_count_row count;
    struct err err = {.code = ERR_NONE};
    int pairs = 0;

    must_write(f, put_batch, &batch);
    session = must_checkout(f);
    assert_true(sql_thing_list_open(session, &outer, &err));
    while (sql_thing_list_next(outer, &row, &err) == DB_ROW) {
        assert_true(sql_thing_list_open(session, &inner, &err));
        while (sql_thing_list_next(inner, &row, &err) == DB_ROW) {
            assert_int_equal(sql_thing_count(session, &count, &err), DB_ROW);
            pairs++;
        }
        db_cursor_close(inner);
    }
    db_cursor_close(outer);
    db_checkin(session);
    assert_int_equal(pairs, 9);
}

/* --- rules of the tables --- */

static bool put_twice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return put_thing(ctx, session, arg, err) && put_thing(ctx, session, arg, err);
}

static bool own_nobody(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t nobody = 4711;

    return put_thing(ctx, session, arg, err) && sql_thing_own(session, 1, &nobody, err);
}

static bool own_nobody_returning(struct ctx *ctx, struct db_session *session, void *arg,
                                 struct err *err)
{
    struct sql_thing_own_returning_row row;
    int64_t nobody = 4711;

    return put_thing(ctx, session, arg, err) &&
           sql_thing_own_returning(session, 1, &nobody, &row, err) != DB_FAILED;
}

static bool owe_stock(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return put_thing(ctx, session, arg, err) && sql_thing_stock_set(session, 1, -1, err);
}

static bool lose_name(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return put_thing(ctx, session, arg, err) && sql_thing_name_set(session, 1, NULL, err);
}

static bool promise_nobody(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return put_thing(ctx, session, arg, err) && sql_promise_put(session, 1, 4711, err);
}

static bool promise_later(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return sql_promise_put(session, 1, 1, err) && put_thing(ctx, session, arg, err);
}

static void rules__broken__give_their_code_and_leave_nothing(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "first"};

    must_fail(f, put_twice, &thing, ERR_UNIQUE);
    must_fail(f, own_nobody, &thing, ERR_FOREIGN_KEY);
    must_fail(f, own_nobody_returning, &thing, ERR_FOREIGN_KEY);
    must_fail(f, owe_stock, &thing, ERR_CHECK);
    must_fail(f, lose_name, &thing, ERR_CHECK);
    must_fail(f, promise_nobody, &thing, ERR_FOREIGN_KEY);
    assert_int_equal(count_things(f), 0);
    must_write(f, promise_later, &thing);
    assert_int_equal(count_things(f), 1);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(upsert__row_is_there__is_updated_and_given),
    SUITE_TEST(returning__row_or_none__tells_what_was_done),
    SUITE_TEST(returning__more_than_one_row__is_a_mistake),
    SUITE_TEST(batch__one_to_ten_thousand_rows__all_are_stored),
    SUITE_TEST(batch__one_row_fails__nothing_is_stored),
    SUITE_TEST(cursor__many_rows__come_in_order_and_end),
    SUITE_TEST(cursor__same_statement_again__both_give_their_rows),
    SUITE_TEST(cursor__several_sets_of_values__gives_the_rows_of_all),
    SUITE_TEST(cursor__last_of_several_sets_fails__fails),
    SUITE_TEST(rules__broken__give_their_code_and_leave_nothing),
};

SUITE_ROOM(statements_room, tests);
