/*
 * octo doctor, the way to a server: from the name of the host to the expiry of its certificate. Our
 * own certificate and key are files; whether the server likes them is seen by signing in.
 *
 * What is good enough is not judged twice: where libpq takes the server, nothing here is worse than
 * a warning, and where it does not, something here fails.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/doctor.h"
#include "core/clock.h"
#include "core/text.h"
#include "net/tls.h"

#define DAY_US (86400 * CLOCK_US_PER_S)

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

/* What is known of all endpoints when our own files are looked at. */
struct way {
    bool is_taken;      /* by libpq, one of them */
    bool is_let_in;     /* all the way */
    bool is_encrypted;  /* so that libpq has read our files */
    bool is_asked;      /* for a certificate of ours */
    bool has_authority; /* one of the root file's vouches for a server: that which ends first */
    struct tls_certificate authority;
};

static void skip(struct findings *out, const char *check, const char *reason)
{
    findings_skip(out, &check, 1, reason);
}

/* --- expiry --- */

static const char *date_of(int64_t us, char out[UTC_TEXT_MAX])
{
    (void)utc_format(us, out);
    out[DATE_LENGTH] = '\0';
    return out;
}

/* `whose` begins the line: "localhost's", a file. `worst` is what an end is that has passed. */
static enum finding_state add_expiry(struct findings *out, const char *check, const char *whose,
                                     const struct tls_certificate *certificate,
                                     enum finding_state worst, const char *remedy)
{
    int64_t now_us = clock_utc_us();
    int64_t left_us = certificate->not_after_us - now_us;
    enum finding_state state = FINDING_OK;
    char date[UTC_TEXT_MAX];

    if (now_us < certificate->not_before_us) {
        finding_add(out, check, worst, "%s (\"%s\") is not valid before %s", whose,
                    certificate->subject, date_of(certificate->not_before_us, date));
        finding_remedy(out, "%s, or set this machine's clock", remedy);
        return worst;
    }
    (void)date_of(certificate->not_after_us, date);
    if (left_us < 0) {
        state = worst;
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

/* Of a chain the link that breaks first. */
static const struct tls_certificate *first_to_end(const struct tls_certificate *chain, size_t count)
{
    const struct tls_certificate *first = &chain[0];

    for (size_t i = 1; i < count; i++) {
        first = chain[i].not_after_us < first->not_after_us ? &chain[i] : first;
    }
    return first;
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

/* What libpq, which took the server, cares about less than we would like; of this machine's own
 * server nobody need care. */
static void add_unchecked(const struct db_route *route, const struct tls_report *report,
                          struct findings *out)
{
    if (checks_authority(route)) {
        finding_add(out, AUTHORITY, FINDING_OK, "libpq takes \"%s\"", report->chain[0].subject);
    } else if (route->is_local) {
        skip(out, AUTHORITY, "nobody vouches for the server, and on this machine nobody need");
    } else {
        finding_add(out, AUTHORITY, FINDING_WARN, "nobody vouches for \"%s\"",
                    report->chain[0].subject);
        finding_remedy(out, "name the authority's certificate (sslrootcert=FILE) and "
                            "sslmode=verify-full in the database URL");
    }
}

static void add_distrust(const struct db_route *route, const struct db_endpoint *endpoint,
                         const struct tls_report *report, struct findings *out)
{
    const struct tls_certificate *certificate = &report->chain[0];
    const struct tls_certificate *last = &report->chain[report->chain_length - 1];

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
        finding_add(out, AUTHORITY, FINDING_FAIL,
                    "%s shows a certificate that is refused: %s (\"%s\")", endpoint->host,
                    report->distrust, report->chain[report->distrusted].subject);
        finding_remedy(out, "renew that certificate, or the list of revoked ones (sslcrl)");
    }
}

static void add_authority(const struct db_route *route, const struct db_endpoint *endpoint,
                          const struct tls_report *report, bool is_taken, struct findings *out)
{
    if (report->trust == TLS_TRUSTED) {
        finding_add(out, AUTHORITY, FINDING_OK, "\"%s\" of %s vouches for the server",
                    report->chain[report->chain_length - 1].subject, route->root_file);
    } else if (report->trust == TLS_UNCHECKED && checks_authority(route) && !is_taken) {
        skip(out, AUTHORITY, "there is no root certificate to hold it against");
    } else if (report->trust == TLS_UNCHECKED || is_taken) {
        add_unchecked(route, report, out);
    } else {
        add_distrust(route, endpoint, report, out);
    }
}

static void add_host_name(const struct db_route *route, const struct db_endpoint *endpoint,
                          const struct tls_report *report, bool is_taken, struct findings *out)
{
    const bool is_needed = route->privacy == DB_PRIVACY_FULL;

    if (is_needed && (is_taken || report->is_name_right)) {
        finding_add(out, HOST_NAME, FINDING_OK, "the certificate is for %s",
                    report->chain[0].names);
    } else if (!is_needed && route->is_local) {
        skip(out, HOST_NAME,
             "the database URL does not have it checked, and on this machine it "
             "need not");
    } else if (report->is_name_right) {
        finding_add(out, HOST_NAME, FINDING_WARN,
                    "the certificate is for %s, which the database URL does not have checked",
                    report->chain[0].names);
        finding_remedy(out, "sslmode=verify-full in the database URL");
    } else {
        finding_add(out, HOST_NAME, is_needed ? FINDING_FAIL : FINDING_WARN,
                    "the certificate is for %s, not for %s", report->chain[0].names,
                    endpoint->host);
        finding_remedy(out, "name the host in the database URL as the certificate does (hostaddr= "
                            "says where it is), or give the server a certificate for it");
    }
}

/* Of all that the server shows, the root aside. */
static void add_server_expiry(const struct db_route *route, const struct db_endpoint *endpoint,
                              const struct tls_report *report, bool is_taken, struct findings *out)
{
    const size_t shown = report->trust == TLS_TRUSTED && report->chain_length > 1
                             ? report->chain_length - 1
                             : report->chain_length;

    if (route->is_local && !checks_authority(route)) {
        skip(out, SERVER_CERTIFICATE, "nobody looks at it on this machine");
        return;
    }
    (void)add_expiry(out, SERVER_CERTIFICATE, arena_printf(out->arena, "%s's", endpoint->host),
                     first_to_end(report->chain, shown), is_taken ? FINDING_WARN : FINDING_FAIL,
                     "renew the server's certificate");
}

static bool has_failed_since(const struct finding *last)
{
    for (; last != NULL; last = last->next) {
        if (last->state == FINDING_FAIL) {
            return true;
        }
    }
    return false;
}

static void note_authority(const struct tls_report *report, struct way *way)
{
    const struct tls_certificate *authority = &report->chain[report->chain_length - 1];

    if (report->trust == TLS_TRUSTED &&
        (!way->has_authority || authority->not_after_us < way->authority.not_after_us)) {
        way->has_authority = true;
        way->authority = *authority;
    }
}

/* libpq's judgement of an endpoint. */
struct judgement {
    bool is_taken;
    bool is_encrypted;
    struct err refusal;
};

static void add_unencrypted(const struct db_route *route, const struct db_endpoint *endpoint,
                            struct findings *out)
{
    if (route->is_local) {
        findings_skip(out, TLS_CHECKS, TLS_CHECK_COUNT,
                      "libpq goes on without, and on this machine it needs none");
        return;
    }
    finding_add(out, TLS, FINDING_WARN, "%s has TLS, and libpq goes on without it", endpoint->host);
    finding_remedy(out, "sslmode=verify-full in the database URL");
    findings_skip(out, TLS_CHECKS + 1, TLS_CHECK_COUNT - 1, "there is no TLS");
}

/* Adds what a look at one endpoint tells; NULL or the obstacle. */
static const char *add_tls(const struct db_route *route, const struct db_endpoint *endpoint,
                           const struct tls_report *report, const struct judgement *judgement,
                           struct way *way, struct findings *out)
{
    const bool is_taken = judgement->is_taken;
    struct finding *last;

    if (report->reached == TLS_UNOFFERED) {
        return add_no_tls(route, endpoint, out);
    }
    if (is_taken && !judgement->is_encrypted) {
        add_unencrypted(route, endpoint, out);
        return NULL;
    }
    if (report->reached != TLS_SHAKEN || report->chain_length == 0) {
        finding_add(out, TLS, is_taken ? FINDING_WARN : FINDING_FAIL, "%s (%s): %s", endpoint->host,
                    report->address, report->err.text);
        finding_remedy(out, "look at the server's log");
        findings_skip(out, TLS_CHECKS + 1, TLS_CHECK_COUNT - 1, "there is no TLS");
        return is_taken ? NULL : "there is no TLS";
    }
    finding_add(out, TLS, FINDING_OK, "%s, %s", report->version, report->cipher);
    last = out->last;
    add_authority(route, endpoint, report, is_taken, out);
    add_host_name(route, endpoint, report, is_taken, out);
    add_server_expiry(route, endpoint, report, is_taken, out);
    note_authority(report, way);
    if (!is_taken && !has_failed_since(last)) {
        finding_add(out, TLS, FINDING_FAIL, "libpq refuses: %s", judgement->refusal.text);
    }
    return is_taken ? NULL : "libpq refuses the server's certificate";
}

/* --- our files --- */

/* As libpq judges it: a key of root's may be read by its group. */
static bool is_open_to_others(const struct stat *info)
{
    mode_t others = info->st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;

    return (info->st_mode & others) != 0;
}

/* False when the key cannot be used, which libpq has a say in where it has read it. */
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

/* Any of the file's may be the one that is needed: that which vouches for the server, or else the
 * one that lasts longest. */
static const char *look_at_root(const struct db_route *route, const struct way *way,
                                struct findings *out)
{
    static const char REMEDY[] = "get the authority's new certificate";
    const enum finding_state worst = way->is_taken ? FINDING_WARN : FINDING_FAIL;
    struct tls_certificate certificates[TLS_CHAIN_MAX];
    const struct tls_certificate *longest = &certificates[0];
    size_t count;
    struct err err;

    if (route->root_file == NULL && route->privacy < DB_PRIVACY_TRUSTED) {
        skip(out, ROOT_CERTIFICATE, "none is named");
    } else if (route->root_file == NULL) {
        finding_add(out, ROOT_CERTIFICATE, worst, "no file names the authority to trust");
        finding_remedy(out, "add sslrootcert=FILE to the database URL");
        return way->is_taken ? NULL : "there is no root certificate";
    } else if (way->has_authority) {
        (void)add_expiry(out, ROOT_CERTIFICATE, route->root_file, &way->authority, worst, REMEDY);
    } else if (tls_read_certificates(route->root_file, certificates, &count, &err)) {
        for (size_t i = 1; i < count; i++) {
            longest =
                certificates[i].not_after_us > longest->not_after_us ? &certificates[i] : longest;
        }
        (void)add_expiry(out, ROOT_CERTIFICATE, route->root_file, longest, worst, REMEDY);
    } else if (way->is_taken) {
        skip(out, ROOT_CERTIFICATE, arena_printf(out->arena, "libpq does without: %s", err.text));
    } else {
        finding_add(out, ROOT_CERTIFICATE, FINDING_FAIL, "%s", err.text);
        finding_remedy(out, "create the file or name another one (sslrootcert)");
        return "the root certificate cannot be read";
    }
    return NULL;
}

/* Ours, and what vouches for it. An end that has passed is no obstacle: not every server asks. */
static bool add_certificate(const struct db_route *route, const struct way *way,
                            struct findings *out)
{
    struct tls_certificate chain[TLS_CHAIN_MAX];
    size_t count;
    struct err err;

    if (!tls_read_certificates(route->certificate_file, chain, &count, &err)) {
        finding_add(out, CLIENT_CERTIFICATE, way->is_let_in ? FINDING_WARN : FINDING_FAIL, "%s",
                    err.text);
        finding_remedy(out, "create the file or name another one (sslcert)");
        return false;
    }
    if (add_expiry(out, CLIENT_CERTIFICATE, route->certificate_file, first_to_end(chain, count),
                   way->is_let_in ? FINDING_WARN : FINDING_FAIL,
                   "have the client certificate renewed (sslcert)") == FINDING_OK &&
        !way->is_let_in && strcmp(route->user, chain[0].subject) != 0) {
        finding_add(out, CLIENT_CERTIFICATE, FINDING_WARN,
                    "%s is for \"%s\" and shown by the role %s", route->certificate_file,
                    chain[0].subject, route->user);
        finding_remedy(out, "name the role's own (sslcert), unless the server's pg_ident.conf maps "
                            "it");
    }
    return true;
}

static const char *look_at_files(const struct db_route *route, const struct way *way,
                                 struct findings *out)
{
    const char *obstacle = look_at_root(route, way, out);

    if (route->certificate_file == NULL) {
        findings_skip(out, (const char *const[]){CLIENT_CERTIFICATE, CLIENT_KEY}, 2,
                      way->is_asked ? "none is named (sslcert), and the server asks for one"
                                    : "none is named, and the server does not ask for one");
    } else if (!add_certificate(route, way, out)) {
        skip(out, CLIENT_KEY, "there is no certificate");
        obstacle = way->is_let_in ? obstacle : "the client certificate cannot be read";
    } else if (way->is_encrypted) {
        finding_add(out, CLIENT_KEY, FINDING_OK, "libpq takes %s", route->key_file);
    } else if (!add_key(route, out)) {
        obstacle = "the client key cannot be used";
    }
    return obstacle;
}

/* --- all of it --- */

static void skip_tls(const struct db_route *route, const struct db_endpoint *endpoint,
                     struct findings *out)
{
    if (route->is_local) {
        findings_skip(out, TLS_CHECKS, TLS_CHECK_COUNT,
                      endpoint->address[0] == '/'
                          ? "a local socket has none and needs none"
                          : "sslmode=disable, and on this machine it needs none");
        return;
    }
    finding_add(out, TLS, FINDING_WARN, "sslmode=disable: all is sent in the clear to %s",
                endpoint->host);
    finding_remedy(out, "sslmode=verify-full in the database URL");
    findings_skip(out, TLS_CHECKS + 1, TLS_CHECK_COUNT - 1, "there is no TLS");
}

static const char *look_at_endpoint(struct db *db, const struct db_route *route,
                                    const struct db_endpoint *endpoint, const char *root_file,
                                    struct way *way, struct findings *out)
{
    const struct tls_target target = {.host = endpoint->host,
                                      .address = endpoint->address,
                                      .port = endpoint->port,
                                      .root_file = root_file,
                                      .revoked_file = route->revoked_file,
                                      .revoked_directory = route->revoked_directory,
                                      .wants_tls = route->privacy != DB_PRIVACY_NONE &&
                                                   endpoint->address[0] != '/',
                                      .timeout_ms = TIMEOUT_MS};
    struct tls_report report;
    struct judgement judgement;

    tls_look(&target, &report);
    way->is_asked |= report.asks_for_client_certificate;
    if (!add_address(endpoint, &report, out)) {
        findings_skip(out, TLS_CHECKS, TLS_CHECK_COUNT, "the server cannot be reached");
        return "the server cannot be reached";
    }
    judgement.is_taken = db_try(db, endpoint, &judgement.is_encrypted, &judgement.refusal);
    way->is_taken |= judgement.is_taken;
    way->is_encrypted |= judgement.is_encrypted;
    if (!target.wants_tls) {
        skip_tls(route, endpoint, out);
        return NULL;
    }
    return add_tls(route, endpoint, &report, &judgement, way, out);
}

const char *doctor_look_at_route(struct db *db, const struct db_route *route, struct findings *out)
{
    struct tls_certificate root[TLS_CHAIN_MAX];
    struct way way = {.is_taken = false};
    struct err ignored;
    size_t count;
    const char *root_file =
        route->root_file != NULL && tls_read_certificates(route->root_file, root, &count, &ignored)
            ? route->root_file
            : NULL;
    const char *way_obstacle = NULL;
    const char *file_obstacle = NULL;
    bool is_encrypted;

    if (route->endpoint_count == 0) {
        return NULL;
    }
    for (size_t i = 0; i < route->endpoint_count; i++) {
        const char *obstacle =
            look_at_endpoint(db, route, &route->endpoints[i], root_file, &way, out);

        way_obstacle = i == 0 || obstacle == NULL ? obstacle : way_obstacle;
    }
    way.is_let_in = way.is_taken && db_try(db, NULL, &is_encrypted, &ignored);
    if (route->privacy != DB_PRIVACY_NONE) {
        file_obstacle = look_at_files(route, &way, out);
    }
    return way.is_let_in ? NULL : way_obstacle != NULL ? way_obstacle : file_obstacle;
}
