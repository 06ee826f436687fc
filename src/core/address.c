#include "core/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/text.h"

static bool is_loopback_v4(const unsigned char *bytes)
{
    return bytes[0] == IN_LOOPBACKNET;
}

bool address_is_loopback(const char *host)
{
    enum { V4_IN_V6 = 12 };
    struct in6_addr v6;
    struct in_addr v4;

    if (inet_pton(AF_INET, host, &v4) == 1) {
        return is_loopback_v4((const unsigned char *)&v4);
    }
    if (inet_pton(AF_INET6, host, &v6) == 1) {
        return IN6_IS_ADDR_LOOPBACK(&v6) ||
               (IN6_IS_ADDR_V4MAPPED(&v6) && is_loopback_v4(&v6.s6_addr[V4_IN_V6]));
    }
    return text_equal_fold(host, "localhost");
}
