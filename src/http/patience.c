#include "http/patience.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/thread.h"

enum { LOOK_MS_MAX = 5000 };

struct patience_entry {
    struct patience_entry *next;
    struct patience_entry *previous;
    int socket;
    _Atomic uint64_t since_ns; /* CLOCK_NEVER while a request is being answered */
};

struct patience {
    struct mutex lock; /* guards all below; held while sockets are shut, so that none is gone */
    struct cond stop;
    struct patience_entry *first;
    bool is_stopping;
    uint64_t limit_ns;
    struct thread thread;
};

static void shut_overdue_locked(struct patience *patience) REQUIRES(patience->lock);
static void shut_overdue_locked(struct patience *patience)
{
    const uint64_t now_ns = clock_mono_ns();

    for (struct patience_entry *entry = patience->first; entry != NULL; entry = entry->next) {
        const uint64_t since_ns = atomic_load_explicit(&entry->since_ns, memory_order_relaxed);

        /* The loop that owns the connection sees its end and closes it. */
        if (since_ns < now_ns && now_ns - since_ns > patience->limit_ns) {
            (void)shutdown(entry->socket, SHUT_RDWR);
        }
    }
}

static void look(void *arg)
{
    struct patience *patience = arg;
    const uint64_t limit_ms = patience->limit_ns / CLOCK_NS_PER_MS;
    const uint64_t pause_ms = limit_ms / 2 < LOOK_MS_MAX ? limit_ms / 2 + 1 : LOOK_MS_MAX;

    mutex_lock(&patience->lock);
    while (!patience->is_stopping) {
        (void)cond_wait_until(&patience->stop, &patience->lock, clock_after_ms(pause_ms));
        shut_overdue_locked(patience);
    }
    mutex_unlock(&patience->lock);
}

struct patience *patience_new(uint64_t limit_ms)
{
    struct patience *patience = mem_alloc(sizeof(*patience));

    mutex_init(&patience->lock);
    cond_init(&patience->stop);
    patience->limit_ns = limit_ms * CLOCK_NS_PER_MS;
    thread_start(&patience->thread, "http-patience", look, patience);
    return patience;
}

void patience_free(struct patience *patience)
{
    if (patience == NULL) {
        return;
    }
    mutex_lock(&patience->lock);
    patience->is_stopping = true;
    cond_broadcast(&patience->stop);
    mutex_unlock(&patience->lock);
    thread_join(&patience->thread);
    assert(patience->first == NULL);
    cond_fini(&patience->stop);
    mutex_fini(&patience->lock);
    free(patience);
}

struct patience_entry *patience_add(struct patience *patience, int socket)
{
    struct patience_entry *entry = mem_alloc(sizeof(*entry));

    entry->socket = socket;
    patience_waits(entry);
    mutex_lock(&patience->lock);
    entry->next = patience->first;
    if (entry->next != NULL) {
        entry->next->previous = entry;
    }
    patience->first = entry;
    mutex_unlock(&patience->lock);
    return entry;
}

void patience_remove(struct patience *patience, struct patience_entry *entry)
{
    mutex_lock(&patience->lock);
    if (entry->next != NULL) {
        entry->next->previous = entry->previous;
    }
    if (entry->previous != NULL) {
        entry->previous->next = entry->next;
    } else {
        patience->first = entry->next;
    }
    mutex_unlock(&patience->lock);
    free(entry);
}

void patience_waits(struct patience_entry *entry)
{
    atomic_store_explicit(&entry->since_ns, clock_mono_ns(), memory_order_relaxed);
}

void patience_rests(struct patience_entry *entry)
{
    atomic_store_explicit(&entry->since_ns, CLOCK_NEVER, memory_order_relaxed);
}
