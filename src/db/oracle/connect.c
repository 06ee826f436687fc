/*
 * Sessions: signed in, in UTC, and the time that each of their calls has. The location is "oracle:"
 * and a connect string, which holds no secret; user, password and wallet come beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/text.h"

#include "db/oracle/oracle_priv.h"

#define SCHEME "oracle:"

enum {
    CONNECT_MS = 10000,
    CALL_MS_MAX = INT32_MAX,
    STATEMENTS_KEPT = ORACLE_STATEMENTS_KEPT,
};

bool oracle_owns(const char *location)
{
    return strncmp(location, SCHEME, strlen(SCHEME)) == 0;
}

static int connect_ms(const struct db_options *options)
{
    const int64_t left =
        options->connect_until_ns == 0 ? CONNECT_MS : clock_ms_left(options->connect_until_ns);

    return left < CONNECT_MS ? (left > 0 ? (int)left : 1) : CONNECT_MS;
}

static bool check_options(const struct db_options *options, struct err *err)
{
    const char *dsn = options->location + strlen(SCHEME);

    if (dsn[0] == '\0') {
        return err_set(err, ERR_CONFIG,
                       "the connect string is empty: HOST:PORT/SERVICE, a "
                       "description in brackets, or an alias of tnsnames.ora");
    }
    if (options->user == NULL || options->password == NULL) {
        return err_set(err, ERR_CONFIG, "%s for Oracle is missing",
                       options->user == NULL ? "the user" : "the password");
    }
    return true;
}

static struct octo_ora_options options_for(const struct db_options *options)
{
    return (struct octo_ora_options){
        .dsn = options->location + strlen(SCHEME),
        .user = options->user,
        .password = options->password,
        .wallet_dir = options->wallet_dir,
        .wallet_password = options->wallet_password,
        .program = options->module,
        .time_zone = "+00:00",
        .needs_tls = !options->allow_plaintext,
        .connect_ms = connect_ms(options),
        .cached_statements = STATEMENTS_KEPT,
    };
}

bool oracle_check_location(const struct db_options *options, struct err *err)
{
    const struct octo_ora_options ora = options_for(options);
    struct octo_ora_error error;

    return check_options(options, err) &&
           (octo_ora_check(&ora, &error) || oracle_connect_err(err, &error));
}

static bool sign_in(struct db_conn *conn, const struct db_options *options, struct err *err)
{
    const struct octo_ora_options ora = options_for(options);
    struct octo_ora_error error;

    if (!oracle_may_try(options, err)) {
        return false;
    }
    if (!octo_ora_connect(&ora, &conn->session, &error)) {
        (void)oracle_connect_err(err, &error);
        oracle_note_refused(options, err);
        return false;
    }
    oracle_note_welcome(options);
    return true;
}

/* Each user is a schema, whose name is in capitals unless it stands in quotes. */
static void note_place(struct db_conn *conn, const char *user)
{
    int64_t port = 0;

    (void)text_to_int64(octo_ora_port(conn->session), &port);
    (void)snprintf(conn->schema, sizeof(conn->schema), "%s", user);
    for (char *c = conn->schema; user[0] != '"' && *c != '\0'; c++) {
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    conn->place = (struct db_place){.address = octo_ora_host(conn->session),
                                    .port = (int)port,
                                    .database = octo_ora_service(conn->session),
                                    .schema = conn->schema};
}

bool oracle_open(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
                 struct err *err)
{
    struct db_conn *conn;

    (void)use; /* writers have connections of their own */
    if (!check_options(options, err)) {
        return err_wrap(err, "open database");
    }
    conn = mem_alloc(sizeof(*conn));
    bell_init(&conn->bell);
    if (!sign_in(conn, options, err)) {
        oracle_close(conn);
        return err_wrap(err, "open database");
    }
    octo_ora_set_bell(conn->session, conn->bell.fd);
    conn->action_is_traceparent = options->action_is_traceparent;
    note_place(conn, options->user);
    conn->told_trips = octo_ora_round_trips(conn->session);
    *ret = conn;
    return true;
}

void oracle_close(struct db_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    if (conn->session != NULL) {
        octo_ora_set_call_ms(conn->session, ORACLE_BREAK_MS);
    }
    octo_ora_close(conn->session);
    bell_fini(&conn->bell);
    free(conn);
}

/* A call that is late is broken off, which the server has to confirm: time for that is kept back,
 * so that the whole ends by the deadline. */
void oracle_give_time(struct db_conn *conn, uint64_t deadline_ns)
{
    const int64_t left = clock_ms_left(deadline_ns);
    const int64_t kept = left / 4 < ORACLE_BREAK_MS ? left / 4 : ORACLE_BREAK_MS;
    const int64_t call = left - kept;

    conn->deadline_ns = deadline_ns;
    bell_silence(&conn->bell);
    octo_ora_set_call_ms(conn->session,
                         call < 1 ? 1 : (call < CALL_MS_MAX ? (int)call : CALL_MS_MAX));
    octo_ora_set_break_ms(conn->session, kept < 1 ? 1 : (int)kept);
}

bool oracle_is_alive(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    struct octo_ora_error error;

    oracle_give_time(conn, deadline_ns);
    return octo_ora_ping(conn->session, &error) || oracle_err(err, conn, &error);
}

unsigned oracle_take_round_trips(struct db_conn *conn)
{
    const uint64_t now = octo_ora_round_trips(conn->session);
    const unsigned made = (unsigned)(now - conn->told_trips);

    conn->told_trips = now;
    return made;
}

void oracle_cancel(struct db_conn *conn)
{
    bell_ring(&conn->bell);
}

void oracle_version(const struct db_conn *conn, char out[DB_VERSION_SIZE])
{
    (void)snprintf(out, DB_VERSION_SIZE, "%s", octo_ora_server_version(conn->session));
}

const struct db_place *oracle_place(const struct db_conn *conn)
{
    return &conn->place;
}

int64_t oracle_sid(const struct db_conn *conn)
{
    return octo_ora_sid(conn->session);
}
