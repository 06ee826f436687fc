#include "net/http_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/network.h"
#include "core/rng.h"
#include "core/thread.h"
#include "trace/span.h"
#include "trace/w3c.h"

#include "net/curl_priv.h"

enum {
    SPARE_MAX = 8, /* open connections kept between calls */
    URL_MAX = 4096,
    HEADER_MAX = 1024,      /* holds the longest tracestate */
    BACKOFF_FIRST_MS = 100, /* doubled with each try, plus up to as much again */
    BACKOFF_MOST_MS = 2000,
    IDLE_CONNECTION_S = 60,
};

struct http_client {
    struct http_client_options options;
    struct breaker *breaker;
    char *host;
    int64_t port;
    struct mutex lock; /* guards both below */
    CURL *spare[SPARE_MAX];
    size_t spare_count;
};

/* One call while its tries run. */
struct attempt {
    struct ctx *ctx;
    struct http_client *client;
    const struct http_call *call;
    CURL *curl;
    char url[URL_MAX];
    struct buf body;
    int status;
    bool ends_with_unit; /* its time is what the unit of work has left */
    CURLcode result;
};

/* --- life cycle --- */

/* Without an address's brackets. */
static bool is_here(char *host)
{
    const size_t length = strlen(host);

    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        return net_host_is_here(host + 1);
    }
    return net_host_is_here(host);
}

enum http_way http_way_of(const char *url)
{
    enum http_way way = HTTP_WAY_NONE;
    CURLU *parsed = curl_url();
    char *scheme = NULL;
    char *host = NULL;

    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        if (strcmp(scheme, "https") == 0) {
            way = HTTP_WAY_PRIVATE;
        } else if (strcmp(scheme, "http") == 0) {
            way = is_here(host) ? HTTP_WAY_PRIVATE : HTTP_WAY_PLAIN;
        }
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parsed);
    return way;
}

struct http_client *http_client_new(const struct http_client_options *options)
{
    struct http_client *client = mem_alloc(sizeof(*client));

    http_start();
    client->options = *options;
    client->breaker = breaker_new(&options->breaker);
    mutex_init(&client->lock);
    http_read_authority(options->base_url, &client->host, &client->port);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    for (size_t i = 0; i < client->spare_count; i++) {
        curl_easy_cleanup(client->spare[i]);
    }
    breaker_free(client->breaker);
    mutex_fini(&client->lock);
    free(client->host);
    free(client);
}

const struct breaker *http_client_breaker(const struct http_client *client)
{
    return client->breaker;
}

const char *http_client_host(const struct http_client *client)
{
    return client->host;
}

/* --- handles --- */

static CURL *handle_acquire(struct http_client *client)
{
    CURL *curl = NULL;

    mutex_lock(&client->lock);
    if (client->spare_count > 0) {
        curl = client->spare[--client->spare_count];
    }
    mutex_unlock(&client->lock);
    return curl != NULL ? curl : curl_easy_init();
}

static void handle_release(struct http_client *client, CURL *curl)
{
    if (curl == NULL) {
        return;
    }
    curl_easy_reset(curl); /* forgets the options, keeps the connection */
    mutex_lock(&client->lock);
    if (client->spare_count < SPARE_MAX) {
        client->spare[client->spare_count++] = curl;
        curl = NULL;
    }
    mutex_unlock(&client->lock);
    curl_easy_cleanup(curl);
}

/* --- one try --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *attempt)
{
    struct attempt *a = attempt;

    buf_add(&a->body, bytes, size * count);
    return a->body.bad ? 0 : size * count; /* short: libcurl ends the call */
}

static bool line_add(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer != NULL) {
        *list = longer;
    }
    return longer != NULL;
}

/* A header without a value is left out. */
static bool header_add(struct curl_slist **list, const char *name, const char *value)
{
    char line[HEADER_MAX];

    if (value == NULL || *value == '\0') {
        return true;
    }
    (void)snprintf(line, sizeof(line), "%s: %s", name, value);
    return line_add(list, line);
}

static const char *content_type(const struct http_call *call)
{
    if (call->body == NULL) {
        return NULL;
    }
    return call->body_type != NULL ? call->body_type : "application/json";
}

/* The list is freed by the caller, also after a failure. */
static bool headers_make(const struct attempt *a, struct curl_slist **list)
{
    const struct http_client_options *options = &a->client->options;
    /* Background work has no id but its trace's. */
    const char *correlation_id =
        a->ctx->correlation_id != NULL ? a->ctx->correlation_id : a->ctx->trace.trace_id;
    struct trace_context trace = a->ctx->trace;
    char traceparent[TRACEPARENT_MAX];

    /* What is not recorded has no span, but the parent that others are told is ours all the same,
     * not our caller. */
    if (a->ctx->span == NULL) {
        w3c_set_span(&trace, w3c_new_id());
    }
    w3c_format_traceparent(&trace, traceparent);
    return (options->is_visitor || (header_add(list, "traceparent", traceparent) &&
                                    header_add(list, "tracestate", a->ctx->trace.tracestate) &&
                                    header_add(list, "X-Correlation-Id", correlation_id))) &&
           header_add(list, "X-Service-Name", options->service_name) &&
           header_add(list, "X-Service-Version", options->service_version) &&
           header_add(list, "X-Internal-Service-Key", options->internal_key) &&
           header_add(list, "Authorization",
                      a->call->authorization != NULL ? a->call->authorization
                                                     : options->authorization) &&
           header_add(list, "Idempotency-Key", a->call->idempotency_key) &&
           header_add(list, "Accept", "application/json") &&
           header_add(list, "Content-Type", content_type(a->call)) &&
           /* Bodies are small: waiting for "100 Continue" would cost a round trip. */
           (a->call->body == NULL || line_add(list, "Expect:"));
}

static long try_timeout_ms(struct attempt *a)
{
    const int64_t left = clock_ms_left(a->ctx->deadline_ns);
    const int64_t own = a->client->options.timeout_ms;

    a->ends_with_unit = left <= own;
    if (left < 1) {
        return 1; /* 0 would be no limit at all */
    }
    return (long)(left < own ? left : own);
}

static void handle_setup(struct attempt *a, struct curl_slist *headers)
{
    CURL *curl = a->curl;
    const bool is_get = strcmp(a->call->method, "GET") == 0;

    curl_easy_setopt(curl, CURLOPT_URL, a->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, try_timeout_ms(a));
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
    if (!is_get) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, a->call->method);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, a->call->body == NULL ? "" : a->call->body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->call->body_length);
    }
}

/* Fills result, status and body. */
static void try_once(struct attempt *a)
{
    struct curl_slist *headers = NULL;
    long status = 0;

    buf_clear(&a->body);
    a->status = 0;
    a->result = CURLE_OUT_OF_MEMORY;
    a->curl = handle_acquire(a->client);
    if (a->curl != NULL && headers_make(a, &headers)) {
        handle_setup(a, headers);
        a->result = curl_easy_perform(a->curl);
        curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
        a->status = (int)status;
    }
    handle_release(a->client, a->curl);
    curl_slist_free_all(headers);
}

/* --- the call --- */

static bool is_worth_another_try(const struct attempt *a)
{
    switch (a->result) {
    case CURLE_OK:
        return a->status == 502 || a->status == 503 || a->status == 504;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return true;
    default: /* the enum is libcurl's */
        return false;
    }
}

/* Waits before the next try; false when the deadline leaves no room for it. */
static bool back_off(const struct ctx *ctx, int64_t tries_done)
{
    int64_t ms = BACKOFF_FIRST_MS;
    struct timespec pause;

    for (int64_t i = 1; i < tries_done && ms < BACKOFF_MOST_MS; i++) {
        ms *= 2;
    }
    ms += (int64_t)rng_below((uint64_t)ms);
    if (clock_ms_left(ctx->deadline_ns) <= ms) {
        return false;
    }
    pause = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
    return true;
}

static bool judge(const struct attempt *a, struct err *err)
{
    const char *peer = a->client->options.peer;

    if (a->result == CURLE_OK) {
        return true;
    }
    if (a->body.bad) {
        (void)err_set(err, ERR_PEER, "answer of %s is larger than %lld bytes", peer,
                      (long long)a->call->body_max);
    } else if (a->result == CURLE_OPERATION_TIMEDOUT && a->ends_with_unit) {
        (void)err_set(err, ERR_DEADLINE, "deadline passed while %s was asked", peer);
    } else {
        (void)err_set(err, ERR_PEER, "%s: %s", peer, curl_easy_strerror(a->result));
    }
    err->native = (int)a->result;
    return false;
}

static struct span *begin_span(const struct attempt *a)
{
    const bool is_get = strcmp(a->call->method, "GET") == 0;
    struct span *span = span_begin(a->ctx, is_get ? "HTTP GET" : "HTTP POST", SPAN_CLIENT);
    char url[URL_MAX];

    if (span != NULL) {
        (void)snprintf(url, sizeof(url), "%.*s", (int)strcspn(a->url, "?"), a->url);
        span_text(span, "http.request.method", a->call->method);
        span_text(span, "url.full", url);
        span_text(span, "server.address", a->client->host);
        span_int(span, "server.port", a->client->port);
        span_text(span, "peer.service", a->client->options.peer);
    }
    return span;
}

/* One try under its own span and under the breaker. */
static bool try_observed(struct attempt *a, int64_t resend_count, struct err *err)
{
    struct span *span;
    bool ok;

    if (clock_has_passed(a->ctx->deadline_ns)) {
        return err_set(err, ERR_DEADLINE, "no time left to ask %s", a->client->options.peer);
    }
    if (!breaker_admit(a->client->breaker)) {
        return err_set(err, ERR_BREAKER_OPEN, "calls to %s are paused after failures",
                       a->client->options.peer);
    }
    span = begin_span(a);
    if (a->client->options.before != NULL) {
        a->client->options.before(a->ctx, a->client->options.before_arg);
    }
    try_once(a);
    breaker_report(a->client->breaker, a->result == CURLE_OK && a->status < 500);
    ok = judge(a, err);
    if (a->status != 0) {
        span_int(span, "http.response.status_code", a->status);
    }
    if (resend_count > 0) {
        span_int(span, "http.request.resend_count", resend_count);
    }
    if (!ok) {
        span_fail(span, err);
    }
    span_end(a->ctx, span);
    return ok;
}

bool http_client_call(struct ctx *ctx, struct http_client *client, const struct http_call *call,
                      struct http_answer *ret_answer, struct err *err)
{
    const bool is_safe = strcmp(call->method, "GET") == 0 || call->idempotency_key != NULL;
    const int64_t tries = is_safe && client->options.tries > 1 ? client->options.tries : 1;
    struct attempt a = {.ctx = ctx, .client = client, .call = call};
    const int length = snprintf(a.url, sizeof(a.url), "%s%s", client->options.base_url, call->path);
    bool ok = false;

    buf_init(&a.body, (size_t)call->body_max);
    *ret_answer = (struct http_answer){.status = 0};
    if (length < 0 || (size_t)length >= sizeof(a.url)) {
        return err_set(err, ERR_LIMIT, "url for %s is too long", client->options.peer);
    }
    for (int64_t done = 0; done < tries; done++) {
        if (done > 0 && !back_off(ctx, done)) {
            break;
        }
        ok = try_observed(&a, done, err);
        if ((!ok && err->code == ERR_BREAKER_OPEN) || !is_worth_another_try(&a)) {
            break;
        }
    }
    ret_answer->status = a.status;
    ret_answer->body = a.body;
    return ok;
}
