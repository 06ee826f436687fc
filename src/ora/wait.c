#include "ora/wait.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

int64_t ora_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum ora_waited ora_wait(int fd, short events, int64_t deadline_ms)
{
    struct pollfd ready = {.fd = fd, .events = events};

    for (;;) {
        const int64_t left = deadline_ms - ora_now_ms();
        const int count = left <= 0 ? 0 : poll(&ready, 1, left > INT32_MAX ? INT32_MAX : (int)left);

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
