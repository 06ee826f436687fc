/* ora/wallet.h: wallets in memory, of both forms; tests/oracle/test_tls.py has the files. */
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "ora/wallet.h"
#include "tests/support/test.h"

enum { ROOM = 8192, DAY = 24 * 3600 };

static const char word[] = "w4llet";

struct made {
    EVP_PKEY *key;
    X509 *certificate;
};

/* A certificate of its own authority, that is valid between these moments from now, in seconds. */
static struct made make(long from, long to)
{
    struct made made = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
    X509_NAME *name;

    assert_non_null(made.key);
    assert_non_null(made.certificate);
    name = X509_get_subject_name(made.certificate);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"client", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(made.certificate, name), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made.certificate), from));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made.certificate), to));
    assert_int_equal(X509_set_pubkey(made.certificate, made.key), 1);
    assert_true(X509_sign(made.certificate, made.key, EVP_sha256()) > 0);
    return made;
}

static void fini(struct made *made)
{
    EVP_PKEY_free(made->key);
    X509_free(made->certificate);
}

static size_t take(BIO *from, char ret[ROOM])
{
    const int size = BIO_read(from, ret, ROOM);

    assert_in_range(size, 1, ROOM - 1);
    BIO_free(from);
    return (size_t)size;
}

static size_t write_pem(EVP_PKEY *key, X509 *certificate, char ret[ROOM])
{
    BIO *to = BIO_new(BIO_s_mem());

    if (certificate != NULL) {
        assert_int_equal(PEM_write_bio_X509(to, certificate), 1);
    }
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(to, key, EVP_aes_256_cbc(), word,
                                                   (int)strlen(word), NULL, NULL),
                     1);
    return take(to, ret);
}

static size_t write_p12(const struct made *made, char ret[ROOM])
{
    PKCS12 *file = PKCS12_create(word, "client", made->key, made->certificate, NULL, 0, 0, 0, 0, 0);
    BIO *to = BIO_new(BIO_s_mem());

    assert_non_null(file);
    assert_int_equal(i2d_PKCS12_bio(to, file), 1);
    PKCS12_free(file);
    return take(to, ret);
}

/* NULL in `fault`: it is taken, and its certificate is offered. */
static void check(const char *bytes, size_t size, const char *password, const char *fault)
{
    const struct ora_wallet_from from = {.bytes = bytes, .size = size, .password = password};
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    struct octo_ora_error error = {.text = ""};
    bool has_authorities;

    assert_non_null(ctx);
    assert_int_equal(ora_wallet_use(ctx, &from, &has_authorities, &error), fault == NULL);
    assert_string_equal(error.text, fault != NULL ? fault : "");
    assert_true((SSL_CTX_get0_certificate(ctx) != NULL) == (fault == NULL));
    SSL_CTX_free(ctx);
}

static void ora_wallet_use__bytes__are_taken_or_told_of(void **state)
{
    struct made good = make(-DAY, DAY);
    struct made other = make(-DAY, DAY);
    struct made past = make(-2 * DAY, -DAY);
    struct made future = make(DAY, 2 * DAY);
    char bytes[ROOM];
    size_t size = write_pem(good.key, good.certificate, bytes);

    (void)state;
    check(bytes, size, word, NULL);
    check(bytes, size, "wrong",
          "wallet in memory: its key does not open: the wallet's password is wrong, or the file is "
          "damaged");
    check(bytes, size, NULL,
          "wallet in memory: its key does not open: it needs the wallet's password");
    check(bytes, 0, word, "wallet in memory: it holds no certificate");
    size = write_p12(&good, bytes);
    check(bytes, size, word, NULL);
    check(bytes, size, "wrong", "wallet in memory: the wallet's password is wrong");
    check(bytes, size, NULL, "wallet in memory: it needs the wallet's password");
    check(bytes, size - 1, word, "wallet in memory: it is no file of PKCS#12, or damaged");
    size = write_pem(good.key, other.certificate, bytes);
    check(bytes, size, word, "wallet in memory: no certificate in it fits its key");
    size = write_pem(good.key, NULL, bytes);
    check(bytes, size, word, "wallet in memory: it holds no certificate");
    size = write_p12(&past, bytes);
    check(bytes, size, word,
          "wallet in memory: its certificate has expired: download the wallet anew");
    size = write_pem(future.key, future.certificate, bytes);
    check(bytes, size, word,
          "wallet in memory: its certificate is not valid yet: look at this machine's clock");
    fini(&good);
    fini(&other);
    fini(&past);
    fini(&future);
}

/* Damaged anywhere, it is refused or taken, and nothing is left behind. */
static void ora_wallet_use__damaged_bytes__do_no_harm(void **state)
{
    struct made good = make(-DAY, DAY);
    char bytes[ROOM];
    char damaged[ROOM];
    const size_t size = write_p12(&good, bytes);

    (void)state;
    for (size_t i = 0; i < size; i += size / 40) {
        const struct ora_wallet_from from = {.bytes = damaged, .size = size, .password = word};
        SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
        bool has_authorities;
        struct octo_ora_error error = {.text = ""};

        memcpy(damaged, bytes, size);
        damaged[i] ^= 0x55;
        assert_true(ora_wallet_use(ctx, &from, &has_authorities, &error) || error.text[0] != '\0');
        SSL_CTX_free(ctx);
    }
    fini(&good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_wallet_use__bytes__are_taken_or_told_of),
        cmocka_unit_test(ora_wallet_use__damaged_bytes__do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
