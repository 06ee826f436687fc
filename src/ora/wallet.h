/*
 * ora/wallet.h: what a wallet's directory gives to a context of TLS (see ora/tls.h).
 */
#ifndef ORA_WALLET_H
#define ORA_WALLET_H

#include <octo/ora.h>
#include <openssl/ssl.h>

/* Its key and certificate are offered, its authorities trusted. Errors name file and remedy. */
bool ora_wallet_use(SSL_CTX *ctx, const char *dir, const char *password,
                    struct octo_ora_error *error);

#endif
