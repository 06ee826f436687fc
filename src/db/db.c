/* A service's database as a whole: opening and closing, its facts, the statements' histograms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "db/commit_queue.h"

#include "db/db_priv.h"

enum {
    SLOTS_SPARE = 64, /* for statements that stand in no catalogue */
    BUSY_TIMEOUT_MS_DEFAULT = 5000,
};

/* --- statements' histograms --- */

static struct statement_slot *slot_find(struct db *db, const struct db_statement *statement)
{
    uint64_t hash = ((uint64_t)(uintptr_t)statement >> 3) * UINT64_C(0x9e3779b97f4a7c15);

    for (size_t at = (size_t)(hash >> 32);; at++) {
        struct statement_slot *slot = &db->slots[at & (db->slot_count - 1)];
        const struct db_statement *key = atomic_load_explicit(&slot->key, memory_order_acquire);

        if (key == statement || key == NULL) {
            return slot;
        }
    }
}

static struct histogram *slot_fill(struct db *db, const struct db_statement *statement)
{
    struct statement_slot *slot;
    struct histogram *histogram = NULL;
    char labels[160];

    mutex_lock(&db->lock);
    slot = slot_find(db, statement);
    if (atomic_load_explicit(&slot->key, memory_order_relaxed) == statement) {
        histogram = slot->histogram;
    } else if (db->slots_used < db->slot_count / 2) {
        (void)snprintf(labels, sizeof(labels), "service=\"%s\",statement=\"%s\"",
                       db->options.service, statement->name);
        histogram = metrics_histogram(db->metrics, "db_statement", labels,
                                      "Time from sending a statement to its end.");
        slot->histogram = histogram;
        db->slots_used++;
        atomic_store_explicit(&slot->key, statement, memory_order_release);
    }
    mutex_unlock(&db->lock);
    return histogram;
}

struct histogram *db_statement_histogram(struct db *db, const struct db_statement *statement)
{
    const struct statement_slot *slot = slot_find(db, statement);

    if (atomic_load_explicit(&slot->key, memory_order_acquire) == statement) {
        return slot->histogram;
    }
    return slot_fill(db, statement);
}

/* --- opening and closing --- */

/* Host and database of a URL, name of a file; a URL's user, password and options stay out. */
static char *target_of(const char *backend, const char *location)
{
    const char *scheme = strstr(location, "://");
    const char *shown = scheme != NULL ? scheme + 3 : strrchr(location, '/');
    size_t length;
    size_t size;
    char *target;

    if (shown == NULL) {
        shown = location;
    } else if (scheme == NULL) {
        shown++;
    }
    length = scheme != NULL ? strcspn(shown, "?") : strlen(shown);
    if (scheme != NULL && memrchr(shown, '@', length) != NULL) {
        const char *host = (const char *)memrchr(shown, '@', length) + 1;

        length -= (size_t)(host - shown);
        shown = host;
    }
    size = strlen(backend) + length + 2;
    target = mem_alloc(size);
    (void)snprintf(target, size, "%s:%.*s", backend, (int)length, shown);
    return target;
}

static bool is_postgres(const char *location)
{
    return strncmp(location, "postgres://", 11) == 0 || strncmp(location, "postgresql://", 13) == 0;
}

static const struct db_backend *backend_for(const char *location, struct err *err)
{
    if (is_postgres(location)) {
        return &db_backend_postgres;
    }
    if (strstr(location, "://") != NULL) {
        err_set(err, ERR_CONFIG,
                "the database location is a URL, but not one of postgresql://; SQLite wants the "
                "path of a file");
        return NULL;
    }
    return &db_backend_sqlite;
}

static void copy_options(struct db *db, const struct db_options *options)
{
    db->options = *options;
    db->options.service = mem_strdup(options->service);
    db->options.module = mem_strdup(options->module);
    db->options.location = mem_strdup(options->location);
    if (db->options.busy_timeout_ms == 0) {
        db->options.busy_timeout_ms = BUSY_TIMEOUT_MS_DEFAULT;
    }
}

bool db_open(const struct db_options *options, struct db **ret_db, struct err *err)
{
    const struct db_backend *backend = options->backend;
    size_t statements = SLOTS_SPARE;
    struct db *db;

    if (backend == NULL) {
        backend = backend_for(options->location, err);
    }
    if (backend == NULL) {
        return false;
    }
    db = mem_alloc(sizeof(*db));
    copy_options(db, options);
    db->backend = backend;
    db->target = target_of(backend->name, options->location);
    db->metrics = options->metrics;
    if (db->metrics == NULL) {
        db->metrics = metrics_new();
        db->owns_metrics = true;
    }
    statements += options->catalogue != NULL ? options->catalogue->count : 0;
    for (db->slot_count = 1; db->slot_count < 2 * statements; db->slot_count *= 2) {
    }
    db->slots = mem_alloc(db->slot_count * sizeof(*db->slots));
    mutex_init(&db->lock);
    list_init(&db->pools);
    if ((backend->capabilities & DB_CAP_SHARED_COMMIT) != 0) {
        db->commit_queue = commit_queue_new(db);
    }
    janitor_start(db);
    if (!observer_new(db, err)) {
        db_close(db);
        return false;
    }
    *ret_db = db;
    return true;
}

void db_close(struct db *db)
{
    struct list_link *link;

    if (db == NULL) {
        return;
    }
    janitor_stop(db);
    /* All of them first: one may be closing what another pool only keeps. */
    LIST_EACH (pool, &db->pools) {
        opener_stop(LIST_ITEM(pool, struct db_pool, link));
    }
    while ((link = list_pop_front(&db->pools)) != NULL) {
        pool_free(LIST_ITEM(link, struct db_pool, link));
    }
    commit_queue_free(db->commit_queue);
    if (db->owns_metrics) {
        metrics_free(db->metrics);
    }
    mutex_fini(&db->lock);
    free(db->slots);
    free(db->target);
    free((void *)(uintptr_t)db->options.service);
    free((void *)(uintptr_t)db->options.module);
    free((void *)(uintptr_t)db->options.location);
    free(db);
}

/* --- facts --- */

enum db_dialect db_dialect(const struct db *db)
{
    return db->backend->dialect;
}

bool db_is_embedded(const struct db *db)
{
    return (db->backend->capabilities & DB_CAP_EMBEDDED) != 0;
}

const char *db_target(const struct db *db)
{
    return db->target;
}
