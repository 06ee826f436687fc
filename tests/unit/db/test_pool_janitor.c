/* What the janitor of pools does for the engine: db/pool_janitor.c over the fake backend before
 * SQLite. */
#include <unistd.h>

#include "core/clock.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

#include "db/db_priv.h"

static bool put_mark(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *mark = arg;

    (void)ctx;
    return sql_mark_put(session, 1, *mark, err);
}

/* Commits, until the janitor has come by and this call has been made so often. */
static void commit_until(struct db_fixture *f, int64_t *mark, enum fake_call call, size_t count)
{
    struct err err;

    for (; fake_count(call) < count; ++*mark) {
        assert_true(db_write(&f->ctx, f->pool, put_mark, mark, &err));
        usleep(1000);
        f->ctx.deadline_ns = clock_after_ms(60000);
    }
}

/* The connection for tidying up stays as long as it is alive, and no longer. */
static void janitor__tends_after_commits__on_one_connection_while_it_lives(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(&db_backend_sqlite));
    int64_t mark = 0;
    size_t opened;

    (void)state;
    commit_until(f, &mark, FAKE_TEND, 1);
    opened = fake_count(FAKE_OPEN);
    commit_until(f, &mark, FAKE_TEND, 3);
    assert_int_equal(fake_count(FAKE_OPEN), opened);
    fake_fail(FAKE_IS_ALIVE, 0, 1, ERR_CONNECTION_LOST);
    commit_until(f, &mark, FAKE_OPEN, opened + 1);
    db_fixture_free(f);
    assert_int_equal(fake_count(FAKE_CLOSE), fake_count(FAKE_OPEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(janitor__tends_after_commits__on_one_connection_while_it_lives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
