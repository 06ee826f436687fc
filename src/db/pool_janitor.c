/*
 * The janitor, one thread per database: once a second it reports sessions that are held too long
 * (a leak or a slow unit), closes idle sessions that are too old or that nobody wanted for a while,
 * and lets the backend tidy up after commits.
 */
#include "core/clock.h"
#include "core/log.h"
#include "db/commit_queue.h"

#include "db/db_priv.h"

enum {
    VISIT_MS = 1000,
    REPORTS_MAX = 16, /* a visit; the rest is reported by the next */
};

/* What a warning tells of a holder, copied out of the lock. */
struct holder {
    struct db_tags tags;
    const struct db_statement *statement;
    int64_t sid;
    uint64_t held_ms;
};

static size_t holders_collect(struct db_pool *pool, struct holder holders[REPORTS_MAX])
{
    uint64_t now_ns = clock_mono_ns();
    size_t count = 0;

    mutex_lock(&pool->lock);
    LIST_EACH (link, &pool->slots.states[SLOT_IN_USE]) {
        struct pool_session *session = session_of(LIST_ITEM(link, struct pool_slot, link));
        uint64_t held_ms = (now_ns - session->slot.since_ns) / CLOCK_NS_PER_MS;

        if (session->is_hold_reported || held_ms < (uint64_t)pool->options.hold_warn_ms ||
            now_ns < session->slot.since_ns || count == REPORTS_MAX) {
            continue;
        }
        session->is_hold_reported = true;
        holders[count++] = (struct holder){
            .tags = session->tags,
            .statement = atomic_load_explicit(&session->statement, memory_order_relaxed),
            .sid = session->sid,
            .held_ms = held_ms};
    }
    mutex_unlock(&pool->lock);
    return count;
}

static void holders_report(struct db_pool *pool)
{
    struct holder holders[REPORTS_MAX];
    size_t count = holders_collect(pool, holders);

    for (size_t i = 0; i < count; i++) {
        const struct holder *holder = &holders[i];
        const struct db_statement *statement = holder->statement;
        char route[DB_ACTION_BYTES * 2];

        log_line(LOG_WARNING, holder->tags.client_identifier, "session held too long",
                 "pool=%s sid=%lld route=%s sql_id=%s statement=%s held_ms=%llu",
                 pool->options.name, (long long)holder->sid,
                 log_quote(holder->tags.action, route, sizeof(route)),
                 statement != NULL ? statement->variants[pool->db->backend->dialect].sql_id : "-",
                 statement != NULL ? statement->name : "-", (unsigned long long)holder->held_ms);
    }
}

static void close_surplus(struct db_pool *pool, bool is_needed_elsewhere)
{
    struct pool_slot *slot;

    do {
        mutex_lock(&pool->lock);
        slot = slots_next_surplus(&pool->slots, is_needed_elsewhere, clock_mono_ns());
        mutex_unlock(&pool->lock);
        if (slot != NULL) {
            pool_session_close(pool, session_of(slot));
        }
    } while (slot != NULL);
}

void janitor_visit(struct db_pool *pool)
{
    holders_report(pool);
    close_surplus(pool, false);
}

/* Commits of this process are the only ones that are counted; another's are tidied up by it. */
static void backend_tend(struct db *db)
{
    const struct db_backend *backend = db->backend;
    uint64_t commits;
    struct err why;

    if (backend->tend == NULL || db->commit_queue == NULL) {
        return;
    }
    commits = commit_queue_stats(db->commit_queue).commits;
    if (commits == db->tended_commits) {
        return;
    }
    db->tended_commits = commits;
    if (db->tend_conn != NULL && !backend->is_alive(db->tend_conn, CLOCK_NEVER, &why)) {
        backend->close(db->tend_conn);
        db->tend_conn = NULL;
    }
    if (db->tend_conn == NULL &&
        !backend->open(&db->options, DB_CONN_WRITER, &db->tend_conn, &why)) {
        log_err(LOG_WARNING, NULL, "database not tended", &why);
        return;
    }
    backend->tend(db->tend_conn);
}

/* The pool after this one; NULL: it was the last. Pools are only added, so one stays where it is
 * without the lock. */
static struct db_pool *next_pool(struct db *db, struct db_pool *pool)
{
    struct list_link *link;

    mutex_lock(&db->lock);
    link = pool != NULL ? pool->link.next : db->pools.ends.next;
    pool = link != &db->pools.ends ? LIST_ITEM(link, struct db_pool, link) : NULL;
    mutex_unlock(&db->lock);
    return pool;
}

static void visit_all(struct db *db)
{
    for (struct db_pool *pool = NULL; (pool = next_pool(db, pool)) != NULL;) {
        janitor_visit(pool);
    }
}

void janitor_make_room(const struct db_pool *pool)
{
    for (struct db_pool *other = NULL; (other = next_pool(pool->db, other)) != NULL;) {
        if (other != pool) {
            close_surplus(other, true);
        }
    }
}

static void janitor_run(void *arg)
{
    struct db *db = arg;

    mutex_lock(&db->lock);
    while (!db->is_closing) {
        if (cond_wait_until(&db->janitor_wake, &db->lock, clock_after_ms(VISIT_MS))) {
            continue;
        }
        mutex_unlock(&db->lock);
        visit_all(db);
        backend_tend(db);
        mutex_lock(&db->lock);
    }
    mutex_unlock(&db->lock);
}

void janitor_start(struct db *db)
{
    cond_init(&db->janitor_wake);
    thread_start(&db->janitor, "db-janitor", janitor_run, db);
}

void janitor_stop(struct db *db)
{
    mutex_lock(&db->lock);
    db->is_closing = true;
    cond_signal(&db->janitor_wake);
    mutex_unlock(&db->lock);
    thread_join(&db->janitor);
    cond_fini(&db->janitor_wake);
    db->backend->close(db->tend_conn);
}
