/*
 * service/peer.h: asking the other service for JSON, within a request: for routes with
 * ROUTE_CALLS_PEER, or ROUTE_SIGNS_IN where it is the peer that hashes.
 */
#ifndef SERVICE_PEER_H
#define SERVICE_PEER_H

#include "http/json_in.h"
#include "http/request.h"

/* What the peer gives for this path with its query, already encoded; freed by the caller with
 * json_free. ERR_UNAVAILABLE: no peer is configured; ERR_PEER: it answers something else than 200
 * and JSON; and what http_client_call says. All of it is for whoever asked. */
MUST_CHECK bool peer_get(struct request *rq, const char *path, struct json **ret_body,
                         struct err *err);
/* The same for what is posted: JSON that ends with a NUL. It is sent once, and wiped. */
MUST_CHECK bool peer_post(struct request *rq, const char *path, char *body, struct json **ret_body,
                          struct err *err);
/* The path with `text` behind it, encoded. */
const char *peer_path(struct arena *arena, const char *path, const char *text);

#endif
