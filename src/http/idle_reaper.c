#include "http/idle_reaper.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/thread.h"

enum { LOOK_MS_MAX = 5000 };

struct idle_entry {
    struct idle_entry *next;
    struct idle_entry *previous;
    int socket;
    _Atomic uint64_t since_ns; /* CLOCK_NEVER while a request is being answered */
};

struct idle_reaper {
    struct mutex lock; /* guards all below; held while sockets are shut, so that none is gone */
    struct cond stop;
    struct idle_entry *first;
    bool is_stopping;
    uint64_t limit_ns;
    struct thread thread;
};

static void shut_overdue_locked(struct idle_reaper *reaper) REQUIRES(reaper->lock)
{
    const uint64_t now_ns = clock_mono_ns();

    for (struct idle_entry *entry = reaper->first; entry != NULL; entry = entry->next) {
        const uint64_t since_ns = atomic_load_explicit(&entry->since_ns, memory_order_relaxed);

        /* The loop that owns the connection sees its end and closes it. */
        if (since_ns < now_ns && now_ns - since_ns > reaper->limit_ns) {
            (void)shutdown(entry->socket, SHUT_RDWR);
        }
    }
}

static void reap(void *arg)
{
    struct idle_reaper *reaper = arg;
    const uint64_t limit_ms = reaper->limit_ns / CLOCK_NS_PER_MS;
    const uint64_t pause_ms = limit_ms / 2 < LOOK_MS_MAX ? limit_ms / 2 + 1 : LOOK_MS_MAX;

    mutex_lock(&reaper->lock);
    while (!reaper->is_stopping) {
        (void)cond_wait_until(&reaper->stop, &reaper->lock, clock_after_ms(pause_ms));
        shut_overdue_locked(reaper);
    }
    mutex_unlock(&reaper->lock);
}

struct idle_reaper *idle_reaper_new(uint64_t limit_ms)
{
    struct idle_reaper *reaper = mem_alloc(sizeof(*reaper));

    mutex_init(&reaper->lock);
    cond_init(&reaper->stop);
    reaper->limit_ns = limit_ms * CLOCK_NS_PER_MS;
    thread_start(&reaper->thread, "http-reaper", reap, reaper);
    return reaper;
}

void idle_reaper_free(struct idle_reaper *reaper)
{
    if (reaper == NULL) {
        return;
    }
    mutex_lock(&reaper->lock);
    reaper->is_stopping = true;
    cond_broadcast(&reaper->stop);
    mutex_unlock(&reaper->lock);
    thread_join(&reaper->thread);
    assert(reaper->first == NULL);
    cond_fini(&reaper->stop);
    mutex_fini(&reaper->lock);
    free(reaper);
}

struct idle_entry *idle_reaper_add(struct idle_reaper *reaper, int socket)
{
    struct idle_entry *entry = mem_alloc(sizeof(*entry));

    entry->socket = socket;
    idle_begins(entry);
    mutex_lock(&reaper->lock);
    entry->next = reaper->first;
    if (entry->next != NULL) {
        entry->next->previous = entry;
    }
    reaper->first = entry;
    mutex_unlock(&reaper->lock);
    return entry;
}

void idle_reaper_remove(struct idle_reaper *reaper, struct idle_entry *entry)
{
    mutex_lock(&reaper->lock);
    if (entry->next != NULL) {
        entry->next->previous = entry->previous;
    }
    if (entry->previous != NULL) {
        entry->previous->next = entry->next;
    } else {
        reaper->first = entry->next;
    }
    mutex_unlock(&reaper->lock);
    free(entry);
}

void idle_begins(struct idle_entry *entry)
{
    atomic_store_explicit(&entry->since_ns, clock_mono_ns(), memory_order_relaxed);
}

void idle_ends(struct idle_entry *entry)
{
    atomic_store_explicit(&entry->since_ns, CLOCK_NEVER, memory_order_relaxed);
}
