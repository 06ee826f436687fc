/*
 * net/tls.h: a look at a PostgreSQL server's TLS and at certificate and key files, for people who
 * want to know what is wrong. The handshake asks for encryption as the server's protocol does, and
 * goes on whatever the server's certificate is like: everything is recorded, nothing is judged.
 * Nothing but the handshake is sent, so no secret can leave.
 * Threads: any; nothing is shared.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

enum {
    TLS_CHAIN_MAX = 8,
    TLS_NAME_MAX = 256,
    TLS_NAMES_MAX = 512,
};

struct tls_certificate {
    char subject[TLS_NAME_MAX]; /* its common name, or all of its name where it has none */
    char issuer[TLS_NAME_MAX];
    char names[TLS_NAMES_MAX]; /* hosts it is for: "localhost, 10.0.0.1"; may be cut */
    int64_t not_before_us;
    int64_t not_after_us;
    bool is_self_issued;
};

/* Whom to look at; texts are borrowed for the call. */
struct tls_target {
    const char *host;    /* held against the certificate, and sent as SNI when it is a name */
    const char *address; /* where to connect; NULL: the host. Begins with /: a socket's directory */
    const char *port;    /* decimal */
    const char *root_file;    /* authorities to trust; NULL: none */
    const char *revoked_file; /* lists of what they revoked: a file, a directory; NULL: none */
    const char *revoked_directory;
    bool wants_tls;     /* false: only connect */
    int64_t timeout_ms; /* of the connection and of the handshake, each */
};

/* How far it came. */
enum tls_reached {
    TLS_UNRESOLVED,  /* the name has no address */
    TLS_UNCONNECTED, /* nothing answers there */
    TLS_CONNECTED,   /* and no TLS was wanted */
    TLS_UNOFFERED,   /* the server has no TLS */
    TLS_UNSHAKEN,    /* the handshake failed */
    TLS_SHAKEN,
};

enum tls_trust {
    TLS_UNCHECKED, /* without a root file */
    TLS_TRUSTED,
    TLS_SELF_SIGNED,       /* it is its own authority, and the root file does not hold it */
    TLS_UNKNOWN_AUTHORITY, /* the root file has no authority of this name */
    TLS_WRONG_SIGNATURE,   /* it has one of that name, which did not sign it */
    TLS_DISTRUSTED,        /* for another reason */
};

struct tls_report {
    enum tls_reached reached;
    struct err err;    /* why it came no further than that */
    char address[112]; /* "127.0.0.1:5432" or the socket's path */
    uint64_t connect_us;

    /* TLS_SHAKEN only: */
    char version[16]; /* "TLSv1.3" */
    char cipher[64];
    struct tls_certificate chain[TLS_CHAIN_MAX]; /* the server's, then its authorities' */
    size_t chain_length;
    enum tls_trust trust; /* dates left aside: they stand in the certificates */
    char distrust[128];   /* OpenSSL's reason */
    size_t distrusted;    /* of which link of the chain */
    bool is_name_right;   /* the certificate is for the host */
    bool asks_for_client_certificate;
};

void tls_look(const struct tls_target *target, struct tls_report *ret);

/* Reads the certificates of a PEM file, TLS_CHAIN_MAX at most. Errors name the file. */
MUST_CHECK bool tls_read_certificates(const char *path, struct tls_certificate ret[TLS_CHAIN_MAX],
                                      size_t *ret_count, struct err *err);
/* Does the private key, PEM or DER, belong to the file's first certificate? Errors name the file at
 * fault. */
MUST_CHECK bool tls_key_fits(const char *certificate_path, const char *key_path,
                             const char *password, bool *ret_fits, struct err *err);

#endif
