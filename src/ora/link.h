/*
 * ora/link.h: bytes to and from a server, none of them waited for beyond a moment that the caller
 * sets.
 */
#ifndef ORA_LINK_H
#define ORA_LINK_H

#include "ora/phase.h"
#include "ora/tls.h"

struct ora_link {
    int fd;              /* -1: closed */
    struct ora_tls *tls; /* NULL: bytes go as they are */
    int64_t deadline_ms; /* on the clock of ora_now_ms */
    int bell;            /* that ends a wait for bytes early; -1: none */
    struct ora_phases phases;
};

/* Looks the host up and tries each of its addresses, all of it until `tcp_deadline_ms`, of which
 * each address has an equal share. From time to time the system probes whether the other side
 * lives: after `expire_min` minutes without a byte; 0: it does not. */
bool ora_link_open(struct ora_link *link, const char *host, const char *port,
                   int64_t tcp_deadline_ms, uint32_t expire_min, struct octo_ora_error *error);
/* From here on all goes by TLS. */
bool ora_link_secure(struct ora_link *link, const struct ora_tls_options *options,
                     struct octo_ora_error *error);
/* The server begins TLS anew on the same connection. */
bool ora_link_secure_again(struct ora_link *link, const struct ora_tls_options *options,
                           struct octo_ora_error *error);
void ora_link_close(struct ora_link *link);
enum ora_waited ora_link_write(struct ora_link *link, const uint8_t *bytes, size_t count);
/* Some of what has come, at least a byte. */
enum ora_waited ora_link_read(struct ora_link *link, uint8_t *bytes, size_t room,
                              size_t *ret_count);

#endif
