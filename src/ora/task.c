/* ora/task.c: calls that wait for nobody (see octo/ora.h): a caller's own code in a coroutine. */
#include <octo/ora.h>
#include <stdlib.h>

#include "ora/coroutine.h"
#include "ora/fault.h"
#include "ora/heap.h"
#include "ora/wait.h"

struct octo_ora_task {
    struct ora_coroutine *coroutine;
    octo_ora_work *work;
    void *arg;
    struct octo_ora_error error;
    bool is_fine;
};

static void run(void *arg)
{
    struct octo_ora_task *task = arg;

    task->is_fine = task->work(task->arg, &task->error);
}

bool octo_ora_start(octo_ora_work *work, void *arg, struct octo_ora_task **ret_task,
                    struct octo_ora_error *error)
{
    struct octo_ora_task *task = ora_heap_zeroed(1, sizeof(*task));

    if (task != NULL) {
        task->coroutine = ora_coroutine_new(run, task);
    }
    if (task == NULL || task->coroutine == NULL) {
        free(task);
        return ora_fault_memory(error);
    }
    task->work = work;
    task->arg = arg;
    *ret_task = task;
    return true;
}

enum octo_ora_state octo_ora_finish(struct octo_ora_task *task, struct octo_ora_wait *ret_wait,
                                    struct octo_ora_error *error)
{
    enum octo_ora_state state;

    if (ora_coroutine_resume(task->coroutine)) {
        const struct ora_awaited *awaited = ora_coroutine_awaited(task->coroutine);
        const int64_t left = awaited->deadline_ms - ora_now_ms();

        *ret_wait = (struct octo_ora_wait){
            .fd = awaited->fd,
            .events = awaited->events,
            .ms = left <= 0          ? 0
                  : left > INT32_MAX ? INT32_MAX
                                     : (int)left,
        };
        return OCTO_ORA_PENDING;
    }
    state = task->is_fine ? OCTO_ORA_DONE : OCTO_ORA_FAILED;
    if (!task->is_fine) {
        *error = task->error;
    }
    ora_coroutine_free(task->coroutine);
    free(task);
    return state;
}

void octo_ora_give_up(struct octo_ora_task *task)
{
    ora_coroutine_awaited(task->coroutine)->is_given_up = true;
}
