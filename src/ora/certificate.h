/*
 * ora/certificate.h: of whom a server's certificate is. The chain behind it is verified elsewhere.
 */
#ifndef ORA_CERTIFICATE_H
#define ORA_CERTIFICATE_H

#include <openssl/x509.h>

#include "ora/dn.h"

/* By an alternative name or, as Oracle's drivers take it, the common name; a star stands for a part
 * of the first label. Of an address by that alone. */
bool ora_certificate_is_of_host(X509 *certificate, const char *host);
/* Its subject. False: one that cannot be compared. */
bool ora_certificate_subject(const X509 *certificate, struct ora_dn *ret);

#endif
