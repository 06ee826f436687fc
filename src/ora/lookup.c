#include "ora/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ora/fault.h"
#include "ora/heap.h"
#include "ora/wait.h"

enum { HOST_ROOM = 256, PORT_ROOM = 8, STACK_SIZE = 256 * 1024 };

/* Belongs to who waits and to the thread; who leaves last frees it. */
struct job {
    char host[HOST_ROOM];
    char port[PORT_ROOM];
    struct addrinfo *found;
    int result; /* of getaddrinfo */
    int number; /* errno, where the result is EAI_SYSTEM */
    int done;   /* end of a pipe, closed when all that is here stands; it wakes who waits */
    atomic_bool is_done;
    atomic_int owners;
};

static atomic_int under_way;

static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

static void leave(struct job *job)
{
    if (atomic_fetch_sub(&job->owners, 1) == 1) {
        if (job->found != NULL) {
            freeaddrinfo(job->found);
        }
        free(job);
    }
}

static void *run(void *arg)
{
    struct job *job = arg;

    job->result = getaddrinfo(job->host, job->port, &hints, &job->found);
    job->number = errno;
    atomic_store(&job->is_done, true);
    (void)close(job->done);
    (void)atomic_fetch_sub(&under_way, 1);
    leave(job);
    return NULL;
}

/* No signal of the process is for this thread. */
static int start(struct job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    int number = pthread_attr_init(&attributes);

    if (number != 0) {
        return number;
    }
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    number = pthread_create(&thread, &attributes, run, job);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return number;
}

static struct addrinfo *fail(const char *host, const char *words, struct octo_ora_error *error)
{
    (void)ora_fault(error, OCTO_ORA_CONNECT, "host %.255s: %s", host, words);
    return NULL;
}

static struct addrinfo *fail_system(const char *host, int number, struct octo_ora_error *error)
{
    char words[128];

    return fail(host, strerror_r(number, words, sizeof(words)), error);
}

static struct addrinfo *take(struct job *job, struct octo_ora_error *error)
{
    struct addrinfo *found = job->found;

    job->found = NULL;
    if (job->result == EAI_SYSTEM) {
        return fail_system(job->host, job->number, error);
    }
    return job->result == 0 ? found : fail(job->host, gai_strerror(job->result), error);
}

/* `ends` is a pipe: who waits has its first end, the thread the other one. */
static struct addrinfo *await(struct job *job, const int ends[2], int64_t deadline_ms,
                              struct octo_ora_error *error)
{
    struct addrinfo *found = NULL;
    int number;

    job->done = ends[1];
    atomic_store(&job->owners, 2);
    number = start(job);
    if (number != 0) {
        (void)close(ends[1]);
        (void)atomic_fetch_sub(&under_way, 1);
        atomic_store(&job->owners, 1);
        found = fail_system(job->host, number, error);
    } else {
        (void)ora_wait(ends[0], POLLIN, deadline_ms);
        found = atomic_load(&job->is_done)
                    ? take(job, error)
                    : fail(job->host, "no address in time: does its name server answer?", error);
    }
    (void)close(ends[0]);
    leave(job);
    return found;
}

struct addrinfo *ora_lookup(const char *host, const char *port, int64_t deadline_ms,
                            struct octo_ora_error *error)
{
    struct addrinfo numeric = hints;
    struct addrinfo *found = NULL;
    struct job *job;
    int ends[2];

    numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    if (getaddrinfo(host, port, &numeric, &found) == 0) {
        return found;
    }
    if (atomic_fetch_add(&under_way, 1) >= ORA_LOOKUPS_MAX) {
        (void)atomic_fetch_sub(&under_way, 1);
        return fail(host, "too many look-ups of names are waiting: does the name server answer?",
                    error);
    }
    job = ora_heap_zeroed(1, sizeof(*job));
    if (job == NULL || pipe2(ends, O_CLOEXEC) != 0) {
        const int number = job == NULL ? ENOMEM : errno;

        (void)atomic_fetch_sub(&under_way, 1);
        free(job);
        return fail_system(host, number, error);
    }
    (void)snprintf(job->host, sizeof(job->host), "%s", host);
    (void)snprintf(job->port, sizeof(job->port), "%s", port);
    return await(job, ends, deadline_ms, error);
}
