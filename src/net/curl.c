/* What those who call by libcurl share: its start, and the reading of addresses. */
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/arena.h"

#include "net/curl_priv.h"

static void start(void)
{
    /* The process keeps libcurl's tables to its end; nothing else of it is global. */
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, start);
}

void http_read_authority(const char *url, char **ret_host, int64_t *ret_port)
{
    CURLU *parsed = curl_url();
    char *host = NULL;
    char *port = NULL;

    *ret_port = 0;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        *ret_port = strtol(port, NULL, 10);
    }
    *ret_host = mem_strdup(host == NULL ? "" : host);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
}
