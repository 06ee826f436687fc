/*
 * tests/support/tnsd/tnsd.h: a listener that Oracle's own drivers accept, for tests. It poses as a
 * server of 12.2, 19c or 23ai, and runs statements on PostgreSQL, rewritten; what
 * the rewriting does not know it refuses with ORA-00900. Each connection has a process of its own;
 * users.h is who may have one.
 *
 * options.c reads the command line, conversation.c moves packets and keeps the record, greeting.c
 * accepts, refuses or sends elsewhere, logon.c agrees on a dialect and checks the password,
 * request.c reads what is asked, calls.c finds out what to do and execution.c does it, answer.c
 * writes what is answered. rewrite.h makes PostgreSQL's statements of Oracle's, database.h runs
 * them, values.h has both sides' values and lobs.h large objects; seen.h is what V$SESSION shows,
 * sql_area.h what V$SQL does, views.h hands them over. faults.h is what goes wrong on purpose.
 */
#ifndef TESTS_SUPPORT_TNSD_TNSD_H
#define TESTS_SUPPORT_TNSD_TNSD_H

#include <openssl/ssl.h>
#include <stdio.h>

#include "ora/message.h"
#include "tests/support/tnsd/faults.h"
#include "tests/support/tnsd/seen.h"
#include "tests/support/tnsd/users.h"

enum {
    TNSD_COLUMNS_MAX = 1000,
    TNSD_BINDS_MAX = 255, /* as many as an old client takes directions of */
    TNSD_CURSORS_MAX = 300,
    TNSD_SQL_MAX = 1 << 20,
    TNSD_STREAM_MAX = 64 << 20,
};

/* Which server it says that it is. */
struct tnsd_pose {
    const char *name;
    uint16_t version; /* of Oracle Net */
    uint8_t field_version;
    uint32_t server_version;
};

/* What connections may change for those that come after them. */
struct tnsd_shared {
    char password[USERS_PASSWORD_ROOM]; /* of the listener's own user */
    bool is_expired;
    struct seen seen;
    struct sql_area sql_area;
    struct faults faults;
};

struct tnsd_options {
    uint32_t port; /* 0: a free one, which is printed */
    const char *service;
    const char *user;
    const char *password;
    const char *database; /* a URL of PostgreSQL's; NULL: every statement is refused */
    const char *record;   /* directory; NULL: nothing is recorded */
    bool errors_by_marker;
    const char
        *certificate; /* with these three all goes by TLS, and a client must show a certificate */
    const char *key;
    const char *authority; /* of clients' certificates */
    bool renegotiates;     /* TLS anew once a client has said where it wants to go */
    /* What a client hears that says where it wants to go. */
    const char *redirect;         /* HOST:PORT that it is sent to, or ADDRESS; NULL: nowhere */
    const char *redirect_service; /* that it shall ask for there; NULL: the same */
    bool redirects_inline;        /* in the packet, as old listeners do, and not behind it */
    bool expects_redirect;        /* refuses who says not that he was sent */
    uint32_t refuse;              /* ORA-number that everybody is refused with; 0: none */
    bool refuses_behind;          /* the text comes in a packet of its own */
    uint32_t resends;             /* how often it must say so again */
    uint32_t accepts_as;          /* version of Oracle Net that is accepted with; 0: the pose's */
    bool demands_encryption;      /* Oracle's own */
    bool ends_after_accept;       /* as servers do that demand it and are not asked */
    const char *route_name;       /* that a client must say in TLS; NULL: any, or none */
    /* Log-on. */
    const char *pose;         /* "12.2", "19c", "23ai" */
    bool no_fast_logon;       /* which 23ai offers otherwise */
    bool no_end_of_response;  /* the same */
    bool dislikes_types;      /* in a fast log-on: they must be declared again */
    const char *verifier;     /* "12c", "11g", or "11g-long" with halves of keys of 48 bytes */
    const char *proxy_client; /* whom the user may act for; NULL: nobody */
    bool is_expired;          /* the password, until there is another one */
    const char *token;        /* that stands in place of a password; NULL: none does */
    const char *token_key;    /* file of the public key that it must be signed for by; NULL: none */
    const char *failure;      /* text of an ORA error that every log-on ends with; NULL: none */
    bool is_pooled;           /* every client must want, and give back, a pooled server */
    const char
        *privilege;      /* "sysdba" or "sysoper": nobody comes in without it; NULL: nor with one */
    const char *edition; /* that there is besides the default one; NULL: none */
    struct tnsd_shared *shared;
};

/* NULL: there is none of that name. */
const struct tnsd_pose *tnsd_pose_of(const char *name);
/* False: what was wrong has been printed. */
bool tnsd_read_options(int argc, char **argv, struct tnsd_options *ret);

/* In the order in which they come. */
enum tnsd_tag {
    TNSD_CLIENT_IDENTIFIER,
    TNSD_MODULE,
    TNSD_ACTION,
    TNSD_EXECUTION_CONTEXT,
    TNSD_CLIENT_INFO,
    TNSD_OPERATION,
    TNSD_TAGS
};
enum { TNSD_TAG_MAX = 64, TNSD_SERIAL = 4711 /* V$SESSION.SERIAL# of every session */ };

struct tnsd_cursor;

struct tnsd {
    const struct tnsd_options *options;
    int fd;
    SSL_CTX *tls_ctx; /* NULL: bytes go as they are */
    SSL *tls;
    FILE *record;
    size_t packets; /* recorded */
    bool is_wide;
    uint8_t sequence;     /* of the request, which an error names: JDBC tells by it whose it is */
    bool hides_next;      /* what the client sends next stays out of the record */
    struct ora_wr in;     /* raw bytes that have come and are no whole packet yet */
    struct ora_wr stream; /* of messages, unread */
    struct ora_wr answer; /* being written */
    struct ora_dialect dialect; /* of the client */
    const struct tnsd_pose *pose;
    bool wants_ends;     /* of answers, the client does */
    bool ends_responses; /* by a message of their own, from here on */
    uint8_t session_half[48];
    size_t half_length;
    struct user user; /* who logs on, or has */
    bool is_logged_on;
    bool is_in_transaction;
    size_t error_position; /* in the statement's text, of the error that is told next */
    uint8_t random_state[16];
    char tags[TNSD_TAGS][TNSD_TAG_MAX + 1];
    char program[TNSD_TAG_MAX + 1]; /* these three as the client says at log-on */
    char machine[TNSD_TAG_MAX + 1];
    char os_user[TNSD_TAG_MAX + 1];
    struct sql_area_statement *statement; /* that runs; NULL: none, or one that has no place */
    int64_t statement_began_us;
    struct tnsd_cursor **cursors; /* TNSD_CURSORS_MAX of them; NULL is a free place */
    uint32_t last_cursor;
    struct database *database; /* NULL until the first statement */
    struct lobs *lobs;
    struct seen_session *seen; /* in memory that all share; NULL: there is no place */
    bool is_broken_off;        /* by the client, while a statement runs */
    bool is_lost;              /* the client has gone meanwhile */
    bool loses_answer;         /* the next one, on purpose */
};

/* --- conversation.c; false is the end of the connection --- */

/* A new session of TLS, where there is TLS at all. */
bool tnsd_secure(struct tnsd *t);
/* Has something come that nobody has read? poll(2) sees only what still lies in the socket: a
 * marker may have been read with the request before it. */
bool tnsd_has_input(const struct tnsd *t);
/* The next packet, whole, borrowed until the next call. */
bool tnsd_next_packet(struct tnsd *t, struct ora_packet *ret);
/* The next packet of DATA is added to the stream. A marker meanwhile is answered as a break of
 * nothing. */
bool tnsd_more(struct tnsd *t);
bool tnsd_send_packet(struct tnsd *t, enum ora_packet_type type, uint8_t flags, const void *body,
                      size_t length);
/* Sends what stands in t->answer, and empties it. */
bool tnsd_send_answer(struct tnsd *t);
bool tnsd_send_marker(struct tnsd *t, enum ora_marker marker);
/* Reads on until the client's marker of a reset. */
bool tnsd_await_reset(struct tnsd *t);

/* --- greeting.c --- */

bool tnsd_connect(struct tnsd *t);

/* --- logon.c --- */

bool tnsd_protocol(struct tnsd *t);
enum ora_step tnsd_data_types(struct tnsd *t, struct ora_rd *rd);
enum ora_step tnsd_logon_one(struct tnsd *t, struct ora_rd *rd);
enum ora_step tnsd_logon_two(struct tnsd *t, struct ora_rd *rd);
/* All of these but the last, in one message. */
enum ora_step tnsd_logon_fast(struct tnsd *t, struct ora_rd *rd);
bool tnsd_has_fast_logon(const struct tnsd *t);
bool tnsd_has_end_of_response(const struct tnsd *t);
bool tnsd_native_services(struct tnsd *t);

/* --- request.c --- */

struct ora_bytes tnsd_read_bare(const struct tnsd *t, struct ora_rd *rd, size_t length);
void tnsd_skip_piggyback(struct tnsd *t, uint8_t function, struct ora_rd *rd);

/* --- answer.c: each adds to t->answer --- */

void tnsd_write_parameters(struct tnsd *t, uint32_t cursor); /* of an execution */
void tnsd_write_status(struct tnsd *t);
/* Number 0: it went well. */
void tnsd_write_error(struct tnsd *t, uint32_t number, const char *text, uint32_t cursor,
                      uint64_t rows);

/* --- calls.c --- */

/* Answers calls until the connection ends. */
void tnsd_serve(struct tnsd *t);

#endif
