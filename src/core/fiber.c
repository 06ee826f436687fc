/*
 * On what libc offers: makecontext begins a stack, sigsetjmp and siglongjmp go from one to another,
 * without the two system calls of swapcontext. Sanitizers, which watch longer ways back of these,
 * get swapcontext and are told of each switch (sanitizer/common_interface_defs.h,
 * sanitizer/tsan_interface.h).
 */
#undef _FORTIFY_SOURCE /* its siglongjmp wants to stay on one stack */

#include "core/fiber.h"

#include <assert.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "core/arena.h"
#include "core/sanitizers.h"

#if defined(TELL_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(TELL_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

enum {
    STACK_SIZE = 256 * 1024, /* as a thread's; what is never touched takes no memory */
    GUARD_SIZE = 4096,
};

/* One of the two sides of a switch. */
struct side {
    ucontext_t context; /* of the first switch, without sanitizers */
    sigjmp_buf at;      /* of the others */
    bool has_begun;
#if defined(TELL_ASAN)
    const void *stack;
    size_t stack_size;
    void *fake_stack;
#endif
#if defined(TELL_TSAN)
    void *fiber;
#endif
};

struct fiber {
    struct fibers *owner;
    struct fiber *next; /* of the spare ones */
    void (*run)(void *arg);
    void *arg;
    bool has_ended;
    struct side inner;
    struct side outer; /* who ran or resumed it */
    char *stack;       /* mapped, with a guard page below */
};

struct fibers {
    struct fiber *spare;
    size_t most;
    size_t made;
    size_t in_use;
};

static _Thread_local struct fiber *current;

/* --- switching --- */

/* Returns when somebody switches back. */
static void switch_to(struct side *from, struct side *to)
{
#if defined(TELL_ASAN)
    __sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->stack_size);
#endif
#if defined(TELL_TSAN)
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
#if defined(TELL_ASAN) || defined(TELL_TSAN)
    if (swapcontext(&from->context, &to->context) != 0) {
        abort();
    }
#else
    from->has_begun = true;
    if (sigsetjmp(from->at, 0) == 0) {
        if (to->has_begun) {
            siglongjmp(to->at, 1);
        }
        (void)setcontext(&to->context);
        abort();
    }
#endif
#if defined(TELL_ASAN)
    __sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}

static void enter(struct fiber *fiber)
{
    current = fiber;
#if defined(TELL_TSAN)
    fiber->outer.fiber = __tsan_get_current_fiber();
#endif
    switch_to(&fiber->outer, &fiber->inner);
    current = NULL;
    if (fiber->has_ended) {
        struct fibers *owner = fiber->owner;

        fiber->next = owner->spare;
        owner->spare = fiber;
        owner->in_use--;
    }
}

/* The bottom of a fiber's stack: one call after another. */
static void bottom(void)
{
    struct fiber *fiber = current;

#if defined(TELL_ASAN)
    __sanitizer_finish_switch_fiber(NULL, &fiber->outer.stack, &fiber->outer.stack_size);
#endif
    for (;;) {
        fiber->run(fiber->arg);
        fiber->has_ended = true;
        switch_to(&fiber->inner, &fiber->outer);
    }
}

/* --- life --- */

static struct fiber *fiber_new(struct fibers *owner)
{
    struct fiber *fiber = mem_alloc(sizeof(*fiber));

    fiber->owner = owner;
    fiber->stack = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (fiber->stack == MAP_FAILED || mprotect(fiber->stack, GUARD_SIZE, PROT_NONE) != 0) {
        (void)fprintf(stderr, "octo: no memory is left for a stack\n");
        abort();
    }
    if (getcontext(&fiber->inner.context) != 0) {
        abort();
    }
    fiber->inner.context.uc_stack.ss_sp = fiber->stack + GUARD_SIZE;
    fiber->inner.context.uc_stack.ss_size = STACK_SIZE;
    makecontext(&fiber->inner.context, bottom, 0);
#if defined(TELL_ASAN)
    fiber->inner.stack = fiber->stack + GUARD_SIZE;
    fiber->inner.stack_size = STACK_SIZE;
#endif
#if defined(TELL_TSAN)
    fiber->inner.fiber = __tsan_create_fiber(0);
#endif
    owner->made++;
    return fiber;
}

static void fiber_free(struct fiber *fiber)
{
#if defined(TELL_TSAN)
    __tsan_destroy_fiber(fiber->inner.fiber);
#endif
    (void)munmap(fiber->stack, GUARD_SIZE + STACK_SIZE);
    free(fiber);
}

struct fibers *fibers_new(size_t most)
{
    struct fibers *fibers = mem_alloc(sizeof(*fibers));

    fibers->most = most;
    return fibers;
}

void fibers_free(struct fibers *fibers)
{
    struct fiber *fiber;

    if (fibers == NULL) {
        return;
    }
    assert(fibers->in_use == 0);
    while ((fiber = fibers->spare) != NULL) {
        fibers->spare = fiber->next;
        fiber_free(fiber);
    }
    free(fibers);
}

static struct fiber *take(struct fibers *fibers)
{
    struct fiber *fiber = fibers->spare;

    if (fiber != NULL) {
        fibers->spare = fiber->next;
    } else if (fibers->made < fibers->most) {
        fiber = fiber_new(fibers);
    }
    return fiber;
}

/* --- running --- */

enum fiber_outcome fiber_run(struct fibers *fibers, void (*run)(void *arg), void *arg)
{
    struct fiber *fiber = take(fibers);

    assert(current == NULL);
    if (fiber == NULL) {
        return FIBER_NONE;
    }
    fibers->in_use++;
    fiber->run = run;
    fiber->arg = arg;
    fiber->has_ended = false;
    enter(fiber);
    return fiber->has_ended ? FIBER_ENDED : FIBER_PAUSED;
}

struct fiber *fiber_self(void)
{
    return current;
}

void fiber_pause(void)
{
    struct fiber *fiber = current;

    assert(fiber != NULL);
    switch_to(&fiber->inner, &fiber->outer);
}

void fiber_resume(struct fiber *fiber)
{
    assert(current == NULL && !fiber->has_ended);
    enter(fiber);
}
