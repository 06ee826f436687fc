/*
 * net/tls_priv.h: what the files that speak to OpenSSL share.
 */
#ifndef NET_TLS_PRIV_H
#define NET_TLS_PRIV_H

#include <openssl/x509.h>

#include "net/tls.h"

void tls_describe(X509 *certificate, struct tls_certificate *ret);
/* OpenSSL's reason for the last failure of this thread, "no reason given" without one; forgets it.
 */
const char *tls_reason(char *out, size_t size);

#endif
