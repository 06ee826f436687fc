#include "ora/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ora/fault.h"
#include "ora/heap.h"
#include "ora/wallet.h"

enum { NAME_ROOM = 128 };

struct ora_tls {
    struct ora_tls_options options;
    SSL_CTX *ctx;
    SSL *ssl;
    char about[80];
};

void ora_tls_free(struct ora_tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        SSL_CTX_free(tls->ctx);
        free(tls);
    }
}

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

    if (tls != NULL) {
        tls->ctx = SSL_CTX_new(TLS_client_method());
    }
    if (tls == NULL || tls->ctx == NULL) {
        (void)ora_fault_memory(error);
        ora_tls_free(tls);
        return NULL;
    }
    tls->options = *options;
    SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_min_proto_version(tls->ctx, lowest(options->version));
    (void)SSL_CTX_set_max_proto_version(tls->ctx, highest(options->version));
    (void)SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                         SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_default_verify_paths(tls->ctx);
    if (options->wallet_dir != NULL &&
        !ora_wallet_use(tls->ctx, options->wallet_dir, options->wallet_password, error)) {
        ora_tls_free(tls);
        return NULL;
    }
    return tls;
}

/* After OpenSSL could not go on: waits for what it wants. */
static enum ora_waited wait_on(const struct ora_tls *tls, int result, int fd, int64_t deadline_ms)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return ora_wait(fd, POLLIN, deadline_ms);
    case SSL_ERROR_WANT_WRITE:
        return ora_wait(fd, POLLOUT, deadline_ms);
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

static bool is_of(X509 *certificate, const char *host)
{
    return host != NULL && (X509_check_host(certificate, host, 0,
                                            X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT, NULL) == 1 ||
                            X509_check_ip_asc(certificate, host, 0) == 1);
}

/* By its alternative names or its common name; a star stands for a part of the first label. */
static bool check_name(const struct ora_tls *tls, struct octo_ora_error *error)
{
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    char name[NAME_ROOM] = "";

    if (!tls->options.matches_name || is_of(certificate, tls->options.host) ||
        is_of(certificate, tls->options.other_host)) {
        return true;
    }
    (void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                                    sizeof(name));
    return ora_fault(
        error, OCTO_ORA_CONNECT,
        "TLS: the server's certificate is of %.128s, not of %.128s: name the host as its "
        "certificate does",
        name[0] != '\0' ? name : "(no common name)", tls->options.host);
}

bool ora_tls_shake(struct ora_tls *tls, int fd, int64_t deadline_ms, struct octo_ora_error *error)
{
    enum ora_waited waited = ORA_WAITED_DONE;
    int result;

    SSL_free(tls->ssl);
    tls->ssl = SSL_new(tls->ctx);
    if (tls->ssl == NULL || SSL_set_fd(tls->ssl, fd) != 1 ||
        (tls->options.route_name != NULL &&
         SSL_set_tlsext_host_name(tls->ssl, tls->options.route_name) != 1)) {
        return ora_fault_memory(error);
    }
    ERR_clear_error();
    while (waited == ORA_WAITED_DONE && (result = SSL_connect(tls->ssl)) != 1) {
        waited = wait_on(tls, result, fd, deadline_ms);
    }
    (void)snprintf(tls->about, sizeof(tls->about), "%s %s", SSL_get_version(tls->ssl),
                   SSL_get_cipher_name(tls->ssl));
    return waited == ORA_WAITED_DONE ? check_name(tls, error) : shake_failed(tls, waited, error);
}

const char *ora_tls_about(const struct ora_tls *tls)
{
    return tls->about;
}

/* --- bytes --- */

enum ora_waited ora_tls_read(struct ora_tls *tls, int fd, int64_t deadline_ms, uint8_t *bytes,
                             size_t room, size_t *ret_count)
{
    for (;;) {
        enum ora_waited waited;
        int result;

        ERR_clear_error();
        result = SSL_read_ex(tls->ssl, bytes, room, ret_count);
        if (result == 1) {
            return ORA_WAITED_DONE;
        }
        waited = wait_on(tls, result, fd, deadline_ms);
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
        waited = wait_on(tls, result, fd, deadline_ms);
        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
    }
    return ORA_WAITED_DONE;
}
