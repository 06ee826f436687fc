/* Group commit by combining, see db/commit_queue.h. */
#include "db/commit_queue.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "db/commit_states.h"

#include "db/db_priv.h"

enum {
    GROUP_UNITS_MAX = 64,
    GROUP_MS = 4, /* no unit is begun in a group that has been running for so long */
    ATTEMPTS_MAX = 2,
    CHECK_AFTER_MS = 100, /* a connection idle for longer is checked before use */
};

/* A unit of work in the queue, on its owner's stack. */
struct entry {
    struct ctx *ctx;
    struct db_session *session;
    db_work *work;
    void *arg;
    struct err *err;
    struct commit_times *times;
    unsigned attempts;

    /* Posted once, when the unit is done or has to lead. Until then its owner stays, unless it
     * takes the unit off the queue itself. */
    struct wakeup wake;
    struct entry_place place; /* the rest: queue->lock */
    bool leads;
    bool ok; /* while taken: the work went well */
};

struct commit_queue {
    struct db *db;
    struct counter *unit_counter;
    struct counter *commit_counter;

    struct mutex lock;
    struct list waiting;
    bool is_led;
    struct commit_queue_stats stats;

    struct db_conn *conn; /* the leader's from here on; NULL until needed and after a failure */
    uint64_t last_used_ns;
};

static struct entry *entry_at(struct list_link *link)
{
    return LIST_ITEM(LIST_ITEM(link, struct entry_place, link), struct entry, place);
}

/* The queue whose unit this thread is running: a second unit inside would wait for itself. */
static _Thread_local const struct commit_queue *running_queue;

struct commit_queue *commit_queue_new(struct db *db)
{
    struct commit_queue *queue = mem_alloc(sizeof(*queue));
    const struct attribute service = attribute_text("service", db->options.service);

    queue->db = db;
    queue->unit_counter =
        metrics_counter(db->metrics, &(struct metric){.name = "db_write_units",
                                                      .unit = "{unit}",
                                                      .help = "Units of work that were committed.",
                                                      .attributes = &service,
                                                      .attribute_count = 1});
    queue->commit_counter = metrics_counter(
        db->metrics,
        &(struct metric){.name = "db_write_commits",
                         .unit = "{commit}",
                         .help = "Commits; each makes one or more units of work durable.",
                         .attributes = &service,
                         .attribute_count = 1});
    mutex_init(&queue->lock);
    list_init(&queue->waiting);
    return queue;
}

void commit_queue_free(struct commit_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    assert(!queue->is_led && queue->waiting.length == 0);
    queue->db->backend->close(queue->conn);
    mutex_fini(&queue->lock);
    free(queue);
}

struct commit_queue_stats commit_queue_stats(struct commit_queue *queue)
{
    struct commit_queue_stats stats;

    mutex_lock(&queue->lock);
    stats = queue->stats;
    stats.queued = queue->waiting.length;
    mutex_unlock(&queue->lock);
    return stats;
}

/* --- the leader's connection --- */

static void conn_drop(struct commit_queue *queue)
{
    queue->db->backend->close(queue->conn);
    queue->conn = NULL;
}

static bool conn_ready(struct commit_queue *queue, uint64_t deadline_ns, struct err *err)
{
    const struct db *db = queue->db;
    uint64_t now = clock_mono_ns();
    struct err why;

    if (queue->conn != NULL && now - queue->last_used_ns > CHECK_AFTER_MS * CLOCK_NS_PER_MS &&
        !db->backend->is_alive(queue->conn, deadline_ns, &why)) {
        conn_drop(queue);
    }
    queue->last_used_ns = now;
    return queue->conn != NULL ||
           db->backend->open(&db->options, DB_CONN_WRITER, &queue->conn, err);
}

/* Waits for the database's lock, of which the leader's span tells. */
static bool group_begin(struct commit_queue *queue, const struct entry *own, struct err *err)
{
    const uint64_t begun_ns = own->times != NULL ? clock_mono_ns() : 0;
    bool ok;

    if (!conn_ready(queue, own->ctx->deadline_ns, err)) {
        return false;
    }
    ok = queue->db->backend->begin(queue->conn, DB_BEGIN_WRITE, own->ctx->deadline_ns, err);
    if (own->times != NULL) {
        own->times->lock_ns += clock_mono_ns() - begun_ns;
    }
    if (ok) {
        return true;
    }
    if (err->code == ERR_SERIALIZATION) {
        return err_wrap(err, "another process is writing to %s", queue->db->target);
    }
    conn_drop(queue);
    return false;
}

/* --- units --- */

static void entry_finish_locked(struct commit_queue *queue, struct entry *entry, bool ok)
    REQUIRES(queue->lock)
{
    entry->ok = ok;
    entry_move(&queue->waiting, &entry->place, ENTRY_DONE);
}

/* Finishes it and wakes its owner, with whose stack the unit is gone. */
static void entry_fail_locked(struct commit_queue *queue, struct entry *entry) REQUIRES(queue->lock)
{
    entry_finish_locked(queue, entry, false);
    wakeup_post(&entry->wake);
}

static void entry_fail(struct commit_queue *queue, struct entry *entry)
{
    mutex_lock(&queue->lock);
    entry_fail_locked(queue, entry);
    mutex_unlock(&queue->lock);
}

/* Runs the unit's work in its savepoint. *ret_intact tells whether the transaction still stands. */
static bool entry_run(struct commit_queue *queue, struct entry *entry, bool *ret_intact)
{
    const struct db_backend *backend = queue->db->backend;
    struct db_session *session = entry->session;
    const uint64_t deadline_ns = entry->ctx->deadline_ns;
    struct err ignored;
    bool ok;

    entry->attempts++;
    if (entry->times != NULL) {
        entry->times->run_ns = clock_mono_ns();
    }
    err_clear(entry->err);
    session->conn = queue->conn;
    session->unit = UNIT_WRITE;
    session->now_us = clock_utc_us();
    session->savepoints = 1;
    atomic_store_explicit(&session->held->phase, PHASE_RUNNING, memory_order_relaxed);
    running_queue = queue;
    ok = backend->set_tags(queue->conn, session->tags, entry->err) &&
         backend->savepoint(queue->conn, 1, deadline_ns, entry->err) &&
         entry->work(entry->ctx, session, entry->arg, entry->err);
    running_queue = NULL;
    ok = ok && backend->savepoint_release(queue->conn, 1, deadline_ns, entry->err);
    *ret_intact = ok || backend->savepoint_rollback(queue->conn, 1, CLOCK_NEVER, &ignored);
    if (entry->times != NULL) {
        entry->times->done_ns = clock_mono_ns();
    }
    session->conn = session->held->conn;
    session->unit = UNIT_NONE;
    atomic_store_explicit(&session->held->phase, PHASE_COMMIT, memory_order_relaxed);
    if (!ok && entry->err->code == ERR_NONE) {
        (void)err_set(entry->err, ERR_INTERNAL, "a unit of work failed without saying why");
    }
    return ok;
}

/* --- groups --- */

/* The next unit to run, NULL when the group is full or nobody waits. */
static struct entry *group_next(struct commit_queue *queue, const struct list *group,
                                uint64_t until_ns)
{
    struct entry *entry = NULL;
    struct list_link *link;

    if (group->length >= GROUP_UNITS_MAX || (group->length > 0 && clock_has_passed(until_ns))) {
        return NULL;
    }
    mutex_lock(&queue->lock);
    while (entry == NULL && (link = list_first(&queue->waiting)) != NULL) {
        entry = entry_at(link);
        if (clock_has_passed(entry->ctx->deadline_ns)) {
            (void)err_set(entry->err, ERR_DEADLINE,
                          "deadline passed before the unit's turn to write");
            entry_fail_locked(queue, entry);
            entry = NULL;
        } else {
            entry_move(&queue->waiting, &entry->place, ENTRY_TAKEN);
        }
    }
    mutex_unlock(&queue->lock);
    return entry;
}

static void entry_queue_again_locked(struct commit_queue *queue, struct entry *entry)
    REQUIRES(queue->lock)
{
    entry->ok = false;
    atomic_store_explicit(&entry->session->held->phase, PHASE_WAITING, memory_order_relaxed);
    entry_move(&queue->waiting, &entry->place, ENTRY_QUEUED);
}

/* The transaction is gone with all that the group had done. Its units go back to the head of the
 * queue, in their order; those that ran twice already are given up. */
static void group_give_back(struct commit_queue *queue, struct list *group)
{
    struct list_link *link;

    queue->db->backend->rollback(queue->conn, CLOCK_NEVER);
    mutex_lock(&queue->lock);
    while ((link = list_pop_back(group)) != NULL) {
        struct entry *entry = entry_at(link);

        if (entry->attempts < ATTEMPTS_MAX) {
            entry_queue_again_locked(queue, entry);
        } else {
            (void)err_set(entry->err, ERR_UNAVAILABLE,
                          "the shared transaction was undone by another unit's failure");
            entry_fail_locked(queue, entry);
        }
    }
    mutex_unlock(&queue->lock);
}

/* The unit's failure took the transaction with it. What it met may be gone as well, so it runs once
 * more, now ahead of the others: should it fail again, it takes nothing from them. */
static void group_lost(struct commit_queue *queue, struct list *group, struct entry *entry)
{
    bool is_judged = group->length == 0 || entry->attempts >= ATTEMPTS_MAX;

    group_give_back(queue, group);
    mutex_lock(&queue->lock);
    if (is_judged) {
        entry_fail_locked(queue, entry);
    } else {
        entry_queue_again_locked(queue, entry);
    }
    mutex_unlock(&queue->lock);
}

/* Runs units until the group is full or the queue empty. False: the transaction is gone. A unit
 * that fails first in the group has met what is durable, and hears it at once. Behind others it may
 * have failed for what these have changed, which can still be undone: it stays until they are
 * durable. */
static bool group_fill(struct commit_queue *queue, struct list *group)
{
    uint64_t until_ns = clock_after_ms(GROUP_MS);
    struct entry *entry;

    while ((entry = group_next(queue, group, until_ns)) != NULL) {
        bool is_intact;

        entry->ok = entry_run(queue, entry, &is_intact);
        if (!is_intact) {
            group_lost(queue, group, entry);
            return false;
        }
        if (entry->ok || group->length > 0) {
            list_push_back(group, &entry->place.link);
        } else {
            entry_fail(queue, entry);
        }
    }
    return true;
}

/* The commit is durable: every unit is done, the failed ones too. They stay in the group until
 * group_wake. */
static void group_finish(struct commit_queue *queue, const struct list *group)
{
    uint64_t now = clock_mono_ns();
    size_t units = 0;

    LIST_EACH (link, group) {
        units += entry_at(link)->ok;
    }
    mutex_lock(&queue->lock);
    queue->stats.commits++;
    queue->stats.units += units;
    counter_add(queue->commit_counter, 1);
    counter_add(queue->unit_counter, units);
    LIST_EACH (link, group) {
        struct entry *entry = entry_at(link);

        if (entry->times != NULL) {
            entry->times->committed_ns = now;
            entry->times->group = units;
        }
        entry_finish_locked(queue, entry, entry->ok);
    }
    mutex_unlock(&queue->lock);
}

/* The commit failed. Units that had gone well hear of it. Those that had failed did so on what is
 * undone now: they run once more, or hear of it as well when that was their last time. */
static void group_undo(struct commit_queue *queue, struct list *group, const struct err *why)
{
    struct list_link *link;

    mutex_lock(&queue->lock);
    for (size_t left = group->length; left > 0 && (link = list_pop_back(group)) != NULL; left--) {
        struct entry *entry = entry_at(link);

        if (!entry->ok && entry->attempts < ATTEMPTS_MAX) {
            entry_queue_again_locked(queue, entry);
            continue;
        }
        *entry->err = *why;
        entry_finish_locked(queue, entry, false);
        list_push_front(group, link); /* round once: their order stays */
    }
    mutex_unlock(&queue->lock);
}

static void group_wake(struct list *group)
{
    struct list_link *link;

    while ((link = list_pop_front(group)) != NULL) {
        wakeup_post(&entry_at(link)->wake);
    }
}

static void group_commit(struct commit_queue *queue, struct list *group)
{
    static const struct db_tags no_tags;
    const struct db_backend *backend = queue->db->backend;
    struct err why = {.code = ERR_NONE};
    enum db_outcome outcome;

    (void)backend->set_tags(queue->conn, &no_tags, &why);
    if (group->length == 0) {
        backend->rollback(queue->conn, CLOCK_NEVER);
        return;
    }
    outcome = backend->commit(queue->conn, CLOCK_NEVER, &why);
    if (outcome != DB_COMMITTED) {
        why.code = outcome == DB_UNKNOWN ? ERR_OUTCOME_UNKNOWN : why.code;
        /* A connection that could not commit is not trusted with the next group. */
        backend->rollback(queue->conn, CLOCK_NEVER);
        conn_drop(queue);
        group_undo(queue, group, &why);
        return;
    }
    group_finish(queue, group);
}

/* --- leading and following --- */

/* The first in the queue leads from now on. */
static void lead_hand_on(struct commit_queue *queue)
{
    struct list_link *first;
    struct entry *next = NULL;

    mutex_lock(&queue->lock);
    first = list_first(&queue->waiting);
    if (first != NULL) {
        next = entry_at(first);
        next->leads = true;
    } else {
        queue->is_led = false;
    }
    mutex_unlock(&queue->lock);
    if (next != NULL) {
        wakeup_post(&next->wake);
    }
}

/* Leads until the own unit is done. The next leader is woken before the owners of the units that
 * are done, so that the next group is under way while these write their replies. */
static void queue_lead(struct commit_queue *queue, struct entry *own)
{
    struct list group;
    bool is_over;

    list_init(&group);
    do {
        if (!group_begin(queue, own, own->err)) {
            mutex_lock(&queue->lock);
            entry_finish_locked(queue, own, false);
            mutex_unlock(&queue->lock);
        } else if (group_fill(queue, &group)) {
            group_commit(queue, &group);
        }
        is_over = own->place.state == ENTRY_DONE;
        if (is_over) {
            lead_hand_on(queue);
        }
        group_wake(&group);
    } while (!is_over);
}

/* Waits until the unit is done or has to lead; a unit that nobody has taken by its deadline leaves
 * the queue. */
static void entry_wait(struct commit_queue *queue, struct entry *entry, uint64_t deadline_ns)
{
    bool is_left;

    if (wakeup_wait_until(&entry->wake, deadline_ns)) {
        return;
    }
    mutex_lock(&queue->lock);
    is_left = entry->place.state == ENTRY_QUEUED && !entry->leads;
    if (is_left) {
        entry_finish_locked(queue, entry, false);
        (void)err_set(entry->err, ERR_DEADLINE, "deadline passed before the unit's turn to write");
    }
    mutex_unlock(&queue->lock);
    if (!is_left) {
        (void)wakeup_wait_until(&entry->wake, CLOCK_NEVER);
    }
}

bool commit_queue_run(struct commit_queue *queue, struct ctx *ctx, struct db_session *session,
                      db_work *work, void *arg, struct commit_times *times, struct err *err)
{
    struct entry entry = {
        .ctx = ctx, .session = session, .work = work, .arg = arg, .err = err, .times = times};
    const uint64_t deadline_ns = ctx->deadline_ns; /* the context is the leader's once queued */
    bool waits;

    if (running_queue == queue) {
        return err_set(err, ERR_INTERNAL, "db_write inside a unit of work: use db_savepoint");
    }
    wakeup_init(&entry.wake);
    atomic_store_explicit(&session->held->phase, PHASE_WAITING, memory_order_relaxed);
    mutex_lock(&queue->lock);
    entry_move(&queue->waiting, &entry.place, ENTRY_QUEUED);
    waits = queue->is_led;
    entry.leads = !waits;
    queue->is_led = true;
    mutex_unlock(&queue->lock);
    if (waits) {
        entry_wait(queue, &entry, deadline_ns);
    }
    if (entry.leads && entry.place.state != ENTRY_DONE) {
        queue_lead(queue, &entry);
    }
    atomic_store_explicit(&session->held->phase, PHASE_OWN, memory_order_relaxed);
    return entry.ok;
}
