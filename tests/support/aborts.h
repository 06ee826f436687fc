/*
 * tests/support/aborts.h: does a call end in a failed assertion? It is made in a child of the
 * program, which says nothing and leaves no core.
 */
#ifndef TESTS_SUPPORT_ABORTS_H
#define TESTS_SUPPORT_ABORTS_H

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "test.h" /* beside this file, from wherever it is included */

static inline void be_silent(void)
{
    const struct rlimit none = {0, 0};
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)dup2(nowhere, STDERR_FILENO);
}

/* A call that neither returns nor aborts fails the test. */
static inline bool aborts(void (*call)(void *arg), void *arg)
{
    const pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        be_silent();
        call(arg);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT));
    return WIFSIGNALED(status);
}

#endif
