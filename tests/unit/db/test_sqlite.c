/* What SQLite alone can do wrong: files that are missing, foreign, locked or full, and errors that
 * people must understand: db/sqlite/sqlite.c. */
#include <signal.h>
#include <sys/resource.h>
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
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "point the service at another path"));
    unlink(path);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__directory_is_missing__says_so),
        cmocka_unit_test(open__file_is_no_database__says_so),
        cmocka_unit_test(is_alive__file_deleted__is_dead),
        cmocka_unit_test(execute__write_on_a_pool_connection__is_refused),
        cmocka_unit_test(query__table_is_missing__is_a_schema_error),
        cmocka_unit_test(write__no_room_for_the_file__fails_and_recovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
