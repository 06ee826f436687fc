/* core/fiber.h. No call asserts anything while it runs in a fiber: what fails must not leave that
 * stack by cmocka's jump. Each writes down what it saw, and the test looks at that. */
#include "core/fiber.h"
#include "core/thread.h"
#include "support/test.h"

enum { MOST = 4 };

/* --- calls that pause now and then --- */

/* One call: what it shall do, and what it has seen. */
struct walk {
    int pauses; /* to make */
    int resumes;
    bool has_begun;
    bool has_ended;
    struct fiber *self;
    const char *stack; /* somewhere on it */
};

static void walk_run(void *arg)
{
    struct walk *walk = arg;

    walk->has_begun = true;
    walk->self = fiber_self();
    walk->stack = __builtin_frame_address(0);
    while (walk->resumes < walk->pauses) {
        fiber_pause();
        walk->resumes++;
    }
    walk->has_ended = true;
}

/* What does not pause is done when fiber_run returns, on a stack that is not the thread's; the next
 * call gets the same one. */
static void fiber_run__no_pause__ends_and_its_stack_is_used_again(void **state)
{
    struct fibers *fibers = fibers_new(MOST);
    struct walk first = {.pauses = 0};
    struct walk second = {.pauses = 0};
    const char *here = __builtin_frame_address(0);

    (void)state;
    assert_int_equal(fiber_run(fibers, walk_run, &first), FIBER_ENDED);
    assert_true(first.has_ended);
    assert_true(labs(here - first.stack) > 64 * 1024);
    assert_int_equal(fiber_run(fibers, walk_run, &second), FIBER_ENDED);
    assert_true(second.has_ended);
    assert_ptr_equal(second.stack, first.stack);
    fibers_free(fibers);
    fibers_free(NULL);
}

/* A pause goes back to whoever ran or resumed the call, which goes on where it was. */
static void fiber_resume__several_pauses__goes_on_each_time(void **state)
{
    struct fibers *fibers = fibers_new(MOST);
    struct walk walk = {.pauses = 3};

    (void)state;
    assert_int_equal(fiber_run(fibers, walk_run, &walk), FIBER_PAUSED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(walk.resumes, i);
        assert_false(walk.has_ended);
        fiber_resume(walk.self);
    }
    assert_int_equal(walk.resumes, 3);
    assert_true(walk.has_ended);
    fibers_free(fibers);
}

/* Also a stack that has been used and left in the middle of its call is as good as new. */
static void fiber_run__stack_was_paused_on__is_used_again(void **state)
{
    struct fibers *fibers = fibers_new(1);
    const char *stack = NULL;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct walk walk = {.pauses = i};

        assert_int_equal(fiber_run(fibers, walk_run, &walk), i == 0 ? FIBER_ENDED : FIBER_PAUSED);
        while (!walk.has_ended) {
            fiber_resume(walk.self);
        }
        assert_int_equal(walk.resumes, i);
        assert_true(i == 0 || walk.stack == stack);
        stack = walk.stack;
    }
    fibers_free(fibers);
}

/* One more than may be paused is not called; one that ends makes room for it. */
static void fiber_run__most_are_paused__calls_nothing(void **state)
{
    struct fibers *fibers = fibers_new(MOST);
    struct walk walks[MOST];
    struct walk more = {.pauses = 0};

    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        walks[i] = (struct walk){.pauses = 1};
        assert_int_equal(fiber_run(fibers, walk_run, &walks[i]), FIBER_PAUSED);
    }
    assert_int_equal(fiber_run(fibers, walk_run, &more), FIBER_NONE);
    assert_false(more.has_begun);
    fiber_resume(walks[2].self);
    assert_true(walks[2].has_ended);
    assert_int_equal(fiber_run(fibers, walk_run, &more), FIBER_ENDED);
    assert_true(more.has_ended);
    for (size_t i = 0; i < MOST; i++) {
        if (i != 2) {
            fiber_resume(walks[i].self);
        }
    }
    fibers_free(fibers);
}

/* Nobody outside of any; inside each is somebody else. */
static void fiber_self__inside_and_outside__tells_them_apart(void **state)
{
    struct fibers *fibers = fibers_new(2);
    struct walk first = {.pauses = 1};
    struct walk second = {.pauses = 1};

    (void)state;
    assert_null(fiber_self());
    assert_int_equal(fiber_run(fibers, walk_run, &first), FIBER_PAUSED);
    assert_null(fiber_self());
    assert_int_equal(fiber_run(fibers, walk_run, &second), FIBER_PAUSED);
    assert_non_null(first.self);
    assert_non_null(second.self);
    assert_ptr_not_equal(first.self, second.self);
    fiber_resume(first.self);
    assert_null(fiber_self());
    fiber_resume(second.self);
    assert_null(fiber_self());
    fibers_free(fibers);
}

/* --- what is on a stack stays there --- */

enum { PAGES = 64 * 1024, FILL_PAUSES = 2 };

struct fill {
    unsigned char mark; /* what the pages are filled with, and one more after each pause */
    int intact;         /* pauses that the pages have survived */
    struct fiber *self;
};

/* The pages are volatile, so that they are read from the stack and not foreseen. */
static bool is_full_of(const volatile unsigned char *pages, unsigned char mark)
{
    for (size_t i = 0; i < PAGES; i++) {
        if (pages[i] != mark) {
            return false;
        }
    }
    return true;
}

static void fill_run(void *arg)
{
    struct fill *fill = arg;
    volatile unsigned char pages[PAGES];

    fill->self = fiber_self();
    for (int i = 0; i < FILL_PAUSES; i++) {
        const unsigned char mark = (unsigned char)(fill->mark + i);

        for (size_t k = 0; k < PAGES; k++) {
            pages[k] = mark;
        }
        fiber_pause();
        fill->intact += is_full_of(pages, mark);
    }
}

static void fill_begin(struct fibers *fibers, struct fill *fill, unsigned char mark)
{
    *fill = (struct fill){.mark = mark};
    assert_int_equal(fiber_run(fibers, fill_run, fill), FIBER_PAUSED);
}

/* The locals of a call are the same after each of its pauses, whoever used a stack meanwhile. */
static void fiber_pause__large_locals__are_kept(void **state)
{
    struct fibers *fibers = fibers_new(2);
    struct fill fill;
    struct fill between;

    (void)state;
    fill_begin(fibers, &fill, 10);
    fill_begin(fibers, &between, 100);
    fiber_resume(between.self);
    fiber_resume(fill.self);
    assert_int_equal(fill.intact, 1);
    fiber_resume(between.self);
    fill_begin(fibers, &between, 200); /* on the stack that was left */
    fiber_resume(fill.self);
    assert_int_equal(fill.intact, 2);
    fiber_resume(between.self);
    fiber_resume(between.self);
    assert_int_equal(between.intact, 2);
    fibers_free(fibers);
}

/* Several go on in another order than they began in, and another one still the second time. */
static void fiber_resume__another_order__keeps_them_apart(void **state)
{
    static const size_t orders[FILL_PAUSES][MOST] = {{2, 0, 3, 1}, {1, 3, 2, 0}};
    struct fibers *fibers = fibers_new(MOST);
    struct fill fills[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        fill_begin(fibers, &fills[i], (unsigned char)(10 * (i + 1)));
    }
    for (int round = 0; round < FILL_PAUSES; round++) {
        for (size_t i = 0; i < MOST; i++) {
            struct fill *fill = &fills[orders[round][i]];

            fiber_resume(fill->self);
            assert_int_equal(fill->intact, round + 1);
        }
    }
    fibers_free(fibers);
}

enum { DEPTH = 100, FRAME = 1024 };

struct dive {
    unsigned sum;
    const char *top;
    const char *floor;
    struct fiber *self;
};

/* Each call of itself takes a FRAME of the stack and needs it again afterwards. Inlined, several
 * would stand in one frame and have one address. */
__attribute__((noinline)) static unsigned descend(struct dive *dive, unsigned depth)
{
    volatile unsigned char frame[FRAME];
    unsigned below = 0;

    for (size_t i = 0; i < FRAME; i++) {
        frame[i] = (unsigned char)depth;
    }
    if (depth > 0) {
        below = descend(dive, depth - 1);
    } else {
        dive->floor = __builtin_frame_address(0);
        fiber_pause();
    }
    return below + frame[0] + frame[FRAME - 1];
}

static void dive_run(void *arg)
{
    struct dive *dive = arg;

    dive->self = fiber_self();
    dive->top = __builtin_frame_address(0);
    dive->sum = descend(dive, DEPTH);
}

/* A stack has room for calls in calls, and a pause far down comes back through all of them. */
static void fiber_pause__deep_in_calls__comes_back_through_all(void **state)
{
    struct fibers *fibers = fibers_new(1);
    struct dive dive = {.sum = 0};

    (void)state;
    assert_int_equal(fiber_run(fibers, dive_run, &dive), FIBER_PAUSED);
    assert_true(dive.top - dive.floor >= DEPTH * FRAME);
    assert_int_equal(dive.sum, 0);
    fiber_resume(dive.self);
    assert_int_equal(dive.sum, DEPTH * (DEPTH + 1));
    fibers_free(fibers);
}

/* --- numbers with a fraction --- */

enum { TERMS = 40 };

struct series {
    double ratio;
    bool pauses; /* after each term */
    double sum;
    long double long_sum;
    struct fiber *self;
};

static void series_run(void *arg)
{
    struct series *series = arg;
    const double ratio = series->ratio;
    double term = 1;
    double sum = 0;
    long double long_sum = 0;

    series->self = fiber_self();
    for (int i = 0; i < TERMS; i++) {
        sum += term;
        long_sum += (long double)term / 3;
        term *= ratio;
        if (series->pauses) {
            fiber_pause();
        }
    }
    series->sum = sum;
    series->long_sum = long_sum;
}

/* Two sums that are made in turns come to the last bit to what each is when made at once. */
static void fiber_pause__amid_floating_point__sums_are_the_same(void **state)
{
    static const double ratios[2] = {0.7, -1.1};
    struct fibers *fibers = fibers_new(2);
    struct series series[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        series[i] = (struct series){.ratio = ratios[i], .pauses = true};
        assert_int_equal(fiber_run(fibers, series_run, &series[i]), FIBER_PAUSED);
    }
    for (int term = 0; term < TERMS; term++) {
        fiber_resume(series[0].self);
        fiber_resume(series[1].self);
    }
    for (size_t i = 0; i < 2; i++) {
        struct series at_once = {.ratio = ratios[i], .pauses = false};

        series_run(&at_once);
        assert_true(series[i].sum == at_once.sum);
        assert_true(series[i].long_sum == at_once.long_sum);
    }
    fibers_free(fibers);
}

/* --- threads --- */

enum { ROUNDS = 200 };

static _Thread_local int steps; /* of all fibers of a thread */

/* A thread with a set of its own. */
struct side {
    struct thread thread;
    pthread_barrier_t *meeting; /* where both threads are inside of a fiber */
    struct fiber *self;
    int runs;
    int strangers; /* resumed into a fiber that is not its own */
    int total;     /* steps that the thread counted */
};

static void step(void *arg)
{
    struct side *side = arg;
    struct fiber *self = fiber_self();

    side->self = self;
    steps++;
    (void)pthread_barrier_wait(side->meeting);
    for (int i = 0; i < ROUNDS; i++) {
        fiber_pause();
        steps++;
        side->strangers += fiber_self() != self;
    }
}

static void side_run(void *arg)
{
    struct side *side = arg;
    struct fibers *fibers = fibers_new(MOST);
    struct fiber *paused[MOST];

    for (size_t i = 0; i < MOST; i++) {
        side->runs += fiber_run(fibers, step, side) == FIBER_PAUSED;
        paused[i] = side->self;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < MOST; i++) {
            fiber_resume(paused[i]);
        }
    }
    side->total = steps;
    fibers_free(fibers);
}

/* Two threads with a set each are inside of their fibers at the same time. What is local to a
 * thread is its fibers' in common, and no other thread's. */
static void fiber__two_threads__keep_apart(void **state)
{
    struct side sides[2];
    pthread_barrier_t meeting;

    (void)state;
    assert_int_equal(pthread_barrier_init(&meeting, NULL, 2), 0);
    for (size_t i = 0; i < 2; i++) {
        sides[i] = (struct side){.meeting = &meeting};
        thread_start(&sides[i].thread, "side", side_run, &sides[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        thread_join(&sides[i].thread);
        assert_int_equal(sides[i].runs, MOST);
        assert_int_equal(sides[i].strangers, 0);
        assert_int_equal(sides[i].total, MOST * (1 + ROUNDS));
    }
    assert_int_equal(steps, 0);
    assert_int_equal(pthread_barrier_destroy(&meeting), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fiber_run__no_pause__ends_and_its_stack_is_used_again),
        cmocka_unit_test(fiber_resume__several_pauses__goes_on_each_time),
        cmocka_unit_test(fiber_run__stack_was_paused_on__is_used_again),
        cmocka_unit_test(fiber_run__most_are_paused__calls_nothing),
        cmocka_unit_test(fiber_self__inside_and_outside__tells_them_apart),
        cmocka_unit_test(fiber_pause__large_locals__are_kept),
        cmocka_unit_test(fiber_resume__another_order__keeps_them_apart),
        cmocka_unit_test(fiber_pause__deep_in_calls__comes_back_through_all),
        cmocka_unit_test(fiber_pause__amid_floating_point__sums_are_the_same),
        cmocka_unit_test(fiber__two_threads__keep_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
