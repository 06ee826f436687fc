/*
 * tests/support/tnsd/faults.h: what goes wrong on purpose, when whoever started the listener says
 * so: a line on its standard input, which a line on its standard output answers when it holds.
 *
 *   watch TAG          from now on, calls of sessions with this CLIENT_IDENTIFIER are counted
 *   at CALL WHAT       the CALL-th of them, from 1, meets WHAT, once
 *   calls              answered with a letter for each call so far, of enum fault_call, and a dot
 * behind the one that has met its fault open WHAT          whoever connects from now on meets it;
 * `none` ends that end                all sessions end, as by KILL SESSION IMMEDIATE sessions how
 * many there are, and how many there have been at most since the last `sessions`
 *
 * WHAT is the number of an ORA error, which is answered instead of the call, and the connection
 * ends behind those that end a session; `cut` and `stall`, in place of the call; `cut-behind` and
 * `stall-behind`, in place of its answer. From 12000 to 12999 numbers are a listener's, which
 * refuses with them who connects; others are told at log-on.
 */
#ifndef TESTS_SUPPORT_TNSD_FAULTS_H
#define TESTS_SUPPORT_TNSD_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { FAULT_TAG_ROOM = 65, FAULT_CALLS_MAX = 200 };

/* What is no ORA number is below zero. */
enum fault_what {
    FAULT_NONE = 0,
    FAULT_CUT = -1,
    FAULT_STALL = -2,
    FAULT_CUT_BEHIND = -3,
    FAULT_STALL_BEHIND = -4,
};

enum fault_call {
    FAULT_CALL_STATEMENT = 's',
    FAULT_CALL_FETCH = 'f',
    FAULT_CALL_COMMIT = 'c',
    FAULT_CALL_ROLLBACK = 'r',
};

/* In memory that all connections share. The tag is written while nothing is watched. */
struct faults {
    _Atomic bool is_watching;
    char tag[FAULT_TAG_ROOM];
    _Atomic unsigned calls;
    char kinds[FAULT_CALLS_MAX]; /* of those, in their order */
    _Atomic unsigned at;         /* which one meets it; 0: none does, or it has */
    _Atomic unsigned met;        /* which one has; 0: none */
    _Atomic int pid;             /* of the session that it was met in */
    _Atomic int what;
    _Atomic int open; /* what who connects meets */
};

struct tnsd;
struct tnsd_shared;

/* Does what the lines say until there are none any more, which is when whoever started the listener
 * has ended, in whatever way. */
void faults_obey(struct tnsd_shared *shared);

/* Of a call that has been read whole. True: it goes its way, though its answer may not. False: it
 * has met what it was to meet, and *ret_goes_on is whether the connection does. */
bool faults_spare(struct tnsd *t, enum fault_call call, uint32_t cursor, bool *ret_goes_on);
/* Of an answer that is about to be sent. False: it is not, and the connection is over. */
bool faults_spare_answer(struct tnsd *t);
/* Of a connection that begins, before anything is read. False: it is over. */
bool faults_spare_opening(struct tnsd *t);
/* The number that a listener refuses it with, or a server at log-on; 0: neither does. */
uint32_t faults_refusal(const struct tnsd *t);
uint32_t faults_logon(const struct tnsd *t);

#endif
