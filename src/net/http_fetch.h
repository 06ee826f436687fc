/*
 * net/http_fetch.h: what stands at an address that a user gave, fetched once. Where it may be is
 * said by whoever runs the service: the host has to be named, and the address that the connection
 * is really made to has to be a public one or of a network that is named, so that nobody reaches
 * through us what only we can reach, whatever a name resolves to and however often it changes its
 * mind. Redirects are not followed, no proxy is asked, and nothing of ours is sent along: no
 * credentials, no cookies, no trace.
 * Threads: any.
 */
#ifndef NET_HTTP_FETCH_H
#define NET_HTTP_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/network.h"
#include "trace/ctx.h"

struct http_fetch_rules {
    /* "files.example.com, intranet:8443": names or addresses (IPv6 in brackets), parted by commas;
     * one without a port is for that of the scheme alone. */
    const char *hosts;
    struct networks networks; /* of addresses that are not public */
    int64_t timeout_ms;       /* of all of it, never past the unit's deadline */
    size_t body_max;          /* bytes */
};

struct http_fetched {
    int status;
    struct buf body;  /* as it came; buf_fini() by the caller, also after a failure */
    const char *name; /* the last part of its path, decoded, in the arena; "" where there is none */
};

/* Would that list of hosts be understood? ERR_CONFIG names what would not. */
MUST_CHECK bool http_fetch_check_hosts(const char *hosts, struct err *err);

/* True for every complete answer, whatever its status. ERR_INVALID: it is no address of HTTP, or
 * holds credentials. ERR_FORBIDDEN: its host is none of those that may be asked, or is at none of
 * the addresses. ERR_PEER: nobody answers, or not like this; ERR_DEADLINE; both with texts that
 * callers may see. ERR_TOO_LARGE: there is more than body_max. */
MUST_CHECK bool http_fetch(struct ctx *ctx, const struct http_fetch_rules *rules, const char *url,
                           struct http_fetched *ret, struct err *err);

#endif
