/* What handlers put into a reply, and the answer to OPTIONS. */
#include <assert.h>
#include <string.h>

#include "http/negotiate.h"

#include "http/server_priv.h"

void reply_empty(struct reply *rp)
{
    struct exchange *exchange = rp->exchange;

    *rp = (struct reply){
        .status = 200,
        .content_type = "application/json",
        .body = rp->body, /* whose memory stays */
        .exchange = exchange,
    };
    buf_clear(&rp->body);
    json_out_init(&rp->json, &rp->body);
    exchange->out = (struct exchange_out){0};
}

static const struct reply_field page_fields[] = {
    REPLY_FIELD("total", REPLY_COUNT),
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("limit", REPLY_ID),
    REPLY_FIELD("offset", REPLY_COUNT),
};
const struct reply_shape PAGE_REPLY = REPLY_SHAPE("Page", page_fields);

void reply_page(struct reply *rp, const struct page *page, int64_t total, int64_t count)
{
    json_put_int(&rp->json, "total", total);
    json_put_int(&rp->json, "count", count);
    json_put_int(&rp->json, "limit", page->limit);
    json_put_int(&rp->json, "offset", page->offset);
}

void reply_header(struct reply *rp, const char *name, const char *value)
{
    struct exchange *exchange = rp->exchange;

    assert(exchange->out.header_count < REPLY_HEADERS_MAX);
    exchange->headers[exchange->out.header_count++] = (struct header_line){
        .name = name,
        .value = arena_strdup(&exchange->arena, value),
    };
}

void reply_cookie(struct request *rq, struct reply *rp, const char *name, const char *value,
                  int64_t max_age_s)
{
    reply_header(rp, "Set-Cookie",
                 arena_printf(rq->ctx.arena,
                              "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
                              cookie_name(rq, name), value, (long long)max_age_s,
                              rq->is_secure ? "; Secure" : ""));
}

void reply_redirect(struct reply *rp, const char *location)
{
    rp->status = 302;
    reply_header(rp, "Location", location);
}

void reply_etag(struct request *rq, struct reply *rp)
{
    (void)rp;
    rq->exchange->out.etag = ETAG_WEAK;
}

void reply_version(struct request *rq, struct reply *rp)
{
    (void)rp;
    rq->exchange->out.etag = ETAG_STRONG;
}

bool reply_is_of_version(const struct request *rq, struct reply *rp, struct err *err)
{
    const char *asked = request_field(rq, FIELD_IF_MATCH);
    char etag[ETAG_TEXT_MAX];

    if (asked != NULL) {
        etag_strong_of(rp->body.data, rp->body.length, etag);
        if (!etag_matches_strongly(asked, etag)) {
            return err_field(err, ERR_PRECONDITION, field_name(FIELD_IF_MATCH),
                             "it was changed meanwhile, and is as GET gives it now: look at that, "
                             "and send its ETag with what is still to be changed");
        }
    }
    reply_empty(rp);
    return true;
}

void reply_constant(struct reply *rp, const void *bytes, size_t length)
{
    rp->exchange->out.constant = bytes;
    rp->exchange->out.constant_length = length;
}

void reply_stream(struct reply *rp, struct topic *topic, const char *who)
{
    rp->exchange->out.topic = topic;
    rp->exchange->out.reader = who;
    rp->content_type = "text/event-stream";
    reply_header(rp, "X-Accel-Buffering", "no"); /* nginx would hold events back */
}

static const struct reply_field status_fields[] = {REPLY_FIELD("status", REPLY_TEXT)};
const struct reply_shape STATUS_REPLY = REPLY_SHAPE("StatusMessage", status_fields);

void reply_status_word(struct reply *rp, const char *word)
{
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "status", word);
    json_end_object(&rp->json);
}

void reply_preflight(struct exchange *exchange)
{
    char allow[ALLOW_TEXT_MAX];

    router_allow_text(exchange->in.allowed_methods, allow);
    exchange->rp.status = 204;
    reply_header(&exchange->rp, "Allow", allow);
    if (origin_is_allowed(exchange->server->options.allowed_origins,
                          request_field(&exchange->rq, FIELD_ORIGIN))) {
        reply_header(&exchange->rp, "Access-Control-Allow-Methods", allow);
        reply_header(&exchange->rp, "Access-Control-Allow-Headers",
                     "Authorization, Content-Type, Idempotency-Key, If-Match, X-Requested-With, "
                     "X-Session-Id, X-Request-Id, X-Correlation-Id, X-Client-Region, traceparent, "
                     "tracestate");
        reply_header(&exchange->rp, "Access-Control-Max-Age", "600");
    }
}
