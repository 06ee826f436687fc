#include "ora/wallet.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ora/fault.h"
#include "ora/file.h"
#include "ora/wallet_parts.h"

enum { FILE_MAX = 1 << 20 };

/* --- which file --- */

/* The first that there is; NULL with what to do where there is none. */
static const char *find_file(const char *dir, char path[PATH_MAX], struct octo_ora_error *error)
{
    static const char *const names[] = {"ewallet.pem", "ewallet.p12", "cwallet.sso"};
    char words[128];
    int number = ENOENT;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (snprintf(path, PATH_MAX, "%s/%s", dir, names[i]) >= PATH_MAX) {
            number = ENAMETOOLONG;
            break;
        }
        if (access(path, F_OK) == 0 && i < 2) {
            return path;
        }
        if (access(path, F_OK) == 0) {
            (void)ora_fault(error, OCTO_ORA_USAGE,
                            "wallet %.200s holds cwallet.sso alone, which only Oracle's own client "
                            "opens: put ewallet.pem or ewallet.p12 of the same wallet there",
                            dir);
            return NULL;
        }
        number = errno;
    }
    (void)ora_fault(error, OCTO_ORA_USAGE, "wallet %.200s has no ewallet.pem or ewallet.p12: %s",
                    dir, strerror_r(number, words, sizeof(words)));
    return NULL;
}

/* PKCS#12 begins with an ASN.1 SEQUENCE, text does not. */
static bool is_p12(const char *bytes, size_t size)
{
    return size > 0 && bytes[0] == 0x30 && (size < 2 || (unsigned char)bytes[1] >= 0x80);
}

static bool read_bytes(struct ora_wallet *wallet, const void *bytes, size_t size,
                       const char *password, struct octo_ora_error *error)
{
    wallet->certificates = sk_X509_new_null();
    if (wallet->certificates == NULL) {
        return ora_fault_memory(error);
    }
    return is_p12(bytes, size) ? ora_wallet_read_p12(wallet, bytes, size, password, error)
                               : ora_wallet_read_pem(wallet, bytes, size, password, error);
}

static bool read_wallet(struct ora_wallet *wallet, const struct ora_wallet_from *from,
                        char path[PATH_MAX], struct octo_ora_error *error)
{
    size_t size = 0;
    char *bytes;
    bool ok;

    if (from->dir == NULL) {
        wallet->name = "in memory";
        return read_bytes(wallet, from->bytes, from->size, from->password, error);
    }
    wallet->name = find_file(from->dir, path, error);
    if (wallet->name == NULL) {
        return false;
    }
    bytes = ora_file_read(path, FILE_MAX, &size, error);
    if (bytes == NULL) {
        return false;
    }
    ok = read_bytes(wallet, bytes, size, from->password, error);
    OPENSSL_cleanse(bytes, size);
    free(bytes);
    return ok;
}

/* --- what is done with it --- */

/* The certificate that fits the key is the client's, all others are authorities'. Those that sign
 * for themselves are where trust begins. */
static bool sort(SSL_CTX *ctx, const struct ora_wallet *wallet, X509 **ret_own,
                 bool *ret_has_authorities)
{
    for (int i = 0; i < sk_X509_num(wallet->certificates); i++) {
        X509 *certificate = sk_X509_value(wallet->certificates, i);

        if (wallet->key != NULL && *ret_own == NULL &&
            X509_check_private_key(certificate, wallet->key) == 1) {
            *ret_own = certificate;
        } else if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), certificate) != 1) {
            return false;
        } else if (X509_self_signed(certificate, 0) == 1) {
            *ret_has_authorities = true;
        }
    }
    ERR_clear_error();
    return true;
}

static bool check_times(const struct ora_wallet *wallet, const X509 *own,
                        struct octo_ora_error *error)
{
    if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0) {
        return ora_wallet_fault(wallet, error,
                                "its certificate has expired: download the wallet anew");
    }
    return X509_cmp_current_time(X509_get0_notBefore(own)) <= 0 ||
           ora_wallet_fault(wallet, error,
                            "its certificate is not valid yet: look at this machine's clock");
}

static bool offer(SSL_CTX *ctx, const struct ora_wallet *wallet, bool *ret_has_authorities,
                  struct octo_ora_error *error)
{
    X509 *own = NULL;

    if (sk_X509_num(wallet->certificates) == 0) {
        return ora_wallet_fault(wallet, error, "it holds no certificate");
    }
    if (!sort(ctx, wallet, &own, ret_has_authorities)) {
        return ora_wallet_fault(wallet, error, "OpenSSL does not take a certificate in it");
    }
    if (wallet->key == NULL) {
        return true;
    }
    if (own == NULL) {
        return ora_wallet_fault(wallet, error, "no certificate in it fits its key");
    }
    if (!check_times(wallet, own, error)) {
        return false;
    }
    if (SSL_CTX_use_certificate(ctx, own) != 1 || SSL_CTX_use_PrivateKey(ctx, wallet->key) != 1) {
        return ora_wallet_fault(wallet, error, "OpenSSL does not take its key or certificate");
    }
    /* Those between ours and a root go along, where the wallet has them. */
    (void)SSL_CTX_build_cert_chain(ctx, SSL_BUILD_CHAIN_FLAG_NO_ROOT |
                                            SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR |
                                            SSL_BUILD_CHAIN_FLAG_CLEAR_ERROR);
    return true;
}

bool ora_wallet_use(SSL_CTX *ctx, const struct ora_wallet_from *from, bool *ret_has_authorities,
                    struct octo_ora_error *error)
{
    struct ora_wallet wallet = {.key = NULL};
    char path[PATH_MAX];
    bool ok;

    *ret_has_authorities = false;
    if (from->dir == NULL && from->bytes == NULL) {
        return true;
    }
    ok = read_wallet(&wallet, from, path, error) && offer(ctx, &wallet, ret_has_authorities, error);
    ora_wallet_fini(&wallet);
    return ok;
}

/* --- for who only looks --- */

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm parts = {0};

    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static void tell_ends(const struct ora_wallet *wallet, struct octo_ora_wallet *ret)
{
    for (int i = 0; i < sk_X509_num(wallet->certificates); i++) {
        const X509 *certificate = sk_X509_value(wallet->certificates, i);
        const int64_t ends_s = seconds_of(X509_get0_notAfter(certificate));

        if (wallet->key != NULL && X509_check_private_key(certificate, wallet->key) == 1) {
            ret->begins_s = seconds_of(X509_get0_notBefore(certificate));
            ret->ends_s = ends_s;
        } else if (ret->authorities++ == 0 || ends_s < ret->authority_ends_s) {
            ret->authority_ends_s = ends_s;
        }
    }
    ERR_clear_error();
}

bool octo_ora_wallet_look(const char *dir, const char *password, struct octo_ora_wallet *ret,
                          struct octo_ora_error *error)
{
    const struct ora_wallet_from from = {.dir = dir, .password = password};
    struct ora_wallet wallet = {.key = NULL};
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    char path[PATH_MAX];
    struct stat file;
    bool ok = ctx != NULL || ora_fault_memory(error);

    *ret = (struct octo_ora_wallet){.has_key = false};
    ok = ok && read_wallet(&wallet, &from, path, error);
    if (ok) {
        (void)snprintf(ret->file, sizeof(ret->file), "%.*s", OCTO_ORA_TEXT - 1, path);
        ret->has_key = wallet.key != NULL;
        ret->is_private = stat(path, &file) == 0 && (file.st_mode & (S_IRWXG | S_IRWXO)) == 0;
        tell_ends(&wallet, ret);
        ok = offer(ctx, &wallet, &ret->has_root, error);
    }
    ora_wallet_fini(&wallet);
    SSL_CTX_free(ctx);
    return ok;
}
