/*
 * Certificates and keys, from files and as they came over the line. Text of a certificate is
 * somebody else's: what is not printable ASCII is shown as a question mark, what is long is cut.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/buf.h"
#include "core/clock.h"

#include "net/tls_priv.h"

const char *tls_reason(char *out, size_t size)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    (void)snprintf(out, size, "%s", reason != NULL ? reason : "no reason given");
    ERR_clear_error();
    return out;
}

/* --- what a certificate says --- */

static void copy_printable(const unsigned char *bytes, int length, char *out, size_t size)
{
    size_t count = 0;

    for (int i = 0; i < length && count + 1 < size; i++) {
        char c = (char)bytes[i];

        out[count++] = '?';
        if (c >= ' ' && c < 0x7f) {
            out[count - 1] = c;
        }
    }
    out[count] = '\0';
}

static void describe_name(const X509_NAME *name, char out[TLS_NAME_MAX])
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    char whole[TLS_NAME_MAX] = "";

    if (at >= 0) {
        const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));

        copy_printable(ASN1_STRING_get0_data(text), ASN1_STRING_length(text), out, TLS_NAME_MAX);
    } else {
        (void)X509_NAME_oneline(name, whole, sizeof(whole));
        (void)snprintf(out, TLS_NAME_MAX, "%s", whole);
    }
}

static void describe_address(const ASN1_OCTET_STRING *address, char *out, size_t size)
{
    const unsigned char *bytes = ASN1_STRING_get0_data(address);
    char *text = ASN1_STRING_length(address) == 4 || ASN1_STRING_length(address) == 16
                     ? i2s_ASN1_OCTET_STRING(NULL, address)
                     : NULL;

    if (ASN1_STRING_length(address) == 4) {
        (void)snprintf(out, size, "%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
    } else {
        (void)snprintf(out, size, "address %s", text != NULL ? text : "?");
    }
    OPENSSL_free(text);
}

/* The names that a client compares; without any, the common name stands for them. */
static void describe_names(X509 *certificate, struct tls_certificate *ret)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    struct buf list;
    char name[TLS_NAME_MAX];

    buf_init(&list, TLS_NAMES_MAX - 1);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !list.bad; i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(names, i);

        if (entry->type == GEN_DNS) {
            copy_printable(ASN1_STRING_get0_data(entry->d.dNSName),
                           ASN1_STRING_length(entry->d.dNSName), name, sizeof(name));
        } else if (entry->type == GEN_IPADD) {
            describe_address(entry->d.iPAddress, name, sizeof(name));
        } else {
            continue;
        }
        buf_printf(&list, "%s%s", list.length > 0 ? ", " : "", name);
    }
    (void)snprintf(ret->names, sizeof(ret->names), "%s",
                   list.length > 0 ? list.data : ret->subject);
    buf_fini(&list);
    GENERAL_NAMES_free(names);
}

/* --- whose it is --- */

static bool is_host_name(const char *name, size_t length, const char *host)
{
    const size_t host_length = strlen(host);
    const char *suffix;

    if (length == host_length && strncasecmp(name, host, length) == 0) {
        return true;
    }
    if (length < 3 || name[0] != '*' || name[1] != '.' || length > host_length) {
        return false;
    }
    suffix = host + host_length - (length - 1);
    return strncasecmp(name + 1, suffix, length - 1) == 0 && strchr(host, '.') == suffix;
}

static bool is_address(const ASN1_STRING *bytes, const char *host)
{
    unsigned char address[16];
    const size_t size = inet_pton(AF_INET, host, address) == 1    ? 4
                        : inet_pton(AF_INET6, host, address) == 1 ? 16
                                                                  : 0;

    return size > 0 && ASN1_STRING_length(bytes) == (int)size &&
           memcmp(ASN1_STRING_get0_data(bytes), address, size) == 0;
}

static bool is_name(const ASN1_STRING *name, const char *host)
{
    return is_host_name((const char *)ASN1_STRING_get0_data(name), (size_t)ASN1_STRING_length(name),
                        host);
}

static bool is_common_name(X509 *certificate, const char *host)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    return at >= 0 && is_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), host);
}

bool tls_is_for(X509 *certificate, const char *host)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    unsigned char bytes[16];
    const int kind = inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1
                         ? GEN_IPADD
                         : GEN_DNS;
    bool has_kind = false;
    bool is_for = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !is_for; i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(names, i);

        has_kind |= entry->type == kind;
        is_for = (entry->type == GEN_DNS && is_name(entry->d.dNSName, host)) ||
                 (entry->type == GEN_IPADD && is_address(entry->d.iPAddress, host));
    }
    GENERAL_NAMES_free(names);
    return is_for || (!has_kind && is_common_name(certificate, host));
}

static int64_t utc_us_of(const ASN1_TIME *time)
{
    struct tm parts = {0};

    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * CLOCK_US_PER_S : 0;
}

void tls_describe(X509 *certificate, struct tls_certificate *ret)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    const X509_NAME *issuer = X509_get_issuer_name(certificate);

    *ret = (struct tls_certificate){0};
    describe_name(subject, ret->subject);
    describe_name(issuer, ret->issuer);
    describe_names(certificate, ret);
    ret->not_before_us = utc_us_of(X509_get0_notBefore(certificate));
    ret->not_after_us = utc_us_of(X509_get0_notAfter(certificate));
    ret->is_self_issued = X509_NAME_cmp(subject, issuer) == 0;
}

/* --- files --- */

static BIO *open_file(const char *path, struct err *err)
{
    BIO *file;

    errno = 0;
    file = BIO_new_file(path, "rb");
    if (file == NULL) {
        (void)err_set(err, ERR_CONFIG, "%s: %s", path,
                      errno != 0 ? strerrordesc_np(errno) : "cannot be opened");
        ERR_clear_error();
    }
    return file;
}

static X509 *load_certificate(const char *path, struct err *err)
{
    BIO *file = open_file(path, err);
    X509 *certificate;

    if (file == NULL) {
        return NULL;
    }
    certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
    if (certificate == NULL) {
        (void)err_set(err, ERR_CONFIG, "%s holds no certificate in PEM form", path);
    }
    ERR_clear_error();
    (void)BIO_free(file);
    return certificate;
}

/* Without it OpenSSL would ask at the terminal. */
static int give_password(char *out, int size, int is_writing, void *password)
{
    size_t length = password != NULL ? strlen(password) : 0;

    (void)is_writing;
    if (length >= (size_t)size) {
        return -1;
    }
    (void)snprintf(out, (size_t)size, "%s", length > 0 ? (const char *)password : "");
    return (int)length;
}

static EVP_PKEY *load_key(const char *path, const char *password, struct err *err)
{
    BIO *file = open_file(path, err);
    char reason[128];
    EVP_PKEY *key;

    if (file == NULL) {
        return NULL;
    }
    key = PEM_read_bio_PrivateKey(file, NULL, give_password, (void *)(uintptr_t)password);
    if (key == NULL && BIO_reset(file) == 0) {
        key = d2i_PrivateKey_bio(file, NULL);
    }
    if (key == NULL) {
        (void)err_set(err, ERR_CONFIG, "%s holds no private key that can be read: %s", path,
                      tls_reason(reason, sizeof(reason)));
    }
    ERR_clear_error();
    (void)BIO_free(file);
    return key;
}

bool tls_read_certificates(const char *path, struct tls_certificate ret[TLS_CHAIN_MAX],
                           size_t *ret_count, struct err *err)
{
    BIO *file = open_file(path, err);
    size_t count = 0;
    X509 *certificate;

    if (file == NULL) {
        return false;
    }
    while (count < TLS_CHAIN_MAX &&
           (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        tls_describe(certificate, &ret[count++]);
        X509_free(certificate);
    }
    ERR_clear_error();
    (void)BIO_free(file);
    *ret_count = count;
    return count > 0 || err_set(err, ERR_CONFIG, "%s holds no certificate in PEM form", path);
}

bool tls_key_fits(const char *certificate_path, const char *key_path, const char *password,
                  bool *ret_fits, struct err *err)
{
    X509 *certificate = load_certificate(certificate_path, err);
    EVP_PKEY *key = certificate != NULL ? load_key(key_path, password, err) : NULL;
    bool is_read = key != NULL;

    if (is_read) {
        *ret_fits = X509_check_private_key(certificate, key) == 1;
        ERR_clear_error();
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    return is_read;
}
