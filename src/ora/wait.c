#include "ora/wait.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "ora/coroutine.h"

int64_t ora_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whoever resumes it has waited, and looks here whether that was long enough. */
static enum ora_waited pause_for(struct ora_coroutine *self, int fd, short events,
                                 int64_t deadline_ms)
{
    struct pollfd ready = {.fd = fd, .events = events};
    struct ora_awaited *awaited = ora_coroutine_awaited(self);

    while (!awaited->is_given_up) {
        if (fd >= 0 && poll(&ready, 1, 0) > 0) {
            return ORA_WAITED_DONE;
        }
        if (ora_now_ms() >= deadline_ms) {
            return ORA_WAITED_TOO_LONG;
        }
        awaited->fd = fd;
        awaited->events = events;
        awaited->deadline_ms = deadline_ms;
        ora_coroutine_pause();
    }
    return ORA_WAITED_LOST;
}

static void take_ring(int bell)
{
    uint64_t ring;

    (void)!read(bell, &ring, sizeof(ring));
}

enum ora_waited ora_wait(int fd, short events, int64_t deadline_ms)
{
    return ora_wait_or_bell(fd, events, deadline_ms, -1);
}

enum ora_waited ora_wait_or_bell(int fd, short events, int64_t deadline_ms, int bell)
{
    struct ora_coroutine *self = ora_coroutine_self();
    struct pollfd ready[] = {{.fd = fd, .events = events}, {.fd = bell, .events = POLLIN}};

    if (self != NULL) {
        return pause_for(self, fd, events, deadline_ms);
    }
    for (;;) {
        const int64_t left = deadline_ms - ora_now_ms();
        const int count = left <= 0 ? 0 : poll(ready, 2, left > INT32_MAX ? INT32_MAX : (int)left);

        if (count > 0 && ready[0].revents == 0) {
            take_ring(bell);
            return ORA_WAITED_RUNG;
        }
        if (count > 0) {
            return ORA_WAITED_DONE;
        }
        if (count == 0) {
            return ORA_WAITED_TOO_LONG;
        }
        if (errno != EINTR) {
            return ORA_WAITED_LOST;
        }
    }
}
