/* From a reply to a response of libmicrohttpd: validator, compression, headers. The body stays in
 * the exchange's buffer, which outlives the response. */
#include <string.h>

#include "http/negotiate.h"

#include "http/server_priv.h"

enum { COMPRESS_LEAST = 1024 };

/* On every response whatever it is. */
static const struct header_line CONSTANT[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"},
};

static const char DATA_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

static const char EXPOSED[] = "ETag, Retry-After, Idempotency-Replayed, X-Trace-Id, X-Span-Id, "
                              "X-Request-Id, X-Correlation-Id, X-Workflow-Id";

static bool has_header(const struct exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->out.header_count; i++) {
        if (strcmp(exchange->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void apply_etag(struct exchange *exchange)
{
    struct reply *rp = &exchange->rp;
    char etag[ETAG_TEXT_MAX];

    etag_of(rp->body.data, rp->body.length, etag);
    reply_header(rp, "ETag", etag);
    if (etag_matches(request_header(&exchange->rq, "If-None-Match"), etag)) {
        rp->status = 304;
        buf_clear(&rp->body);
    }
}

void reply_finish(struct exchange *exchange)
{
    struct reply *rp = &exchange->rp;

    if (exchange->out.wants_etag && rp->status == 200 && exchange->rq.method == GET) {
        apply_etag(exchange);
    }
    if (rp->body.length >= COMPRESS_LEAST && is_compressible_type(rp->content_type) &&
        accepts_gzip(request_header(&exchange->rq, "Accept-Encoding")) &&
        gzip_body(exchange->server->gzip, &rp->body)) {
        reply_header(rp, "Content-Encoding", "gzip");
    }
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    /* Refused is only a value with a line break, which is better not sent. */
    (void)MHD_add_response_header(response, name, value);
}

static const char *page_policy(struct exchange *exchange)
{
    return arena_printf(&exchange->arena,
                        "default-src 'self'; script-src 'self' 'nonce-%s'; style-src 'self' "
                        "'nonce-%s'; img-src 'self' data:; object-src 'none'; frame-ancestors "
                        "'none'; base-uri 'self'; form-action 'self'",
                        request_nonce(&exchange->rq), request_nonce(&exchange->rq));
}

static void add_security(struct exchange *exchange, struct MHD_Response *response)
{
    const bool is_page = strncmp(exchange->rp.content_type, "text/html", 9) == 0;

    for (size_t i = 0; i < sizeof(CONSTANT) / sizeof(CONSTANT[0]); i++) {
        add(response, CONSTANT[i].name, CONSTANT[i].value);
    }
    add(response, "Content-Security-Policy", is_page ? page_policy(exchange) : DATA_POLICY);
    if (exchange->rq.is_secure) {
        add(response, "Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload");
    }
}

/* What the response was chosen by besides its URL. */
static const char *vary_text(const struct exchange *exchange, bool by_origin)
{
    if (exchange->out.is_negotiated) {
        return by_origin ? "Accept, Accept-Encoding, Origin" : "Accept, Accept-Encoding";
    }
    return by_origin ? "Accept-Encoding, Origin" : "Accept-Encoding";
}

static void add_cors(struct exchange *exchange, struct MHD_Response *response)
{
    const char *allowed = exchange->server->options.allowed_origins;
    const bool by_origin = allowed != NULL && *allowed != '\0';
    const char *origin;

    add(response, "Vary", vary_text(exchange, by_origin));
    if (!by_origin) {
        return;
    }
    origin = request_header(&exchange->rq, "Origin");
    if (origin_is_allowed(allowed, origin)) {
        add(response, "Access-Control-Allow-Origin", origin);
        add(response, "Access-Control-Allow-Credentials", "true");
        add(response, "Access-Control-Expose-Headers", EXPOSED);
    }
}

static void add_identity(struct exchange *exchange, struct MHD_Response *response)
{
    const struct ctx *ctx = &exchange->rq.ctx;

    add(response, "X-Trace-Id", ctx->trace.trace_id);
    add(response, "X-Span-Id", ctx->trace.span_id);
    add(response, "X-Request-Id", ctx->request_id);
    add(response, "X-Correlation-Id", ctx->correlation_id);
    add(response, "X-Workflow-Id", exchange->in.entry->workflow_id);
}

struct MHD_Response *response_make(struct exchange *exchange)
{
    struct reply *rp = &exchange->rp;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        rp->body.length, rp->body.length == 0 ? NULL : rp->body.data, MHD_RESPMEM_PERSISTENT);

    if (response == NULL) {
        return NULL;
    }
    add_security(exchange, response);
    add_cors(exchange, response);
    add_identity(exchange, response);
    if (rp->status != 204 && rp->status != 304) {
        add(response, "Content-Type", rp->content_type);
    }
    if (!has_header(exchange, "Cache-Control")) {
        add(response, "Cache-Control", exchange->out.wants_etag ? "no-cache" : "no-store");
    }
    for (size_t i = 0; i < exchange->out.header_count; i++) {
        add(response, exchange->headers[i].name, exchange->headers[i].value);
    }
    if (exchange->in.must_close ||
        atomic_load_explicit(&exchange->server->is_stopping, memory_order_relaxed)) {
        add(response, "Connection", "close");
    }
    return response;
}
