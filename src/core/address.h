/*
 * core/address.h: what an address of the network says of itself. Nothing is looked up: a name that
 * only looks like an address ("127.db.example") is a name.
 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include <stdbool.h>

/* Does what is sent there stay on this machine? 127.0.0.0/8 and ::1 (RFC 6890), the former inside
 * IPv6 too (::ffff:127.0.0.1), and the name localhost (RFC 6761, 6.3). IPv6 without brackets. */
bool address_is_loopback(const char *host);

#endif
