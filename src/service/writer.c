#include "service/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "trace/span.h"

enum { JOBS_MAX = 8 };

struct writer {
    struct tracer *tracer;
    const char *module;
    struct writer_job *jobs[JOBS_MAX];
    size_t job_count;
    struct arena arena; /* of the unit that runs */
    struct thread thread;
    bool has_started;

    struct mutex lock;
    struct cond wake;
    bool is_rung;     /* lock */
    bool is_stopping; /* lock */
};

struct writer *writer_new(struct tracer *tracer, const char *module)
{
    struct writer *writer = mem_alloc(sizeof(*writer));

    writer->tracer = tracer;
    writer->module = module;
    arena_init(&writer->arena);
    mutex_init(&writer->lock);
    cond_init(&writer->wake);
    return writer;
}

void writer_add(struct writer *writer, struct writer_job *job)
{
    assert(!writer->has_started && writer->job_count < JOBS_MAX);
    job->writer = writer;
    writer->jobs[writer->job_count++] = job;
}

void writer_ring(struct writer_job *job)
{
    struct writer *writer = job->writer;

    mutex_lock(&writer->lock);
    writer->is_rung = true;
    cond_signal(&writer->wake);
    mutex_unlock(&writer->lock);
}

/* --- the thread --- */

static uint64_t next_due(const struct writer *writer)
{
    uint64_t due_ns = CLOCK_NEVER;

    for (size_t i = 0; i < writer->job_count; i++) {
        const uint64_t job_ns = writer->jobs[i]->due(writer->jobs[i]->arg);

        due_ns = job_ns < due_ns ? job_ns : due_ns;
    }
    return due_ns;
}

static void run_due(const struct writer *writer, uint64_t now_ns)
{
    for (size_t i = 0; i < writer->job_count; i++) {
        struct writer_job *job = writer->jobs[i];

        if (job->due(job->arg) <= now_ns) {
            job->run(job->arg, false);
        }
    }
}

static void run_last(const struct writer *writer)
{
    for (size_t i = 0; i < writer->job_count; i++) {
        writer->jobs[i]->run(writer->jobs[i]->arg, true);
    }
}

/* Until then, or until somebody rings. Jobs are asked without the lock, since each has one of its
 * own: a ring from that moment on is kept. Returns the time that has come, which is not later than
 * the one that was waited for, even while a test has stopped the clock. */
static uint64_t wait_until(struct writer *writer, uint64_t due_ns, bool *ret_is_stopping)
{
    bool is_in_time = true;
    uint64_t now_ns;

    mutex_lock(&writer->lock);
    while (is_in_time && !writer->is_rung && !writer->is_stopping) {
        is_in_time = cond_wait_until(&writer->wake, &writer->lock, due_ns);
    }
    writer->is_rung = false;
    *ret_is_stopping = writer->is_stopping;
    mutex_unlock(&writer->lock);
    now_ns = clock_mono_ns();
    return is_in_time || now_ns > due_ns ? now_ns : due_ns;
}

static void run_writer(void *arg)
{
    struct writer *writer = arg;
    bool is_stopping = false;

    while (!is_stopping) {
        const uint64_t now_ns = wait_until(writer, next_due(writer), &is_stopping);

        if (!is_stopping) {
            run_due(writer, now_ns);
        }
    }
    run_last(writer);
}

void writer_start(struct writer *writer)
{
    writer->has_started = true;
    thread_start(&writer->thread, "writer", run_writer, writer);
}

void writer_stop(struct writer *writer)
{
    if (writer == NULL || !writer->has_started) {
        return;
    }
    mutex_lock(&writer->lock);
    writer->is_stopping = true;
    cond_signal(&writer->wake);
    mutex_unlock(&writer->lock);
    thread_join(&writer->thread);
    writer->has_started = false;
}

void writer_free(struct writer *writer)
{
    if (writer != NULL) {
        assert(!writer->has_started);
        cond_fini(&writer->wake);
        mutex_fini(&writer->lock);
        arena_fini(&writer->arena);
        free(writer);
    }
}

/* --- a unit --- */

bool writer_unit(struct writer_job *job, struct db_pool *pool, uint64_t limit_ms, db_work *work,
                 void *arg, const char *failure, struct err *err)
{
    struct writer *writer = job->writer;
    struct ctx ctx;
    struct span *root;
    bool is_done;

    ctx_init_background(&ctx, &writer->arena, writer->tracer, writer->module, job->name, limit_ms);
    root = span_begin(&ctx, ctx.action, SPAN_INTERNAL);
    is_done = db_write(&ctx, pool, work, arg, err);
    if (!is_done) {
        span_fail(root, err);
        if (failure != NULL) {
            log_err(LOG_WARNING, ctx.trace.trace_id, failure, err);
        }
    }
    span_end(&ctx, root);
    arena_reset(&writer->arena);
    return is_done;
}
