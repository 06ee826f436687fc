/*
 * ora/session_priv.h: a session, for the files that it is made of: turn.c asks and reads the
 * answer, session.c begins and ends it, connect.c reaches a server, logon.c agrees and proves,
 * statement.c executes and fetches.
 */
#ifndef ORA_SESSION_PRIV_H
#define ORA_SESSION_PRIV_H

#include <octo/ora.h>

#include "ora/descriptor.h"
#include "ora/fault.h"
#include "ora/link.h"
#include "ora/message.h"
#include "ora/tags.h"
#include "ora/verifier.h"
#include "ora/who.h"

enum {
    ORA_ANSWER_MAX = 256 << 20, /* bytes of one answer */
    ORA_REQUEST_MAX = 64 << 20, /* bytes of one request */
    ORA_CONNECT_MS = 20000,
    ORA_CALL_MS = 60000,
    ORA_BREAK_MS = 5000, /* for what is broken off to say so, at most */
    ORA_RESENDS_MAX = 3,
    ORA_REDIRECTS_MAX = 3,
    ORA_USER_MAX = 255,
    ORA_SERVICE_MAX = 255,
};

enum ora_function {
    ORA_FUNCTION_REEXECUTE = 4,
    ORA_FUNCTION_FETCH = 5,
    ORA_FUNCTION_LOGOFF = 9,
    ORA_FUNCTION_COMMIT = 14,
    ORA_FUNCTION_ROLLBACK = 15,
    ORA_FUNCTION_REEXECUTE_FETCH = 78,
    ORA_FUNCTION_EXECUTE = 94,
    ORA_FUNCTION_LOB = 96,
    ORA_FUNCTION_CLOSE_CURSORS = 105,
    ORA_FUNCTION_LOGON_TWO = 115,
    ORA_FUNCTION_LOGON_ONE = 118,
    ORA_FUNCTION_END_TO_END = 135,
    ORA_FUNCTION_PING = 147,
    ORA_FUNCTION_RELEASE = 163,
};

/* Who wants to see an answer's messages as they come, before the answer is whole: a break makes
 * void what it saw. False ends the session, with the error filled. */
typedef bool ora_taker(void *arg, const struct ora_message *message, struct octo_ora_error *error);

/* The database's own time zone. */
struct ora_zone {
    bool is_known;
    int offset_min;
    const char *fault; /* why it is of no use, as a value's; NULL: it is */
};

/* Statements that wait to be wanted again, the newest last. */
struct ora_cache {
    struct octo_ora_statement **statements;
    size_t count;
    size_t max;
};

/* What a request takes along besides what is asked. */
struct ora_cargo {
    size_t closing;   /* cursors, the first of those that wait */
    size_t releasing; /* bytes of locators, the same */
    bool has_tags;
};

struct octo_ora {
    struct ora_link link;
    struct ora_address address; /* that it is connected to, or tries */
    struct ora_dialect dialect;
    int call_ms;
    size_t sdu;
    bool is_wide;
    bool is_dead;
    bool is_draining; /* the server has said that it goes away: nothing new is begun */
    bool is_owed;     /* an answer that nobody waits for, see leave.c */
    int break_ms;
    uint64_t round_trips;
    uint32_t sid;
    uint8_t sequence;
    uint32_t call_status;
    uint32_t max_text; /* bytes that SQL takes as a VARCHAR: 4,000 or 32,767 */
    char version[24];
    char user[ORA_USER_MAX + 1];
    char service[ORA_SERVICE_MAX + 1];
    uint8_t key[ORA_KEY_MAX]; /* what passwords travel under */
    size_t key_length;        /* 0: there is none */
    bool has_fast_logon;      /* the server takes one */
    bool ends_responses;   /* the server has offered to end each answer with a message of its own */
    bool is_pooled;        /* its server goes back to a pool at the end */
    struct ora_wr in;      /* bytes that came and are no whole packet yet */
    size_t taken;          /* of them, by the packet that was given out last */
    bool has_had_packet;   /* since the deadline was set */
    struct ora_wr request; /* a stream of messages */
    struct ora_wr packets; /* the same, cut */
    struct ora_wr answer;  /* the stream of the last answer */
    struct ora_answer reading;
    size_t read_to; /* of the answer */
    struct ora_tags tags;
    struct ora_zone zone;
    struct ora_cache cache;
    uint32_t *closing; /* cursors that go with the next request */
    size_t closing_count;
    size_t closing_room;     /* in bytes */
    struct ora_wr releasing; /* locators of temporary LOBs that go with it too */
    struct ora_cargo cargo;  /* of the request that is written; gone once it has been sent */
    unsigned generation; /* of the server's process: cursors of an older one are no longer there */
    /* of the last call */
    struct ora_failure failure; /* its text has been copied */
    char failure_text[OCTO_ORA_TEXT];
    bool has_failed;
};

/* --- session.c --- */

/* One that is not connected yet; NULL: no memory. */
struct octo_ora *ora_session_new(const struct octo_ora_options *options);
void ora_session_free(struct octo_ora *session);

/* --- die.c --- */

/* The session is dead; says why. */
bool ora_die(struct octo_ora *session, struct octo_ora_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- turn.c --- */

/* Begins a request in session->request, where `carries` behind what goes along: cursors to close,
 * tags, LOBs to free. These wait on where the request is not sent. */
void ora_request_begin(struct octo_ora *session, enum ora_function function, bool carries);
/* The same of one that is not answered. */
void ora_one_way_begin(struct octo_ora *session, enum ora_function function);
/* Sends the request and reads its answer. False: dead, broken off, or refused by the server. Rows
 * stay in session->answer. */
bool ora_turn(struct octo_ora *session, enum ora_call call, ora_taker *taker, void *arg,
              struct octo_ora_error *error);
/* Sends the request, whose answer is left for the next turn. */
bool ora_say(struct octo_ora *session, struct octo_ora_error *error);
/* Reads the answer that is owed, if there is one: what it says is of no interest unless it is that
 * the session has ended. */
bool ora_settle(struct octo_ora *session, struct octo_ora_error *error);
/* Reads packets that nobody has asked for, as far as they are there. */
bool ora_take_notices(struct octo_ora *session, struct octo_ora_error *error);
/* Time for the next call. */
void ora_set_deadline(struct octo_ora *session, int ms);
/* The next packet whatever its type, borrowed until the next one; false when the session is dead.
 * Behind the deadline one packet is taken, if it is there, and no second one: who says something
 * without end is as late as who says nothing. */
bool ora_next_packet(struct octo_ora *session, struct ora_packet *ret,
                     struct octo_ora_error *error);
bool ora_send(struct octo_ora *session, const struct ora_wr *bytes, struct octo_ora_error *error);
/* Queues a cursor for closing; its place in the server is lost where memory is out. */
void ora_close_cursor(struct octo_ora *session, uint32_t cursor);

/* --- connect.c --- */

/* Reaches a listener that accepts, by one of the ways of the descriptor, until session's deadline.
 * Gives the description that led there, or NULL; then the error says what became of the last way.
 */
const struct ora_description *ora_reach(struct octo_ora *session,
                                        const struct octo_ora_options *options,
                                        const struct ora_descriptor *descriptor,
                                        const struct ora_who *who, struct octo_ora_error *error);

/* --- cache.c --- */

enum { ORA_CACHED_DEFAULT = 20, ORA_CACHED_MAX = 1000 };

/* As many as that; 0: the default; less: none. False: there is no memory. */
bool ora_cache_init(struct ora_cache *cache, int wanted);
/* Of one that is empty. */
void ora_cache_fini(struct ora_cache *cache);

/* --- statement.c --- */

/* Frees all that the cache keeps; their cursors are closed with the next request. */
void ora_statements_clear(struct ora_cache *cache);

/* --- zone.c --- */

/* Asks for it unless it is known. */
bool ora_zone_learn(struct octo_ora *session, struct octo_ora_error *error);

/* --- logon.c --- */

/* To the server that was reached by that description. */
bool ora_log_on(struct octo_ora *session, const struct octo_ora_options *options,
                const struct ora_description *description, const struct ora_who *who,
                struct octo_ora_error *error);

#endif
