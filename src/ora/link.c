#include "ora/link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ora/fault.h"

/* The error of a connection that was begun; 0: there is none. */
static int connect_one(struct ora_link *link, const struct addrinfo *address)
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
    if (ora_wait(link->fd, POLLOUT, link->deadline_ms) != ORA_WAITED_DONE) {
        return ETIMEDOUT;
    }
    return getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &result, &length) == 0 ? result : errno;
}

bool ora_link_open(struct ora_link *link, const char *host, const char *port,
                   struct octo_ora_error *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    const int unknown = getaddrinfo(host, port, &hints, &addresses);
    char words[128];
    int result = ETIMEDOUT;

    link->fd = -1;
    if (unknown != 0) {
        return ora_fault(error, OCTO_ORA_CONNECT, "host %s: %s", host,
                         unknown == EAI_SYSTEM ? strerror_r(errno, words, sizeof(words))
                                               : gai_strerror(unknown));
    }
    for (const struct addrinfo *a = addresses; a != NULL && result != 0; a = a->ai_next) {
        ora_link_close(link);
        result = connect_one(link, a);
    }
    freeaddrinfo(addresses);
    if (result == 0) {
        return true;
    }
    ora_link_close(link);
    return ora_fault(error, OCTO_ORA_CONNECT, "%s port %s: %s%s", host, port,
                     strerror_r(result, words, sizeof(words)),
                     result == ECONNREFUSED ? ": no listener is there" : "");
}

bool ora_link_secure(struct ora_link *link, const char *host, const char *wallet_dir,
                     const char *wallet_password, struct octo_ora_error *error)
{
    link->tls = ora_tls_new(wallet_dir, wallet_password, error);
    return link->tls != NULL && ora_link_secure_again(link, host, error);
}

bool ora_link_secure_again(struct ora_link *link, const char *host, struct octo_ora_error *error)
{
    return ora_tls_shake(link->tls, link->fd, link->deadline_ms, host, error);
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
        return ora_tls_read(link->tls, link->fd, link->deadline_ms, bytes, room, ret_count);
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
        waited = ora_wait(link->fd, POLLIN, link->deadline_ms);
        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
    }
}
