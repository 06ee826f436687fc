/*
 * tests/support/tnsd/seen.h: what the listener's sessions are at, for whoever asks V$SESSION. Each
 * connection, which is a process, writes a place of its own in memory that all share; a session
 * that asks reads all of them, and hands them to PostgreSQL as a list, which oracle.sql makes a
 * view of (views.h).
 */
#ifndef TESTS_SUPPORT_TNSD_SEEN_H
#define TESTS_SUPPORT_TNSD_SEEN_H

#include <stdatomic.h>

#include "ora/message.h"
#include "tests/support/tnsd/sql_area.h"
#include "tests/support/tnsd/users.h"

enum { SEEN_SESSIONS = 128, SEEN_TAG_ROOM = 65 };

/* What is told of a session. A text of no characters is NULL there. */
struct seen_facts {
    uint32_t sid;
    int pid;            /* of the listener's process */
    int postgres_pid;   /* of its session there; 0: none yet */
    int64_t began_s;    /* UTC */
    int64_t changed_us; /* when it began or ended its last call, on the monotonic clock */
    bool is_active;
    char name[USERS_NAME_ROOM]; /* of the user; of the administrator none */
    char client_identifier[SEEN_TAG_ROOM];
    char module[SEEN_TAG_ROOM];
    char action[SEEN_TAG_ROOM];
    char client_info[SEEN_TAG_ROOM];
    char program[SEEN_TAG_ROOM]; /* these three as the client has said at log-on */
    char machine[SEEN_TAG_ROOM];
    char os_user[SEEN_TAG_ROOM];
    char sql_id[SQL_ID_ROOM];      /* of the statement that runs; no characters: none does */
    char prev_sql_id[SQL_ID_ROOM]; /* of the one before */
};

/* A version that is odd is being written. */
struct seen_session {
    _Atomic int owner; /* the process; 0: the place is free */
    _Atomic unsigned version;
    struct seen_facts facts;
};

struct seen {
    _Atomic uint32_t last_sid;
    _Atomic unsigned most; /* that there were at a time */
    struct seen_session sessions[SEEN_SESSIONS];
};

struct tnsd;

/* Of a connection that begins. It has no place, and no number, where all are taken. */
void seen_begin(struct tnsd *t);
void seen_end(struct tnsd *t);
/* A call begins or is answered. */
void seen_call(struct tnsd *t, bool is_active);
/* Within it this statement runs, or its rows are fetched. Its time is counted until the answer. */
void seen_statement(struct tnsd *t, struct sql_area_statement *statement);
/* How many there are, and *ret_most how many there have been at most since this was asked before.
 */
unsigned seen_count(struct seen *seen, unsigned *ret_most);
/* Each of their processes; they are gone when this returns. */
void seen_kill_all(const struct seen *seen);
/* All sessions, as a list of JSON. */
void seen_write(const struct tnsd *t, struct ora_wr *wr);

#endif
