/*
 * core/queue.h: a bounded first-in first-out queue of pointers between threads. Waiters are woken
 * last-idle first, so that short work stays on few warm threads.
 */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

struct queue *queue_new(size_t capacity);
void queue_free(struct queue *queue); /* must be empty of waiters; items are the caller's */
bool queue_try_push(struct queue *queue, void *item); /* false: full or closed */
/* Waits for an item until the deadline; NULL when it passed or the queue is closed and empty. */
void *queue_pop(struct queue *queue, uint64_t deadline_ns);
/* As queue_pop, for a thread in reserve: takes an item only when it has waited for so long, because
 * all others are busy, and may_take(arg) is true then; else it asks again after as long. What it
 * asks takes no lock, since the queue's is held. */
void *queue_pop_late(struct queue *queue, uint64_t patience_ns, bool (*may_take)(void *arg),
                     void *arg);
/* Takes up to `most` items that are there now, without waiting; returns how many. */
size_t queue_pop_ready(struct queue *queue, void **items, size_t most);
void queue_close(struct queue *queue); /* pushes fail from now on; pops drain, then give NULL */
size_t queue_length(struct queue *queue);
size_t queue_idle(struct queue *queue); /* threads that wait in queue_pop */

#endif
