/* A database for one test, see db_fixture.h. */
#include "tests/support/db_fixture.h"

#include <dirent.h>
#include <unistd.h>

#include "core/clock.h"
#include "db/engines.h"
#include "db/migrate.h"
#include "sql_conformance_catalogue.h"
#include "tests/support/test.h"

#include "db/db_priv.h"

/* Longer than any test may take: what ends sooner ends by what the test is about. */
enum { BUSY_MS = 600000 };

static const struct test_server files = {.backend = &db_backend_sqlite};
static const struct test_server *server = &files;
static const struct db_backend *chosen; /* NULL: by the location */

static void fixture_open(struct db_fixture *f)
{
    const struct db_pool_options pool = {
        .name = "main", .size = 4, .overflow = 4, .checkout_timeout_ms = 60000};
    struct err err = {.code = ERR_NONE};

    snprintf(f->location, sizeof(f->location), "%s%s", server->scheme != NULL ? server->scheme : "",
             f->path);
    f->options = (struct db_options){.service = "test",
                                     .module = "octo-test",
                                     .location = server->url != NULL ? server->url() : f->location,
                                     .backend = chosen,
                                     .catalogue = &sql_conformance_catalogue,
                                     .busy_timeout_ms = BUSY_MS};
    if (server->options != NULL) {
        server->options(&f->options);
    }
    if (!db_open(&f->options, &f->db, &err) || !db_pool_new(f->db, &pool, &f->pool, &err)) {
        fail_msg("%s", err.text);
    }
}

void db_fixture_ctx(struct ctx *ctx, struct arena *arena, const char *action)
{
    ctx_init_background(ctx, arena, NULL, "octo-test", action, 60000);
}

void db_fixture_use(const struct test_server *of)
{
    server = of;
    if (of->need != NULL) {
        of->need();
    }
}

struct db_fixture *db_fixture_new_empty(const struct db_backend *backend)
{
    struct db_fixture *f = mem_alloc(sizeof(*f));

    chosen = backend != server->backend ? backend : NULL;
    if (server->reset != NULL) {
        server->reset();
    }
    snprintf(f->directory, sizeof(f->directory), "/tmp/octo-db-XXXXXX");
    if (mkdtemp(f->directory) == NULL) {
        fail_msg("no directory for the test");
    }
    snprintf(f->path, sizeof(f->path), "%s/test.db", f->directory);
    arena_init(&f->arena);
    db_fixture_ctx(&f->ctx, &f->arena, "TEST");
    fixture_open(f);
    return f;
}

struct db_fixture *db_fixture_new(const struct db_backend *backend)
{
    struct db_fixture *f = db_fixture_new_empty(backend);
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    if (!db_migrate(&f->ctx, f->pool, sql_conformance_scripts, sql_conformance_script_count, true,
                    &report, &err)) {
        fail_msg("%s", err.text);
    }
    return f;
}

void db_fixture_reopen(struct db_fixture *f)
{
    db_close(f->db);
    fixture_open(f);
}

static struct pool_session *session_out(struct db_pool *pool)
{
    struct list_link *link;

    mutex_lock(&pool->lock);
    link = list_first(&pool->slots.states[SLOT_IN_USE]);
    mutex_unlock(&pool->lock);
    return link != NULL ? session_of(LIST_ITEM(link, struct pool_slot, link)) : NULL;
}

/* Returns how many sessions were out. */
static unsigned close_all(struct db *db)
{
    unsigned count = 0;

    LIST_EACH (link, &db->pools) {
        struct pool_session *session;

        while ((session = session_out(LIST_ITEM(link, struct db_pool, link))) != NULL) {
            pool_put(session, false);
            count++;
        }
    }
    db_close(db);
    return count;
}

void must_close(struct db *db)
{
    const unsigned count = close_all(db);

    if (count > 0) {
        fail_msg("sessions that are still out: %u", count);
    }
}

void db_fixture_free(struct db_fixture *f)
{
    const unsigned count = close_all(f->db);
    DIR *directory;
    struct dirent *entry;

    directory = opendir(f->directory);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory != NULL) {
        closedir(directory);
    }
    rmdir(f->directory);
    arena_fini(&f->arena);
    free(f);
    if (count > 0) {
        fail_msg("sessions that are still out: %u", count);
    }
}
