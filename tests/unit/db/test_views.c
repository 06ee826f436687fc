/* Sessions and pools seen from outside while they work, on a real SQLite file: db/views.c. */
#include <sqlite3.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"

enum { WORKERS = 6, ROUNDS = 150, VIEWS_MOST = 16 };

struct worker {
    struct thread thread;
    struct db_fixture *fixture;
    int number;
    bool ok;
};

static bool put_mark(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const int64_t *mark = arg;

    (void)ctx;
    return sql_mark_put(db, mark[0], mark[1], err);
}

static void run_worker(void *arg)
{
    struct worker *worker = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    worker->ok = true;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t mark[2] = {worker->number, i};
        struct db_session *session = NULL;
        struct sql_mark_count_row row;
        struct err err;

        db_fixture_ctx(&ctx, &arena, "GET /worker");
        worker->ok &= db_checkout(&ctx, worker->fixture->pool, &session, &err) &&
                      sql_mark_count(session, &row, &err) == DB_ROW;
        db_checkin(session);
        worker->ok &= db_write(&ctx, worker->fixture->pool, put_mark, mark, &err);
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

/* A session that is out always shows whose it is, one that is in never does. */
static void assert_plausible(const struct db_session_view *view)
{
    bool is_out = strcmp(view->state, "idle") != 0;

    assert_true(view->sid > 0);
    assert_string_equal(view->service, "test");
    assert_string_equal(view->pool, "main");
    assert_string_equal(view->action, is_out ? "GET /worker" : "");
    assert_int_equal(strlen(view->client_identifier), is_out ? 32 : 0);
    assert_true(view->state_ms >= 0);
}

static void views__sessions_at_work__are_seen_whole(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session_view views[VIEWS_MOST];
    struct worker workers[WORKERS];
    struct db_pool_view pool;

    (void)state;
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.fixture = f, .number = i};
        thread_start(&workers[i].thread, "worker", run_worker, &workers[i]);
    }
    for (int i = 0; i < 300; i++) {
        size_t count = db_sessions(f->db, views, VIEWS_MOST);

        for (size_t at = 0; at < count; at++) {
            assert_plausible(&views[at]);
        }
        assert_int_equal(db_pools(f->db, &pool, 1), 1);
        assert_true(pool.in_use + pool.idle <= pool.size + pool.overflow);
        assert_false(db_cancel(f->db, -1));
    }
    for (int i = 0; i < WORKERS; i++) {
        thread_join(&workers[i].thread);
        assert_true(workers[i].ok);
    }
    assert_int_equal(db_pools(f->db, &pool, 1), 1);
    assert_int_equal(pool.in_use, 0);
    assert_int_equal(pool.opened - pool.closed, pool.idle);
    db_fixture_free(f);
}

static void run_writer(void *arg)
{
    struct worker *worker = arg;
    int64_t mark[2] = {1, 1};
    struct arena arena;
    struct ctx ctx;
    struct err err;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "GET /worker");
    worker->ok = db_write(&ctx, worker->fixture->pool, put_mark, mark, &err);
    arena_fini(&arena);
}

/* A unit that stands in line for the write lock is shown as waiting, not as working. */
static void views__unit_stands_in_line__is_waiting(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct worker worker = {.fixture = f};
    struct db_session_view view;
    sqlite3 *other = NULL;

    (void)state;
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    thread_start(&worker.thread, "writer", run_writer, &worker);
    WAIT_UNTIL(db_sessions(f->db, &view, 1) == 1 && strcmp(view.state, "waiting") == 0);
    sqlite3_close(other);
    thread_join(&worker.thread);
    assert_string_equal(view.action, "GET /worker");
    assert_true(worker.ok);
    db_fixture_free(f);
}

static void views__no_room__writes_no_more_than_asked(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session *session = NULL;
    struct db_session_view view;
    struct db_pool_view pool;
    char version[DB_VERSION_SIZE];
    size_t count = 0;
    struct err err;

    (void)state;
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    db_session_view(session, &view);
    assert_string_equal(view.action, "TEST");
    assert_int_equal(view.sid, db_sid(session));
    db_version(session, version);
    assert_string_equal(version, sqlite3_libversion());
    db_checkin(session);
    assert_int_equal(db_sessions(f->db, &view, 0), 0);
    assert_int_equal(db_pools(f->db, &pool, 0), 0);
    assert_int_equal(db_sessions(f->db, &view, 1), 1);
    assert_true(db_is_embedded(f->db));
    assert_string_equal(db_target(f->db), "sqlite:test.db");
    /* There is no server to ask: the pools know all. */
    assert_true(db_server_sessions(&f->ctx, f->db, &view, 1, &count, &err));
    assert_int_equal(count, 1);
    assert_ptr_equal(db_of(f->pool), f->db);
    db_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views__sessions_at_work__are_seen_whole),
        cmocka_unit_test(views__unit_stands_in_line__is_waiting),
        cmocka_unit_test(views__no_room__writes_no_more_than_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
