/*
 * net/tls_priv.h: what the files that speak to OpenSSL share.
 */
#ifndef NET_TLS_PRIV_H
#define NET_TLS_PRIV_H

#include <openssl/x509.h>

#include "net/tls.h"

void tls_describe(X509 *certificate, struct tls_certificate *ret);
/* By libpq's rule: one label for a star, which stands alone, whatever follows it; the common name
 * counts where no alternative name is of the host's kind. */
bool tls_is_for(X509 *certificate, const char *host);
/* OpenSSL's reason for the last failure of this thread, "no reason given" without one; forgets it.
 */
const char *tls_reason(char *out, size_t size);

#endif
