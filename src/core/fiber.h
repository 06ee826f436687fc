/*
 * core/fiber.h: calls that can pause in their middle and go on later on the thread that started
 * them. Each has a stack of its own, so what is called in between needs to know nothing of it.
 * Whoever pauses holds no lock.
 * Threads: a set of fibers and all that runs in it belong to one thread.
 */
#ifndef CORE_FIBER_H
#define CORE_FIBER_H

#include <stddef.h>

struct fibers; /* the fibers of one thread; their stacks are kept for the next calls */
struct fiber;

enum fiber_outcome {
    FIBER_NONE,   /* all are in use: nothing was called */
    FIBER_ENDED,  /* the call has returned */
    FIBER_PAUSED, /* it goes on with fiber_resume */
};

struct fibers *fibers_new(size_t most);
void fibers_free(struct fibers *fibers); /* all have ended; NULL is accepted */

/* Calls run(arg) on a stack of its own, until it returns or pauses for the first time. */
enum fiber_outcome fiber_run(struct fibers *fibers, void (*run)(void *arg), void *arg);
/* The one that runs now; NULL outside of any. */
struct fiber *fiber_self(void);
/* Goes back to whoever ran or resumed the fiber that calls this; returns when it is resumed. */
void fiber_pause(void);
/* Goes on with a paused one, until it returns or pauses again. Not from inside of another. */
void fiber_resume(struct fiber *fiber);

#endif
