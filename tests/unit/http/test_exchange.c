/* The states of an exchange: every pair of them, through the only function that changes one. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#include "http/server_priv.h"

/* What may follow what, written down a second time, as words. */
static const char *const FOLLOWERS[EXCHANGE_STATE_COUNT] = {
    [EXCHANGE_SPARE] = "reading",
    [EXCHANGE_READING] = "running spare",
    [EXCHANGE_RUNNING] = "ready",
    [EXCHANGE_READY] = "spare",
};
static const char *const NAMES[EXCHANGE_STATE_COUNT] = {
    [EXCHANGE_SPARE] = "spare",
    [EXCHANGE_READING] = "reading",
    [EXCHANGE_RUNNING] = "running",
    [EXCHANGE_READY] = "ready",
};

static struct exchange exchange;

/* In a process of its own, which ends with 0 when the move was made. Its last words are not wanted:
 * they are those of the assertion that is looked for. */
static int status_of_move(enum exchange_state from, enum exchange_state to)
{
    int status = -1;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        (void)close(STDERR_FILENO);
        exchange.state = from;
        exchange_move(&exchange, to);
        _exit(exchange.state == to ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void exchange_move__every_pair__is_made_or_aborts(void **state)
{
    (void)state;
    for (unsigned from = 0; from < EXCHANGE_STATE_COUNT; from++) {
        for (unsigned to = 0; to < EXCHANGE_STATE_COUNT; to++) {
            const bool is_allowed = strstr(FOLLOWERS[from], NAMES[to]) != NULL;
            const int status = status_of_move(from, to);
            const bool is_right = is_allowed ? WIFEXITED(status) && WEXITSTATUS(status) == 0
                                             : WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;

            if (!is_right) {
                fail_msg("from %s to %s: status %d", NAMES[from], NAMES[to], status);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_move__every_pair__is_made_or_aborts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
