/* The tags of a session: db/tags.h. */
#include "db/tags.h"
#include "tests/support/test.h"

static const struct db_tag_limits most = {DB_MODULE_BYTES, DB_ACTION_BYTES,
                                          DB_CLIENT_IDENTIFIER_BYTES};

static struct db_tags tags_of(const char *module, const char *action)
{
    struct ctx ctx = {.module = module, .action = action};
    struct db_tags tags;

    memset(&tags, 'x', sizeof(tags));
    db_tags_from(&ctx, most, &tags);
    return tags;
}

/* A unit without a name shows empty tags, not those of whoever was there before. */
static void tags__null_fields__are_empty(void **state)
{
    struct db_tags tags = tags_of(NULL, NULL);

    (void)state;
    assert_string_equal(tags.module, "");
    assert_string_equal(tags.action, "");
    assert_string_equal(tags.client_identifier, "");
}

/* The limits are in bytes, and what fits exactly is kept whole. */
static void tags__at_the_limit__are_kept_whole(void **state)
{
    const char *module = "123456789012345678901234567890123456789012345678";
    const char *action = "1234567890123456789012345678901234567890123456789012345678901234";
    struct db_tags tags = tags_of(module, action);

    (void)state;
    assert_int_equal(strlen(module), DB_MODULE_BYTES);
    assert_int_equal(strlen(action), DB_ACTION_BYTES);
    assert_string_equal(tags.module, module);
    assert_string_equal(tags.action, action);
}

/* A character that would be cut in the middle is left out as a whole. */
static void tags__longer_than_the_limit__are_cut_between_characters(void **state)
{
    struct db_tags tags = tags_of("1234567890123456789012345678901234567890123456é7",
                                  "12345678901234567890123456789012345678901234567890123456789012"
                                  "\xF0\x9F\x9A\x81");

    (void)state;
    assert_string_equal(tags.module, "1234567890123456789012345678901234567890123456é");
    assert_string_equal(tags.action,
                        "12345678901234567890123456789012345678901234567890123456789012");
}

/* One engine's limits are not another's, and each tag has its own. */
static void tags__engine_takes_less__are_cut_to_its_limits(void **state)
{
    const struct db_tag_limits limits = {.module = 4, .action = 5, .client_identifier = 6};
    struct ctx ctx = {.module = "module", .action = "actié", .trace = {.trace_id = "0af7651916"}};
    struct db_tags tags;

    (void)state;
    db_tags_from(&ctx, limits, &tags);
    assert_string_equal(tags.module, "modu");
    assert_string_equal(tags.action, "acti");
    assert_string_equal(tags.client_identifier, "0af765");
}

static void tags__trace_id__is_the_client_identifier(void **state)
{
    struct ctx ctx = {.trace = {.trace_id = "0af7651916cd43dd8448eb211c80319c"}};
    struct db_tags tags;

    (void)state;
    db_tags_from(&ctx, most, &tags);
    assert_string_equal(tags.client_identifier, "0af7651916cd43dd8448eb211c80319c");
    db_tags_clear(&tags);
    assert_string_equal(tags.client_identifier, "");
}

/* Whoever has one of the three has something to tell. */
static void tags__one_field_alone__is_not_clear(void **state)
{
    const struct db_tags none = {.module = ""};
    const struct db_tags some[] = {{.module = "m"}, {.action = "a"}, {.client_identifier = "c"}};

    (void)state;
    assert_true(db_tags_are_clear(&none));
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        assert_false(db_tags_are_clear(&some[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags__null_fields__are_empty),
        cmocka_unit_test(tags__at_the_limit__are_kept_whole),
        cmocka_unit_test(tags__longer_than_the_limit__are_cut_between_characters),
        cmocka_unit_test(tags__engine_takes_less__are_cut_to_its_limits),
        cmocka_unit_test(tags__one_field_alone__is_not_clear),
        cmocka_unit_test(tags__trace_id__is_the_client_identifier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
