/* Problem documents: for programs as RFC 9457 has them, for browsers, which ask for text/html, as a
 * page. */
#include <string.h>

#include "core/text.h"
#include "http/negotiate.h"
#include "http/page.h"
#include "http/status.h"
#include "web_assets.h"

#include "http/server_priv.h"

enum { RETRY_DEFAULT_S = 1, INSTANCE_MAX = 1024 };

static bool asks_to_wait(int status)
{
    return status == 429 || status == 503;
}

/* The raw path, made a valid URI reference and valid UTF-8 whatever the client sent. */
static const char *instance_of(const struct exchange *exchange)
{
    static const char digits[] = "0123456789ABCDEF";
    const struct uri_target *target = &exchange->in.target;
    const size_t length = target->path_length < INSTANCE_MAX ? target->path_length : INSTANCE_MAX;
    char *text = arena_alloc(exchange->rq.ctx.arena, length * 3 + 1);
    char *at = text;

    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)target->path[i];

        if (c > 0x20 && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL) {
            *at++ = (char)c;
        } else {
            *at++ = '%';
            *at++ = digits[c >> 4];
            *at++ = digits[c & 15];
        }
    }
    return text;
}

static int seconds_to_wait(const struct err *err)
{
    return err->retry_after_s > 0 ? err->retry_after_s : RETRY_DEFAULT_S;
}

static void put_headers(struct exchange *exchange, int status, const struct err *err)
{
    char allow[ALLOW_TEXT_MAX];

    if (status == 401) {
        reply_header(&exchange->rp, "WWW-Authenticate", "Bearer");
    }
    if (status == 405) {
        router_allow_text(exchange->in.allowed_methods, allow);
        reply_header(&exchange->rp, "Allow", allow);
    }
    if (status == 415 && strcmp(err->field, "Content-Encoding") == 0) {
        reply_header(&exchange->rp, "Accept-Encoding", "gzip, identity");
    }
    if (asks_to_wait(status)) {
        reply_header(&exchange->rp, "Retry-After",
                     arena_printf(&exchange->arena, "%d", seconds_to_wait(err)));
    }
}

static const struct reply_field fault_fields[] = {
    REPLY_FIELD("pointer", REPLY_TEXT),
    REPLY_FIELD("message", REPLY_TEXT),
};
static const struct reply_shape FAULT = REPLY_SHAPE("ProblemFault", fault_fields);
static const struct reply_field problem_fields[] = {
    REPLY_FIELD("type", REPLY_TEXT),
    REPLY_FIELD("title", REPLY_TEXT),
    REPLY_FIELD("status", REPLY_ID),
    REPLY_FIELD("detail", REPLY_TEXT),
    REPLY_FIELD("instance", REPLY_TEXT),
    REPLY_FIELD("error", REPLY_TEXT),
    REPLY_FIELD("code", REPLY_TEXT),
    REPLY_FIELD("correlation_id", REPLY_TEXT),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
    REPLY_PART("errors", &FAULT, REPLY_LIST | REPLY_OPTIONAL),
};
const struct reply_shape PROBLEM_REPLY = REPLY_SHAPE("Problem", problem_fields);

void problem_put(struct json_out *json, const char *key, const struct problem_view *view)
{
    const enum err_code code = view->err->code;

    json_begin_object(json, key);
    json_put_text(json, "type", "about:blank");
    json_put_text(json, "title", status_phrase(err_http_status(code)));
    json_put_int(json, "status", err_http_status(code));
    json_put_text(json, "detail", view->text);
    json_put_text(json, "instance", view->instance);
    json_put_text(json, "error", err_title(code));
    json_put_text(json, "code", err_symbol(code));
    json_put_text(json, "correlation_id", view->correlation_id);
    json_put_text(json, "trace_id", view->trace_id);
    if (view->field[0] != '\0') {
        json_begin_list(json, "errors");
        json_begin_object(json, NULL);
        json_put_text(json, "pointer", view->field);
        json_put_text(json, "message", view->text);
        json_end_object(json);
        json_end_list(json);
    }
    json_end_object(json);
}

static void put_document(struct request *rq, struct reply *rp, const struct err *err,
                         const char *text, bool is_shown)
{
    const struct problem_view view = {
        .err = err,
        .text = text,
        .instance = instance_of(rq->exchange),
        .correlation_id = rq->ctx.correlation_id,
        .trace_id = rq->ctx.trace.trace_id,
        .field = is_shown ? err->field : "",
    };

    rp->content_type = "application/problem+json";
    problem_put(&rp->json, NULL, &view);
}

static void put_fact(struct reply *rp, const char *name, const char *value)
{
    PAGE_HTML(rp, "<dt>");
    page_text(rp, name);
    PAGE_HTML(rp, "</dt><dd class=\"id\">");
    page_text(rp, value);
    PAGE_HTML(rp, "</dd>");
}

/* The script shows the button; without it there is none that does nothing. */
static void put_trace_id(struct request *rq, struct reply *rp)
{
    PAGE_HTML(rp, "<dt>Trace id</dt><dd class=\"id\"><span id=\"trace-id\">");
    page_text(rp, rq->ctx.trace.trace_id);
    PAGE_HTML(rp, "</span> <button type=\"button\" class=\"small\" data-copy=\"trace-id\" "
                  "hidden>Copy</button></dd>");
}

static void put_facts(struct request *rq, struct reply *rp, const struct err *err, bool is_shown)
{
    PAGE_HTML(rp, "<dl>");
    put_fact(rp, "Address", instance_of(rq->exchange));
    if (err->field[0] != '\0' && is_shown) {
        put_fact(rp, "At fault", err->field);
    }
    put_fact(rp, "Code", err_symbol(err->code));
    put_trace_id(rq, rp);
    PAGE_HTML(rp, "</dl>\n<p class=\"note\">The trace id leads from here to the service's log and "
                  "to every statement of this request: name it when you report this.</p>\n");
}

static void put_advice(struct reply *rp, const struct err *err)
{
    PAGE_HTML(rp, "<p><strong>What to do:</strong> ");
    page_text(rp, status_advice(rp->status));
    if (asks_to_wait(rp->status)) {
        PAGE_HTML(rp, " Try again in ");
        page_int(rp, seconds_to_wait(err));
        PAGE_HTML(rp, " s.");
    }
    PAGE_HTML(rp, "</p>\n");
}

/* An empty address is that of the page, with its query. */
static void put_ways(struct request *rq, struct reply *rp)
{
    PAGE_HTML(rp, "<p class=\"ways\">");
    if (rq->method == GET && (rp->status == 429 || rp->status >= 500)) {
        PAGE_HTML(rp, "<a class=\"button\" href=\"\">Try again</a> ");
    }
    PAGE_HTML(rp, "<a class=\"button\" href=\"/\">Back to the start</a> "
                  "<button type=\"button\" data-back hidden>Back to where you were</button></p>\n");
}

static void put_page(struct request *rq, struct reply *rp, const struct err *err, const char *text,
                     bool is_shown)
{
    const char *phrase = status_phrase(rp->status);

    page_begin(rq, rp, phrase);
    PAGE_HTML(rp, "<p class=\"status\">");
    page_int(rp, rp->status);
    PAGE_HTML(rp, "</p><h1>");
    page_text(rp, phrase);
    PAGE_HTML(rp, "</h1>\n<p class=\"lede\">");
    page_sentence(rp, text);
    PAGE_HTML(rp, ".</p>\n");
    put_advice(rp, err);
    put_facts(rq, rp, err, is_shown);
    put_ways(rq, rp);
    PAGE_HTML(rp, "<script src=\"" ASSET_PROBLEM_JS "\" defer></script>\n");
    page_end(rp);
}

void reply_problem(struct request *rq, struct reply *rp, const struct err *err)
{
    const struct server_options *options = &rq->exchange->server->options;
    const int status = err_http_status(err->code);
    const bool is_shown = !err_is_private(err) && utf8_is_valid(err->text, strlen(err->text));
    const char *text = is_shown ? err->text : err_title(err->code);

    reply_empty(rp);
    rp->status = status;
    rq->exchange->out.is_negotiated = true;
    put_headers(rq->exchange, status, err);
    if (options->put_problem != NULL) {
        options->put_problem(rq, rp, text);
        return;
    }
    (prefers_html(request_field(rq, FIELD_ACCEPT)) ? put_page : put_document)(rq, rp, err, text,
                                                                              is_shown);
}
