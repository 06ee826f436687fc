/*
 * A pipeline, one of a pool's:
 *
 *            first unit boards           send
 *      empty ----------------> boarding ------> flying
 *        ^ ^                    |    ^            |  |
 *        | '-- last unit leaves '    '--- landed -'  |
 *        '-------------------- lost, or given up ----'
 *
 * Units that come while all of a pool are flying wait until one has landed. A carrier that is lost
 * stays until the last of its units has left it, because their answers may be in its hands.
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
    PATIENCE_MS = 500,  /* then a flight is given up, and who waits for it looks elsewhere, */
    PATIENCE_TIMES = 8, /* but not before it took so many times as long as flights do */
    TURN_MS = 100,      /* a carrier that is out for so long takes nobody more */
    LINES_MOST = 2,     /* of a pool: one more would carry fewer in each than it saves in waiting */
};

/* A session that is checked out for units to share. */
struct carrier {
    struct db_session *session;
    size_t units;              /* that have boarded and not left */
    struct db_session *tagged; /* the unit whose tags are in force; NULL: nobody's */
    bool is_lost;              /* no more answers come */
    uint64_t turn_ends_ns;
};

struct pipeline {
    struct list_link link; /* in db_pipelines */
    struct db_pipelines *owner;
    struct db_pool *pool;
    struct carrier *carrier; /* NULL: empty */
    bool has_asked;          /* something is to be sent */
    uint64_t until_ns;       /* the first deadline of those who asked */
    bool is_flying;          /* launched, and not landed */
    enum db_flight flight;   /* how the last one stands or ended */
    uint64_t launched_ns;
    uint64_t due_ns;      /* when the flight is given up */
    struct list asking;   /* units that wait for the flight to land */
    struct list boarding; /* the same, without a carrier yet */
};

struct db_pipelines {
    struct db *db;
    int epoll;
    uint32_t number;
    struct list lines;
    uint64_t flight_ns; /* what flights take: a moving average, of those given up too */
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
    list_init(&pipelines->lines);
    return pipelines;
}

void db_pipelines_free(struct db_pipelines *pipelines)
{
    struct list_link *link;

    if (pipelines == NULL) {
        return;
    }
    while ((link = list_pop_front(&pipelines->lines)) != NULL) {
        struct pipeline *line = LIST_ITEM(link, struct pipeline, link);

        assert(line->carrier == NULL && line->boarding.length == 0);
        free(line);
    }
    free(pipelines);
}

static struct pipeline *line_new(struct db_pipelines *pipelines, struct db_pool *pool)
{
    struct pipeline *line = mem_alloc(sizeof(*line));

    line->owner = pipelines;
    line->pool = pool;
    line->flight = DB_FLIGHT_BACK;
    line->until_ns = CLOCK_NEVER;
    list_init(&line->asking);
    list_init(&line->boarding);
    list_push_back(&pipelines->lines, &line->link);
    return line;
}

/* --- waiting --- */

bool pipeline_refuses(struct ctx *ctx, struct err *err)
{
    return ctx_leave_loop(ctx, err, "not to be had together with others");
}

static void wait_in(struct list *list, struct db_session *unit)
{
    unit->fiber = fiber_self();
    list_push_back(list, &unit->link);
    fiber_pause();
}

/* Waits until the flight has landed. False: the unit's time could be over before that. */
static bool sit_out(struct pipeline *line, struct list *list, struct db_session *unit,
                    const struct ctx *ctx)
{
    if (line->is_flying) {
        if (ctx->deadline_ns < line->due_ns) {
            return false;
        }
        wait_in(list, unit);
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

/* --- boarding and leaving --- */

/* Checked out for the unit, so under its tags. */
static struct carrier *carrier_new(struct ctx *ctx, struct db_pool *pool, struct db_session *unit)
{
    struct db_session *session = db_checkout_now(ctx, pool);
    struct carrier *carrier;

    if (session == NULL) {
        return NULL;
    }
    /* With answers to its last owner still to come, a statement might have to wait for them. */
    if (pool->db->backend->land(session->own) != DB_FLIGHT_BACK) {
        db_checkin(session);
        return NULL;
    }
    atomic_store_explicit(&session->phase, PHASE_SHARED, memory_order_relaxed);
    session->ctx = NULL; /* the unit's, which is over before the carrier's turn is */
    carrier = mem_alloc(sizeof(*carrier));
    carrier->session = session;
    carrier->tagged = unit;
    carrier->turn_ends_ns = clock_after_ms(TURN_MS);
    return carrier;
}

/* Its session goes back to the pool; a lost one is closed. */
static void carrier_free(struct carrier *carrier)
{
    struct db_session *session = carrier->session;

    session->is_broken |= carrier->is_lost;
    atomic_store_explicit(&session->phase, PHASE_OWN, memory_order_relaxed);
    db_checkin(session);
    free(carrier);
}

static bool is_turn_over(const struct pipeline *line)
{
    return clock_has_passed(line->carrier->turn_ends_ns);
}

/* Where the unit can board: at once where a session is at hand for it, or else when the flight that
 * is away longest has landed. NULL: nowhere. */
static struct pipeline *line_for(struct ctx *ctx, struct db_pool *pool, struct db_session *unit)
{
    struct pipeline *away = NULL;
    struct pipeline *empty = NULL;
    size_t count = 0;

    LIST_EACH (link, &ctx->pipelines->lines) {
        struct pipeline *line = LIST_ITEM(link, struct pipeline, link);

        if (line->pool != pool) {
            continue;
        }
        count++;
        if (line->is_flying) {
            away = away == NULL || line->due_ns < away->due_ns ? line : away;
        } else if (line->carrier != NULL) {
            return line;
        } else {
            empty = line;
        }
    }
    if (empty == NULL && count < LINES_MOST) {
        empty = line_new(ctx->pipelines, pool);
    }
    if (empty != NULL) {
        empty->carrier = carrier_new(ctx, pool, unit);
    }
    return empty != NULL && empty->carrier != NULL ? empty : away;
}

bool pipeline_board(struct ctx *ctx, struct db_pool *pool, struct db_session **ret_session,
                    struct err *err)
{
    struct db_session *unit = arena_alloc(ctx->arena, sizeof(*unit));
    struct pipeline *line = line_for(ctx, pool, unit);

    if (line == NULL || !sit_out(line, &line->boarding, unit, ctx) ||
        (line->carrier != NULL && is_turn_over(line))) {
        return pipeline_refuses(ctx, err);
    }
    if (line->carrier == NULL) {
        line->carrier = carrier_new(ctx, pool, unit);
    }
    if (line->carrier == NULL) {
        return pipeline_refuses(ctx, err);
    }
    line->carrier->units++;
    unit->pool = pool;
    unit->line = line;
    unit->carrier = line->carrier;
    unit->sid = unit->carrier->session->sid;
    unit->own = unit->conn = unit->carrier->session->own;
    unit->ctx = ctx;
    list_init(&unit->cursors);
    db_tags_from(ctx, &unit->tags);
    *ret_session = unit;
    return true;
}

/* Nobody is left in it, nothing is under way, and nobody waits who may still board. */
static bool is_done(const struct pipeline *line)
{
    return line->carrier->units == 0 && !line->has_asked && !line->is_flying &&
           (line->boarding.length == 0 || is_turn_over(line));
}

static void dismiss(struct pipeline *line)
{
    struct carrier *carrier = line->carrier;

    line->carrier = NULL;
    carrier_free(carrier);
}

void pipeline_leave(struct db_session *unit)
{
    struct carrier *carrier = unit->carrier;
    struct pipeline *line = unit->line;

    session_close_cursors(unit);
    if (carrier->tagged == unit) {
        carrier->tagged = NULL;
    }
    carrier->units--;
    if (carrier == line->carrier) {
        if (is_done(line)) {
            dismiss(line);
        }
    } else if (carrier->units == 0) {
        carrier_free(carrier);
    }
}

/* --- asking --- */

/* Views show the session under the tags of the unit that asked last. */
static void show(struct db_session *session, const struct db_session *unit,
                 const struct db_statement *statement)
{
    mutex_lock(&session->pool->lock);
    session->tags = unit->tags;
    mutex_unlock(&session->pool->lock);
    atomic_store_explicit(&session->statement, statement, memory_order_relaxed);
}

bool pipeline_ask(struct db_session *unit, const struct db_statement *statement, struct err *err)
{
    struct carrier *carrier = unit->carrier;
    struct pipeline *line = unit->line;

    if (!carrier->is_lost && !sit_out(line, &line->asking, unit, unit->ctx)) {
        return pipeline_refuses(unit->ctx, err);
    }
    if (!carrier->is_lost && carrier->tagged != unit) {
        carrier->is_lost =
            !unit->pool->db->backend->set_tags(carrier->session->own, &unit->tags, err);
    }
    if (carrier == line->carrier) {
        line->has_asked = true; /* also one that is lost has to land */
    }
    if (carrier->is_lost) {
        return pipeline_refuses(unit->ctx, err);
    }
    carrier->tagged = unit;
    if (unit->ctx->deadline_ns < line->until_ns) {
        line->until_ns = unit->ctx->deadline_ns;
    }
    show(carrier->session, unit, statement);
    return true;
}

bool pipeline_await(struct db_session *unit, const struct db_result *result, struct err *err)
{
    const struct db_backend *backend = unit->pool->db->backend;

    /* What its own flight did not bring, no other will. */
    if (!backend->has_answer(result) && !unit->carrier->is_lost &&
        (unit->line->has_asked || unit->line->is_flying)) {
        unit->trips++;
        wait_in(&unit->line->asking, unit);
    }
    return backend->has_answer(result) || pipeline_refuses(unit->ctx, err);
}

bool pipeline_lost(struct db_session *unit, struct err *err)
{
    unit->carrier->is_lost = true;
    return pipeline_refuses(unit->ctx, err);
}

/* --- flying --- */

static struct db_conn *conn_of(const struct pipeline *line)
{
    return line->carrier->session->own;
}

static const struct db_backend *backend_of(const struct pipeline *line)
{
    return line->owner->db->backend;
}

static bool is_under_way(const struct pipeline *line)
{
    return line->flight == DB_FLIGHT_LEAVING || line->flight == DB_FLIGHT_AWAY;
}

static void watch(const struct pipeline *line, int operation)
{
    struct epoll_event event = {
        .events = EPOLLIN | (line->flight == DB_FLIGHT_LEAVING ? (uint32_t)EPOLLOUT : 0),
        .data.u32 = line->owner->number,
    };

    (void)epoll_ctl(line->owner->epoll, operation, backend_of(line)->descriptor(conn_of(line)),
                    &event);
}

/* A machine that is slow throughout must not give up all it does, and do it twice. Flights that
 * were given up count too, so where a server hangs the patience grows, to a bound. */
static uint64_t patience_ends(const struct db_pipelines *pipelines, uint64_t now_ns)
{
    const uint64_t least_ns = PATIENCE_MS * CLOCK_NS_PER_MS;
    const uint64_t most_ns = PATIENCE_TIMES * least_ns;
    uint64_t patience_ns = PATIENCE_TIMES * pipelines->flight_ns;

    if (patience_ns < least_ns) {
        patience_ns = least_ns;
    }
    return now_ns + (patience_ns < most_ns ? patience_ns : most_ns);
}

static void measure(struct pipeline *line)
{
    struct db_pipelines *own = line->owner;
    const uint64_t took_ns = clock_mono_ns() - line->launched_ns;

    own->flight_ns = own->flight_ns - own->flight_ns / 8 + took_ns / 8;
}

/* All answers are here, or none will come any more. */
static void land(struct pipeline *line)
{
    struct carrier *carrier = line->carrier;

    measure(line);
    line->is_flying = false;
    carrier->tagged = NULL;
    carrier->is_lost |= line->flight == DB_FLIGHT_LOST;
    if (carrier->is_lost && carrier->units > 0) {
        line->carrier = NULL; /* the last of them frees it */
    } else if (carrier->is_lost || is_done(line)) {
        dismiss(line);
    }
    wake_all(&line->asking);
    wake_all(&line->boarding);
    if (line->carrier != NULL && is_done(line)) {
        dismiss(line);
    }
}

static void launch(struct pipeline *line)
{
    uint64_t patience_ns;

    line->has_asked = false;
    line->is_flying = true;
    line->launched_ns = clock_mono_ns();
    patience_ns = patience_ends(line->owner, line->launched_ns);
    line->due_ns = line->until_ns < patience_ns ? line->until_ns : patience_ns;
    line->until_ns = CLOCK_NEVER;
    line->flight =
        line->carrier->is_lost ? DB_FLIGHT_LOST : backend_of(line)->launch(conn_of(line));
    if (is_under_way(line)) {
        watch(line, EPOLL_CTL_ADD);
    } else {
        line->due_ns = 0; /* it has ended before it began */
    }
}

/* Takes what has come of a flight that is under way, or gives it up. */
static void follow(struct pipeline *line)
{
    const enum db_flight before = line->flight;

    line->flight = backend_of(line)->land(conn_of(line));
    if (is_under_way(line) && clock_has_passed(line->due_ns)) {
        line->flight = DB_FLIGHT_LOST;
        backend_of(line)->abandon(conn_of(line));
    }
    if (!is_under_way(line)) {
        watch(line, EPOLL_CTL_DEL);
    } else if (line->flight != before) {
        watch(line, EPOLL_CTL_MOD);
    }
}

uint64_t db_pipelines_send(struct db_pipelines *pipelines)
{
    uint64_t due_ns = CLOCK_NEVER;

    LIST_EACH (link, &pipelines->lines) {
        struct pipeline *line = LIST_ITEM(link, struct pipeline, link);

        if (line->has_asked && !line->is_flying) {
            launch(line);
        }
        if (line->is_flying && line->due_ns < due_ns) {
            due_ns = line->due_ns;
        }
    }
    return due_ns;
}

void db_pipelines_receive(struct db_pipelines *pipelines)
{
    LIST_EACH (link, &pipelines->lines) {
        struct pipeline *line = LIST_ITEM(link, struct pipeline, link);

        if (is_under_way(line)) {
            follow(line);
        }
        if (line->is_flying && !is_under_way(line)) {
            land(line);
        }
    }
}
