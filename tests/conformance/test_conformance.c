/*
 * What services may expect of every backend, whatever stands behind it: types with their extremes,
 * transactions, savepoints, upsert, RETURNING, batches, errors, deadlines, cancellation, tags.
 * Built once per backend with CONFORMANCE_BACKEND.
 */
#include <float.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"
#include "core/thread.h"
#include "db/backend.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

enum { LONG_TEXT = 1 << 20, BATCH_MOST = 10000 };

static int set_up(void **state)
{
    *state = db_fixture_new(&CONFORMANCE_BACKEND);
    return 0;
}

static int tear_down(void **state)
{
    db_fixture_free(*state);
    return 0;
}

static struct db_session *must_checkout(struct db_fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&f->ctx, f->pool, &session, &err)) {
        fail_msg("%s", err.text);
    }
    return session;
}

static void must_write(struct db_fixture *f, db_work *work, void *arg)
{
    struct err err = {.code = ERR_NONE};

    if (!db_write(&f->ctx, f->pool, work, arg, &err)) {
        fail_msg("%s", err.text);
    }
}

/* The unit fails with this code. */
static void must_fail(struct db_fixture *f, db_work *work, void *arg, enum err_code code)
{
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&f->ctx, f->pool, work, arg, &err));
    if (err.code != code) {
        fail_msg("%s instead of %s: %s", err_symbol(err.code), err_symbol(code), err.text);
    }
}

static int64_t count_things(struct db_fixture *f)
{
    struct sql_thing_count_row row;
    struct db_session *db = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_thing_count(db, &row, &err), DB_ROW);
    db_checkin(db);
    return row.total;
}

/* --- types --- */

struct thing {
    int64_t id;
    const char *name;
    const int64_t *amount;
    const int64_t *price_cents;
    const int64_t *at_us;
    const bool *flag;
    const double *ratio;
    const char *body;
};

static bool put_thing(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct thing *thing = arg;

    (void)ctx;
    return sql_thing_put(db, thing->id, thing->name, thing->amount, thing->price_cents,
                         thing->at_us, thing->flag, thing->ratio, thing->body, err);
}

static struct sql_thing_get_row get_thing(struct db_fixture *f, int64_t id)
{
    struct sql_thing_get_row row;
    struct db_session *db = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    if (sql_thing_get(db, id, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(db);
    return row;
}

static void types__every_column_null__comes_back_as_null(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = ""};
    struct sql_thing_get_row row;

    must_write(f, put_thing, &thing);
    row = get_thing(f, 1);
    assert_string_equal(row.name, "");
    assert_true(row.amount_is_null && row.price_cents_is_null && row.at_us_is_null &&
                row.flag_is_null && row.ratio_is_null);
    assert_null(row.body);
}

static void types__whole_numbers__keep_all_64_bits(void **state)
{
    static const int64_t amounts[] = {INT64_MAX, 0, -1, -999999999999};
    struct db_fixture *f = *state;

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        char name[32];
        struct thing thing = {.id = INT64_MIN + (int64_t)i, .name = name, .amount = &amounts[i]};
        struct sql_thing_get_row row;

        snprintf(name, sizeof(name), "amount %zu", i);
        must_write(f, put_thing, &thing);
        row = get_thing(f, thing.id);
        assert_false(row.amount_is_null);
        assert_true(row.amount == amounts[i]);
        assert_true(row.id == thing.id);
    }
}

static void types__money__is_exact_to_the_cent_at_twelve_digits(void **state)
{
    static const int64_t prices[] = {MONEY_CENTS_MAX, -MONEY_CENTS_MAX, 1, 0, 123456789012};
    struct db_fixture *f = *state;

    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
        char name[32];
        struct thing thing = {.id = (int64_t)i, .name = name, .price_cents = &prices[i]};

        snprintf(name, sizeof(name), "price %zu", i);
        must_write(f, put_thing, &thing);
        assert_true(get_thing(f, thing.id).price_cents == prices[i]);
    }
}

static void types__times__are_exact_to_the_microsecond(void **state)
{
    static const char *const times[] = {
        "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000001Z",
        "2100-03-01T00:00:00.123456Z", "9999-12-31T23:59:59.999999Z",
    };
    struct db_fixture *f = *state;

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[UTC_TEXT_MAX];
        int64_t at_us;
        struct thing thing = {.id = (int64_t)i, .name = times[i], .at_us = &at_us};

        assert_true(utc_parse(times[i], &at_us));
        must_write(f, put_thing, &thing);
        utc_format(get_thing(f, thing.id).at_us, text);
        assert_string_equal(text, times[i]);
    }
}

static void types__flags_and_fractions__come_back_as_they_went(void **state)
{
    static const double ratios[] = {0.1, -DBL_MAX, DBL_MIN, 3.0, 1e-300};
    struct db_fixture *f = *state;

    for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
        char name[32];
        bool flag = i % 2 == 1;
        struct thing thing = {.id = (int64_t)i, .name = name, .flag = &flag, .ratio = &ratios[i]};
        struct sql_thing_get_row row;

        snprintf(name, sizeof(name), "ratio %zu", i);
        must_write(f, put_thing, &thing);
        row = get_thing(f, thing.id);
        assert_memory_equal(&row.ratio, &ratios[i], sizeof(row.ratio));
        assert_true(row.flag == flag);
    }
}

static void types__text__keeps_every_byte(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "'; DROP TABLE things; --",
        "a\nb\r\nc\t\x01\x7f",
        "\xF0\x9F\x9A\x81 \xC3\xA9",
        "\"quoted\" \\ :name $1 ?",
    };
    struct db_fixture *f = *state;
    char *long_text = arena_alloc(&f->arena, LONG_TEXT + 1);
    struct thing thing = {.id = 100, .name = "long", .body = long_text};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct thing one = {.id = (int64_t)i, .name = texts[i], .body = texts[i]};

        must_write(f, put_thing, &one);
        assert_string_equal(get_thing(f, one.id).body, texts[i]);
        assert_string_equal(get_thing(f, one.id).name, texts[i]);
    }
    memset(long_text, 'x', LONG_TEXT);
    must_write(f, put_thing, &thing);
    assert_string_equal(get_thing(f, 100).body, long_text);
}

/* Text of a row stays good after further statements and after checkin. */
static void types__text_of_a_row__lives_as_long_as_the_arena(void **state)
{
    struct db_fixture *f = *state;
    struct thing first = {.id = 1, .name = "first", .body = "body of the first"};
    struct thing second = {.id = 2, .name = "second", .body = "body of the second"};
    struct sql_thing_get_row row;

    must_write(f, put_thing, &first);
    must_write(f, put_thing, &second);
    row = get_thing(f, 1);
    (void)get_thing(f, 2);
    assert_string_equal(row.body, "body of the first");
}

static void types__null_where_none_is_declared__is_a_schema_error(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "first"};
    struct sql_thing_get_strict_row row = {.body = "untouched"};
    struct db_session *db;
    struct err err = {.code = ERR_NONE};

    must_write(f, put_thing, &thing);
    db = must_checkout(f);
    assert_int_equal(sql_thing_get_strict(db, 1, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_string_equal(row.body, "untouched");
    assert_int_equal(sql_thing_get_strict(db, 2, &row, &err), DB_NO_ROW);
    assert_string_equal(row.body, "untouched");
    db_checkin(db);
}

static bool put_loose_text(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    return sql_loose_clear(db, err) && sql_loose_put_text(db, arg, err);
}

static bool put_loose_real(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const double *value = arg;

    (void)ctx;
    return sql_loose_clear(db, err) && sql_loose_put_real(db, *value, err);
}

static void types__stored_value_of_another_type__is_a_schema_error(void **state)
{
    struct db_fixture *f = *state;
    struct sql_loose_get_row row;
    struct db_session *db;
    struct err err = {.code = ERR_NONE};
    char text[] = "12";
    double real = 12.0;

    must_write(f, put_loose_text, text);
    db = must_checkout(f);
    assert_int_equal(sql_loose_get(db, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    db_checkin(db);
    must_write(f, put_loose_real, &real);
    db = must_checkout(f);
    assert_int_equal(sql_loose_get(db, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    db_checkin(db);
}

/* --- statements --- */

struct upsert {
    const char *name;
    int64_t stock;
    struct sql_thing_upsert_row row;
};

static bool upsert(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct upsert *wanted = arg;

    (void)ctx;
    return sql_thing_upsert(db, wanted->name, wanted->stock, &wanted->row, err) == DB_ROW;
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

static bool take(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct take *wanted = arg;

    (void)ctx;
    wanted->step = sql_thing_take(db, wanted->id, wanted->quantity, &wanted->row, err);
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

static bool all_returning(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_thing_all_returning_row row;

    (void)ctx;
    (void)arg;
    return sql_thing_all_returning(db, &row, err) != DB_FAILED;
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

struct batch {
    size_t rows;
    int64_t first_id;
    int64_t twice; /* an id that breaks the batch, -1: none */
    int64_t changes;
};

static bool put_batch(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct batch *batch = arg;
    struct sql_thing_put_args *args = arena_array(ctx->arena, batch->rows + 1, sizeof(*args));

    for (size_t i = 0; i < batch->rows; i++) {
        int64_t id = batch->first_id + (int64_t)i;

        args[i] = sql_thing_put_args(id == batch->twice ? batch->first_id : id,
                                     arena_printf(ctx->arena, "thing %lld", (long long)id), &id,
                                     NULL, NULL, NULL, NULL, NULL);
    }
    return sql_thing_put_batch(db, args, batch->rows, &batch->changes, err);
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
    struct db_session *db;
    struct db_cursor *cursor = NULL;
    struct sql_thing_list_row row;
    struct err err = {.code = ERR_NONE};
    int64_t expected = 0;

    must_write(f, put_batch, &batch);
    db = must_checkout(f);
    assert_true(sql_thing_list_open(db, &cursor, &err));
    while (sql_thing_list_next(cursor, &row, &err) == DB_ROW) {
        char name[32];

        snprintf(name, sizeof(name), "thing %lld", (long long)expected);
        assert_true(row.id == expected);
        assert_string_equal(row.name, name);
        expected++;
    }
    assert_int_equal(expected, 1000);
    db_cursor_close(cursor);
    db_checkin(db);
}

/* The same statement may run while its own cursor is open, and another one in between. */
static void cursor__same_statement_again__both_give_their_rows(void **state)
{
    struct db_fixture *f = *state;
    struct batch batch = {.rows = 3, .first_id = 0, .twice = -1};
    struct db_session *db;
    struct db_cursor *outer = NULL;
    struct db_cursor *inner = NULL;
    struct sql_thing_list_row row;
    struct sql_thing_count_row count;
    struct err err = {.code = ERR_NONE};
    int pairs = 0;

    must_write(f, put_batch, &batch);
    db = must_checkout(f);
    assert_true(sql_thing_list_open(db, &outer, &err));
    while (sql_thing_list_next(outer, &row, &err) == DB_ROW) {
        assert_true(sql_thing_list_open(db, &inner, &err));
        while (sql_thing_list_next(inner, &row, &err) == DB_ROW) {
            assert_int_equal(sql_thing_count(db, &count, &err), DB_ROW);
            pairs++;
        }
        db_cursor_close(inner);
    }
    db_cursor_close(outer);
    db_checkin(db);
    assert_int_equal(pairs, 9);
}

/* --- rules of the tables --- */

static bool put_twice(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    return put_thing(ctx, db, arg, err) && put_thing(ctx, db, arg, err);
}

static bool own_nobody(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    int64_t nobody = 4711;

    return put_thing(ctx, db, arg, err) && sql_thing_own(db, 1, &nobody, err);
}

static bool own_nobody_returning(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_thing_own_returning_row row;
    int64_t nobody = 4711;

    return put_thing(ctx, db, arg, err) &&
           sql_thing_own_returning(db, 1, &nobody, &row, err) != DB_FAILED;
}

static bool owe_stock(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    return put_thing(ctx, db, arg, err) && sql_thing_stock_set(db, 1, -1, err);
}

static bool lose_name(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    return put_thing(ctx, db, arg, err) && sql_thing_name_set(db, 1, NULL, err);
}

static bool promise_nobody(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    return put_thing(ctx, db, arg, err) && sql_promise_put(db, 1, 4711, err);
}

static bool promise_later(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    return sql_promise_put(db, 1, 1, err) && put_thing(ctx, db, arg, err);
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

/* --- units of work --- */

struct nested {
    bool outer_fails;
    bool middle_fails;
    bool inner_fails;
};

static bool inner_work(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct nested *nested = arg;
    struct thing thing = {.id = 3, .name = "inner"};

    return put_thing(ctx, db, &thing, err) &&
           (!nested->inner_fails || err_set(err, ERR_CONFLICT, "inner"));
}

static bool middle_work(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct nested *nested = arg;
    struct thing thing = {.id = 2, .name = "middle"};
    struct err ignored = {.code = ERR_NONE};

    if (!put_thing(ctx, db, &thing, err)) {
        return false;
    }
    assert_true(db_savepoint(ctx, db, inner_work, arg, &ignored) == !nested->inner_fails);
    return !nested->middle_fails || err_set(err, ERR_CONFLICT, "middle");
}

static bool outer_work(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct nested *nested = arg;
    struct thing thing = {.id = 1, .name = "outer"};
    struct err ignored = {.code = ERR_NONE};

    if (!put_thing(ctx, db, &thing, err)) {
        return false;
    }
    assert_true(db_savepoint(ctx, db, middle_work, arg, &ignored) == !nested->middle_fails);
    return !nested->outer_fails || err_set(err, ERR_CONFLICT, "outer");
}

/* A failing level undoes itself and what is inside it, nothing else. */
static void savepoint__each_level_fails_in_turn__undoes_its_own(void **state)
{
    static const struct {
        struct nested nested;
        int64_t things;
    } cases[] = {
        {{.inner_fails = true}, 2},
        {{.middle_fails = true}, 1},
        {{.inner_fails = true, .middle_fails = true}, 1},
        {{.outer_fails = true}, 0},
        {{.outer_fails = false}, 3},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct db_fixture *f = db_fixture_new(&CONFORMANCE_BACKEND);
        struct nested nested = cases[i].nested;
        struct err err = {.code = ERR_NONE};

        assert_true(db_write(&f->ctx, f->pool, outer_work, &nested, &err) ==
                    !cases[i].nested.outer_fails);
        assert_int_equal(count_things(f), cases[i].things);
        db_fixture_free(f);
    }
    (void)state;
}

/* A reader sees the state of its first statement, whatever is committed meanwhile. */
static bool read_twice(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct db_fixture *f = arg;
    struct thing thing = {.id = 1, .name = "meanwhile"};
    struct sql_thing_count_row before;
    struct sql_thing_count_row after;

    (void)ctx;
    assert_int_equal(sql_thing_count(db, &before, err), DB_ROW);
    must_write(f, put_thing, &thing);
    assert_int_equal(sql_thing_count(db, &after, err), DB_ROW);
    assert_int_equal(before.total, after.total);
    return true;
}

static void read__commit_in_between__sees_one_state(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    assert_true(db_read(&f->ctx, f->pool, read_twice, f, &err));
    assert_int_equal(count_things(f), 1);
}

static void write__outside_a_unit__is_refused(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *db = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    assert_false(sql_mark_put(db, 1, 1, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    db_checkin(db);
}

static bool raise_counter(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    int64_t *now_us = arg;

    (void)ctx;
    *now_us = db_now(db);
    return sql_counter_put(db, 1, 0, err) && sql_counter_raise(db, 1, err);
}

static void now__bound_by_the_session__is_the_time_of_the_unit(void **state)
{
    struct db_fixture *f = *state;
    struct sql_counter_get_row row;
    struct db_session *db;
    struct err err = {.code = ERR_NONE};
    int64_t now_us;

    must_write(f, raise_counter, &now_us);
    db = must_checkout(f);
    assert_int_equal(sql_counter_get(db, 1, &row, &err), DB_ROW);
    db_checkin(db);
    assert_int_equal(row.value, 1);
    assert_true(row.at_us == now_us);
}

/* --- time-out and cancellation --- */

static void deadline__statement_runs_on__is_stopped(void **state)
{
    struct db_fixture *f = *state;
    struct sql_slow_count_row row;
    struct db_session *db = must_checkout(f);
    struct err err = {.code = ERR_NONE};
    uint64_t begun = clock_mono_ns();

    f->ctx.deadline_ns = clock_after_ms(100);
    assert_int_equal(sql_slow_count(db, INT64_MAX, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_DEADLINE);
    assert_true(clock_mono_ns() - begun < 2000 * CLOCK_NS_PER_MS);
    f->ctx.deadline_ns = clock_after_ms(60000);
    assert_int_equal(sql_slow_count(db, 1000, &row, &err), DB_ROW);
    assert_int_equal(row.total, 1000);
    db_checkin(db);
}

static bool fill(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const int64_t *steps = arg;

    (void)ctx;
    return sql_slow_fill(db, 1, *steps, err);
}

static void deadline__write_runs_on__is_undone_and_writing_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct sql_mark_count_row row;
    struct db_session *db;
    struct err err = {.code = ERR_NONE};
    int64_t steps = INT64_MAX;

    f->ctx.deadline_ns = clock_after_ms(100);
    must_fail(f, fill, &steps, ERR_DEADLINE);
    f->ctx.deadline_ns = clock_after_ms(60000);
    steps = 10;
    must_write(f, fill, &steps);
    db = must_checkout(f);
    assert_int_equal(sql_mark_count(db, &row, &err), DB_ROW);
    assert_int_equal(row.total, 10);
    db_checkin(db);
}

struct canceller {
    struct thread thread;
    struct db *db;
    int64_t sid;
    bool found;
};

static void run_canceller(void *arg)
{
    struct canceller *canceller = arg;

    usleep(100000);
    canceller->found = db_cancel(canceller->db, canceller->sid);
}

static void cancel__statement_runs_on__is_stopped(void **state)
{
    struct db_fixture *f = *state;
    struct sql_slow_count_row row;
    struct db_session *db = must_checkout(f);
    struct canceller canceller = {.db = f->db, .sid = db_sid(db)};
    struct err err = {.code = ERR_NONE};

    thread_start(&canceller.thread, "canceller", run_canceller, &canceller);
    assert_int_equal(sql_slow_count(db, INT64_MAX, &row, &err), DB_FAILED);
    thread_join(&canceller.thread);
    assert_true(canceller.found);
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    assert_int_equal(sql_slow_count(db, 10, &row, &err), DB_ROW);
    db_checkin(db);
    assert_false(db_cancel(f->db, canceller.sid + 1000));
}

/* --- tags --- */

static bool put_mark(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const int64_t *unit = arg;
    struct sql_mark_count_row row;

    (void)ctx;
    return sql_mark_put(db, *unit, 1, err) && sql_mark_count(db, &row, err) == DB_ROW;
}

/* Every statement reaches the backend under the tags of the unit that it belongs to. */
static void tags__units_of_two_routes__never_mix(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(&CONFORMANCE_BACKEND));
    struct fake_record records[64];
    size_t before = fake_records(records, 0);
    size_t count;

    (void)state;
    for (int64_t unit = 0; unit < 10; unit++) {
        db_fixture_ctx(&f->ctx, &f->arena, unit % 2 == 0 ? "POST /even" : "POST /odd");
        must_write(f, put_mark, &unit);
        (void)count_things(f);
    }
    count = fake_records(records, 64);
    assert_int_equal(count - before, 30);
    for (size_t i = before; i < count; i++) {
        size_t unit = (i - before) / 3;

        assert_string_equal(records[i].tags.module, "octo-test");
        assert_string_equal(records[i].tags.action, unit % 2 == 0 ? "POST /even" : "POST /odd");
        assert_string_equal(records[i].tags.client_identifier,
                            records[before + unit * 3].tags.client_identifier);
    }
    db_fixture_free(f);
}

#define SUITE_TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SUITE_TEST(types__every_column_null__comes_back_as_null),
        SUITE_TEST(types__whole_numbers__keep_all_64_bits),
        SUITE_TEST(types__money__is_exact_to_the_cent_at_twelve_digits),
        SUITE_TEST(types__times__are_exact_to_the_microsecond),
        SUITE_TEST(types__flags_and_fractions__come_back_as_they_went),
        SUITE_TEST(types__text__keeps_every_byte),
        SUITE_TEST(types__text_of_a_row__lives_as_long_as_the_arena),
        SUITE_TEST(types__null_where_none_is_declared__is_a_schema_error),
        SUITE_TEST(types__stored_value_of_another_type__is_a_schema_error),
        SUITE_TEST(upsert__row_is_there__is_updated_and_given),
        SUITE_TEST(returning__row_or_none__tells_what_was_done),
        SUITE_TEST(returning__more_than_one_row__is_a_mistake),
        SUITE_TEST(batch__one_to_ten_thousand_rows__all_are_stored),
        SUITE_TEST(batch__one_row_fails__nothing_is_stored),
        SUITE_TEST(cursor__many_rows__come_in_order_and_end),
        SUITE_TEST(cursor__same_statement_again__both_give_their_rows),
        SUITE_TEST(rules__broken__give_their_code_and_leave_nothing),
        SUITE_TEST(savepoint__each_level_fails_in_turn__undoes_its_own),
        SUITE_TEST(read__commit_in_between__sees_one_state),
        SUITE_TEST(write__outside_a_unit__is_refused),
        SUITE_TEST(now__bound_by_the_session__is_the_time_of_the_unit),
        SUITE_TEST(deadline__statement_runs_on__is_stopped),
        SUITE_TEST(deadline__write_runs_on__is_undone_and_writing_goes_on),
        SUITE_TEST(cancel__statement_runs_on__is_stopped),
        cmocka_unit_test(tags__units_of_two_routes__never_mix),
    };

    db_fixture_need(&CONFORMANCE_BACKEND);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
