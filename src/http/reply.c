/* What handlers put into a reply, and the replies that the server makes itself: problem documents
 * and the answer to OPTIONS. */
#include <assert.h>
#include <string.h>

#include "core/text.h"
#include "http/negotiate.h"

#include "http/server_priv.h"

enum { RETRY_DEFAULT_S = 1, INSTANCE_MAX = 1024 };

static const struct {
    int status;
    const char *phrase; /* RFC 9110 section 15 */
} PHRASES[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
};

void reply_reset(struct request_priv *x)
{
    struct reply *rp = &x->rp;

    buf_clear(&rp->body);
    rp->status = 200;
    rp->content_type = "application/json";
    rp->priv = x;
    json_out_init(&rp->json, &rp->body);
    x->header_count = 0;
    x->wants_etag = false;
}

void reply_page(struct reply *rp, const struct page *page, int64_t total, int64_t count)
{
    json_put_int(&rp->json, "total", total);
    json_put_int(&rp->json, "count", count);
    json_put_int(&rp->json, "limit", page->limit);
    json_put_int(&rp->json, "offset", page->offset);
}

void reply_header(struct reply *rp, const char *name, const char *value)
{
    struct request_priv *x = rp->priv;

    assert(x->header_count < REPLY_HEADERS_MAX);
    x->headers[x->header_count++] = (struct header_line){
        .name = name,
        .value = arena_strdup(&x->arena, value),
    };
}

void reply_cookie(struct request *rq, struct reply *rp, const char *name, const char *value,
                  int64_t max_age_s)
{
    reply_header(rp, "Set-Cookie",
                 arena_printf(rq->ctx.arena,
                              "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", name, value,
                              (long long)max_age_s, rq->is_secure ? "; Secure" : ""));
}

void reply_etag(struct request *rq, struct reply *rp)
{
    (void)rp;
    rq->priv->wants_etag = true;
}

void reply_status_word(struct reply *rp, const char *word)
{
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", word);
    json_end_object(&rp->json);
}

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof(PHRASES) / sizeof(PHRASES[0]); i++) {
        if (PHRASES[i].status == status) {
            return PHRASES[i].phrase;
        }
    }
    return "Error";
}

/* The raw path, made a valid URI reference and valid UTF-8 whatever the client sent. */
static const char *instance_of(const struct request_priv *x)
{
    static const char digits[] = "0123456789ABCDEF";
    const size_t length = x->raw_path_length < INSTANCE_MAX ? x->raw_path_length : INSTANCE_MAX;
    char *text = arena_alloc(x->rq.ctx.arena, length * 3 + 1);
    char *at = text;

    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)x->raw_uri[i];

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

static void put_problem_headers(struct request_priv *x, int status, const struct err *err)
{
    char allow[ALLOW_TEXT_MAX];

    if (status == 401) {
        reply_header(&x->rp, "WWW-Authenticate", "Bearer");
    }
    if (status == 405) {
        router_allow_text(x->allowed_methods, allow);
        reply_header(&x->rp, "Allow", allow);
    }
    if (status == 429 || status == 503) {
        const int seconds = err->retry_after_s > 0 ? err->retry_after_s : RETRY_DEFAULT_S;

        reply_header(&x->rp, "Retry-After", arena_printf(&x->arena, "%d", seconds));
    }
}

void reply_problem(struct request *rq, struct reply *rp, const struct err *err)
{
    const int status = err_http_status(err->code);
    const bool is_shown = !err_is_private(err) && utf8_is_valid(err->text, strlen(err->text));
    const char *text = is_shown ? err->text : err_title(err->code);
    struct json_out *json = &rp->json;

    reply_reset(rq->priv);
    rp->status = status;
    rp->content_type = "application/problem+json";
    put_problem_headers(rq->priv, status, err);
    json_begin_object(json, NULL);
    json_put_text(json, "type", "about:blank");
    json_put_text(json, "title", phrase_of(status));
    json_put_int(json, "status", status);
    json_put_text(json, "detail", text);
    json_put_text(json, "instance", instance_of(rq->priv));
    json_put_text(json, "error", err_title(err->code));
    json_put_text(json, "code", err_symbol(err->code));
    json_put_text(json, "correlation_id", rq->ctx.correlation_id);
    json_put_text(json, "trace_id", rq->ctx.trace.trace_id);
    if (err->field[0] != '\0' && is_shown) {
        json_begin_list(json, "errors");
        json_begin_object(json, NULL);
        json_put_text(json, "pointer", err->field);
        json_put_text(json, "message", text);
        json_end_object(json);
        json_end_list(json);
    }
    json_end_object(json);
}

void reply_preflight(struct request_priv *x)
{
    char allow[ALLOW_TEXT_MAX];

    router_allow_text(x->allowed_methods, allow);
    x->rp.status = 204;
    reply_header(&x->rp, "Allow", allow);
    if (origin_is_allowed(x->server->options.allowed_origins, request_header(&x->rq, "Origin"))) {
        reply_header(&x->rp, "Access-Control-Allow-Methods", allow);
        reply_header(
            &x->rp, "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Idempotency-Key, X-Requested-With, X-Session-Id, "
            "X-Request-Id, X-Correlation-Id, X-Client-Region, traceparent, tracestate");
        reply_header(&x->rp, "Access-Control-Max-Age", "600");
    }
}
