/* Units of work: savepoints, snapshots, the time of a unit, tags of its statements. */
#include <sys/epoll.h>
#include <unistd.h>

#include "core/thread.h"
#include "db/pipeline.h"
#include "tests/support/fake_backend.h"
#include "tests/support/suite.h"

enum { RAISERS = 6, RAISES = 25 };

struct nested {
    bool outer_fails;
    bool middle_fails;
    bool inner_fails;
};

static bool inner_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct nested *nested = arg;
    struct thing thing = {.id = 3, .name = "inner"};

    return put_thing(ctx, session, &thing, err) &&
           (!nested->inner_fails || err_set(err, ERR_CONFLICT, "inner"));
}

static bool middle_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct nested *nested = arg;
    struct thing thing = {.id = 2, .name = "middle"};
    struct err ignored = {.code = ERR_NONE};

    if (!put_thing(ctx, session, &thing, err)) {
        return false;
    }
    assert_true(db_savepoint(ctx, session, inner_work, arg, &ignored) == !nested->inner_fails);
    return !nested->middle_fails || err_set(err, ERR_CONFLICT, "middle");
}

static bool outer_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct nested *nested = arg;
    struct thing thing = {.id = 1, .name = "outer"};
    struct err ignored = {.code = ERR_NONE};

    if (!put_thing(ctx, session, &thing, err)) {
        return false;
    }
    assert_true(db_savepoint(ctx, session, middle_work, arg, &ignored) == !nested->middle_fails);
    return !nested->outer_fails || err_set(err, ERR_CONFLICT, "outer");
}

/* A failing level undoes itself and what is inside it, nothing else. */
static void savepoint__each_level_fails_in_turn__undoes_its_own(void **state)
{
    static const struct {
        struct nested nested;
        int64_t things;
    } cases[] = {
        {{.inner_fails = true}, 2},
        {{.middle_fails = true}, 1},
        {{.inner_fails = true, .middle_fails = true}, 1},
        {{.outer_fails = true}, 0},
        {{.outer_fails = false}, 3},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct db_fixture *f = db_fixture_new(suite_backend);
        struct nested nested = cases[i].nested;
        struct err err = {.code = ERR_NONE};

        assert_true(db_write(&f->ctx, f->pool, outer_work, &nested, &err) ==
                    !cases[i].nested.outer_fails);
        assert_int_equal(count_things(f), cases[i].things);
        db_fixture_free(f);
    }
    (void)state;
}

/* A reader sees the state of its first statement, whatever is committed meanwhile. */
static bool read_twice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct db_fixture *f = arg;
    struct thing thing = {.id = 1, .name = "meanwhile"};
    struct sql_thing_count_row before;
    struct sql_thing_count_row after;

    (void)ctx;
    assert_int_equal(sql_thing_count(session, &before, err), DB_ROW);
    must_write(f, put_thing, &thing);
    assert_int_equal(sql_thing_count(session, &after, err), DB_ROW);
    assert_int_equal(before.total, after.total);
    return true;
}

static void read__commit_in_between__sees_one_state(void **state)
{
    struct db_fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    assert_true(db_read(&f->ctx, f->pool, read_twice, f, &err));
    assert_int_equal(count_things(f), 1);
}

static void write__returned__is_there_when_opened_again(void **state)
{
    struct db_fixture *f = *state;
    struct thing thing = {.id = 1, .name = "kept"};

    must_write(f, put_thing, &thing);
    db_fixture_reopen(f);
    assert_string_equal(get_thing(f, 1).name, "kept");
}

static void write__outside_a_unit__is_refused(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    assert_false(sql_mark_put(session, 1, 1, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    db_checkin(session);
}

static bool raise_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t *now_us = arg;

    (void)ctx;
    *now_us = db_now(session);
    return sql_counter_put(session, 1, 0, err) && sql_counter_raise(session, 1, err);
}

static void now__bound_by_the_session__is_the_time_of_the_unit(void **state)
{
    struct db_fixture *f = *state;
    struct sql_counter_get_row row;
    struct db_session *session;
    struct err err = {.code = ERR_NONE};
    int64_t now_us;

    must_write(f, raise_counter, &now_us);
    session = must_checkout(f);
    assert_int_equal(sql_counter_get(session, 1, &row, &err), DB_ROW);
    db_checkin(session);
    assert_int_equal(row.value, 1);
    assert_true(row.at_us == now_us);
}

/* --- many at once --- */

struct raiser {
    struct thread thread;
    struct db_fixture *f;
    bool ok;
    struct err err;
};

static bool raise_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t changes;

    (void)ctx;
    (void)arg;
    return sql_counter_raise_count(session, 1, &changes, err) && changes == 1;
}

static void run_raiser(void *arg)
{
    struct raiser *raiser = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    raiser->ok = true;
    for (int i = 0; i < RAISES && raiser->ok; i++) {
        db_fixture_ctx(&ctx, &arena, "BG raise");
        raiser->ok = db_write(&ctx, raiser->f->pool, raise_one, NULL, &raiser->err);
    }
    arena_fini(&arena);
}

static void write__many_raise_one_counter__no_step_is_lost(void **state)
{
    struct db_fixture *f = *state;
    struct raiser raisers[RAISERS];
    struct sql_counter_get_row row;
    struct db_session *session;
    struct err err = {.code = ERR_NONE};
    int64_t now_us;

    must_write(f, raise_counter, &now_us);
    for (int i = 0; i < RAISERS; i++) {
        raisers[i] = (struct raiser){.f = f};
        thread_start(&raisers[i].thread, "raiser", run_raiser, &raisers[i]);
    }
    for (int i = 0; i < RAISERS; i++) {
        thread_join(&raisers[i].thread);
        if (!raisers[i].ok) {
            fail_msg("%s", raisers[i].err.text);
        }
    }
    session = must_checkout(f);
    assert_int_equal(sql_counter_get(session, 1, &row, &err), DB_ROW);
    db_checkin(session);
    assert_int_equal(row.value, 1 + RAISERS * RAISES);
}

/* --- tags --- */

static bool put_mark(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const int64_t *unit = arg;
    struct sql_mark_count_row row;

    (void)ctx;
    return sql_mark_put(session, *unit, 1, err) && sql_mark_count(session, &row, err) == DB_ROW;
}

/* Every statement reaches the backend under the tags of the unit that it belongs to. */
static void tags__units_of_two_routes__never_mix(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(suite_backend));
    struct fake_record records[64];
    size_t before = fake_records(records, 0);
    size_t count;

    (void)state;
    for (int64_t unit = 0; unit < 10; unit++) {
        db_fixture_ctx(&f->ctx, &f->arena, unit % 2 == 0 ? "POST /even" : "POST /odd");
        must_write(f, put_mark, &unit);
        (void)count_things(f);
    }
    count = fake_records(records, 64);
    assert_int_equal(count - before, 30);
    for (size_t i = before; i < count; i++) {
        size_t unit = (i - before) / 3;

        assert_string_equal(records[i].tags.module, "octo-test");
        assert_string_equal(records[i].tags.action, unit % 2 == 0 ? "POST /even" : "POST /odd");
        assert_string_equal(records[i].tags.client_identifier,
                            records[before + unit * 3].tags.client_identifier);
    }
    db_fixture_free(f);
}

/* Where nobody waits there is nothing to wait for together, and not every server takes it. */
static void pipelines__embedded__are_not_needed(void **state)
{
    struct db_fixture *f = *state;
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct db_pipelines *pipelines = db_pipelines_new(f->db, epoll, 0);

    assert_int_equal(pipelines == NULL, suite_backend->pipeline_send == NULL);
    db_pipelines_free(pipelines);
    close(epoll);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(pipelines__embedded__are_not_needed),
    SUITE_TEST(savepoint__each_level_fails_in_turn__undoes_its_own),
    SUITE_TEST(read__commit_in_between__sees_one_state),
    SUITE_TEST(write__returned__is_there_when_opened_again),
    SUITE_TEST(write__outside_a_unit__is_refused),
    SUITE_TEST(now__bound_by_the_session__is_the_time_of_the_unit),
    SUITE_TEST(write__many_raise_one_counter__no_step_is_lost),
    cmocka_unit_test(tags__units_of_two_routes__never_mix),
};

SUITE_ROOM(units_room, tests);
