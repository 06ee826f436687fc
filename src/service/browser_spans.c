#include "service/browser_spans.h"

#include <stdio.h>

#include "core/clock.h"
#include "service/service.h"
#include "service/telemetry.h"

enum {
    SPANS_MOST = 32, /* of a request */
    BODY_MOST = 16 * 1024,
    NAME_MOST = 100,
    PATH_MOST = 200,
    STATUS_LEAST = 100,
    STATUS_MOST = 599,
    STATUS_FAILED = 400, /* from it on a client's span is an error (OpenTelemetry's conventions) */
    NS_PER_US = 1000,
};
#define US_PER_S INT64_C(1000000)
#define TIME_MOST (INT64_C(1) << 53) /* whole numbers that a script has, microseconds */
#define SKEW_US (2 * US_PER_S)       /* of a page's clock that is left as it is */
#define AGE_MOST_US (900 * US_PER_S)

/* ---- what comes ---- */

static const char *const KINDS[] = {"load", "click", "key", "back", "fetch", NULL};
static const char *const METHODS[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};

struct told_span {
    const char *trace_id;
    const char *id;
    const char *parent_id;
    const char *kind;
    const char *name;
    const char *page;
    const char *method;
    int64_t status;
    bool has_status;
    int64_t start_us;
    bool has_start_us;
    int64_t end_us;
    bool has_end_us;
};

static const struct json_field SPAN_FIELDS[] = {
    JSON_TOKEN(struct told_span, trace_id, TRACE_ID_HEX, TRACE_ID_HEX, "", JSON_REQUIRED),
    JSON_TOKEN(struct told_span, id, SPAN_ID_HEX, SPAN_ID_HEX, "", JSON_REQUIRED),
    JSON_TOKEN(struct told_span, parent_id, SPAN_ID_HEX, SPAN_ID_HEX, "", JSON_OPTIONAL),
    JSON_WORD(struct told_span, kind, KINDS, JSON_REQUIRED),
    JSON_TEXT(struct told_span, name, 1, NAME_MOST, JSON_REQUIRED),
    JSON_TEXT(struct told_span, page, 0, PATH_MOST, JSON_OPTIONAL),
    JSON_WORD(struct told_span, method, METHODS, JSON_OPTIONAL),
    JSON_INT(struct told_span, status, STATUS_LEAST, STATUS_MOST, JSON_OPTIONAL),
    JSON_INT(struct told_span, start_us, 0, TIME_MOST, JSON_REQUIRED),
    JSON_INT(struct told_span, end_us, 0, TIME_MOST, JSON_REQUIRED),
};
static const struct json_shape SPAN = JSON_SHAPE("BrowserSpan", struct told_span, SPAN_FIELDS);

struct told {
    int64_t sent_us;
    bool has_sent_us;
    const struct told_span *spans;
    size_t spans_count;
};

static const struct json_field TOLD_FIELDS[] = {
    JSON_INT(struct told, sent_us, 0, TIME_MOST, JSON_REQUIRED),
    JSON_LIST(struct told, spans, &SPAN, 1, SPANS_MOST, JSON_REQUIRED),
};
static const struct json_shape TOLD = JSON_SHAPE("BrowserSpans", struct told, TOLD_FIELDS);

static const struct reply_field taken_fields[] = {REPLY_FIELD("taken", REPLY_COUNT)};
static const struct reply_shape TAKEN = REPLY_SHAPE("BrowserSpansTaken", taken_fields);

/* ---- what is made of it ---- */

/* What the page's clock lacks to ours. One that is about right is left alone: what it lacks is less
 * than what the message may have taken, by which spans would move out of their parents. */
static int64_t shift_of(int64_t sent_us)
{
    const int64_t lacks_us = clock_utc_ns() / NS_PER_US - sent_us;

    return lacks_us > SKEW_US || lacks_us < -SKEW_US ? lacks_us : 0;
}

static bool refuse(size_t at, const char *member, struct err *err, const char *why)
{
    char pointer[48];

    (void)snprintf(pointer, sizeof(pointer), "/spans/%zu/%s", at, member);
    return err_field(err, ERR_INVALID, pointer, "%s %s", member, why);
}

/* An id as traceparent has it: lower-case, not all zero. */
static bool read_ids(struct arena *arena, const char *trace_id, const char *id,
                     struct trace_context *ret)
{
    return w3c_parse_traceparent(arena_printf(arena, "00-%s-%s-03", trace_id, id), ret);
}

static bool read_span(struct arena *arena, const struct told *told, size_t at, int64_t shift_us,
                      struct span_told *ret, struct err *err)
{
    const struct told_span *span = &told->spans[at];
    struct trace_context parent = {.span = 0};

    *ret = (struct span_told){
        .name = span->name,
        .kind = span->method != NULL ? SPAN_CLIENT : SPAN_INTERNAL,
        .is_error = span->method != NULL && (!span->has_status || span->status >= STATUS_FAILED),
    };
    if (!read_ids(arena, span->trace_id, span->id, &ret->trace)) {
        return refuse(at, w3c_is_trace_id(span->trace_id) ? "id" : "trace_id", err,
                      "is no id: lower-case hexadecimal digits, not all of them 0");
    }
    if (span->parent_id != NULL && !read_ids(arena, span->trace_id, span->parent_id, &parent)) {
        return refuse(at, "parent_id", err,
                      "is no id: lower-case hexadecimal digits, not all of them 0");
    }
    ret->parent_id = parent.span;
    if (span->end_us < span->start_us || span->end_us > told->sent_us) {
        return refuse(at, "end_us", err, "is before start_us or after sent_us");
    }
    if (told->sent_us - span->start_us > AGE_MOST_US) {
        return refuse(at, "start_us", err, "is more than 15 minutes before sent_us");
    }
    /* Near our own time now, of which there are nanoseconds. */
    ret->start_ns = (span->start_us + shift_us) * NS_PER_US;
    ret->end_ns = (span->end_us + shift_us) * NS_PER_US;
    return true;
}

static void tell(const struct request *rq, struct tracer *tracer, const struct told_span *told,
                 const struct span_told *read)
{
    struct span *span = span_tell(tracer, rq->ctx.arena, read);

    span_text(span, "octo.browser.kind", told->kind);
    span_text(span, "url.path", told->page);
    span_text(span, "http.request.method", told->method);
    if (told->has_status) {
        span_int(span, "http.response.status_code", told->status);
    }
    if (told->parent_id == NULL) {
        span_text(span, "user_agent.original", rq->ctx.user_agent);
    }
    span_tell_end(span);
}

static bool take_browser_spans(struct request *rq, struct reply *rp, struct err *err)
{
    const struct told *told = rq->body;
    struct tracer *tracer = telemetry_of_browsers(service_of(rq));
    struct span_told *read = arena_array(rq->ctx.arena, told->spans_count, sizeof(*read));
    const int64_t shift_us = shift_of(told->sent_us);

    for (size_t i = 0; i < told->spans_count; i++) {
        if (!read_span(rq->ctx.arena, told, i, shift_us, &read[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; tracer != NULL && i < told->spans_count; i++) {
        tell(rq, tracer, &told->spans[i], &read[i]);
    }
    json_begin_object(&rp->json, NULL);
    json_put_int(&rp->json, "taken", tracer != NULL ? (int64_t)told->spans_count : 0);
    json_end_object(&rp->json);
    return true;
}

const char *browser_traces_of(const struct request *rq)
{
    const double share = telemetry_browser_share(service_of(rq));

    return share > 0 ? arena_printf(rq->ctx.arena, "%.6g", share) : NULL;
}

/* Not audited: it has no span of its own either, or each would bring the next. */
static const struct route ROUTES[] = {
    {POST, "/api/browser-spans", take_browser_spans, ANYONE,
     .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED, .body = &TOLD, .body_max = BODY_MOST,
     .budget = BUDGET_VIEWS, .reply = &TAKEN,
     .summary = "Spans of a page: loads, clicks and questions, for the trace that they begin",
     .example =
         "{\"sent_us\":1700000000250000,\"spans\":[{\"trace_id\":"
         "\"4bf92f3577b34da6a3ce929d0e0e4736\",\"id\":\"00f067aa0ba902b7\",\"kind\":\"load\","
         "\"name\":\"load /orders\",\"page\":\"/orders\",\"start_us\":1700000000000000,"
         "\"end_us\":1700000000200000}]}"},
};
const struct route_table service_browser_span_routes = {
    ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "browser spans", "What pages tell of themselves"};
