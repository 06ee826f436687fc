#include "core/err.h"
#include "support/test.h"

static void err_set__filled_before__starts_anew(void **state)
{
    struct err err = {.native = 5, .retry_after_s = 5, .sqlstate = "23505", .field = "/x"};

    (void)state;
    assert_false(err_set(&err, ERR_NOT_FOUND, "no order %d", 7));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.text, "no order 7");
    assert_int_equal(err.native, 0);
    assert_int_equal(err.retry_after_s, 0);
    assert_string_equal(err.sqlstate, "");
    assert_string_equal(err.field, "");
}

static void err_field__pointer__is_kept(void **state)
{
    struct err err = {0};

    (void)state;
    assert_false(err_field(&err, ERR_INVALID, "/items/0", "must be %s", "whole"));
    assert_string_equal(err.field, "/items/0");
    assert_string_equal(err.text, "must be whole");
}

/* Context goes before the text; code, native number and SQLSTATE stay. */
static void err_wrap__twice__outermost_first(void **state)
{
    struct err err = {0};

    (void)state;
    (void)err_set(&err, ERR_DATABASE, "locked");
    err.native = 5;
    memcpy(err.sqlstate, "55P03", sizeof(err.sqlstate));
    assert_false(err_wrap(&err, "insert %s", "row"));
    assert_false(err_wrap(&err, "save"));
    assert_string_equal(err.text, "save: insert row: locked");
    assert_int_equal(err.code, ERR_DATABASE);
    assert_int_equal(err.native, 5);
    assert_string_equal(err.sqlstate, "55P03");
}

/* The error's own text may be an argument of the new one. */
static void err_set__own_text_as_argument__works(void **state)
{
    struct err err = {0};

    (void)state;
    (void)err_set(&err, ERR_IO, "inner");
    (void)err_set(&err, ERR_PEER, "outer of %s", err.text);
    assert_string_equal(err.text, "outer of inner");
}

/* A cut never leaves half a character: the text is sent on as JSON. */
static void err_set__text_too_long__cut_between_characters(void **state)
{
    struct err err = {0};
    char text[ERR_TEXT_MAX * 2] = "";

    (void)state;
    for (size_t i = 0; i < ERR_TEXT_MAX; i += 2) {
        memcpy(text + i, "\xC3\xA9", 3);
    }
    (void)err_field(&err, ERR_INVALID, text, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 2);
    assert_int_equal(strlen(err.field), ERR_FIELD_MAX - 2);
    (void)err_wrap(&err, "x");
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

static void err_tables__codes__agree(void **state)
{
    (void)state;
    assert_int_equal(err_http_status(ERR_TOO_LARGE), 413);
    assert_true(err_is_retryable(ERR_SERIALIZATION));
    assert_false(err_is_retryable(ERR_UNIQUE));
    assert_string_equal(err_title(ERR_NOT_FOUND), "not found");
    assert_string_equal(err_symbol(ERR_NOT_FOUND), "not_found");
    for (int code = 0; code < ERR_CODE_COUNT; code++) {
        assert_true(strlen(err_symbol((enum err_code)code)) > 0);
    }
}

/* A database's own words stay in the log; ours about the same fault go to the caller. */
static void err_is_private__public_text__is_told_until_it_is_another(void **state)
{
    struct err err = {0};

    (void)state;
    (void)err_set(&err, ERR_PEER, "the peer's fault");
    assert_true(err_is_private(&err));
    err.is_public = true;
    assert_false(err_is_private(&err));
    (void)err_wrap(&err, "with more");
    assert_false(err_is_private(&err));
    (void)err_set(&err, ERR_DATABASE, "a fault of ours");
    assert_true(err_is_private(&err));
}

static void err_is_private__fault_of_ours_or_native_text__is_kept_back(void **state)
{
    struct err err = {.code = ERR_NONE};

    (void)state;
    (void)err_set(&err, ERR_UNIQUE, "this address is taken");
    assert_false(err_is_private(&err));
    err.native = 2067;
    assert_true(err_is_private(&err));
    (void)err_set(&err, ERR_IO, "disk");
    assert_true(err_is_private(&err));
}

/* Whatever the code: a server's text names statements and tables. */
static void err_is_private__servers_text_of_a_bad_value__is_kept_back(void **state)
{
    struct err err = {.code = ERR_NONE};

    (void)state;
    (void)err_set(&err, ERR_INVALID, "value too long for type character varying(20)");
    assert_false(err_is_private(&err));
    memcpy(err.sqlstate, "22001", sizeof("22001"));
    (void)err_wrap(&err, "customer_save, sent before");
    assert_true(err_is_private(&err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_set__filled_before__starts_anew),
        cmocka_unit_test(err_field__pointer__is_kept),
        cmocka_unit_test(err_wrap__twice__outermost_first),
        cmocka_unit_test(err_set__own_text_as_argument__works),
        cmocka_unit_test(err_set__text_too_long__cut_between_characters),
        cmocka_unit_test(err_tables__codes__agree),
        cmocka_unit_test(err_is_private__fault_of_ours_or_native_text__is_kept_back),
        cmocka_unit_test(err_is_private__servers_text_of_a_bad_value__is_kept_back),
        cmocka_unit_test(err_is_private__public_text__is_told_until_it_is_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
