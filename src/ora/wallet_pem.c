/* ora/wallet_pem.c: ewallet.pem (see wallet_parts.h): blocks of text, with other text between. */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "ora/fault.h"
#include "ora/wallet_parts.h"

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

/* Of whatever form: a wallet for trusting alone has none. */
static bool has_key(const void *bytes, size_t size)
{
    BIO *file = BIO_new_mem_buf(bytes, (int)size);
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

static bool read_key(struct ora_wallet *wallet, const void *bytes, size_t size,
                     const char *password, struct octo_ora_error *error)
{
    BIO *file = has_key(bytes, size) ? BIO_new_mem_buf(bytes, (int)size) : NULL;

    if (file == NULL) {
        return true;
    }
    wallet->key = PEM_read_bio_PrivateKey(file, NULL, give_password, (void *)(uintptr_t)password);
    BIO_free(file);
    if (wallet->key != NULL) {
        return true;
    }
    if (ora_wallet_lacks_cipher()) {
        return ora_wallet_fault(wallet, error,
                                "its key is enciphered in a way that OpenSSL does not open: "
                                "encipher it anew, with AES");
    }
    return ora_wallet_fault(
        wallet, error,
        password == NULL
            ? "its key does not open: it needs the wallet's password"
            : "its key does not open: the wallet's password is wrong, or the file is damaged");
}

bool ora_wallet_read_pem(struct ora_wallet *wallet, const void *bytes, size_t size,
                         const char *password, struct octo_ora_error *error)
{
    BIO *file;
    X509 *certificate;
    bool ok;

    if (size > INT_MAX || !read_key(wallet, bytes, size, password, error)) {
        return size <= INT_MAX ? false : ora_wallet_fault(wallet, error, "it is too large");
    }
    file = BIO_new_mem_buf(bytes, (int)size);
    ok = file != NULL;
    while (ok && (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        ok = ora_wallet_add(wallet, certificate);
    }
    BIO_free(file);
    ok = ok && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return ok || ora_wallet_fault(wallet, error, "a certificate in it cannot be read");
}
