/*
 * core/thread.h: mutex, condition and named threads, with clang's capability annotations.
 * Every failure of the underlying calls is our own mistake and aborts.
 */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__clang__)
#define CAPABILITY(name) __attribute__((capability(name)))
#define ACQUIRES(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define RELEASES(...) __attribute__((release_capability(__VA_ARGS__)))
#define REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define UNCHECKED                                                                                  \
    __attribute__((no_thread_safety_analysis)) /* for what implements a capability                 \
                                                */
#else
#define CAPABILITY(name)
#define ACQUIRES(...)
#define RELEASES(...)
#define REQUIRES(...)
#define UNCHECKED
#endif

struct CAPABILITY("mutex") mutex {
    pthread_mutex_t raw;
};

struct cond {
    pthread_cond_t raw; /* on the monotonic clock */
};

void mutex_init(struct mutex *mutex);
void mutex_fini(struct mutex *mutex);
void mutex_lock(struct mutex *mutex) ACQUIRES(*mutex);
void mutex_unlock(struct mutex *mutex) RELEASES(*mutex);

void cond_init(struct cond *cond);
void cond_fini(struct cond *cond);
void cond_wait(struct cond *cond, struct mutex *mutex) REQUIRES(*mutex);
/* False when the deadline (monotonic nanoseconds, of the real clock even while a test has frozen
 * it) passed; CLOCK_NEVER waits for ever. */
bool cond_wait_until(struct cond *cond, struct mutex *mutex, uint64_t deadline_ns) REQUIRES(*mutex);
void cond_signal(struct cond *cond);
void cond_broadcast(struct cond *cond);

/* Wakes one thread, once. Unlike a condition it is posted without a lock, so the woken thread does
 * not run into one, and it may stand on the waiter's stack: the waiter may leave as soon as it is
 * posted. */
struct wakeup {
    _Atomic uint32_t word;
};

void wakeup_init(struct wakeup *wakeup);
void wakeup_post(struct wakeup *wakeup);
/* False when the deadline, as of cond_wait_until, passed before the post. */
bool wakeup_wait_until(struct wakeup *wakeup, uint64_t deadline_ns);

struct thread {
    pthread_t raw;
    bool is_running;
};

/* Starts run(arg) under a name of at most 15 bytes, all signals blocked, on a small stack. */
void thread_start(struct thread *thread, const char *name, void (*run)(void *), void *arg);
void thread_join(struct thread *thread); /* a thread that was never started is accepted */

#endif
