/* store/where.h: what people may write, what it means, and what is said of the rest. */
#include <string.h>

#include "store/where.h"
#include "support/test.h"

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static const struct where *parse(const char *text)
{
    const struct where *where = NULL;
    struct err err = {0};

    if (!where_parse(&arena, text, &where, &err)) {
        fail_msg("%s: %s", text, err.text);
    }
    return where;
}

/* The tree, with brackets around all that is joined: leaves by their place. */
static const char *shape_of(const struct where *where, size_t at)
{
    const struct where_node *node = &where->nodes[at];

    switch (node->kind) {
    case WHERE_LEAF:
        return arena_printf(&arena, "%zu", node->first);
    case WHERE_NOT:
        return arena_printf(&arena, "!%s", shape_of(where, node->first));
    case WHERE_ANY:
        return arena_printf(&arena, "any%s", shape_of(where, node->first));
    default:
        return arena_printf(&arena, "(%s%s%s)", shape_of(where, node->first),
                            node->kind == WHERE_AND ? "&" : "|", shape_of(where, node->second));
    }
}

static void where_parse__joined_tests__bind_as_not_and_or(void **state)
{
    static const struct {
        const char *text;
        const char *shape;
    } CASES[] = {
        {"name = a", "0"},
        {"name=a or name=b and name=c", "(0|(1&2))"},
        {"(name=a or name=b) and name=c", "((0|1)&2)"},
        {"not name=a and name=b", "(!0&1)"},
        {"NOT (name=a AND name=b) OR not not name=c", "(!(0&1)|!!2)"},
        {"name=a and name=b and name=c", "((0&1)&2)"},
        {"any(db.rows > 5 or name=b) and service = shop", "(any(0|1)&2)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct where *where = parse(CASES[i].text);

        assert_string_equal(shape_of(where, where->root), CASES[i].shape);
    }
}

static void where_parse__fields__are_known_by_their_names(void **state)
{
    static const struct {
        const char *text;
        enum where_field field;
        const char *key;
    } CASES[] = {
        {"route = /api/products/{product_id}", WHERE_ROUTE, NULL},
        {"duration >= 1s", WHERE_DURATION, NULL},
        {"http.request.method = GET", WHERE_ATTRIBUTE, "http.request.method"},
        {"span.colour = red", WHERE_ATTRIBUTE, "colour"},
        {"\"two words.\" exists", WHERE_ATTRIBUTE, "two words."},
        {"resource.service.version = \"1.0\"", WHERE_RESOURCE, "service.version"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct where_leaf *leaf = &parse(CASES[i].text)->leaves[0];

        assert_int_equal(leaf->field, CASES[i].field);
        if (CASES[i].key == NULL) {
            assert_null(leaf->key);
        } else {
            assert_string_equal(leaf->key, CASES[i].key);
        }
    }
}

/* Units, and of a duration none, which is milliseconds. */
static void where_parse__numbers__have_units(void **state)
{
    static const struct {
        const char *text;
        double number;
    } CASES[] = {
        {"duration > 250", 250e6}, {"duration > 2.5ms", 2.5e6}, {"duration > 7us", 7e3},
        {"duration > 3s", 3e9},    {"duration > 9ns", 9},       {"duration > 2m", 120e9},
        {"db.rows > 250", 250},    {"db.rows > -1.5e3", -1500}, {"db.time > 3ms", 3e6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct where_value *value = &parse(CASES[i].text)->leaves[0].value;

        assert_true(value->is_number);
        assert_true(value->number == CASES[i].number);
    }
    assert_false(parse("db.rows = \"250\"")->leaves[0].value.is_number);
    assert_false(parse("db.rows = 250x")->leaves[0].value.is_number);
}

static const struct where_value TEXT_RED = {.text = "Red"};
static const struct where_value SEVEN = {.text = "7", .is_number = true, .number = 7};

static void where_leaf_holds__each_test__as_documented(void **state)
{
    static const struct {
        const char *text;
        const struct where_value *value;
        bool holds;
    } CASES[] = {
        {"a.b = Red", &TEXT_RED, true},
        {"a.b = red", &TEXT_RED, false},
        {"a.b != red", &TEXT_RED, true},
        {"a.b != Red", &TEXT_RED, false},
        {"a.b = Red", NULL, false},
        {"a.b != Red", NULL, false},
        {"a.b ~ RE", &TEXT_RED, true},
        {"a.b ~ reed", &TEXT_RED, false},
        {"a.b !~ reed", &TEXT_RED, true},
        {"a.b !~ reed", NULL, false},
        {"a.b exists", &TEXT_RED, true},
        {"a.b exists", NULL, false},
        {"a.b absent", NULL, true},
        {"a.b absent", &TEXT_RED, false},
        {"a.b = 7", &SEVEN, true},
        {"a.b = 7.0", &SEVEN, true},
        {"a.b = \"7\"", &SEVEN, true},
        {"a.b < 7", &SEVEN, false},
        {"a.b <= 7", &SEVEN, true},
        {"a.b > 6.5", &SEVEN, true},
        {"a.b >= 8", &SEVEN, false},
        {"a.b = 7..9", &SEVEN, true},
        {"a.b = 5 .. 7", &SEVEN, true},
        {"a.b = 8..9", &SEVEN, false},
        {"a.b > Blue", &TEXT_RED, true},
        {"a.b < Blue", &TEXT_RED, false},
        {"a.b = Blue..Tan", &TEXT_RED, true},
        {"a.b > 5", &TEXT_RED, false},
        {"a.b > a", &SEVEN, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const bool holds = where_leaf_holds(&parse(CASES[i].text)->leaves[0], CASES[i].value);

        if (holds != CASES[i].holds) {
            fail_msg("%s of %s: %d", CASES[i].text,
                     CASES[i].value != NULL ? CASES[i].value->text : "none", holds);
        }
    }
}

static void where_parse__what_is_wrong__is_said_with_its_place(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } CASES[] = {
        {"", "character 1: a field is expected, not \"the end\""},
        {"colour = red", "character 1: no field has this name, and an attribute without a dot is "
                         "asked for as span.NAME: \"colour\""},
        {"name = a colour = red", "character 10: and or or is expected, not \"colour\""},
        {"name", "character 5: one of = != < <= > >= ~ !~ exists absent is expected, not \"the "
                 "end\""},
        {"duration > soon", "character 12: a duration is expected, as 250ms, not \"soon\""},
        {"duration = 9ms..5ms", "character 15: a range ends below its beginning, with \"5ms\""},
        {"http_status = ok", "character 15: a number is expected, not \"ok\""},
        {"status = bad", "character 10: status is ok, error or unset, not \"bad\""},
        {"kind = x", "character 8: kind is server, client, internal, producer or consumer, not "
                     "\"x\""},
        {"(name = a", "character 10: and, or or ) is expected, not \"the end\""},
        {"name = \"a", "character 8: a quoted text does not end"},
        {"name ? a", "character 6: nothing here begins with \"?\""},
        {"\xc3\xa9.\xc3\xa9 = )", "character 7: a value is expected, not \")\""},
        {"any(any(name = a))", "character 5: within any(...) there is no other \"any\""},
        {"span. = a", "character 1: an attribute has no name in \"span.\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct where *where;
        struct err err = {0};

        assert_false(where_parse(&arena, CASES[i].text, &where, &err));
        assert_string_equal(err.text, CASES[i].why);
        assert_string_equal(err.field, "q");
        assert_int_equal(err.code, ERR_INVALID);
    }
}

/* As many brackets, tests and characters as there may be, and one more. */
static void where_parse__too_much__is_refused(void **state)
{
    const struct where *where;
    struct err err;
    char text[3000];
    size_t length;

    (void)state;
    memset(text, '(', WHERE_DEPTH_MOST);
    (void)snprintf(text + WHERE_DEPTH_MOST, sizeof(text) - WHERE_DEPTH_MOST, "name = a");
    assert_false(where_parse(&arena, text, &where, &err));
    assert_non_null(strstr(err.text, "nested too deep"));
    length = (size_t)snprintf(text, sizeof(text), "name = a");
    for (int i = 1; i < WHERE_LEAVES_MOST; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, " and name = a");
    }
    assert_int_equal(parse(text)->leaf_count, WHERE_LEAVES_MOST);
    (void)snprintf(text + length, sizeof(text) - length, " or name = b");
    assert_false(where_parse(&arena, text, &where, &err));
    assert_non_null(strstr(err.text, "more than 32 tests"));
    memset(text, ' ', WHERE_TEXT_MAX + 1);
    text[WHERE_TEXT_MAX + 1] = '\0';
    assert_false(where_parse(&arena, text, &where, &err));
    assert_string_equal(err.text, "longer than 2000 characters");
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(where_parse__joined_tests__bind_as_not_and_or),
        TEST(where_parse__fields__are_known_by_their_names),
        TEST(where_parse__numbers__have_units),
        TEST(where_leaf_holds__each_test__as_documented),
        TEST(where_parse__what_is_wrong__is_said_with_its_place),
        TEST(where_parse__too_much__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
