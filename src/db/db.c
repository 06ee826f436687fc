/* A service's database as a whole: which engine it is, opening and closing, its facts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "db/commit_queue.h"
#include "db/engines.h"

#include "db/db_priv.h"

enum { BUSY_TIMEOUT_MS_DEFAULT = 5000 };

/* --- opening and closing --- */

/* Host and database of a URL, name of a file, a connect string; a URL's user, password and options
 * stay out. */
static char *target_of(const char *backend, const char *location)
{
    const size_t prefix = strlen(backend);
    const char *scheme = strstr(location, "://");
    const char *shown = scheme != NULL ? scheme + 3 : strrchr(location, '/');
    size_t length;
    size_t size;
    char *target;

    if (scheme != location + prefix && strncmp(location, backend, prefix) == 0 &&
        location[prefix] == ':') {
        const char *at = strrchr(location, '@');

        shown = at != NULL ? at + 1 : location + prefix + 1;
        length = strlen(backend) + strlen(shown) + 2;
        target = mem_alloc(length);
        (void)snprintf(target, length, "%s:%s", backend, shown);
        return target;
    }
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

static const struct db_backend *backend_for(const char *location, struct err *err)
{
    char choice[256] = "";
    size_t used = 0;

    for (size_t i = 0; db_engines[i] != NULL; i++) {
        if (db_engines[i]->owns(location)) {
            return db_engines[i];
        }
        if (used < sizeof(choice)) {
            used += (size_t)snprintf(choice + used, sizeof(choice) - used, "%s%s",
                                     i > 0 ? " or " : "", db_engines[i]->locations);
        }
    }
    (void)err_set(err, ERR_CONFIG, "no engine has such a database location: give %s", choice);
    return NULL;
}

bool db_check_location(const struct db_options *options, struct err *err)
{
    const struct db_backend *backend =
        options->backend != NULL ? options->backend : backend_for(options->location, err);

    return backend != NULL &&
           (backend->check_location == NULL || backend->check_location(options, err));
}

static const char *copied(const char *text)
{
    return text != NULL ? mem_strdup(text) : NULL;
}

static void copy_options(struct db *db, const struct db_options *options)
{
    db->options = *options;
    db->options.service = mem_strdup(options->service);
    db->options.module = mem_strdup(options->module);
    db->options.location = mem_strdup(options->location);
    db->options.user = copied(options->user);
    db->options.password = copied(options->password);
    db->options.wallet_dir = copied(options->wallet_dir);
    db->options.wallet_password = copied(options->wallet_password);
    if (db->options.busy_timeout_ms == 0) {
        db->options.busy_timeout_ms = BUSY_TIMEOUT_MS_DEFAULT;
    }
}

bool db_open(const struct db_options *options, struct db **ret_db, struct err *err)
{
    const struct db_backend *backend = options->backend;
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
    statement_meter_init(&db->meter, db->metrics, db->backend->name,
                         options->catalogue != NULL ? options->catalogue->count : 0);
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
    sqlid_check_free(db->sqlid_check);
    statement_meter_fini(&db->meter);
    if (db->owns_metrics) {
        metrics_free(db->metrics);
    }
    mutex_fini(&db->lock);
    free(db->target);
    free((void *)(uintptr_t)db->options.service);
    free((void *)(uintptr_t)db->options.module);
    free((void *)(uintptr_t)db->options.location);
    free((void *)(uintptr_t)db->options.user);
    free((void *)(uintptr_t)db->options.password);
    free((void *)(uintptr_t)db->options.wallet_dir);
    free((void *)(uintptr_t)db->options.wallet_password);
    free(db);
}

void db_tag_by_traceparent(struct db *db)
{
    db->options.action_is_traceparent = true;
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

const char *db_engine(const struct db *db)
{
    return db->backend->name;
}

static bool has_sql_id(const struct db_statement *statement, const char *sql_id)
{
    bool has = false;

    for (size_t i = 0; !has && i < DB_DIALECT_COUNT; i++) {
        has = strcmp(statement->variants[i].sql_id, sql_id) == 0;
    }
    return has;
}

bool db_engine_says(const char *sql_id)
{
    bool says = false;

    for (size_t i = 0; !says && db_engines[i] != NULL; i++) {
        const struct db_catalogue *own = db_engines[i]->own;

        for (size_t j = 0; own != NULL && !says && j < own->count; j++) {
            says = has_sql_id(own->statements[j], sql_id);
        }
    }
    return says;
}

bool db_shrink(struct db *db, uint64_t deadline_ns, struct err *err)
{
    const struct db_backend *backend = db->backend;
    struct db_conn *conn = NULL;
    bool is_done;

    if (backend->shrink == NULL) {
        return true;
    }
    if (!backend->open(&db->options, DB_CONN_WRITER, &conn, err)) {
        return false;
    }
    is_done = backend->shrink(conn, deadline_ns, err);
    backend->close(conn);
    return is_done;
}

const char *db_target(const struct db *db)
{
    return db->target;
}
