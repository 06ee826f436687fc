/* A server that goes away under load and comes back. */
#include <stdatomic.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "tests/support/suite.h"

enum {
    WRITERS = 4,
    PATIENCE_MS = 60000,
    MARKS_ENOUGH = 5,
};

/* --- restarts --- */

/* Raises a counter of its own, over and over. */
struct writer {
    struct thread thread;
    struct db_fixture *f;
    int64_t counter;
    atomic_int acknowledged;
    int unknown; /* units whose commit got no answer */
    atomic_bool *is_over;
    struct err wrong; /* an error that says neither "try again" nor "nobody knows" */
};

static bool start_counters(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    bool ok = true;

    (void)ctx;
    (void)arg;
    for (int64_t i = 0; i < WRITERS && ok; i++) {
        ok = sql_counter_put(session, i, 0, err);
    }
    return ok;
}

static bool raise_own(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct writer *writer = arg;
    int64_t changes;

    (void)ctx;
    return sql_counter_raise_count(session, writer->counter, &changes, err);
}

static void run_writer(void *arg)
{
    struct writer *writer = arg;
    struct arena arena;

    arena_init(&arena);
    while (!*writer->is_over) {
        struct err err = {.code = ERR_NONE};
        struct ctx ctx;

        arena_reset(&arena);
        db_fixture_ctx(&ctx, &arena, "BG raise");
        if (db_write(&ctx, writer->f->pool, raise_own, writer, &err)) {
            writer->acknowledged++;
            continue;
        }
        if (err.code == ERR_OUTCOME_UNKNOWN) {
            writer->unknown++;
        } else if (!err_is_retryable(err.code)) {
            writer->wrong = err;
        }
        usleep(1000);
    }
    arena_fini(&arena);
}

/* Each writer is acknowledged some more units. */
static bool all_go_on(struct writer *writers)
{
    uint64_t until = clock_after_ms(PATIENCE_MS);
    bool ok = true;

    for (int i = 0; i < WRITERS; i++) {
        int before = writers[i].acknowledged;

        while (writers[i].acknowledged < before + MARKS_ENOUGH && !clock_has_passed(until)) {
            usleep(2000);
        }
        ok = ok && writers[i].acknowledged >= before + MARKS_ENOUGH;
    }
    return ok;
}

static void assert_counted(struct db_fixture *f, const struct writer *writer)
{
    struct db_session *session = must_checkout(f);
    struct sql_counter_get_row row;
    struct err err = {.code = ERR_NONE};

    assert_int_equal(sql_counter_get(session, writer->counter, &row, &err), DB_ROW);
    db_checkin(session);
    assert_in_range(row.value, writer->acknowledged, writer->acknowledged + writer->unknown);
}

/* Stopped in order, then in the middle of everything: what was acknowledged is there, nothing is
 * there twice, errors tell a failure from an unknown outcome, and the pool finds its way back by
 * itself. */
static void restart__under_load__loses_nothing_and_work_goes_on(void **state)
{
    struct db_fixture *f = *state;
    struct writer writers[WRITERS];
    atomic_bool is_over = false;
    bool ok;

    must_write(f, start_counters, NULL);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.f = f, .counter = i, .is_over = &is_over};
        thread_start(&writers[i].thread, "writer", run_writer, &writers[i]);
    }
    ok = all_go_on(writers);
    suite_server->restart(true);
    ok = ok && all_go_on(writers);
    suite_server->restart(false);
    ok = ok && all_go_on(writers);
    is_over = true;
    for (int i = 0; i < WRITERS; i++) {
        thread_join(&writers[i].thread);
    }
    assert_true(ok);
    for (int i = 0; i < WRITERS; i++) {
        assert_string_equal(writers[i].wrong.text, "");
        assert_counted(f, &writers[i]);
    }
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(restart__under_load__loses_nothing_and_work_goes_on),
};

SUITE_ROOM(server_outages_room, tests);
