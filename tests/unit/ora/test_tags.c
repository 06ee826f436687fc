/* ora/tags.h: only what has changed is sent, and once. */
#include "ora/tags.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

static void expect(struct ora_tags *tags, const char *bytes)
{
    struct ora_wr wr;

    ora_wr_init(&wr, 4096);
    assert_true(ora_tags_have_changed(tags));
    ora_tags_write(tags, &wr);
    hex_expect("tags", wr.data, wr.length, bytes);
    assert_true(ora_tags_have_changed(tags)); /* nobody has sent it yet */
    ora_tags_sent(tags);
    assert_false(ora_tags_have_changed(tags));
    ora_wr_fini(&wr);
}

static void ora_tags_write__changes__are_sent_once(void **state)
{
    struct ora_tags tags = {.is_changed = {false}};

    (void)state;
    assert_false(ora_tags_have_changed(&tags));
    assert_true(ora_tags_set(&tags, OCTO_ORA_MODULE, "m"));
    assert_true(ora_tags_set(&tags, OCTO_ORA_ACTION, "a"));
    expect(&tags,
           "00 00 01 18 00 00 01 01 01 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 01 6D 01 61");
    assert_true(ora_tags_set(&tags, OCTO_ORA_MODULE, "m"));
    assert_true(ora_tags_set(&tags, OCTO_ORA_CLIENT_INFO, NULL));
    assert_false(ora_tags_have_changed(&tags));
    assert_true(ora_tags_set(&tags, OCTO_ORA_ACTION, "b"));
    expect(&tags, "00 00 01 10 00 00 00 00 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 01 62");
    assert_true(ora_tags_set(&tags, OCTO_ORA_ACTION, ""));
    expect(&tags, "00 00 01 10 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00");
}

/* A new module would clear the action, so that goes along. */
static void ora_tags_write__new_module__takes_the_action_along(void **state)
{
    struct ora_tags tags = {.is_changed = {false}};

    (void)state;
    assert_true(ora_tags_set(&tags, OCTO_ORA_ACTION, "a"));
    expect(&tags, "00 00 01 10 00 00 00 00 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 01 61");
    assert_true(ora_tags_set(&tags, OCTO_ORA_MODULE, "m"));
    expect(&tags,
           "00 00 01 18 00 00 01 01 01 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 01 6D 01 61");
}

/* Another process of the server's: what there is goes once more, what there is not does not. */
static void ora_tags_forgotten__texts__are_sent_again(void **state)
{
    struct ora_tags tags = {.is_changed = {false}};

    (void)state;
    assert_true(ora_tags_set(&tags, OCTO_ORA_ACTION, "b"));
    ora_tags_sent(&tags);
    ora_tags_forgotten(&tags);
    expect(&tags, "00 00 01 10 00 00 00 00 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 01 62");
    assert_true(ora_tags_set(&tags, OCTO_ORA_ACTION, NULL));
    ora_tags_sent(&tags);
    ora_tags_forgotten(&tags);
    assert_false(ora_tags_have_changed(&tags));
}

static void ora_tags_set__text__has_64_bytes_at_most(void **state)
{
    struct ora_tags tags = {.is_changed = {false}};
    char text[ORA_TAG_MAX + 2];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[ORA_TAG_MAX + 1] = '\0';
    assert_false(ora_tags_set(&tags, OCTO_ORA_OPERATION, text));
    assert_false(ora_tags_have_changed(&tags));
    text[ORA_TAG_MAX] = '\0';
    assert_true(ora_tags_set(&tags, OCTO_ORA_OPERATION, text));
    assert_true(ora_tags_have_changed(&tags));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_tags_write__changes__are_sent_once),
        cmocka_unit_test(ora_tags_write__new_module__takes_the_action_along),
        cmocka_unit_test(ora_tags_forgotten__texts__are_sent_again),
        cmocka_unit_test(ora_tags_set__text__has_64_bytes_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
