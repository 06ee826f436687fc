/*
 * A pipeline, one of a pool's:
 *
 *            first reader joins          batch is sent
 *      empty -----------------> open ----------------> away
 *        ^ ^                    |  ^                   |  |
 *        | '-- last one leaves -'  '--- all answered --'  |
 *        '------------------------- lost, or given up ----'
 *
 * Readers that come while all of a pool are away wait until a batch is answered. A shared session
 * that is lost stays until the last of its readers has left it, because their answers may be in its
 * hands.
 */
#include "db/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/fiber.h"

#include "db/db_priv.h"

enum {
    PATIENCE_MS = 500,  /* then a batch is given up, and who waits for it looks elsewhere, */
    PATIENCE_TIMES = 8, /* but not before it took so many times as long as batches do */
    TURN_MS = 100,      /* a session that is shared for so long takes nobody more */
    PIPELINES_MOST = 2, /* of a pool: one more would carry fewer in each than it saves in waiting */
};

/* A session that is checked out for readers to share. */
struct shared_session {
    struct db_session *session;
    size_t readers;            /* that have joined and not left */
    struct db_session *tagged; /* the reader whose tags are in force; NULL: nobody's */
    bool is_lost;              /* no more answers come */
    uint64_t turn_ends_ns;
};

struct pipeline {
    struct list_link link; /* in db_pipelines */
    struct db_pipelines *owner;
    struct db_pool *pool;
    struct shared_session *shared; /* NULL: empty */
    bool has_asked;                /* something is to be sent */
    uint64_t until_ns;             /* the first deadline of those who asked */
    bool is_away;                  /* a batch was sent, and has not ended */
    enum db_flight batch;          /* how the last one stands or ended */
    uint64_t sent_ns;
    uint64_t due_ns;     /* when the batch is given up */
    struct list asking;  /* readers that wait for the batch to end */
    struct list joining; /* the same, without a session yet */
};

struct db_pipelines {
    struct db *db;
    int epoll;
    uint32_t number;
    struct list all;
    uint64_t batch_ns; /* what batches take: a moving average, of those given up too */
};

/* --- life --- */

struct db_pipelines *db_pipelines_new(struct db *db, int epoll, uint32_t number)
{
    struct db_pipelines *pipelines;

    if (db->backend->launch == NULL) {
        return NULL;
    }
    pipelines = mem_alloc(sizeof(*pipelines));
    pipelines->db = db;
    pipelines->epoll = epoll;
    pipelines->number = number;
    list_init(&pipelines->all);
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

        assert(pipeline->shared == NULL && pipeline->joining.length == 0);
        free(pipeline);
    }
    free(pipelines);
}

static struct pipeline *pipeline_new(struct db_pipelines *pipelines, struct db_pool *pool)
{
    struct pipeline *pipeline = mem_alloc(sizeof(*pipeline));

    pipeline->owner = pipelines;
    pipeline->pool = pool;
    pipeline->batch = DB_FLIGHT_BACK;
    pipeline->until_ns = CLOCK_NEVER;
    list_init(&pipeline->asking);
    list_init(&pipeline->joining);
    list_push_back(&pipelines->all, &pipeline->link);
    return pipeline;
}

/* --- waiting --- */

bool pipeline_refuses(struct ctx *ctx, struct err *err)
{
    return ctx_leave_loop(ctx, err, "not to be had together with others");
}

static void wait_in(struct list *list, struct db_session *reader)
{
    reader->fiber = fiber_self();
    list_push_back(list, &reader->link);
    fiber_pause();
}

/* Waits until the batch has ended. False: the reader's time could be over before that. */
static bool wait_for_batch(struct pipeline *pipeline, struct list *list, struct db_session *reader,
                           const struct ctx *ctx)
{
    if (pipeline->is_away) {
        if (ctx->deadline_ns < pipeline->due_ns) {
            return false;
        }
        wait_in(list, reader);
    }
    return true;
}

/* Lets those go on that waited before this call; they may be gone afterwards, or wait again. */
static void wake_all(struct list *list)
{
    struct list_link *link;

    for (size_t left = list->length; left > 0 && (link = list_pop_front(list)) != NULL; left--) {
        fiber_resume(LIST_ITEM(link, struct db_session, link)->fiber);
    }
}

/* --- joining and leaving --- */

/* Checked out for the reader, so under its tags. */
static struct shared_session *shared_new(struct ctx *ctx, struct db_pool *pool,
                                         struct db_session *reader)
{
    struct db_session *session = pool_take_now(ctx, pool);
    struct shared_session *shared;

    if (session == NULL) {
        return NULL;
    }
    /* With answers to its last owner still to come, a statement might have to wait for them. */
    if (pool->db->backend->land(session->own) != DB_FLIGHT_BACK) {
        pool_put(session);
        return NULL;
    }
    atomic_store_explicit(&session->phase, PHASE_SHARED, memory_order_relaxed);
    session->ctx = NULL; /* the reader's, which is over before the session's turn is */
    shared = mem_alloc(sizeof(*shared));
    shared->session = session;
    shared->tagged = reader;
    shared->turn_ends_ns = clock_after_ms(TURN_MS);
    return shared;
}

/* Its session goes back to the pool; a lost one is closed. */
static void shared_free(struct shared_session *shared)
{
    struct db_session *session = shared->session;

    session->is_broken |= shared->is_lost;
    atomic_store_explicit(&session->phase, PHASE_OWN, memory_order_relaxed);
    pool_put(session);
    free(shared);
}

static bool is_turn_over(const struct pipeline *pipeline)
{
    return clock_has_passed(pipeline->shared->turn_ends_ns);
}

/* What the reader can join: at once where a session is at hand for it, or else when the batch that
 * is away longest has ended. NULL: nothing. */
static struct pipeline *pipeline_for(struct ctx *ctx, struct db_pool *pool,
                                     struct db_session *reader)
{
    struct pipeline *away = NULL;
    struct pipeline *empty = NULL;
    size_t count = 0;

    LIST_EACH (link, &ctx->pipelines->all) {
        struct pipeline *pipeline = LIST_ITEM(link, struct pipeline, link);

        if (pipeline->pool != pool) {
            continue;
        }
        count++;
        if (pipeline->is_away) {
            away = away == NULL || pipeline->due_ns < away->due_ns ? pipeline : away;
        } else if (pipeline->shared != NULL) {
            return pipeline;
        } else {
            empty = pipeline;
        }
    }
    if (empty == NULL && count < PIPELINES_MOST) {
        empty = pipeline_new(ctx->pipelines, pool);
    }
    if (empty != NULL) {
        empty->shared = shared_new(ctx, pool, reader);
    }
    return empty != NULL && empty->shared != NULL ? empty : away;
}

bool pipeline_join(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                   struct err *err)
{
    struct db_session *reader = arena_alloc(ctx->arena, sizeof(*reader));
    struct pipeline *pipeline = pipeline_for(ctx, pool, reader);

    if (pipeline == NULL || !wait_for_batch(pipeline, &pipeline->joining, reader, ctx) ||
        (pipeline->shared != NULL && is_turn_over(pipeline))) {
        return pipeline_refuses(ctx, err);
    }
    if (pipeline->shared == NULL) {
        pipeline->shared = shared_new(ctx, pool, reader);
    }
    if (pipeline->shared == NULL) {
        return pipeline_refuses(ctx, err);
    }
    pipeline->shared->readers++;
    reader->pool = pool;
    reader->pipeline = pipeline;
    reader->shared = pipeline->shared;
    reader->sid = reader->shared->session->sid;
    reader->own = reader->conn = reader->shared->session->own;
    reader->ctx = ctx;
    list_init(&reader->cursors);
    db_tags_from(ctx, &reader->tags);
    *ret_session = reader;
    return true;
}

/* Nobody is left in it, nothing is under way, and nobody waits who may still join. */
static bool is_done(const struct pipeline *pipeline)
{
    return pipeline->shared->readers == 0 && !pipeline->has_asked && !pipeline->is_away &&
           (pipeline->joining.length == 0 || is_turn_over(pipeline));
}

static void give_back(struct pipeline *pipeline)
{
    struct shared_session *shared = pipeline->shared;

    pipeline->shared = NULL;
    shared_free(shared);
}

void pipeline_leave(struct db_session *reader)
{
    struct shared_session *shared = reader->shared;
    struct pipeline *pipeline = reader->pipeline;

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

/* Views show the session under the tags of the reader that asked last. */
static void show(struct db_session *session, const struct db_session *reader,
                 const struct db_statement *statement)
{
    mutex_lock(&session->pool->lock);
    session->tags = reader->tags;
    mutex_unlock(&session->pool->lock);
    atomic_store_explicit(&session->statement, statement, memory_order_relaxed);
}

bool pipeline_ask(struct db_session *reader, const struct db_statement *statement, struct err *err)
{
    struct shared_session *shared = reader->shared;
    struct pipeline *pipeline = reader->pipeline;

    if (!shared->is_lost && !wait_for_batch(pipeline, &pipeline->asking, reader, reader->ctx)) {
        return pipeline_refuses(reader->ctx, err);
    }
    if (!shared->is_lost && shared->tagged != reader) {
        shared->is_lost =
            !reader->pool->db->backend->set_tags(shared->session->own, &reader->tags, err);
    }
    if (shared == pipeline->shared) {
        pipeline->has_asked = true; /* also one that is lost has to end its batch */
    }
    if (shared->is_lost) {
        return pipeline_refuses(reader->ctx, err);
    }
    shared->tagged = reader;
    if (reader->ctx->deadline_ns < pipeline->until_ns) {
        pipeline->until_ns = reader->ctx->deadline_ns;
    }
    show(shared->session, reader, statement);
    return true;
}

bool pipeline_await(struct db_session *reader, const struct db_result *result, struct err *err)
{
    const struct db_backend *backend = reader->pool->db->backend;

    /* What its own batch did not bring, no other will. */
    if (!backend->has_answer(result) && !reader->shared->is_lost &&
        (reader->pipeline->has_asked || reader->pipeline->is_away)) {
        reader->trips++;
        wait_in(&reader->pipeline->asking, reader);
    }
    return backend->has_answer(result) || pipeline_refuses(reader->ctx, err);
}

bool pipeline_lost(struct db_session *reader, struct err *err)
{
    reader->shared->is_lost = true;
    return pipeline_refuses(reader->ctx, err);
}

/* --- batches --- */

static struct db_conn *conn_of(const struct pipeline *pipeline)
{
    return pipeline->shared->session->own;
}

static const struct db_backend *backend_of(const struct pipeline *pipeline)
{
    return pipeline->owner->db->backend;
}

static bool is_under_way(const struct pipeline *pipeline)
{
    return pipeline->batch == DB_FLIGHT_LEAVING || pipeline->batch == DB_FLIGHT_AWAY;
}

static void watch(const struct pipeline *pipeline, int operation)
{
    struct epoll_event event = {
        .events = EPOLLIN | (pipeline->batch == DB_FLIGHT_LEAVING ? (uint32_t)EPOLLOUT : 0),
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
    pipeline->is_away = false;
    shared->tagged = NULL;
    shared->is_lost |= pipeline->batch == DB_FLIGHT_LOST;
    if (shared->is_lost && shared->readers > 0) {
        pipeline->shared = NULL; /* the last of them frees it */
    } else if (shared->is_lost || is_done(pipeline)) {
        give_back(pipeline);
    }
    wake_all(&pipeline->asking);
    wake_all(&pipeline->joining);
    if (pipeline->shared != NULL && is_done(pipeline)) {
        give_back(pipeline);
    }
}

static void batch_send(struct pipeline *pipeline)
{
    uint64_t patience_ns;

    pipeline->has_asked = false;
    pipeline->is_away = true;
    pipeline->sent_ns = clock_mono_ns();
    patience_ns = patience_ends(pipeline->owner, pipeline->sent_ns);
    pipeline->due_ns = pipeline->until_ns < patience_ns ? pipeline->until_ns : patience_ns;
    pipeline->until_ns = CLOCK_NEVER;
    pipeline->batch = pipeline->shared->is_lost ? DB_FLIGHT_LOST
                                                : backend_of(pipeline)->launch(conn_of(pipeline));
    if (is_under_way(pipeline)) {
        watch(pipeline, EPOLL_CTL_ADD);
    } else {
        pipeline->due_ns = 0; /* it has ended before it began */
    }
}

/* Takes what has come of a batch that is under way, or gives it up. */
static void batch_follow(struct pipeline *pipeline)
{
    const enum db_flight before = pipeline->batch;

    pipeline->batch = backend_of(pipeline)->land(conn_of(pipeline));
    if (is_under_way(pipeline) && clock_has_passed(pipeline->due_ns)) {
        pipeline->batch = DB_FLIGHT_LOST;
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

        if (pipeline->has_asked && !pipeline->is_away) {
            batch_send(pipeline);
        }
        if (pipeline->is_away && pipeline->due_ns < due_ns) {
            due_ns = pipeline->due_ns;
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
        if (pipeline->is_away && !is_under_way(pipeline)) {
            batch_end(pipeline);
        }
    }
}
