#include "net/breaker.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/thread.h"

/*
 *            failures reach the threshold
 *   closed ------------------------------> open <-----------.
 *     ^                                     | recovery time  | the probe failed
 *     |        the probe succeeded          v                |
 *     `---------------------------------- half open ---------'
 */
enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

static const char *const STATE_NAMES[] = {"closed", "open", "half_open"};

struct breaker {
    struct breaker_options options;
    struct mutex *lock; /* guards everything below; apart, so that looking needs no write access */
    enum breaker_state state;
    int64_t failure_count; /* in a row */
    uint64_t opened_ns;    /* when it opened, or when the probe went out */
    uint64_t failed_ns;
    bool has_failed;
};

struct breaker *breaker_new(const struct breaker_options *options)
{
    struct breaker *breaker = mem_alloc(sizeof(*breaker));

    breaker->options = *options;
    breaker->lock = mem_alloc(sizeof(*breaker->lock));
    mutex_init(breaker->lock);
    return breaker;
}

void breaker_free(struct breaker *breaker)
{
    if (breaker != NULL) {
        mutex_fini(breaker->lock);
        free(breaker->lock);
        free(breaker);
    }
}

static bool has_recovered_locked(const struct breaker *breaker) REQUIRES(*breaker->lock);
static bool has_recovered_locked(const struct breaker *breaker)
{
    const uint64_t recovery_ns = (uint64_t)breaker->options.recovery_ms * CLOCK_NS_PER_MS;

    return clock_mono_ns() - breaker->opened_ns >= recovery_ns;
}

bool breaker_admit(struct breaker *breaker)
{
    bool is_admitted = true;

    mutex_lock(breaker->lock);
    if (breaker->state != BREAKER_CLOSED) {
        /* A probe that never reported does not keep the breaker half open for ever: another one
         * may go after the same time. */
        is_admitted = has_recovered_locked(breaker);
        if (is_admitted) {
            breaker->state = BREAKER_HALF_OPEN;
            breaker->opened_ns = clock_mono_ns();
        }
    }
    mutex_unlock(breaker->lock);
    return is_admitted;
}

void breaker_report(struct breaker *breaker, bool succeeded)
{
    mutex_lock(breaker->lock);
    if (!succeeded) {
        breaker->has_failed = true;
        breaker->failed_ns = clock_mono_ns();
        breaker->failure_count++;
        if (breaker->state == BREAKER_HALF_OPEN ||
            (breaker->state == BREAKER_CLOSED &&
             breaker->failure_count >= breaker->options.failure_threshold)) {
            breaker->state = BREAKER_OPEN;
            breaker->opened_ns = breaker->failed_ns;
        }
    } else if (breaker->state != BREAKER_OPEN) {
        /* A late success of a call from before the opening proves nothing. */
        breaker->state = BREAKER_CLOSED;
        breaker->failure_count = 0;
    }
    mutex_unlock(breaker->lock);
}

struct breaker_view breaker_look(const struct breaker *breaker)
{
    struct breaker_view view;

    mutex_lock(breaker->lock);
    view = (struct breaker_view){
        .name = breaker->options.name,
        .state = STATE_NAMES[breaker->state],
        .failure_count = breaker->failure_count,
        .failure_threshold = breaker->options.failure_threshold,
        .recovery_timeout_s = breaker->options.recovery_ms / 1000,
        .last_failure_age_ms = -1,
    };
    if (breaker->has_failed) {
        view.last_failure_age_ms =
            (int64_t)((clock_mono_ns() - breaker->failed_ns) / CLOCK_NS_PER_MS);
    }
    mutex_unlock(breaker->lock);
    return view;
}
