/*
 * Our driver, when a server ends, stops or talks nonsense before, in or behind any of its messages:
 * each call gives what endings.def says, and never later than it may take, to the millisecond.
 *
 * The server is in the client's own thread: it runs where the client waits. The clock stands still
 * but while the client waits in vain: then its time is over at once. So a thousand calls that wait
 * for nothing take no time. The linker has what is below called in place of libc's (meson.build).
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/support/test.h"
#include "tests/unit/ora/life.h"

enum { CONNECT_MS = 1000, CALL_MS = 300, LEAST_POINTS = 400, NS_PER_MS = 1000000 };

static struct server *server; /* of the client that is connected now */
static struct server_plan plan;
static int64_t now_ns;

/* --- time and connections --- */

int __real_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);
int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);

int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
    int ready;

    (void)server_run(server);
    ready = __real_poll(fds, count, 0);
    if (ready == 0) {
        assert_true(ms >= 0); /* nobody waits for ever */
        now_ns += (int64_t)ms * NS_PER_MS;
    }
    return ready;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
    if (clock != CLOCK_MONOTONIC) {
        return __real_clock_gettime(clock, ret);
    }
    ret->tv_sec = (time_t)(now_ns / 1000 / NS_PER_MS);
    ret->tv_nsec = (long)(now_ns % ((int64_t)1000 * NS_PER_MS));
    return 0;
}

int __wrap_socket(int domain, int type, int protocol)
{
    int ends[2];

    (void)domain;
    (void)protocol;
    assert_null(server);
    assert_int_equal(socketpair(AF_UNIX, type, 0, ends), 0);
    server = server_new(ends[1], &plan);
    return ends[0];
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    (void)fd;
    (void)address;
    (void)length;
    return 0;
}

/* --- what is declared --- */

static const struct {
    const char *what;
    enum octo_ora_kind kinds[SERVER_FAULTS];
    bool breaks;
} endings[SERVER_PHASES] = {
#define ENDING(name_, what_, cut_, silence_, nonsense_, breaks_)                                   \
    [SERVER_##                                                                                     \
        name_] = {what_,                                                                           \
                  {OCTO_ORA_NONE, OCTO_ORA_##cut_, OCTO_ORA_##silence_, OCTO_ORA_##nonsense_},     \
                  breaks_},
#include "tests/unit/ora/endings.def"
#undef ENDING
};

static int64_t limit_of(enum server_phase phase)
{
    return endings[phase].breaks ? 2 * CALL_MS : CONNECT_MS;
}

/* --- what happens --- */

struct outcome {
    enum server_phase phase; /* the first that failed; SERVER_PHASES: none did */
    enum octo_ora_kind kind;
};

/* All parts until one fails, and the end. None takes longer than it may. */
static struct outcome live(void)
{
    struct life life = {.options = {.dsn = "127.0.0.1/svc",
                                    .user = "app",
                                    .password = "word",
                                    .connect_ms = CONNECT_MS,
                                    .call_ms = CALL_MS}};
    struct outcome outcome = {.phase = SERVER_PHASES};

    for (enum server_phase phase = 0; phase < SERVER_PHASES; phase++) {
        const int64_t begin_ns = now_ns;

        if (outcome.phase != SERVER_PHASES && phase != SERVER_CLOSE) {
            continue;
        }
        life.error = (struct octo_ora_error){.kind = OCTO_ORA_NONE};
        if (!life_part(&life, phase)) {
            assert_true(life.error.text[0] != '\0');
            outcome = (struct outcome){.phase = phase, .kind = life.error.kind};
        }
        assert_true(now_ns - begin_ns <= limit_of(phase) * NS_PER_MS);
    }
    return outcome;
}

/* --- every place --- */

struct points {
    struct server_message messages[SERVER_MESSAGES_MAX];
    size_t count;
    size_t tried;
};

/* In which part something is missing that would have come from there on. */
static enum server_phase phase_behind(const struct points *points, size_t at)
{
    for (size_t i = 0; i < points->count; i++) {
        if (points->messages[i].end > at) {
            return points->messages[i].phase;
        }
    }
    return SERVER_CLOSE;
}

static void try_point(struct points *points)
{
    const enum server_phase phase = phase_behind(points, plan.at);
    const enum octo_ora_kind expected = endings[phase].kinds[plan.fault];
    const struct outcome outcome = live();

    server_free(server);
    server = NULL;
    if (outcome.kind != expected || (expected != OCTO_ORA_NONE && outcome.phase != phase)) {
        fail_msg("fault %d%s at byte %zu (%s) of %s: kind %d in part %d, not %d", (int)plan.fault,
                 plan.is_at_once ? " at once" : "", plan.at, endings[phase].what,
                 plan.is_23ai ? "23ai" : "19c", (int)outcome.kind, (int)outcome.phase,
                 (int)expected);
    }
    points->tried++;
}

/* Before the message; in it, behind its first byte and in its middle; behind the last one of what
 * is said at once, before anything else is asked. Nonsense in the middle of a text would be a text.
 */
static void try_message(struct points *points, const struct server_message *message)
{
    const size_t length = message->end - message->begin;

    plan.is_at_once = false;
    plan.at = message->begin;
    try_point(points);
    if (length > 1) {
        plan.at = message->begin + 1;
        try_point(points);
    }
    if (length > 3 && plan.fault != SERVER_NONSENSE) {
        plan.at = message->begin + length / 2;
        try_point(points);
    }
    if (message->is_last) {
        plan.at = message->end;
        plan.is_at_once = true;
        try_point(points);
    }
}

static size_t try_all(bool is_23ai)
{
    struct points points = {.tried = 0};
    const struct server_message *said;

    plan = (struct server_plan){.is_23ai = is_23ai, .fault = SERVER_WELL};
    assert_int_equal(live().phase, SERVER_PHASES);
    said = server_said(server, &points.count);
    memcpy(points.messages, said, points.count * sizeof(*said));
    server_free(server);
    server = NULL;
    for (plan.fault = SERVER_CUT; plan.fault < SERVER_FAULTS; plan.fault++) {
        for (size_t i = 0; i < points.count; i++) {
            try_message(&points, &points.messages[i]);
        }
    }
    return points.tried;
}

static void life__server_errs_anywhere__ends_as_declared(void **state)
{
    const size_t tried = try_all(false) + try_all(true);

    (void)state;
    print_message("%zu places\n", tried);
    assert_true(tried >= LEAST_POINTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life__server_errs_anywhere__ends_as_declared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
