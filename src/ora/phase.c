#include "ora/phase.h"

#include <time.h>

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void ora_phases_begin(struct ora_phases *phases, octo_ora_on_phase *tell, void *arg)
{
    *phases = (struct ora_phases){.tell = tell, .arg = arg, .begun_us = now_us()};
}

bool ora_phase(struct ora_phases *phases, const char *name, const char *where, bool ok)
{
    const int64_t now = now_us();

    if (phases->tell != NULL) {
        phases->tell(phases->arg, name, where, now - phases->begun_us, ok);
    }
    phases->begun_us = now;
    return ok;
}
