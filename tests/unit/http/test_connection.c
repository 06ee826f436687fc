/* The states of a connection: every pair of them, through the only function that changes one. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/connection.h"
#include "support/test.h"

#include "http/server_priv.h"

/* What may follow what, written down a second time, as words. */
static const char *const FOLLOWERS[CONNECTION_STATE_COUNT] = {
    [CONNECTION_IDLE] = "head over",
    [CONNECTION_HEAD] = "body running over",
    [CONNECTION_BODY] = "running over",
    [CONNECTION_RUNNING] = "writing",
    [CONNECTION_WRITING] = "idle quiet lingering over",
    [CONNECTION_QUIET] = "writing over",
    [CONNECTION_LINGERING] = "over",
    [CONNECTION_OVER] = "",
};
static const char *const NAMES[CONNECTION_STATE_COUNT] = {
    [CONNECTION_IDLE] = "idle",       [CONNECTION_HEAD] = "head",
    [CONNECTION_BODY] = "body",       [CONNECTION_RUNNING] = "running",
    [CONNECTION_WRITING] = "writing", [CONNECTION_LINGERING] = "lingering",
    [CONNECTION_OVER] = "over",       [CONNECTION_QUIET] = "quiet",
};

static const uint64_t LENGTHS_MS[TIMER_COUNT];

static struct loop loop;
static struct connection connection = {.loop = &loop};

/* In a process of its own, which ends with 0 when the move was made. Its last words are not wanted:
 * they are those of the assertion that is looked for. */
static int status_of_move(enum connection_state from, enum connection_state to)
{
    int status = -1;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        (void)close(STDERR_FILENO);
        connection.state = from;
        connection_move(&connection, to);
        _exit(connection.state == to ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void connection_move__every_pair__is_made_or_aborts(void **state)
{
    (void)state;
    schedule_init(&loop.schedule, LENGTHS_MS);
    for (unsigned from = 0; from < CONNECTION_STATE_COUNT; from++) {
        for (unsigned to = 0; to < CONNECTION_STATE_COUNT; to++) {
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

/* While its handler runs the client owes nothing, nor while it has all of a stream. */
static void connection_move__each_state__has_its_timer(void **state)
{
    (void)state;
    schedule_init(&loop.schedule, LENGTHS_MS);
    connection.state = CONNECTION_IDLE;
    connection_move(&connection, CONNECTION_HEAD);
    assert_int_equal(connection.scheduled.timer, TIMER_HEAD);
    connection_move(&connection, CONNECTION_RUNNING);
    assert_int_equal(connection.scheduled.timer, TIMER_NONE);
    connection_move(&connection, CONNECTION_WRITING);
    assert_int_equal(connection.scheduled.timer, TIMER_CLIENT);
    connection_move(&connection, CONNECTION_QUIET);
    assert_int_equal(connection.scheduled.timer, TIMER_QUIET);
    connection_move(&connection, CONNECTION_WRITING);
    connection_move(&connection, CONNECTION_LINGERING);
    assert_int_equal(connection.scheduled.timer, TIMER_LINGER);
    connection_move(&connection, CONNECTION_OVER);
    assert_int_equal(connection.scheduled.timer, TIMER_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_move__every_pair__is_made_or_aborts),
        cmocka_unit_test(connection_move__each_state__has_its_timer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
