#include "db/engine/bell.h"

#include <poll.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"

void bell_init(struct bell *bell)
{
    bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&bell->is_rung, false);
}

void bell_fini(struct bell *bell)
{
    if (bell->fd >= 0) {
        close(bell->fd);
    }
}

void bell_ring(struct bell *bell)
{
    const uint64_t one = 1;

    /* In this order: whoever sees the flag finds the ring. */
    (void)!write(bell->fd, &one, sizeof(one));
    atomic_store_explicit(&bell->is_rung, true, memory_order_release);
}

static void take_rings(struct bell *bell)
{
    uint64_t rings;

    atomic_store_explicit(&bell->is_rung, false, memory_order_relaxed);
    (void)!read(bell->fd, &rings, sizeof(rings));
}

void bell_silence(struct bell *bell)
{
    if (atomic_load_explicit(&bell->is_rung, memory_order_acquire)) {
        take_rings(bell);
    }
}

static int poll_ms(uint64_t deadline_ns)
{
    const int64_t left = clock_ms_left(deadline_ns);

    if (deadline_ns == CLOCK_NEVER) {
        return -1;
    }
    return left < INT32_MAX ? (int)left : INT32_MAX;
}

enum bell_end bell_wait(struct bell *bell, int socket, short events, uint64_t deadline_ns)
{
    struct pollfd fds[2] = {{.fd = socket, .events = events}, {.fd = bell->fd, .events = POLLIN}};
    const int ready = poll(fds, 2, poll_ms(deadline_ns));

    if (ready > 0 && fds[0].revents != 0) {
        return BELL_SOCKET;
    }
    if (ready > 0) {
        take_rings(bell);
        return BELL_RUNG;
    }
    return ready == 0 && clock_has_passed(deadline_ns) ? BELL_LATE : BELL_NOTHING;
}
