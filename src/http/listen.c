/*
 * The listening socket, and the acceptor, a thread that gives each connection to the loop that has
 * fewest. A socket that the loops share would give one of them most connections,
 * because a loop that is awake already is the first to see the next one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"

#include "http/server_priv.h"

enum {
    LISTEN_BACKLOG = 1024,
    OTHERS_LEAST = 256, /* descriptors that are not connections: files, sessions, calls to others */
    UNSENT_MAX = 256 * 1024, /* bytes of an answer that the kernel takes ahead of its sending */
    PAUSE_MS = 100,          /* while the process is out of descriptors or memory */
    SHARE_ONE_IN = 4, /* of all connections: what an address may have where nothing else is said */
    KEPT_ONE_IN = 64, /* of all connections: for those who are exempt */
};

/* --- opening --- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool address_of(const struct server_options *options, union address *ret,
                       socklen_t *ret_size, struct err *err)
{
    union address address = {0};

    if (inet_pton(AF_INET, options->host, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons((uint16_t)options->port);
        *ret_size = sizeof(address.v4);
    } else if (inet_pton(AF_INET6, options->host, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons((uint16_t)options->port);
        *ret_size = sizeof(address.v6);
    } else {
        return err_set(err, ERR_CONFIG, "\"%s\" is no address to listen on", options->host);
    }
    *ret = address;
    return true;
}

static bool refuse_listen(const struct server_options *options, int number, struct err *err)
{
    if (number == EADDRINUSE) {
        (void)err_set(
            err, ERR_CONFIG,
            "cannot listen on %s:%lld: address in use: another program has that port; choose "
            "one with --%s-port",
            options->host, (long long)options->port, options->metric_prefix);
    } else {
        (void)err_set(err, ERR_CONFIG, "cannot listen on %s:%lld: %s", options->host,
                      (long long)options->port, strerrordesc_np(number));
    }
    err->native = number;
    return false;
}

/* A connection must not take the descriptor that a file of the database needs. The process may open
 * as many as it is allowed to, and if these are too few, it is connections that have to wait. */
static void fit_into_descriptors(struct server_options *options)
{
    const rlim_t wanted = (rlim_t)options->connection_max + OTHERS_LEAST;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
        return;
    }
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        const rlim_t most = limit.rlim_cur > (rlim_t)2 * OTHERS_LEAST
                                ? limit.rlim_cur - OTHERS_LEAST
                                : limit.rlim_cur / 2;

        log_line(LOG_WARNING, NULL, "fewer connections",
                 "wanted=%lld possible=%lld descriptors=%lld remedy=\"ulimit -n\"",
                 (long long)options->connection_max, (long long)most, (long long)limit.rlim_cur);
        options->connection_max = (int64_t)most;
    }
}

static void count_guests(struct server *server)
{
    struct server_options *options = &server->options;

    if (options->connections_of_one == 0) {
        options->connections_of_one =
            options->connection_max < SHARE_ONE_IN ? 1 : options->connection_max / SHARE_ONE_IN;
    }
    server->guests = guests_new((size_t)options->connection_max);
}

bool listen_open(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    const int on = 1;
    const int unsent = UNSENT_MAX;
    union address address = {0};
    socklen_t size = 0;

    if (!address_of(options, &address, &size, err)) {
        return false;
    }
    fit_into_descriptors(&server->options);
    count_guests(server);
    server->listener = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 ||
        setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        /* Those that are accepted have these too: an answer goes out whole, and waits for none; but
         * what a client does not take waits here, where it is bounded, and not in the kernel. */
        setsockopt(server->listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        setsockopt(server->listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent)) !=
            0 ||
        bind(server->listener, &address.any, size) != 0 ||
        listen(server->listener, LISTEN_BACKLOG) != 0 ||
        getsockname(server->listener, &address.any, &size) != 0) {
        return refuse_listen(options, errno, err); /* listen_fini closes the socket */
    }
    server->port =
        ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return true;
}

/* --- letting in --- */

/* For those who are not let in; it may be lost, where the client has sent already. */
#define REFUSAL(status_, phrase_, code_, text_)                                                    \
    "HTTP/1.1 " status_ " " phrase_ "\r\nConnection: close\r\nRetry-After: 1\r\n"                  \
    "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n\r\n"                    \
    "{\"type\":\"about:blank\",\"title\":\"" phrase_ "\",\"status\":" status_                      \
    ",\"detail\":\"" text_ "\",\"code\":\"" code_ "\"}"

static void send_away(int fd, const char *refusal, struct counter *counter)
{
    char unread[1024];

    if (counter != NULL) {
        counter_add(counter, 1);
    }
    (void)send(fd, refusal, strlen(refusal), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_WR);
    (void)recv(fd, unread, sizeof(unread), MSG_DONTWAIT); /* or the end would be a reset */
    close(fd);
}

/* Of all places some are for those who are exempt: operators get in when everybody else is in. */
static bool has_room_for(const struct server *server, const struct client *client)
{
    const int64_t most = server->options.connection_max;
    const int64_t kept = client->is_exempt ? 0 : most / KEPT_ONE_IN;

    return atomic_load(&server->connections) < most - kept;
}

/* Those whom nobody counts are let in without a guest. */
static bool enter(struct server *server, struct client *client)
{
    if (client->is_exempt || client->is_proxy) {
        return true;
    }
    client->guest = guests_enter(server->guests, &client->address,
                                 (uint32_t)server->options.connections_of_one);
    return client->guest != NULL;
}

static bool let_in(struct server *server, int fd, struct client *client)
{
    if (!has_room_for(server, client)) {
        send_away(fd,
                  REFUSAL("503", "Service Unavailable", "unavailable",
                          "all connections that there may be are open"),
                  server->refused_of_all);
        return false;
    }
    if (!enter(server, client)) {
        send_away(fd,
                  REFUSAL("429", "Too Many Requests", "rate_limited",
                          "your address has as many connections open as one may have"),
                  server->refused_of_one);
        return false;
    }
    return true;
}

static void client_init(const struct server *server, const union address *address,
                        struct client *client)
{
    *client = (struct client){.address = net_address_of(&address->any)};
    net_address_format(&client->address, client->text);
    client->is_proxy = networks_have(&server->options.trusted_proxies, &client->address);
    client->is_exempt = networks_have(&server->options.exempt, &client->address);
}

/* --- accepting --- */

static struct loop *loop_with_fewest(struct server *server)
{
    struct loop *best = &server->loops[0];

    for (int64_t i = 1; i < server->options.loop_threads; i++) {
        if (atomic_load(&server->loops[i].connections) < atomic_load(&best->connections)) {
            best = &server->loops[i];
        }
    }
    return best;
}

static void assign(struct server *server, int fd, const union address *address)
{
    struct loop *loop = loop_with_fewest(server);
    struct client client;

    client_init(server, address, &client);
    if (let_in(server, fd, &client)) {
        atomic_fetch_add(&loop->connections, 1);
        atomic_fetch_add(&server->connections, 1);
        inbox_bring_socket(&loop->inbox, fd, &client);
    }
}

static bool has_room(struct server *server)
{
    return atomic_load(&server->connections) < server->options.connection_max;
}

/* Clients wait in the backlog meanwhile. False: the server stops. */
static bool wait_for_room(struct server *server)
{
    if (!has_room(server)) {
        mutex_lock(&server->lock);
        while (!has_room(server) && !atomic_load(&server->is_stopping)) {
            cond_wait(&server->listen_again, &server->lock);
        }
        mutex_unlock(&server->lock);
    }
    return !atomic_load(&server->is_stopping);
}

static void pause_listening(struct server *server)
{
    const uint64_t until_ns = clock_after_ms(PAUSE_MS);

    mutex_lock(&server->lock);
    while (!atomic_load(&server->is_stopping) &&
           cond_wait_until(&server->listen_again, &server->lock, until_ns)) {
    }
    mutex_unlock(&server->lock);
}

static void wake_acceptor(struct server *server)
{
    mutex_lock(&server->lock);
    cond_broadcast(&server->listen_again);
    mutex_unlock(&server->lock);
}

void listen_accept(void *server)
{
    struct server *owner = server;

    while (wait_for_room(owner)) {
        union address address;
        socklen_t size = sizeof(address);
        const int fd = accept4(owner->listener, &address.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            assign(owner, fd, &address);
        } else if (errno != ECONNABORTED && errno != EINTR) {
            pause_listening(owner); /* out of descriptors or memory, or the end */
        }
    }
}

void listen_ended(struct loop *loop, const struct client *client)
{
    struct server *server = loop->server;

    if (client->guest != NULL) {
        guests_leave(server->guests, client->guest);
    }
    atomic_fetch_sub(&loop->connections, 1);
    if (atomic_fetch_sub(&server->connections, 1) == server->options.connection_max) {
        wake_acceptor(server);
    }
}

void listen_close(struct server *server)
{
    atomic_store(&server->is_stopping, true);
    (void)shutdown(server->listener, SHUT_RDWR); /* ends the thread's accept4 */
    wake_acceptor(server);
    thread_join(&server->acceptor);
    listen_fini(server);
}

void listen_fini(struct server *server)
{
    if (server->listener >= 0) {
        close(server->listener);
        server->listener = -1;
    }
}
