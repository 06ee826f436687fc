/* service/writer.h: when jobs run. What they write is tried with a service: test_audit.c. */
#include <stdatomic.h>

#include "core/clock.h"
#include "service/writer.h"
#include "support/test.h"

enum { JOBS = 3 };

/* A job that is due when the test says so, and is then done. */
struct tried {
    struct writer_job job;
    _Atomic uint64_t due_ns;
    _Atomic unsigned runs;
    _Atomic unsigned last_runs;
    _Atomic unsigned asked; /* when it is due */
    bool fails;             /* is due again an hour after it has run */
};

struct fixture {
    struct writer *writer;
    struct tried jobs[JOBS];
};

static uint64_t tried_due(void *arg)
{
    struct tried *job = arg;

    atomic_fetch_add(&job->asked, 1);
    return atomic_load(&job->due_ns);
}

static void tried_run(void *arg, bool is_last)
{
    struct tried *job = arg;

    atomic_store(&job->due_ns, job->fails ? clock_after_ms(3600000) : CLOCK_NEVER);
    atomic_fetch_add(is_last ? &job->last_runs : &job->runs, 1);
}

static void ring_at(struct tried *job, uint64_t due_ns)
{
    atomic_store(&job->due_ns, due_ns);
    writer_ring(&job->job);
}

static int open_writer(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    f->writer = writer_new(NULL, "test");
    for (size_t i = 0; i < JOBS; i++) {
        atomic_init(&f->jobs[i].due_ns, CLOCK_NEVER);
        f->jobs[i].job = (struct writer_job){
            .name = "BG test", .due = tried_due, .run = tried_run, .arg = &f->jobs[i]};
        writer_add(f->writer, &f->jobs[i].job);
    }
    writer_start(f->writer);
    *state = f;
    return 0;
}

static int close_writer(void **state)
{
    struct fixture *f = *state;

    writer_stop(f->writer);
    writer_free(f->writer);
    free(f);
    return 0;
}

static void assert_runs(struct fixture *f, unsigned first, unsigned second, unsigned third)
{
    assert_int_equal(f->jobs[0].runs, first);
    assert_int_equal(f->jobs[1].runs, second);
    assert_int_equal(f->jobs[2].runs, third);
}

/* Whoever is due runs, and nobody else. In between the writer sleeps: it asks once at its start and
 * twice a ring. */
static void writer__rung_for__runs_what_is_due(void **state)
{
    struct fixture *f = *state;

    ring_at(&f->jobs[1], 0);
    WAIT_UNTIL(f->jobs[1].runs == 1);
    ring_at(&f->jobs[0], clock_after_ms(3600000)); /* it looks again, and has nothing to do */
    ring_at(&f->jobs[2], 0);
    WAIT_UNTIL(f->jobs[2].runs == 1);
    ring_at(&f->jobs[1], 0);
    WAIT_UNTIL(f->jobs[1].runs == 2);
    assert_runs(f, 0, 2, 1);
    assert_in_range(f->jobs[0].asked, 1, 1 + 2 * 4);
}

/* What is due later runs then, without a ring. */
static void writer__time_comes__runs_what_is_due(void **state)
{
    struct fixture *f = *state;

    ring_at(&f->jobs[2], clock_after_ms(5));
    WAIT_UNTIL(f->jobs[2].runs == 1);
    assert_runs(f, 0, 0, 1);
}

/* A deadline passes by the real clock, whatever a stopped one says. */
static void writer__clock_stands_still__waits_no_longer(void **state)
{
    struct fixture *f = *state;

    clock_freeze(clock_mono_ns(), 0);
    ring_at(&f->jobs[0], clock_after_ms(5));
    WAIT_UNTIL(f->jobs[0].runs == 1);
    clock_thaw();
    assert_runs(f, 1, 0, 0);
}

/* A job that must wait holds up no other. */
static void writer__job_that_fails__holds_up_nobody(void **state)
{
    struct fixture *f = *state;

    f->jobs[0].fails = true;
    ring_at(&f->jobs[0], 0);
    WAIT_UNTIL(f->jobs[0].runs == 1);
    ring_at(&f->jobs[1], 0);
    WAIT_UNTIL(f->jobs[1].runs == 1);
    assert_runs(f, 1, 1, 0);
}

/* Due or not, each runs once more; from then on a ring finds nobody. */
static void writer__stopped__runs_each_for_the_last_time(void **state)
{
    struct fixture *f = *state;

    writer_stop(f->writer);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(f->jobs[i].last_runs, 1);
        ring_at(&f->jobs[i], 0);
    }
    writer_stop(f->writer);
    assert_int_equal(f->jobs[0].last_runs, 1);
    assert_runs(f, 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writer__rung_for__runs_what_is_due, open_writer,
                                        close_writer),
        cmocka_unit_test_setup_teardown(writer__time_comes__runs_what_is_due, open_writer,
                                        close_writer),
        cmocka_unit_test_setup_teardown(writer__clock_stands_still__waits_no_longer, open_writer,
                                        close_writer),
        cmocka_unit_test_setup_teardown(writer__job_that_fails__holds_up_nobody, open_writer,
                                        close_writer),
        cmocka_unit_test_setup_teardown(writer__stopped__runs_each_for_the_last_time, open_writer,
                                        close_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
