/* http/json_in.h: shapes. */
#include "core/text.h"
#include "http/json_in.h"
#include "support/test.h"

struct line {
    int64_t product_id;
    bool has_product_id;
    const char *note;
};

struct order {
    const char *name;
    const char *email;
    const char *status;
    const char *token;
    int64_t quantity;
    bool has_quantity;
    int64_t price_cents;
    bool has_price;
    bool express;
    bool has_express;
    struct line *lines;
    size_t lines_count;
    struct json_member *extra;
    size_t extra_count;
};

static const char *const STATUSES[] = {"open", "closed", NULL};
static const struct json_field LINE_FIELDS[] = {
    JSON_INT(struct line, product_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_TEXT(struct line, note, 0, 5, JSON_OPTIONAL),
};
static const struct json_shape LINE = JSON_SHAPE("Line", struct line, LINE_FIELDS);
static const struct json_field ORDER_FIELDS[] = {
    JSON_TEXT(struct order, name, 1, 5, JSON_REQUIRED),
    JSON_EMAIL(struct order, email, JSON_OPTIONAL),
    JSON_WORD(struct order, status, STATUSES, JSON_OPTIONAL),
    JSON_TOKEN(struct order, token, 2, 8, "._", JSON_OPTIONAL),
    JSON_INT(struct order, quantity, 1, 20, JSON_OPTIONAL),
    JSON_MONEY(struct order, price, JSON_OPTIONAL),
    JSON_BOOL(struct order, express, JSON_OPTIONAL),
    JSON_LIST(struct order, lines, &LINE, 1, 3, JSON_OPTIONAL),
    JSON_MEMBERS(struct order, extra, 2, JSON_OPTIONAL),
};
static const struct json_shape ORDER = JSON_SHAPE("Order", struct order, ORDER_FIELDS);

struct source {
    int64_t number;
    bool has_number;
};

static const struct json_field SOURCE_FIELDS[] = {
    JSON_INT_OR_TEXT(struct source, number, 1, 99, JSON_OPTIONAL),
};
static const struct json_shape SOURCE = JSON_SHAPE("Source", struct source, SOURCE_FIELDS);

/* Digits in quotes are the number; anything else in quotes is refused as it is without them. */
static void json_bind__number_as_text__is_bound(void **state)
{
    static const char *const refused[] = {"{\"number\":\"x\"}", "{\"number\":\"\"}",
                                          "{\"number\":\"0\"}", "{\"number\":\"100\"}",
                                          "{\"number\":1.5}"};
    struct arena *arena = *state;
    const struct source *source;
    struct err err = {0};
    void *bound = NULL;

    assert_true(json_bind(arena, &SOURCE, "{\"number\":\"17\"}", 15, &bound, &err));
    source = bound;
    assert_true(source->has_number);
    assert_int_equal(source->number, 17);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_false(json_bind(arena, &SOURCE, refused[i], strlen(refused[i]), &bound, &err));
        assert_string_equal(err.field, "/number");
    }
}

struct shift {
    int64_t steps;
    bool has_steps;
};

static const struct json_field SHIFT_FIELDS[] = {
    JSON_INT(struct shift, steps, INT64_MIN, 5, JSON_OPTIONAL),
};
static const struct json_shape SHIFT = JSON_SHAPE("Shift", struct shift, SHIFT_FIELDS);

/* A number without a lower end is told its upper one alone; others are told both. */
static void json_bind__number_out_of_range__is_told_its_range(void **state)
{
    static const struct {
        const struct json_shape *shape;
        const char *text;
        const char *told;
    } cases[] = {
        {&SHIFT, "{\"steps\":6}", "must be at most 5"},
        {&SHIFT, "{\"steps\":5}", NULL},
        {&SHIFT, "{\"steps\":-9223372036854775808}", NULL},
        {&SOURCE, "{\"number\":100}", "must be from 1 to 99"},
        {&SOURCE, "{\"number\":0}", "must be from 1 to 99"},
        {&SOURCE, "{\"number\":99}", NULL},
        {&SOURCE, "{\"number\":1}", NULL},
    };
    struct arena *arena = *state;
    struct err err = {0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        void *bound = NULL;

        assert_int_equal(
            json_bind(arena, cases[i].shape, cases[i].text, strlen(cases[i].text), &bound, &err),
            cases[i].told == NULL);
        assert_true(cases[i].told == NULL || strstr(err.text, cases[i].told) != NULL);
    }
}

static void json_bind__everything_given__is_bound(void **state)
{
    static const char text[] =
        "{\"name\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\",\"email\":\" A@B.example \","
        "\"status\":\"open\",\"token\":\"a._1\",\"quantity\":20,\"price\":12.5,\"express\":false,"
        "\"unknown\":[1],\"lines\":[{\"product_id\":7,\"note\":\"x\"},{\"product_id\":8}]}";
    struct arena *arena = *state;
    const struct order *order;
    struct err err = {0};
    void *bound = NULL;

    assert_true(json_bind(arena, &ORDER, text, strlen(text), &bound, &err));
    order = bound;
    assert_string_equal(order->email, "a@b.example");
    assert_string_equal(order->status, "open");
    assert_string_equal(order->token, "a._1");
    assert_true(order->has_quantity && order->quantity == 20);
    assert_true(order->has_price && order->price_cents == 1250);
    assert_true(order->has_express && !order->express);
    assert_int_equal(order->lines_count, 2);
    assert_int_equal(order->lines[0].product_id, 7);
    assert_string_equal(order->lines[0].note, "x");
    assert_null(order->lines[1].note);
}

static void json_bind__little_given__leaves_zeros(void **state)
{
    static const char text[] = "{\"name\":\"a\",\"quantity\":null}";
    struct arena *arena = *state;
    const struct order *order;
    struct err err = {0};
    void *bound = NULL;

    assert_true(json_bind(arena, &ORDER, text, strlen(text), &bound, &err));
    order = bound;
    assert_null(order->email);
    assert_false(order->has_quantity);
    assert_int_equal(order->lines_count, 0);
}

/* Others keep the blanks around them. */
static void json_bind__blank_text_that_may_be_empty__is_empty(void **state)
{
    static const char text[] = "{\"name\":\" a \",\"lines\":[{\"product_id\":1,\"note\":\" \\n\"},"
                               "{\"product_id\":2,\"note\":\" b\"}]}";
    struct arena *arena = *state;
    const struct order *order;
    struct err err = {0};
    void *bound = NULL;

    assert_true(json_bind(arena, &ORDER, text, strlen(text), &bound, &err));
    order = bound;
    assert_string_equal(order->name, " a ");
    assert_string_equal(order->lines[0].note, "");
    assert_string_equal(order->lines[1].note, " b");
}

static void json_bind__members_of_any_name__are_bound_as_texts(void **state)
{
    static const char text[] = "{\"name\":\"a\",\"extra\":{\"since\":\"2026\",\"n_1\":-7}}";
    struct arena *arena = *state;
    const struct order *order;
    struct err err = {0};
    void *bound = NULL;

    assert_true(json_bind(arena, &ORDER, text, strlen(text), &bound, &err));
    order = bound;
    assert_int_equal(order->extra_count, 2);
    assert_string_equal(order->extra[0].name, "since");
    assert_string_equal(order->extra[0].text, "2026");
    assert_string_equal(order->extra[1].name, "n_1");
    assert_string_equal(order->extra[1].text, "-7");
}

static void json_bind__bad_members__are_named_by_pointer(void **state)
{
    static const struct {
        const char *text;
        const char *pointer;
    } cases[] = {
        {"{}", "/name"},
        {"{\"name\":null}", "/name"},
        {"{\"name\":1}", "/name"},
        {"{\"name\":\"\"}", "/name"},
        {"{\"name\":\"abcdef\"}", "/name"},
        {"{\"name\":\" \\t\\n\"}", "/name"},
        {"{\"name\":\"\\u00a0\\u200b\"}", "/name"},
        {"{\"name\":\"      \"}", "/name"},
        {"{\"name\":\"a\",\"email\":\"   \"}", "/email"},
        {"{\"name\":\"a\",\"status\":\" \"}", "/status"},
        {"{\"name\":\"a\",\"lines\":[{\"product_id\":1,\"note\":\"      \"}]}", "/lines/0/note"},
        {"{\"name\":\"a\\u0000b\"}", "/name"},
        {"{\"name\":\"\\u0000\"}", "/name"},
        {"{\"name\":\"a\",\"email\":\"a@b.example\\u0000\"}", "/email"},
        {"{\"name\":\"a\",\"price\":\"1.50\\u0000\"}", "/price"},
        {"{\"name\":\"a\",\"lines\":[{\"product_id\":1,\"note\":\"\\u0000\"}]}", "/lines/0/note"},
        {"{\"name\":\"a\",\"email\":\"nobody\"}", "/email"},
        {"{\"name\":\"a\",\"status\":\"Open\"}", "/status"},
        {"{\"name\":\"a\",\"token\":\"a b\"}", "/token"},
        {"{\"name\":\"a\",\"quantity\":0}", "/quantity"},
        {"{\"name\":\"a\",\"quantity\":21}", "/quantity"},
        {"{\"name\":\"a\",\"quantity\":-9223372036854775808}", "/quantity"},
        {"{\"name\":\"a\",\"quantity\":1.5}", "/quantity"},
        {"{\"name\":\"a\",\"quantity\":\"1\"}", "/quantity"},
        {"{\"name\":\"a\",\"quantity\":true}", "/quantity"},
        {"{\"name\":\"a\",\"price\":-1}", "/price"},
        {"{\"name\":\"a\",\"price\":0.001}", "/price"},
        {"{\"name\":\"a\",\"price\":1e30}", "/price"},
        {"{\"name\":\"a\",\"express\":1}", "/express"},
        {"{\"name\":\"a\",\"lines\":{}}", "/lines"},
        {"{\"name\":\"a\",\"extra\":[]}", "/extra"},
        {"{\"name\":\"a\",\"extra\":{\"a\":1.5}}", "/extra"},
        {"{\"name\":\"a\",\"extra\":{\"a\":{}}}", "/extra"},
        {"{\"name\":\"a\",\"extra\":{\"a\":\"\\u0000\"}}", "/extra"},
        {"{\"name\":\"a\",\"extra\":{\"a b\":1}}", "/extra"},
        {"{\"name\":\"a\",\"extra\":{\"\":1}}", "/extra"},
        {"{\"name\":\"a\",\"extra\":{\"a\":1,\"b\":2,\"c\":3}}", "/extra"},
        {"{\"name\":\"a\",\"lines\":[]}", "/lines"},
        {"{\"name\":\"a\",\"lines\":[1]}", "/lines"},
        {"{\"name\":\"a\",\"lines\":[{\"product_id\":1},{\"product_id\":0}]}",
         "/lines/1/product_id"},
        {"{\"name\":\"a\",\"lines\":[{\"product_id\":1,\"note\":\"toolong\"}]}", "/lines/0/note"},
        {"{\"name\":\"a\",\"lines\":[{\"product_id\":1},{\"product_id\":1},{\"product_id\":1},"
         "{\"product_id\":1}]}",
         "/lines"},
    };
    struct arena *arena = *state;
    struct err err = {0};
    void *bound = NULL;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(json_bind(arena, &ORDER, cases[i].text, strlen(cases[i].text), &bound, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.field, cases[i].pointer);
        assert_null(bound);
    }
}

static void json_bind__no_object__is_invalid(void **state)
{
    struct arena *arena = *state;
    struct err err = {0};
    void *bound = NULL;

    assert_false(json_bind(arena, &ORDER, "[]", 2, &bound, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(json_bind(arena, &ORDER, "{", 1, &bound, &err));
    assert_int_equal(err.code, ERR_MALFORMED);
}

static int arena_up(void **state)
{
    static struct arena arena;

    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int arena_down(void **state)
{
    arena_fini(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_bind__number_as_text__is_bound),
        cmocka_unit_test(json_bind__number_out_of_range__is_told_its_range),
        cmocka_unit_test(json_bind__everything_given__is_bound),
        cmocka_unit_test(json_bind__little_given__leaves_zeros),
        cmocka_unit_test(json_bind__blank_text_that_may_be_empty__is_empty),
        cmocka_unit_test(json_bind__members_of_any_name__are_bound_as_texts),
        cmocka_unit_test(json_bind__bad_members__are_named_by_pointer),
        cmocka_unit_test(json_bind__no_object__is_invalid),
    };
    return cmocka_run_group_tests(tests, arena_up, arena_down);
}
