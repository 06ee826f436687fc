/*
 * octo/ora.h: reaches Oracle databases of 12.1 to 26ai over the network, without Oracle's client.
 * It needs libc and OpenSSL.
 *
 *     struct octo_ora_options options = {.dsn = "db.example.org/orders", .user = "app", .password =
 * "..."}; struct octo_ora_statement *statement; struct octo_ora_error error; struct octo_ora
 * *session; bool has_row;
 *
 *     octo_ora_connect(&options, &session, &error);
 *     octo_ora_prepare(session, "SELECT name FROM products WHERE id = :1", &statement, &error);
 *     octo_ora_bind_int(statement, 1, 7);
 *     octo_ora_execute(statement, &error);
 *     octo_ora_fetch(statement, &has_row, &error);
 *
 * Every function that can fail gives false and fills the error; none of them waits beyond the
 * session's time limits. A session and its statements belong to one thread at a time; sessions
 * share nothing, and the library keeps nothing but a count of the look-ups of hosts that are under
 * way. It raises no signal: a connection that the server has closed is an error, not SIGPIPE. Texts
 * are UTF-8.
 */
#ifndef OCTO_ORA_H
#define OCTO_ORA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define OCTO_ORA_API __attribute__((visibility("default")))
#define OCTO_ORA_CHECKED __attribute__((visibility("default"), warn_unused_result))
#else
#define OCTO_ORA_API
#define OCTO_ORA_CHECKED
#endif

enum octo_ora_kind {
    OCTO_ORA_NONE,
    OCTO_ORA_USAGE,   /* the caller's fault: nothing was sent */
    OCTO_ORA_CONNECT, /* there is no session: not reached, not accepted, or not logged on */
    OCTO_ORA_SERVER,  /* the server refused the call; the session goes on */
    OCTO_ORA_TIMEOUT, /* the call took too long and was broken off; the session goes on */
    OCTO_ORA_LOST,    /* the session is dead: close it */
    OCTO_ORA_UNKNOWN, /* the session is dead, and whether its commit was made is not known */
    OCTO_ORA_MEMORY,
};

enum { OCTO_ORA_TEXT = 512 };

struct octo_ora_error {
    enum octo_ora_kind kind;
    int number;   /* of ORA-number; 0: none */
    int position; /* in the statement's text, in bytes from 0, where the server names one */
    char text[OCTO_ORA_TEXT]; /* what happened, where, and what to do; never a secret */
};

/* Told of each part of connecting when it is over: what it was ("look-up", "TCP", "proxy", "TLS",
 * "listener", "dialect", "log-on", "pause"), where (a host or address, a version of TLS, a service;
 * never NULL), how many microseconds it took, and whether it went well. `name` and `where` last
 * until it returns. */
typedef void octo_ora_on_phase(void *arg, const char *name, const char *where, int64_t microseconds,
                               bool ok);

/* With which rights somebody logs on who has them (AS SYSDBA and its kind). */
enum octo_ora_privilege {
    OCTO_ORA_NO_PRIVILEGE,
    OCTO_ORA_SYSDBA,
    OCTO_ORA_SYSOPER,
    OCTO_ORA_SYSASM,
    OCTO_ORA_SYSBACKUP,
    OCTO_ORA_SYSDG,
    OCTO_ORA_SYSKM,
    OCTO_ORA_SYSRAC,
    OCTO_ORA_PRIVILEGE_COUNT
};

struct octo_ora_options {
    /* One of
     *   [[tcp:|tcps:]//]HOST[:PORT][,HOST...]/SERVICE[:SERVER][/INSTANCE][?NAME=VALUE&...]
     *   (DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=...)(PORT=...))(CONNECT_DATA=(SERVICE_NAME=...)))
     *   ALIAS, of a file tnsnames.ora
     * as in Oracle's Net Services Reference; an IPv6 address in brackets, port 1521 where none is.
     * With tcps all goes by TLS 1.2 or 1.3, and the server's certificate must be of that host. */
    const char *dsn;
    /* Directory of tnsnames.ora. NULL: that of TNS_ADMIN in the environment, or the wallet's. */
    const char *tns_admin;
    /* Directory with ewallet.pem or ewallet.p12: key and certificate to show, authorities to trust;
     * read anew for each session. One that holds a certificate which signs for itself is all that
     * is trusted; else the system's authorities are. NULL: that which the connect string names, or
     * none: then no certificate is shown, and the system's authorities are trusted, as with the
     * name "SYSTEM". */
    const char *wallet_dir;
    const void *wallet; /* the bytes of such a file instead; NULL: none */
    size_t wallet_size;
    const char *wallet_password; /* NULL: its key is not enciphered */
    const char
        *user; /* in double quotes where its case counts; USER[CLIENT]: USER acts for CLIENT */
    const char *password;     /* up to 1,024 bytes */
    const char *new_password; /* what it shall be from now on; NULL: it stays. Where one has run out
                               * (ORA-28001), no other way leads in. */
    /* A token of an identity service (OAuth 2, or OCI's IAM) instead of user and password; over TLS
     * alone. The user is then NULL, or [CLIENT]. */
    const char *token;
    const char *token_key; /* that signs for a token of IAM: an RSA key as text (PEM); NULL: none */
    enum octo_ora_privilege privilege;
    const char *edition; /* of the database's, that the session works in: up to 128 bytes; NULL: its
                          * default */
    const char *time_zone; /* of the session, as in ALTER SESSION: "+00:00"; NULL: this machine's */
    /* An address of another machine (than localhost, 127.0.0.0/8 and ::1) is refused where the
     * connect string does not say tcps for it, before anything is sent there. */
    bool needs_tls;
    const char *program; /* as V$SESSION shows it; NULL: "octo-ora" */
    /* For connecting and logging on, all addresses and retries of the connect string included; 0:
     * 20,000. An address that does not answer has its share of what is left, or as long as the
     * connect string says. */
    int connect_ms;
    int call_ms; /* for each call; 0: 60,000 */
    /* Freed statements that are kept, up to 1,000, with their cursors on the server, so that the
     * same text goes by a number when it is prepared again; 0: 20, less: none. */
    int cached_statements;
    octo_ora_on_phase *on_phase; /* NULL: nobody is told */
    void *on_phase_arg;
};

/* What is in a wallet, for who looks whether it will do. Times are seconds since 1970, UTC. */
struct octo_ora_wallet {
    char file[OCTO_ORA_TEXT]; /* that was read; cut where it is longer */
    bool is_private;          /* to its owner */
    bool has_key;             /* with a certificate that fits it, which is offered */
    int64_t begins_s;         /* of that certificate */
    int64_t ends_s;
    unsigned authorities;     /* further certificates */
    bool has_root;            /* one of them signs for itself: they alone are trusted */
    int64_t authority_ends_s; /* of the first of them to end */
};
/* Reads it as octo_ora_connect does, and asks nobody. `password` may be NULL. Where the wallet is
 * no good the error is the one that connecting ends with, and what could be read is told all the
 * same. */
OCTO_ORA_CHECKED bool octo_ora_wallet_look(const char *dir, const char *password,
                                           struct octo_ora_wallet *ret,
                                           struct octo_ora_error *error);

struct octo_ora;           /* a session */
struct octo_ora_statement; /* belongs to its session, and must be freed before it is closed */

/* --- sessions --- */

/* Could octo_ora_connect begin? Reads the connect string and, where that is an alias, tnsnames.ora;
 * asks nobody, and opens no wallet. */
OCTO_ORA_CHECKED bool octo_ora_check(const struct octo_ora_options *options,
                                     struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_connect(const struct octo_ora_options *options,
                                       struct octo_ora **ret_session, struct octo_ora_error *error);
/* Rolls back what is open, takes leave of the server where the session lives, and frees it. NULL is
 * fine. Takes as long as one call may. */
OCTO_ORA_API void octo_ora_close(struct octo_ora *session);
OCTO_ORA_API bool octo_ora_is_alive(const struct octo_ora *session);
/* As the server said at the end of the last call. */
OCTO_ORA_API bool octo_ora_in_transaction(const struct octo_ora *session);
OCTO_ORA_API const char *
octo_ora_server_version(const struct octo_ora *session); /* "19.22.0.0.0" */
/* Its number at the server, V$SESSION.SID; 0 where the server did not say. */
OCTO_ORA_API uint32_t octo_ora_sid(const struct octo_ora *session);
/* Where it has been let in; as long as the session lasts. A database that is named by its SID and
 * not by a service has "" for the latter. */
OCTO_ORA_API const char *octo_ora_host(const struct octo_ora *session);
OCTO_ORA_API const char *octo_ora_port(const struct octo_ora *session);
OCTO_ORA_API const char *octo_ora_service(const struct octo_ora *session);
/* How many answers have been waited for since it began, log-on included. */
OCTO_ORA_API uint64_t octo_ora_round_trips(const struct octo_ora *session);
OCTO_ORA_API void octo_ora_set_call_ms(struct octo_ora *session, int call_ms); /* as the option */
/* How long a server that was asked to break a call off may take to say so, before the session is
 * given up; 0: 5,000, and never longer than the call itself had. Where a bell ends the call early,
 * what is left of its time, if that is more, up to 5,000. */
OCTO_ORA_API void octo_ora_set_break_ms(struct octo_ora *session, int break_ms);
/* A descriptor that can be polled and read: an eventfd that does not block, say. When it becomes
 * readable while a call waits for its answer, eight bytes are read from it and the call is broken
 * off as if it had taken too long. -1: none. Not heeded within octo_ora_start's work. */
OCTO_ORA_API void octo_ora_set_bell(struct octo_ora *session, int fd);
OCTO_ORA_CHECKED bool octo_ora_ping(struct octo_ora *session, struct octo_ora_error *error);
/* Failed: refused with OCTO_ORA_SERVER, not known with OCTO_ORA_UNKNOWN. */
OCTO_ORA_CHECKED bool octo_ora_commit(struct octo_ora *session, struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_rollback(struct octo_ora *session, struct octo_ora_error *error);

/* Sends the tags that have changed and the cursors to be closed in one request whose answer nobody
 * waits for: the next call reads it first, and tells what a server that has ended the session
 * meanwhile says. `rolls_back`: the same ends a transaction. Nothing is sent where there is nothing
 * to say. Waits only where such an answer is still to come, or the connection takes nothing more.
 */
OCTO_ORA_CHECKED bool octo_ora_leave(struct octo_ora *session, bool rolls_back,
                                     struct octo_ora_error *error);
/* Takes what has come without being waited for: the answer to octo_ora_leave, word that the server
 * goes away, the connection's end. False where the session should not be used any more. */
OCTO_ORA_CHECKED bool octo_ora_look(struct octo_ora *session, struct octo_ora_error *error);

/* Gives the server back to its pool (DRCP) and keeps the connection: the next call takes one again,
 * perhaps another, whose session has this one's user and tags and nothing else of it. What is open
 * is rolled back; statements, cursors and LOBs must have been freed. */
OCTO_ORA_CHECKED bool octo_ora_release(struct octo_ora *session, struct octo_ora_error *error);

/* The user's own, from this session. Both up to 1,024 bytes. */
OCTO_ORA_CHECKED bool octo_ora_change_password(struct octo_ora *session, const char *password,
                                               const char *new_password,
                                               struct octo_ora_error *error);

/* What the session is for, as V$SESSION shows it. */
enum octo_ora_tag {
    OCTO_ORA_CLIENT_IDENTIFIER,
    OCTO_ORA_MODULE, /* of more than 48 bytes servers may cut it, ACTION of more than 32 */
    OCTO_ORA_ACTION,
    OCTO_ORA_CLIENT_INFO,
    OCTO_ORA_OPERATION, /* a database operation's name */
    OCTO_ORA_TAG_COUNT
};
/* Goes with the next request, where it differs from before, and costs no round trip. NULL or ""
 * takes it away; of more than 64 bytes it is refused. */
OCTO_ORA_CHECKED bool octo_ora_set_tag(struct octo_ora *session, enum octo_ora_tag tag,
                                       const char *text, struct octo_ora_error *error);

/* --- statements --- */

/* Sends nothing yet. The text is copied. For octo_ora_free. */
OCTO_ORA_CHECKED bool octo_ora_prepare(struct octo_ora *session, const char *sql,
                                       struct octo_ora_statement **ret_statement,
                                       struct octo_ora_error *error);
OCTO_ORA_API void octo_ora_free(struct octo_ora_statement *statement); /* NULL is fine */

/* Binds are counted from 1 in the order in which they stand: in SQL each occurrence of a name is a
 * place of its own, in a block (BEGIN, DECLARE, CALL) a name has one, where it stands first. They
 * keep their values from one execution to the next. What cannot be bound is told by
 * octo_ora_execute. */

/* The next place of that name behind `after` (0: the first one); 0: there is none. The name comes
 * without its colon, in any case of its letters, or in double quotes. */
OCTO_ORA_API unsigned octo_ora_place(const struct octo_ora_statement *statement, const char *name,
                                     unsigned after);
OCTO_ORA_API void octo_ora_bind_null(struct octo_ora_statement *statement, unsigned place);
OCTO_ORA_API void octo_ora_bind_int(struct octo_ora_statement *statement, unsigned place,
                                    int64_t value);
/* A NUMBER, exactly as written: up to 40 digits, with point and exponent. */
OCTO_ORA_API void octo_ora_bind_number(struct octo_ora_statement *statement, unsigned place,
                                       const char *digits);
/* Copied; up to 32 MiB. One of no bytes is NULL, as everywhere in Oracle. A ROWID is bound as its
 * text. What is longer than 32,767 bytes a block takes as a CLOB or a BLOB. */
OCTO_ORA_API void octo_ora_bind_text(struct octo_ora_statement *statement, unsigned place,
                                     const char *text, size_t length);
/* The same in the national character set, for NVARCHAR2 and NCHAR. */
OCTO_ORA_API void octo_ora_bind_ntext(struct octo_ora_statement *statement, unsigned place,
                                      const char *text, size_t length);
OCTO_ORA_API void octo_ora_bind_raw(struct octo_ora_statement *statement, unsigned place,
                                    const void *bytes, size_t length);
OCTO_ORA_API void octo_ora_bind_float(struct octo_ora_statement *statement, unsigned place,
                                      float value); /* BINARY_FLOAT */
OCTO_ORA_API void octo_ora_bind_double(struct octo_ora_statement *statement, unsigned place,
                                       double value); /* BINARY_DOUBLE */
/* In SQL from 23ai on, in blocks everywhere: bind 0 or 1 instead. */
OCTO_ORA_API void octo_ora_bind_bool(struct octo_ora_statement *statement, unsigned place,
                                     bool value);

/* What a calendar and a clock show. */
struct octo_ora_time {
    int16_t year; /* 1 BC is -1; there is no 0 */
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t minute;
    uint8_t second;
    uint32_t nanosecond;
    int16_t offset_min; /* from UTC, of a time with a zone */
    bool has_offset;
};
OCTO_ORA_API void octo_ora_bind_date(struct octo_ora_statement *statement, unsigned place,
                                     const struct octo_ora_time *time);
/* TIMESTAMP WITH TIME ZONE where the time has an offset, else TIMESTAMP. */
OCTO_ORA_API void octo_ora_bind_timestamp(struct octo_ora_statement *statement, unsigned place,
                                          const struct octo_ora_time *time);
/* TIMESTAMP WITH LOCAL TIME ZONE, of a time with an offset. Columns of that type take any
 * timestamp, but only compared with their own does their index serve. */
OCTO_ORA_API void octo_ora_bind_local(struct octo_ora_statement *statement, unsigned place,
                                      const struct octo_ora_time *time);

/* INTERVAL YEAR TO MONTH: up to 999,999,999 years and 11 months, both of one sign. */
struct octo_ora_months {
    int32_t years;
    int32_t months;
};
/* INTERVAL DAY TO SECOND: up to 999,999,999 days, 23 hours and so on, all of one sign. */
struct octo_ora_seconds {
    int32_t days;
    int32_t hours;
    int32_t minutes;
    int32_t seconds;
    int32_t nanoseconds;
};
OCTO_ORA_API void octo_ora_bind_months(struct octo_ora_statement *statement, unsigned place,
                                       const struct octo_ora_months *interval);
OCTO_ORA_API void octo_ora_bind_seconds(struct octo_ora_statement *statement, unsigned place,
                                        const struct octo_ora_seconds *interval);

/* What a place can be declared as. */
enum octo_ora_bind_type {
    OCTO_ORA_BIND_VARCHAR2, /* also ROWID */
    OCTO_ORA_BIND_NVARCHAR2,
    OCTO_ORA_BIND_RAW,
    OCTO_ORA_BIND_NUMBER,
    OCTO_ORA_BIND_DATE,
    OCTO_ORA_BIND_TIMESTAMP,
    OCTO_ORA_BIND_TIMESTAMP_TZ,
    OCTO_ORA_BIND_TIMESTAMP_LTZ,
    OCTO_ORA_BIND_INTERVAL_YM,
    OCTO_ORA_BIND_INTERVAL_DS,
    OCTO_ORA_BIND_BINARY_FLOAT,
    OCTO_ORA_BIND_BINARY_DOUBLE,
    OCTO_ORA_BIND_BOOLEAN,
    OCTO_ORA_BIND_CLOB,
    OCTO_ORA_BIND_NCLOB,
    OCTO_ORA_BIND_BLOB,
    OCTO_ORA_BIND_CURSOR, /* only out of a block: SYS_REFCURSOR */
    OCTO_ORA_BIND_TYPE_COUNT
};
/* NULL of that type; a value of it that is bound later keeps the room. This is how places are told
 * what comes out of them: OUT and IN OUT of a block, and those behind RETURNING INTO. Of the first
 * three `room` is how many bytes, 0: 4,000. */
OCTO_ORA_API void octo_ora_bind_type(struct octo_ora_statement *statement, unsigned place,
                                     enum octo_ora_bind_type type, size_t room);

/* What comes out of binds is read as rows are, with octo_ora_fetch: each bind is the column of its
 * place. A block gives one row, RETURNING INTO one for each row that was changed. A place that only
 * goes in is NULL there. */
OCTO_ORA_CHECKED bool octo_ora_execute(struct octo_ora_statement *statement,
                                       struct octo_ora_error *error);
/* Has the server read the text, and tells what it finds wrong; nothing is run. Of a query the
 * columns are known then. */
OCTO_ORA_CHECKED bool octo_ora_parse(struct octo_ora_statement *statement,
                                     struct octo_ora_error *error);
/* Did something come out of that bind, if only NULL? False of one that only went in. */
OCTO_ORA_API bool octo_ora_comes_out(const struct octo_ora_statement *statement, unsigned place);

/* --- many executions in one call, or a few --- */

/* Adds an execution with the values that are bound now, for octo_ora_execute_added. A place has the
 * same type in all of them; NULL has any. */
OCTO_ORA_CHECKED bool octo_ora_add(struct octo_ora_statement *statement,
                                   struct octo_ora_error *error);
enum octo_ora_how {
    OCTO_ORA_GO_ON = 1,      /* behind an execution that fails: see octo_ora_failed */
    OCTO_ORA_COUNT_EACH = 2, /* the rows of each: see octo_ora_rows_of */
};
/* Executes what was added, which is forgotten then. `how` is of octo_ora_how, 0 for blocks. Without
 * OCTO_ORA_GO_ON the first failure ends it; what was done before is done, and row_count says how
 * many rows that were. */
OCTO_ORA_CHECKED bool octo_ora_execute_added(struct octo_ora_statement *statement, unsigned how,
                                             struct octo_ora_error *error);
/* Of the execution, counted from 1; 0 where they were not counted. */
OCTO_ORA_API uint64_t octo_ora_rows_of(const struct octo_ora_statement *statement,
                                       size_t execution);
OCTO_ORA_API size_t octo_ora_failed_count(const struct octo_ora_statement *statement);
/* The execution of failure number `which`, both from 1, and what became of it. 0: there is none. */
OCTO_ORA_API size_t octo_ora_failed(const struct octo_ora_statement *statement, size_t which,
                                    struct octo_ora_error *ret);

/* How many rows the server sends with one answer, at most; 0: 100. For executions from now on. */
OCTO_ORA_API void octo_ora_set_rows_at_once(struct octo_ora_statement *statement, uint32_t rows);
/* Rows that the last execution changed, or that were fetched from the server so far. */
OCTO_ORA_API uint64_t octo_ora_row_count(const struct octo_ora_statement *statement);
/* *ret_has_row false is the end. Values of the row before are gone. */
OCTO_ORA_CHECKED bool octo_ora_fetch(struct octo_ora_statement *statement, bool *ret_has_row,
                                     struct octo_ora_error *error);

enum octo_ora_type {
    OCTO_ORA_OTHER, /* its bytes are those of the wire */
    OCTO_ORA_CHARACTERS,
    OCTO_ORA_NUMBER,
    OCTO_ORA_TIME, /* DATE and all kinds of TIMESTAMP */
    OCTO_ORA_RAW,
    OCTO_ORA_ROWID,    /* also UROWID */
    OCTO_ORA_MONTHS,   /* INTERVAL YEAR TO MONTH */
    OCTO_ORA_SECONDS,  /* INTERVAL DAY TO SECOND */
    OCTO_ORA_FLOATING, /* BINARY_FLOAT and BINARY_DOUBLE */
    OCTO_ORA_BOOLEAN,
    OCTO_ORA_CLOB, /* these two only where LOBs are streamed, or come out of binds */
    OCTO_ORA_BLOB,
    OCTO_ORA_CURSOR, /* a bind's, or CURSOR(...) in a query */
};

struct octo_ora_column {
    const char *name; /* lasts until the statement is described anew or freed */
    enum octo_ora_type type;
    bool is_nullable;
};

/* Columns are counted from 1. There are none before the first execution. */
OCTO_ORA_API unsigned octo_ora_column_count(const struct octo_ora_statement *statement);
OCTO_ORA_API struct octo_ora_column octo_ora_column(const struct octo_ora_statement *statement,
                                                    unsigned place);
OCTO_ORA_API bool octo_ora_is_null(const struct octo_ora_statement *statement, unsigned place);

/* A value as text: characters as they are, NUMBER as plain digits, times as 2024-02-29 13:14:15.5,
 * intervals as 1-02 and 3 04:05:06.7, floating numbers in the fewest digits that give them back,
 * TRUE and FALSE, ROWID as Oracle writes it, all else as its bytes. `at` points into the row, which
 * lasts until the next fetch, or into `room`. NULL has no bytes. */
struct octo_ora_text {
    const char *at;
    size_t length;
    char room[192];
};
OCTO_ORA_CHECKED bool octo_ora_get_text(const struct octo_ora_statement *statement, unsigned place,
                                        struct octo_ora_text *ret, struct octo_ora_error *error);
/* Exactly, or not at all. */
OCTO_ORA_CHECKED bool octo_ora_get_int(const struct octo_ora_statement *statement, unsigned place,
                                       int64_t *ret, struct octo_ora_error *error);
/* One WITH LOCAL TIME ZONE has the database's own offset from UTC. */
OCTO_ORA_CHECKED bool octo_ora_get_time(const struct octo_ora_statement *statement, unsigned place,
                                        struct octo_ora_time *ret, struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_get_months(const struct octo_ora_statement *statement,
                                          unsigned place, struct octo_ora_months *ret,
                                          struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_get_seconds(const struct octo_ora_statement *statement,
                                           unsigned place, struct octo_ora_seconds *ret,
                                           struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_get_double(const struct octo_ora_statement *statement,
                                          unsigned place, double *ret,
                                          struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_get_bool(const struct octo_ora_statement *statement, unsigned place,
                                        bool *ret, struct octo_ora_error *error);

/* --- cursors of the server's --- */

/* A cursor that came out of a bind or lies in a row, as a statement whose rows are fetched; for
 * octo_ora_free. It can be taken once; not where it is NULL or was never opened. One in a row is
 * closed by the server with the statement that the row is of. */
OCTO_ORA_CHECKED bool octo_ora_get_cursor(struct octo_ora_statement *statement, unsigned place,
                                          struct octo_ora_statement **ret_cursor,
                                          struct octo_ora_error *error);
/* The next of the results that a block gives by itself (DBMS_SQL.RETURN_RESULT), for octo_ora_free;
 * *ret_cursor NULL is the end. */
OCTO_ORA_CHECKED bool octo_ora_next_result(struct octo_ora_statement *statement,
                                           struct octo_ora_statement **ret_cursor,
                                           struct octo_ora_error *error);

/* --- LOBs ---
 *
 * A query gives CLOBs as texts and BLOBs as bytes, whole: an answer holds up to 256 MiB of them. Or
 * it streams them: then each is read piece by piece, over calls of its own. */

/* For executions from now on. */
OCTO_ORA_API void octo_ora_stream_lobs(struct octo_ora_statement *statement, bool streams);

/* Belongs to its session, and must be freed before it is closed. */
struct octo_ora_lob;

/* Of a column that is streamed, or of a bind that something came out of; not where it is NULL. */
OCTO_ORA_CHECKED bool octo_ora_get_lob(struct octo_ora_statement *statement, unsigned place,
                                       struct octo_ora_lob **ret_lob, struct octo_ora_error *error);
/* A temporary one: OCTO_ORA_BIND_CLOB, _NCLOB or _BLOB. */
OCTO_ORA_CHECKED bool octo_ora_lob_create(struct octo_ora *session, enum octo_ora_bind_type type,
                                          struct octo_ora_lob **ret_lob,
                                          struct octo_ora_error *error);
/* A temporary one is freed on the server with the next request. NULL is fine. */
OCTO_ORA_API void octo_ora_lob_free(struct octo_ora_lob *lob);
/* The LOB must not be freed before the statement is executed. */
OCTO_ORA_API void octo_ora_bind_lob(struct octo_ora_statement *statement, unsigned place,
                                    const struct octo_ora_lob *lob);
/* The next piece, which lasts until the next call for this LOB; of a CLOB it is UTF-8, and of whole
 * characters. No bytes: the end. */
OCTO_ORA_CHECKED bool octo_ora_lob_read(struct octo_ora_lob *lob, const void **ret_at,
                                        size_t *ret_length, struct octo_ora_error *error);
/* Writes where it stands, and stands behind it then; of a CLOB UTF-8. A LOB of a row is written to
 * where that row is locked (SELECT ... FOR UPDATE). */
OCTO_ORA_CHECKED bool octo_ora_lob_write(struct octo_ora_lob *lob, const void *bytes, size_t length,
                                         struct octo_ora_error *error);
/* Positions and sizes count from 0, bytes of a BLOB and UTF-16 units of a CLOB. Both begin at 0. */
OCTO_ORA_API void octo_ora_lob_seek(struct octo_ora_lob *lob, uint64_t position);
OCTO_ORA_CHECKED bool octo_ora_lob_size(struct octo_ora_lob *lob, uint64_t *ret,
                                        struct octo_ora_error *error);
OCTO_ORA_CHECKED bool octo_ora_lob_trim(struct octo_ora_lob *lob, uint64_t size,
                                        struct octo_ora_error *error);

/* --- for a caller with a loop of its own --- */

/* What shall be done: a function that calls what is above, as if it might wait, and gives what
 * these give. It runs on a stack of its own of 256 KiB, in the thread that finishes it, and must
 * not wait for anything else. */
typedef bool octo_ora_work(void *arg, struct octo_ora_error *error);

struct octo_ora_task; /* work that goes on; gone when it is done or has failed */

/* Nothing runs yet. */
OCTO_ORA_CHECKED bool octo_ora_start(octo_ora_work *work, void *arg,
                                     struct octo_ora_task **ret_task, struct octo_ora_error *error);

/* What the work waits for: events of poll(2) at `fd`, or nothing but time where that is -1, and no
 * longer than `ms`; then, or before, it is to go on. */
struct octo_ora_wait {
    int fd;
    short events;
    int ms;
};
enum octo_ora_state { OCTO_ORA_PENDING, OCTO_ORA_DONE, OCTO_ORA_FAILED };

/* Goes on, and waits for nobody. OCTO_ORA_PENDING fills the wait, OCTO_ORA_FAILED the error. */
OCTO_ORA_CHECKED enum octo_ora_state octo_ora_finish(struct octo_ora_task *task,
                                                     struct octo_ora_wait *ret_wait,
                                                     struct octo_ora_error *error);
/* From the next octo_ora_finish on, whatever the work would wait for fails as a connection that has
 * ended, until the work ends; so sessions that it was using are dead. */
OCTO_ORA_API void octo_ora_give_up(struct octo_ora_task *task);

#endif
