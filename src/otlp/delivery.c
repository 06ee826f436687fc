#include "otlp/delivery.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/gzip.h"
#include "core/log.h"
#include "core/rng.h"
#include "core/thread.h"
#include "net/http_post.h"
#include "otlp/visit.h"

enum {
    ANSWER_MAX = 64 * 1024,
    PAUSE_MOST_MS = 5000,
    RETRY_AFTER_MOST_S = 300, /* however far ahead the receiver's date is, or its clock */
    JSON_FACTOR = 16,         /* that JSON is longer than protobuf, at most: a field of two bytes */
    MESSAGE_MAX = 200,        /* of what a receiver says in a log line */
    ERROR_TYPE_MAX = 16,
    NS_PER_US = 1000,
};

const struct otlp_signal otlp_signal_traces = {
    .what = "spans",
    .unit = "{span}",
    .exported = "otel.sdk.exporter.span.exported",
    .inflight = "otel.sdk.exporter.span.inflight",
    .queue_size = "otel.sdk.processor.span.queue.size",
    .queue_capacity = "otel.sdk.processor.span.queue.capacity",
    .processed = "otel.sdk.processor.span.processed",
    .request = &otlp_traces,
    .answer = &otlp_traces_answer,
};

const struct otlp_signal otlp_signal_metrics = {
    .what = "metrics",
    .unit = "{data_point}",
    .exported = "otel.sdk.exporter.metric_data_point.exported",
    .inflight = "otel.sdk.exporter.metric_data_point.inflight",
    .request = &otlp_metrics,
    .answer = &otlp_metrics_answer,
};

const struct otlp_signal otlp_signal_logs = {
    .what = "log records",
    .unit = "{log_record}",
    .exported = "otel.sdk.exporter.log.exported",
    .inflight = "otel.sdk.exporter.log.inflight",
    .queue_size = "otel.sdk.processor.log.queue.size",
    .queue_capacity = "otel.sdk.processor.log.queue.capacity",
    .processed = "otel.sdk.processor.log.processed",
    .request = &otlp_logs,
    .answer = &otlp_logs_answer,
};

struct otlp_delivery {
    struct otlp_delivery_options options;
    struct http_poster *poster;
    struct gzip_pool *gzip;
    struct buf json;         /* of the present request, where it goes as JSON */
    uint64_t quiet_until_ns; /* as the receiver asked for */
    bool is_failing;         /* which was said once */
    struct attribute address[OTLP_DELIVERY_ATTRIBUTES];
    struct counter *exported;
    struct histogram *duration;
    _Atomic uint64_t inflight;
    atomic_bool is_stopping;
    struct wakeup stop;
};

/* What came of a try. */
enum fate { TAKEN, TRY_AGAIN, REFUSED };

struct
try {
    enum fate fate;
    uint64_t rejected;               /* of what was taken */
    int64_t retry_after_s;           /* 0: the receiver says nothing */
    char error_type[ERROR_TYPE_MAX]; /* why not, for counting */
    char reason[MESSAGE_MAX];        /* the same for people */
};

/* ---- metrics ---- */

/* error_type is NULL for what was taken. */
static struct counter *exported_of(const struct otlp_delivery *delivery, const char *error_type)
{
    const struct attribute attributes[] = {delivery->address[0], delivery->address[1],
                                           attribute_text("error.type", error_type)};

    return metrics_counter(
        delivery->options.metrics,
        &(struct metric){.name = delivery->options.signal->exported,
                         .unit = delivery->options.signal->unit,
                         .help = "What an exporter is done with: taken, or lost for a reason.",
                         .attributes = attributes,
                         .attribute_count = error_type == NULL ? OTLP_DELIVERY_ATTRIBUTES
                                                               : OTLP_DELIVERY_ATTRIBUTES + 1});
}

static double read_inflight(void *delivery)
{
    return (double)atomic_load(&((struct otlp_delivery *)delivery)->inflight);
}

static void make_metrics(struct otlp_delivery *delivery)
{
    const struct otlp_signal *signal = delivery->options.signal;
    struct metric metric = {.name = signal->inflight,
                            .unit = signal->unit,
                            .help = "What an exporter has and is not done with.",
                            .attributes = delivery->address,
                            .attribute_count = OTLP_DELIVERY_ATTRIBUTES};

    delivery->address[0] = attribute_text("server.address", http_poster_host(delivery->poster));
    delivery->address[1] = attribute_int("server.port", http_poster_port(delivery->poster));
    delivery->exported = exported_of(delivery, NULL);
    metrics_level(delivery->options.metrics, &metric, read_inflight, delivery);
    metric.name = "otel.sdk.exporter.operation.duration";
    metric.unit = "s";
    metric.help = "How long requests of exporters took, with all their tries.";
    delivery->duration = metrics_histogram(delivery->options.metrics, &metric);
}

/* ---- life ---- */

static struct http_poster *poster_of(const struct otlp_destination *destination,
                                     const char *user_agent)
{
    return http_poster_new(&(struct http_poster_options){
        .url = destination->url,
        .content_type = destination->is_json ? "application/json" : "application/x-protobuf",
        .user_agent = user_agent,
        .headers = destination->headers,
        .ca_file = destination->ca_file,
        .timeout_ms = destination->timeout_ms,
        .answer_max = ANSWER_MAX,
    });
}

struct otlp_delivery *otlp_delivery_new(const struct otlp_delivery_options *options)
{
    struct otlp_delivery *delivery = mem_alloc(sizeof(*delivery));

    delivery->options = *options;
    delivery->poster = poster_of(options->destination, options->user_agent);
    delivery->gzip = options->destination->is_packed ? gzip_pool_new() : NULL;
    buf_init(&delivery->json, 0);
    atomic_init(&delivery->inflight, 0);
    atomic_init(&delivery->is_stopping, false);
    wakeup_init(&delivery->stop);
    make_metrics(delivery);
    return delivery;
}

void otlp_delivery_free(struct otlp_delivery *delivery)
{
    if (delivery == NULL) {
        return;
    }
    metrics_forget(delivery->options.metrics, delivery);
    http_poster_free(delivery->poster);
    gzip_pool_free(delivery->gzip);
    buf_fini(&delivery->json);
    free(delivery);
}

const struct attribute *otlp_delivery_address(const struct otlp_delivery *delivery)
{
    return delivery->address;
}

void otlp_delivery_stop(struct otlp_delivery *delivery, uint64_t deadline_ns)
{
    http_poster_end_at(delivery->poster, deadline_ns);
    atomic_store(&delivery->is_stopping, true);
    wakeup_post(&delivery->stop);
}

/* ---- one try ---- */

/* The receiver's words, for a log line. */
static void keep_message(void *arg, const struct otlp_field *field, const struct otlp_value *value)
{
    struct try *try = arg;

    if (field->kind == OTLP_INT64 && value->integer > 0) {
        try->rejected = (uint64_t)value->integer;
    } else if (field->kind == OTLP_TEXT) {
        (void)snprintf(try->reason, sizeof(try->reason), "%.*s", (int)value->length, value->bytes);
    }
}

static void pass_over(void *arg, const struct otlp_field *field)
{
    (void)arg, (void)field;
}

/* How much of a request was taken. What cannot be read takes nothing back: the status says that it
 * was taken, and some receivers answer with a page. */
static void read_answer(const struct otlp_delivery *delivery, const struct http_posted *posted,
                        struct try *try)
{
    const struct otlp_visitor visitor = {
        .begin = pass_over, .value = keep_message, .end = pass_over, .arg = try};
    const struct otlp_message *answer = delivery->options.signal->answer;
    const struct buf *body = posted->body;
    struct err err;
    bool is_read;

    if (strncmp(posted->content_type, "application/json", strlen("application/json")) == 0) {
        is_read = otlp_visit_json(answer, body->data, body->length, &visitor, &err);
    } else {
        is_read = otlp_visit_protobuf(answer, body->data, body->length, &visitor, &err);
    }
    if (!is_read) {
        try->rejected = 0;
    }
}

/* Which statuses a request may be sent again after is OTLP's ("Failures", "Retryable Response
 * Codes"). */
static void judge(const struct otlp_delivery *delivery, const struct http_posted *posted,
                  struct try *try)
{
    const int status = posted->status;

    if (status >= 200 && status < 300) {
        try->fate = TAKEN;
        read_answer(delivery, posted, try);
        return;
    }
    try->fate = status == 429 || (status >= 502 && status <= 504) ? TRY_AGAIN : REFUSED;
    try->retry_after_s = posted->retry_after_s;
    (void)snprintf(try->error_type, sizeof(try->error_type), "%d", status);
    (void)snprintf(try->reason, sizeof(try->reason), "status %d", status);
}

static void try_once(struct otlp_delivery *delivery, const struct http_posting *posting,
                     struct try *ret)
{
    struct http_posted posted;
    struct err err;

    *ret = (struct try){.fate = TRY_AGAIN};
    if (http_post(delivery->poster, posting, &posted, &err)) {
        judge(delivery, &posted, ret);
        return;
    }
    (void)snprintf(ret->error_type, sizeof(ret->error_type), "%s",
                   err.code == ERR_DEADLINE ? "stopped" : "no_answer");
    (void)snprintf(ret->reason, sizeof(ret->reason), "%.*s", MESSAGE_MAX - 1, err.text);
}

/* ---- a request ---- */

/* False: it cannot be written as JSON. */
static bool make_body(struct otlp_delivery *delivery, struct otlp_batch *batch,
                      struct http_posting *ret)
{
    const struct otlp_destination *destination = delivery->options.destination;
    struct buf *body = &batch->body;
    struct err err;

    if (destination->is_json) {
        body = &delivery->json;
        buf_fini(body);
        buf_init(body, JSON_FACTOR * batch->body.max);
        if (!otlp_to_json(delivery->options.signal->request, batch->body.data, batch->body.length,
                          body, &err)) {
            log_err(LOG_WARNING, NULL, "telemetry cannot be written", &err);
            return false;
        }
    }
    *ret = (struct http_posting){.coding = NULL};
    if (destination->is_packed && gzip_body(delivery->gzip, body)) {
        ret->coding = "gzip";
    }
    ret->body = body->data;
    ret->length = body->length;
    return true;
}

/* Half of it is drawn, so that those whom a receiver failed together do not come back together. */
static uint64_t drawn_ms(uint64_t ms)
{
    return ms / 2 + rng_below(ms / 2 + 1);
}

static void wait_until(struct otlp_delivery *delivery, uint64_t deadline_ns)
{
    if (!clock_has_passed(deadline_ns)) {
        (void)wakeup_wait_until(&delivery->stop, deadline_ns);
    }
}

/* What the receiver asks for counts for the next request too, where this one has no time left. */
static void heed(struct otlp_delivery *delivery, int64_t retry_after_s)
{
    const int64_t wait_s = retry_after_s < RETRY_AFTER_MOST_S ? retry_after_s : RETRY_AFTER_MOST_S;

    delivery->quiet_until_ns = clock_after_ms((uint64_t)wait_s * 1000);
}

/* Tries until it is taken or refused, its time is over, or all is to stop. A receiver that says
 * when to come back is asked then once more, however long that is. */
static void try_all(struct otlp_delivery *delivery, const struct http_posting *posting,
                    struct try *ret)
{
    const uint64_t deadline_ns = clock_after_ms((uint64_t)delivery->options.batch_ms);
    uint64_t pause_ms = (uint64_t)delivery->options.pause_ms;

    for (;;) {
        bool is_last;

        wait_until(delivery, delivery->quiet_until_ns);
        is_last = atomic_load(&delivery->is_stopping);
        try_once(delivery, posting, ret);
        if (ret->fate == TRY_AGAIN && ret->retry_after_s > 0) {
            heed(delivery, ret->retry_after_s);
        }
        if (ret->fate != TRY_AGAIN || is_last || clock_has_passed(deadline_ns)) {
            return;
        }
        if (ret->retry_after_s > 0) {
            continue;
        }
        delivery->quiet_until_ns = clock_after_ms(drawn_ms(pause_ms));
        if (delivery->quiet_until_ns > deadline_ns) {
            return;
        }
        pause_ms = 2 * pause_ms < PAUSE_MOST_MS ? 2 * pause_ms : PAUSE_MOST_MS;
    }
}

/* Said when it begins and when it is over. */
static void tell(struct otlp_delivery *delivery, uint64_t lost, const struct try *try)
{
    const char *what = delivery->options.signal->what;
    const char *host = delivery->address[0].text;
    const int port = (int)delivery->address[1].integer;
    char reason[2 * MESSAGE_MAX];

    if (lost > 0 && !delivery->is_failing) {
        log_line(LOG_WARNING, NULL, "telemetry is lost", "what=%s host=%s port=%d reason=%s", what,
                 host, port, log_quote(try->reason, reason, sizeof(reason)));
    } else if (lost == 0 && delivery->is_failing) {
        log_line(LOG_INFO, NULL, "telemetry is taken again", "what=%s host=%s port=%d", what, host,
                 port);
    }
    delivery->is_failing = lost > 0;
}

static uint64_t count(struct otlp_delivery *delivery, uint64_t of, const struct try *try)
{
    uint64_t lost = of;

    if (try->fate == TAKEN) {
        lost = try->rejected < of ? try->rejected : of;
        counter_add(delivery->exported, of - lost);
    }
    if (lost > 0) {
        counter_add(exported_of(delivery, try->fate == TAKEN ? "rejected" : try->error_type), lost);
    }
    return lost;
}

bool otlp_deliver(struct otlp_delivery *delivery, struct otlp_batch *batch)
{
    const uint64_t start_ns = clock_mono_ns();
    struct try try = {.fate = REFUSED, .error_type = "too_large", .reason = "it is too large"};
    struct http_posting posting;
    uint64_t lost;

    atomic_store(&delivery->inflight, batch->count);
    if (!batch->body.bad && make_body(delivery, batch, &posting)) {
        try_all(delivery, &posting, &try);
    }
    lost = count(delivery, batch->count, &try);
    tell(delivery, lost, &try);
    histogram_record_us(delivery->duration, (clock_mono_ns() - start_ns) / NS_PER_US);
    atomic_store(&delivery->inflight, 0);
    return lost == 0;
}

void otlp_delivery_give_up(struct otlp_delivery *delivery, uint64_t lost)
{
    if (lost > 0) {
        counter_add(exported_of(delivery, "stopped"), lost);
    }
}

bool otlp_probe(const struct otlp_destination *destination, const char *user_agent, int *ret_status,
                struct err *err)
{
    struct http_poster *poster = poster_of(destination, user_agent);
    const struct http_posting posting = {.body = destination->is_json ? "{}" : "",
                                         .length = destination->is_json ? 2 : 0};
    struct http_posted posted;
    const bool is_answered = http_post(poster, &posting, &posted, err);

    if (is_answered) {
        *ret_status = posted.status;
    }
    http_poster_free(poster);
    return is_answered;
}
