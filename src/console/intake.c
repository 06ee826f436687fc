/*
 * console/intake.c: spans, log records and metrics come in, as "OTLP/HTTP" of the OpenTelemetry
 * Protocol Specification has it: POST /v1/traces, /v1/logs, /v1/metrics with protobuf or JSON,
 * packed or plain. What is wrong is answered as that wants it, with a google.rpc.Status in the
 * request's own encoding.
 *
 * A server of its own takes them, so that they and the questions do not hold each other up; whoever
 * reaches its port may send. An address has a share of its connections, and of those whose bodies
 * still come. They are answered once they are durable.
 */
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "otlp/protobuf.h"
#include "otlp/schema.h"
#include "trace/json_text.h"

#include "console/console_priv.h"

enum {
    BODY_MAX = 64 << 20,    /* packed or not */
    BODIES_MAX = 256 << 20, /* of all that are under way */
    TIME_MS = 10000,
    LAG_MS = 1000, /* no more is taken while the disk has stored nothing for so long */
    RETRY_S = 1,
    LOOPS = 1,
    WORKERS = 16, /* that wait for the disk together */
    QUEUE = 64,
    CONNECTIONS = 256,
    /* google/rpc/status.proto */
    STATUS_CODE = 1,
    STATUS_MESSAGE = 2,
};

#define PROTOBUF "application/x-protobuf"
#define JSON "application/json"

static bool is_protobuf(const struct request *rq)
{
    const char *type = request_field(rq, FIELD_CONTENT_TYPE);

    return type != NULL && strncasecmp(type, PROTOBUF, strlen(PROTOBUF)) == 0;
}

/* ---- refusals ---- */

/* google/rpc/code.proto, for what HTTP says by its status. */
static const struct {
    int status;
    int code;
} CODES[] = {
    {400, 3 /* INVALID_ARGUMENT */},   {404, 5 /* NOT_FOUND */},
    {405, 12 /* UNIMPLEMENTED */},     {408, 4 /* DEADLINE_EXCEEDED */},
    {413, 8 /* RESOURCE_EXHAUSTED */}, {415, 3 /* INVALID_ARGUMENT */},
    {429, 8 /* RESOURCE_EXHAUSTED */}, {500, 13 /* INTERNAL */},
    {501, 12 /* UNIMPLEMENTED */},     {503, 14 /* UNAVAILABLE */},
};
enum { CODE_UNKNOWN = 2 };

static int code_of(int status)
{
    for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++) {
        if (CODES[i].status == status) {
            return CODES[i].code;
        }
    }
    return CODE_UNKNOWN;
}

static void put_status(struct request *rq, struct reply *rp, const char *text)
{
    const int code = code_of(rp->status);

    if (is_protobuf(rq)) {
        rp->content_type = PROTOBUF;
        pb_put_varint(&rp->body, STATUS_CODE, (uint64_t)code);
        pb_put_text(&rp->body, STATUS_MESSAGE, text);
    } else {
        json_begin_object(&rp->json, NULL);
        json_put_int(&rp->json, "code", code);
        json_put_text(&rp->json, "message", text);
        json_end_object(&rp->json);
    }
}

static bool admit(void *service_state, struct err *err)
{
    const struct console *console = service_state;

    if (ingest_lag_ms(console->ingest) < LAG_MS) {
        return true;
    }
    (void)err_set(err, ERR_RATE_LIMITED, "the disk lags: what was sent before is not stored yet");
    err->retry_after_s = RETRY_S;
    return false;
}

/* ---- what was taken ---- */

/* The answers of the three signals differ in a name alone. */
_Static_assert((int)OTLP_TRACES_ANSWER_PARTIAL_SUCCESS == (int)OTLP_LOGS_ANSWER_PARTIAL_SUCCESS &&
                   (int)OTLP_TRACES_ANSWER_PARTIAL_SUCCESS ==
                       (int)OTLP_METRICS_ANSWER_PARTIAL_SUCCESS &&
                   (int)OTLP_TRACES_PARTIAL_REJECTED == (int)OTLP_METRICS_PARTIAL_REJECTED &&
                   (int)OTLP_TRACES_PARTIAL_MESSAGE == (int)OTLP_METRICS_PARTIAL_MESSAGE &&
                   (int)OTLP_TRACES_PARTIAL_REJECTED == (int)OTLP_LOGS_PARTIAL_REJECTED &&
                   (int)OTLP_TRACES_PARTIAL_MESSAGE == (int)OTLP_LOGS_PARTIAL_MESSAGE,
               "one answer serves all");

struct outcome {
    const char *rejected_name; /* in JSON */
    size_t rejected;
    bool is_partial; /* with nothing rejected it is a warning */
    const char *why;
};

static void put_answer(struct request *rq, struct reply *rp, const struct outcome *outcome)
{
    size_t begun;

    if (!is_protobuf(rq)) {
        json_begin_object(&rp->json, NULL);
        if (outcome->is_partial) {
            json_begin_object(&rp->json, "partialSuccess");
            json_put_text(
                &rp->json, outcome->rejected_name,
                arena_printf(rq->ctx.arena, "%zu", outcome->rejected)); /* 64 bits are texts */
            json_put_text(&rp->json, "errorMessage", outcome->why);
            json_end_object(&rp->json);
        }
        json_end_object(&rp->json);
        return;
    }
    rp->content_type = PROTOBUF;
    if (outcome->is_partial) {
        begun = pb_begin(&rp->body, OTLP_TRACES_ANSWER_PARTIAL_SUCCESS);
        pb_put_varint(&rp->body, OTLP_TRACES_PARTIAL_REJECTED, outcome->rejected);
        pb_put_text(&rp->body, OTLP_TRACES_PARTIAL_MESSAGE, outcome->why);
        pb_end(&rp->body, begun);
    }
}

static void count(const struct intake_counters *counters, size_t taken, size_t added,
                  size_t rejected)
{
    counter_add(counters->received, taken);
    counter_add(counters->stored, added);
    counter_add(counters->rejected, rejected);
}

static enum envelope_encoding encoding_of(const struct request *rq)
{
    return is_protobuf(rq) ? ENVELOPE_PROTOBUF : ENVELOPE_JSON;
}

static bool take_traces(struct request *rq, struct reply *rp, struct err *err)
{
    struct console *console = console_of(rq);
    struct ingest_result result;
    struct arrivals arrivals;

    if (!arrivals_read(rq->ctx.arena, console->habits, encoding_of(rq), rq->body_text,
                       rq->body_length, &arrivals, err) ||
        !ingest_spans(&rq->ctx, console->ingest, &arrivals, &result, err)) {
        return false;
    }
    count(&console->of_spans, arrivals.count, result.added, arrivals.rejected);
    put_answer(
        rq, rp,
        &(struct outcome){.rejected_name = "rejectedSpans",
                          .rejected = arrivals.rejected,
                          .is_partial = arrivals.rejected > 0 || arrivals.dropped_attributes > 0,
                          .why = arrivals.why});
    return true;
}

static bool take_logs(struct request *rq, struct reply *rp, struct err *err)
{
    struct console *console = console_of(rq);
    struct ingest_result result;
    struct log_arrivals arrivals;

    if (!log_arrivals_read(rq->ctx.arena, console->habits, encoding_of(rq), clock_utc_ns(),
                           rq->body_text, rq->body_length, &arrivals, err) ||
        !ingest_logs(&rq->ctx, console->ingest, &arrivals, &result, err)) {
        return false;
    }
    count(&console->of_logs, arrivals.count, result.added, arrivals.rejected);
    put_answer(
        rq, rp,
        &(struct outcome){.rejected_name = "rejectedLogRecords",
                          .rejected = arrivals.rejected,
                          .is_partial = arrivals.rejected > 0 || arrivals.dropped_attributes > 0,
                          .why = arrivals.why});
    return true;
}

static bool take_metrics(struct request *rq, struct reply *rp, struct err *err)
{
    struct console *console = console_of(rq);
    struct metric_arrivals arrivals;
    size_t added = 0;

    if (!metric_arrivals_read(rq->ctx.arena, encoding_of(rq), rq->body_text, rq->body_length,
                              &arrivals, err) ||
        !metric_store_add(&rq->ctx, console->metrics, &arrivals, &added, err)) {
        return false;
    }
    count(&console->of_points, arrivals.count, added, arrivals.rejected);
    put_answer(rq, rp,
               &(struct outcome){.rejected_name = "rejectedDataPoints",
                                 .rejected = arrivals.rejected,
                                 .is_partial = arrivals.rejected > 0,
                                 .why = arrivals.why});
    return true;
}

static const char *const TAKES[] = {PROTOBUF, JSON, NULL};
static const struct route ROUTES[] = {
    {POST, "/v1/traces", take_traces, ANYONE, .takes = TAKES, .body_max = BODY_MAX,
     .time_ms = TIME_MS, .media = PROTOBUF, .outcomes = GIVES_429,
     .summary = "Spans, as ExportTraceServiceRequest of OpenTelemetry's protocol"},
    {POST, "/v1/logs", take_logs, ANYONE, .takes = TAKES, .body_max = BODY_MAX, .time_ms = TIME_MS,
     .media = PROTOBUF, .outcomes = GIVES_429,
     .summary = "Log records, as ExportLogsServiceRequest of OpenTelemetry's protocol"},
    {POST, "/v1/metrics", take_metrics, ANYONE, .takes = TAKES, .body_max = BODY_MAX,
     .time_ms = TIME_MS, .media = PROTOBUF, .outcomes = GIVES_429,
     .summary = "Metrics, as ExportMetricsServiceRequest of OpenTelemetry's protocol"},
};

/* ---- the server ---- */

static struct counter *counter_of(struct console *console, const char *name, const char *unit,
                                  const char *help)
{
    return metrics_counter(console->service.metrics,
                           &(struct metric){.name = name, .unit = unit, .help = help});
}

static void make_counters(struct console *console)
{
    console->of_spans = (struct intake_counters){
        .received =
            counter_of(console, "console_spans_received", "{span}", "Spans that were sent."),
        .stored = counter_of(console, "console_spans_stored", "{span}",
                             "Spans that were stored: those of them that were not there yet."),
        .rejected = counter_of(console, "console_spans_rejected", "{span}",
                               "Spans that were not taken: their ids are none."),
    };
    console->of_logs = (struct intake_counters){
        .received = counter_of(console, "console_log_records_received", "{record}",
                               "Log records that were sent."),
        .stored =
            counter_of(console, "console_log_records_stored", "{record}",
                       "Log records that were stored: those of them that were not there yet."),
        .rejected = counter_of(console, "console_log_records_rejected", "{record}",
                               "Log records that were not taken: their ids are none."),
    };
    console->of_points = (struct intake_counters){
        .received = counter_of(console, "console_metric_points_received", "{point}",
                               "Points of metrics that were sent."),
        .stored = counter_of(console, "console_metric_points_stored", "{point}",
                             "Points that were stored: those that were later than the last of "
                             "their series."),
        .rejected = counter_of(console, "console_metric_points_rejected", "{point}",
                               "Points that were not taken: they cannot be right."),
    };
}

bool intake_start(struct console *console, struct err *err)
{
    const struct console_settings *settings = console_settings(&console->service);
    const struct settings *of_all = &settings->of_all;
    const struct server_options options = {
        .service = console->service.traits->module,
        .title = "Telemetry",
        .metric_prefix = "otlp",
        .version = OCTO_VERSION,
        .host = of_all->host,
        .port = settings->otlp_port,
        .loop_threads = LOOPS,
        .worker_threads = WORKERS,
        .queue_length = QUEUE,
        .connection_max = CONNECTIONS,
        .connections_of_one = of_all->connections_of_one,
        .body_max = BODY_MAX,
        .bodies_max = BODIES_MAX,
        .idle_timeout_s = of_all->idle_timeout_s,
        .head_timeout_s = of_all->head_timeout_s,
        .request_timeout_ms = TIME_MS,
        .trusted_proxies = of_all->trusted_networks,
        .exempt = of_all->exempt_networks,
        .allowed_origins = of_all->allowed_origins,
        .tables = &console->intake_table,
        .table_count = 1,
        .metrics = console->service.metrics,
        .service_state = console,
        .admit = admit,
        .put_problem = put_status,
    };

    console->intake_table = (struct route_table){.routes = ROUTES,
                                                 .count = sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 .tag = "telemetry",
                                                 .about = "What programs tell of themselves"};
    make_counters(console);
    if (!server_start(&options, &console->intake, err)) {
        return false;
    }
    log_line(LOG_INFO, NULL, "listening for spans", "host=%s port=%d", of_all->host,
             (int)server_port(console->intake));
    return true;
}

void intake_stop(struct console *console)
{
    server_stop(console->intake);
    console->intake = NULL;
}
