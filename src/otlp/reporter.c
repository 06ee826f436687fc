#include "otlp/reporter.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/thread.h"
#include "otlp/metrics.h"

enum { BODY_MAX = 16 * 1024 * 1024 }; /* some thousand histograms are a megabyte */

struct otlp_reporter {
    struct otlp_delivery *delivery;
    struct otlp_reporter_options options;
    struct otlp_batch batch; /* the thread's */
    struct wakeup stop;
    struct thread thread;
};

static void report(struct otlp_reporter *reporter)
{
    struct otlp_batch *batch = &reporter->batch;

    otlp_batch_begin(batch, &reporter->options.sender);
    otlp_add_metrics(batch, reporter->options.delivery.metrics, reporter->options.start_ns,
                     clock_utc_ns());
    otlp_batch_end(batch);
    (void)otlp_deliver(reporter->delivery, batch);
}

static void run(void *arg)
{
    struct otlp_reporter *reporter = arg;
    bool is_stopped = false;

    while (!is_stopped) {
        is_stopped =
            wakeup_wait_until(&reporter->stop, clock_after_ms(reporter->options.interval_ms));
        report(reporter);
    }
}

struct otlp_reporter *otlp_reporter_open(const struct otlp_reporter_options *options)
{
    struct otlp_reporter *reporter = mem_alloc(sizeof(*reporter));

    reporter->options = *options;
    reporter->delivery = otlp_delivery_new(&options->delivery);
    otlp_batch_init(&reporter->batch, BODY_MAX);
    wakeup_init(&reporter->stop);
    thread_start(&reporter->thread, "otlp-metrics", run, reporter);
    return reporter;
}

void otlp_reporter_stop(struct otlp_reporter *reporter, uint64_t deadline_ns)
{
    if (reporter != NULL) {
        otlp_delivery_stop(reporter->delivery, deadline_ns);
        wakeup_post(&reporter->stop);
    }
}

void otlp_reporter_close(struct otlp_reporter *reporter)
{
    if (reporter == NULL) {
        return;
    }
    thread_join(&reporter->thread);
    otlp_delivery_free(reporter->delivery);
    otlp_batch_fini(&reporter->batch);
    free(reporter);
}
