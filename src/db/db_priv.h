/*
 * db/db_priv.h: the structs behind db.h, for this directory.
 *
 * Locks, taken in this order: db->lock, pool->lock. The lane has its own lock, which is never held
 * together with another. No lock is held over a call into a backend.
 */
#ifndef DB_DB_PRIV_H
#define DB_DB_PRIV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/thread.h"
#include "db/backend.h"
#include "db/db.h"
#include "db/list.h"

struct lane;
struct pipeline;
struct carrier;
struct fiber;

/* One histogram per statement that has run, found by the statement's address. Readers take no lock:
 * a slot's key is published after its histogram. */
struct statement_slot {
    _Atomic(const struct db_statement *) key;
    struct histogram *histogram;
};

struct db {
    struct db_options options; /* text is owned */
    const struct db_backend *backend;
    char *target;
    struct metrics *metrics;
    bool owns_metrics;
    struct lane *lane; /* NULL unless the backend's writers share commits */
    _Atomic int64_t last_now_us;

    struct mutex lock;        /* guards pools and the filling of slots */
    struct list pools;        /* only grows */
    struct db_pool *observer; /* in pools, but not for units of work: asks the server of its
                                 sessions. NULL where there is none */
    struct statement_slot *slots;
    size_t slot_count; /* a power of two */
    size_t slots_used;

    struct thread janitor;
    struct cond janitor_wake;
    bool is_closing;           /* under lock */
    struct db_conn *tend_conn; /* the janitor's own, for db_backend.tend */
    uint64_t tended_commits;   /* the janitor's own: the lane's count at its last visit */
};

enum session_phase {
    PHASE_OWN,     /* statements go to the session's own connection */
    PHASE_WAITING, /* for its turn to write, or for the commit */
    PHASE_LANE,    /* its unit is being run on the lane's connection */
    PHASE_SHARED,  /* reads of several units travel on its connection */
};

enum unit_kind { UNIT_NONE, UNIT_READ, UNIT_WRITE };

/* A session is in exactly one list of its pool. The lists' lengths are the counts. The session of a
 * unit that travels with others (pipeline.c) is in none of them: it stands for its share in the one
 * that carries it, and has no other fields under the lock. */
struct db_session {
    struct list_link link; /* pool->lock */
    struct db_pool *pool;
    int64_t sid;           /* pool->lock; the server's number, else increasing */
    struct db_tags tags;   /* written under pool->lock by whoever has the session */
    uint64_t since_ns;     /* pool->lock: checked out or checked in at that time */
    bool is_hold_reported; /* pool->lock */

    struct db_conn *own;  /* its connection; NULL until opened: units on the lane need none */
    struct db_conn *conn; /* where statements go: own, or the lane's while the unit runs there */
    struct ctx *ctx;      /* of the checkout */
    struct list cursors;  /* open ones */
    enum unit_kind unit;
    int64_t now_us;      /* time of the open unit */
    uint64_t expires_ns; /* end of its lifetime */

    bool is_broken; /* the connection is lost: closed at checkin */

    struct carrier *carrier; /* whose connection it shares; NULL: it has its own */
    struct pipeline *line;   /* of the carrier */
    struct fiber *fiber;     /* that waits */
    unsigned trips;          /* waits that no statement has accounted for */

    _Atomic(const struct db_statement *) statement; /* running, or the last that ran */
    _Atomic enum session_phase phase;
};

struct db_pool {
    struct list_link link; /* db->lock */
    struct db *db;
    struct db_pool_options options; /* name is owned */

    struct mutex lock; /* guards what follows, to the end */
    struct list idle;  /* the one used last stands first */
    struct list in_use;
    struct list opening; /* being connected or checked by the one who takes it out */
    struct list closing;
    struct list waiters;
    int64_t checkouts;
    int64_t timeouts;
    int64_t opened;
    int64_t closed;
    uint64_t backoff_ms; /* 0: the last connect succeeded */
    uint64_t backoff_until_ns;
    struct err backoff_err;

    struct counter *timeout_counter;
    struct histogram *wait_histogram;
    struct histogram *hold_histogram;
};

/* db.c */
struct histogram *db_statement_histogram(struct db *db, const struct db_statement *statement);
/* The time of a new write transaction: later than every one before. */
int64_t db_next_now(struct db *db);
/* Sleeps; the deadline is monotonic. */
void db_pause_until(uint64_t deadline_ns);

/* session.c */
void session_close_cursors(struct db_session *session);

/* pool.c */
/* As db_checkout, for a unit that runs on the lane: the session needs no connection of its own, so
 * that waiting writers do not open and close connections nobody uses. */
MUST_CHECK bool pool_checkout_for_lane(struct ctx *ctx, struct db_pool *pool,
                                       struct db_session **ret_session, struct err *err);
size_t pool_open_locked(const struct db_pool *pool) REQUIRES(pool->lock);
void pool_free(struct db_pool *pool);
/* The session, which is in no list, is to be closed: it stands in `closing` and counts as closed.
 */
void pool_retire_locked(struct db_pool *pool, struct db_session *session) REQUIRES(pool->lock);
/* Closes a session that stands in `closing` and gives the free place to the first waiter. */
void pool_close_session(struct db_pool *pool, struct db_session *session);

/* pipeline.c: sessions of units that travel together. All but the last two pause. */
MUST_CHECK bool pipeline_board(struct ctx *ctx, struct db_pool *pool,
                               struct db_session **ret_session, struct err *err);
/* Before a statement is handed to the backend: puts the unit's tags in force. */
MUST_CHECK bool pipeline_ask(struct db_session *unit, const struct db_statement *statement,
                             struct err *err);
/* Before a step of its result: from then on it does not wait. */
MUST_CHECK bool pipeline_await(struct db_session *unit, const struct db_result *result,
                               struct err *err);
/* The backend says that the connection is gone. Always false. */
bool pipeline_lost(struct db_session *unit, struct err *err);
void pipeline_leave(struct db_session *unit);
/* What a unit is told that has to wait on its own: a worker runs it again. Always false. */
bool pipeline_refuses(struct ctx *ctx, struct err *err);

/* observe.c */
MUST_CHECK bool observer_new(struct db *db, struct err *err);

/* pool_janitor.c */
void janitor_start(struct db *db);
void janitor_stop(struct db *db);
/* One round over a pool: reports sessions that are held too long, retires idle ones past their
 * lifetime. */
void janitor_visit(struct db_pool *pool);

#endif
