/*
 * ora/wallet.h: what a wallet gives to a context of TLS: a private key, the certificate that fits
 * it, and those of authorities, in any order.
 */
#ifndef ORA_WALLET_H
#define ORA_WALLET_H

#include <octo/ora.h>
#include <openssl/ssl.h>

struct ora_wallet_from {
    const char *dir;      /* with ewallet.pem or ewallet.p12; NULL: none */
    const void *bytes;    /* of such a file instead; NULL: none */
    size_t size;          /* of them */
    const char *password; /* NULL: none */
};

/* Its key and certificate are offered, its authorities trusted; where there is no wallet, nothing
 * is. `ret_has_authorities`: one of them signs for itself, so that nobody else needs to be trusted.
 * Errors are a sentence each, with the file and what to do. */
bool ora_wallet_use(SSL_CTX *ctx, const struct ora_wallet_from *from, bool *ret_has_authorities,
                    struct octo_ora_error *error);

#endif
