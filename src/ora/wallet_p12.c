/*
 * ora/wallet_p12.c: ewallet.p12 (see wallet_parts.h), of PKCS#12 (RFC 7292). Older tools encipher
 * such files with RC2, which OpenSSL has in a provider of its own; it is loaded into a context of
 * this file alone, so that nothing else of the process begins to take old ciphers, and what was
 * read is copied into the usual one.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "ora/fault.h"
#include "ora/wallet_parts.h"

struct opened {
    OSSL_LIB_CTX *ctx;
    OSSL_PROVIDER *usual;
    OSSL_PROVIDER *legacy; /* NULL where the machine has none */
    PKCS12 *file;
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * authorities;
};

static void close_file(struct opened *o)
{
    EVP_PKEY_free(o->key);
    X509_free(o->certificate);
    sk_X509_pop_free(o->authorities, X509_free);
    PKCS12_free(o->file);
    if (o->legacy != NULL) {
        (void)OSSL_PROVIDER_unload(o->legacy);
    }
    if (o->usual != NULL) {
        (void)OSSL_PROVIDER_unload(o->usual);
    }
    OSSL_LIB_CTX_free(o->ctx);
}

static bool open_context(struct opened *o)
{
    o->ctx = OSSL_LIB_CTX_new();
    if (o->ctx == NULL) {
        return false;
    }
    o->usual = OSSL_PROVIDER_load(o->ctx, "default");
    o->legacy = OSSL_PROVIDER_load(o->ctx, "legacy");
    o->file = PKCS12_init_ex(NID_pkcs7_data, o->ctx, NULL);
    return o->usual != NULL && o->file != NULL;
}

/* One without a password is sealed with none, or with an empty one. */
static bool is_password(PKCS12 *file, const char *password)
{
    if (password != NULL && *password != '\0') {
        return PKCS12_verify_mac(file, password, -1) == 1;
    }
    return PKCS12_verify_mac(file, NULL, 0) == 1 || PKCS12_verify_mac(file, "", 0) == 1;
}

static bool read_file(const struct ora_wallet *wallet, struct opened *o, const void *bytes,
                      size_t size, const char *password, struct octo_ora_error *error)
{
    const unsigned char *at = bytes;

    ERR_clear_error();
    if (size > LONG_MAX || d2i_PKCS12(&o->file, &at, (long)size) == NULL) {
        return ora_wallet_fault(wallet, error, "it is no file of PKCS#12, or damaged");
    }
    if (!is_password(o->file, password)) {
        return ora_wallet_fault(wallet, error,
                                ora_wallet_lacks_cipher() ? "it is sealed in a way that OpenSSL "
                                                            "does not open: export it anew"
                                : password == NULL        ? "it needs the wallet's password"
                                                          : "the wallet's password is wrong");
    }
    if (PKCS12_parse(o->file, password != NULL ? password : "", &o->key, &o->certificate,
                     &o->authorities) != 1) {
        return ora_wallet_fault(
            wallet, error,
            ora_wallet_lacks_cipher()
                ? "it is enciphered in a way that OpenSSL does not open: export "
                  "it anew, with AES"
                : "what is in it cannot be read: it is damaged");
    }
    return true;
}

/* --- copies that belong to the usual context --- */

static bool copy_key(struct ora_wallet *wallet, const EVP_PKEY *key)
{
    PKCS8_PRIV_KEY_INFO *from = EVP_PKEY2PKCS8(key);
    PKCS8_PRIV_KEY_INFO *to = NULL;
    unsigned char *bytes = NULL;
    const int size = from != NULL ? i2d_PKCS8_PRIV_KEY_INFO(from, &bytes) : 0;
    const unsigned char *at = bytes;

    if (size > 0) {
        to = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, size);
        wallet->key = to != NULL ? EVP_PKCS82PKEY(to) : NULL;
        OPENSSL_clear_free(bytes, (size_t)size);
    }
    PKCS8_PRIV_KEY_INFO_free(from);
    PKCS8_PRIV_KEY_INFO_free(to);
    return wallet->key != NULL;
}

static bool copy_certificate(struct ora_wallet *wallet, const X509 *certificate)
{
    unsigned char *bytes = NULL;
    const int size = i2d_X509(certificate, &bytes);
    const unsigned char *at = bytes;
    X509 *copy = size > 0 ? d2i_X509(NULL, &at, size) : NULL;

    OPENSSL_free(bytes);
    return copy != NULL && ora_wallet_add(wallet, copy);
}

static bool copy_all(struct ora_wallet *wallet, const struct opened *o)
{
    bool ok = (o->key == NULL || copy_key(wallet, o->key)) &&
              (o->certificate == NULL || copy_certificate(wallet, o->certificate));

    for (int i = 0; ok && i < sk_X509_num(o->authorities); i++) {
        ok = copy_certificate(wallet, sk_X509_value(o->authorities, i));
    }
    return ok;
}

bool ora_wallet_read_p12(struct ora_wallet *wallet, const void *bytes, size_t size,
                         const char *password, struct octo_ora_error *error)
{
    struct opened o = {.ctx = NULL};
    bool ok = open_context(&o) || ora_fault_memory(error);

    ok = ok && read_file(wallet, &o, bytes, size, password, error);
    if (ok && !copy_all(wallet, &o)) {
        ok = ora_wallet_fault(wallet, error, "OpenSSL does not take its key or certificates");
    }
    close_file(&o);
    ERR_clear_error();
    return ok;
}
