/*
 * ora/link.h: bytes to and from a server, none of them waited for beyond a moment that the caller
 * sets.
 */
#ifndef ORA_LINK_H
#define ORA_LINK_H

#include <octo/ora.h>

#include "ora/tls.h"

struct ora_link {
    int fd;              /* -1: closed */
    struct ora_tls *tls; /* NULL: bytes go as they are */
    int64_t deadline_ms; /* on the clock of ora_now_ms */
};

/* Tries each address of the host. Names are looked up by the system, which has time limits of its
 * own. */
bool ora_link_open(struct ora_link *link, const char *host, const char *port,
                   struct octo_ora_error *error);
/* From here on all goes by TLS, to a server whose certificate is of that host. */
bool ora_link_secure(struct ora_link *link, const char *host, const char *wallet_dir,
                     const char *wallet_password, struct octo_ora_error *error);
/* The server begins TLS anew on the same connection. */
bool ora_link_secure_again(struct ora_link *link, const char *host, struct octo_ora_error *error);
void ora_link_close(struct ora_link *link);
enum ora_waited ora_link_write(struct ora_link *link, const uint8_t *bytes, size_t count);
/* Some of what has come, at least a byte. */
enum ora_waited ora_link_read(struct ora_link *link, uint8_t *bytes, size_t room,
                              size_t *ret_count);

#endif
