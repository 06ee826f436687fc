/* What the janitor of pools closes, tells of and does for the engine: db/pool_janitor.c over the
 * fake backend. */
#include <fcntl.h>
#include <unistd.h>

#include "core/clock.h"
#include "pool_fixture.h"
#include "sql_conformance.h"

/* The database's own janitor may be at it too. */
static void visit_until_closed(struct pool_fixture *f, int64_t count)
{
    do {
        janitor_visit(f->pool);
    } while (view_of(f).closed < count);
    assert_int_equal(view_of(f).closed, count);
}

/* What was opened past the size stays for those who come next, until nobody wants it. */
static void pool_checkin__past_its_size__session_is_kept_for_a_while(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];

    for (int i = 0; i < 2; i++) {
        check_out_all(f, sessions);
        assert_int_equal(view_of(f).overflow_open, 1);
        check_in_all(sessions);
    }
    assert_int_equal(view_of(f).idle, 3);
    assert_int_equal(fake_count(FAKE_OPEN), 3);
    janitor_visit(f->pool);
    assert_int_equal(fake_count(FAKE_CLOSE), 0);
    clock_jump(40001);
    visit_until_closed(f, 1);
    assert_int_equal(view_of(f).idle, 2);
    assert_int_equal(view_of(f).overflow_open, 0);
}

static void janitor__lifetime_over__idle_session_is_closed(void **state)
{
    struct pool_fixture *f = *state;

    db_checkin(must_checkout(f));
    clock_jump(61000);
    visit_until_closed(f, 1);
    assert_int_equal(view_of(f).idle, 0);
}

/* Each checkout that lasts too long is reported once. */
static void janitor__session_held_too_long__is_reported_once(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    const struct pool_session *held = session->held;

    janitor_visit(f->pool);
    assert_false(held->is_hold_reported);
    clock_jump(600);
    janitor_visit(f->pool);
    assert_true(held->is_hold_reported);
    db_checkin(session);
    assert_false(held->is_hold_reported);
}

/* Standard error is a pipe while it is read, without waiting, until so many of them are told. */
static const char *told_of_holders(struct pool_fixture *f, size_t count)
{
    static char text[4096];
    size_t length = 0;
    size_t found = 0;
    int before = dup(STDERR_FILENO);
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    clock_jump(600);
    janitor_visit(f->pool);
    for (int looks = 0; found < count && looks < 60000;
         looks++) { /* its thread may be at it, too */
        const ssize_t got = read(ends[0], text + length, sizeof(text) - 1 - length);

        length += got > 0 ? (size_t)got : 0;
        text[length] = '\0';
        found = 0;
        for (const char *at = text; (at = strstr(at, "session held too long")) != NULL; at++) {
            found++;
        }
        usleep(got > 0 ? 0 : 1000);
    }
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(found, count);
    return text;
}

static void janitor__several_held_too_long__are_all_told(void **state)
{
    struct pool_fixture *f = *state;
    struct db_session *sessions[3];
    const char *text;

    clock_jump(0);
    check_out_all(f, sessions);
    text = told_of_holders(f, 3);
    for (size_t i = 0; i < 3; i++) {
        char holder[64];

        (void)snprintf(holder, sizeof(holder), "sid=%lld route=\"GET /a\"",
                       (long long)db_sid(sessions[i]));
        assert_non_null(strstr(text, holder));
    }
    assert_non_null(strstr(text, "held_ms=600\n"));
    check_in_all(sessions);
}

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
        POOL_TEST(pool_checkin__past_its_size__session_is_kept_for_a_while),
        POOL_TEST(janitor__lifetime_over__idle_session_is_closed),
        POOL_TEST(janitor__session_held_too_long__is_reported_once),
        POOL_TEST(janitor__several_held_too_long__are_all_told),
        cmocka_unit_test(janitor__tends_after_commits__on_one_connection_while_it_lives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
