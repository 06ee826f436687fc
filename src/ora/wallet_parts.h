/*
 * ora/wallet_parts.h: what is in a wallet, and the two forms that it has as a file: blocks of text
 * (PEM), and PKCS#12.
 */
#ifndef ORA_WALLET_PARTS_H
#define ORA_WALLET_PARTS_H

#include <octo/ora.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct ora_wallet {
    const char *name; /* a file's path, for errors */
    EVP_PKEY *key;    /* NULL: the wallet has authorities alone */
    STACK_OF(X509) * certificates;
};

/* An error that names the wallet. */
bool ora_wallet_fault(const struct ora_wallet *wallet, struct octo_ora_error *error,
                      const char *words);
/* Was it the cipher that OpenSSL does not have? What a wrong password makes of a key may look
 * unsupported too, but to the decoder of keys and not to the ciphers. Empties OpenSSL's queue. */
bool ora_wallet_lacks_cipher(void);
bool ora_wallet_add(struct ora_wallet *wallet, X509 *certificate); /* takes it over */
void ora_wallet_fini(struct ora_wallet *wallet);

/* Each fills wallet->key and certificates. `password` may be NULL. */
bool ora_wallet_read_pem(struct ora_wallet *wallet, const void *bytes, size_t size,
                         const char *password, struct octo_ora_error *error);
bool ora_wallet_read_p12(struct ora_wallet *wallet, const void *bytes, size_t size,
                         const char *password, struct octo_ora_error *error);

#endif
