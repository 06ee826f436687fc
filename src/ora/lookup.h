/*
 * ora/lookup.h: addresses of a host, waited for until a moment and no longer.
 *
 * The system's look-up has time limits of its own and cannot be called off, so it runs in a thread,
 * which is left behind when its time is over: it ends when the system's limits do, and frees what
 * it found. At most ORA_LOOKUPS_MAX are under way in a process; an address in digits needs none.
 */
#ifndef ORA_LOOKUP_H
#define ORA_LOOKUP_H

#include <netdb.h>
#include <octo/ora.h>

enum { ORA_LOOKUPS_MAX = 64 };

/* For freeaddrinfo; NULL with an error. */
struct addrinfo *ora_lookup(const char *host, const char *port, int64_t deadline_ms,
                            struct octo_ora_error *error);

#endif
