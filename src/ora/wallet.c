#include "ora/wallet.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ora/fault.h"

enum { PATH_ROOM = 4096 };

struct wallet {
    char path[PATH_ROOM];
    EVP_PKEY *key;     /* NULL: the wallet has authorities alone */
    X509 *certificate; /* that fits the key */
};

static bool no_file(const struct wallet *wallet, const char *dir, int number,
                    struct octo_ora_error *error)
{
    static const char *const others[] = {"cwallet.sso", "ewallet.p12"};
    char path[PATH_ROOM];
    char words[128];

    for (size_t i = 0; number == ENOENT && i < sizeof(others) / sizeof(others[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, others[i]);
        if (access(path, F_OK) == 0) {
            return ora_fault(
                error, OCTO_ORA_USAGE,
                "wallet %.200s holds %s and no ewallet.pem: make one of ewallet.p12 with "
                "openssl pkcs12 -in ewallet.p12 -out ewallet.pem",
                dir, others[i]);
        }
    }
    return ora_fault(error, OCTO_ORA_USAGE, "wallet %.300s: %s", wallet->path,
                     strerror_r(number, words, sizeof(words)));
}

static int give_password(char *to, int room, int writes, void *password)
{
    const size_t length = password == NULL ? 0 : strlen(password);

    (void)writes;
    if (length > (size_t)room) {
        return -1;
    }
    memcpy(to, password != NULL ? password : "", length);
    return (int)length;
}

/* Was it the cipher that OpenSSL does not have? What a wrong password makes of a key may look
 * unsupported too, but to the decoder of keys and not to the ciphers. */
static bool is_cipher_missing(void)
{
    bool is_missing = false;
    unsigned long code;

    while ((code = ERR_get_error()) != 0) {
        is_missing = is_missing || (ERR_GET_LIB(code) == ERR_LIB_EVP &&
                                    (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
                                     ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM));
    }
    return is_missing;
}

/* Of whatever form: a wallet for trusting alone has none. */
static bool has_key(const struct wallet *wallet)
{
    BIO *file = BIO_new_file(wallet->path, "r");
    bool is_key = false;
    unsigned char *data = NULL;
    char *header = NULL;
    char *name = NULL;
    long length;

    while (file != NULL && !is_key && PEM_read_bio(file, &name, &header, &data, &length) == 1) {
        is_key = strstr(name, "PRIVATE KEY") != NULL;
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)length);
    }
    BIO_free(file);
    ERR_clear_error();
    return is_key;
}

static bool read_key(struct wallet *wallet, const char *password, struct octo_ora_error *error)
{
    BIO *file = has_key(wallet) ? BIO_new_file(wallet->path, "r") : NULL;

    if (file == NULL) {
        return true;
    }
    wallet->key = PEM_read_bio_PrivateKey(file, NULL, give_password, (void *)(uintptr_t)password);
    BIO_free(file);
    if (wallet->key != NULL) {
        return true;
    }
    if (is_cipher_missing()) {
        return ora_fault(
            error, OCTO_ORA_USAGE,
            "wallet %.200s: its key is enciphered in a way that OpenSSL does not open: "
            "encipher it anew, with AES",
            wallet->path);
    }
    return ora_fault(error, OCTO_ORA_USAGE, "wallet %.200s: its key does not open: %s",
                     wallet->path,
                     password == NULL ? "it needs the wallet's password"
                                      : "the wallet's password is wrong, or the file is damaged");
}

/* The certificate that fits the key is the client's, all others are authorities'. */
static bool sort_certificate(SSL_CTX *ctx, struct wallet *wallet, X509 *certificate)
{
    if (wallet->key != NULL && wallet->certificate == NULL &&
        X509_check_private_key(certificate, wallet->key) == 1) {
        wallet->certificate = certificate;
        return true;
    }
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), certificate) == 1;
}

static bool read_certificates(SSL_CTX *ctx, struct wallet *wallet, struct octo_ora_error *error)
{
    BIO *file = BIO_new_file(wallet->path, "r");
    X509 *certificate;
    size_t count = 0;
    bool ok = file != NULL;

    while (ok && (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        count++;
        ok = sort_certificate(ctx, wallet, certificate);
        if (certificate != wallet->certificate) {
            X509_free(certificate);
        }
    }
    BIO_free(file);
    ok = ok && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!ok || count == 0) {
        return ora_fault(error, OCTO_ORA_USAGE, "wallet %.200s: %s", wallet->path,
                         ok ? "it holds no certificate" : "a certificate in it cannot be read");
    }
    return true;
}

static bool check_times(const struct wallet *wallet, struct octo_ora_error *error)
{
    if (X509_cmp_current_time(X509_get0_notAfter(wallet->certificate)) < 0) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "wallet %.200s: its certificate has expired: download the wallet anew",
                         wallet->path);
    }
    if (X509_cmp_current_time(X509_get0_notBefore(wallet->certificate)) > 0) {
        return ora_fault(
            error, OCTO_ORA_USAGE,
            "wallet %.200s: its certificate is not valid yet: look at this machine's clock",
            wallet->path);
    }
    return true;
}

static bool offer(SSL_CTX *ctx, const struct wallet *wallet, struct octo_ora_error *error)
{
    if (wallet->key == NULL) {
        return true;
    }
    if (wallet->certificate == NULL) {
        return ora_fault(error, OCTO_ORA_USAGE, "wallet %.200s: no certificate in it fits its key",
                         wallet->path);
    }
    if (!check_times(wallet, error)) {
        return false;
    }
    if (SSL_CTX_use_certificate(ctx, wallet->certificate) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, wallet->key) != 1) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "wallet %.200s: OpenSSL does not take its key or certificate",
                         wallet->path);
    }
    /* Those between ours and a root go along, where the wallet has them. */
    (void)SSL_CTX_build_cert_chain(ctx, SSL_BUILD_CHAIN_FLAG_NO_ROOT |
                                            SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR |
                                            SSL_BUILD_CHAIN_FLAG_CLEAR_ERROR);
    return true;
}

bool ora_wallet_use(SSL_CTX *ctx, const char *dir, const char *password,
                    struct octo_ora_error *error)
{
    struct wallet wallet = {.key = NULL};
    bool ok;

    (void)snprintf(wallet.path, sizeof(wallet.path), "%s/ewallet.pem", dir);
    if (access(wallet.path, R_OK) != 0) {
        return no_file(&wallet, dir, errno, error);
    }
    ok = read_key(&wallet, password, error) && read_certificates(ctx, &wallet, error) &&
         offer(ctx, &wallet, error);
    EVP_PKEY_free(wallet.key);
    X509_free(wallet.certificate);
    return ok;
}
