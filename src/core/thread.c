#include "core/thread.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"

enum {
    STACK_SIZE = 256 * 1024,
    NAME_MAX_BYTES = 16, /* the kernel's limit, with the NUL */
    NS_PER_S = 1000000000,
};

/* What the word of a wakeup says. Only one who sleeps has to be woken by the kernel. */
enum { WAKEUP_AWAITED, WAKEUP_POSTED, WAKEUP_ASLEEP };

struct start {
    void (*run)(void *);
    void *arg;
    char name[NAME_MAX_BYTES];
};

static void must(int failure, const char *what)
{
    if (failure != 0) {
        (void)fprintf(stderr, "octo: %s: %s\n", what, strerrorname_np(failure));
        abort();
    }
}

void mutex_init(struct mutex *mutex)
{
    pthread_mutexattr_t attr;

    /* All are held for less than a microsecond or two, never over I/O: whoever finds one taken
     * tries again for that long before it sleeps, which costs several times as much. */
    must(pthread_mutexattr_init(&attr), "pthread_mutexattr_init");
    must(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP), "pthread_mutexattr_settype");
    must(pthread_mutex_init(&mutex->raw, &attr), "pthread_mutex_init");
    must(pthread_mutexattr_destroy(&attr), "pthread_mutexattr_destroy");
}

void mutex_fini(struct mutex *mutex)
{
    must(pthread_mutex_destroy(&mutex->raw), "pthread_mutex_destroy");
}

UNCHECKED void mutex_lock(struct mutex *mutex)
{
    must(pthread_mutex_lock(&mutex->raw), "pthread_mutex_lock");
}

UNCHECKED void mutex_unlock(struct mutex *mutex)
{
    must(pthread_mutex_unlock(&mutex->raw), "pthread_mutex_unlock");
}

void cond_init(struct cond *cond)
{
    pthread_condattr_t attr;

    must(pthread_condattr_init(&attr), "pthread_condattr_init");
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), "pthread_condattr_setclock");
    must(pthread_cond_init(&cond->raw, &attr), "pthread_cond_init");
    must(pthread_condattr_destroy(&attr), "pthread_condattr_destroy");
}

void cond_fini(struct cond *cond)
{
    must(pthread_cond_destroy(&cond->raw), "pthread_cond_destroy");
}

void cond_wait(struct cond *cond, struct mutex *mutex)
{
    must(pthread_cond_wait(&cond->raw, &mutex->raw), "pthread_cond_wait");
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){
        .tv_sec = (time_t)(ns / NS_PER_S),
        .tv_nsec = (long)(ns % NS_PER_S),
    };
}

bool cond_wait_until(struct cond *cond, struct mutex *mutex, uint64_t deadline_ns)
{
    const struct timespec until = timespec_of(deadline_ns);
    int result;

    if (deadline_ns == CLOCK_NEVER) {
        cond_wait(cond, mutex);
        return true;
    }
    result = pthread_cond_timedwait(&cond->raw, &mutex->raw, &until);
    if (result == ETIMEDOUT) {
        return false;
    }
    must(result, "pthread_cond_timedwait");
    return true;
}

void cond_signal(struct cond *cond)
{
    must(pthread_cond_signal(&cond->raw), "pthread_cond_signal");
}

void cond_broadcast(struct cond *cond)
{
    must(pthread_cond_broadcast(&cond->raw), "pthread_cond_broadcast");
}

void wakeup_init(struct wakeup *wakeup)
{
    atomic_init(&wakeup->word, WAKEUP_AWAITED);
}

void wakeup_post(struct wakeup *wakeup)
{
    /* Once the word says so the waiter may be gone: the kernel gets the address and no more, and a
     * wake-up too many at an address used anew is one that every sleeper there expects. */
    if (atomic_exchange_explicit(&wakeup->word, WAKEUP_POSTED, memory_order_acq_rel) ==
        WAKEUP_ASLEEP) {
        (void)syscall(SYS_futex, &wakeup->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

bool wakeup_wait_until(struct wakeup *wakeup, uint64_t deadline_ns)
{
    const struct timespec until = timespec_of(deadline_ns);
    uint32_t awaited = WAKEUP_AWAITED;

    (void)atomic_compare_exchange_strong_explicit(&wakeup->word, &awaited, WAKEUP_ASLEEP,
                                                  memory_order_acq_rel, memory_order_acquire);
    while (atomic_load_explicit(&wakeup->word, memory_order_acquire) != WAKEUP_POSTED) {
        /* With a bit set the time is absolute, on the monotonic clock. */
        if (syscall(SYS_futex, &wakeup->word, FUTEX_WAIT_BITSET_PRIVATE, WAKEUP_ASLEEP,
                    deadline_ns == CLOCK_NEVER ? NULL : &until, NULL,
                    FUTEX_BITSET_MATCH_ANY) != 0 &&
            errno == ETIMEDOUT) {
            return atomic_load_explicit(&wakeup->word, memory_order_acquire) == WAKEUP_POSTED;
        }
    }
    return true;
}

static void *thread_main(void *arg)
{
    struct start start = *(struct start *)arg;

    free(arg);
    must(pthread_setname_np(pthread_self(), start.name), "pthread_setname_np");
    start.run(start.arg);
    return NULL;
}

void thread_start(struct thread *thread, const char *name, void (*run)(void *), void *arg)
{
    struct start *start = mem_alloc(sizeof(*start));
    pthread_attr_t attr;
    sigset_t all;
    sigset_t before;

    assert(strlen(name) < sizeof(start->name));
    start->run = run;
    start->arg = arg;
    (void)snprintf(start->name, sizeof(start->name), "%s", name);
    must(pthread_attr_init(&attr), "pthread_attr_init");
    must(pthread_attr_setstacksize(&attr, STACK_SIZE), "pthread_attr_setstacksize");
    /* A thread inherits the mask of its maker: blocked here, no signal finds it even at birth. */
    (void)sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before), "pthread_sigmask");
    must(pthread_create(&thread->raw, &attr, thread_main, start), "pthread_create");
    must(pthread_sigmask(SIG_SETMASK, &before, NULL), "pthread_sigmask");
    must(pthread_attr_destroy(&attr), "pthread_attr_destroy");
    thread->is_running = true;
}

void thread_join(struct thread *thread)
{
    if (!thread->is_running) {
        return;
    }
    must(pthread_join(thread->raw, NULL), "pthread_join");
    thread->is_running = false;
}
