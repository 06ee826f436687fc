/* Values of each type with their extremes: what goes in comes back, or is refused by name. */
#include <float.h>

#include "core/text.h"
#include "tests/support/suite.h"

enum { LONG_TEXT = 1 << 20 };

static void types__every_column_null__comes_back_as_null(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "empty"};
    struct sql_thing_get_row row;

    must_write(f, put_thing, &thing);
    row = get_thing(f, 1);
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
    for (size_t i = 0; i < LONG_TEXT; i += 4) {
        memcpy(long_text + i, "\xF0\x9F\x9A\x81", 4);
    }
    must_write(f, put_thing, &thing);
    assert_string_equal(get_thing(f, 100).body, long_text);
}

static void types__empty_text__is_none_or_comes_back(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "named", .body = ""};
    const char *body;

    must_write(f, put_thing, &thing);
    body = get_thing(f, 1).body;
    assert_true(suite_has_empty_texts() ? body != NULL && body[0] == '\0' : body == NULL);
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
    struct db_session *session;
    struct err err = {.code = ERR_NONE};

    must_write(f, put_thing, &thing);
    session = must_checkout(f);
    assert_int_equal(sql_thing_get_strict(session, 1, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_string_equal(row.body, "untouched");
    assert_int_equal(sql_thing_get_strict(session, 2, &row, &err), DB_NO_ROW);
    assert_string_equal(row.body, "untouched");
    db_checkin(session);
}

static bool rename_thing(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sql_thing_name_set(session, 1, arg, err);
}

/* Several sets at once, of which the last is at fault. */
static bool upsert_things(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct sql_thing_upsert_args sets[] = {sql_thing_upsert_args("a", 1),
                                                 sql_thing_upsert_args("", 1)};
    struct db_cursor *cursor = NULL;

    (void)ctx;
    (void)arg;
    return sql_thing_upsert_open_batch(session, sets, 2, &cursor, err);
}

static void types__empty_text_where_none_may_be__is_refused_by_name(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "first"};
    char empty[] = "";
    struct err err = {.code = ERR_NONE};

    must_write(f, put_thing, &thing);
    assert_false(db_write(&f->ctx, f->pool, rename_thing, empty, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    assert_non_null(strstr(err.text, "thing_name_set: parameter name is an empty text"));
    err = (struct err){.code = ERR_NONE};
    assert_false(db_write(&f->ctx, f->pool, upsert_things, NULL, &err));
    assert_non_null(strstr(err.text, "thing_upsert: parameter name is an empty text"));
    assert_string_equal(get_thing(f, 1).name, "first");
}

static void types__empty_text_in_a_column_that_has_none__is_a_schema_error(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = ""};
    struct sql_thing_name_row row = {.name = "untouched"};
    struct db_cursor *cursor = NULL;
    struct db_session *session;
    struct err err = {.code = ERR_NONE};

    if (!suite_has_empty_texts()) {
        skip();
    }
    must_write(f, put_thing, &thing);
    session = must_checkout(f);
    assert_int_equal(sql_thing_name(session, 1, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_non_null(strstr(err.text, "thing_name: column name holds an empty text"));
    assert_string_equal(row.name, "untouched");
    assert_true(sql_thing_name_open(session, 1, &cursor, &err));
    assert_int_equal(sql_thing_name_next(cursor, &row, &err), DB_FAILED);
    db_cursor_close(cursor);
    db_checkin(session);
}

static bool put_loose_text(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sql_loose_clear(session, err) && sql_loose_put_text(session, arg, err);
}

static bool put_loose_real(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const double *value = arg;

    (void)ctx;
    return sql_loose_clear(session, err) && sql_loose_put_real(session, *value, err);
}

static void types__stored_value_of_another_type__is_a_schema_error(void **state)
{
    struct db_fixture *f = *state;
    struct sql_loose_get_row row;
    struct db_session *session;
    struct err err = {.code = ERR_NONE};
    char text[] = "12";
    double real = 12.0;

    must_write(f, put_loose_text, text);
    session = must_checkout(f);
    assert_int_equal(sql_loose_get(session, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    db_checkin(session);
    must_write(f, put_loose_real, &real);
    session = must_checkout(f);
    assert_int_equal(sql_loose_get(session, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    db_checkin(session);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(types__every_column_null__comes_back_as_null),
    SUITE_TEST(types__whole_numbers__keep_all_64_bits),
    SUITE_TEST(types__money__is_exact_to_the_cent_at_twelve_digits),
    SUITE_TEST(types__times__are_exact_to_the_microsecond),
    SUITE_TEST(types__flags_and_fractions__come_back_as_they_went),
    SUITE_TEST(types__text__keeps_every_byte),
    SUITE_TEST(types__empty_text__is_none_or_comes_back),
    SUITE_TEST(types__text_of_a_row__lives_as_long_as_the_arena),
    SUITE_TEST(types__null_where_none_is_declared__is_a_schema_error),
    SUITE_TEST(types__empty_text_where_none_may_be__is_refused_by_name),
    SUITE_TEST(types__empty_text_in_a_column_that_has_none__is_a_schema_error),
    SUITE_TEST(types__stored_value_of_another_type__is_a_schema_error),
};

SUITE_ROOM(types_room, tests);
