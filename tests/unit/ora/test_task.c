/* octo/ora.h: work for a caller with a loop of its own; here with pipes in place of servers. */
#include <octo/ora.h>
#include <poll.h>
#include <pthread.h>

#include "ora/wait.h"
#include "tests/support/test.h"

struct reading {
    int ends[2];
    int64_t deadline_ms;
    enum ora_waited waited;
    int steps;
};

static bool read_one(void *arg, struct octo_ora_error *error)
{
    struct reading *r = arg;
    char byte;

    r->steps++;
    r->waited = ora_wait(r->ends[0], POLLIN, r->deadline_ms);
    r->steps++;
    if (r->waited != ORA_WAITED_DONE || read(r->ends[0], &byte, 1) != 1) {
        *error = (struct octo_ora_error){.kind = OCTO_ORA_LOST, .number = 7};
        return false;
    }
    return true;
}

static struct octo_ora_task *start(struct reading *r, int64_t ms)
{
    struct octo_ora_task *task;
    struct octo_ora_error error;

    *r = (struct reading){.deadline_ms = ora_now_ms() + ms};
    assert_int_equal(pipe(r->ends), 0);
    assert_true(octo_ora_start(read_one, r, &task, &error));
    assert_int_equal(r->steps, 0);
    return task;
}

static void close_both(const struct reading *r)
{
    (void)close(r->ends[0]);
    (void)close(r->ends[1]);
}

/* Many at once, each asked again and again before there is anything, end in whatever order. */
static void octo_ora_finish__many__wait_together(void **state)
{
    enum { COUNT = 50 };
    static struct reading readings[COUNT];
    struct octo_ora_task *tasks[COUNT];
    struct octo_ora_wait wait;
    struct octo_ora_error error;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        tasks[i] = start(&readings[i], 60000);
    }
    for (size_t i = 0; i < 3 * COUNT; i++) {
        assert_int_equal(octo_ora_finish(tasks[i % COUNT], &wait, &error), OCTO_ORA_PENDING);
        assert_int_equal(wait.fd, readings[i % COUNT].ends[0]);
        assert_int_equal(wait.events, POLLIN);
        assert_in_range(wait.ms, 1, 60000);
        assert_int_equal(readings[i % COUNT].steps, 1);
    }
    for (size_t i = COUNT; i-- > 0;) {
        assert_int_equal(write(readings[i].ends[1], "x", 1), 1);
        assert_int_equal(octo_ora_finish(tasks[i], &wait, &error), OCTO_ORA_DONE);
        close_both(&readings[i]);
    }
}

static void octo_ora_finish__time_over__fails(void **state)
{
    struct reading r;
    struct octo_ora_task *task = start(&r, 0);
    struct octo_ora_wait wait;
    struct octo_ora_error error;

    (void)state;
    assert_int_equal(octo_ora_finish(task, &wait, &error), OCTO_ORA_FAILED);
    assert_int_equal(r.waited, ORA_WAITED_TOO_LONG);
    assert_int_equal(error.number, 7);
    close_both(&r);
}

static void octo_ora_give_up__pending__ends_at_once(void **state)
{
    struct reading r;
    struct octo_ora_task *task = start(&r, 60000);
    struct octo_ora_wait wait;
    struct octo_ora_error error;

    (void)state;
    assert_int_equal(octo_ora_finish(task, &wait, &error), OCTO_ORA_PENDING);
    octo_ora_give_up(task);
    assert_int_equal(octo_ora_finish(task, &wait, &error), OCTO_ORA_FAILED);
    assert_int_equal(r.waited, ORA_WAITED_LOST);
    close_both(&r);
}

static void *finish(void *task)
{
    struct octo_ora_wait wait;
    struct octo_ora_error error;

    return octo_ora_finish(task, &wait, &error) == OCTO_ORA_DONE ? task : NULL;
}

/* Begun here, and finished by another thread. */
static void octo_ora_finish__another_thread__goes_on(void **state)
{
    struct reading r;
    struct octo_ora_task *task = start(&r, 60000);
    struct octo_ora_wait wait;
    struct octo_ora_error error;
    pthread_t thread;
    void *result;

    (void)state;
    assert_int_equal(octo_ora_finish(task, &wait, &error), OCTO_ORA_PENDING);
    assert_int_equal(write(r.ends[1], "x", 1), 1);
    assert_int_equal(pthread_create(&thread, NULL, finish, task), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_non_null(result);
    close_both(&r);
}

/* Work that finishes work of its own, which waits for the same. */
static bool finish_another(void *arg, struct octo_ora_error *error)
{
    struct octo_ora_task *task = arg;
    struct octo_ora_wait wait;

    while (octo_ora_finish(task, &wait, error) == OCTO_ORA_PENDING) {
        if (ora_wait(wait.fd, wait.events, ora_now_ms() + wait.ms) == ORA_WAITED_LOST) {
            return false;
        }
    }
    return true;
}

static void octo_ora_finish__work_within_work__pauses_both(void **state)
{
    struct reading r;
    struct octo_ora_task *outer;
    struct octo_ora_wait wait;
    struct octo_ora_error error;

    (void)state;
    assert_true(octo_ora_start(finish_another, start(&r, 60000), &outer, &error));
    assert_int_equal(octo_ora_finish(outer, &wait, &error), OCTO_ORA_PENDING);
    assert_int_equal(wait.fd, r.ends[0]);
    assert_int_equal(write(r.ends[1], "x", 1), 1);
    assert_int_equal(octo_ora_finish(outer, &wait, &error), OCTO_ORA_DONE);
    close_both(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octo_ora_finish__many__wait_together),
        cmocka_unit_test(octo_ora_finish__time_over__fails),
        cmocka_unit_test(octo_ora_give_up__pending__ends_at_once),
        cmocka_unit_test(octo_ora_finish__another_thread__goes_on),
        cmocka_unit_test(octo_ora_finish__work_within_work__pauses_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
