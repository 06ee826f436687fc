/*
 * octo doctor, the way to a server: from the name of the host to the expiry of its certificate. Our
 * own certificate and key are files; whether the server likes them is seen by signing in.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/doctor.h"
#include "core/clock.h"
#include "core/text.h"
#include "net/tls.h"

#define DAY_US (INT64_C(86400) * 1000000)

enum { TIMEOUT_MS = 5000, EXPIRY_WARN_DAYS = 30, DATE_LENGTH = 10 };

#define ADDRESS "address"
#define TLS "TLS"
#define AUTHORITY "authority"
#define HOST_NAME "host name"
#define SERVER_CERTIFICATE "server certificate"
#define ROOT_CERTIFICATE "root certificate"
#define CLIENT_CERTIFICATE "client certificate"
#define CLIENT_KEY "client key"

/* What a look at the server's TLS checks, where it comes so far. */
static const char *const TLS_CHECKS[] = {TLS, AUTHORITY, HOST_NAME, SERVER_CERTIFICATE};
enum { TLS_CHECK_COUNT = sizeof(TLS_CHECKS) / sizeof(TLS_CHECKS[0]) };

/* --- expiry --- */

static const char *date_of(int64_t us, char out[UTC_TEXT_MAX])
{
    (void)utc_format(us, out);
    out[DATE_LENGTH] = '\0';
    return out;
}

/* `whose` begins the line: "localhost's", a file. */
static enum finding_state add_expiry(struct findings *out, const char *check, const char *whose,
                                     const struct tls_certificate *certificate, const char *remedy)
{
    int64_t now_us = clock_utc_us();
    int64_t left_us = certificate->not_after_us - now_us;
    enum finding_state state = FINDING_OK;
    char date[UTC_TEXT_MAX];

    if (now_us < certificate->not_before_us) {
        state = FINDING_FAIL;
        finding_add(out, check, state, "%s (\"%s\") is not valid before %s", whose,
                    certificate->subject, date_of(certificate->not_before_us, date));
        finding_remedy(out, "%s, or set this machine's clock", remedy);
        return state;
    }
    (void)date_of(certificate->not_after_us, date);
    if (left_us < 0) {
        state = FINDING_FAIL;
        finding_add(out, check, state, "%s (\"%s\") expired on %s, %lld days ago", whose,
                    certificate->subject, date, (long long)(-left_us / DAY_US));
    } else {
        state = left_us < EXPIRY_WARN_DAYS * DAY_US ? FINDING_WARN : FINDING_OK;
        finding_add(out, check, state, "%s (\"%s\") expires in %lld days, on %s", whose,
                    certificate->subject, (long long)(left_us / DAY_US), date);
    }
    if (state != FINDING_OK) {
        finding_remedy(out, "%s", remedy);
    }
    return state;
}

/* --- the server --- */

/* Does libpq refuse a server whose certificate nobody vouches for? */
static bool checks_authority(const struct db_route *route)
{
    return route->privacy >= DB_PRIVACY_TRUSTED || route->root_file != NULL;
}

static bool add_address(const struct db_endpoint *endpoint, const struct tls_report *report,
                        struct findings *out)
{
    if (report->reached == TLS_UNRESOLVED) {
        finding_add(out, ADDRESS, FINDING_FAIL, "%s has no address: %s", endpoint->address,
                    report->err.text);
        finding_remedy(out, "check the host in the database URL");
        return false;
    }
    if (report->reached == TLS_UNCONNECTED) {
        finding_add(out, ADDRESS, FINDING_FAIL, "%s (%s): %s", endpoint->host, report->address,
                    report->err.text);
        finding_remedy(out, "no server listens there: start it, or check host and port in the "
                            "database URL");
        return false;
    }
    finding_add(out, ADDRESS, FINDING_OK, "%s (%s) answers in %.1f ms", endpoint->host,
                report->address, (double)report->connect_us / 1e3);
    return true;
}

static const char *add_no_tls(const struct db_route *route, const struct db_endpoint *endpoint,
                              struct findings *out)
{
    const bool is_needed = route->privacy > DB_PRIVACY_OPTIONAL;

    if (!is_needed && route->is_local) {
        findings_skip(out, TLS_CHECKS, TLS_CHECK_COUNT,
                      "the server has none, and on this machine it needs none");
        return NULL;
    }
    finding_add(out, TLS, is_needed ? FINDING_FAIL : FINDING_WARN, "%s has no TLS", endpoint->host);
    finding_remedy(out, "switch ssl on in the server's postgresql.conf");
    findings_skip(out, TLS_CHECKS + 1, TLS_CHECK_COUNT - 1, "there is no TLS");
    return is_needed ? "the server has no TLS" : NULL;
}

static bool add_authority(const struct db_route *route, const struct db_endpoint *endpoint,
                          const struct tls_report *report, struct findings *out)
{
    const struct tls_certificate *certificate = &report->chain[0];
    const struct tls_certificate *last = &report->chain[report->chain_length - 1];

    if (report->trust == TLS_TRUSTED) {
        finding_add(out, AUTHORITY, FINDING_OK, "\"%s\" of %s vouches for the server",
                    last->subject, route->root_file);
        return true;
    }
    if (report->trust == TLS_UNCHECKED && checks_authority(route)) {
        findings_skip(out, (const char *const[]){AUTHORITY}, 1,
                      "there is no root certificate to hold it against");
        return true;
    }
    if (report->trust == TLS_UNCHECKED) {
        finding_add(out, AUTHORITY, FINDING_WARN, "nobody vouches for \"%s\"",
                    certificate->subject);
        finding_remedy(out, "name the authority's certificate (sslrootcert=FILE) and "
                            "sslmode=verify-full in the database URL");
        return true;
    }
    if (report->trust == TLS_SELF_SIGNED) {
        finding_add(out, AUTHORITY, FINDING_FAIL,
                    "%s shows a self-signed certificate, \"%s\", that %s does not hold",
                    endpoint->host, certificate->subject, route->root_file);
        finding_remedy(out, "give the server a certificate of your authority, or add its own to "
                            "the file");
    } else if (report->trust == TLS_UNKNOWN_AUTHORITY) {
        finding_add(
            out, AUTHORITY, FINDING_FAIL,
            "%s shows a certificate of the unknown authority \"%s\", which %s does not hold",
            endpoint->host, last->issuer, route->root_file);
        finding_remedy(out, "name the file with that authority's certificate (sslrootcert)");
    } else if (report->trust == TLS_WRONG_SIGNATURE) {
        finding_add(out, AUTHORITY, FINDING_FAIL,
                    "%s shows a certificate of \"%s\", but the authority of that name in %s did "
                    "not sign it",
                    endpoint->host, certificate->issuer, route->root_file);
        finding_remedy(out, "name the file with the authority that did (sslrootcert)");
    } else {
        finding_add(out, AUTHORITY, FINDING_FAIL, "%s shows a certificate that is refused: %s",
                    endpoint->host, report->distrust);
        finding_remedy(out, "give the server another certificate");
    }
    return false;
}

static bool add_host_name(const struct db_route *route, const struct db_endpoint *endpoint,
                          const struct tls_report *report, struct findings *out)
{
    bool is_needed = route->privacy == DB_PRIVACY_FULL;

    if (report->is_name_right) {
        finding_add(out, HOST_NAME, is_needed || route->is_local ? FINDING_OK : FINDING_WARN,
                    "the certificate is for %s%s", report->chain[0].names,
                    is_needed ? "" : ", which the database URL does not have checked");
        if (!is_needed && !route->is_local) {
            finding_remedy(out, "sslmode=verify-full in the database URL");
        }
        return true;
    }
    finding_add(out, HOST_NAME, is_needed ? FINDING_FAIL : FINDING_WARN,
                "the certificate is for %s, not for %s", report->chain[0].names, endpoint->host);
    finding_remedy(out, "name the host in the database URL as the certificate does (hostaddr= says "
                        "where it is), or give the server a certificate for it");
    return !is_needed;
}

/* Adds what a look at one endpoint tells; NULL or the obstacle. */
static const char *add_tls(const struct db_route *route, const struct db_endpoint *endpoint,
                           const struct tls_report *report, struct findings *out)
{
    bool is_trusted;
    bool is_named;
    bool is_in_time;

    if (report->reached == TLS_UNOFFERED) {
        return add_no_tls(route, endpoint, out);
    }
    if (report->reached != TLS_SHAKEN || report->chain_length == 0) {
        finding_add(out, TLS, FINDING_FAIL, "%s (%s): %s", endpoint->host, report->address,
                    report->err.text);
        finding_remedy(out, "look at the server's log");
        findings_skip(out, TLS_CHECKS + 1, TLS_CHECK_COUNT - 1, "there is no TLS");
        return "there is no TLS";
    }
    finding_add(out, TLS, FINDING_OK, "%s, %s", report->version, report->cipher);
    is_trusted = add_authority(route, endpoint, report, out);
    is_named = add_host_name(route, endpoint, report, out);
    is_in_time =
        add_expiry(out, SERVER_CERTIFICATE, arena_printf(out->arena, "%s's", endpoint->host),
                   &report->chain[0], "renew the server's certificate") != FINDING_FAIL ||
        !checks_authority(route);
    return is_trusted && is_named && is_in_time ? NULL : "libpq refuses the server's certificate";
}

/* --- our files --- */

/* As libpq judges it: a key of root's may be read by its group. */
static bool is_open_to_others(const struct stat *info)
{
    mode_t others = info->st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;

    return (info->st_mode & others) != 0;
}

static bool add_key(const struct db_route *route, struct findings *out)
{
    struct err err;
    struct stat info;
    bool fits = false;

    if (route->key_file == NULL || stat(route->key_file, &info) != 0) {
        finding_add(out, CLIENT_KEY, FINDING_FAIL, "%s: %s",
                    route->key_file != NULL ? route->key_file : "no key is named",
                    route->key_file != NULL ? strerrordesc_np(errno) : "the certificate needs one");
        finding_remedy(out, "create the file or name another one (sslkey)");
        return false;
    }
    if (is_open_to_others(&info)) {
        finding_add(out, CLIENT_KEY, FINDING_FAIL, "%s may be read by others than its owner (%04o)",
                    route->key_file, (unsigned)info.st_mode & 07777U);
        finding_remedy(out, "chmod 600 %s; if others could have read it, make a new key",
                       route->key_file);
        return false;
    }
    if (!tls_key_fits(route->certificate_file, route->key_file, route->key_password, &fits, &err)) {
        finding_add(out, CLIENT_KEY, FINDING_FAIL, "%s", err.text);
        finding_remedy(out, "name the file with the certificate's key (sslkey), and its password "
                            "if it has one (sslpassword)");
        return false;
    }
    if (!fits) {
        finding_add(out, CLIENT_KEY, FINDING_FAIL, "%s is the key of another certificate than %s",
                    route->key_file, route->certificate_file);
        finding_remedy(out, "sslcert and sslkey must belong together");
        return false;
    }
    finding_add(out, CLIENT_KEY, FINDING_OK, "%s fits, and only its owner may read it",
                route->key_file);
    return true;
}

/* A certificate of a file; false when it cannot be read. `role`, where there is one, is who shows
 * it. */
static bool add_file(const char *check, const char *path, const char *option, const char *role,
                     const char *remedy, struct findings *out)
{
    struct tls_certificate certificate;
    struct err err;

    if (!tls_read_certificate(path, &certificate, &err)) {
        finding_add(out, check, FINDING_FAIL, "%s", err.text);
        finding_remedy(out, "create the file or name another one (%s)", option);
        return false;
    }
    if (add_expiry(out, check, path, &certificate, remedy) == FINDING_OK && role != NULL &&
        strcmp(role, certificate.subject) != 0) {
        finding_add(out, check, FINDING_WARN, "%s is for \"%s\" and shown by the role %s", path,
                    certificate.subject, role);
        finding_remedy(out, "name the role's own (%s), unless the server's pg_ident.conf maps it",
                       option);
    }
    return true;
}

/* An expired client certificate is no obstacle here: not every server asks for it. */
static const char *look_at_files(const struct db_route *route, bool is_asked, struct findings *out)
{
    const char *obstacle = NULL;

    if (route->root_file == NULL && route->privacy >= DB_PRIVACY_TRUSTED) {
        finding_add(out, ROOT_CERTIFICATE, FINDING_FAIL, "no file names the authority to trust");
        finding_remedy(out, "add sslrootcert=FILE to the database URL");
        obstacle = "there is no root certificate";
    } else if (route->root_file == NULL) {
        findings_skip(out, (const char *const[]){ROOT_CERTIFICATE}, 1, "none is named");
    } else if (!add_file(ROOT_CERTIFICATE, route->root_file, "sslrootcert", NULL,
                         "get the authority's new certificate", out)) {
        obstacle = "the root certificate cannot be read";
    }
    if (route->certificate_file == NULL) {
        findings_skip(out, (const char *const[]){CLIENT_CERTIFICATE, CLIENT_KEY}, 2,
                      is_asked ? "none is named (sslcert), and the server asks for one"
                               : "none is named, and the server does not ask for one");
    } else if (!add_file(CLIENT_CERTIFICATE, route->certificate_file, "sslcert", route->user,
                         "have the client certificate renewed (sslcert)", out)) {
        findings_skip(out, (const char *const[]){CLIENT_KEY}, 1, "there is no certificate");
        obstacle = "the client certificate cannot be read";
    } else if (!add_key(route, out)) {
        obstacle = "the client key cannot be used";
    }
    return obstacle;
}

/* --- all of it --- */

static const char *look_at_endpoint(const struct db_route *route,
                                    const struct db_endpoint *endpoint, bool has_root,
                                    bool *is_asked, struct findings *out)
{
    const bool is_socket = endpoint->address[0] == '/';
    const bool wants_tls = route->privacy != DB_PRIVACY_NONE && !is_socket;
    const struct tls_target target = {.host = endpoint->host,
                                      .address = endpoint->address,
                                      .port = endpoint->port,
                                      .root_file = has_root ? route->root_file : NULL,
                                      .wants_tls = wants_tls,
                                      .timeout_ms = TIMEOUT_MS};
    struct tls_report report;

    tls_look(&target, &report);
    *is_asked |= report.asks_for_client_certificate;
    if (!add_address(endpoint, &report, out)) {
        findings_skip(out, TLS_CHECKS, TLS_CHECK_COUNT, "the server cannot be reached");
        return "the server cannot be reached";
    }
    if (wants_tls) {
        return add_tls(route, endpoint, &report, out);
    }
    if (route->is_local) {
        findings_skip(out, TLS_CHECKS, TLS_CHECK_COUNT,
                      is_socket ? "a local socket has none and needs none"
                                : "sslmode=disable, and on this machine it needs none");
    } else {
        finding_add(out, TLS, FINDING_WARN, "sslmode=disable: all is sent in the clear to %s",
                    endpoint->host);
        finding_remedy(out, "sslmode=verify-full in the database URL");
        findings_skip(out, TLS_CHECKS + 1, TLS_CHECK_COUNT - 1, "there is no TLS");
    }
    return NULL;
}

const char *doctor_look_at_route(const struct db_route *route, struct findings *out)
{
    struct tls_certificate root;
    struct err ignored;
    const bool has_root =
        route->root_file != NULL && tls_read_certificate(route->root_file, &root, &ignored);
    bool is_asked = false;
    const char *way_obstacle = NULL;
    const char *file_obstacle = NULL;

    if (route->endpoint_count == 0) {
        return NULL;
    }
    for (size_t i = 0; i < route->endpoint_count; i++) {
        const char *obstacle =
            look_at_endpoint(route, &route->endpoints[i], has_root, &is_asked, out);

        way_obstacle = i == 0 || obstacle == NULL ? obstacle : way_obstacle;
    }
    if (route->privacy != DB_PRIVACY_NONE) {
        file_obstacle = look_at_files(route, is_asked, out);
    }
    return way_obstacle != NULL ? way_obstacle : file_obstacle;
}
