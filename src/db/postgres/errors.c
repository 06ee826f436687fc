/*
 * SQLSTATEs, and libpq's own words where a server was never reached, as our codes by table, with
 * what to do about it where somebody can do something. A server's detail is left out: it quotes
 * values.
 */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"

#include "db/postgres/postgres_priv.h"

enum { MESSAGE_MAX = 1024 };

struct state_code {
    const char *state; /* five characters, or the two of a class */
    enum err_code code;
    const char *remedy; /* NULL where the text says it all */
};

/* The first that fits counts. */
static const struct state_code STATE_CODES[] = {
    {"23505", ERR_UNIQUE, NULL},
    {"23P01", ERR_UNIQUE, NULL},
    {"23503", ERR_FOREIGN_KEY, NULL},
    {"23001", ERR_FOREIGN_KEY, NULL},
    {"23514", ERR_CHECK, NULL},
    {"23502", ERR_CHECK, NULL},
    {"40001", ERR_SERIALIZATION, NULL},
    {"40P01", ERR_SERIALIZATION, NULL},
    {"55P03", ERR_SERIALIZATION, NULL},
    {"57014", ERR_UNAVAILABLE, "the statement was cancelled"},
    {"57P03", ERR_CONNECT, "the server starts or stops: wait a moment"},
    {"57P", ERR_CONNECTION_LOST, NULL},
    {"08", ERR_CONNECTION_LOST, NULL},
    {"42P05", ERR_CONNECTION_LOST,
     "somebody else has used this session: does a pooler that shares its sessions stand between? "
     "octo doctor tells"},
    {"25P03", ERR_CONNECTION_LOST, NULL},
    {"25P02", ERR_UNAVAILABLE, "a statement of this unit failed before"},
    {"25006", ERR_DATABASE,
     "the statement writes outside a write unit, or the server is a standby"},
    {"53300", ERR_CONNECT, "too many clients: make the pools smaller or max_connections larger"},
    {"53100", ERR_CANNOT_STORE, "the server's disk is full: free some space, nothing needs repair"},
    {"53", ERR_UNAVAILABLE, NULL},
    {"54", ERR_LIMIT, NULL},
    {"58", ERR_IO, "look at the server's disk and at its log"},
    {"28", ERR_CONFIG,
     "check user and password in the database URL, whether the client certificate is the user's, "
     "and pg_hba.conf"},
    {"3D000", ERR_CONFIG, "create the database or name another one in the database URL"},
    {"3F000", ERR_SCHEMA, "run the migrations"},
    {"42501", ERR_CONFIG,
     "sign in as the service's own role, or grant this one the right to its schema"},
    {"0A000", ERR_SCHEMA, NULL},
    {"26000", ERR_CONNECTION_LOST,
     "the prepared statements are gone: does a pooler that shares its sessions stand between? octo "
     "doctor tells"},
    {"42", ERR_SCHEMA, NULL},
    {"22", ERR_INVALID, NULL},
    {"XX", ERR_DATABASE, "look at the server's log"},
};

/* Words of libpq and OpenSSL on the way to a session. */
static const struct state_code CONNECT_WORDS[] = {
    {"does not match host name", ERR_CONFIG,
     "the certificate is another host's: name the host as the certificate does"},
    {"no host name", ERR_CONFIG, "verify-full needs a host name in the database URL"},
    {"alert certificate expired", ERR_CONFIG, "renew the client certificate (sslcert)"},
    {"alert unknown ca", ERR_CONFIG,
     "the server does not know the authority of the client certificate (sslcert): have one signed "
     "by its ssl_ca_file"},
    {"certificate verify failed", ERR_CONFIG,
     "the server's certificate has expired, is self-signed, or sslrootcert is not its authority: "
     "octo doctor tells which"},
    {"key values mismatch", ERR_CONFIG, "sslcert and sslkey must belong together"},
    {"has group or world access", ERR_CONFIG, "chmod 600 the key file"},
    {"but not private key file", ERR_CONFIG, "create the file or name another one (sslkey)"},
    {"does not exist", ERR_CONFIG, "create the file or name another one"},
    {"could not read", ERR_CONFIG, "the file must be readable and hold what its option says"},
    {"could not load", ERR_CONFIG, "the file must be readable and hold what its option says"},
    {"could not open", ERR_CONFIG, "the file must be readable for the user that runs this program"},
    {"could not translate host name", ERR_CONNECT, "check the host in the database URL"},
    {"does not support SSL", ERR_CONFIG, "switch ssl on in the server"},
    {"Connection refused", ERR_CONNECT,
     "no server listens there: start it, or check host and port in the database URL"},
    {"No such file or directory", ERR_CONNECT,
     "no server listens there: start it, or check host and port in the database URL"},
    {"no answer in time", ERR_CONNECT,
     "check host and port in the database URL, and the firewalls on the way"},
    {"session is read-only", ERR_CONNECT,
     "the server is a standby: name the primary too, or wait until it is one"},
    {"invalid ", ERR_CONFIG, "correct it in the database URL"},
    {"no password supplied", ERR_CONFIG, "put the password into the database URL or a PGPASSFILE"},
};

/* A server that lets nobody in says why in words only: one SQLSTATE holds for all. */
static const struct state_code REFUSAL_WORDS[] = {
    {"requires a valid client certificate", ERR_CONFIG,
     "name one in the database URL (sslcert and sslkey)"},
    {"no pg_hba.conf entry", ERR_CONFIG,
     "add a line for this user, database and address to the server's pg_hba.conf"},
    {"does not exist", ERR_CONFIG,
     "create the role (octo migrate --admin makes those of the services) or name another one in "
     "the database URL"},
};

/* PgBouncer has one SQLSTATE for all that it says itself. */
static const struct state_code POOLER_WORDS[] = {
    {"unsupported startup parameter", ERR_CONFIG,
     "a pooler stands between and refuses what a session of ours starts with: "
     "ignore_startup_parameters = options (and what the database URL adds) in its settings"},
    {"not allowed in statement pooling mode", ERR_CONFIG,
     "a pooler stands between: pool_mode = session for this database, or name the server itself in "
     "the database URL"},
    {"query_wait_timeout", ERR_CONNECT,
     "the pooler had no session left for us: make its default_pool_size larger or our pools "
     "smaller"},
    {"max_client_conn", ERR_CONNECT,
     "make the pooler's max_client_conn larger or our pools smaller"},
    {"no such database", ERR_CONFIG,
     "a pooler stands between: add the database to its [databases] or name another one in the "
     "database URL"},
    {"no such user", ERR_CONFIG,
     "a pooler stands between: add the role to its auth_file or set its auth_query"},
};

static const struct state_code *words_find(const struct state_code *table, size_t count,
                                           const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, table[i].state) != NULL) {
            return &table[i];
        }
    }
    return NULL;
}

static const struct state_code *state_find(const char *state)
{
    for (size_t i = 0; i < sizeof(STATE_CODES) / sizeof(STATE_CODES[0]); i++) {
        if (strncmp(STATE_CODES[i].state, state, strlen(STATE_CODES[i].state)) == 0) {
            return &STATE_CODES[i];
        }
    }
    return NULL;
}

/* The words count where the SQLSTATE says too little. */
static const struct state_code *code_find(const char *state, const char *text)
{
    const struct state_code *found = NULL;

    if (strncmp(state, "28000", 5) == 0) {
        found = words_find(REFUSAL_WORDS, sizeof(REFUSAL_WORDS) / sizeof(REFUSAL_WORDS[0]), text);
    } else if (strncmp(state, "08P01", 5) == 0) {
        found = words_find(POOLER_WORDS, sizeof(POOLER_WORDS) / sizeof(POOLER_WORDS[0]), text);
    }
    return found != NULL ? found : state_find(state);
}

static void state_err(struct err *err, const char *state, const char *where, const char *text)
{
    const struct state_code *found = code_find(state, text);
    enum err_code code = found != NULL ? found->code : ERR_DATABASE;
    const char *remedy = found != NULL ? found->remedy : NULL;

    err_set(err, code, "%s%s%s%s%s", where, where[0] != '\0' ? ": " : "", text,
            remedy != NULL ? ": " : "", remedy != NULL ? remedy : "");
    memcpy(err->sqlstate, state, 5);
    err->sqlstate[5] = '\0';
}

bool pg_result_err(struct err *err, const struct db_conn *conn, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (state == NULL || strlen(state) != 5) {
        return PQstatus(conn->pg) == CONNECTION_BAD
                   ? pg_lost_err(err, conn->host, PQresultErrorMessage(result))
                   : err_set(err, ERR_DATABASE, "skipped after an earlier failure");
    }
    state_err(err, state, "", text != NULL ? text : "no message");
    if (strcmp(state, "57014") == 0 &&
        (clock_has_passed(conn->deadline_ns) || strstr(err->text, "timeout") != NULL)) {
        err_set(err, ERR_DEADLINE, "statement stopped at its deadline");
        memcpy(err->sqlstate, "57014", 6);
    }
    return false;
}

/* libpq's text has an end of line after each part; ours is one line. */
static void one_line(const char *message, char out[MESSAGE_MAX])
{
    size_t length = 0;

    for (const char *c = message; *c != '\0' && length < MESSAGE_MAX - 3; c++) {
        if (*c != '\n') {
            out[length++] = *c;
        } else if (c[1] != '\0') {
            out[length++] = ';';
            out[length++] = ' ';
        }
    }
    out[length] = '\0';
}

bool pg_lost_err(struct err *err, const char *host, const char *message)
{
    char text[MESSAGE_MAX];

    one_line(message != NULL ? message : "", text);
    return err_set(err, ERR_CONNECTION_LOST, "%s: %s", host,
                   text[0] != '\0' ? text : "connection lost");
}

bool pg_connect_err(struct err *err, const char *host, const char *message)
{
    const struct state_code *found;
    struct pg_cause cause;

    pg_cause_find(message, host, &cause);
    if (cause.state[0] != '\0') {
        state_err(err, cause.state, cause.where, cause.text);
        if (err->code == ERR_CONNECTION_LOST || err->code == ERR_SCHEMA) {
            err->code = ERR_CONNECT;
        }
        return false;
    }
    found = words_find(CONNECT_WORDS, sizeof(CONNECT_WORDS) / sizeof(CONNECT_WORDS[0]), cause.text);
    return err_set(err, found != NULL ? found->code : ERR_CONNECT, "%s: %s%s%s", cause.where,
                   cause.text, found != NULL ? ": " : "", found != NULL ? found->remedy : "");
}
