/*
 * ora/link.h: bytes to and from a server, none of them waited for beyond a moment that the caller
 * sets.
 */
#ifndef ORA_LINK_H
#define ORA_LINK_H

#include <octo/ora.h>

struct ora_link {
    int fd;              /* -1: closed */
    int64_t deadline_ms; /* on the clock of ora_now_ms */
};

enum ora_waited { ORA_WAITED_DONE, ORA_WAITED_TOO_LONG, ORA_WAITED_LOST };

int64_t ora_now_ms(void); /* a clock that nobody sets */
/* Tries each address of the host. Names are looked up by the system, which has time limits of its
 * own. */
bool ora_link_open(struct ora_link *link, const char *host, const char *port,
                   struct octo_ora_error *error);
void ora_link_close(struct ora_link *link);
enum ora_waited ora_link_write(struct ora_link *link, const uint8_t *bytes, size_t count);
/* Some of what has come, at least a byte. */
enum ora_waited ora_link_read(struct ora_link *link, uint8_t *bytes, size_t room,
                              size_t *ret_count);

#endif
