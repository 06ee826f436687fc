/*
 * service/writer.h: the one thread on which a service does what nobody waits for: it writes audit
 * rows and security events, and removes what has run out. Each of these is a job, which knows
 * neither the others nor the thread.
 * Threads: jobs are added before the writer starts; job->due and job->run are called on its thread;
 * writer_ring from any thread.
 */
#ifndef SERVICE_WRITER_H
#define SERVICE_WRITER_H

#include "db/db.h"

struct writer;

/* Part of whoever has work to do, and outlives writer_stop. */
struct writer_job {
    const char *name; /* ACTION and root span of its units: "BG audit"; a literal */
    /* When it is to run next (monotonic nanoseconds, 0: at once); CLOCK_NEVER: when it has been
     * rung for. Asked after each ring and each run of any job: must be quick. */
    uint64_t (*due)(void *arg);
    /* Does what is due. What it cannot do now it keeps, and says when it is due again: the other
     * jobs are waiting. is_last: the process ends, nothing comes after this. */
    void (*run)(void *arg, bool is_last);
    void *arg;
    struct writer *writer; /* by writer_add */
};

struct writer *writer_new(struct tracer *tracer, const char *module);
void writer_add(struct writer *writer, struct writer_job *job);
void writer_start(struct writer *writer);
/* Runs each job for the last time and ends the thread. Rings are of no effect from then on. NULL
 * and a writer that never started are accepted. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer); /* after writer_stop; NULL is accepted */

/* The job has become due earlier than it said. */
void writer_ring(struct writer_job *job);

/* For a job that runs: one transaction, under the job's name. A failure is written to the log as
 * `failure`, or not at all where that is NULL. Memory of the unit is gone when it returns. */
bool writer_unit(struct writer_job *job, struct db_pool *pool, uint64_t limit_ms, db_work *work,
                 void *arg, const char *failure, struct err *err);

#endif
