/*
 * The janitor, one thread per database: once a second it reports sessions that are held too long
 * (a leak or a slow unit), retires idle sessions past their lifetime, and lets the backend tidy up
 * after commits.
 */
#include "core/clock.h"
#include "core/log.h"
#include "db/lane.h"

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
    LIST_EACH (link, &pool->in_use) {
        struct db_session *session = LIST_ITEM(link, struct db_session, link);
        uint64_t held_ms = (now_ns - session->since_ns) / CLOCK_NS_PER_MS;

        if (session->is_hold_reported || held_ms < (uint64_t)pool->options.hold_warn_ms ||
            now_ns < session->since_ns || count == REPORTS_MAX) {
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

/* The next idle session past its lifetime, moved to `closing`; NULL when there is none. */
static struct db_session *take_expired(struct db_pool *pool)
{
    uint64_t now_ns = clock_mono_ns();
    struct db_session *expired = NULL;

    mutex_lock(&pool->lock);
    LIST_EACH (link, &pool->idle) {
        struct db_session *session = LIST_ITEM(link, struct db_session, link);

        if (now_ns >= session->expires_ns) {
            expired = session;
            list_remove(&pool->idle, link);
            pool_retire_locked(pool, session);
            break;
        }
    }
    mutex_unlock(&pool->lock);
    return expired;
}

void janitor_visit(struct db_pool *pool)
{
    struct db_session *expired;

    holders_report(pool);
    while ((expired = take_expired(pool)) != NULL) {
        pool_close_session(pool, expired);
    }
}

/* Commits of this process are the only ones that are counted; another's are tidied up by it. */
static void backend_tend(struct db *db)
{
    const struct db_backend *backend = db->backend;
    uint64_t commits;
    struct err why;

    if (backend->tend == NULL || db->lane == NULL) {
        return;
    }
    commits = lane_stats(db->lane).commits;
    if (commits == db->tended_commits) {
        return;
    }
    db->tended_commits = commits;
    if (db->tend_conn != NULL && !backend->is_alive(db->tend_conn, &why)) {
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

/* Pools are only added while the janitor runs, so a pool stays where it is without the lock. */
static void visit_all(struct db *db)
{
    struct list_link *link;

    mutex_lock(&db->lock);
    link = db->pools.ends.next;
    while (link != &db->pools.ends) {
        mutex_unlock(&db->lock);
        janitor_visit(LIST_ITEM(link, struct db_pool, link));
        mutex_lock(&db->lock);
        link = link->next;
    }
    mutex_unlock(&db->lock);
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
