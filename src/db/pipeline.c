/*
 * A pipeline, one of a pool's:
 *
 *             no session is idle         in its turn
 *        .---------------------> in line ------------.
 *        |                                           v
 *      empty --------------------------------------> open --------------> busy
 *        ^ ^      a session is idle                  |  ^  batch is sent  |  |
 *        | '-- last reader leaves, or turn is over --'  '-- all answered -'  |
 *        '--------------------------------------------- lost, or given up ---'
 *
 * Readers that come while all of a pool are busy wait until a batch is answered. Where no session
 * is idle the pipeline stands in the pool's line for them, like everybody: were its readers sent to
 * workers, each of these would wait for a session of its own, none would ever be idle again, and no
 * two reads would travel together until the load ends. A session that comes with answers to its
 * last owner still on their way is busy at first, with an empty batch.
 *
 * A shared session that is lost stays until the last of its readers has left it, because their
 * answers may be in its hands.
 */
#include "db/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/fiber.h"
#include "db/pipeline_states.h"

#include "db/db_priv.h"

enum {
    PATIENCE_MS = 500,  /* then a batch is given up, and who waits for it looks elsewhere, */
    PATIENCE_TIMES = 8, /* but not before it took so many times as long as batches do */
    TURN_MS = 100,      /* a session that is shared for so long goes to the next in line */
    PIPELINES_MOST = 2, /* of a pool: one more would carry fewer in each than it saves in waiting */
};

/* A session of the pool that is taken for readers to share. */
struct shared_session {
    struct pool_session *session;
    size_t readers;                       /* that have joined and not left */
    const struct pipeline_reader *tagged; /* whose tags are in force; NULL: nobody's */
    bool is_lost;                         /* no more answers come */
    uint64_t turn_ends_ns;
};

/* A unit that reads, and what it has checked out; lives in the unit's arena. */
struct pipeline_reader {
    struct db_session session; /* once it has joined */
    struct reader place;
    struct ctx *ctx;
    struct pipeline *pipeline;
    struct shared_session *shared; /* while it has joined, also when the pipeline has another */
    struct db_tags tags;
    struct fiber *fiber; /* while it waits */
    bool is_refused;     /* its pool has no session and cannot open one */
    unsigned trips;      /* waits that no statement has accounted for */
};

struct pipeline {
    struct list_link link; /* in db_pipelines */
    struct db_pipelines *owner;
    struct db_pool *pool;
    enum pipeline_state state;
    struct shared_session *shared; /* while it is open or busy */
    bool has_asked;                /* something is to be sent */
    uint64_t until_ns;             /* the first deadline of those who asked */
    enum db_batch_state batch;     /* how the last one stands or ended */
    uint64_t sent_ns;
    uint64_t due_ns; /* when the batch is given up */
    struct readers readers;
    uint64_t joining_until_ns;  /* the first of them has no more patience; CLOCK_NEVER */
    struct pool_waiter in_line; /* of the pool, for a session */
};

struct db_pipelines {
    struct db *db;
    int epoll;
    int served; /* an event: one of them has got its session */
    uint32_t number;
    struct list all;
    uint64_t batch_ns; /* what batches take: a moving average, of those given up too */
};

/* --- life --- */

static size_t joining(const struct pipeline *pipeline)
{
    return pipeline->readers.waiting[READER_JOINING].length;
}

/* Edge-triggered: each write is an event, and nobody has to read it. */
static bool watch_served(const struct db_pipelines *pipelines)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = pipelines->number};

    return pipelines->served >= 0 &&
           epoll_ctl(pipelines->epoll, EPOLL_CTL_ADD, pipelines->served, &event) == 0;
}

struct db_pipelines *db_pipelines_new(struct db *db, int epoll, uint32_t number)
{
    struct db_pipelines *pipelines;

    if (db->backend->pipeline_send == NULL) {
        return NULL;
    }
    pipelines = mem_alloc(sizeof(*pipelines));
    pipelines->db = db;
    pipelines->epoll = epoll;
    pipelines->served = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pipelines->number = number;
    list_init(&pipelines->all);
    if (!watch_served(pipelines)) {
        db_pipelines_free(pipelines);
        return NULL;
    }
    return pipelines;
}

void db_pipelines_free(struct db_pipelines *pipelines)
{
    struct list_link *link;

    if (pipelines == NULL) {
        return;
    }
    while ((link = list_pop_front(&pipelines->all)) != NULL) {
        struct pipeline *pipeline = LIST_ITEM(link, struct pipeline, link);

        assert(pipeline->state == PIPELINE_EMPTY && joining(pipeline) == 0);
        free(pipeline);
    }
    if (pipelines->served >= 0) {
        (void)close(pipelines->served);
    }
    free(pipelines);
}

/* By another thread, under the pool's lock: no more than a signal. */
static void tell_served(struct pool_waiter *waiter)
{
    const struct pipeline *pipeline = LIST_ITEM(waiter, struct pipeline, in_line);
    const uint64_t one = 1;

    (void)!write(pipeline->owner->served, &one, sizeof(one));
}

static struct pipeline *pipeline_new(struct db_pipelines *pipelines, struct db_pool *pool)
{
    struct pipeline *pipeline = mem_alloc(sizeof(*pipeline));

    pipeline->owner = pipelines;
    pipeline->pool = pool;
    pipeline->batch = DB_BATCH_ANSWERED;
    pipeline->until_ns = pipeline->joining_until_ns = CLOCK_NEVER;
    pipeline->in_line.wake = tell_served;
    readers_init(&pipeline->readers);
    list_push_back(&pipelines->all, &pipeline->link);
    return pipeline;
}

/* --- waiting --- */

bool pipeline_refuses(struct ctx *ctx, struct err *err)
{
    return ctx_leave(ctx, err, "not to be had together with others");
}

static struct pipeline_reader *reader_at(struct list_link *link)
{
    return LIST_ITEM(LIST_ITEM(link, struct reader, link), struct pipeline_reader, place);
}

static void wait_as(struct pipeline *pipeline, struct pipeline_reader *reader,
                    enum reader_state state)
{
    reader->fiber = fiber_self();
    reader_move(&pipeline->readers, &reader->place, state);
    fiber_pause();
}

/* Lets those go on that waited before this call; they may be gone afterwards, or wait again. */
static void wake_all(struct pipeline *pipeline, enum reader_state state)
{
    struct reader *reader;

    for (size_t left = pipeline->readers.waiting[state].length;
         left > 0 && (reader = readers_next(&pipeline->readers, state)) != NULL; left--) {
        fiber_resume(LIST_ITEM(reader, struct pipeline_reader, place)->fiber);
    }
}

/* --- the session --- */

static struct db_conn *conn_of(const struct pipeline *pipeline)
{
    return pipeline->shared->session->conn;
}

static const struct db_backend *backend_of(const struct pipeline *pipeline)
{
    return pipeline->owner->db->backend;
}

static bool is_under_way(const struct pipeline *pipeline)
{
    return pipeline->batch == DB_BATCH_SENDING || pipeline->batch == DB_BATCH_SENT;
}

static void watch(const struct pipeline *pipeline, int operation)
{
    struct epoll_event event = {
        .events = EPOLLIN | (pipeline->batch == DB_BATCH_SENDING ? (uint32_t)EPOLLOUT : 0),
        .data.u32 = pipeline->owner->number,
    };

    (void)epoll_ctl(pipeline->owner->epoll, operation,
                    backend_of(pipeline)->descriptor(conn_of(pipeline)), &event);
}

/* A machine that is slow throughout must not give up all it does, and do it twice. Batches that
 * were given up count too, so where a server hangs the patience grows, to a bound. */
static uint64_t patience_ends(const struct db_pipelines *pipelines, uint64_t now_ns)
{
    const uint64_t least_ns = PATIENCE_MS * CLOCK_NS_PER_MS;
    const uint64_t most_ns = PATIENCE_TIMES * least_ns;
    uint64_t patience_ns = PATIENCE_TIMES * pipelines->batch_ns;

    if (patience_ns < least_ns) {
        patience_ns = least_ns;
    }
    return now_ns + (patience_ns < most_ns ? patience_ns : most_ns);
}

/* From now on the pipeline is busy, until batch_end. */
static void batch_begin(struct pipeline *pipeline, enum db_batch_state batch)
{
    uint64_t patience_ns;

    pipeline_move(&pipeline->state, PIPELINE_BUSY);
    pipeline->batch = batch;
    pipeline->sent_ns = clock_mono_ns();
    patience_ns = patience_ends(pipeline->owner, pipeline->sent_ns);
    pipeline->due_ns = pipeline->until_ns < patience_ns ? pipeline->until_ns : patience_ns;
    pipeline->until_ns = CLOCK_NEVER;
    if (is_under_way(pipeline)) {
        watch(pipeline, EPOLL_CTL_ADD);
    } else {
        pipeline->due_ns = 0; /* it has ended before it began */
    }
}

/* A session that the pipeline has taken is its readers' to share. `tagged` is the reader under
 * whose tags it is; NULL: nobody's that could join. */
static void share(struct pipeline *pipeline, struct pool_session *session,
                  const struct pipeline_reader *tagged)
{
    struct shared_session *shared = mem_alloc(sizeof(*shared));
    enum db_batch_state left;

    atomic_store_explicit(&session->phase, PHASE_SHARED, memory_order_relaxed);
    shared->session = session;
    shared->tagged = tagged;
    shared->turn_ends_ns = clock_after_ms(TURN_MS);
    pipeline->shared = shared;
    pipeline_move(&pipeline->state, PIPELINE_OPEN);
    left = backend_of(pipeline)->pipeline_receive(session->conn);
    if (left != DB_BATCH_ANSWERED) {
        batch_begin(pipeline, left);
    }
}

/* Its session goes back to the pool; a lost one is closed. */
static void shared_free(struct shared_session *shared)
{
    atomic_store_explicit(&shared->session->phase, PHASE_OWN, memory_order_relaxed);
    pool_put(shared->session, !shared->is_lost);
    free(shared);
}

static void stand_in_line(struct pipeline *pipeline, uint64_t came_ns)
{
    pipeline_move(&pipeline->state, PIPELINE_IN_LINE);
    pipeline->in_line.came_ns = came_ns;
    pool_stand_in_line(pipeline->pool, &pipeline->in_line);
}

/* Those who still want to join it wait for another. */
static void give_back(struct pipeline *pipeline)
{
    struct shared_session *shared = pipeline->shared;

    pipeline_move(&pipeline->state, PIPELINE_EMPTY);
    pipeline->shared = NULL;
    shared_free(shared);
    if (joining(pipeline) > 0) {
        stand_in_line(pipeline, clock_mono_ns());
    }
}

/* --- joining and leaving --- */

static bool is_turn_over(const struct pipeline *pipeline)
{
    return clock_has_passed(pipeline->shared->turn_ends_ns);
}

/* Nobody is left in it, nothing is under way, and nobody waits who may still join. */
static bool is_done(const struct pipeline *pipeline)
{
    assert((pipeline->state >= PIPELINE_OPEN) == (pipeline->shared != NULL));
    return pipeline->state == PIPELINE_OPEN && pipeline->shared->readers == 0 &&
           !pipeline->has_asked && (joining(pipeline) == 0 || is_turn_over(pipeline));
}

/* A pipeline that takes readers, be it for this one; NULL: none does at once. */
static struct pipeline *open_for(const struct ctx *ctx, struct db_pool *pool,
                                 const struct pipeline_reader *reader)
{
    struct db_pipelines *pipelines = ctx->place->together;
    struct pipeline *empty = NULL;
    struct pool_session *session;
    size_t count = 0;

    LIST_EACH (link, &pipelines->all) {
        struct pipeline *pipeline = LIST_ITEM(link, struct pipeline, link);

        if (pipeline->pool != pool) {
            continue;
        }
        count++;
        if (pipeline->state == PIPELINE_EMPTY) {
            empty = pipeline;
        } else if (pipeline->state == PIPELINE_OPEN && !is_turn_over(pipeline)) {
            return pipeline;
        }
    }
    if (empty == NULL && count < PIPELINES_MOST) {
        empty = pipeline_new(pipelines, pool);
    }
    session = empty != NULL ? pool_take_now(ctx, pool) : NULL;
    if (session == NULL) {
        return NULL;
    }
    share(empty, session, reader);
    return empty->state == PIPELINE_OPEN ? empty : NULL;
}

enum nearness { TURN_OVER, NOWHERE, IN_LINE, COMES_BACK };

static enum nearness nearness_of(const struct pipeline *pipeline)
{
    switch (pipeline->state) {
    case PIPELINE_IN_LINE:
        return IN_LINE;
    case PIPELINE_BUSY:
        return is_turn_over(pipeline) ? TURN_OVER : COMES_BACK;
    case PIPELINE_OPEN:
        return TURN_OVER;
    default:
        return NOWHERE;
    }
}

/* The pipeline to wait for, when none is open: of those that are busy the one that is
 * longest, else one that is in line, if need be from now on. */
static struct pipeline *nearest_of(const struct db_pipelines *pipelines, const struct db_pool *pool)
{
    struct pipeline *nearest = NULL;
    enum nearness best = TURN_OVER;

    LIST_EACH (link, &pipelines->all) {
        struct pipeline *pipeline = LIST_ITEM(link, struct pipeline, link);
        const enum nearness its = nearness_of(pipeline);

        if (pipeline->pool == pool &&
            (nearest == NULL || its > best ||
             (its == COMES_BACK && best == its && pipeline->due_ns < nearest->due_ns))) {
            nearest = pipeline;
            best = its;
        }
    }
    assert(nearest != NULL); /* open_for has made one */
    if (best == NOWHERE) {
        stand_in_line(nearest, clock_mono_ns());
    }
    return nearest;
}

/* False: the reader's time could be over before the batch has ended, or no session can be had. */
static bool wait_to_join(struct pipeline *pipeline, struct pipeline_reader *reader,
                         uint64_t patience_ends_ns, struct err *err)
{
    struct ctx *ctx = reader->ctx;

    if (pipeline->state == PIPELINE_BUSY && ctx->deadline_ns < pipeline->due_ns) {
        return pipeline_refuses(ctx, err);
    }
    if (patience_ends_ns < pipeline->joining_until_ns) {
        pipeline->joining_until_ns = patience_ends_ns;
    }
    wait_as(pipeline, reader, READER_JOINING);
    return !reader->is_refused || pipeline_refuses(ctx, err);
}

bool pipeline_join(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                   struct err *err)
{
    struct pipeline_reader *reader = arena_alloc(ctx->arena, sizeof(*reader));
    uint64_t patience_ends_ns = 0;
    struct pipeline *pipeline;

    reader->ctx = ctx;
    db_tags_from(ctx, pool->db->backend->tag_limits, &reader->tags);
    while ((pipeline = open_for(ctx, pool, reader)) == NULL) {
        if (patience_ends_ns == 0) {
            patience_ends_ns = pool_patience_ends(pool, ctx);
        }
        if (!pool_has_patience(pool, ctx, &patience_ends_ns, err) ||
            !wait_to_join(nearest_of(ctx->place->together, pool), reader, patience_ends_ns, err)) {
            return false;
        }
    }
    reader_move(&pipeline->readers, &reader->place, READER_JOINED);
    pipeline->shared->readers++;
    reader->pipeline = pipeline;
    reader->shared = pipeline->shared;
    session_init(&reader->session, ctx, reader->shared->session, WAY_SHARED);
    reader->session.tags = &reader->tags;
    *ret_session = &reader->session;
    return true;
}

/* Lets those go on that wait to join: into the pipeline if it is open, else they wait again. */
static void let_join(struct pipeline *pipeline)
{
    pipeline->joining_until_ns = CLOCK_NEVER;
    wake_all(pipeline, READER_JOINING);
    if (is_done(pipeline)) {
        give_back(pipeline);
    }
    if (pipeline->state == PIPELINE_IN_LINE && joining(pipeline) == 0) {
        pipeline_move(&pipeline->state, PIPELINE_EMPTY);
        pool_leave_line(pipeline->pool, &pipeline->in_line);
    }
}

/* Its turn in the pool's line has come, or will not come. */
static void take_turn(struct pipeline *pipeline)
{
    struct list *waiting = &pipeline->readers.waiting[READER_JOINING];
    struct pool_session *session;

    assert(joining(pipeline) > 0);
    if (pipeline->in_line.is_refused) {
        pipeline_move(&pipeline->state, PIPELINE_EMPTY);
        LIST_EACH (link, waiting) {
            reader_at(link)->is_refused = true;
        }
        let_join(pipeline);
        return;
    }
    session =
        pool_take_given(reader_at(waiting->ends.next)->ctx, pipeline->pool, &pipeline->in_line);
    if (session == NULL) {
        pipeline_move(&pipeline->state, PIPELINE_EMPTY);
        stand_in_line(pipeline, pipeline->in_line.came_ns);
        return;
    }
    share(pipeline, session, NULL);
    if (pipeline->state == PIPELINE_OPEN) {
        let_join(pipeline);
    }
}

static struct pipeline_reader *reader_of(struct db_session *session)
{
    return LIST_ITEM(session, struct pipeline_reader, session);
}

void pipeline_leave(struct db_session *session)
{
    struct pipeline_reader *reader = reader_of(session);
    struct shared_session *shared = reader->shared;
    struct pipeline *pipeline = reader->pipeline;

    reader_move(&pipeline->readers, &reader->place, READER_OUTSIDE);
    if (shared->tagged == reader) {
        shared->tagged = NULL;
    }
    shared->readers--;
    if (shared == pipeline->shared) {
        if (is_done(pipeline)) {
            give_back(pipeline);
        }
    } else if (shared->readers == 0) {
        shared_free(shared);
    }
}

/* --- asking --- */

/* Waits until the batch has ended. False: the reader's time could be over before that. */
static bool wait_to_ask(struct pipeline *pipeline, struct pipeline_reader *reader)
{
    if (pipeline->state == PIPELINE_BUSY) {
        if (reader->ctx->deadline_ns < pipeline->due_ns) {
            return false;
        }
        wait_as(pipeline, reader, READER_ASKING);
    }
    return true;
}

/* Views show the session under the tags of the reader that asked last. */
static void show(struct pool_session *session, const struct db_tags *tags,
                 const struct db_statement *statement)
{
    mutex_lock(&session->pool->lock);
    session->tags = *tags;
    mutex_unlock(&session->pool->lock);
    atomic_store_explicit(&session->statement, statement, memory_order_relaxed);
}

bool pipeline_ask(struct db_session *session, const struct db_statement *statement, struct err *err)
{
    struct pipeline_reader *reader = reader_of(session);
    struct shared_session *shared = reader->shared;
    struct pipeline *pipeline = reader->pipeline;

    if (!shared->is_lost && !wait_to_ask(pipeline, reader)) {
        return pipeline_refuses(reader->ctx, err);
    }
    if (!shared->is_lost && shared->tagged != reader) {
        shared->is_lost = !session->pool->db->backend->set_tags(session->conn, &reader->tags, err);
    }
    if (shared == pipeline->shared && pipeline->state == PIPELINE_OPEN) {
        pipeline->has_asked = true; /* one that is lost has to end a batch, too */
    }
    if (shared->is_lost) {
        return pipeline_refuses(reader->ctx, err);
    }
    shared->tagged = reader;
    if (reader->ctx->deadline_ns < pipeline->until_ns) {
        pipeline->until_ns = reader->ctx->deadline_ns;
    }
    show(shared->session, &reader->tags, statement);
    return true;
}

bool pipeline_await(struct db_session *session, const struct db_result *result, struct err *err)
{
    const struct db_backend *backend = session->pool->db->backend;
    struct pipeline_reader *reader = reader_of(session);
    struct pipeline *pipeline = reader->pipeline;

    /* What its own batch did not bring, no other will. */
    if (!backend->has_answer(result) && !reader->shared->is_lost &&
        (pipeline->has_asked || pipeline->state == PIPELINE_BUSY)) {
        reader->trips++;
        wait_as(pipeline, reader, READER_ASKING);
    }
    return backend->has_answer(result) || pipeline_refuses(reader->ctx, err);
}

void pipeline_lost(struct db_session *session, struct err *err)
{
    struct pipeline_reader *reader = reader_of(session);

    reader->shared->is_lost = true;
    (void)pipeline_refuses(reader->ctx, err);
}

unsigned pipeline_take_round_trips(struct db_session *session)
{
    struct pipeline_reader *reader = reader_of(session);
    const unsigned made = reader->trips;

    reader->trips = 0;
    return made;
}

/* --- batches --- */

static void measure(struct pipeline *pipeline)
{
    struct db_pipelines *own = pipeline->owner;
    const uint64_t took_ns = clock_mono_ns() - pipeline->sent_ns;

    own->batch_ns = own->batch_ns - own->batch_ns / 8 + took_ns / 8;
}

/* All answers are here, or none will come any more. */
static void batch_end(struct pipeline *pipeline)
{
    struct shared_session *shared = pipeline->shared;

    measure(pipeline);
    pipeline_move(&pipeline->state, PIPELINE_OPEN);
    shared->tagged = NULL;
    shared->is_lost |= pipeline->batch == DB_BATCH_LOST;
    if (shared->is_lost && shared->readers > 0) {
        pipeline_move(&pipeline->state, PIPELINE_EMPTY);
        pipeline->shared = NULL; /* the last of them frees it */
    } else if (shared->is_lost || is_done(pipeline)) {
        give_back(pipeline);
    }
    wake_all(pipeline, READER_ASKING);
    let_join(pipeline);
}

static void batch_send(struct pipeline *pipeline)
{
    pipeline->has_asked = false;
    batch_begin(pipeline, pipeline->shared->is_lost
                              ? DB_BATCH_LOST
                              : backend_of(pipeline)->pipeline_send(conn_of(pipeline)));
}

/* Takes what has come of a batch that is under way, or gives it up. */
static void batch_follow(struct pipeline *pipeline)
{
    const enum db_batch_state before = pipeline->batch;

    pipeline->batch = backend_of(pipeline)->pipeline_receive(conn_of(pipeline));
    if (is_under_way(pipeline) && clock_has_passed(pipeline->due_ns)) {
        pipeline->batch = DB_BATCH_LOST;
        backend_of(pipeline)->abandon(conn_of(pipeline));
    }
    if (!is_under_way(pipeline)) {
        watch(pipeline, EPOLL_CTL_DEL);
    } else if (pipeline->batch != before) {
        watch(pipeline, EPOLL_CTL_MOD);
    }
}

uint64_t db_pipelines_send(struct db_pipelines *pipelines)
{
    uint64_t due_ns = CLOCK_NEVER;

    LIST_EACH (link, &pipelines->all) {
        struct pipeline *pipeline = LIST_ITEM(link, struct pipeline, link);

        if (pipeline->has_asked && pipeline->state == PIPELINE_OPEN) {
            batch_send(pipeline);
        }
        if (pipeline->state == PIPELINE_BUSY && pipeline->due_ns < due_ns) {
            due_ns = pipeline->due_ns;
        }
        if (pipeline->joining_until_ns < due_ns) {
            due_ns = pipeline->joining_until_ns;
        }
    }
    return due_ns;
}

void db_pipelines_receive(struct db_pipelines *pipelines)
{
    LIST_EACH (link, &pipelines->all) {
        struct pipeline *pipeline = LIST_ITEM(link, struct pipeline, link);

        if (is_under_way(pipeline)) {
            batch_follow(pipeline);
        }
        if (pipeline->state == PIPELINE_BUSY && !is_under_way(pipeline)) {
            batch_end(pipeline);
        }
        if (pipeline->state == PIPELINE_IN_LINE &&
            pool_is_served(pipeline->pool, &pipeline->in_line)) {
            take_turn(pipeline);
        }
        if (clock_has_passed(pipeline->joining_until_ns)) {
            let_join(pipeline);
        }
    }
}
