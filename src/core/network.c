#include "core/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "core/text.h"

enum {
    V4_AT = 12, /* where the IPv4 address stands in its IPv6 form */
    V4_BITS = 8 * V4_AT,
    BITS_MAX = 128,
    COUNTED_BYTES = 8,
};

static const uint8_t V4_PREFIX[V4_AT] = {[10] = 0xff, [11] = 0xff};

/* --- one address --- */

static bool is_v4(const struct net_address *address)
{
    return memcmp(address->bytes, V4_PREFIX, sizeof(V4_PREFIX)) == 0;
}

static struct net_address from_v4(const void *four)
{
    struct net_address address;

    memcpy(address.bytes, V4_PREFIX, sizeof(V4_PREFIX));
    memcpy(address.bytes + V4_AT, four, sizeof(struct in_addr));
    return address;
}

struct net_address net_address_of(const struct sockaddr *address)
{
    struct net_address result = {0};

    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof(v4));
        result = from_v4(&v4.sin_addr);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof(v6));
        memcpy(result.bytes, &v6.sin6_addr, sizeof(result.bytes));
    }
    return result;
}

bool net_address_parse(const char *text, size_t length, struct net_address *ret)
{
    char whole[NET_ADDRESS_TEXT_MAX];
    struct in_addr v4;

    if (length >= sizeof(whole) || memchr(text, '\0', length) != NULL) {
        return false;
    }
    memcpy(whole, text, length);
    whole[length] = '\0';
    if (inet_pton(AF_INET, whole, &v4) == 1) {
        *ret = from_v4(&v4);
        return true;
    }
    return inet_pton(AF_INET6, whole, ret->bytes) == 1;
}

static char *put_octet(char *at, unsigned octet)
{
    if (octet >= 100) {
        *at++ = (char)('0' + octet / 100);
    }
    if (octet >= 10) {
        *at++ = (char)('0' + octet / 10 % 10);
    }
    *at++ = (char)('0' + octet % 10);
    return at;
}

/* By hand for IPv4, because inet_ntop goes through printf. */
void net_address_format(const struct net_address *address, char out[NET_ADDRESS_TEXT_MAX])
{
    if (is_v4(address)) {
        for (size_t i = V4_AT; i < sizeof(address->bytes); i++) {
            out = put_octet(out, address->bytes[i]);
            *out++ = '.';
        }
        out[-1] = '\0';
    } else {
        (void)inet_ntop(AF_INET6, address->bytes, out, NET_ADDRESS_TEXT_MAX);
    }
}

struct net_address net_address_counted(const struct net_address *address)
{
    struct net_address counted = *address;

    if (!is_v4(address)) {
        memset(counted.bytes + COUNTED_BYTES, 0, sizeof(counted.bytes) - COUNTED_BYTES);
    }
    return counted;
}

bool net_host_is_here(const char *host)
{
    static const struct net_address V6_LOOPBACK = {{[15] = 1}};
    struct net_address address;

    if (!net_address_parse(host, strlen(host), &address)) {
        return text_equal_fold(host, "localhost");
    }
    return is_v4(&address) ? address.bytes[V4_AT] == IN_LOOPBACKNET
                           : memcmp(&address, &V6_LOOPBACK, sizeof(address)) == 0;
}

/* --- networks --- */

/* Its bits from `bits` on. */
static bool has_bits_behind(const struct net_address *address, unsigned bits)
{
    for (unsigned bit = bits; bit < BITS_MAX; bit++) {
        if ((address->bytes[bit / 8] & 0x80U >> bit % 8) != 0) {
            return true;
        }
    }
    return false;
}

static bool network_parse(const char *text, struct network *ret, struct err *err)
{
    const char *slash = strchr(text, '/');
    const size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
    struct network network = {.bits = BITS_MAX};
    int64_t bits = 0;

    if (!net_address_parse(text, length, &network.first)) {
        return err_set(err, ERR_CONFIG, "\"%.64s\" is no network: write 10.0.0.0/8 or 2001:db8::1",
                       text);
    }
    if (slash != NULL) {
        /* A mapped address may be written in either way, and its length goes with the writing. */
        const unsigned bits_most =
            memchr(text, ':', length) == NULL ? BITS_MAX - V4_BITS : BITS_MAX;

        if (!text_to_int64(slash + 1, &bits) || bits < 0 || bits > bits_most) {
            return err_set(err, ERR_CONFIG, "\"%.64s\": the length of that network is 0 to %u bits",
                           text, bits_most);
        }
        network.bits = (unsigned)bits + BITS_MAX - bits_most;
    }
    if (has_bits_behind(&network.first, network.bits)) {
        return err_set(err, ERR_CONFIG,
                       "\"%.64s\" is an address within a network: set the bits behind the first "
                       "%lld to 0",
                       text, (long long)bits);
    }
    *ret = network;
    return true;
}

bool network_is_everybody(const struct network *network)
{
    return network->bits == 0 || (network->bits == V4_BITS && is_v4(&network->first));
}

static size_t count_of(const char *list)
{
    size_t count = 1;

    for (; *list != '\0'; list++) {
        count += *list == ',' ? 1 : 0;
    }
    return count;
}

bool networks_parse(struct arena *arena, const char *list, struct networks *ret, struct err *err)
{
    struct network *items = arena_array(arena, count_of(list), sizeof(*items));
    size_t count = 0;

    for (const char *at = list; *at != '\0';) {
        const size_t length = strcspn(at, ",");
        const char *text = text_trimmed(arena, arena_dup(arena, at, length));

        if (*text != '\0' && !network_parse(text, &items[count++], err)) {
            return false;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    *ret = (struct networks){items, count};
    return true;
}

static bool has(const struct network *network, const struct net_address *address)
{
    const size_t whole = network->bits / 8;
    const unsigned rest = network->bits % 8;

    return memcmp(network->first.bytes, address->bytes, whole) == 0 &&
           (rest == 0 ||
            ((network->first.bytes[whole] ^ address->bytes[whole]) & 0xff00U >> rest & 0xffU) == 0);
}

bool networks_have(const struct networks *networks, const struct net_address *address)
{
    for (size_t i = 0; i < networks->count; i++) {
        if (has(&networks->items[i], address)) {
            return true;
        }
    }
    return false;
}

/* --- public addresses --- */

#define V4_NETWORK(a_, b_, c_, bits_)                                                              \
    {                                                                                              \
        {{[10] = 0xff, [11] = 0xff, (a_), (b_), (c_)}}, V4_BITS + (bits_)                          \
    }

/* https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry.
 */
static const struct network SPECIAL[] = {
    V4_NETWORK(0, 0, 0, 8),           /* this network (RFC 791) */
    V4_NETWORK(10, 0, 0, 8),          /* private use (RFC 1918) */
    V4_NETWORK(100, 64, 0, 10),       /* shared address space of carriers (RFC 6598) */
    V4_NETWORK(127, 0, 0, 8),         /* loopback (RFC 1122) */
    V4_NETWORK(169, 254, 0, 16),      /* link local (RFC 3927), where clouds have their metadata */
    V4_NETWORK(172, 16, 0, 12),       /* private use */
    V4_NETWORK(192, 0, 0, 24),        /* protocol assignments (RFC 6890) */
    V4_NETWORK(192, 0, 2, 24),        /* documentation (RFC 5737), as are two below */
    V4_NETWORK(192, 88, 99, 24),      /* 6to4 relays (RFC 7526) */
    V4_NETWORK(192, 168, 0, 16),      /* private use */
    V4_NETWORK(198, 18, 0, 15),       /* benchmarks (RFC 2544) */
    V4_NETWORK(198, 51, 100, 24),     /* documentation */
    V4_NETWORK(203, 0, 113, 24),      /* documentation */
    V4_NETWORK(224, 0, 0, 3),         /* multicast and reserved (RFC 5771, RFC 1112) */
    {{{0x20, 0x01}}, 23},             /* protocol assignments, Teredo (RFC 4380) */
    {{{0x20, 0x01, 0x0d, 0xb8}}, 32}, /* documentation (RFC 3849) */
    {{{0x20, 0x02}}, 16},             /* 6to4 (RFC 3056) */
    {{{0x3f, 0xff}}, 20},             /* documentation (RFC 9637) */
};

bool net_address_is_public(const struct net_address *address)
{
    static const struct network GLOBAL_UNICAST = {{{0x20}}, 3};
    const struct networks special = {SPECIAL, sizeof(SPECIAL) / sizeof(SPECIAL[0])};

    return (is_v4(address) || has(&GLOBAL_UNICAST, address)) && !networks_have(&special, address);
}
