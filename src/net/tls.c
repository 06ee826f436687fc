#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/clock.h"

#include "net/tls_priv.h"

/* What the walk up the chain met, besides dates and names. */
struct verdict {
    int error; /* the first; X509_V_OK without one */
    int depth; /* of whom */
};

/* --- connecting --- */

/* Waits until the socket may be read or written; false when the time is over. */
static bool wait_for(int fd, short events, uint64_t deadline_ns)
{
    struct pollfd entry = {.fd = fd, .events = events};
    int ready;

    do {
        ready = poll(&entry, 1, (int)clock_ms_left(deadline_ns));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Returns 0 or an errno. */
static int connect_socket(int fd, const struct sockaddr *address, socklen_t size,
                          int64_t timeout_ms)
{
    int error = 0;
    socklen_t error_size = sizeof(error);

    if (connect(fd, address, size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (!wait_for(fd, POLLOUT, clock_after_ms((uint64_t)timeout_ms))) {
        return ETIMEDOUT;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 ? error : errno;
}

static bool try_address(const struct sockaddr *address, socklen_t size, int64_t timeout_ms,
                        struct tls_report *report, int *ret_fd)
{
    uint64_t start_ns = clock_mono_ns();
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd >= 0 ? connect_socket(fd, address, size, timeout_ms) : errno;

    if (error != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        report->reached = TLS_UNCONNECTED;
        return err_set(&report->err, ERR_CONNECT, "%s", strerrordesc_np(error));
    }
    report->connect_us = (clock_mono_ns() - start_ns) / 1000;
    report->reached = TLS_CONNECTED;
    *ret_fd = fd;
    return true;
}

static bool connect_local(const struct tls_target *target, const char *directory,
                          struct tls_report *report, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.%s", directory,
                          target->port);

    (void)snprintf(report->address, sizeof(report->address), "%s", address.sun_path);
    if (length < 0 || (size_t)length >= sizeof(address.sun_path)) {
        report->reached = TLS_UNCONNECTED;
        return err_set(&report->err, ERR_CONNECT, "the path of the socket is too long");
    }
    return try_address((const struct sockaddr *)&address, sizeof(address), target->timeout_ms,
                       report, ret_fd);
}

static void note_address(const struct addrinfo *at, struct tls_report *report)
{
    char host[INET6_ADDRSTRLEN] = "?";
    char port[8] = "?";

    (void)getnameinfo(at->ai_addr, at->ai_addrlen, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(report->address, sizeof(report->address),
                   at->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* Tries each address of the name in turn, as libpq does. */
static bool connect_far(const struct tls_target *target, const char *name,
                        struct tls_report *report, int *ret_fd)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    int code = getaddrinfo(name, target->port, &hints, &addresses);
    bool is_open = false;

    if (code != 0) {
        report->reached = TLS_UNRESOLVED;
        return err_set(&report->err, ERR_CONNECT, "%s",
                       code == EAI_SYSTEM ? strerrordesc_np(errno) : gai_strerror(code));
    }
    for (const struct addrinfo *at = addresses; at != NULL && !is_open; at = at->ai_next) {
        note_address(at, report);
        is_open = try_address(at->ai_addr, at->ai_addrlen, target->timeout_ms, report, ret_fd);
    }
    freeaddrinfo(addresses);
    return is_open;
}

/* --- the question --- */

/* SSLRequest: its length and its number, in network order. The answer is one byte. */
static bool ask_for_tls(int fd, uint64_t deadline_ns, struct tls_report *report)
{
    static const unsigned char REQUEST[8] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    unsigned char answer = 0;
    ssize_t count;

    if (send(fd, REQUEST, sizeof(REQUEST), MSG_NOSIGNAL) != (ssize_t)sizeof(REQUEST)) {
        return err_set(&report->err, ERR_CONNECT, "%s", strerrordesc_np(errno));
    }
    if (!wait_for(fd, POLLIN, deadline_ns)) {
        return err_set(&report->err, ERR_CONNECT, "no answer in time to the question for TLS");
    }
    count = recv(fd, &answer, sizeof(answer), 0);
    if (count != (ssize_t)sizeof(answer)) {
        return err_set(&report->err, ERR_CONNECT, "the connection was closed without an answer");
    }
    if (answer == 'N') {
        report->reached = TLS_UNOFFERED;
        return err_set(&report->err, ERR_CONFIG, "the server has no TLS");
    }
    return answer == 'S' || err_set(&report->err, ERR_CONFIG, "this is no PostgreSQL server");
}

/* --- the handshake --- */

static bool is_about_dates(int error)
{
    return error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
}

/* Notes the first complaint and lets the walk go on: the handshake is to end. */
static int on_verify(int is_fine, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct verdict *verdict = SSL_get_app_data(ssl);
    int error = X509_STORE_CTX_get_error(store);

    if (is_fine == 0 && verdict->error == X509_V_OK &&
        !(is_about_dates(error) && X509_STORE_CTX_get_error_depth(store) == 0)) {
        verdict->error = error;
        verdict->depth = X509_STORE_CTX_get_error_depth(store);
    }
    return 1;
}

/* Called when the server asks; we have none to show: signing in will tell what it thinks of ours.
 */
static int on_asked(SSL *ssl, X509 **ret_certificate, EVP_PKEY **ret_key)
{
    struct tls_report *report = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    (void)ret_certificate;
    (void)ret_key;
    report->asks_for_client_certificate = true;
    return 0;
}

static enum tls_trust trust_of(int error)
{
    switch (error) {
    case X509_V_OK:
        return TLS_TRUSTED;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return TLS_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return TLS_UNKNOWN_AUTHORITY;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return TLS_WRONG_SIGNATURE;
    default:
        return TLS_DISTRUSTED;
    }
}

static void read_session(const struct tls_target *target, SSL *ssl, const struct verdict *verdict,
                         struct tls_report *report)
{
    STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);

    report->reached = TLS_SHAKEN;
    (void)snprintf(report->version, sizeof(report->version), "%s", SSL_get_version(ssl));
    (void)snprintf(report->cipher, sizeof(report->cipher), "%s", SSL_get_cipher_name(ssl));
    for (int i = 0; i < sk_X509_num(chain) && i < TLS_CHAIN_MAX; i++) {
        tls_describe(sk_X509_value(chain, i), &report->chain[report->chain_length++]);
    }
    report->trust = target->root_file == NULL ? TLS_UNCHECKED : trust_of(verdict->error);
    (void)snprintf(report->distrust, sizeof(report->distrust), "%s",
                   X509_verify_cert_error_string(verdict->error));
    report->distrusted = (size_t)verdict->depth < report->chain_length ? (size_t)verdict->depth : 0;
    report->is_name_right =
        sk_X509_num(chain) > 0 && tls_is_for(sk_X509_value(chain, 0), target->host);
}

static bool shake(SSL *ssl, int fd, uint64_t deadline_ns, struct tls_report *report)
{
    char reason[128];

    for (;;) {
        int code = SSL_connect(ssl);
        int wanted = code == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, code);

        if (wanted == SSL_ERROR_NONE) {
            return true;
        }
        if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) {
            return err_set(&report->err, ERR_CONNECT, "the TLS handshake failed: %s",
                           tls_reason(reason, sizeof(reason)));
        }
        if (!wait_for(fd, wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_ns)) {
            return err_set(&report->err, ERR_CONNECT, "the TLS handshake did not end in time");
        }
    }
}

static SSL_CTX *new_context(const struct tls_target *target, struct tls_report *report)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    char reason[128];

    if (context == NULL) {
        (void)err_set(&report->err, ERR_INTERNAL, "no TLS here: %s",
                      tls_reason(reason, sizeof(reason)));
        return NULL;
    }
    if (target->root_file != NULL &&
        SSL_CTX_load_verify_locations(context, target->root_file, NULL) != 1) {
        (void)err_set(&report->err, ERR_CONFIG, "%s holds no certificate: %s", target->root_file,
                      tls_reason(reason, sizeof(reason)));
        SSL_CTX_free(context);
        return NULL;
    }
    if (target->root_file != NULL &&
        (target->revoked_file != NULL || target->revoked_directory != NULL) &&
        SSL_CTX_load_verify_locations(context, target->revoked_file, target->revoked_directory) ==
            1) {
        (void)X509_STORE_set_flags(SSL_CTX_get_cert_store(context),
                                   X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_client_cert_cb(context, on_asked);
    (void)SSL_CTX_set_app_data(context, report);
    return context;
}

/* A name goes into the handshake, an address must not (RFC 6066). */
static void send_name(SSL *ssl, const char *host)
{
    unsigned char bytes[16];
    char name[TLS_NAME_MAX]; /* OpenSSL's macro wants it writable */

    if (host[0] != '\0' && inet_pton(AF_INET, host, bytes) != 1 &&
        inet_pton(AF_INET6, host, bytes) != 1) {
        (void)snprintf(name, sizeof(name), "%s", host);
        (void)SSL_set_tlsext_host_name(ssl, name);
    }
}

static void handshake(const struct tls_target *target, int fd, uint64_t deadline_ns,
                      struct tls_report *report)
{
    struct verdict verdict = {.error = X509_V_OK};
    SSL_CTX *context = new_context(target, report);
    SSL *ssl = context != NULL ? SSL_new(context) : NULL;

    if (ssl != NULL && SSL_set_fd(ssl, fd) == 1) {
        (void)SSL_set_app_data(ssl, &verdict);
        send_name(ssl, target->host);
        if (shake(ssl, fd, deadline_ns, report)) {
            read_session(target, ssl, &verdict, report);
            (void)SSL_shutdown(ssl);
        }
    }
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(context);
}

void tls_look(const struct tls_target *target, struct tls_report *ret)
{
    const char *where = target->address != NULL ? target->address : target->host;
    uint64_t deadline_ns;
    int fd = -1;

    *ret = (struct tls_report){.reached = TLS_UNRESOLVED};
    if (!(where[0] == '/' ? connect_local(target, where, ret, &fd)
                          : connect_far(target, where, ret, &fd))) {
        return;
    }
    deadline_ns = clock_after_ms((uint64_t)target->timeout_ms);
    if (target->wants_tls) {
        ret->reached = TLS_UNSHAKEN;
        if (ask_for_tls(fd, deadline_ns, ret)) {
            handshake(target, fd, deadline_ns, ret);
        }
    }
    (void)close(fd);
}
