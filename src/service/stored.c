#include "service/stored.h"

#include "core/clock.h"

uint64_t stored_when_ns(struct service *service)
{
    return atomic_load_explicit(&service->stored_ns, memory_order_relaxed);
}

void stored_prove(struct service *service)
{
    atomic_store_explicit(&service->stored_ns, clock_mono_ns(), memory_order_relaxed);
}

void stored_note(struct service *service, bool is_stored, const struct err *err)
{
    uint64_t before_ns = stored_when_ns(service);

    if (!is_stored && err_http_status(err->code) >= 500) {
        atomic_store_explicit(&service->stored_ns, 0, memory_order_relaxed);
    } else if (is_stored && before_ns != 0) {
        (void)atomic_compare_exchange_strong_explicit(&service->stored_ns, &before_ns,
                                                      clock_mono_ns(), memory_order_relaxed,
                                                      memory_order_relaxed);
    }
}
