#include "core/digest.h"
#include "support/test.h"

static const char *hex_of(const uint8_t *bytes, size_t count)
{
    static char text[DIGEST_SHA256_HEX_MAX];

    digest_hex(bytes, count, text);
    return text;
}

/* RFC 1321, appendix A.5. */
static void digest_md5__rfc_vectors__match(void **state)
{
    uint8_t out[DIGEST_MD5_SIZE];

    (void)state;
    digest_md5("", 0, out);
    assert_string_equal(hex_of(out, sizeof(out)), "d41d8cd98f00b204e9800998ecf8427e");
    digest_md5("message digest", 14, out);
    assert_string_equal(hex_of(out, sizeof(out)), "f96b697d7cb7938d525a2f31aaf161d0");
    digest_md5_two("message", 7, " digest", 7, out);
    assert_string_equal(hex_of(out, sizeof(out)), "f96b697d7cb7938d525a2f31aaf161d0");
}

/* FIPS 180-4 example "abc", and the empty message. */
static void digest_sha256__fips_vectors__match(void **state)
{
    char text[DIGEST_SHA256_HEX_MAX];

    (void)state;
    digest_sha256_hex("abc", 3, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex("", 0, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test case 2, whole and in pieces. */
static void digest_hmac_sha256__rfc_vector__matches(void **state)
{
    static const char SAID[] = "what do ya want for nothing?";
    const struct digest_piece whole = {SAID, sizeof(SAID) - 1};
    const struct digest_piece pieces[] = {{SAID, 5}, {SAID, 0}, {SAID + 5, sizeof(SAID) - 6}};
    uint8_t out[DIGEST_SHA256_SIZE];

    (void)state;
    digest_hmac_sha256("Jefe", &whole, 1, out);
    assert_string_equal(hex_of(out, sizeof(out)),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    digest_hmac_sha256("Jefe", pieces, 3, out);
    assert_string_equal(hex_of(out, sizeof(out)),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* The first eight bytes of the same. */
static void digest_mark__fips_vectors__match(void **state)
{
    char mark[DIGEST_MARK_MAX];

    (void)state;
    digest_mark("abc", mark);
    assert_string_equal(mark, "ba7816bf8f01cfea");
    digest_mark("", mark);
    assert_string_equal(mark, "e3b0c44298fc1c14");
}

/* RFC 9562, appendix A.4: www.example.com in the DNS name space. */
static void digest_uuid5__rfc_vector__matches(void **state)
{
    static const uint8_t DNS[16] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                    0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    char text[UUID_TEXT_MAX];

    (void)state;
    digest_uuid5(DNS, "www.example.com", text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void digest_equal__one_bit__is_seen(void **state)
{
    (void)state;
    assert_true(digest_equal("abcd", "abcd", 4));
    assert_false(digest_equal("abcd", "abce", 4));
    assert_true(digest_equal("a", "b", 0));
}

/* RFC 4648 section 10 without the padding, and the two characters that differ in section 5. */
static void base64url__rfc_vectors__both_ways(void **state)
{
    static const char *const PAIRS[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
        char text[16];
        uint8_t bytes[16];
        uint8_t plain[16];
        size_t count = strlen(PAIRS[i][0]);
        size_t decoded = 99;

        memcpy(plain, PAIRS[i][0], count);
        assert_int_equal(base64url_encode(plain, count, text), strlen(PAIRS[i][1]));
        assert_string_equal(text, PAIRS[i][1]);
        assert_int_equal(base64url_size(count), strlen(text) + 1);
        assert_true(base64url_decode(text, strlen(text), bytes, &decoded));
        assert_int_equal(decoded, count);
        assert_memory_equal(bytes, plain, count);
    }
}

/* Padding, the plain alphabet, impossible lengths and left-over bits: one text per value. */
static void base64url_decode__not_canonical__refused(void **state)
{
    static const char *const BAD[] = {"Zg==", "+/+/", "A", "Zm9vY", "Zh", "Zm9", "Zm 8", "Zm8\n"};
    uint8_t bytes[16];
    size_t count = 99;

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        assert_false(base64url_decode(BAD[i], strlen(BAD[i]), bytes, &count));
    }
    assert_int_equal(count, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest_md5__rfc_vectors__match),
        cmocka_unit_test(digest_sha256__fips_vectors__match),
        cmocka_unit_test(digest_hmac_sha256__rfc_vector__matches),
        cmocka_unit_test(digest_mark__fips_vectors__match),
        cmocka_unit_test(digest_uuid5__rfc_vector__matches),
        cmocka_unit_test(digest_equal__one_bit__is_seen),
        cmocka_unit_test(base64url__rfc_vectors__both_ways),
        cmocka_unit_test(base64url_decode__not_canonical__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
