/* core/secret.h. */
#include "core/digest.h"
#include "core/rng.h"
#include "core/secret.h"
#include "support/test.h"

struct example {
    enum secret_kind kind;
    const char *text;
    const char *lacks; /* NULL: it is strong enough */
};

static const char SHORT_KEY[] = "has fewer than 32 characters";
static const char MONOTONE[] = "has fewer than 16 distinct characters";
static const char SHORT_PASSWORD[] = "has fewer than 12 characters";
static const char SHORT_IN_URL[] = "holds a password of fewer than 12 characters";

static const struct example EXAMPLES[] = {
    /* At the borders of length and of distinct characters. */
    {SECRET_KEY, "0123456789abcdef0123456789abcdef", NULL},
    {SECRET_KEY, "0123456789abcdef0123456789abcde", SHORT_KEY},
    {SECRET_KEY, "0123456789abcdeg0123456789abcdeg", NULL},
    {SECRET_KEY, "0123456789abcdd-0123456789abcdd-", MONOTONE},
    {SECRET_KEY, "a", SHORT_KEY},
    {SECRET_KEY, "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", MONOTONE},
    /* Digits without "0" whose 32 pairs are distinct, the same of one pair, and one digit less. */
    {SECRET_KEY, "112233445566778899aabbccddeeff1213141516171819212324252627282931", NULL},
    {SECRET_KEY, "1212121212121212121212121212121212121212121212121212121212121212", MONOTONE},
    {SECRET_KEY, "112233445566778899aabbccddeeff121314151617181921232425262728293", MONOTONE},
    {SECRET_PASSWORD, "twelve chars", NULL},
    {SECRET_PASSWORD, "eleven char", SHORT_PASSWORD},
    {SECRET_PASSWORD, "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA4\xC3\xB6\xC3\xBC", SHORT_PASSWORD},
    {SECRET_URL, "postgresql://octo@db.example/octo", NULL},
    {SECRET_URL, "postgresql://octo:twelve-chars@db.example/octo", NULL},
    {SECRET_URL, "postgresql://octo:eleven-char@db.example/octo", SHORT_IN_URL},
    {SECRET_URL, "postgresql://octo:%65%6c%65%76%65%6e-char@db.example/octo", SHORT_IN_URL},
    {SECRET_URL, "postgresql://octo:@db.example/octo", SHORT_IN_URL},
    {SECRET_URL, "postgresql://db.example:5432/octo", NULL},
    {SECRET_URL, "postgresql://[2001:db8::1]:5432/octo", NULL},
    {SECRET_URL, "postgresql://db/octo?user=octo&password=eleven-char", SHORT_IN_URL},
    {SECRET_URL, "postgresql://octo:twelve-chars@db/octo?password=a&sslmode=disable", SHORT_IN_URL},
    {SECRET_URL, "postgresql://octo:a@db/octo?password=twelve-chars", NULL},
    {SECRET_URL, "postgresql://octo@db/octo?sslpassword=a", NULL},
    {SECRET_NONE, "a", NULL},
};

static void secret_weakness__examples__say_what_they_lack(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(EXAMPLES) / sizeof(EXAMPLES[0]); i++) {
        const char *lacks = secret_weakness(EXAMPLES[i].kind, EXAMPLES[i].text);

        if (EXAMPLES[i].lacks == NULL) {
            assert_null(lacks);
        } else {
            assert_non_null(lacks);
            assert_string_equal(lacks, EXAMPLES[i].lacks);
        }
    }
}

/* As we make them, and as "openssl rand -hex 32" does: never refused for a digit that is absent. */
static void secret_weakness__random_keys__are_strong(void **state)
{
    uint8_t bytes[32];
    char text[2 * sizeof(bytes) + 1];

    (void)state;
    for (int i = 0; i < 2000; i++) {
        rng_secret(bytes, sizeof(bytes));
        digest_hex(bytes, sizeof(bytes), text);
        assert_null(secret_weakness(SECRET_KEY, text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret_weakness__examples__say_what_they_lack),
        cmocka_unit_test(secret_weakness__random_keys__are_strong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
