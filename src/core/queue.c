#include "core/queue.h"

#include <assert.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/thread.h"

/*
 * An idle consumer stands on its own stack in a list whose top is the one that fell idle last. A
 * push puts the item into the ring and wakes the top; a consumer that is still running may take the
 * item first, which spares a switch, and the woken one then goes back to the top.
 */
struct waiter {
    struct waiter *below;
    struct waiter *above;
    struct wakeup wake; /* posted by whoever took it off the list */
    bool is_listed;     /* off the list once chosen, so that the next push chooses another */
};

struct place {
    void *item;
    uint64_t pushed_ns;
};

struct queue {
    struct mutex lock; /* guards everything below */
    struct waiter *top;
    bool is_closed;

    /* Of the threads in reserve one keeps watch over the first item, the others wait for that. */
    struct cond watch_is_free;
    struct cond needs_watch;
    bool is_watched;
    bool sleeps_watch; /* until an item comes that nobody idle was woken for */

    size_t capacity;
    size_t first;
    size_t count;
    struct place ring[];
};

struct queue *queue_new(size_t capacity)
{
    struct queue *queue;

    assert(capacity > 0 && capacity <= (SIZE_MAX - sizeof(*queue)) / sizeof(struct place));
    queue = mem_alloc(sizeof(*queue) + capacity * sizeof(struct place));
    mutex_init(&queue->lock);
    cond_init(&queue->watch_is_free);
    cond_init(&queue->needs_watch);
    queue->capacity = capacity;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL) {
        return;
    }
    assert(queue->top == NULL && !queue->is_watched);
    cond_fini(&queue->needs_watch);
    cond_fini(&queue->watch_is_free);
    mutex_fini(&queue->lock);
    free(queue);
}

static void waiter_list_locked(struct queue *queue, struct waiter *waiter) REQUIRES(queue->lock);
static void waiter_list_locked(struct queue *queue, struct waiter *waiter)
{
    waiter->above = NULL;
    waiter->below = queue->top;
    if (queue->top != NULL) {
        queue->top->above = waiter;
    }
    queue->top = waiter;
    waiter->is_listed = true;
}

static void waiter_unlist_locked(struct queue *queue, struct waiter *waiter) REQUIRES(queue->lock);
static void waiter_unlist_locked(struct queue *queue, struct waiter *waiter)
{
    if (waiter->above != NULL) {
        waiter->above->below = waiter->below;
    } else {
        queue->top = waiter->below;
    }
    if (waiter->below != NULL) {
        waiter->below->above = waiter->above;
    }
    waiter->is_listed = false;
}

/* The one to wake, NULL when nobody is idle. It waits for the post, which its caller owes it and
 * gives without the lock, since the woken one wants that first. */
static struct waiter *choose_locked(struct queue *queue) REQUIRES(queue->lock);
static struct waiter *choose_locked(struct queue *queue)
{
    struct waiter *waiter = queue->top;

    if (waiter != NULL) {
        waiter_unlist_locked(queue, waiter);
    }
    return waiter;
}

static void *take_locked(struct queue *queue) REQUIRES(queue->lock);
static void *take_locked(struct queue *queue)
{
    void *item = queue->ring[queue->first].item;

    queue->first = queue->first + 1 == queue->capacity ? 0 : queue->first + 1;
    queue->count--;
    return item;
}

bool queue_try_push(struct queue *queue, void *item)
{
    const struct place place = {.item = item, .pushed_ns = clock_mono_ns()};
    struct waiter *chosen = NULL;
    bool has_room;

    assert(item != NULL);
    mutex_lock(&queue->lock);
    has_room = !queue->is_closed && queue->count < queue->capacity;
    if (has_room) {
        size_t last = queue->first + queue->count;
        queue->ring[last < queue->capacity ? last : last - queue->capacity] = place;
        queue->count++;
        chosen = choose_locked(queue);
        if (chosen == NULL && queue->sleeps_watch) {
            queue->sleeps_watch = false;
            cond_signal(&queue->needs_watch);
        }
    }
    mutex_unlock(&queue->lock);
    if (chosen != NULL) {
        wakeup_post(&chosen->wake);
    }
    return has_room;
}

/* True when an item came; false when the deadline passed or the queue was closed while empty. */
static bool wait_for_item_locked(struct queue *queue, uint64_t deadline_ns) REQUIRES(queue->lock);
static bool wait_for_item_locked(struct queue *queue, uint64_t deadline_ns)
{
    struct waiter self = {0};
    bool is_in_time = true;

    while (queue->count == 0 && !queue->is_closed && is_in_time) {
        wakeup_init(&self.wake);
        waiter_list_locked(queue, &self);
        mutex_unlock(&queue->lock);
        is_in_time = wakeup_wait_until(&self.wake, deadline_ns);
        mutex_lock(&queue->lock);
        if (self.is_listed) {
            waiter_unlist_locked(queue, &self);
        } else if (!is_in_time) {
            /* Chosen at the last moment: the post is on its way, and needs no lock. */
            is_in_time = wakeup_wait_until(&self.wake, CLOCK_NEVER);
        }
    }
    return queue->count > 0;
}

void *queue_pop(struct queue *queue, uint64_t deadline_ns)
{
    void *item = NULL;

    mutex_lock(&queue->lock);
    if (queue->count > 0 || wait_for_item_locked(queue, deadline_ns)) {
        item = take_locked(queue);
    }
    mutex_unlock(&queue->lock);
    return item;
}

/* Waits until the first item has waited for so long and may be taken; NULL when the queue is closed
 * and empty. */
static void *watch_locked(struct queue *queue, uint64_t patience_ns, bool (*may_take)(void *arg),
                          void *arg) REQUIRES(queue->lock);
static void *watch_locked(struct queue *queue, uint64_t patience_ns, bool (*may_take)(void *arg),
                          void *arg)
{
    while (queue->count > 0 || !queue->is_closed) {
        if (queue->count == 0) {
            queue->sleeps_watch = true;
            cond_wait(&queue->needs_watch, &queue->lock);
        } else {
            uint64_t due_ns = queue->ring[queue->first].pushed_ns + patience_ns;

            if (queue->is_closed || (clock_has_passed(due_ns) && may_take(arg))) {
                return take_locked(queue);
            }
            if (clock_has_passed(due_ns)) {
                due_ns = clock_mono_ns() + patience_ns;
            }
            (void)cond_wait_until(&queue->needs_watch, &queue->lock, due_ns);
        }
    }
    return NULL;
}

void *queue_pop_late(struct queue *queue, uint64_t patience_ns, bool (*may_take)(void *arg),
                     void *arg)
{
    void *item;

    mutex_lock(&queue->lock);
    while (queue->is_watched) {
        cond_wait(&queue->watch_is_free, &queue->lock);
    }
    queue->is_watched = true;
    item = watch_locked(queue, patience_ns, may_take, arg);
    queue->is_watched = false;
    queue->sleeps_watch = false;
    cond_signal(&queue->watch_is_free);
    mutex_unlock(&queue->lock);
    return item;
}

size_t queue_pop_ready(struct queue *queue, void **items, size_t most)
{
    size_t taken = 0;

    mutex_lock(&queue->lock);
    while (taken < most && queue->count > 0) {
        items[taken++] = take_locked(queue);
    }
    mutex_unlock(&queue->lock);
    return taken;
}

void queue_close(struct queue *queue)
{
    mutex_lock(&queue->lock);
    queue->is_closed = true;
    while (queue->top != NULL) {
        wakeup_post(&choose_locked(queue)->wake);
    }
    cond_signal(&queue->needs_watch);
    mutex_unlock(&queue->lock);
}

size_t queue_length(struct queue *queue)
{
    size_t length;

    mutex_lock(&queue->lock);
    length = queue->count;
    mutex_unlock(&queue->lock);
    return length;
}

size_t queue_idle(struct queue *queue)
{
    size_t idle = 0;

    mutex_lock(&queue->lock);
    for (const struct waiter *waiter = queue->top; waiter != NULL; waiter = waiter->below) {
        idle++;
    }
    mutex_unlock(&queue->lock);
    return idle;
}
