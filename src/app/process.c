#include "app/process.h"

#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void set_core_limit(bool is_allowed)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = is_allowed ? limit.rlim_max : 0;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
}

void process_prepare(void)
{
    (void)umask(S_IRWXG | S_IRWXO);
    /* The limit alone would not keep an image from a program that takes it by a pipe
     * (systemd-coredump; core(5)). */
    set_core_limit(false);
    (void)prctl(PR_SET_DUMPABLE, 0L);
    /* A peer that hangs up is an error of its connection, not the end of the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* So is a file that has reached its limit. */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A fixed threshold: the memory that a password hash takes goes back to the system at once,
     * where otherwise the allocator would learn to keep it. */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

void process_allow_core_dumps(void)
{
    set_core_limit(true);
    (void)prctl(PR_SET_DUMPABLE, 1L);
}
