/* service/redact.h: what others may read of a stranger's text. */
#include "service/redact.h"
#include "support/test.h"

enum { MOST = 500 };

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CART "8d2f0c4e-1b7a-4c3d-9e5f-0123456789ab"

static int open_arena(void **state)
{
    static struct arena arena;

    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int close_arena(void **state)
{
    arena_fini(*state);
    return 0;
}

/* What opens something is called by its digest, wherever it stands, and the same one the same. */
static void redacted__secrets__are_marked(void **state)
{
    assert_string_equal(redacted(*state, "{\"session_id\":\"" CART "\",\"product_id\":1}", MOST),
                        "{\"session_id\":\"[secret:9727a05b4b13d0a5]\",\"product_id\":1}");
    assert_string_equal(redacted(*state, TOKEN, MOST), "[secret:a8ae6e6ee929abea]");
    assert_string_equal(redacted(*state, "a" TOKEN "b ab" CART "cd", MOST),
                        "[secret:2f833e3b983a6ee3] ab[secret:9727a05b4b13d0a5]cd");
}

static void redacted__other_texts__stay(void **state)
{
    static const char *const TEXTS[] = {
        "' OR 1=1 --", "",
        "deadbeef",    "8d2f0c4e-1b7a-4c3d-9e5f-0123456789a",
        "J\xc3\xb6rg", "0af7651916cd43dd8448eb211c80319c" /* a trace's id */};

    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        assert_string_equal(redacted(*state, TEXTS[i], MOST), TEXTS[i]);
    }
    assert_null(redacted(*state, NULL, MOST));
}

/* A secret that crosses the end is neither cut nor kept. */
static void redacted__long_texts__are_cut_between_characters(void **state)
{
    char text[MOST + sizeof(TOKEN)];

    for (size_t length = MOST - sizeof(TOKEN) + 1; length <= MOST; length++) {
        const char *kept;

        memset(text, 'x', length);
        memcpy(text + length, TOKEN, sizeof(TOKEN));
        kept = redacted(*state, text, MOST);
        assert_true(strlen(kept) <= MOST);
        assert_null(strstr(kept, "0123456789"));
    }
    memset(text, 'x', MOST - 1);
    memcpy(text + MOST - 1, "\xc3\xa4", 3);
    assert_int_equal(strlen(redacted(*state, text, MOST)), MOST - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(redacted__secrets__are_marked, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(redacted__other_texts__stay, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(redacted__long_texts__are_cut_between_characters,
                                        open_arena, close_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
