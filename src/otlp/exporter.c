#include "otlp/exporter.h"

#include <stdlib.h>

#include "core/thread.h"
#include "trace/record_queue.h"
#include "trace/span.h"

enum {
    RECORD_USUAL = 512,       /* bytes of one in the queue, as most are */
    RING_LEAST = 1024 * 1024, /* holds the largest record many times */
    RING_MOST = 64 * 1024 * 1024,
    BODY_FULL = 2 * 1024 * 1024, /* a request that has so many bytes is sent */
    BODY_MAX = BODY_FULL + 4 * SPAN_RECORD_MAX,
};

struct otlp_exporter {
    struct otlp_delivery *delivery;
    const struct otlp_signal *signal;
    struct otlp_sender sender;
    void (*add)(struct otlp_batch *batch, const void *record);
    struct metrics *metrics;
    uint64_t batch_max;
    uint64_t schedule_delay_ms;
    struct otlp_batch batch; /* the thread's */
    struct record_queue queue;
    struct counter *processed;
    struct counter *refused; /* by the queue, which was full */
    struct thread thread;
};

/* ---- the thread ---- */

/* What is there, as far as it fits one request. */
static void fill(struct otlp_exporter *exporter)
{
    struct otlp_batch *batch = &exporter->batch;
    const void *record;

    otlp_batch_begin(batch, &exporter->sender);
    while (batch->count < exporter->batch_max && batch->body.length < BODY_FULL &&
           (record = record_queue_first(&exporter->queue)) != NULL) {
        exporter->add(batch, record);
        record_queue_drop(&exporter->queue);
    }
    otlp_batch_end(batch);
    counter_add(exporter->processed, batch->count);
}

/* Sends all that is there; once nothing more comes, only as long as it is taken. */
static void send_all(struct otlp_exporter *exporter)
{
    bool goes_on = true;

    while (goes_on) {
        fill(exporter);
        goes_on =
            exporter->batch.count > 0 && (otlp_deliver(exporter->delivery, &exporter->batch) ||
                                          !record_queue_is_closed(&exporter->queue));
    }
}

static void give_up_rest(struct otlp_exporter *exporter)
{
    uint64_t count = 0;

    while (record_queue_first(&exporter->queue) != NULL) {
        record_queue_drop(&exporter->queue);
        count++;
    }
    otlp_delivery_give_up(exporter->delivery, count);
}

static void run(void *arg)
{
    struct otlp_exporter *exporter = arg;

    while (record_queue_wait(&exporter->queue, exporter->schedule_delay_ms)) {
        send_all(exporter);
    }
    send_all(exporter);
    give_up_rest(exporter);
}

/* ---- putting ---- */

void otlp_exporter_put(struct otlp_exporter *exporter, const void *record, uint32_t size)
{
    if (!record_queue_put(&exporter->queue, record, size)) {
        counter_add(exporter->refused, 1);
    }
}

static void take(void *arg, const struct span_record *record)
{
    otlp_exporter_put(arg, record, record->size);
}

struct span_sink otlp_exporter_sink(struct otlp_exporter *exporter)
{
    return (struct span_sink){.take = take, .arg = exporter};
}

/* ---- metrics ---- */

static double read_length(void *exporter)
{
    return (double)record_queue_length(&((struct otlp_exporter *)exporter)->queue);
}

static double read_capacity(void *exporter)
{
    return (double)((struct otlp_exporter *)exporter)->queue.records_max;
}

static void make_metrics(struct otlp_exporter *exporter)
{
    struct metrics *metrics = exporter->metrics;
    const struct attribute *address = otlp_delivery_address(exporter->delivery);
    const struct attribute full[OTLP_DELIVERY_ATTRIBUTES + 1] = {
        address[0], address[1], attribute_text("error.type", "queue_full")};
    struct metric metric = {.name = exporter->signal->queue_size,
                            .unit = exporter->signal->unit,
                            .help = "What waits to be sent.",
                            .attributes = full,
                            .attribute_count = OTLP_DELIVERY_ATTRIBUTES};

    metrics_level(metrics, &metric, read_length, exporter);
    metric.name = exporter->signal->queue_capacity;
    metric.help = "How many may wait to be sent.";
    metrics_level(metrics, &metric, read_capacity, exporter);
    metric.name = exporter->signal->processed;
    metric.help = "What an exporter was given, or was lost because too many waited.";
    exporter->processed = metrics_counter(metrics, &metric);
    metric.attribute_count++;
    exporter->refused = metrics_counter(metrics, &metric);
}

/* ---- life ---- */

/* A power of two, with room for as many spans as may wait where they are as long as most are. */
static size_t ring_bytes(uint64_t records)
{
    size_t bytes = RING_LEAST;

    while (bytes < RING_MOST && bytes < records * RECORD_USUAL) {
        bytes *= 2;
    }
    return bytes;
}

struct otlp_exporter *otlp_exporter_open(const struct otlp_exporter_options *options)
{
    struct otlp_exporter *exporter = mem_alloc(sizeof(*exporter));

    exporter->delivery = otlp_delivery_new(&options->delivery);
    exporter->signal = options->delivery.signal;
    exporter->sender = options->sender;
    exporter->add = options->add;
    exporter->metrics = options->delivery.metrics;
    exporter->batch_max = options->batch_max;
    exporter->schedule_delay_ms = options->schedule_delay_ms;
    otlp_batch_init(&exporter->batch, BODY_MAX);
    record_queue_init(&exporter->queue, ring_bytes(options->queue_max), options->queue_max,
                      options->batch_max);
    make_metrics(exporter);
    thread_start(&exporter->thread, "otlp-exporter", run, exporter);
    return exporter;
}

void otlp_exporter_stop(struct otlp_exporter *exporter, uint64_t deadline_ns)
{
    if (exporter != NULL) {
        otlp_delivery_stop(exporter->delivery, deadline_ns);
        record_queue_close(&exporter->queue);
    }
}

void otlp_exporter_close(struct otlp_exporter *exporter)
{
    if (exporter == NULL) {
        return;
    }
    thread_join(&exporter->thread);
    metrics_forget(exporter->metrics, exporter);
    otlp_delivery_free(exporter->delivery);
    otlp_batch_fini(&exporter->batch);
    record_queue_fini(&exporter->queue);
    free(exporter);
}
