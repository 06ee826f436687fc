#include <signal.h>

#include "core/clock.h"
#include "core/thread.h"
#include "support/test.h"

struct view {
    struct mutex lock;
    struct cond changed;
    bool is_done;
    char name[16];
    bool blocks_term;
};

static void look_around(void *arg)
{
    struct view *view = arg;
    sigset_t mask;

    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    mutex_lock(&view->lock);
    view->blocks_term = sigismember(&mask, SIGTERM) == 1;
    (void)pthread_getname_np(pthread_self(), view->name, sizeof(view->name));
    view->is_done = true;
    cond_broadcast(&view->changed);
    mutex_unlock(&view->lock);
}

/* The thread has its name, no signal reaches it, and the maker's own mask is as before. */
static void thread_start__from_main__named_and_deaf_to_signals(void **state)
{
    struct view view = {.is_done = false};
    struct thread thread = {0};
    sigset_t mask;

    (void)state;
    mutex_init(&view.lock);
    cond_init(&view.changed);
    thread_start(&thread, "octo-test", look_around, &view);
    mutex_lock(&view.lock);
    while (!view.is_done) {
        cond_wait(&view.changed, &view.lock);
    }
    mutex_unlock(&view.lock);
    thread_join(&thread);
    thread_join(&thread); /* a second time is nothing */
    assert_string_equal(view.name, "octo-test");
    assert_true(view.blocks_term);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGTERM), 0);
    cond_fini(&view.changed);
    mutex_fini(&view.lock);
}

static void cond_wait_until__nobody_signals__false_after_the_deadline(void **state)
{
    struct mutex lock;
    struct cond cond;
    uint64_t deadline_ns = clock_after_ms(10);

    (void)state;
    mutex_init(&lock);
    cond_init(&cond);
    mutex_lock(&lock);
    while (cond_wait_until(&cond, &lock, deadline_ns)) {
    }
    mutex_unlock(&lock);
    assert_true(clock_has_passed(deadline_ns));
    cond_fini(&cond);
    mutex_fini(&lock);
}

/* The lock is held until the wait begins, so the signal comes during it. */
static void cond_wait_until__signalled__true_also_without_a_deadline(void **state)
{
    const uint64_t deadlines_ns[] = {CLOCK_NEVER, clock_after_ms(60000)};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct view view = {.is_done = false};
        struct thread thread = {0};

        mutex_init(&view.lock);
        cond_init(&view.changed);
        mutex_lock(&view.lock);
        thread_start(&thread, "octo-test", look_around, &view);
        while (!view.is_done) {
            assert_true(cond_wait_until(&view.changed, &view.lock, deadlines_ns[i]));
        }
        mutex_unlock(&view.lock);
        thread_join(&thread);
        cond_fini(&view.changed);
        mutex_fini(&view.lock);
    }
}

/* A post that comes first is not lost. */
static void wakeup__posted_before_the_wait__returns_at_once(void **state)
{
    struct wakeup wakeup;

    (void)state;
    wakeup_init(&wakeup);
    wakeup_post(&wakeup);
    assert_true(wakeup_wait_until(&wakeup, 0));
}

static void wakeup__never_posted__false_after_the_deadline(void **state)
{
    struct wakeup wakeup;
    uint64_t deadline_ns = clock_after_ms(10);

    (void)state;
    wakeup_init(&wakeup);
    assert_false(wakeup_wait_until(&wakeup, deadline_ns));
    assert_true(clock_has_passed(deadline_ns));
    wakeup_post(&wakeup);
    assert_true(wakeup_wait_until(&wakeup, CLOCK_NEVER));
}

enum { TURNS = 2000 };

struct table {
    struct wakeup *_Atomic ball; /* stands on the stack of whoever waits */
    int turns;                   /* handed over by the post */
};

static void answer_each(void *arg)
{
    struct table *table = arg;

    for (int i = 0; i < TURNS; i++) {
        struct wakeup *ball;

        while ((ball = atomic_exchange(&table->ball, NULL)) == NULL) {
        }
        table->turns++;
        wakeup_post(ball);
    }
}

/* What was written before the post is seen after the wait, with a new word on the stack each time.
 */
static void wakeup__two_threads__each_post_is_one_wait(void **state)
{
    struct table table = {.ball = NULL};
    struct thread thread = {0};

    (void)state;
    thread_start(&thread, "other", answer_each, &table);
    for (int i = 0; i < TURNS; i++) {
        struct wakeup ball;

        wakeup_init(&ball);
        atomic_store(&table.ball, &ball);
        assert_true(wakeup_wait_until(&ball, CLOCK_NEVER));
        assert_int_equal(table.turns, i + 1);
    }
    thread_join(&thread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_start__from_main__named_and_deaf_to_signals),
        cmocka_unit_test(cond_wait_until__nobody_signals__false_after_the_deadline),
        cmocka_unit_test(cond_wait_until__signalled__true_also_without_a_deadline),
        cmocka_unit_test(wakeup__posted_before_the_wait__returns_at_once),
        cmocka_unit_test(wakeup__never_posted__false_after_the_deadline),
        cmocka_unit_test(wakeup__two_threads__each_post_is_one_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
