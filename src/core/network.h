/*
 * core/network.h: addresses of clients and the networks that they belong to. An IPv4 address that
 * comes in IPv6's clothes (::ffff:192.0.2.1) is that IPv4 address. Pure functions.
 */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/arena.h"
#include "core/err.h"

enum { NET_ADDRESS_TEXT_MAX = 46 /* INET6_ADDRSTRLEN */ };

/* In network order; IPv4 as ::ffff:a.b.c.d, so that equal addresses are equal bytes. */
struct net_address {
    uint8_t bytes[16];
};

/* Of another family than IP: all zero. */
struct net_address net_address_of(const struct sockaddr *address);
/* Strict, as inet_pton is: no port, no zone, no short forms. */
bool net_address_parse(const char *text, size_t length, struct net_address *ret);
void net_address_format(const struct net_address *address, char out[NET_ADDRESS_TEXT_MAX]);
/* What is counted as one client: an IPv4 address, or an IPv6 network of 64 bits, the least that a
 * subscriber is given (RFC 6177), in which he may choose any address. */
struct net_address net_address_counted(const struct net_address *address);

/* Does what is sent to this host stay on this machine? 127.0.0.0/8 and ::1 (RFC 6890), and the name
 * localhost (RFC 6761, 6.3). Nothing is looked up: a name that only looks like an address
 * ("127.db.example") is a name. IPv6 without brackets. */
bool net_host_is_here(const char *host);

/* Is it one that anybody on the Internet may have, and nobody's own network? By IANA's registries
 * of special-purpose addresses (RFC 6890 and what has been added since): not those for private use,
 * a machine itself, a link, a carrier's customers, documentation, benchmarks, multicast, or that
 * carry an IPv4 address in them (6to4, Teredo). Of IPv6 only what is global unicast, 2000::/3. */
bool net_address_is_public(const struct net_address *address);

struct network {
    struct net_address first;
    unsigned bits; /* of `first` that all of its addresses share; of IPv4 96 more than is written */
};

/* Does it hold all addresses that IPv4 has, or IPv6? */
bool network_is_everybody(const struct network *network);

struct networks {
    const struct network *items;
    size_t count;
};

/* "10.0.0.0/8, ::1": networks and single addresses, parted by commas, into the arena. ERR_CONFIG
 * names what is none. */
MUST_CHECK bool networks_parse(struct arena *arena, const char *list, struct networks *ret,
                               struct err *err);
bool networks_have(const struct networks *networks, const struct net_address *address);

#endif
