/*
 * net/curl_priv.h: what those who call by libcurl share.
 */
#ifndef NET_CURL_PRIV_H
#define NET_CURL_PRIV_H

#include <stdint.h>

/* Once a process, before anything else of libcurl. */
void http_start(void);
/* Host and port of a URL; "" and 0 where it has none. The host is the caller's to free. */
void http_read_authority(const char *url, char **ret_host, int64_t *ret_port);

#endif
