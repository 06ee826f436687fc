/*
 * Signing in. The URL decides where and how; we add what a session of ours is
 * (session_settings.c), which travels with the start-up message.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/network.h"
#include "core/text.h"

#include "db/postgres/postgres_priv.h"

enum {
    CONNECT_MS = 10000,
    MESSAGE_MAX = 65536, /* libpq's, of all addresses */
    KEYWORDS_MAX = 96,
};

/* A text list for libpq, ended by NULL. */
struct parameters {
    const char *keywords[KEYWORDS_MAX];
    const char *values[KEYWORDS_MAX];
    size_t count;
};

static void parameter_add(struct parameters *parameters, const char *keyword, const char *value)
{
    if (parameters->count < KEYWORDS_MAX - 1) {
        parameters->keywords[parameters->count] = keyword;
        parameters->values[parameters->count++] = value;
    }
}

/* What the server says in passing. */
static void on_notice(void *arg, const PGresult *result)
{
    struct db_conn *conn = arg;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char quoted[512];

    if (severity != NULL && text != NULL && strcmp(severity, "FATAL") == 0) {
        snprintf(conn->last_words, sizeof(conn->last_words), "%s", text);
    }
    log_line(LOG_DEBUG, NULL, "database notice", "host=%s text=%s", conn->host,
             log_quote(text != NULL ? text : "", quoted, sizeof(quoted)));
}

/* --- may we talk to it? --- */

static bool is_local_name(const char *host)
{
    return host[0] == '/' || host[0] == '@' || net_host_is_here(host);
}

/* Of a list with commas every entry counts; an empty one is this machine's own socket. */
bool pg_are_local(const char *hosts)
{
    char host[256];

    for (const char *at = hosts;; at++) {
        size_t length = strcspn(at, ",");

        snprintf(host, sizeof(host), "%.*s", (int)length, at);
        if (length > 0 && !is_local_name(host)) {
            return false;
        }
        at += length;
        if (*at == '\0') {
            return true;
        }
    }
}

const char *pg_setting(const PQconninfoOption *settings, const char *keyword)
{
    for (; settings->keyword != NULL; settings++) {
        if (strcmp(settings->keyword, keyword) == 0) {
            return settings->val != NULL ? settings->val : "";
        }
    }
    return "";
}

/* Judges what is in force, after environment and service files had their say. The address counts
 * where one is given, since the name is then only what the certificate is held against. */
static bool check_privacy(struct db_conn *conn, bool allow_plaintext, struct err *err)
{
    PQconninfoOption *info = PQconninfo(conn->pg);
    bool ok = true;

    if (info == NULL) {
        return err_set(err, ERR_CONNECT, "no memory is left");
    }
    const char *address = pg_setting(info, "hostaddr");
    const char *host = address[0] != '\0' ? address : pg_setting(info, "host");

    free(conn->host);
    conn->host = mem_strdup(pg_setting(info, "host")[0] != '\0' ? pg_setting(info, "host") : host);
    if (conn->host[0] == '\0') {
        free(conn->host);
        conn->host = mem_strdup("local socket");
    }
    if (!pg_are_local(host) && strcmp(pg_setting(info, "sslmode"), "verify-full") != 0 &&
        !allow_plaintext) {
        ok =
            err_set(err, ERR_CONFIG,
                    "%s is another machine and the database URL does not ask for verified TLS: add "
                    "sslmode=verify-full (and sslrootcert=FILE) to it",
                    conn->host);
    }
    PQconninfoFree(info);
    return ok;
}

/* libpq goes on without a certificate whose file is missing, and a server that wants one blames the
 * user. True when that is not the reason of a refusal. */
static bool has_certificate(const struct db_conn *conn, struct err *err)
{
    PQconninfoOption *info = PQconninfo(conn->pg);
    const char *path = info != NULL ? pg_setting(info, "sslcert") : "";
    bool ok = path[0] == '\0' || strcmp(pg_setting(info, "sslmode"), "disable") == 0 ||
              access(path, R_OK) == 0 ||
              err_set(err, ERR_CONFIG,
                      "%s: the client certificate file \"%s\" cannot be read: %s: create the file "
                      "or name another one (sslcert)",
                      conn->host, path, strerrordesc_np(errno));

    PQconninfoFree(info);
    return ok;
}

/* --- connecting --- */

/* Freed with PQconninfoFree. libpq may quote a part of the URL, and so of the password. */
static PQconninfoOption *parse_url(const char *url, struct err *err)
{
    const bool may_hold_password = strchr(url, '@') != NULL;
    char *why = NULL;
    PQconninfoOption *given = PQconninfoParse(url, &why);

    if (given == NULL) {
        err_set(err, ERR_CONFIG, "the database URL is not understood%s%s",
                may_hold_password ? "" : ": ", may_hold_password || why == NULL ? "" : why);
    }
    PQfreemem(why);
    return given;
}

static bool start(struct db_conn *conn, const struct db_options *options, struct err *err)
{
    struct parameters parameters = {.count = 0};
    struct buf text;
    const char *own_options = NULL;
    PQconninfoOption *given = parse_url(options->location, err);

    if (given == NULL) {
        return false;
    }
    /* A dead line is noticed; the URL may say otherwise, since the last of two counts. */
    parameter_add(&parameters, "keepalives_idle", "30");
    parameter_add(&parameters, "keepalives_interval", "10");
    parameter_add(&parameters, "keepalives_count", "3");
    parameter_add(&parameters, "tcp_user_timeout", "10000");
    for (const PQconninfoOption *option = given; option->keyword != NULL; option++) {
        if (option->val != NULL && strcmp(option->keyword, "options") == 0) {
            own_options = option->val;
        } else if (option->val != NULL) {
            parameter_add(&parameters, option->keyword, option->val);
        }
    }
    conn->has_own_options = own_options != NULL && own_options[0] != '\0';
    buf_init(&text, PG_OPTIONS_MAX);
    pg_write_options(options, own_options, &text);
    parameter_add(&parameters, "options", text.data);
    parameter_add(&parameters, "application_name", conn->module);
    parameter_add(&parameters, "client_encoding", "UTF8");
    conn->pg = PQconnectStartParams(parameters.keywords, parameters.values, 0);
    PQconninfoFree(given);
    buf_fini(&text);
    if (conn->pg == NULL) {
        return err_set(err, ERR_CONNECT, "no memory is left");
    }
    PQsetErrorVerbosity(conn->pg, PQERRORS_VERBOSE); /* for the SQLSTATE in its text */
    PQsetNoticeReceiver(conn->pg, on_notice, conn);
    return true;
}

/* Of several hosts messages name the one that let us in. */
static void note_host(struct db_conn *conn)
{
    if (strchr(conn->host, ',') != NULL) {
        free(conn->host);
        conn->host = mem_strdup(PQhost(conn->pg));
    }
}

/* Of several hosts the one that let us in. */
static void note_place(struct db_conn *conn, const char *service)
{
    const char *address = PQhost(conn->pg);
    int64_t port = 0;

    if (address[0] != '/') {
        (void)text_to_int64(PQport(conn->pg), &port);
    }
    (void)snprintf(conn->schema, sizeof(conn->schema), "octo_%s", service);
    conn->place = (struct db_place){
        .address = address, .port = (int)port, .database = PQdb(conn->pg), .schema = conn->schema};
}

/* libpq's message has the address that it is trying, and waits for the cause. */
static bool late_err(const struct db_conn *conn, struct err *err)
{
    struct buf message;

    buf_init(&message, MESSAGE_MAX);
    buf_printf(&message, "%sno answer in time%s\n", PQerrorMessage(conn->pg),
               PQstatus(conn->pg) == CONNECTION_STARTED ? "\n\tIs the server running there?" : "");
    pg_connect_err(err, conn->host, message.data);
    buf_fini(&message);
    return false;
}

/* Has the server been told who we are, which follows on TLS? */
static bool is_private_by_now(const struct db_conn *conn)
{
    const ConnStatusType status = PQstatus(conn->pg);

    return status == CONNECTION_AWAITING_RESPONSE || status == CONNECTION_AUTH_OK ||
           status == CONNECTION_OK;
}

bool pg_connect_until(struct db_conn *conn, bool until_private, uint64_t deadline_ns,
                      struct err *err)
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;

    while (PQstatus(conn->pg) != CONNECTION_BAD && status != PGRES_POLLING_OK &&
           status != PGRES_POLLING_FAILED) {
        struct pollfd fd = {.fd = PQsocket(conn->pg),
                            .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT};

        if (until_private && is_private_by_now(conn)) {
            return true;
        }
        if (clock_has_passed(deadline_ns)) {
            return late_err(conn, err);
        }
        if (poll(&fd, 1, (int)clock_ms_left(deadline_ns) + 1) > 0) {
            status = PQconnectPoll(conn->pg);
        }
    }
    return status == PGRES_POLLING_OK || pg_connect_err(err, conn->host, PQerrorMessage(conn->pg));
}

static bool sign_in(struct db_conn *conn, const struct db_options *options, uint64_t until_ns,
                    struct err *err)
{
    if (conn->bell.fd < 0) {
        return err_set(err, ERR_CONNECT, "%s", strerrordesc_np(errno));
    }
    if (!start(conn, options, err) || !check_privacy(conn, options->allow_plaintext, err)) {
        return false;
    }
    if (!pg_connect_until(conn, false, until_ns, err)) {
        if (err->code == ERR_CONFIG) {
            (void)has_certificate(conn, err);
        }
        return false;
    }
    note_host(conn);
    note_place(conn, options->service);
    PQsetErrorVerbosity(conn->pg, PQERRORS_DEFAULT);
    return true;
}

static pthread_once_t never_ask_once = PTHREAD_ONCE_INIT;

/* For a key's password that is not in the URL OpenSSL would ask at the terminal. */
static void never_ask(void)
{
    PQsetSSLKeyPassHook_OpenSSL(PQdefaultSSLKeyPassHook_OpenSSL);
}

static struct db_conn *conn_new(const struct db_options *options)
{
    struct db_conn *conn = mem_alloc(sizeof(*conn));

    conn->host = mem_strdup("local socket");
    conn->module = mem_strdup(options->module);
    conn->deadline_ns = CLOCK_NEVER;
    conn->replan_ms = PG_REPLAN_MS_FIRST;
    conn->replan_ns = clock_after_ms(PG_REPLAN_MS_FIRST);
    bell_init(&conn->bell);
    statement_cache_init(&conn->prepared);
    (void)pthread_once(&never_ask_once, never_ask);
    return conn;
}

uint64_t pg_patience_ends(const struct db_options *options)
{
    const uint64_t until_ns = clock_after_ms(CONNECT_MS);

    return options->connect_until_ns != 0 && options->connect_until_ns < until_ns
               ? options->connect_until_ns
               : until_ns;
}

bool pg_sign_in(const struct db_options *options, struct db_conn **ret, struct err *err)
{
    struct db_conn *conn = conn_new(options);

    if (!sign_in(conn, options, pg_patience_ends(options), err)) {
        pg_close(conn);
        return false;
    }
    *ret = conn;
    return true;
}

bool pg_owns(const char *location)
{
    return strncmp(location, "postgres://", 11) == 0 || strncmp(location, "postgresql://", 13) == 0;
}

struct db_conn *pg_start_at(const struct db_options *options, const PQconninfoOption *settings,
                            const struct db_endpoint *endpoint)
{
    static const char *const REPLACED[] = {"host", "hostaddr", "port", "target_session_attrs"};
    const bool names_hosts = pg_setting(settings, "host")[0] != '\0';
    struct parameters parameters = {.count = 0};
    struct db_conn *conn = conn_new(options);

    for (; settings->keyword != NULL; settings++) {
        bool is_kept = settings->val != NULL;

        for (size_t i = 0; i < sizeof(REPLACED) / sizeof(REPLACED[0]); i++) {
            is_kept = is_kept && strcmp(settings->keyword, REPLACED[i]) != 0;
        }
        if (is_kept) {
            parameter_add(&parameters, settings->keyword, settings->val);
        }
    }
    if (names_hosts) {
        parameter_add(&parameters, "host", endpoint->host);
    }
    if (endpoint->address != endpoint->host || !names_hosts) {
        parameter_add(&parameters, "hostaddr", endpoint->address);
    }
    parameter_add(&parameters, "port", endpoint->port);
    free(conn->host);
    conn->host = mem_strdup(endpoint->host);
    conn->pg = PQconnectStartParams(parameters.keywords, parameters.values, 0);
    return conn;
}

/* Only a connection that has been started tells them; it is given up at once. */
bool pg_settings(const struct db_options *options, PQconninfoOption **ret, struct err *err)
{
    struct db_conn *conn = conn_new(options);
    PQconninfoOption *settings = NULL;

    if (start(conn, options, err) && check_privacy(conn, options->allow_plaintext, err)) {
        settings = PQconninfo(conn->pg);
    }
    pg_close(conn);
    *ret = settings != NULL ? settings : *ret;
    return settings != NULL;
}

/* For a connection that has been started PQpass looks into password files, too. */
bool pg_credential(const struct db_options *options, struct db_credential *ret, struct err *err)
{
    struct db_conn *conn = conn_new(options);
    char *verifier = NULL;
    bool ok = start(conn, options, err) && check_privacy(conn, options->allow_plaintext, err);

    if (ok) {
        const char *password = PQpass(conn->pg);

        (void)snprintf(ret->user, sizeof(ret->user), "%s", PQuser(conn->pg));
        ret->verifier[0] = '\0';
        if (password != NULL && password[0] != '\0') {
            verifier = PQencryptPasswordConn(conn->pg, password, ret->user, "scram-sha-256");
            ok = verifier != NULL || err_set(err, ERR_CONFIG, "its password cannot be used: %s",
                                             PQerrorMessage(conn->pg));
            (void)snprintf(ret->verifier, sizeof(ret->verifier), "%s",
                           verifier != NULL ? verifier : "");
        }
    }
    PQfreemem(verifier);
    pg_close(conn);
    return ok;
}

void pg_close(struct db_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    pg_drain(conn);
    if (conn->canceller != NULL) {
        pg_cancel_close(conn->canceller, conn->pg);
    } else {
        PQfinish(conn->pg);
    }
    bell_fini(&conn->bell);
    pg_forget(conn);
    free(conn->host);
    free(conn->module);
    free(conn);
}
