#include "net/http_fetch.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/text.h"
#include "trace/span.h"

#include "net/curl_priv.h"

enum { PORT_MOST = 65535 };

struct fetch {
    struct ctx *ctx;
    const struct http_fetch_rules *rules;
    CURLU *url;
    char *host; /* the next three are libcurl's */
    char *port;
    char *scheme;
    struct buf *body;
    bool is_refused; /* by its address */
};

/* --- hosts --- */

/* One of the list: what is before its last colon, and behind it. */
struct host_rule {
    const char *host;
    size_t length;
    int64_t port; /* 0: the scheme's */
};

static bool read_host_rule(struct arena *arena, const char *text, size_t length,
                           struct host_rule *ret)
{
    const char *whole = arena_dup(arena, text, length);
    const char *colon = strrchr(whole, ':');

    *ret = (struct host_rule){.host = whole, .length = length};
    if (colon == NULL || whole[length - 1] == ']') {
        return true;
    }
    ret->length = (size_t)(colon - whole);
    return text_to_int64(colon + 1, &ret->port) && ret->port >= 1 && ret->port <= PORT_MOST;
}

/* The next one of a list, without the blanks around it; false at its end. */
static bool next_host(const char **list, const char **ret_host, size_t *ret_length)
{
    const char *at = *list + strspn(*list, ", ");
    const size_t length = strcspn(at, ", ");

    *list = at + length;
    *ret_host = at;
    *ret_length = length;
    return length > 0;
}

static bool is_host(const struct host_rule *rule)
{
    const bool is_v6 = rule->length > 2 && rule->host[0] == '[';
    struct net_address address;

    if (is_v6) {
        return rule->host[rule->length - 1] == ']' &&
               net_address_parse(rule->host + 1, rule->length - 2, &address);
    }
    for (size_t i = 0; i < rule->length; i++) {
        const char letter[2] = {rule->host[i], '\0'};

        if (!text_has_only(letter, ".-_")) {
            return false;
        }
    }
    return rule->length > 0;
}

bool http_fetch_check_hosts(const char *hosts, struct err *err)
{
    struct arena arena;
    struct host_rule rule;
    const char *host;
    size_t length;
    bool ok = true;

    arena_init(&arena);
    while (ok && next_host(&hosts, &host, &length)) {
        ok = read_host_rule(&arena, host, length, &rule) && is_host(&rule);
        if (!ok) {
            (void)err_set(err, ERR_CONFIG,
                          "\"%.*s\" is no host: write files.example.com or intranet:8443",
                          (int)(length < 64 ? length : 64), host);
        }
    }
    arena_fini(&arena);
    return ok;
}

/* A name's last dot says that it is a whole one. */
static bool is_same_host(const struct host_rule *rule, const char *host)
{
    size_t length = strlen(host);

    length -= length > 1 && host[length - 1] == '.';
    if (rule->length != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const char a[2] = {rule->host[i], '\0'};
        const char b[2] = {host[i], '\0'};

        if (!text_equal_fold(a, b)) {
            return false;
        }
    }
    return true;
}

static bool host_may_be_asked(const struct fetch *fetch)
{
    const int64_t usual = strcmp(fetch->scheme, "https") == 0 ? 443 : 80;
    const char *hosts = fetch->rules->hosts;
    struct host_rule rule;
    const char *host;
    size_t length;
    int64_t port = 0;

    if (!text_to_int64(fetch->port, &port)) {
        return false;
    }
    while (next_host(&hosts, &host, &length)) {
        if (read_host_rule(fetch->ctx->arena, host, length, &rule) &&
            port == (rule.port != 0 ? rule.port : usual) && is_same_host(&rule, fetch->host)) {
            return true;
        }
    }
    return false;
}

/* --- the address --- */

static bool read_url(struct fetch *fetch, const char *url, struct err *err)
{
    char *secret = NULL;

    fetch->url = curl_url();
    if (fetch->url == NULL) {
        return err_set(err, ERR_LIMIT, "no memory to read an address");
    }
    if (curl_url_set(fetch->url, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(fetch->url, CURLUPART_SCHEME, &fetch->scheme, 0) != CURLUE_OK ||
        curl_url_get(fetch->url, CURLUPART_HOST, &fetch->host, 0) != CURLUE_OK ||
        curl_url_get(fetch->url, CURLUPART_PORT, &fetch->port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        (strcmp(fetch->scheme, "https") != 0 && strcmp(fetch->scheme, "http") != 0)) {
        return err_set(err, ERR_INVALID, "is no address such as https://files.example.com/a.csv");
    }
    if (curl_url_get(fetch->url, CURLUPART_USER, &secret, 0) == CURLUE_OK ||
        curl_url_get(fetch->url, CURLUPART_PASSWORD, &secret, 0) == CURLUE_OK) {
        curl_free(secret);
        return err_set(err, ERR_INVALID, "holds a name or a password, which is not sent");
    }
    return host_may_be_asked(fetch) ||
           err_set(err, ERR_FORBIDDEN, "%.100s is none of the hosts that may be asked",
                   fetch->host);
}

/* Decided for each address at the moment of its connection: what a name resolved to before does not
 * count. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetch *fetch = arg;
    const struct net_address peer = net_address_of(&address->addr);

    (void)purpose;
    if (!net_address_is_public(&peer) && !networks_have(&fetch->rules->networks, &peer)) {
        fetch->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct fetch *fetch = arg;

    buf_add(fetch->body, bytes, size * count);
    return fetch->body->bad ? 0 : size * count; /* short: libcurl ends it */
}

static void set_up(struct fetch *fetch, CURL *curl)
{
    const int64_t left = clock_ms_left(fetch->ctx->deadline_ns);
    const int64_t most = fetch->rules->timeout_ms;

    curl_easy_setopt(curl, CURLOPT_CURLU, fetch->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left < 1 ? 1 : left < most ? left : most));
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
}

static bool judge(const struct fetch *fetch, CURLcode result, struct err *err)
{
    if (result == CURLE_OK) {
        return true;
    }
    if (fetch->body->bad) {
        return err_set(err, ERR_TOO_LARGE, "what is there is larger than %zu bytes",
                       fetch->rules->body_max);
    }
    if (fetch->is_refused && result == CURLE_COULDNT_CONNECT) {
        return err_set(err, ERR_FORBIDDEN,
                       "%.100s is at an address that is not public and may not be asked",
                       fetch->host);
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
        (void)err_set(err, ERR_PEER, "%.100s did not answer in time", fetch->host);
    } else {
        (void)err_set(err, ERR_PEER, "%.100s: %s", fetch->host, curl_easy_strerror(result));
    }
    err->native = (int)result;
    err->is_public = true;
    return false;
}

static bool perform(struct fetch *fetch, int *ret_status, struct err *err)
{
    CURL *curl = curl_easy_init();
    long status = 0;
    bool ok;

    if (curl == NULL) {
        return err_set(err, ERR_LIMIT, "no memory to fetch an address");
    }
    set_up(fetch, curl);
    ok = judge(fetch, curl_easy_perform(curl), err);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    *ret_status = (int)status;
    curl_easy_cleanup(curl);
    return ok;
}

static const char *name_of(const struct fetch *fetch)
{
    struct arena *arena = fetch->ctx->arena;
    char *path = NULL;
    const char *name = "";

    if (curl_url_get(fetch->url, CURLUPART_PATH, &path, 0) == CURLUE_OK) {
        int length = 0;
        char *decoded = curl_easy_unescape(NULL, strrchr(path, '/') + 1, 0, &length);

        name = decoded != NULL ? text_repaired(arena, decoded, (size_t)length) : "";
        curl_free(decoded);
    }
    curl_free(path);
    return name;
}

static bool fetch_observed(struct fetch *fetch, struct http_fetched *ret, struct err *err)
{
    struct span *span = span_begin(fetch->ctx, "HTTP GET", SPAN_CLIENT);
    int64_t port = 0;
    bool ok;

    (void)text_to_int64(fetch->port, &port);
    span_text(span, "http.request.method", "GET");
    span_text(span, "server.address", fetch->host);
    span_int(span, "server.port", port);
    ok = perform(fetch, &ret->status, err);
    if (ret->status != 0) {
        span_int(span, "http.response.status_code", ret->status);
    }
    if (!ok) {
        span_fail(span, err);
    }
    span_end(fetch->ctx, span);
    return ok;
}

bool http_fetch(struct ctx *ctx, const struct http_fetch_rules *rules, const char *url,
                struct http_fetched *ret, struct err *err)
{
    struct fetch fetch = {.ctx = ctx, .rules = rules, .body = &ret->body};
    bool ok;

    http_start();
    *ret = (struct http_fetched){.name = ""};
    buf_init(&ret->body, rules->body_max);
    ok = read_url(&fetch, url, err);
    if (ok) {
        ret->name = name_of(&fetch);
        ok = fetch_observed(&fetch, ret, err);
    }
    curl_free(fetch.scheme);
    curl_free(fetch.host);
    curl_free(fetch.port);
    curl_url_cleanup(fetch.url);
    return ok;
}
