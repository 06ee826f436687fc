/* Units of work in fibers of one loop, see units_on_loop.h. */
#include "tests/support/units_on_loop.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/clock.h"

static const char BODY[] = "a body of some length that has to travel with each of the answers";

struct loop loop_of(struct db_fixture *f)
{
    struct loop loop = {.f = f, .epoll = epoll_create1(EPOLL_CLOEXEC)};

    assert_true(loop.epoll >= 0);
    loop.pipelines = db_pipelines_new(f->db, loop.epoll, 0);
    loop.fibers = fibers_new(UNITS_MOST);
    assert_non_null(loop.pipelines);
    return loop;
}

void loop_end(struct loop *loop)
{
    db_pipelines_free(loop->pipelines);
    fibers_free(loop->fibers);
    close(loop->epoll);
}

static void unit_begin(void *arg)
{
    struct unit *unit = arg;

    unit->run(unit);
    unit->has_ended = true;
}

void unit_init(struct loop *loop, struct unit *unit, unit_run *run, int64_t number)
{
    *unit = (struct unit){.loop = loop, .run = run, .pool = loop->f->pool, .number = number};
    arena_init(&unit->arena);
    db_fixture_ctx(&unit->ctx, &unit->arena, arena_printf(&unit->arena, "RIDE %d", (int)number));
    unit->place.together = loop->pipelines;
    unit->ctx.place = &unit->place;
}

void unit_start(struct unit *unit)
{
    assert_int_not_equal(fiber_run(unit->loop->fibers, unit_begin, unit), FIBER_NONE);
}

void loop_turn(struct loop *loop)
{
    const uint64_t due_ns = db_pipelines_send(loop->pipelines);
    struct epoll_event event;

    if (due_ns != CLOCK_NEVER) {
        (void)epoll_wait(loop->epoll, &event, 1, (int)clock_ms_left(due_ns));
    }
    db_pipelines_receive(loop->pipelines);
}

void loop_turn_at_once(struct loop *loop)
{
    (void)db_pipelines_send(loop->pipelines);
    db_pipelines_receive(loop->pipelines);
}

void units_finish(struct unit *units, size_t count)
{
    const uint64_t until_ns = clock_after_ms(UNITS_GIVE_UP_MS);

    for (size_t i = 0; i < count; i++) {
        while (!units[i].has_ended) {
            assert_false(clock_has_passed(until_ns));
            loop_turn(units[i].loop);
        }
    }
}

void units_start(struct loop *loop, struct unit *units, size_t count, size_t other, unit_run *run)
{
    for (size_t i = 0; i < count; i++) {
        unit_init(loop, &units[i], i == other ? run : read_thing, (int64_t)i);
        unit_start(&units[i]);
    }
}

void units_go(struct loop *loop, struct unit *units, size_t count, unit_run *run)
{
    for (size_t i = 0; i < count; i++) {
        unit_init(loop, &units[i], run, (int64_t)i);
        unit_start(&units[i]);
    }
    units_finish(units, count);
}

void units_free(struct unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        arena_fini(&units[i].arena);
    }
}

void must_have_answer(const struct unit *unit)
{
    if (unit->step != DB_ROW) {
        fail_msg("unit %d: %d: %s", (int)unit->number, unit->step, unit->err.text);
    }
    assert_false(ctx_has_left(&unit->ctx));
}

void must_be_refused(const struct unit *unit)
{
    assert_int_equal(unit->step, DB_FAILED);
    must_have_failed(false, &unit->err, ERR_POOL_TIMEOUT, "together");
    assert_true(ctx_has_left(&unit->ctx));
}

struct db_pool_view pool_of(struct db_fixture *f, const char *name)
{
    struct db_pool_view views[4];
    const size_t count = db_pools(f->db, views, 4);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(views[i].name, name) == 0) {
            return views[i];
        }
    }
    fail_msg("no pool %s", name);
    return views[0];
}

struct db_pool *pool_beside(struct db_fixture *f)
{
    const struct db_pool_options options = {.name = "beside", .size = 1};
    struct db_pool *main_pool = f->pool;
    struct db_pool *beside = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_pool_new(f->db, &options, &beside, &err));
    f->pool = beside;
    (void)count_marks(f);
    f->pool = main_pool;
    return beside;
}

void must_be_at_rest(struct db_fixture *f)
{
    assert_int_equal(pool_of(f, "main").in_use, 0);
    (void)count_marks(f);
    assert_int_equal(pool_of(f, "main").in_use, 0);
}

void put_things(int count)
{
    char sql[256];

    for (int i = 0; i < count; i++) {
        (void)snprintf(
            sql, sizeof(sql),
            "INSERT INTO octo_test.things (id, name, body) VALUES (%d, 'thing %d', '%s')", i, i,
            BODY);
        suite_server->run(sql);
    }
}

void lock_things(void)
{
    suite_server->lock("octo_test.things");
}

void unlock_things(void)
{
    suite_server->unlock();
}

void wait_until_server_rests(void)
{
    const uint64_t until_ns = clock_after_ms(UNITS_GIVE_UP_MS);

    while (!suite_server->is_at_rest()) {
        assert_false(clock_has_passed(until_ns));
        usleep(10000);
    }
}

/* --- what units do --- */

struct db_session *unit_checkout(struct unit *unit)
{
    struct db_session *session = NULL;

    unit->step = DB_FAILED;
    if (!db_checkout(&unit->ctx, unit->pool, &session, &unit->err)) {
        return NULL;
    }
    unit->sid = db_sid(session);
    return session;
}

void read_thing(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct sql_thing_get_row row;

    if (session != NULL) {
        unit->step = sql_thing_get(session, unit->number, &row, &unit->err);
        db_checkin(session);
    }
    if (unit->step == DB_ROW) {
        (void)snprintf(unit->text, sizeof(unit->text), "%s", row.name);
    }
}

void must_have_thing(const struct unit *unit)
{
    char name[32];

    must_have_answer(unit);
    (void)snprintf(name, sizeof(name), "thing %d", (int)unit->number);
    assert_string_equal(unit->text, name);
}

void read_thing_twice(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct sql_thing_get_row row;

    if (session == NULL) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        unit->step = sql_thing_get(session, unit->number, &row, &unit->err);
        if (unit->step != DB_ROW) {
            break;
        }
        (void)snprintf(unit->text, sizeof(unit->text), "%s", row.name);
    }
    db_checkin(session);
}

void run_for_ever(struct unit *unit)
{
    struct db_session *session = unit_checkout(unit);
    struct sql_slow_count_row row;

    if (session != NULL) {
        unit->step = sql_slow_count(session, INT64_MAX, &row, &unit->err);
        db_checkin(session);
    }
}
