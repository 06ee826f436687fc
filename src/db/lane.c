/* Group commit by combining, see db/lane.h. */
#include "db/lane.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"

#include "db/db_priv.h"

enum {
    GROUP_UNITS_MAX = 64,
    GROUP_MS = 4, /* no unit is begun in a group that has been running for so long */
    ATTEMPTS_MAX = 2,
    CHECK_AFTER_MS = 100, /* a connection idle for longer is checked before use */
};

enum unit_state { UNIT_QUEUED, UNIT_TAKEN, UNIT_DONE };

/* On its owner's stack. */
struct unit {
    struct list_link link; /* lane->lock while QUEUED; the leader's while TAKEN */
    struct ctx *ctx;
    struct db_session *session;
    db_work *work;
    void *arg;
    struct err *err;
    struct lane_times *times;
    unsigned attempts;

    /* Posted once, when the unit is done or has to lead. Until then its owner stays, unless it
     * takes the unit off the queue itself. */
    struct wakeup wake;
    enum unit_state state; /* the rest: lane->lock */
    bool leads;
    bool ok; /* while TAKEN: the work went well */
};

struct lane {
    struct db *db;
    struct counter *unit_counter;
    struct counter *commit_counter;

    struct mutex lock;
    struct list queue;
    bool is_led;
    struct lane_stats stats;

    struct db_conn *conn; /* the leader's from here on; NULL until needed and after a failure */
    uint64_t last_used_ns;
};

/* The lane whose unit this thread is running: a second unit inside would wait for itself. */
static _Thread_local const struct lane *running_lane;

struct lane *lane_new(struct db *db)
{
    struct lane *lane = mem_alloc(sizeof(*lane));
    char labels[64];

    (void)snprintf(labels, sizeof(labels), "service=\"%s\"", db->options.service);
    lane->db = db;
    lane->unit_counter = metrics_counter(db->metrics, "db_write_units", labels,
                                         "Units of work that were committed.");
    lane->commit_counter =
        metrics_counter(db->metrics, "db_write_commits", labels,
                        "Commits; each makes one or more units of work durable.");
    mutex_init(&lane->lock);
    list_init(&lane->queue);
    return lane;
}

void lane_free(struct lane *lane)
{
    if (lane == NULL) {
        return;
    }
    assert(!lane->is_led && lane->queue.length == 0);
    lane->db->backend->close(lane->conn);
    mutex_fini(&lane->lock);
    free(lane);
}

struct lane_stats lane_stats(struct lane *lane)
{
    struct lane_stats stats;

    mutex_lock(&lane->lock);
    stats = lane->stats;
    stats.queued = lane->queue.length;
    mutex_unlock(&lane->lock);
    return stats;
}

/* --- the leader's connection --- */

static void conn_drop(struct lane *lane)
{
    lane->db->backend->close(lane->conn);
    lane->conn = NULL;
}

static bool conn_ready(struct lane *lane, struct err *err)
{
    const struct db *db = lane->db;
    uint64_t now = clock_mono_ns();
    struct err why;

    if (lane->conn != NULL && now - lane->last_used_ns > CHECK_AFTER_MS * CLOCK_NS_PER_MS &&
        !db->backend->is_alive(lane->conn, &why)) {
        conn_drop(lane);
    }
    lane->last_used_ns = now;
    return lane->conn != NULL || db->backend->open(&db->options, DB_CONN_WRITER, &lane->conn, err);
}

static bool group_begin(struct lane *lane, uint64_t deadline_ns, struct err *err)
{
    if (!conn_ready(lane, err)) {
        return false;
    }
    if (lane->db->backend->begin(lane->conn, DB_BEGIN_WRITE, deadline_ns, err)) {
        return true;
    }
    if (err->code == ERR_SERIALIZATION) {
        return err_wrap(err, "another process is writing to %s", lane->db->target);
    }
    conn_drop(lane);
    return false;
}

/* --- units --- */

static void unit_finish_locked(struct lane *lane, struct unit *unit, bool ok) REQUIRES(lane->lock);
static void unit_fail_locked(struct lane *lane, struct unit *unit) REQUIRES(lane->lock);

static void unit_finish_locked(struct lane *lane, struct unit *unit, bool ok)
{
    (void)lane;
    unit->ok = ok;
    unit->state = UNIT_DONE;
}

/* Finishes it and wakes its owner, with whose stack the unit is gone. */
static void unit_fail_locked(struct lane *lane, struct unit *unit)
{
    unit_finish_locked(lane, unit, false);
    wakeup_post(&unit->wake);
}

static void unit_fail(struct lane *lane, struct unit *unit)
{
    mutex_lock(&lane->lock);
    unit_fail_locked(lane, unit);
    mutex_unlock(&lane->lock);
}

/* Runs the unit's work in its savepoint. *ret_intact tells whether the transaction still stands. */
static bool unit_run(struct lane *lane, struct unit *unit, bool *ret_intact)
{
    const struct db_backend *backend = lane->db->backend;
    struct db_session *session = unit->session;
    struct err ignored;
    bool ok;

    unit->attempts++;
    if (unit->times != NULL) {
        unit->times->run_ns = clock_mono_ns();
    }
    err_clear(unit->err);
    session->conn = lane->conn;
    session->unit = UNIT_WRITE;
    session->now_us = clock_utc_us();
    atomic_store_explicit(&session->phase, PHASE_LANE, memory_order_relaxed);
    running_lane = lane;
    ok = backend->set_tags(lane->conn, &session->tags, unit->err) &&
         backend->savepoint(lane->conn, unit->err) &&
         unit->work(unit->ctx, session, unit->arg, unit->err);
    running_lane = NULL;
    session_close_cursors(session);
    ok = ok && backend->savepoint_release(lane->conn, unit->err);
    *ret_intact = ok || backend->savepoint_rollback(lane->conn, &ignored);
    if (unit->times != NULL) {
        unit->times->done_ns = clock_mono_ns();
    }
    session->conn = session->own;
    session->unit = UNIT_NONE;
    atomic_store_explicit(&session->phase, PHASE_COMMIT, memory_order_relaxed);
    if (!ok && unit->err->code == ERR_NONE) {
        (void)err_set(unit->err, ERR_INTERNAL, "a unit of work failed without saying why");
    }
    return ok;
}

/* --- groups --- */

/* The next unit to run, NULL when the group is full or nobody waits. */
static struct unit *group_next(struct lane *lane, const struct list *group, uint64_t until_ns)
{
    struct unit *unit = NULL;
    struct list_link *link;

    if (group->length >= GROUP_UNITS_MAX || (group->length > 0 && clock_has_passed(until_ns))) {
        return NULL;
    }
    mutex_lock(&lane->lock);
    while (unit == NULL && (link = list_pop_front(&lane->queue)) != NULL) {
        unit = LIST_ITEM(link, struct unit, link);
        if (clock_has_passed(unit->ctx->deadline_ns)) {
            (void)err_set(unit->err, ERR_DEADLINE,
                          "deadline passed before the unit's turn to write");
            unit_fail_locked(lane, unit);
            unit = NULL;
        } else {
            unit->state = UNIT_TAKEN;
        }
    }
    mutex_unlock(&lane->lock);
    return unit;
}

static void unit_queue_again_locked(struct lane *lane, struct unit *unit) REQUIRES(lane->lock);
static void unit_queue_again_locked(struct lane *lane, struct unit *unit)
{
    unit->state = UNIT_QUEUED;
    unit->ok = false;
    atomic_store_explicit(&unit->session->phase, PHASE_WAITING, memory_order_relaxed);
    list_push_front(&lane->queue, &unit->link);
}

/* The transaction is gone with all that the group had done. Its units go back to the head of the
 * queue, in their order; those that ran twice already are given up. */
static void group_give_back(struct lane *lane, struct list *group)
{
    struct list_link *link;

    lane->db->backend->rollback(lane->conn);
    mutex_lock(&lane->lock);
    while ((link = list_pop_back(group)) != NULL) {
        struct unit *unit = LIST_ITEM(link, struct unit, link);

        if (unit->attempts < ATTEMPTS_MAX) {
            unit_queue_again_locked(lane, unit);
        } else {
            (void)err_set(unit->err, ERR_UNAVAILABLE,
                          "the shared transaction was undone by another unit's failure");
            unit_fail_locked(lane, unit);
        }
    }
    mutex_unlock(&lane->lock);
}

/* The unit's failure took the transaction with it. What it met may be gone as well, so it runs once
 * more, now ahead of the others: should it fail again, it takes nothing from them. */
static void group_lost(struct lane *lane, struct list *group, struct unit *unit)
{
    bool is_judged = group->length == 0 || unit->attempts >= ATTEMPTS_MAX;

    group_give_back(lane, group);
    mutex_lock(&lane->lock);
    if (is_judged) {
        unit_fail_locked(lane, unit);
    } else {
        unit_queue_again_locked(lane, unit);
    }
    mutex_unlock(&lane->lock);
}

/* Runs units until the group is full or the queue empty. False: the transaction is gone. A unit
 * that fails first in the group has met what is durable, and hears it at once. Behind others it may
 * have failed for what these have changed, which can still be undone: it stays until they are
 * durable. */
static bool group_fill(struct lane *lane, struct list *group)
{
    uint64_t until_ns = clock_after_ms(GROUP_MS);
    struct unit *unit;

    while ((unit = group_next(lane, group, until_ns)) != NULL) {
        bool is_intact;

        unit->ok = unit_run(lane, unit, &is_intact);
        if (!is_intact) {
            group_lost(lane, group, unit);
            return false;
        }
        if (unit->ok || group->length > 0) {
            list_push_back(group, &unit->link);
        } else {
            unit_fail(lane, unit);
        }
    }
    return true;
}

/* The commit is durable: every unit is done, the failed ones too. They stay in the group until
 * group_wake. */
static void group_finish(struct lane *lane, const struct list *group)
{
    uint64_t now = clock_mono_ns();
    size_t units = 0;

    LIST_EACH (link, group) {
        units += LIST_ITEM(link, struct unit, link)->ok;
    }
    mutex_lock(&lane->lock);
    lane->stats.commits++;
    lane->stats.units += units;
    counter_add(lane->commit_counter, 1);
    counter_add(lane->unit_counter, units);
    LIST_EACH (link, group) {
        struct unit *unit = LIST_ITEM(link, struct unit, link);

        if (unit->times != NULL) {
            unit->times->committed_ns = now;
            unit->times->group = units;
        }
        unit_finish_locked(lane, unit, unit->ok);
    }
    mutex_unlock(&lane->lock);
}

/* The commit failed. Units that had gone well hear of it. Those that had failed did so on what is
 * undone now: they run once more, or hear of it as well when that was their last time. */
static void group_undo(struct lane *lane, struct list *group, const struct err *why)
{
    struct list_link *link;

    mutex_lock(&lane->lock);
    for (size_t left = group->length; left > 0 && (link = list_pop_back(group)) != NULL; left--) {
        struct unit *unit = LIST_ITEM(link, struct unit, link);

        if (!unit->ok && unit->attempts < ATTEMPTS_MAX) {
            unit_queue_again_locked(lane, unit);
            continue;
        }
        *unit->err = *why;
        unit_finish_locked(lane, unit, false);
        list_push_front(group, link); /* round once: their order stays */
    }
    mutex_unlock(&lane->lock);
}

static void group_wake(struct list *group)
{
    struct list_link *link;

    while ((link = list_pop_front(group)) != NULL) {
        wakeup_post(&LIST_ITEM(link, struct unit, link)->wake);
    }
}

static void group_commit(struct lane *lane, struct list *group)
{
    static const struct db_tags no_tags;
    const struct db_backend *backend = lane->db->backend;
    struct err why = {.code = ERR_NONE};

    (void)backend->set_tags(lane->conn, &no_tags, &why);
    if (group->length == 0) {
        backend->rollback(lane->conn);
        return;
    }
    if (!backend->commit(lane->conn, CLOCK_NEVER, &why)) {
        /* A connection that could not commit is not trusted with the next group. */
        backend->rollback(lane->conn);
        conn_drop(lane);
        group_undo(lane, group, &why);
        return;
    }
    group_finish(lane, group);
}

/* --- leading and following --- */

/* The first in the queue leads from now on. */
static void lead_hand_on(struct lane *lane)
{
    struct list_link *first;
    struct unit *next = NULL;

    mutex_lock(&lane->lock);
    first = list_first(&lane->queue);
    if (first != NULL) {
        next = LIST_ITEM(first, struct unit, link);
        next->leads = true;
    } else {
        lane->is_led = false;
    }
    mutex_unlock(&lane->lock);
    if (next != NULL) {
        wakeup_post(&next->wake);
    }
}

/* Leads until the own unit is done. The next leader is woken before the owners of the units that
 * are done, so that the next group is under way while these write their replies. */
static void lane_lead(struct lane *lane, struct unit *own)
{
    struct list group;
    bool is_over;

    list_init(&group);
    do {
        if (!group_begin(lane, own->ctx->deadline_ns, own->err)) {
            mutex_lock(&lane->lock);
            list_remove(&lane->queue, &own->link);
            unit_finish_locked(lane, own, false);
            mutex_unlock(&lane->lock);
        } else if (group_fill(lane, &group)) {
            group_commit(lane, &group);
        }
        is_over = own->state == UNIT_DONE;
        if (is_over) {
            lead_hand_on(lane);
        }
        group_wake(&group);
    } while (!is_over);
}

/* Waits until the unit is done or has to lead; a unit that nobody has taken by its deadline leaves
 * the queue. */
static void unit_wait(struct lane *lane, struct unit *unit, uint64_t deadline_ns)
{
    bool is_left;

    if (wakeup_wait_until(&unit->wake, deadline_ns)) {
        return;
    }
    mutex_lock(&lane->lock);
    is_left = unit->state == UNIT_QUEUED && !unit->leads;
    if (is_left) {
        list_remove(&lane->queue, &unit->link);
        unit->state = UNIT_DONE;
        (void)err_set(unit->err, ERR_DEADLINE, "deadline passed before the unit's turn to write");
    }
    mutex_unlock(&lane->lock);
    if (!is_left) {
        (void)wakeup_wait_until(&unit->wake, CLOCK_NEVER);
    }
}

bool lane_run(struct lane *lane, struct ctx *ctx, struct db_session *session, db_work *work,
              void *arg, struct lane_times *times, struct err *err)
{
    struct unit unit = {.ctx = ctx,
                        .session = session,
                        .work = work,
                        .arg = arg,
                        .err = err,
                        .times = times,
                        .state = UNIT_QUEUED};
    const uint64_t deadline_ns = ctx->deadline_ns; /* the context is the leader's once queued */
    bool waits;

    if (running_lane == lane) {
        return err_set(err, ERR_INTERNAL, "db_write inside a unit of work: use db_savepoint");
    }
    wakeup_init(&unit.wake);
    atomic_store_explicit(&session->phase, PHASE_WAITING, memory_order_relaxed);
    mutex_lock(&lane->lock);
    list_push_back(&lane->queue, &unit.link);
    waits = lane->is_led;
    unit.leads = !waits;
    lane->is_led = true;
    mutex_unlock(&lane->lock);
    if (waits) {
        unit_wait(lane, &unit, deadline_ns);
    }
    if (unit.leads && unit.state != UNIT_DONE) {
        lane_lead(lane, &unit);
    }
    atomic_store_explicit(&session->phase, PHASE_OWN, memory_order_relaxed);
    return unit.ok;
}
