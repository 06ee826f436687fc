#include "service/telemetry.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/rng.h"
#include "otlp/exporter.h"
#include "otlp/logs.h"
#include "otlp/reporter.h"
#include "otlp/spans.h"
#include "service/service.h"
#include "trace/trace_log.h"

enum {
    FLUSH_MS = 5000,      /* at the end, for what receivers have not got */
    PAUSE_MS = 500,       /* before a request is sent again */
    BROWSER_QUEUE = 2048, /* spans of pages that wait: they are few, and strangers send them */
    HOST_NAME_MAX_BYTES = 256,
    INSTANCE_WORDS = 2,
    INSTANCE_MAX = 33,
};

#define SCOPE "octo"
#define USER_AGENT "OTel-OTLP-Exporter-octo/" OCTO_VERSION

struct telemetry {
    struct trace_log *trace_log; /* NULL: no file */
    struct otlp_exporter *exporters[OTLP_DESTINATIONS_MAX];
    size_t exporter_count;
    struct otlp_exporter *browser_exporters[OTLP_DESTINATIONS_MAX];
    struct tracer *browser_tracer; /* NULL: pages tell of nothing */
    struct sampler sampler;
    struct otlp_exporter *log_exporters[OTLP_DESTINATIONS_MAX];
    size_t log_exporter_count;
    struct otlp_reporter *reporters[OTLP_DESTINATIONS_MAX];
    size_t reporter_count;
    int64_t start_ns; /* since when metrics count */
    char host[HOST_NAME_MAX_BYTES];
    char instance[INSTANCE_MAX]; /* of this run alone */
    struct otlp_sender sender;
    struct otlp_sender browser_sender;
};

/* ---- the file ---- */

static bool open_log(struct service *service, struct err *err)
{
    const struct settings *settings = service->settings;
    const struct trace_log_options options = {
        .path = settings->trace_log,
        .service = service->traits->module,
        .max_bytes = (uint64_t)settings->trace_log_max_mb << 20,
        .dropped = metrics_counter(
            service->metrics,
            &(struct metric){.name = "trace_spans_dropped",
                             .unit = "{span}",
                             .help =
                                 "Spans that were lost: the disk failed or was full or too slow."}),
    };

    return options.path[0] == '\0' || trace_log_open(&options, &service->telemetry->trace_log, err);
}

/* ---- receivers ---- */

/* Pages of a service are a service of their own, for whoever reads traces; what runs there is known
 * to the browser alone. */
static bool describe_browsers(struct service *service, struct err *err)
{
    struct otlp_settings settings = service->settings->otlp;
    const char *name =
        settings.service_name[0] != '\0' ? settings.service_name : service->traits->module;
    const struct attribute own[] = {
        attribute_text("service.name", name),
        attribute_text("service.version", OCTO_VERSION),
        attribute_text("deployment.environment.name", service->settings->environment),
        attribute_text("telemetry.sdk.name", SCOPE),
        attribute_text("telemetry.sdk.language", "webjs"),
        attribute_text("telemetry.sdk.version", OCTO_VERSION),
    };
    struct otlp_sender *sender = &service->telemetry->browser_sender;
    struct attribute *resource;

    settings.service_name = arena_printf(&service->arena, "%s-browser", name);
    *sender = (struct otlp_sender){.scope = SCOPE, .scope_version = OCTO_VERSION};
    if (!otlp_resource_read(&settings, own, sizeof(own) / sizeof(own[0]), &service->arena,
                            &resource, &sender->resource_count, err)) {
        return false;
    }
    sender->resource = resource;
    return true;
}

/* OpenTelemetry's conventions for resources: service, deployment, host, process, telemetry. */
static bool describe(struct service *service, struct err *err)
{
    struct telemetry *telemetry = service->telemetry;
    uint64_t words[INSTANCE_WORDS];
    struct attribute *resource;

    (void)gethostname(telemetry->host, sizeof(telemetry->host) - 1);
    rng_secret(words, sizeof(words));
    (void)snprintf(telemetry->instance, sizeof(telemetry->instance), "%016llx%016llx",
                   (unsigned long long)words[0], (unsigned long long)words[1]);
    const struct attribute own[] = {
        attribute_text("service.name", service->traits->module),
        attribute_text("service.version", OCTO_VERSION),
        attribute_text("service.instance.id", telemetry->instance),
        attribute_text("deployment.environment.name", service->settings->environment),
        attribute_text("host.name", telemetry->host),
        attribute_int("process.pid", getpid()),
        attribute_text("telemetry.sdk.name", SCOPE),
        attribute_text("telemetry.sdk.language", "c"),
        attribute_text("telemetry.sdk.version", OCTO_VERSION),
    };

    telemetry->sender = (struct otlp_sender){.scope = SCOPE, .scope_version = OCTO_VERSION};
    if (!otlp_resource_read(&service->settings->otlp, own, sizeof(own) / sizeof(own[0]),
                            &service->arena, &resource, &telemetry->sender.resource_count, err)) {
        return false;
    }
    telemetry->sender.resource = resource;
    return true;
}

static struct otlp_delivery_options delivery_of(struct service *service,
                                                const struct otlp_signal *signal,
                                                const struct otlp_destination *to,
                                                int64_t timeout_ms)
{
    return (struct otlp_delivery_options){.signal = signal,
                                          .destination = to,
                                          .metrics = service->metrics,
                                          .user_agent = USER_AGENT,
                                          .batch_ms = timeout_ms,
                                          .pause_ms = PAUSE_MS};
}

/* What is told one by one: spans and log records. */
static size_t open_exporters(struct service *service, const struct otlp_signal *signal,
                             enum otlp_subject of, const struct otlp_queue_settings *queue,
                             const struct otlp_sender *sender,
                             void (*add)(struct otlp_batch *batch, const void *record),
                             struct otlp_exporter **ret)
{
    const struct otlp_destinations *to = &service->settings->otlp_config.of[of];

    for (size_t i = 0; i < to->count; i++) {
        ret[i] = otlp_exporter_open(&(struct otlp_exporter_options){
            .delivery = delivery_of(service, signal, &to->list[i], queue->timeout_ms),
            .sender = *sender,
            .add = add,
            .queue_max = (uint64_t)queue->queue_max,
            .batch_max = (uint64_t)queue->batch_max,
            .schedule_delay_ms = (uint64_t)queue->delay_ms,
        });
    }
    return to->count;
}

static void open_browsers(struct service *service)
{
    struct telemetry *telemetry = service->telemetry;
    struct otlp_queue_settings queue = service->settings->otlp.spans;
    struct span_sink sinks[OTLP_DESTINATIONS_MAX];
    size_t count;

    queue.queue_max = queue.queue_max < BROWSER_QUEUE ? queue.queue_max : BROWSER_QUEUE;
    queue.batch_max = queue.batch_max < queue.queue_max ? queue.batch_max : queue.queue_max;
    count = open_exporters(service, &otlp_signal_traces, OTLP_OF_TRACES, &queue,
                           &telemetry->browser_sender, otlp_add_span, telemetry->browser_exporters);
    for (size_t i = 0; i < count; i++) {
        sinks[i] = otlp_exporter_sink(telemetry->browser_exporters[i]);
    }
    telemetry->browser_tracer = tracer_new(&telemetry->sampler, sinks, count);
}

static void take_log(void *telemetry, const struct log_entry *entry)
{
    const struct telemetry *to = telemetry;

    for (size_t i = 0; i < to->log_exporter_count; i++) {
        otlp_take_log(to->log_exporters[i], entry);
    }
}

static void open_reporters(struct service *service)
{
    struct telemetry *telemetry = service->telemetry;
    const struct otlp_settings *settings = &service->settings->otlp;
    const struct otlp_destinations *to = &service->settings->otlp_config.of[OTLP_OF_METRICS];

    for (size_t i = 0; i < to->count; i++) {
        telemetry->reporters[telemetry->reporter_count++] =
            otlp_reporter_open(&(struct otlp_reporter_options){
                .delivery = delivery_of(service, &otlp_signal_metrics, &to->list[i],
                                        settings->metric_timeout_ms),
                .sender = telemetry->sender,
                .start_ns = telemetry->start_ns,
                .interval_ms = (uint64_t)settings->metric_interval_ms,
            });
    }
}

/* ---- all of it ---- */

bool telemetry_open(struct service *service, struct err *err)
{
    const struct settings *settings = service->settings;
    struct telemetry *telemetry = mem_alloc(sizeof(*telemetry));
    struct span_sink sinks[TRACER_SINKS_MAX];
    size_t count = 0;

    _Static_assert(1 + OTLP_DESTINATIONS_MAX <= TRACER_SINKS_MAX, "each has its sink");
    service->telemetry = telemetry;
    if (!sampler_parse(settings->traces_sampler, settings->traces_sampler_arg, &telemetry->sampler,
                       err) ||
        !describe(service, err) || !describe_browsers(service, err) || !open_log(service, err)) {
        return false;
    }
    telemetry->start_ns = clock_utc_ns();
    telemetry->exporter_count =
        open_exporters(service, &otlp_signal_traces, OTLP_OF_TRACES, &settings->otlp.spans,
                       &telemetry->sender, otlp_add_span, telemetry->exporters);
    telemetry->log_exporter_count =
        open_exporters(service, &otlp_signal_logs, OTLP_OF_LOGS, &settings->otlp.logs,
                       &telemetry->sender, otlp_add_log, telemetry->log_exporters);
    open_reporters(service);
    if (settings->browser_traces && service->traits->shown_by != NULL &&
        sampler_share(&telemetry->sampler) > 0 && telemetry_is_sent(service)) {
        open_browsers(service);
    }
    if (telemetry->log_exporter_count > 0) {
        log_tee(take_log, telemetry);
    }
    if (telemetry->trace_log != NULL) {
        sinks[count++] = trace_log_sink(telemetry->trace_log);
    }
    for (size_t i = 0; i < telemetry->exporter_count; i++) {
        sinks[count++] = otlp_exporter_sink(telemetry->exporters[i]);
    }
    if (count > 0) {
        service->tracer = tracer_new(&telemetry->sampler, sinks, count);
    }
    return true;
}

void telemetry_close(struct service *service)
{
    struct telemetry *telemetry = service->telemetry;
    const uint64_t deadline_ns = clock_after_ms(FLUSH_MS);

    if (telemetry == NULL) {
        return;
    }
    log_flush_folded();
    log_tee(NULL, NULL);
    for (size_t i = 0; i < OTLP_DESTINATIONS_MAX; i++) {
        otlp_exporter_stop(telemetry->exporters[i], deadline_ns);
        otlp_exporter_stop(telemetry->browser_exporters[i], deadline_ns);
        otlp_exporter_stop(telemetry->log_exporters[i], deadline_ns);
        otlp_reporter_stop(telemetry->reporters[i], deadline_ns);
    }
    trace_log_close(telemetry->trace_log);
    for (size_t i = 0; i < OTLP_DESTINATIONS_MAX; i++) {
        otlp_reporter_close(telemetry->reporters[i]);
        otlp_exporter_close(telemetry->log_exporters[i]);
        otlp_exporter_close(telemetry->exporters[i]);
        otlp_exporter_close(telemetry->browser_exporters[i]);
    }
    tracer_free(telemetry->browser_tracer);
    tracer_free(service->tracer);
    free(telemetry);
}

bool telemetry_is_sent(const struct service *service)
{
    return service->settings->otlp_config.of[OTLP_OF_TRACES].count > 0;
}

struct tracer *telemetry_of_browsers(const struct service *service)
{
    return service->telemetry->browser_tracer;
}

double telemetry_browser_share(const struct service *service)
{
    const struct telemetry *telemetry = service->telemetry;

    return telemetry->browser_tracer != NULL ? sampler_share(&telemetry->sampler) : 0;
}
