/*
 * Is what answered a server that services can work with, and is the session ours? Asked of each
 * connection before anything else, in one round trip.
 *
 * A pooler that stands between shows in the process that runs our statements: it is another one
 * than the start-up message named. With a session of the server kept for us (session mode) all
 * works; but the pooler has swallowed what we said at the start, and an earlier user may have left
 * something behind, so the session is emptied and set up by statements. Shared sessions
 * (transaction and statement mode) lose what we prepared and set: they are refused.
 *
 * Texts here are sent without being prepared, since a shared session would keep them.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/rng.h"
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

enum {
    VERSION_LEAST = 150000,
    ASK_MS = 5000,
    HEAR_MS = 10000, /* much longer than a notification takes */
};

enum {
    PID,
    VERSION,
    VERSION_NUMBER,
    ENCODING,
    IS_STANDBY,
    IS_READ_ONLY,
    DATETIMES,
    CLIENT_PORT,
    COLUMN_COUNT
};

static const char *text_of(const struct db_statement *opener)
{
    return opener->variants[DB_POSTGRES].text;
}

/* --- asking --- */

static bool wait_readable(const struct db_conn *conn, uint64_t deadline_ns)
{
    struct pollfd fd = {.fd = PQsocket(conn->pg), .events = POLLIN};

    return poll(&fd, 1, (int)clock_ms_left(deadline_ns) + 1) > 0;
}

/* The server's answer to what was sent. NULL: it failed. */
static PGresult *take_answer(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    PGresult *answer = NULL;
    PGresult *result;
    ExecStatusType status;

    do {
        while (PQisBusy(conn->pg) != 0) {
            if (clock_has_passed(deadline_ns)) {
                PQclear(answer);
                err_set(err, ERR_CONNECT,
                        "%s lets us in and then does not answer in time: the server hangs, or a "
                        "pooler stands between and has no session left for us "
                        "(default_pool_size)",
                        conn->host);
                return NULL;
            }
            if (wait_readable(conn, deadline_ns) && PQconsumeInput(conn->pg) == 0) {
                break; /* the result tells why */
            }
        }
        result = PQgetResult(conn->pg);
        if (answer == NULL) {
            answer = result;
        } else {
            PQclear(result);
        }
    } while (result != NULL);
    status = PQresultStatus(answer);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        return answer;
    }
    if (answer == NULL) {
        pg_lost(conn, err);
    } else {
        pg_result_err(err, conn, answer);
    }
    err_wrap(err, "%s", conn->host);
    PQclear(answer);
    return NULL;
}

static PGresult *ask(struct db_conn *conn, const char *text, int count, const char *const *values,
                     uint64_t deadline_ns, struct err *err)
{
    if (PQsendQueryParams(conn->pg, text, count, NULL, values, NULL, NULL, 0) == 0) {
        pg_lost(conn, err);
        return NULL;
    }
    return take_answer(conn, deadline_ns, err);
}

static bool tell(struct db_conn *conn, const char *text, int count, const char *const *values,
                 uint64_t deadline_ns, struct err *err)
{
    PGresult *answer = ask(conn, text, count, values, deadline_ns, err);

    PQclear(answer);
    return answer != NULL;
}

/* --- what a server must be --- */

static bool is_on(const PGresult *server, int column)
{
    const char *value = PQgetvalue(server, 0, column);

    return strcmp(value, "on") == 0 || strcmp(value, "t") == 0;
}

/* -1: it is none. */
static int64_t number(const PGresult *server, int column)
{
    int64_t value;

    return text_to_int64(PQgetvalue(server, 0, column), &value) ? value : -1;
}

static bool judge(const struct db_conn *conn, const PGresult *server, struct err *err)
{
    const char *encoding = PQgetvalue(server, 0, ENCODING);

    if (number(server, VERSION_NUMBER) < VERSION_LEAST) {
        return err_set(err, ERR_CONFIG, "%s is PostgreSQL %s: update it to %d or newer", conn->host,
                       PQgetvalue(server, 0, VERSION), VERSION_LEAST / 10000);
    }
    if (!is_on(server, DATETIMES)) {
        return err_set(err, ERR_CONFIG,
                       "%s keeps times as floating point (integer_datetimes is off): use a server "
                       "that was built with the default",
                       conn->host);
    }
    if (strcmp(encoding, "UTF8") != 0) {
        return err_set(err, ERR_CONFIG,
                       "%s: the database %s is in %s, which cannot keep every text: CREATE "
                       "DATABASE ... ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0 and name "
                       "that one in the database URL",
                       conn->host, PQdb(conn->pg), encoding);
    }
    if (is_on(server, IS_STANDBY)) {
        return err_set(err, ERR_CONNECT,
                       "%s is a standby, which only reads: name the primary in the database URL, "
                       "or several hosts and target_session_attrs=read-write",
                       conn->host);
    }
    if (is_on(server, IS_READ_ONLY)) {
        return err_set(err, ERR_CONNECT,
                       "%s: transactions of %s only read there: where that is not meant, RESET "
                       "default_transaction_read_only of the role, the database or the server",
                       conn->host, PQuser(conn->pg));
    }
    return true;
}

/* Of our end of the connection; 0: it has none. */
static int64_t own_port(const struct db_conn *conn)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_storage room;
    } address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t size = sizeof(address);

    if (getsockname(PQsocket(conn->pg), &address.any, &size) != 0) {
        return 0;
    }
    return address.any.sa_family == AF_INET    ? ntohs(address.in.sin_port)
           : address.any.sa_family == AF_INET6 ? ntohs(address.in6.sin6_port)
                                               : 0;
}

bool pg_ask_server(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    PGresult *server =
        ask(conn, text_of(&sql_db_postgres__octo_ask_server), 0, NULL, deadline_ns, err);
    bool is_fit;

    if (server == NULL) {
        return false;
    }
    if (PQntuples(server) != 1 || PQnfields(server) != COLUMN_COUNT) {
        PQclear(server);
        return err_set(err, ERR_CONFIG, "%s does not answer as PostgreSQL does", conn->host);
    }
    conn->sid = number(server, PID);
    conn->is_pooled = conn->sid != PQbackendPID(conn->pg);
    conn->is_relayed = number(server, CLIENT_PORT) != own_port(conn);
    is_fit = judge(conn, server, err);
    PQclear(server);
    return is_fit;
}

/* --- a pooler between --- */

bool pg_move_in(struct db_conn *conn, const char *names, const char *settings, uint64_t deadline_ns,
                struct err *err)
{
    const char *const values[] = {names, settings};

    return tell(conn, text_of(&sql_db_postgres__octo_empty_session), 0, NULL, deadline_ns, err) &&
           tell(conn, text_of(&sql_db_postgres__octo_set_session), 2, values, deadline_ns, err);
}

/* Has this word come, or does it in time? Other processes may be looking too. */
static bool hears(struct db_conn *conn, const char *word, uint64_t deadline_ns)
{
    bool is_heard = false;

    while (!is_heard && PQstatus(conn->pg) == CONNECTION_OK && !clock_has_passed(deadline_ns)) {
        PGnotify *notice = PQnotifies(conn->pg);

        if (notice != NULL) {
            is_heard = strcmp(notice->extra, word) == 0;
            PQfreemem(notice);
        } else if (wait_readable(conn, deadline_ns) && PQconsumeInput(conn->pg) == 0) {
            break;
        }
    }
    return is_heard;
}

static bool shares_err(const struct db_conn *conn, struct err *err)
{
    return err_set(err, ERR_CONFIG,
                   "%s is a pooler that shares its sessions (transaction or statement mode), and "
                   "services need sessions of their own: pool_mode = session for this database, or "
                   "name the server itself in the database URL",
                   conn->host);
}

/* What one session says while the other is idle reaches that one only where the pooler keeps a
 * session of the server for it. No coincidence makes it look so; when both meet the same process,
 * that nothing will come is known at once. */
static bool keeps_sessions(struct db_conn *idle, struct db_conn *other, struct err *err)
{
    const uint64_t deadline_ns = clock_after_ms(ASK_MS);
    char word[24];
    const char *const values[] = {word};
    PGresult *said;
    bool is_same;

    (void)snprintf(word, sizeof(word), "%016" PRIx64, rng_fast());
    if (!tell(idle, text_of(&sql_db_postgres__octo_pooler_listen), 0, NULL, deadline_ns, err)) {
        return false;
    }
    said = ask(other, text_of(&sql_db_postgres__octo_pooler_notify), 1, values, deadline_ns, err);
    if (said == NULL) {
        return false;
    }
    is_same = PQntuples(said) == 1 && number(said, PID) == idle->sid;
    PQclear(said);
    return (!is_same && hears(idle, word, clock_after_ms(HEAR_MS))) || shares_err(idle, err);
}

/* Pgpool-II tells the server's process as its own, and what is prepared behind it is lost now and
 * then. It alone answers this, in the simple protocol; a server notes a failure, so it is not asked
 * without a reason. */
static bool is_pgpool(struct db_conn *conn)
{
    struct err ignored;
    PGresult *version = PQsendQuery(conn->pg, text_of(&sql_db_postgres__octo_pgpool_version)) != 0
                            ? take_answer(conn, clock_after_ms(ASK_MS), &ignored)
                            : NULL;

    PQclear(version);
    return version != NULL;
}

bool pg_check_pooler(const struct db_options *options, struct db_conn *conn, struct err *err)
{
    struct db_conn *other = NULL;
    bool is_fit;

    if (conn->is_relayed && !conn->is_pooled && is_pgpool(conn)) {
        return err_set(err, ERR_CONFIG,
                       "%s is Pgpool-II, behind which prepared statements get lost: name the "
                       "server itself in the database URL",
                       conn->host);
    }
    if (!conn->is_pooled) {
        return PQstatus(conn->pg) == CONNECTION_OK || pg_lost(conn, err);
    }
    is_fit = pg_sign_in(options, &other, err) && keeps_sessions(conn, other, err);
    pg_close(other);
    return is_fit;
}

bool pg_check(const struct db_options *options, bool *ret_is_pooled, struct err *err)
{
    struct db_conn *conn = NULL;
    bool is_fit = pg_sign_in(options, &conn, err) &&
                  pg_ask_server(conn, clock_after_ms(ASK_MS), err) &&
                  pg_check_pooler(options, conn, err);

    if (is_fit) {
        *ret_is_pooled = conn->is_pooled;
    }
    pg_close(conn);
    return is_fit;
}
