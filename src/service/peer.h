/*
 * service/peer.h: asking the other service, within a request, for what it answers in JSON: for
 * routes with ROUTE_CALLS_PEER, or ROUTE_SIGNS_IN where it is the peer that hashes. Its answers may
 * have 8 MiB.
 */
#ifndef SERVICE_PEER_H
#define SERVICE_PEER_H

#include "http/json_in.h"
#include "http/request.h"
#include "net/http_client.h"

/* What the peer answers to a call, whatever its status; *ret_body is freed by the caller with
 * json_free. ERR_UNAVAILABLE: no peer is configured; ERR_PEER: it does not answer with JSON; and
 * what http_client_call says. All of it is for whoever asked. body_max of the call is not looked
 * at. */
MUST_CHECK bool peer_call(struct request *rq, const struct http_call *call, int *ret_status,
                          struct json **ret_body, struct err *err);
/* What the peer gives for this path with its query, already encoded; freed by the caller with
 * json_free. As peer_call, and ERR_PEER where it answers something else than 200. */
MUST_CHECK bool peer_get(struct request *rq, const char *path, struct json **ret_body,
                         struct err *err);
/* The same for what is posted: JSON that ends with a NUL. It is sent once, and wiped. */
MUST_CHECK bool peer_post(struct request *rq, const char *path, char *body, struct json **ret_body,
                          struct err *err);
/* The path with `text` behind it, encoded. */
const char *peer_path(struct arena *arena, const char *path, const char *text);

#endif
