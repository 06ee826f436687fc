/* ora/token.h: what is signed for a token, and by which keys. */
#include <openssl/pem.h>

#include "ora/token.h"
#include "tests/support/test.h"

enum { ROOM = 4096 };

static void ora_token_header__moment__is_said_in_utc(void **state)
{
    static const char service[] = "orders.example.org";
    char header[ORA_TOKEN_HEADER_ROOM];

    (void)state;
    ora_token_header(1709212455, (struct ora_slice){.at = service, .length = strlen(service)},
                     "192.0.2.7", "1522", header);
    assert_string_equal(header, "date: Thu, 29 Feb 2024 13:14:15 GMT\n"
                                "(request-target): orders.example.org\n"
                                "host: 192.0.2.7:1522");
}

static void write_key(EVP_PKEY *key, char ret[ROOM])
{
    BIO *to = BIO_new(BIO_s_mem());
    int size;

    assert_int_equal(PEM_write_bio_PrivateKey(to, key, NULL, NULL, 0, NULL, NULL), 1);
    size = BIO_read(to, ret, ROOM - 1);
    assert_in_range(size, 1, ROOM - 1);
    ret[size] = '\0';
    BIO_free(to);
}

static void ora_token_sign__rsa_key__can_be_verified(void **state)
{
    static const char header[] = "date: x\n(request-target): y\nhost: z";
    EVP_PKEY *key = EVP_RSA_gen(2048);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    char text[ROOM];
    char signature[ORA_TOKEN_SIGNATURE_ROOM];
    uint8_t bytes[ORA_TOKEN_SIGNATURE_ROOM];
    struct octo_ora_error error;

    (void)state;
    write_key(key, text);
    assert_true(ora_token_sign(text, header, signature, &error));
    assert_int_equal(strlen(signature), 344); /* 256 bytes in base64 */
    assert_int_equal(EVP_DecodeBlock(bytes, (const uint8_t *)signature, 344), 258);
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(ctx, bytes, 256, (const uint8_t *)header, strlen(header)), 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
}

static void ora_token_sign__other_keys__are_refused(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    char text[ROOM];
    char signature[ORA_TOKEN_SIGNATURE_ROOM];
    struct octo_ora_error error;

    (void)state;
    write_key(key, text);
    assert_false(ora_token_sign(text, "x", signature, &error));
    assert_false(ora_token_sign("no key", "x", signature, &error));
    assert_int_equal(error.kind, OCTO_ORA_USAGE);
    assert_string_equal(error.text, "the token's private key is not what signs it: an RSA key as "
                                    "text (PEM), without a password");
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_token_header__moment__is_said_in_utc),
        cmocka_unit_test(ora_token_sign__rsa_key__can_be_verified),
        cmocka_unit_test(ora_token_sign__other_keys__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
