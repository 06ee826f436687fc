/*
 * ora/coroutine.h: code on a stack of its own, which pauses where it would have to wait, and goes
 * on when somebody says so. Made of what libc offers (makecontext, swapcontext). One thread at a
 * time; not always the same one.
 */
#ifndef ORA_COROUTINE_H
#define ORA_COROUTINE_H

#include <stdbool.h>
#include <stdint.h>

enum { ORA_COROUTINE_STACK = 256 * 1024 }; /* what is never touched takes no memory */

struct ora_coroutine;

/* NULL: no memory. It begins when it is resumed for the first time. */
struct ora_coroutine *ora_coroutine_new(void (*run)(void *arg), void *arg);
/* Of one that has ended or has never begun. NULL is fine. */
void ora_coroutine_free(struct ora_coroutine *coroutine);
/* Runs it until it pauses or ends: false. */
bool ora_coroutine_resume(struct ora_coroutine *coroutine);

/* That which runs here; NULL: none. */
struct ora_coroutine *ora_coroutine_self(void);
/* Returns when the one that runs here is resumed. */
void ora_coroutine_pause(void);

/* What it waits for, said by whoever pauses for whoever resumes. */
struct ora_awaited {
    int fd; /* -1: a moment alone */
    short events;
    int64_t deadline_ms;
    bool is_given_up; /* said the other way round: nothing is waited for any more */
};
struct ora_awaited *ora_coroutine_awaited(struct ora_coroutine *coroutine);

#endif
