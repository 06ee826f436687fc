/* What SQLite alone can do wrong: files that are missing, foreign, locked or full, and errors that
 * people must understand: db/sqlite/sqlite.c. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "db/engines.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"

static bool open_at(const char *path, struct err *err)
{
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = path, .busy_timeout_ms = 100};
    struct db_conn *conn = NULL;
    bool ok = db_backend_sqlite.open(&options, DB_CONN_POOL, &conn, err);

    db_backend_sqlite.close(conn);
    return ok;
}

static void open__directory_is_missing__says_so(void **state)
{
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_false(open_at("/nowhere/at/all/test.db", &err));
    assert_int_equal(err.code, ERR_CONNECT);
    assert_non_null(strstr(err.text, "/nowhere/at/all/test.db"));
    assert_non_null(strstr(err.text, "directory must exist"));
}

static void open__file_is_no_database__says_so(void **state)
{
    char path[] = "/tmp/octo-file-XXXXXX";
    int fd = mkstemp(path);
    char text[8192];
    struct err err = {.code = ERR_NONE};

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
    close(fd);
    assert_false(open_at(path, &err));
    assert_int_equal(err.code, ERR_DAMAGED);
    assert_non_null(strstr(err.text, "point the service at another path"));
    unlink(path);
}

/* A name in the wrong quotes is no text, in statements and in tables. */
static void script__text_in_double_quotes__is_refused(void **state)
{
    static const char *const SCRIPTS[] = {"SELECT \"nobody\"",
                                          "CREATE TABLE t (a TEXT CHECK (a <> \"nobody\"))"};
    struct db_fixture *f = db_fixture_new(NULL);
    const struct db_options options = {.location = f->path, .busy_timeout_ms = 100};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_backend_sqlite.open(&options, DB_CONN_WRITER, &conn, &err));
    for (size_t i = 0; i < sizeof(SCRIPTS) / sizeof(SCRIPTS[0]); i++) {
        assert_false(db_backend_sqlite.run_script(conn, SCRIPTS[i], CLOCK_NEVER, &err));
        assert_non_null(strstr(err.text, "no such column: nobody"));
    }
    db_backend_sqlite.close(conn);
    db_fixture_free(f);
}

static void is_alive__file_deleted__is_dead(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    const struct db_options options = {.location = f->path, .busy_timeout_ms = 100};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_backend_sqlite.open(&options, DB_CONN_POOL, &conn, &err));
    assert_true(db_backend_sqlite.is_alive(conn, CLOCK_NEVER, &err));
    unlink(f->path);
    assert_false(db_backend_sqlite.is_alive(conn, CLOCK_NEVER, &err));
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    db_backend_sqlite.close(conn);
    db_fixture_free(f);
}

/* Another file of that name is another database. */
static void is_alive__file_replaced__is_dead(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    const struct db_options options = {.location = f->path, .busy_timeout_ms = 100};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};
    char kept[sizeof(f->path) + 8];

    (void)state;
    (void)snprintf(kept, sizeof(kept), "%s.kept", f->path);
    assert_true(db_backend_sqlite.open(&options, DB_CONN_POOL, &conn, &err));
    assert_int_equal(rename(f->path, kept), 0);
    close(open(f->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    assert_false(db_backend_sqlite.is_alive(conn, CLOCK_NEVER, &err));
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    assert_int_equal(rename(kept, f->path), 0);
    assert_true(db_backend_sqlite.is_alive(conn, CLOCK_NEVER, &err));
    db_backend_sqlite.close(conn);
    db_fixture_free(f);
}

/* A pool's connection cannot write, even when the layer above would let it. */
static void execute__write_on_a_pool_connection__is_refused(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    const struct db_options options = {.location = f->path, .busy_timeout_ms = 100};
    const struct sql_mark_put_args args = sql_mark_put_args(1, 1);
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_backend_sqlite.open(&options, DB_CONN_POOL, &conn, &err));
    assert_false(db_backend_sqlite.execute(conn, &sql_conformance__mark_put, args.values, 1,
                                           UINT64_MAX, NULL, &err));
    assert_int_equal(err.code, ERR_DATABASE);
    db_backend_sqlite.close(conn);
    db_fixture_free(f);
}

/* The schema has no such table: the program and the database do not fit. */
static void query__table_is_missing__is_a_schema_error(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct db_session *session = NULL;
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_mark_count(session, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_non_null(strstr(err.text, "mark_count"));
    assert_non_null(strstr(err.text, "no such table: marks"));
    db_checkin(session);
    db_fixture_free(f);
}

static bool put_long(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sql_thing_put(session, 1, "long", NULL, NULL, NULL, NULL, NULL, arg, err);
}

static bool put_short(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_thing_put(session, 2, "short", NULL, NULL, NULL, NULL, NULL, NULL, err);
}

/* A file that may not grow, as on a full disk: the unit fails with an error that says what to do,
 * and writing works again when there is room. */
static void write__no_room_for_the_file__fails_and_recovers(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    char *text = arena_alloc(&f->arena, (8 << 20) + 1);
    struct rlimit old;
    struct rlimit small;
    struct err err = {.code = ERR_NONE};

    (void)state;
    memset(text, 'x', 8 << 20);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(db_write(&f->ctx, f->pool, put_long, text, &err));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(err.code, ERR_CANNOT_STORE);
    assert_non_null(strstr(err.text, "test.db"));
    assert_true(db_write(&f->ctx, f->pool, put_short, NULL, &err));
    assert_true(db_write(&f->ctx, f->pool, put_long, text, &err));
    db_fixture_free(f);
}

/* --- which process has the write lock --- */

/* Another process that holds this lock of the file; it says when, and keeps it until it is killed.
 */
static pid_t hold_lock(const char *path, struct flock lock)
{
    int said[2];
    char word;
    pid_t pid;

    assert_int_equal(pipe(said), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0 &&
            write(said[1], "x", 1) == 1) {
            (void)pause();
        }
        _exit(1);
    }
    close(said[1]);
    assert_int_equal(read(said[0], &word, 1), 1);
    close(said[0]);
    return pid;
}

static void let_go(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Only a write lock that covers that one byte, and only of this file. */
static void writer__other_process_locks__is_the_one_with_the_write_lock(void **state)
{
    static const struct {
        const char *name;
        short type;
        off_t start, length;
        bool is_writer;
    } cases[] = {
        {"x.db-shm", F_WRLCK, 120, 1, true},  {"x.db-shm", F_WRLCK, 100, 21, true},
        {"x.db-shm", F_WRLCK, 120, 9, true},  {"x.db-shm", F_WRLCK, 119, 1, false},
        {"x.db-shm", F_WRLCK, 121, 1, false}, {"x.db-shm", F_RDLCK, 120, 1, false},
        {"y.db-shm", F_WRLCK, 120, 1, false}, {"x.db", F_WRLCK, 120, 1, false},
    };
    char dir[] = "/tmp/octo-writer-XXXXXX";
    char path[64];
    struct db_options options = {.location = path};

    (void)state;
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pid_t pid;

        (void)snprintf(path, sizeof(path), "%s/x.db-shm", dir);
        close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        (void)snprintf(path, sizeof(path), "%s/%s", dir, cases[i].name);
        pid = hold_lock(path, (struct flock){.l_type = cases[i].type,
                                             .l_whence = SEEK_SET,
                                             .l_start = cases[i].start,
                                             .l_len = cases[i].length});
        (void)snprintf(path, sizeof(path), "%s/x.db", dir);
        assert_int_equal(db_backend_sqlite.writer(&options), cases[i].is_writer ? pid : 0);
        let_go(pid);
        assert_int_equal(db_backend_sqlite.writer(&options), 0);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, cases[i].name);
        unlink(path);
    }
    assert_int_equal(rmdir(dir), 0);
}

/* We are not in our own way. */
static void writer__we_have_the_lock_or_nobody__is_nobody(void **state)
{
    struct db_fixture *f = db_fixture_new(NULL);
    const struct db_options options = {.location = f->path};
    const struct db_options missing = {.location = "/nowhere/at/all/test.db"};
    sqlite3 *file = NULL;

    (void)state;
    assert_int_equal(db_backend_sqlite.writer(&options), 0);
    assert_int_equal(db_backend_sqlite.writer(&missing), 0);
    assert_int_equal(sqlite3_open(f->path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(db_backend_sqlite.writer(&options), 0);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    db_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__directory_is_missing__says_so),
        cmocka_unit_test(open__file_is_no_database__says_so),
        cmocka_unit_test(script__text_in_double_quotes__is_refused),
        cmocka_unit_test(is_alive__file_deleted__is_dead),
        cmocka_unit_test(is_alive__file_replaced__is_dead),
        cmocka_unit_test(execute__write_on_a_pool_connection__is_refused),
        cmocka_unit_test(query__table_is_missing__is_a_schema_error),
        cmocka_unit_test(writer__other_process_locks__is_the_one_with_the_write_lock),
        cmocka_unit_test(writer__we_have_the_lock_or_nobody__is_nobody),
        cmocka_unit_test(write__no_room_for_the_file__fails_and_recovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
