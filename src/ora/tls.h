/*
 * ora/tls.h: TLS 1.2 and 1.3 over a socket that does not block, with what a wallet holds. The chain
 * of the server's certificate is always verified, and its name against the host.
 *
 * A wallet is a directory with ewallet.pem: a private key, perhaps enciphered, the certificate that
 * fits it, and those of authorities, in any order. Without a directory the system's authorities are
 * trusted; with one, the wallet's too.
 */
#ifndef ORA_TLS_H
#define ORA_TLS_H

#include <octo/ora.h>

#include "ora/wait.h"

struct ora_tls;

/* Reads the wallet. NULL with one sentence on what is wrong with it. `password` may be NULL. */
struct ora_tls *ora_tls_new(const char *wallet_dir, const char *password,
                            struct octo_ora_error *error);
/* A new session of TLS; one that was there is dropped without a word. */
bool ora_tls_shake(struct ora_tls *tls, int fd, int64_t deadline_ms, const char *host,
                   struct octo_ora_error *error);
enum ora_waited ora_tls_read(struct ora_tls *tls, int fd, int64_t deadline_ms, uint8_t *bytes,
                             size_t room, size_t *ret_count);
enum ora_waited ora_tls_write(struct ora_tls *tls, int fd, int64_t deadline_ms,
                              const uint8_t *bytes, size_t count);
void ora_tls_free(struct ora_tls *tls); /* NULL is fine */

#endif
