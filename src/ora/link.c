#include "ora/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ora/fault.h"
#include "ora/lookup.h"

enum {
    PROBE_EVERY_S = 6, /* as Oracle's drivers probe, once nothing has come for long enough */
    PROBES = 10,
    TEXT_ROOM = INET6_ADDRSTRLEN + 16,
};

static void probe(int fd, uint32_t expire_min)
{
    const int on = 1;
    const int idle_s = (int)expire_min * 60;
    const int every_s = PROBE_EVERY_S;
    const int count = PROBES;

    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* The error of a connection that was begun; 0: there is none. */
static int connect_one(struct ora_link *link, const struct addrinfo *address, int64_t deadline_ms)
{
    const int on = 1;
    socklen_t length = sizeof(int);
    int result = 0;

    link->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd < 0) {
        return errno;
    }
    (void)setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(link->fd, address->ai_addr, address->ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (ora_wait(link->fd, POLLOUT, deadline_ms) != ORA_WAITED_DONE) {
        return ETIMEDOUT;
    }
    return getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &result, &length) == 0 ? result : errno;
}

static const char *words_of(const struct addrinfo *address, char ret[TEXT_ROOM])
{
    if (getnameinfo(address->ai_addr, address->ai_addrlen, ret, TEXT_ROOM, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        ret[0] = '\0';
    }
    return ret;
}

/* The error of the last address; 0: one answered. */
static int connect_any(struct ora_link *link, const struct addrinfo *addresses, int64_t deadline_ms)
{
    char text[TEXT_ROOM];
    int result = ETIMEDOUT;
    int left = 0;

    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
        left++;
    }
    for (const struct addrinfo *a = addresses; a != NULL && result != 0; a = a->ai_next, left--) {
        const int64_t now = ora_now_ms();
        const int64_t share = deadline_ms > now ? (deadline_ms - now) / left : 0;

        ora_link_close(link);
        result = connect_one(link, a, now + share);
        (void)ora_phase(&link->phases, "TCP", words_of(a, text), result == 0);
    }
    return result;
}

bool ora_link_open(struct ora_link *link, const char *host, const char *port,
                   int64_t tcp_deadline_ms, uint32_t expire_min, struct octo_ora_error *error)
{
    struct addrinfo *addresses = ora_lookup(host, port, tcp_deadline_ms, error);
    char words[128];
    int result;

    link->fd = -1;
    if (!ora_phase(&link->phases, "look-up", host, addresses != NULL)) {
        return false;
    }
    result = connect_any(link, addresses, tcp_deadline_ms);
    freeaddrinfo(addresses);
    if (result != 0) {
        ora_link_close(link);
        return ora_fault(error, OCTO_ORA_CONNECT, "%s port %s: %s%s", host, port,
                         strerror_r(result, words, sizeof(words)),
                         result == ECONNREFUSED ? ": no listener is there" : "");
    }
    if (expire_min > 0) {
        probe(link->fd, expire_min);
    }
    return true;
}

bool ora_link_secure(struct ora_link *link, const struct ora_tls_options *options,
                     struct octo_ora_error *error)
{
    link->tls = ora_tls_new(options, error);
    return link->tls != NULL && ora_link_secure_again(link, options, error);
}

bool ora_link_secure_again(struct ora_link *link, const struct ora_tls_options *options,
                           struct octo_ora_error *error)
{
    const bool ok = ora_tls_shake(link->tls, options, link->fd, link->deadline_ms, error);

    return ora_phase(&link->phases, "TLS", ora_tls_about(link->tls), ok);
}

void ora_link_close(struct ora_link *link)
{
    ora_tls_free(link->tls);
    link->tls = NULL;
    if (link->fd >= 0) {
        (void)close(link->fd);
    }
    link->fd = -1;
}

enum ora_waited ora_link_write(struct ora_link *link, const uint8_t *bytes, size_t count)
{
    if (link->tls != NULL) {
        return ora_tls_write(link->tls, link->fd, link->deadline_ms, bytes, count);
    }
    while (count > 0) {
        const ssize_t sent = send(link->fd, bytes, count, MSG_NOSIGNAL);
        enum ora_waited waited;

        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent == 0 || errno != EAGAIN) {
            return ORA_WAITED_LOST;
        }
        waited = ora_wait(link->fd, POLLOUT, link->deadline_ms);
        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
    }
    return ORA_WAITED_DONE;
}

enum ora_waited ora_link_read(struct ora_link *link, uint8_t *bytes, size_t room, size_t *ret_count)
{
    if (link->tls != NULL) {
        return ora_tls_read(link->tls, link->fd, link->deadline_ms, link->bell, bytes, room,
                            ret_count);
    }
    for (;;) {
        const ssize_t count = recv(link->fd, bytes, room, 0);
        enum ora_waited waited;

        if (count > 0) {
            *ret_count = (size_t)count;
            return ORA_WAITED_DONE;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count == 0 || errno != EAGAIN) {
            return ORA_WAITED_LOST;
        }
        waited = ora_wait_or_bell(link->fd, POLLIN, link->deadline_ms, link->bell);
        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
    }
}
