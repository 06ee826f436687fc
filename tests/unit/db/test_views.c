/* Sessions and pools seen from outside while they work, on a real SQLite file: db/views.c. */
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "db/engines.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

enum { WORKERS = 6, ROUNDS = 150, VIEWS_MOST = 16 };

struct worker {
    struct thread thread;
    struct db_fixture *fixture;
    int number;
    bool ok;
};

static bool put_mark(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *mark = arg;

    (void)ctx;
    return sql_mark_put(session, mark[0], mark[1], err);
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
    assert_true((view->sql_id[0] == '\0') == (view->statement[0] == '\0'));
    assert_true((view->waits_for[0] != '\0') == (strcmp(view->state, "waiting") == 0));
    for (size_t i = 0; i < view->blocker_count; i++) {
        assert_true(view->blocked_by[i] > 0 && view->blocked_by[i] != view->sid);
    }
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

/* --- where it is --- */

/* Host and database, or the name of the file: nothing of users, passwords and options. */
static void db_target__any_location__shows_what_may_be_seen(void **state)
{
    static const struct {
        const char *location, *target;
    } cases[] = {
        {"postgresql://user:pass@db.example:5432/octo?sslmode=require", "db.example:5432/octo"},
        {"postgresql://user:p@ss@db.example/octo", "db.example/octo"},
        {"postgresql://db.example/octo?user=a@b", "db.example/octo"},
        {"postgresql:///octo?host=/run", "/octo"},
        {"/var/lib/o@cto/shop.db", "shop.db"},
        {"shop@home.db", "shop@home.db"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct db_options options = {.service = "test",
                                           .module = "octo-test",
                                           .location = cases[i].location,
                                           .backend = fake_backend(NULL)};
        struct db *db = NULL;
        struct err err;

        assert_true(db_open(&options, &db, &err));
        assert_string_equal(strchr(db_target(db), ':') + 1, cases[i].target);
        db_close(db);
    }
}

/* An engine whose name its locations begin with shows no more of them. */
static void db_target__location_of_an_engine__shows_no_password(void **state)
{
    static const struct {
        const char *location, *target;
    } cases[] = {
        {"postgresql://user:pass@db.example/octo", "postgresql:db.example/octo"},
        {"oracle:tcps://db.example:2484/octo", "oracle:tcps://db.example:2484/octo"},
        {"oracle:scott/tiger@db.example/octo", "oracle:db.example/octo"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct db_options options = {
            .service = "test", .module = "octo-test", .location = cases[i].location};
        struct db *db = NULL;
        struct err err;

        assert_true(db_open(&options, &db, &err));
        assert_string_equal(db_target(db), cases[i].target);
        db_close(db);
    }
}

/* --- what a session ran last --- */

/* It stays with the session that came back, and goes when the session is somebody else's. */
static void views__session_came_back__keeps_its_last_statement(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session *session = NULL;
    struct sql_mark_count_row row;
    struct db_session_view view;
    struct err err;

    (void)state;
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    db_checkin(session);
    assert_int_equal(db_sessions(f->db, &view, 1), 1);
    assert_string_equal(view.state, "idle");
    assert_string_equal(view.statement, "mark_count");
    assert_string_equal(view.sql_id, sql_conformance__mark_count.variants[DB_SQLITE].sql_id);
    assert_string_equal(view.module, "");
    assert_string_equal(view.action, "");
    assert_string_equal(view.client_identifier, "");
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(db_sessions(f->db, &view, 1), 1);
    assert_string_equal(view.state, "active");
    assert_string_equal(view.statement, "");
    assert_string_equal(view.sql_id, "");
    db_checkin(session);
    db_fixture_free(f);
}

/* In one's own view, too, and nothing of it before the first. */
static void views__own_session__shows_its_last_statement(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session *session = NULL;
    struct sql_mark_count_row row;
    struct db_session_view view;
    struct err err;

    (void)state;
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    db_session_view(session, &view);
    assert_string_equal(view.statement, "");
    assert_string_equal(view.sql_id, "");
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    db_session_view(session, &view);
    assert_string_equal(view.statement, "mark_count");
    assert_string_equal(view.sql_id, sql_conformance__mark_count.variants[DB_SQLITE].sql_id);
    db_checkin(session);
    db_fixture_free(f);
}

/* Since it was taken out, and again since it came back. */
static void views__time_passes__tells_how_long_it_is_so(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    const uint64_t now_ns = clock_mono_ns();
    struct db_session *session = NULL;
    struct db_session_view view;
    struct err err;

    (void)state;
    clock_freeze(now_ns, clock_utc_us());
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    clock_freeze(now_ns + 1500 * CLOCK_NS_PER_MS, clock_utc_us());
    assert_int_equal(db_sessions(f->db, &view, 1), 1);
    assert_int_equal(view.state_ms, 1500);
    db_checkin(session);
    clock_freeze(now_ns + 1700 * CLOCK_NS_PER_MS, clock_utc_us());
    assert_int_equal(db_sessions(f->db, &view, 1), 1);
    assert_int_equal(view.state_ms, 200);
    clock_thaw();
    db_fixture_free(f);
}

/* --- who waits for whom --- */

/* A unit that writes and then stays where it is until it is let go. */
struct unit {
    struct thread thread;
    struct db_fixture *f;
    int64_t number;
    struct wakeup entered;
    struct wakeup go;
    bool ok;
};

static bool write_and_stay(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct unit *unit = arg;

    (void)ctx;
    if (!sql_mark_put(session, 1, unit->number, err)) {
        return false;
    }
    wakeup_post(&unit->entered);
    return wakeup_wait_until(&unit->go, CLOCK_NEVER);
}

static void unit_run(void *arg)
{
    struct unit *unit = arg;
    struct arena arena;
    struct ctx ctx;
    struct err err;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "GET /worker");
    unit->ok = db_write(&ctx, unit->f->pool, write_and_stay, unit, &err);
    arena_fini(&arena);
}

static void unit_start(struct unit *unit, struct db_fixture *f, int64_t number)
{
    *unit = (struct unit){.f = f, .number = number};
    wakeup_init(&unit->entered);
    wakeup_init(&unit->go);
    thread_start(&unit->thread, "unit", unit_run, unit);
}

static void must_come(struct wakeup *wakeup)
{
    assert_true(wakeup_wait_until(wakeup, clock_after_ms(60000)));
}

static void unit_let_go(struct unit *unit)
{
    wakeup_post(&unit->go);
}

static void unit_end(struct unit *unit)
{
    thread_join(&unit->thread);
    assert_true(unit->ok);
}

/* The view of the session that waits for this; it comes. */
static struct db_session_view waiter_of(struct db_fixture *f, const char *waits_for)
{
    struct db_session_view views[VIEWS_MOST];

    for (int looks = 0; looks < 60000; looks++) {
        size_t count = db_sessions(f->db, views, VIEWS_MOST);

        for (size_t i = 0; i < count; i++) {
            if (strncmp(views[i].waits_for, waits_for, strlen(waits_for)) == 0) {
                return views[i];
            }
        }
        usleep(1000);
    }
    fail_msg("nobody waits for %s", waits_for);
    return views[0];
}

static int64_t active_sid(struct db_fixture *f)
{
    struct db_session_view views[VIEWS_MOST];
    size_t count = db_sessions(f->db, views, VIEWS_MOST);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(views[i].state, "active") == 0) {
            return views[i].sid;
        }
    }
    return 0;
}

/* The one behind waits for its turn; once it runs, the one before waits for the commit that they
 * share. Time stands still, so that they do share it. */
static void views__unit_stands_in_line__is_waiting_for_the_one_that_runs(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session_view view;
    struct unit first;
    struct unit second;

    (void)state;
    clock_freeze(clock_mono_ns(), clock_utc_us());
    unit_start(&first, f, 1);
    must_come(&first.entered);
    unit_start(&second, f, 2);
    view = waiter_of(f, "turn");
    assert_string_equal(view.state, "waiting");
    assert_string_equal(view.action, "GET /worker");
    assert_true(view.sid > 0 && view.sid != active_sid(f));
    assert_int_equal(view.blocker_count, 1);
    assert_int_equal(view.blocked_by[0], active_sid(f));
    unit_let_go(&first);
    must_come(&second.entered);
    view = waiter_of(f, "commit");
    assert_string_equal(view.state, "waiting");
    assert_string_equal(view.statement, "mark_put");
    assert_int_equal(view.blocker_count, 1);
    assert_int_equal(view.blocked_by[0], active_sid(f));
    unit_let_go(&second);
    unit_end(&first);
    unit_end(&second);
    clock_thaw();
    db_fixture_free(f);
}

/* A disk that takes its time. */
static struct wakeup disk_is_asked;
static struct wakeup disk_goes_on;

static enum db_outcome commit_late(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    wakeup_post(&disk_is_asked);
    (void)wakeup_wait_until(&disk_goes_on, CLOCK_NEVER);
    return db_backend_sqlite.commit(conn, deadline_ns, err);
}

/* Who waits for a commit of others is blocked by those whose commit it is; they by nobody here. */
static void views__others_commit__are_told_as_blockers(void **state)
{
    static struct db_backend slow;
    struct db_fixture *f;
    struct db_session_view committing;
    struct db_session_view view;
    struct unit first;
    struct unit second;

    (void)state;
    slow = db_backend_sqlite;
    f = db_fixture_new(&slow);
    slow.commit = commit_late;
    wakeup_init(&disk_is_asked);
    wakeup_init(&disk_goes_on);
    unit_start(&first, f, 1);
    unit_let_go(&first);
    must_come(&disk_is_asked);
    committing = waiter_of(f, "commit");
    assert_int_equal(committing.blocker_count, 0);
    unit_start(&second, f, 2);
    view = waiter_of(f, "turn");
    assert_int_equal(view.blocker_count, 1);
    assert_int_equal(view.blocked_by[0], committing.sid);
    slow.commit = db_backend_sqlite.commit;
    wakeup_post(&disk_goes_on);
    unit_let_go(&second);
    unit_end(&first);
    unit_end(&second);
    db_fixture_free(f);
}

/* Takes the write lock of the file whose path comes, says so, and keeps it to the end of input. */
static void other_process(int in, int out)
{
    char path[128] = "";
    sqlite3 *file = NULL;

    if (read(in, path, sizeof(path) - 1) > 0 && sqlite3_open(path, &file) == SQLITE_OK &&
        sqlite3_exec(file, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        write(out, "x", 1) == 1) {
        (void)!read(in, path, 1);
    }
    _exit(0); /* with the lock, which goes with the process */
}

static void run_patient_writer(void *arg)
{
    struct worker *worker = arg;
    int64_t mark[2] = {1, 1};
    struct arena arena;
    struct ctx ctx;
    struct err err;

    arena_init(&arena);
    do { /* a look may come later than the patience of one attempt */
        db_fixture_ctx(&ctx, &arena, "GET /worker");
        worker->ok = db_write(&ctx, worker->fixture->pool, put_mark, mark, &err);
    } while (!worker->ok && err.code == ERR_SERIALIZATION);
    arena_fini(&arena);
}

/* Where another process has the file's lock, it is named. */
static void views__another_process_writes__is_named(void **state)
{
    struct worker worker = {.ok = false};
    struct db_session_view view;
    struct db_fixture *f;
    char expected[32];
    int to[2];
    int from[2];
    char said;
    pid_t other;

    (void)state;
    assert_true(pipe(to) == 0 && pipe(from) == 0);
    other = fork(); /* before there are threads */
    assert_true(other >= 0);
    if (other == 0) {
        (void)close(to[1]);
        other_process(to[0], from[1]);
    }
    f = db_fixture_new(NULL);
    assert_int_equal(write(to[1], f->path, strlen(f->path)), strlen(f->path));
    assert_int_equal(read(from[0], &said, 1), 1);
    worker.fixture = f;
    thread_start(&worker.thread, "writer", run_patient_writer, &worker);
    view = waiter_of(f, "process:");
    (void)snprintf(expected, sizeof(expected), "process:%d", (int)other);
    assert_string_equal(view.waits_for, expected);
    assert_string_equal(view.state, "waiting");
    assert_int_equal(view.blocker_count, 0);
    (void)close(to[1]);
    thread_join(&worker.thread);
    assert_string_equal(view.action, "GET /worker");
    assert_true(worker.ok);
    assert_int_equal(waitpid(other, NULL, 0), other);
    (void)close(to[0]);
    (void)close(from[0]);
    (void)close(from[1]);
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
    assert_string_equal(view.state, "active");
    assert_string_equal(view.module, "octo-test");
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

/* Half of the holders gave it back within so long, and nearly all; nobody waited. */
static void views__sessions_were_held__tell_how_long(void **state)
{
    static const uint64_t HELD_MS[] = {10, 10, 10, 10000};
    struct db_fixture *f = db_fixture_new_empty(NULL);
    uint64_t now_ns = clock_mono_ns();
    struct db_session *session = NULL;
    struct db_pool_view pool;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(HELD_MS) / sizeof(HELD_MS[0]); i++) {
        clock_freeze(now_ns, clock_utc_us());
        assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
        now_ns += HELD_MS[i] * CLOCK_NS_PER_MS;
        clock_freeze(now_ns, clock_utc_us());
        db_checkin(session);
    }
    assert_int_equal(db_pools(f->db, &pool, 1), 1);
    clock_thaw();
    assert_in_range(pool.hold_p50_us, 5000, 20000);
    assert_in_range(pool.hold_p99_us, 5000000, 20000000);
    assert_in_range(pool.wait_p50_us, 0, 4000);
    assert_in_range(pool.wait_p99_us, 0, 4000);
    db_fixture_free(f);
}

/* Of what is in use and what is idle together, and nothing behind it is touched. */
static void views__more_sessions_than_asked_for__writes_the_first(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session_view views[2];
    struct db_session *sessions[2] = {NULL};
    struct err err;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_true(db_checkout(&f->ctx, f->pool, &sessions[i], &err));
    }
    db_checkin(sessions[1]);
    memset(views, 0, sizeof(views));
    assert_int_equal(db_sessions(f->db, views, 1), 1);
    assert_string_equal(views[0].state, "active");
    assert_int_equal(views[1].sid, 0);
    assert_int_equal(db_sessions(f->db, views, 2), 2);
    assert_string_equal(views[1].state, "idle");
    db_checkin(sessions[0]);
    db_fixture_free(f);
}

/* The counts of the last minute end with it, those since the start do not. */
static void views__a_minute_passed__its_connections_are_not_counted(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    struct db_session *sessions[6] = {NULL};
    struct db_pool_view pool;
    int64_t opened;
    struct err err;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_true(db_checkout(&f->ctx, f->pool, &sessions[i], &err));
    }
    for (size_t i = 0; i < 6; i++) {
        db_checkin(sessions[i]);
    }
    assert_int_equal(db_pools(f->db, &pool, 1), 1);
    opened = pool.opened;
    assert_true(opened >= 6);
    assert_int_equal(pool.opened_minute, opened);
    assert_int_equal(pool.closed_minute, pool.closed);
    clock_freeze(clock_mono_ns() + 60 * 1000 * CLOCK_NS_PER_MS, clock_utc_us());
    assert_int_equal(db_pools(f->db, &pool, 1), 1);
    clock_thaw();
    assert_int_equal(pool.opened_minute, 0);
    assert_int_equal(pool.closed_minute, 0);
    assert_int_equal(pool.opened, opened);
    db_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views__sessions_at_work__are_seen_whole),
        cmocka_unit_test(db_target__any_location__shows_what_may_be_seen),
        cmocka_unit_test(db_target__location_of_an_engine__shows_no_password),
        cmocka_unit_test(views__session_came_back__keeps_its_last_statement),
        cmocka_unit_test(views__own_session__shows_its_last_statement),
        cmocka_unit_test(views__time_passes__tells_how_long_it_is_so),
        cmocka_unit_test(views__unit_stands_in_line__is_waiting_for_the_one_that_runs),
        cmocka_unit_test(views__others_commit__are_told_as_blockers),
        cmocka_unit_test(views__another_process_writes__is_named),
        cmocka_unit_test(views__no_room__writes_no_more_than_asked),
        cmocka_unit_test(views__sessions_were_held__tell_how_long),
        cmocka_unit_test(views__more_sessions_than_asked_for__writes_the_first),
        cmocka_unit_test(views__a_minute_passed__its_connections_are_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
