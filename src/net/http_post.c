#include "net/http_post.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"

#include "net/curl_priv.h"

enum {
    IDLE_CONNECTION_S = 60,
    ROUNDING_MS = 2,
    HEADER_MAX = 4096 + 64, /* longest setting, with a name */
};

struct http_poster {
    struct http_poster_options options;
    CURL *curl;
    struct curl_slist *headers;
    struct curl_slist *packed; /* the same, of a body that is packed */
    char *host;
    int64_t port;
    struct buf answer;
    _Atomic uint64_t end_ns;
};

/* --- life cycle --- */

static struct curl_slist *line_added(struct curl_slist *list, const char *name, const char *value)
{
    char line[HEADER_MAX];
    struct curl_slist *longer;

    (void)snprintf(line, sizeof(line), "%s: %s", name, value);
    longer = curl_slist_append(list, line);
    return longer != NULL ? longer : list;
}

/* Without "Expect": to wait for "100 Continue" would cost a round trip. */
static struct curl_slist *headers_new(const struct http_poster_options *options, const char *coding)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    list = line_added(list, "Content-Type", options->content_type);
    list = line_added(list, "User-Agent", options->user_agent);
    if (coding != NULL) {
        list = line_added(list, "Content-Encoding", coding);
    }
    for (size_t i = 0; options->headers != NULL && options->headers[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(list, options->headers[i]);

        list = longer != NULL ? longer : list;
    }
    return list;
}

struct http_poster *http_poster_new(const struct http_poster_options *options)
{
    struct http_poster *poster = mem_alloc(sizeof(*poster));

    http_start();
    poster->options = *options;
    poster->headers = headers_new(options, NULL);
    poster->packed = headers_new(options, "gzip");
    poster->curl = curl_easy_init();
    atomic_init(&poster->end_ns, CLOCK_NEVER);
    http_read_authority(options->url, &poster->host, &poster->port);
    buf_init(&poster->answer, options->answer_max);
    return poster;
}

void http_poster_free(struct http_poster *poster)
{
    if (poster == NULL) {
        return;
    }
    curl_easy_cleanup(poster->curl);
    curl_slist_free_all(poster->headers);
    curl_slist_free_all(poster->packed);
    buf_fini(&poster->answer);
    free(poster->host);
    free(poster);
}

const char *http_poster_host(const struct http_poster *poster)
{
    return poster->host;
}

int64_t http_poster_port(const struct http_poster *poster)
{
    return poster->port;
}

void http_poster_end_at(struct http_poster *poster, uint64_t deadline_ns)
{
    atomic_store(&poster->end_ns, deadline_ns);
}

/* --- one try --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *poster)
{
    struct http_poster *p = poster;

    buf_add(&p->answer, bytes, size * count);
    return p->answer.bad ? 0 : size * count; /* short: libcurl ends the call */
}

/* Asked at least once a second; anything but 0 ends the call. */
static int is_over(void *poster, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                   curl_off_t up)
{
    struct http_poster *p = poster;

    (void)down_all, (void)down, (void)up_all, (void)up;
    return clock_has_passed(atomic_load(&p->end_ns));
}

static long timeout_ms(struct http_poster *poster)
{
    const int64_t left = clock_ms_left(atomic_load(&poster->end_ns));
    const int64_t own = poster->options.timeout_ms;

    if (left < 1) {
        return 1; /* 0 would be no limit at all */
    }
    /* Its clock may be early by the rounding of both ends: what ends by ours ends behind it. */
    return (long)(left < own ? left + ROUNDING_MS : own);
}

static void set_up(struct http_poster *poster, const struct http_posting *posting)
{
    CURL *curl = poster->curl;

    curl_easy_reset(curl); /* forgets the options, keeps the connection */
    curl_easy_setopt(curl, CURLOPT_URL, poster->options.url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms(poster));
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER,
                     posting->coding != NULL ? poster->packed : poster->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, poster);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_over);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, poster);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, posting->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)posting->length);
    if (poster->options.ca_file[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_CAINFO, poster->options.ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL); /* the system's, which it trusts besides */
    }
}

static bool fail(const struct http_poster *poster, CURLcode result, struct err *err)
{
    if (poster->answer.bad) {
        (void)err_set(err, ERR_PEER, "the answer is larger than %zu bytes", poster->answer.max);
    } else {
        (void)err_set(err, ERR_PEER, "%s", curl_easy_strerror(result));
    }
    err->native = (int)result;
    return false;
}

bool http_post(struct http_poster *poster, const struct http_posting *posting,
               struct http_posted *ret, struct err *err)
{
    long status = 0;
    curl_off_t retry_after = 0;
    char *content_type = NULL;
    CURLcode result;

    if (clock_has_passed(atomic_load(&poster->end_ns))) {
        return err_set(err, ERR_DEADLINE, "no time left");
    }
    if (poster->curl == NULL) {
        return err_set(err, ERR_PEER, "libcurl has no memory");
    }
    buf_clear(&poster->answer);
    set_up(poster, posting);
    result = curl_easy_perform(poster->curl);
    if (result != CURLE_OK && clock_has_passed(atomic_load(&poster->end_ns))) {
        return err_set(err, ERR_DEADLINE, "no time left");
    }
    if (result != CURLE_OK) {
        return fail(poster, result, err);
    }
    curl_easy_getinfo(poster->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(poster->curl, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(poster->curl, CURLINFO_CONTENT_TYPE, &content_type);
    *ret = (struct http_posted){.status = (int)status,
                                .retry_after_s = retry_after > 0 ? retry_after : 0,
                                .content_type = content_type != NULL ? content_type : "",
                                .body = &poster->answer};
    return true;
}
