#include "core/keyed_hash.h"
#include "support/test.h"

/* Appendix A of the paper: the key is 00 01 .. 0f, the input 00 01 .. of that length. */
static void keyed_hash__key_and_input_of_the_paper__its_output(void **state)
{
    static const struct {
        size_t length;
        uint64_t hash;
    } VECTORS[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},
        {1, UINT64_C(0x74f839c593dc67fd)},
        {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)},
    };
    const struct hash_secret secret = {
        {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    uint8_t input[16];

    (void)state;
    for (size_t i = 0; i < sizeof(input); i++) {
        input[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
        assert_true(keyed_hash(&secret, input, VECTORS[i].length) == VECTORS[i].hash);
    }
}

static void keyed_hash__another_secret__another_hash(void **state)
{
    const struct hash_secret one = keyed_hash_secret();
    const struct hash_secret other = keyed_hash_secret();

    (void)state;
    assert_true(keyed_hash(&one, "127.0.0.1", 9) != keyed_hash(&other, "127.0.0.1", 9));
    assert_true(keyed_hash(&one, "127.0.0.1", 9) == keyed_hash(&one, "127.0.0.1", 9));
    assert_true(keyed_hash(&one, "127.0.0.1", 9) != keyed_hash(&one, "127.0.0.1", 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyed_hash__key_and_input_of_the_paper__its_output),
        cmocka_unit_test(keyed_hash__another_secret__another_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
