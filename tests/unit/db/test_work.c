/* Units of work on a backend whose writers have connections of their own, over the fake backend;
 * and around SQLite, where writers share one: db/work.c. */
#include "core/clock.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"
#include "trace/tracer.h"

#include "db/db_priv.h"

struct fixture {
    struct db *db;
    struct db_pool *pool;
    struct arena arena;
    struct ctx ctx;
};

static int set_up(void **state)
{
    struct db_options options = {.service = "test", .module = "octo-test", .location = "nowhere"};
    const struct db_pool_options pool = {.name = "main", .size = 2, .checkout_timeout_ms = 100};
    struct fixture *f = mem_alloc(sizeof(*f));
    struct err err = {.code = ERR_NONE};

    options.backend = fake_backend(NULL);
    arena_init(&f->arena);
    db_fixture_ctx(&f->ctx, &f->arena, "POST /a");
    if (!db_open(&options, &f->db, &err) || !db_pool_new(f->db, &pool, &f->pool, &err)) {
        return -1;
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    must_close(f->db);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static bool mark(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int *runs = arg;

    (void)ctx;
    (*runs)++;
    return sql_mark_put(session, 1, *runs, err);
}

static bool refuse(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)session;
    (void)arg;
    return err_set(err, ERR_CONFLICT, "refused");
}

static bool fail_silently(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)session;
    (void)arg;
    (void)err;
    return false;
}

static void write__work_succeeds__is_committed_once(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(runs, 1);
    assert_int_equal(fake_count(FAKE_BEGIN), 1);
    assert_int_equal(fake_count(FAKE_COMMIT), 1);
    assert_int_equal(fake_count(FAKE_ROLLBACK), 0);
}

static void write__work_fails__is_rolled_back_and_not_repeated(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&f->ctx, f->pool, refuse, NULL, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_string_equal(err.text, "refused");
    assert_int_equal(fake_count(FAKE_COMMIT), 0);
    assert_int_equal(fake_count(FAKE_ROLLBACK), 1);
}

/* Work that forgot to say why must not look like success to whoever reads the code. */
static void write__work_fails_without_error__gets_one(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};

    assert_false(db_write(&f->ctx, f->pool, fail_silently, NULL, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
}

/* A conflict in a statement or at commit runs the work again. */
static void write__conflict__runs_again(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    fake_fail(FAKE_EXECUTE, 0, 2, ERR_SERIALIZATION);
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(runs, 3);
    runs = 0;
    fake_fail(FAKE_COMMIT, 0, 1, ERR_SERIALIZATION);
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(runs, 2);
}

/* What is lost before the work begins is no session for the next unit. */
static void write__connection_lost_at_begin__is_not_used_again(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    struct db_pool_view pool;
    int runs = 0;

    fake_fail(FAKE_BEGIN, 0, 1, ERR_CONNECTION_LOST);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    assert_int_equal(runs, 0);
    assert_int_equal(db_pools(f->db, &pool, 1), 1);
    assert_int_equal(pool.closed, 1);
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
}

/* What a unit's span told of its waits. */
struct told {
    int64_t retries; /* the number of the last */
    size_t waits;
    size_t spans;
};

static void look_at_span(void *arg, const struct span_record *record)
{
    struct record_cursor attributes = record_begin(record);
    struct record_cursor events = attributes;
    struct attribute attribute;
    struct span_event event;
    struct told *told = arg;

    if (strcmp(record_name(record), "db.write") != 0) {
        return;
    }
    told->spans++;
    while (record_next_attribute(&attributes, &attribute)) {
        told->waits += strcmp(attribute.key, "db.commit_wait_us") == 0;
    }
    while (record_next_event(&events, &event)) {
        assert_string_equal(event.name, "db.retry");
        assert_true(record_next_attribute(&event.attributes, &attribute));
        assert_string_equal(attribute.key, "db.retry.attempt");
        assert_int_equal(attribute.integer, ++told->retries);
        assert_true(record_next_attribute(&event.attributes, &attribute));
        assert_string_equal(attribute.text, "serialization");
    }
}

static void write__conflict__span_tells_of_each_try_and_of_the_commits(void **state)
{
    struct fixture *f = *state;
    struct told told = {.retries = 0};
    const struct span_sink sink = {.take = look_at_span, .arg = &told};
    struct tracer *tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    f->ctx.tracer = tracer;
    fake_fail(FAKE_COMMIT, 0, 2, ERR_SERIALIZATION);
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    tracer_free(tracer);
    assert_int_equal(told.spans, 1);
    assert_int_equal(told.retries, 2);
    assert_int_equal(told.waits, 1);
}

/* With its third try the time is over. */
static bool mark_until_late(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int *runs = arg;
    const bool ok = mark(ctx, session, runs, err);

    if (*runs == 3) {
        ctx->deadline_ns = clock_mono_ns();
    }
    return ok;
}

static void write__conflict_for_ever__ends_at_the_deadline(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    fake_fail(FAKE_COMMIT, 0, SIZE_MAX, ERR_SERIALIZATION);
    assert_false(db_write(&f->ctx, f->pool, mark_until_late, &runs, &err));
    assert_int_equal(runs, 3);
    assert_int_equal(err.code, ERR_SERIALIZATION);
}

/* Only a conflict is worth another try: after a lost commit nobody knows whether it happened. */
static void write__connection_lost_at_commit__is_not_repeated(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    fake_fail(FAKE_COMMIT, 0, 1, ERR_CONNECTION_LOST);
    fake_commit_fails_as(DB_UNKNOWN);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_OUTCOME_UNKNOWN);
    assert_int_equal(runs, 1);
}

/* Neither is the answer known of a server that gave none in time. */
static void write__no_answer_to_commit_in_time__is_unknown_and_not_used_again(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    fake_fail(FAKE_COMMIT, 0, 1, ERR_DEADLINE);
    fake_commit_fails_as(DB_UNKNOWN);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_OUTCOME_UNKNOWN);
    assert_int_equal(runs, 1);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
}

/* Where the commit could not even be asked for nothing is in doubt, but for the connection. */
static void write__connection_lost_before_commit__is_not_in_doubt(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    fake_fail(FAKE_COMMIT, 0, 1, ERR_CONNECTION_LOST);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_CONNECTION_LOST);
    assert_int_equal(fake_count(FAKE_CLOSE), 1);
}

/* The engine's word counts and not the error's code: a server that was stopped in time has said
 * that there is nothing. */
static void write__commit_stopped_at_its_deadline__is_not_in_doubt(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    fake_fail(FAKE_COMMIT, 0, 1, ERR_DEADLINE);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_DEADLINE);
    assert_int_equal(fake_count(FAKE_CLOSE), 0);
}

static void statement__writes_outside_a_unit__is_refused(void **state)
{
    struct fixture *f = *state;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_false(sql_mark_put(session, 1, 1, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    db_checkin(session);
    assert_false(db_read(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    assert_int_equal(fake_count(FAKE_EXECUTE), 0);
}

static void statement__deadline_passed__never_reaches_the_backend(void **state)
{
    struct fixture *f = *state;
    struct db_session *session = NULL;
    struct sql_mark_count_row row;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    f->ctx.deadline_ns = clock_mono_ns();
    assert_int_equal(sql_mark_count(session, &row, &err), DB_FAILED);
    assert_int_equal(err.code, ERR_DEADLINE);
    assert_int_equal(fake_count(FAKE_QUERY), 0);
    db_checkin(session);
}

/* What one unit costs is counted in its context: the statement's round trip and COMMIT's. */
static void statement__runs__is_counted(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(f->ctx.sql_statements, 1);
    assert_int_equal(f->ctx.sql_round_trips, 2);
    assert_int_equal(
        histogram_count(statement_meter_find(&f->db->meter, &sql_conformance__mark_put)->histogram),
        1);
}

/* Savepoints in each other and one after another: the backend wants to know how deep each lies. */
static bool savepoints_below(struct ctx *ctx, struct db_session *session, void *arg,
                             struct err *err)
{
    int *depth = arg;

    if (*depth == 3) {
        return true;
    }
    (*depth)++;
    if (!db_savepoint(ctx, session, savepoints_below, depth, err) ||
        db_savepoint(ctx, session, refuse, NULL, err)) {
        return false;
    }
    err_clear(err);
    return true;
}

static void savepoint__in_another__is_numbered_by_its_depth(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int depth = 0;

    assert_true(db_write(&f->ctx, f->pool, savepoints_below, &depth, &err));
    assert_int_equal(fake_count(FAKE_SAVEPOINT), 6);
    assert_int_equal(fake_deepest_savepoint(), 3);
}

static bool savepoint_inside(struct ctx *ctx, struct db_session *session, void *arg,
                             struct err *err)
{
    struct err inner = {.code = ERR_NONE};

    (void)err;
    return !db_savepoint(ctx, session, refuse, NULL, &inner) && inner.code == ERR_CONFLICT &&
           db_savepoint(ctx, session, mark, arg, &inner);
}

static void savepoint__work_fails__unit_goes_on(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    assert_true(db_write(&f->ctx, f->pool, savepoint_inside, &runs, &err));
    assert_int_equal(runs, 1);
    assert_int_equal(fake_count(FAKE_SAVEPOINT), 2);
    assert_int_equal(fake_count(FAKE_SAVEPOINT_ROLLBACK), 1);
    assert_int_equal(fake_count(FAKE_SAVEPOINT_RELEASE), 1);
    assert_int_equal(fake_count(FAKE_COMMIT), 1);
}

static bool raise(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    int64_t *now = arg;

    (void)ctx;
    *now = db_now(session);
    return sql_counter_raise(session, 1, err);
}

/* A statement binds the time of its unit, the same for all statements of it. */
static void statement__binds_now__it_is_the_time_of_the_unit(void **state)
{
    struct fixture *f = *state;
    struct err err = {.code = ERR_NONE};
    struct fake_record record;
    int64_t now;

    assert_true(db_write(&f->ctx, f->pool, raise, &now, &err));
    assert_int_equal(fake_records(&record, 1), 1);
    assert_int_equal(record.now_us, now);
    assert_string_equal(record.tags.action, "POST /a");
}

/* Around SQLite: a unit's statements run on the shared connection under the unit's own tags. */
static void write__on_a_shared_connection__carries_its_own_tags(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(&db_backend_sqlite));
    struct err err = {.code = ERR_NONE};
    struct fake_record last[16];
    size_t count;
    int runs = 0;

    (void)state;
    f->ctx.action = "POST /first";
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    f->ctx.action = "POST /second";
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    count = fake_records(last, 16);
    assert_in_range(count, 2, 16);
    assert_string_equal(last[count - 2].tags.action, "POST /first");
    assert_string_equal(last[count - 1].tags.action, "POST /second");
    assert_int_equal(last[count - 2].connection, last[count - 1].connection);
    db_fixture_free(f);
}

/* A question before each group would cost as much as what it guards against. */
static void write__shared_connection_was_idle_for_a_while__is_asked_first(void **state)
{
    static struct db_backend untended; /* the janitor asks nothing */
    const uint64_t now_ns = clock_mono_ns();
    struct err err = {.code = ERR_NONE};
    struct db_fixture *f;
    size_t asked;
    int runs = 0;

    (void)state;
    untended = *fake_backend(&db_backend_sqlite);
    untended.tend = NULL;
    f = db_fixture_new(&untended);
    clock_freeze(now_ns, clock_utc_us());
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    asked = fake_count(FAKE_IS_ALIVE);
    clock_freeze(now_ns + 100 * CLOCK_NS_PER_MS, clock_utc_us());
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    clock_freeze(now_ns + 200 * CLOCK_NS_PER_MS, clock_utc_us());
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(fake_count(FAKE_IS_ALIVE), asked);
    clock_freeze(now_ns + 301 * CLOCK_NS_PER_MS, clock_utc_us());
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(fake_count(FAKE_IS_ALIVE), asked + 1);
    clock_thaw();
    db_fixture_free(f);
}

/* A failing commit is every member's failure, and the commit queue works again afterwards. */
static void write__shared_commit_fails__unit_fails_and_the_next_succeeds(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(&db_backend_sqlite));
    struct sql_mark_count_row row;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};
    int runs = 0;

    (void)state;
    fake_fail(FAKE_COMMIT, 0, 1, ERR_IO);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_int_equal(err.code, ERR_IO);
    fake_fail(FAKE_BEGIN, 0, 1, ERR_IO);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    fake_fail(FAKE_SAVEPOINT_RELEASE, 0, 1, ERR_IO);
    assert_false(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_true(db_write(&f->ctx, f->pool, mark, &runs, &err));
    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    assert_int_equal(row.total, 1);
    db_checkin(session);
    db_fixture_free(f);
}

#define WORK_TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORK_TEST(write__work_succeeds__is_committed_once),
        WORK_TEST(write__work_fails__is_rolled_back_and_not_repeated),
        WORK_TEST(write__work_fails_without_error__gets_one),
        WORK_TEST(write__conflict__runs_again),
        WORK_TEST(write__connection_lost_at_begin__is_not_used_again),
        WORK_TEST(write__conflict__span_tells_of_each_try_and_of_the_commits),
        WORK_TEST(write__conflict_for_ever__ends_at_the_deadline),
        WORK_TEST(write__connection_lost_at_commit__is_not_repeated),
        WORK_TEST(write__no_answer_to_commit_in_time__is_unknown_and_not_used_again),
        WORK_TEST(write__connection_lost_before_commit__is_not_in_doubt),
        WORK_TEST(write__commit_stopped_at_its_deadline__is_not_in_doubt),
        WORK_TEST(statement__writes_outside_a_unit__is_refused),
        WORK_TEST(statement__deadline_passed__never_reaches_the_backend),
        WORK_TEST(statement__runs__is_counted),
        WORK_TEST(savepoint__in_another__is_numbered_by_its_depth),
        WORK_TEST(savepoint__work_fails__unit_goes_on),
        WORK_TEST(statement__binds_now__it_is_the_time_of_the_unit),
        cmocka_unit_test(write__on_a_shared_connection__carries_its_own_tags),
        cmocka_unit_test(write__shared_connection_was_idle_for_a_while__is_asked_first),
        cmocka_unit_test(write__shared_commit_fails__unit_fails_and_the_next_succeeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
