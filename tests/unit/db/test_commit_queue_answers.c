/*
 * When the commit queue answers: what a unit has decided on the changes of others of its group is
 * told when these are durable, and decided anew when they are undone. A unit that leads sends the
 * others after it from inside its own work and lets each come into the queue, so every group is
 * made on purpose; the clock stands still, so that no group is over for the time it has taken.
 */
#include "core/clock.h"
#include "core/thread.h"
#include "db/commit_queue.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

#include "db/db_priv.h"

enum { UNITS_MAX = 3, ROW = 7, OTHER_ROW = 8 };

struct scene;

/* One unit of a scene; its owner is a thread of its own. */
struct part {
    struct scene *scene;
    struct thread thread;
    bool (*decide)(struct part *part, struct db_session *session, struct err *err);
    unsigned runs;
    size_t commits_when_told;
    bool ok;
    struct err err;
};

struct scene {
    struct db_fixture *fixture;
    struct part parts[UNITS_MAX];
    size_t count;
    bool are_sent; /* the leader sends the others the first time it runs */
};

static void send(struct part *part);

static void wait_for_queue(struct scene *scene, size_t waiting)
{
    const struct timespec moment = {.tv_nsec = 100000};

    while (commit_queue_stats(scene->fixture->db->commit_queue).queued < waiting) {
        (void)nanosleep(&moment, NULL);
    }
}

static bool run_part(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct part *part = arg;
    struct scene *scene = part->scene;
    bool ok;

    (void)ctx;
    part->runs++;
    ok = part->decide(part, session, err);
    if (part == &scene->parts[0] && !scene->are_sent) {
        scene->are_sent = true;
        for (size_t i = 1; i < scene->count; i++) {
            send(&scene->parts[i]);
            wait_for_queue(scene, i);
        }
    }
    return ok;
}

static void own_part(void *arg)
{
    struct part *part = arg;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "BG part");
    part->ok = db_write(&ctx, part->scene->fixture->pool, run_part, part, &part->err);
    part->commits_when_told = fake_count(FAKE_COMMIT);
    arena_fini(&arena);
}

static void send(struct part *part)
{
    thread_start(&part->thread, "part", own_part, part);
}

/* --- what units do --- */

static bool take_the_row(struct part *part, struct db_session *session, struct err *err)
{
    (void)part;
    return sql_counter_put(session, ROW, 0, err);
}

static bool take_another_row(struct part *part, struct db_session *session, struct err *err)
{
    (void)part;
    return sql_counter_put(session, OTHER_ROW, 0, err);
}

/* Fails for what it has read: changes nothing and breaks no rule of a table. */
static bool want_no_row(struct part *part, struct db_session *session, struct err *err)
{
    struct sql_counter_get_row row;
    enum db_step step = sql_counter_get(session, ROW, &row, err);

    (void)part;
    if (step == DB_ROW) {
        return err_set(err, ERR_CONFLICT, "sold out");
    }
    return step == DB_NO_ROW && sql_counter_put(session, OTHER_ROW, 0, err);
}

static bool fail_the_first_time(struct part *part, struct db_session *session, struct err *err)
{
    return sql_counter_put(session, OTHER_ROW, 0, err) &&
           (part->runs > 1 || err_set(err, ERR_DATABASE, "meant to fail"));
}

/* --- scenes --- */

static void play(struct scene *scene, size_t count, struct part *const leader)
{
    scene->count = count;
    for (size_t i = 0; i < count; i++) {
        scene->parts[i].scene = scene;
    }
    clock_freeze(clock_mono_ns(), clock_utc_us());
    send(leader);
    thread_join(&leader->thread);
    for (size_t i = 1; i < count; i++) {
        thread_join(&scene->parts[i].thread);
    }
    clock_thaw();
}

static struct scene *scene_new(void)
{
    struct scene *scene = mem_alloc(sizeof(*scene));

    scene->fixture = db_fixture_new(fake_backend(&db_backend_sqlite));
    (void)fake_backend(&db_backend_sqlite); /* forgets what the migrations did */
    return scene;
}

static void scene_free(struct scene *scene)
{
    db_fixture_free(scene->fixture);
    free(scene);
}

static bool has_row(const struct scene *scene, int64_t id)
{
    struct db_fixture *f = scene->fixture;
    struct sql_counter_get_row row;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};
    enum db_step step;

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    step = sql_counter_get(session, id, &row, &err);
    db_checkin(session);
    return step == DB_ROW;
}

static void commit_queue__unit_fails_behind_another__is_told_when_that_is_durable(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];
    struct part *second = &scene->parts[1];

    (void)state;
    first->decide = second->decide = take_the_row;
    play(scene, 2, first);
    assert_true(first->ok);
    assert_false(second->ok);
    assert_int_equal(second->err.code, ERR_UNIQUE);
    assert_int_equal(second->runs, 1);
    assert_int_equal(second->commits_when_told, 1);
    scene_free(scene);
}

static void commit_queue__commit_under_a_failure_fails__the_failed_unit_runs_again(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];
    struct part *second = &scene->parts[1];

    (void)state;
    first->decide = second->decide = take_the_row;
    fake_fail(FAKE_COMMIT, 0, 1, ERR_UNAVAILABLE);
    play(scene, 2, first);
    assert_false(first->ok);
    assert_int_equal(first->err.code, ERR_UNAVAILABLE);
    assert_true(second->ok);
    assert_int_equal(second->runs, 2);
    assert_true(has_row(scene, ROW));
    scene_free(scene);
}

/* Whether it is durable nobody knows, so each that it was for hears just that. */
static void commit_queue__nobody_knows_of_the_commit__is_told_so(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];

    (void)state;
    first->decide = take_the_row;
    fake_fail(FAKE_COMMIT, 0, 1, ERR_CONNECTION_LOST);
    fake_commit_fails_as(DB_UNKNOWN);
    play(scene, 1, first);
    assert_false(first->ok);
    assert_int_equal(first->err.code, ERR_OUTCOME_UNKNOWN);
    scene_free(scene);
}

static void commit_queue__refusal_rests_on_what_was_read__is_decided_anew(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];

    (void)state;
    first->decide = take_the_row;
    scene->parts[1].decide = want_no_row;
    fake_fail(FAKE_COMMIT, 0, 1, ERR_UNAVAILABLE);
    play(scene, 2, first);
    assert_false(first->ok);
    assert_true(scene->parts[1].ok);
    assert_true(has_row(scene, OTHER_ROW) && !has_row(scene, ROW));
    scene_free(scene);
}

static void commit_queue__commits_fail_again_and_again__the_failed_unit_hears_of_it(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];
    struct part *second = &scene->parts[1];

    (void)state;
    first->decide = second->decide = take_the_row;
    fake_fail(FAKE_COMMIT, 0, 2, ERR_UNAVAILABLE);
    play(scene, 2, first);
    assert_false(second->ok);
    assert_int_equal(second->err.code, ERR_UNAVAILABLE);
    assert_int_equal(second->runs, 2);
    assert_false(has_row(scene, ROW));
    scene_free(scene);
}

/* The third one takes the transaction with it: both before it are decided anew behind it. */
static void
commit_queue__transaction_is_lost_under_a_failure__the_failed_unit_runs_again(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];
    struct part *second = &scene->parts[1];
    struct part *third = &scene->parts[2];

    (void)state;
    first->decide = second->decide = take_the_row;
    third->decide = fail_the_first_time;
    fake_fail(FAKE_SAVEPOINT_ROLLBACK, 1, 1, ERR_DATABASE);
    play(scene, 3, first);
    assert_true(first->ok && third->ok);
    assert_false(second->ok);
    assert_int_equal(second->err.code, ERR_UNIQUE);
    assert_true(first->runs == 2 && second->runs == 2 && third->runs == 2);
    scene_free(scene);
}

/* It failed for the row of the first and took the transaction with it: then the row is its own. */
static void
commit_queue__failed_unit_takes_the_transaction_along__is_decided_anew_first(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];
    struct part *second = &scene->parts[1];

    (void)state;
    first->decide = second->decide = take_the_row;
    fake_fail(FAKE_SAVEPOINT_ROLLBACK, 0, 1, ERR_DATABASE);
    play(scene, 2, first);
    assert_true(second->ok);
    assert_false(first->ok);
    assert_int_equal(first->err.code, ERR_UNIQUE);
    assert_true(has_row(scene, ROW));
    scene_free(scene);
}

/* Nothing stands before it that is not durable, so nobody waits for the disk. */
static void commit_queue__first_of_a_group_fails__is_told_without_a_commit(void **state)
{
    struct scene *scene = scene_new();
    struct part *first = &scene->parts[0];
    struct err err = {.code = ERR_NONE};

    (void)state;
    first->scene = scene;
    first->decide = take_the_row;
    scene->are_sent = true;
    assert_true(db_write(&scene->fixture->ctx, scene->fixture->pool, run_part, first, &err));
    assert_false(db_write(&scene->fixture->ctx, scene->fixture->pool, run_part, first, &err));
    assert_int_equal(err.code, ERR_UNIQUE);
    assert_int_equal(fake_count(FAKE_COMMIT), 1);
    scene_free(scene);
}

static uint64_t count_of(const struct scene *scene, const char *name)
{
    const struct attribute service = attribute_text("service", "test");

    return counter_value(metrics_counter(
        scene->fixture->db->metrics,
        &(struct metric){
            .name = name, .unit = "", .help = "", .attributes = &service, .attribute_count = 1}));
}

static void commit_queue__figures__count_commits_and_the_units_that_ended_well(void **state)
{
    struct scene *scene = scene_new();
    uint64_t units = count_of(scene, "db_write_units");
    uint64_t commits = count_of(scene, "db_write_commits");
    struct commit_queue_stats before = commit_queue_stats(scene->fixture->db->commit_queue);
    struct commit_queue_stats after;

    (void)state;
    scene->parts[0].decide = scene->parts[1].decide = take_the_row;
    scene->parts[2].decide = take_another_row;
    play(scene, 3, &scene->parts[0]);
    after = commit_queue_stats(scene->fixture->db->commit_queue);
    assert_int_equal(count_of(scene, "db_write_units") - units, 2);
    assert_int_equal(count_of(scene, "db_write_commits") - commits, 1);
    assert_int_equal(after.units - before.units, 2);
    assert_int_equal(after.commits - before.commits, 1);
    assert_int_equal(after.queued, 0);
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_queue__unit_fails_behind_another__is_told_when_that_is_durable),
        cmocka_unit_test(commit_queue__commit_under_a_failure_fails__the_failed_unit_runs_again),
        cmocka_unit_test(commit_queue__nobody_knows_of_the_commit__is_told_so),
        cmocka_unit_test(commit_queue__refusal_rests_on_what_was_read__is_decided_anew),
        cmocka_unit_test(commit_queue__commits_fail_again_and_again__the_failed_unit_hears_of_it),
        cmocka_unit_test(
            commit_queue__transaction_is_lost_under_a_failure__the_failed_unit_runs_again),
        cmocka_unit_test(
            commit_queue__failed_unit_takes_the_transaction_along__is_decided_anew_first),
        cmocka_unit_test(commit_queue__first_of_a_group_fails__is_told_without_a_commit),
        cmocka_unit_test(commit_queue__figures__count_commits_and_the_units_that_ended_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
