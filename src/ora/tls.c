#include "ora/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ora/certificate.h"
#include "ora/fault.h"
#include "ora/heap.h"

struct ora_tls {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO_METHOD *socket; /* how the two below it are used */
    int fd;
    char about[80];
};

void ora_tls_free(struct ora_tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        SSL_CTX_free(tls->ctx);
        BIO_meth_free(tls->socket);
        free(tls);
    }
}

/* --- the socket ---
 *
 * OpenSSL's own BIO of a socket writes so that a connection which the other side has closed raises
 * SIGPIPE, and that ends a program which does not expect it. */

static int fd_of(BIO *bio)
{
    const struct ora_tls *tls = BIO_get_data(bio);

    return tls->fd;
}

static int socket_write(BIO *bio, const char *bytes, size_t count, size_t *ret_count)
{
    ssize_t sent;

    do {
        sent = send(fd_of(bio), bytes, count, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    BIO_clear_retry_flags(bio);
    if (sent < 0 && errno == EAGAIN) {
        BIO_set_retry_write(bio);
    }
    *ret_count = sent > 0 ? (size_t)sent : 0;
    return sent > 0;
}

static int socket_read(BIO *bio, char *bytes, size_t room, size_t *ret_count)
{
    ssize_t count;

    do {
        count = recv(fd_of(bio), bytes, room, 0);
    } while (count < 0 && errno == EINTR);
    BIO_clear_retry_flags(bio);
    if (count < 0 && errno == EAGAIN) {
        BIO_set_retry_read(bio);
    }
    if (count == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    }
    *ret_count = count > 0 ? (size_t)count : 0;
    return count > 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL says how it is called. */
static long socket_control(BIO *bio, int command, long number, void *arg)
{
    (void)number;
    (void)arg;
    return command == BIO_CTRL_FLUSH ||
           (command == BIO_CTRL_EOF && BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0);
}

static BIO_METHOD *new_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket without signals");

    if (method != NULL && (BIO_meth_set_write_ex(method, socket_write) != 1 ||
                           BIO_meth_set_read_ex(method, socket_read) != 1 ||
                           BIO_meth_set_ctrl(method, socket_control) != 1)) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

static bool use_socket(struct ora_tls *tls, int fd)
{
    BIO *bio = BIO_new(tls->socket);

    if (bio == NULL) {
        return false;
    }
    tls->fd = fd;
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio); /* which frees it */
    return true;
}

/* --- what is spoken, and who is trusted --- */

static int lowest(uint32_t version)
{
    return version == ORA_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

static int highest(uint32_t version)
{
    return version == ORA_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

struct ora_tls *ora_tls_new(const struct ora_tls_options *options, struct octo_ora_error *error)
{
    struct ora_tls *tls = ora_heap_zeroed(1, sizeof(*tls));
    bool has_authorities = false;

    if (tls != NULL) {
        tls->socket = new_method();
        tls->ctx = SSL_CTX_new(TLS_client_method());
    }
    if (tls == NULL || tls->ctx == NULL || tls->socket == NULL) {
        (void)ora_fault_memory(error);
        ora_tls_free(tls);
        return NULL;
    }
    SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_min_proto_version(tls->ctx, lowest(options->version));
    (void)SSL_CTX_set_max_proto_version(tls->ctx, highest(options->version));
    (void)SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                         SSL_MODE_RELEASE_BUFFERS);
    if (!ora_wallet_use(tls->ctx, &options->wallet, &has_authorities, error)) {
        ora_tls_free(tls);
        return NULL;
    }
    if (!has_authorities) {
        (void)SSL_CTX_set_default_verify_paths(tls->ctx);
    }
    return tls;
}

/* After OpenSSL could not go on: waits for what it wants. */
static enum ora_waited wait_on(const struct ora_tls *tls, int result, int fd, int64_t deadline_ms,
                               int bell)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return ora_wait_or_bell(fd, POLLIN, deadline_ms, bell);
    case SSL_ERROR_WANT_WRITE:
        return ora_wait_or_bell(fd, POLLOUT, deadline_ms, bell);
    default:
        return ORA_WAITED_LOST;
    }
}

/* --- the handshake --- */

static const char *why_not_verified(long result)
{
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the server's certificate, or one of its authorities', has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the server's certificate is not valid yet: look at this machine's clock";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return "the server's certificate is of an authority that is not trusted: its certificate "
               "belongs into the wallet";
    default:
        return X509_verify_cert_error_string(result);
    }
}

static bool shake_failed(const struct ora_tls *tls, enum ora_waited waited,
                         struct octo_ora_error *error)
{
    const long result = SSL_get_verify_result(tls->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    if (waited == ORA_WAITED_TOO_LONG) {
        return ora_fault(error, OCTO_ORA_CONNECT,
                         "TLS: no answer in time: does the server speak TLS there?");
    }
    if (result != X509_V_OK) {
        return ora_fault(error, OCTO_ORA_CONNECT, "TLS: %s", why_not_verified(result));
    }
    return ora_fault(error, OCTO_ORA_CONNECT, "TLS: %s",
                     reason != NULL ? reason
                                    : "the server ended the connection: does it speak TLS?");
}

static bool check_name(const struct ora_tls *tls, const struct ora_tls_options *options,
                       struct octo_ora_error *error)
{
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    char text[ORA_DN_TEXT_MAX + 1];
    struct ora_dn subject;
    struct ora_dn wanted;
    const char *at;
    const bool is_known = ora_certificate_subject(certificate, &subject);

    ora_dn_write(&subject, text);
    if (!options->matches_name) {
        return true;
    }
    if (options->dn.length > 0) {
        return (is_known && ora_dn_read(options->dn, &wanted, &at) == NULL &&
                ora_dn_is_same(&subject, &wanted)) ||
               ora_fault(error, OCTO_ORA_CONNECT,
                         "TLS: the server's certificate is of \"%.180s\", not of \"%.*s\", as "
                         "SSL_SERVER_CERT_DN wants it",
                         text, (int)(options->dn.length > 180 ? 180 : options->dn.length),
                         options->dn.at);
    }
    return ora_certificate_is_of_host(certificate, options->host) ||
           ora_certificate_is_of_host(certificate, options->other_host) ||
           ora_fault(error, OCTO_ORA_CONNECT,
                     "TLS: the server's certificate is of \"%.180s\", not of %.128s: name the host "
                     "as its certificate does",
                     text, options->host);
}

bool ora_tls_shake(struct ora_tls *tls, const struct ora_tls_options *options, int fd,
                   int64_t deadline_ms, struct octo_ora_error *error)
{
    enum ora_waited waited = ORA_WAITED_DONE;
    int result;

    SSL_free(tls->ssl);
    tls->ssl = SSL_new(tls->ctx);
    if (tls->ssl == NULL || !use_socket(tls, fd) ||
        (options->route_name != NULL &&
         SSL_ctrl(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  (void *)(uintptr_t)options->route_name) != 1)) {
        return ora_fault_memory(error);
    }
    ERR_clear_error();
    while (waited == ORA_WAITED_DONE && (result = SSL_connect(tls->ssl)) != 1) {
        waited = wait_on(tls, result, fd, deadline_ms, -1);
    }
    (void)snprintf(tls->about, sizeof(tls->about), "%s %s", SSL_get_version(tls->ssl),
                   SSL_get_cipher_name(tls->ssl));
    return waited == ORA_WAITED_DONE ? check_name(tls, options, error)
                                     : shake_failed(tls, waited, error);
}

const char *ora_tls_about(const struct ora_tls *tls)
{
    return tls->about;
}

/* --- bytes --- */

enum ora_waited ora_tls_read(struct ora_tls *tls, int fd, int64_t deadline_ms, int bell,
                             uint8_t *bytes, size_t room, size_t *ret_count)
{
    for (;;) {
        enum ora_waited waited;
        int result;

        ERR_clear_error();
        result = SSL_read_ex(tls->ssl, bytes, room, ret_count);
        if (result == 1) {
            return ORA_WAITED_DONE;
        }
        waited = wait_on(tls, result, fd, deadline_ms, bell);
        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
    }
}

enum ora_waited ora_tls_write(struct ora_tls *tls, int fd, int64_t deadline_ms,
                              const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        enum ora_waited waited;
        size_t written = 0;
        int result;

        ERR_clear_error();
        result = SSL_write_ex(tls->ssl, bytes, count, &written);
        if (result == 1) {
            bytes += written;
            count -= written;
            continue;
        }
        waited = wait_on(tls, result, fd, deadline_ms, -1);
        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
    }
    return ORA_WAITED_DONE;
}
