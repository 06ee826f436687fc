/*
 * ora/names.h: where a database is: from what people write to what is sent to its listener.
 */
#ifndef ORA_NAMES_H
#define ORA_NAMES_H

#include <octo/ora.h>

#include "ora/wire.h"

enum { ORA_HOST_MAX = 255, ORA_SERVICE_MAX = 255, ORA_PORT_DEFAULT = 1521, ORA_WHO_MAX = 63 };

struct ora_place {
    bool is_tls;
    char host[ORA_HOST_MAX + 1];
    char port[6];
    char service[ORA_SERVICE_MAX + 1];
};

/* HOST[:PORT]/SERVICE, the host perhaps an IPv6 address in brackets. The error names the character.
 */
bool ora_place_parse(const char *dsn, struct ora_place *ret, struct octo_ora_error *error);

/* Who connects, as the server shows it; made of characters that a descriptor can hold. */
struct ora_who {
    char program[ORA_WHO_MAX + 1];
    char machine[ORA_WHO_MAX + 1];
    char user[ORA_WHO_MAX + 1];
};
void ora_who_am_i(const char *program, struct ora_who *ret);

/* The descriptor that is sent; `id` is a text that tells this connection from all others. */
void ora_descriptor_write(struct ora_wr *wr, const struct ora_place *place,
                          const struct ora_who *who, const char *id);

#endif
