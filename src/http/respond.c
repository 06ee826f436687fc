/* From a reply to its answer on the wire: validator, compression, the one head that every answer
 * has. The body stays in the reply's buffer. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "http/negotiate.h"
#include "http/status.h"

#include "http/server_priv.h"

enum { COMPRESS_LEAST = 1024, DATE_TEXT_MAX = 64 };

/* On every answer whatever it is. */
static const char CONSTANT[] = "X-Content-Type-Options: nosniff\r\n"
                               "X-Frame-Options: DENY\r\n"
                               "Referrer-Policy: strict-origin-when-cross-origin\r\n"
                               "Permissions-Policy: camera=(), microphone=(), geolocation=(), "
                               "payment=()\r\n";

static const char DATA_POLICY[] = "default-src 'none'; frame-ancestors 'none'";

/* A page has its styles and scripts from here alone, as files (http/asset.h), and none in itself.
 */
static const char PAGE_POLICY[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static const char EXPOSED[] =
    "ETag, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed, "
    "X-Trace-Id, X-Span-Id, X-Request-Id, X-Correlation-Id, X-Workflow-Id";

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

    (exchange->out.etag == ETAG_STRONG ? etag_strong_of : etag_of)(rp->body.data, rp->body.length,
                                                                   etag);
    reply_header(rp, "ETag", etag);
    if (exchange->rq.method == GET &&
        etag_matches(request_field(&exchange->rq, FIELD_IF_NONE_MATCH), etag)) {
        rp->status = 304;
        buf_clear(&rp->body);
    }
}

void reply_finish(struct exchange *exchange)
{
    struct reply *rp = &exchange->rp;

    const enum etag_kind etag = exchange->out.etag;

    if (rp->status == 200 &&
        (etag == ETAG_STRONG || (etag == ETAG_WEAK && exchange->rq.method == GET))) {
        apply_etag(exchange);
    }
    if (etag != ETAG_STRONG && rp->body.length >= COMPRESS_LEAST &&
        is_compressible_type(rp->content_type) &&
        accepts_gzip(request_field(&exchange->rq, FIELD_ACCEPT_ENCODING)) &&
        gzip_body(exchange->server->gzip, &rp->body)) {
        reply_header(rp, "Content-Encoding", "gzip");
    }
}

static void add(struct buf *head, const char *name, const char *value)
{
    if (strpbrk(value, "\r\n") != NULL) {
        return; /* it would be two fields: better not sent */
    }
    buf_add_text(head, name);
    buf_add(head, ": ", 2);
    buf_add_text(head, value);
    buf_add(head, "\r\n", 2);
}

/* A second's date is written once by each thread. */
static const char *date_text(void)
{
    static _Thread_local char text[DATE_TEXT_MAX];
    static _Thread_local int64_t second = -1;
    const int64_t now = clock_utc_us() / CLOCK_US_PER_S;
    const time_t seconds = (time_t)now;
    struct tm parts;

    if (now != second && gmtime_r(&seconds, &parts) != NULL) {
        static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

        (void)snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                       days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                       parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
        second = now;
    }
    return text;
}

static void add_security(struct exchange *exchange, struct buf *head)
{
    const bool is_page = strncmp(exchange->rp.content_type, "text/html", 9) == 0;

    buf_add(head, CONSTANT, sizeof(CONSTANT) - 1);
    add(head, "Content-Security-Policy", is_page ? PAGE_POLICY : DATA_POLICY);
    if (exchange->rq.is_secure && exchange->server->options.hsts != NULL) {
        add(head, "Strict-Transport-Security", exchange->server->options.hsts);
    }
}

/* What the answer was chosen by besides its URL. */
static const char *vary_text(const struct exchange *exchange, bool by_origin)
{
    if (exchange->out.is_negotiated) {
        return by_origin ? "Accept, Accept-Encoding, Origin" : "Accept, Accept-Encoding";
    }
    return by_origin ? "Accept-Encoding, Origin" : "Accept-Encoding";
}

static void add_cors(struct exchange *exchange, struct buf *head)
{
    const char *allowed = exchange->server->options.allowed_origins;
    const bool by_origin = allowed != NULL && *allowed != '\0';
    const char *origin;

    add(head, "Vary", vary_text(exchange, by_origin));
    if (!by_origin) {
        return;
    }
    origin = request_field(&exchange->rq, FIELD_ORIGIN);
    if (origin_is_allowed(allowed, origin)) {
        add(head, "Access-Control-Allow-Origin", origin);
        add(head, "Access-Control-Allow-Credentials", "true");
        add(head, "Access-Control-Expose-Headers", EXPOSED);
    }
}

static void add_identity(struct exchange *exchange, struct buf *head)
{
    const struct ctx *ctx = &exchange->rq.ctx;

    add(head, "X-Trace-Id", ctx->trace.trace_id);
    add(head, "X-Span-Id", ctx->trace.span_id);
    add(head, "X-Request-Id", ctx->request_id);
    add(head, "X-Correlation-Id", ctx->correlation_id);
    add(head, "X-Workflow-Id", exchange->in.entry->workflow_id);
}

static void add_status(struct buf *head, int status)
{
    buf_add_text(head, "HTTP/1.1 ");
    buf_add_int(head, status);
    buf_add_char(head, ' ');
    buf_add_text(head, status_phrase(status));
    buf_add(head, "\r\n", 2);
    add(head, "Date", date_text());
}

/* Does the connection end behind the answer (RFC 9112 section 9.3)? */
static bool closes(const struct exchange *exchange)
{
    const char *options = request_field(&exchange->rq, FIELD_CONNECTION);

    if (exchange->in.must_close || field_lists(options, "close") ||
        atomic_load_explicit(&exchange->server->is_stopping, memory_order_relaxed)) {
        return true;
    }
    return exchange->head.minor_version == 0 &&
           (exchange->out.topic != NULL || !field_lists(options, "keep-alive"));
}

static void add_connection(const struct exchange *exchange, struct answer *answer)
{
    answer->closes = closes(exchange);
    if (answer->closes) {
        add(&answer->head, "Connection", "close");
    } else if (exchange->head.minor_version == 0) {
        add(&answer->head, "Connection", "keep-alive");
    }
}

static void borrow_body(const struct exchange *exchange, struct answer *answer)
{
    const struct exchange_out *out = &exchange->out;

    answer->body = out->constant != NULL ? out->constant : exchange->rp.body.data;
    answer->body_length = out->constant != NULL ? out->constant_length : exchange->rp.body.length;
}

/* Its length is not known; HTTP/1.0 has no other way to tell its end than to close. */
static void add_framing_of_stream(const struct exchange *exchange, struct buf *head)
{
    if (exchange->head.minor_version > 0) {
        add(head, "Transfer-Encoding", "chunked");
    }
}

/* 204 and 304 have no body, and need not say so. HEAD gets the head of what GET would get. */
static void add_body(struct exchange *exchange, struct answer *answer)
{
    const struct reply *rp = &exchange->rp;
    struct buf *head = &answer->head;

    if (rp->status == 204 || rp->status == 304) {
        answer->body_length = 0;
        return;
    }
    borrow_body(exchange, answer);
    add(head, "Content-Type", rp->content_type);
    if (exchange->out.topic != NULL) {
        add_framing_of_stream(exchange, head);
        return;
    }
    buf_add_text(head, "Content-Length: ");
    buf_add_int(head, (int64_t)answer->body_length);
    buf_add(head, "\r\n", 2);
    if (exchange->in.is_head) {
        answer->body_length = 0;
    }
}

void answer_make(struct exchange *exchange)
{
    struct answer *answer = &exchange->answer;
    struct buf *head = &answer->head;

    buf_clear(head);
    answer->sent = 0;
    add_status(head, exchange->rp.status);
    add_connection(exchange, answer);
    add_body(exchange, answer);
    add_security(exchange, head);
    add_cors(exchange, head);
    add_identity(exchange, head);
    budget_write_fields(&exchange->in.bill, head);
    if (!has_header(exchange, "Cache-Control")) {
        add(head, "Cache-Control", exchange->out.etag != ETAG_NONE ? "no-cache" : "no-store");
    }
    for (size_t i = 0; i < exchange->out.header_count; i++) {
        add(head, exchange->headers[i].name, exchange->headers[i].value);
    }
    buf_add(head, "\r\n", 2);
}
