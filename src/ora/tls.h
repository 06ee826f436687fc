/*
 * ora/tls.h: TLS 1.2 and 1.3 over a socket that does not block, with what a wallet holds. The chain
 * of the server's certificate is always verified, and its name unless the caller says otherwise.
 * The authorities of the wallet alone are trusted where it has one that signs for itself, else the
 * system's. Nothing here raises a signal.
 */
#ifndef ORA_TLS_H
#define ORA_TLS_H

#include <octo/ora.h>

#include "ora/descriptor.h"
#include "ora/wait.h"
#include "ora/wallet.h"

struct ora_tls;

/* Borrowed by each call that takes it, and not kept. */
struct ora_tls_options {
    struct ora_wallet_from wallet;
    uint32_t version;    /* enum ora_tls_version */
    bool matches_name;   /* the certificate must have that DN, or be of a host */
    struct ora_slice dn; /* without characters: it must be of a host */
    const char *host;
    const char *other_host; /* which the certificate may be of instead */
    const char *route_name; /* for the extension server_name; NULL: it is not sent */
};

/* Reads the wallet. NULL with one sentence on what is wrong with it. */
struct ora_tls *ora_tls_new(const struct ora_tls_options *options, struct octo_ora_error *error);
/* A new session of TLS; one that was there is dropped without a word. */
bool ora_tls_shake(struct ora_tls *tls, const struct ora_tls_options *options, int fd,
                   int64_t deadline_ms, struct octo_ora_error *error);
const char *ora_tls_about(const struct ora_tls *tls); /* "TLSv1.3 TLS_AES_256_GCM_SHA384" */
/* `bell` ends it early, see ora_wait_or_bell. */
enum ora_waited ora_tls_read(struct ora_tls *tls, int fd, int64_t deadline_ms, int bell,
                             uint8_t *bytes, size_t room, size_t *ret_count);
enum ora_waited ora_tls_write(struct ora_tls *tls, int fd, int64_t deadline_ms,
                              const uint8_t *bytes, size_t count);
void ora_tls_free(struct ora_tls *tls); /* NULL is fine */

#endif
