/*
 * db/db_priv.h: the structs behind db.h, for this directory.
 *
 * Locks, taken in this order: db->lock, pool->lock. The commit queue has its own lock, which is
 * never held together with another. No lock is held over a call into a backend.
 */
#ifndef DB_DB_PRIV_H
#define DB_DB_PRIV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"
#include "core/thread.h"
#include "db/backend.h"
#include "db/db.h"
#include "db/pool_minute.h"
#include "db/pool_slots.h"
#include "db/sqlid_check.h"
#include "db/statement_meter.h"

struct commit_queue;

struct db {
    struct db_options options; /* text is owned */
    const struct db_backend *backend;
    char *target;
    struct metrics *metrics;
    bool owns_metrics;
    struct statement_meter meter;
    struct sqlid_check *sqlid_check;   /* NULL: nothing is compared */
    struct commit_queue *commit_queue; /* NULL unless the backend's writers share commits */

    struct mutex lock;        /* guards pools */
    struct list pools;        /* only grows */
    struct db_pool *observer; /* in pools, but not for units of work: asks the server of its
                                 sessions. NULL where there is none */

    struct thread janitor;
    struct cond janitor_wake;
    bool is_closing;           /* under lock */
    struct db_conn *tend_conn; /* the janitor's own, for db_backend.tend */
    uint64_t tended_commits;   /* the janitor's own: the commit queue's count at its last visit */
};

/* So long may undoing take, whatever is left of its unit's time. */
enum { UNDO_MS = 5000 };

enum session_phase {
    PHASE_OWN,     /* statements go to the session's own connection */
    PHASE_WAITING, /* for its turn to write */
    PHASE_RUNNING, /* its unit is being run on the commit queue's connection */
    PHASE_COMMIT,  /* its unit is done, and waits for the commit of its group */
    PHASE_SHARED,  /* reads of several units travel on its connection */
};

enum unit_kind { UNIT_NONE, UNIT_READ, UNIT_WRITE };

/* A session of a pool: a connection, in its slot, and who uses it at the moment. */
struct pool_session {
    struct pool_slot slot; /* pool->lock */
    struct db_pool *pool;
    struct db_conn *conn;  /* NULL until opened: queued writers need none */
    int64_t sid;           /* pool->lock; the server's number, else increasing */
    struct db_tags tags;   /* written under pool->lock by whoever has the session */
    bool is_hold_reported; /* pool->lock */

    /* Running, or the last that ran, of the present or the last owner. */
    _Atomic(const struct db_statement *) statement;
    _Atomic enum session_phase phase;
};

/* How a unit came to its session. */
enum session_way {
    WAY_OWN,    /* it has one of the pool for itself */
    WAY_QUEUE,  /* the same, but the commit queue runs it, on the queue's connection */
    WAY_SHARED, /* it is a reader: others use the same one of the pool (pipeline.c) */
};

enum { FIRST_RUNS_MOST = 16 };

/* A unit's session, in its arena, from checkout to checkin. Only its unit uses it, or whoever runs
 * the unit; others find the one of the pool. */
struct db_session {
    struct db_pool *pool;
    struct pool_session *held; /* the one of the pool that is behind it */
    enum session_way way;
    struct ctx *ctx;
    const struct db_tags *tags; /* the unit's */
    struct db_conn *conn; /* where statements go: held's, or the queue's while it runs the unit */
    struct list cursors;  /* open ones */
    const struct db_statement *statement; /* running, or the last that ran */
    enum unit_kind unit;
    int64_t now_us;                                         /* time of the open unit */
    unsigned savepoints;                                    /* it stands in */
    const struct db_statement *first_runs[FIRST_RUNS_MOST]; /* for sqlid_check.h */
    size_t first_run_count;
    bool is_broken; /* the connection is lost, and the one of the pool closed at checkin */
};

static inline void session_init(struct db_session *session, struct ctx *ctx,
                                struct pool_session *held, enum session_way way)
{
    *session = (struct db_session){.pool = held->pool,
                                   .held = held,
                                   .way = way,
                                   .ctx = ctx,
                                   .tags = &held->tags,
                                   .conn = held->conn};
    list_init(&session->cursors);
}

struct db_pool {
    struct list_link link; /* db->lock */
    struct db *db;
    struct db_pool_options options; /* name is owned */

    struct mutex lock; /* guards what follows, to `opener` */
    struct pool_slots slots;
    int64_t checkouts;
    int64_t timeouts;
    int64_t opened;
    int64_t closed;
    struct pool_minute opened_minute; /* of these */
    struct pool_minute closed_minute;
    struct err open_err; /* why the last try to open a session failed */
    bool is_closing;
    struct cond opener_wake;
    uint64_t opener_wakes_ns; /* when it looks again by itself */
    struct thread opener;     /* never started where takers open their own */

    struct counter *opened_counter;
    struct histogram *open_histogram;
    struct counter *closed_counter;
    struct counter *timeout_counter;
    struct histogram *wait_histogram;
    struct histogram *hold_histogram;
};

/* statement.c */
void session_close_cursors(struct db_session *session);

/* checkout.c */
/* As db_checkout, for a unit that the commit queue runs: the session needs no connection of its
 * own, so that waiting writers do not open and close connections nobody uses. */
MUST_CHECK bool checkout_for_queue(struct ctx *ctx, struct db_pool *pool,
                                   struct db_session **ret_session, struct err *err);
/* A span that is no statement's says by this for whom the unit of work waited: db.module and
 * db.action, as the tags of its session are. NULL is accepted. */
struct span;
void db_say_tags(struct span *span, const struct ctx *ctx, const struct db *db);

/* pool.c */
/* A session for the unit, tagged: one that is idle or comes back, or a new one. */
MUST_CHECK bool pool_take(const struct ctx *ctx, struct db_pool *pool, bool needs_connection,
                          struct pool_session **ret_session, struct err *err);
/* One that is idle and fresh, without waiting; NULL: there is none. */
struct pool_session *pool_take_now(const struct ctx *ctx, struct db_pool *pool);
/* One that was given to a waiter in line; NULL: it was lost or too old, and is gone. */
struct pool_session *pool_take_given(const struct ctx *ctx, struct db_pool *pool,
                                     struct pool_waiter *waiter);
/* It comes back with nothing open; its tags are cleared. One that is not sound is closed. */
void pool_put(struct pool_session *session, bool is_sound);
/* A waiter wants no session any more, be it served or not. */
void pool_leave_line(struct db_pool *pool, struct pool_waiter *waiter);
void pool_free(struct db_pool *pool); /* all openers have stopped */

/* pool_wait.c */
/* What is asked of a pool. */
struct pool_demand {
    bool needs_connection;
    uint64_t came_ns;
    uint64_t patience_ends_ns; /* of the pool, for a session that others have */
    uint64_t deadline_ns;      /* of the unit */
};
/* The slot that the taker is given, in its turn; NULL: none in time. */
MUST_CHECK struct pool_slot *pool_wait_locked(struct db_pool *pool,
                                              const struct pool_demand *demand, struct err *err)
    REQUIRES(pool->lock);
/* For one that does not sleep meanwhile. waiter->wake is called under the pool's lock, maybe before
 * this returns; then pool_is_served, and pool_take_given takes what it was given. */
void pool_stand_in_line(struct db_pool *pool, struct pool_waiter *waiter);
bool pool_is_served(struct db_pool *pool, const struct pool_waiter *waiter);
/* How long a unit that comes now waits for a session that others have. */
uint64_t pool_patience_ends(const struct db_pool *pool, const struct ctx *ctx);
/* False: it ended, and the error says who has the sessions. The unit may go on waiting for a pool's
 * first session, which nobody has, until its deadline: *patience_ends_ns follows. */
MUST_CHECK bool pool_has_patience(struct db_pool *pool, const struct ctx *ctx,
                                  uint64_t *patience_ends_ns, struct err *err);
/* Wakes the one that was given a slot; NULL is accepted. */
void pool_wake_locked(struct db_pool *pool, struct pool_waiter *waiter) REQUIRES(pool->lock);
/* All who wait are told pool->open_err. */
void pool_refuse_waiters_locked(struct db_pool *pool, uint64_t now_ns) REQUIRES(pool->lock);
/* Somebody waits, or there is room again: is it time for another session? */
void pool_call_opener_locked(struct db_pool *pool, uint64_t now_ns) REQUIRES(pool->lock);

/* pool_session.c: the sessions of a pool, coming and going. */
static inline struct pool_session *session_of(struct pool_slot *slot)
{
    return LIST_ITEM(slot, struct pool_session, slot);
}
int64_t db_next_sid(void); /* where the server gives no number */
/* In no list; the slot is empty. */
struct pool_session *pool_session_new(struct db_pool *pool);
/* Connects it, without the lock, and counts it as opened; deadline 0: the backend's own patience.
 */
MUST_CHECK bool pool_session_connect(struct db_pool *pool, struct pool_session *session,
                                     uint64_t deadline_ns, struct err *err);
/* Closes a session whose slot is closing, and lets the first waiter profit from its room. */
void pool_session_close(struct db_pool *pool, struct pool_session *session);

/* pool_opener.c: a thread of each pool whose takers do not open sessions themselves. */
void opener_start(struct db_pool *pool);
void opener_stop(struct db_pool *pool);

/* pipeline.c: sessions of units that read together. The first three pause the fiber. */
MUST_CHECK bool pipeline_join(struct ctx *ctx, struct db_pool *pool,
                              struct db_session **ret_session, struct err *err);
/* Before a statement is handed to the backend: puts the reader's tags in force. */
MUST_CHECK bool pipeline_ask(struct db_session *session, const struct db_statement *statement,
                             struct err *err);
/* Before a step of its result: from then on it does not wait. */
MUST_CHECK bool pipeline_await(struct db_session *session, const struct db_result *result,
                               struct err *err);
/* The backend says that the connection is gone: the unit is told so, and to look elsewhere. */
void pipeline_lost(struct db_session *session, struct err *err);
/* Waits of the reader that were not counted yet. */
unsigned pipeline_take_round_trips(struct db_session *session);
void pipeline_leave(struct db_session *session);
/* What a unit is told that has to wait on its own: a worker runs it again. Always false. */
bool pipeline_refuses(struct ctx *ctx, struct err *err);

/* server_sessions.c */
MUST_CHECK bool observer_new(struct db *db, struct err *err);

/* pool_janitor.c */
void janitor_start(struct db *db);
void janitor_stop(struct db *db);
/* One round over a pool: reports sessions that are held too long, closes idle ones that are too old
 * or that nobody wanted for a while. */
void janitor_visit(struct db_pool *pool);
/* A pool could not open a session that it always has: the others close the idle ones past their
 * size, for the server may have no room. */
void janitor_make_room(const struct db_pool *pool);

#endif
