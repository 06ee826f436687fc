/*
 * shop/advice_reply.h: what a provider may send, and what a model may say.
 */
#include <string.h>

#include "shop/advice_reply.h"
#include "sql_shop.h"
#include "support/test.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

#define PIECE(text_) "data: {\"choices\":[{\"delta\":{\"content\":\"" text_ "\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static bool read_reply(const char *bytes, struct advice_reply *ret)
{
    struct err err = {.code = ERR_NONE};
    const bool ok = advice_reply_read(&arena, bytes, strlen(bytes), ret, &err);

    assert_int_equal(err.code, ok ? ERR_NONE : ERR_PEER);
    return ok;
}

static void advice_reply__streams_and_whole_answers__are_read(void **state)
{
    static const char *const answers[] = {
        PIECE("It ") PIECE("flies.") STOP DONE,
        ": ping\r\nevent: message\r\n" PIECE(
            "It flies.") "\r\n" STOP "data:{\"choices\":[],\"usage\":{\"prompt_tokens\":7,"
                         "\"completion_tokens\":2}}\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"It flies.\",\"tool_calls\":null}}]}\n" STOP,
        "{\"choices\":[{\"message\":{\"content\":\"It flies.\"},\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}",
    };
    struct advice_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        assert_true(read_reply(answers[i], &reply));
        assert_string_equal(reply.text, "It flies.");
        assert_int_equal(reply.input_tokens, i % 2 == 1 ? 7 : -1);
        assert_int_equal(reply.output_tokens, i % 2 == 1 ? 2 : -1);
    }
}

static void advice_reply__what_is_not_whole__is_refused(void **state)
{
    static const char *const answers[] = {
        "",
        "<!doctype html>",
        "data: \xff\n",
        DONE,
        STOP DONE,
        PIECE("It ") DONE,
        PIECE("It ") "data: {\"choices\":[{\"delta\":{\"cont",
        PIECE("It ") "data: {\"choices\":[{\"finish_reason\":\"length\"}]}\n",
        PIECE("It ") "data: {\"error\":{\"message\":\"overloaded\"}}\n" STOP,
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"x\"}]}}]}\n" STOP,
        "data: {\"choices\":[{\"delta\":{\"function_call\":{}}}]}\n" STOP,
        "{\"choices\":{}}",
        "[]",
        "{\"error\":\"no\"}",
    };
    struct advice_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        assert_false(read_reply(answers[i], &reply));
    }
}

static void advice_reply__text_without_end__is_refused(void **state)
{
    struct err err = {.code = ERR_NONE};
    struct advice_reply reply;
    struct buf bytes;

    (void)state;
    buf_init(&bytes, 256 * 1024);
    for (int i = 0; i < 2000; i++) {
        buf_add_text(&bytes, PIECE("for ever "));
    }
    buf_add_text(&bytes, STOP);
    assert_false(bytes.bad);
    assert_false(advice_reply_read(&arena, bytes.data, bytes.length, &reply, &err));
    buf_fini(&bytes);
}

/* --- what it says --- */

static const struct sql_product_row told[] = {
    {.id = 3, .name = "Harrier Inspect", .description = "Flight time 38 minutes, IP45, 1.2 kg."},
    {.id = 12, .name = "Sparrow 3 Whoop", .description = NULL},
};

static bool check(const char *text, const char **ret)
{
    struct err err = {.code = ERR_NONE};
    const bool ok = advice_reply_check(&arena, text, told, 2, ret, &err);

    assert_int_equal(err.code, ok ? ERR_NONE : ERR_PEER);
    return ok;
}

static void advice_reply_check__marks__become_names(void **state)
{
    const char *text = NULL;

    (void)state;
    assert_true(check(" The [3] flies 38 minutes and is rated IP45, the [12] [sic] is smaller.\n"
                      "It weighs 1.2 kg.",
                      &text));
    assert_string_equal(text, "The Harrier Inspect (product 3) flies 38 minutes and is rated IP45, "
                              "the Sparrow 3 Whoop (product 12) [sic] is smaller.\n"
                              "It weighs 1.2 kg.");
}

static void advice_reply_check__what_it_was_not_told__is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " \n ",
        "The [4] is better.",
        "The [99999999999999999999] is better.",
        "It flies 39 minutes.",
        "It is rated IP67.",
        "It costs little.",
        "I promise it.",
        "A discount is yours.",
        "All for $ and more",
        "Half of it, 50 % less",
        "Only two \xe2\x82\xac",
        "See www elsewhere",
        "See [here](https://evil.example)",
        "<b>bold</b>",
        "write to ada@example.org",
        "a bell \a rings",
        "many are in stock",
        "I have ordered it for you.",
    };
    const char *text = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(check(texts[i], &text));
    }
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_reply__streams_and_whole_answers__are_read),
        cmocka_unit_test(advice_reply__what_is_not_whole__is_refused),
        cmocka_unit_test(advice_reply__text_without_end__is_refused),
        cmocka_unit_test(advice_reply_check__marks__become_names),
        cmocka_unit_test(advice_reply_check__what_it_was_not_told__is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
