/* The three ends of an engine's wait: db/engine/bell.h. */
#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "db/engine/bell.h"
#include "tests/support/test.h"

enum { LONG_MS = 60000, SOON_NS = 20000000 };
static const uint64_t YEAR_MS = UINT64_C(365) * 24 * 3600 * 1000; /* more than poll can count */

struct fixture {
    struct bell bell;
    int ends[2]; /* ours and the server's */
};

static int set_up(void **state)
{
    static struct fixture f;

    bell_init(&f.bell);
    *state = &f;
    return f.bell.fd >= 0 && pipe2(f.ends, O_CLOEXEC) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    bell_fini(&f->bell);
    close(f->ends[0]);
    close(f->ends[1]);
    return 0;
}

static enum bell_end wait_for(struct fixture *f, uint64_t deadline_ns)
{
    return bell_wait(&f->bell, f->ends[0], POLLIN, deadline_ns);
}

static void wait__server_answers__ends_with_the_socket(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(write(f->ends[1], "x", 1), 1);
    assert_int_equal(wait_for(f, CLOCK_NEVER), BELL_SOCKET);
}

/* What has come is looked at before a cancellation is made of it: that stays for the next wait. */
static void wait__both_have_come__the_socket_is_first(void **state)
{
    struct fixture *f = *state;
    char answer;

    assert_int_equal(write(f->ends[1], "x", 1), 1);
    bell_ring(&f->bell);
    assert_int_equal(wait_for(f, CLOCK_NEVER), BELL_SOCKET);
    assert_int_equal(read(f->ends[0], &answer, 1), 1);
    assert_int_equal(wait_for(f, CLOCK_NEVER), BELL_RUNG);
}

static void wait__deadline_passes__is_late(void **state)
{
    const uint64_t deadline_ns = clock_after_ms(5);

    /* In one wait: one that ends before its time is begun again and again. */
    assert_int_equal(wait_for(*state, deadline_ns), BELL_LATE);
    assert_true(clock_has_passed(deadline_ns));
}

static void ring(void *arg)
{
    bell_ring(&((struct fixture *)arg)->bell);
}

/* Several rings are one, and one wait takes them. */
static void wait__another_thread_rings__ends_once(void **state)
{
    struct fixture *f = *state;
    struct thread threads[2];

    for (size_t i = 0; i < 2; i++) {
        thread_start(&threads[i], "ringer", ring, f);
    }
    assert_int_equal(wait_for(f, clock_after_ms(LONG_MS)), BELL_RUNG);
    for (size_t i = 0; i < 2; i++) {
        thread_join(&threads[i]);
    }
    bell_silence(&f->bell);
    assert_int_equal(wait_for(f, clock_mono_ns()), BELL_LATE);
}

static void wait__ended_by_a_ring__leaves_none_for_the_next(void **state)
{
    struct fixture *f = *state;

    bell_ring(&f->bell);
    assert_int_equal(wait_for(f, CLOCK_NEVER), BELL_RUNG);
    assert_int_equal(wait_for(f, clock_mono_ns()), BELL_LATE);
}

/* Meant for what is over. */
static void wait__rung_before__is_not_ended_after_silence(void **state)
{
    struct fixture *f = *state;

    bell_ring(&f->bell);
    bell_silence(&f->bell);
    assert_int_equal(wait_for(f, clock_mono_ns()), BELL_LATE);
}

/* The ring was taken before whoever rang could raise the flag. */
static void silence__flag_without_a_ring__does_not_wait_for_it(void **state)
{
    struct fixture *f = *state;

    atomic_store(&f->bell.is_rung, true);
    bell_silence(&f->bell);
    assert_false(atomic_load(&f->bell.is_rung));
}

/* A descriptor with something to read after a while. */
static int timer(void)
{
    const struct itimerspec soon = {.it_value = {.tv_nsec = SOON_NS}};
    const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    assert_true(fd >= 0 && timerfd_settime(fd, 0, &soon, NULL) == 0);
    return fd;
}

/* Without a deadline, or with one farther off than poll can count, a wait goes on. */
static void wait__nothing_comes_for_a_while__goes_on(void **state)
{
    const uint64_t deadlines[] = {CLOCK_NEVER, clock_after_ms(YEAR_MS), clock_after_ms(LONG_MS)};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
        const int fd = timer();

        assert_int_equal(bell_wait(&f->bell, fd, POLLIN, deadlines[i]), BELL_SOCKET);
        close(fd);
    }
}

/* Room to send is no answer for one who waits to read. */
static void wait__other_event__is_not_meant(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(bell_wait(&f->bell, f->ends[1], POLLOUT, CLOCK_NEVER), BELL_SOCKET);
    assert_int_equal(bell_wait(&f->bell, f->ends[1], POLLIN, clock_mono_ns()), BELL_LATE);
}

static void bell__made_and_ended__is_silent_and_leaves_no_descriptor(void **state)
{
    struct bell bell;

    (void)state;
    memset(&bell, 0xff, sizeof(bell));
    bell_init(&bell);
    assert_false(atomic_load(&bell.is_rung));
    bell_fini(&bell);
    assert_int_equal(fcntl(bell.fd, F_GETFD), -1);
}

#define BELL_TEST(case_) cmocka_unit_test_setup_teardown(case_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BELL_TEST(wait__server_answers__ends_with_the_socket),
        BELL_TEST(wait__both_have_come__the_socket_is_first),
        BELL_TEST(wait__deadline_passes__is_late),
        BELL_TEST(wait__another_thread_rings__ends_once),
        BELL_TEST(wait__ended_by_a_ring__leaves_none_for_the_next),
        BELL_TEST(wait__rung_before__is_not_ended_after_silence),
        BELL_TEST(silence__flag_without_a_ring__does_not_wait_for_it),
        BELL_TEST(wait__nothing_comes_for_a_while__goes_on),
        BELL_TEST(wait__other_event__is_not_meant),
        cmocka_unit_test(bell__made_and_ended__is_silent_and_leaves_no_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
