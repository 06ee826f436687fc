/* Sanitizers are told of each switch (sanitizer/common_interface_defs.h, tsan_interface.h). */
#include "ora/coroutine.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "ora/heap.h"

#if defined(__SANITIZE_ADDRESS__)
#define TELL_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define TELL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TELL_ASAN 1
#elif __has_feature(thread_sanitizer)
#define TELL_TSAN 1
#endif
#endif

#if defined(TELL_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(TELL_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

enum { GUARD_SIZE = 4096 };

/* One of the two sides of a switch. */
struct side {
    ucontext_t context;
    const void *stack; /* for ASan, with the two that follow */
    size_t stack_size;
    // cppcheck-suppress unusedStructMember
    void *fake_stack;
    // cppcheck-suppress unusedStructMember
    void *fiber; /* for TSan */
};

struct ora_coroutine {
    void (*run)(void *arg);
    void *arg;
    bool has_ended;
    char *stack; /* mapped, with a guard page below */
    struct side inner;
    struct side outer;           /* who resumed it */
    struct ora_coroutine *below; /* that ran when this one was resumed */
    struct ora_awaited awaited;
};

static _Thread_local struct ora_coroutine *current;

/* Returns when somebody switches back, which to one that has ended nobody does: what ASan keeps for
 * it is freed here or never. */
static void switch_to(struct side *from, struct side *to, bool has_ended)
{
#if defined(TELL_ASAN)
    __sanitizer_start_switch_fiber(has_ended ? NULL : &from->fake_stack, to->stack, to->stack_size);
#else
    (void)has_ended;
#endif
#if defined(TELL_TSAN)
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    if (swapcontext(&from->context, &to->context) != 0) {
        abort(); /* it has no error that could be met */
    }
#if defined(TELL_ASAN)
    __sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}

/* The bottom of its stack. */
static void bottom(void)
{
    struct ora_coroutine *coroutine = current;

#if defined(TELL_ASAN)
    __sanitizer_finish_switch_fiber(NULL, &coroutine->outer.stack, &coroutine->outer.stack_size);
#endif
    coroutine->run(coroutine->arg);
    coroutine->has_ended = true;
    switch_to(&coroutine->inner, &coroutine->outer, true);
}

static void unmap_stack(char *stack)
{
    (void)munmap(stack, GUARD_SIZE + ORA_COROUTINE_STACK);
}

static char *map_stack(void)
{
    char *stack = mmap(NULL, GUARD_SIZE + ORA_COROUTINE_STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

    if (stack == MAP_FAILED) {
        return NULL;
    }
    if (mprotect(stack, GUARD_SIZE, PROT_NONE) != 0) {
        unmap_stack(stack);
        return NULL;
    }
    return stack;
}

struct ora_coroutine *ora_coroutine_new(void (*run)(void *arg), void *arg)
{
    struct ora_coroutine *coroutine = ora_heap_zeroed(1, sizeof(*coroutine));
    char *stack = coroutine != NULL ? map_stack() : NULL;

    if (stack == NULL) {
        free(coroutine);
        return NULL;
    }
    coroutine->stack = stack;
    if (getcontext(&coroutine->inner.context) != 0) {
        unmap_stack(stack);
        free(coroutine);
        return NULL;
    }
    coroutine->run = run;
    coroutine->arg = arg;
    coroutine->inner.context.uc_stack.ss_sp = stack + GUARD_SIZE;
    coroutine->inner.context.uc_stack.ss_size = ORA_COROUTINE_STACK;
    makecontext(&coroutine->inner.context, bottom, 0);
    coroutine->inner.stack = stack + GUARD_SIZE;
    coroutine->inner.stack_size = ORA_COROUTINE_STACK;
#if defined(TELL_TSAN)
    coroutine->inner.fiber = __tsan_create_fiber(0);
#endif
    return coroutine;
}

void ora_coroutine_free(struct ora_coroutine *coroutine)
{
    if (coroutine == NULL) {
        return;
    }
#if defined(TELL_TSAN)
    __tsan_destroy_fiber(coroutine->inner.fiber);
#endif
    unmap_stack(coroutine->stack);
    free(coroutine);
}

bool ora_coroutine_resume(struct ora_coroutine *coroutine)
{
    coroutine->below = current;
    current = coroutine;
#if defined(TELL_TSAN)
    coroutine->outer.fiber = __tsan_get_current_fiber();
#endif
    switch_to(&coroutine->outer, &coroutine->inner, false);
    current = coroutine->below;
    return !coroutine->has_ended;
}

struct ora_coroutine *ora_coroutine_self(void)
{
    return current;
}

void ora_coroutine_pause(void)
{
    struct ora_coroutine *coroutine = current;

    switch_to(&coroutine->inner, &coroutine->outer, false);
}

struct ora_awaited *ora_coroutine_awaited(struct ora_coroutine *coroutine)
{
    return &coroutine->awaited;
}
