/*
 * ora/proxy.h: a proxy of HTTP on the way to a server of TLS (RFC 9110, section 9.3.6: CONNECT).
 */
#ifndef ORA_PROXY_H
#define ORA_PROXY_H

#include "ora/link.h"

/* Over a link to the proxy: what comes after is said by and to that host. */
bool ora_proxy_ask(struct ora_link *link, const char *host, const char *port,
                   struct octo_ora_error *error);

#endif
