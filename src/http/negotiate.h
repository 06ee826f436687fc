/*
 * http/negotiate.h: what request headers ask for. Pure functions over header values; NULL stands
 * for a header that is not there.
 */
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/network.h"
#include "http/field_value.h"

enum { ETAG_TEXT_MAX = 24 }; /* W/"0123456789abcdef" and its NUL */

/* RFC 9110 section 12.5.3, with weights: may the reply be compressed with gzip? */
bool accepts_gzip(const char *accept_encoding);
/* RFC 9110 section 12.5.1, with weights: would the client rather have text/html than JSON? Browsers
 * would; who takes anything, or both alike, gets JSON. */
bool prefers_html(const char *accept);
/* A weak validator over a body. */
void etag_of(const char *body, size_t length, char out[ETAG_TEXT_MAX]);
/* The same as a strong one: of bodies that are sent as they are, byte for byte. */
void etag_strong_of(const char *body, size_t length, char out[ETAG_TEXT_MAX]);
/* RFC 9110 section 13.1.2: a list of validators or "*", compared weakly. */
bool etag_matches(const char *if_none_match, const char *etag);
/* RFC 9110 section 13.1.1: the same compared strongly, so that weak ones match nothing. */
bool etag_matches_strongly(const char *if_match, const char *etag);
enum body_coding { BODY_PLAIN, BODY_GZIP, BODY_UNKNOWN };

/* RFC 9110 section 8.4: in which coding does a body come? In one at most that is understood. */
enum body_coding body_coding_of(const char *content_encoding);
/* Is it that media type, with or without parameters? */
bool is_media_type(const char *content_type, const char *type);
/* "application/json" or a "+json" type, in UTF-8 where it names a charset. */
bool is_json_type(const char *content_type);
/* Is it a text type that is worth compressing? */
bool is_compressible_type(const char *content_type);
/* One to `most` characters of [A-Za-z0-9._:-]. */
bool is_request_token(const char *text, size_t most);
/* Is `origin` one of a comma-separated list? "*" in the list matches nothing. */
bool origin_is_allowed(const char *allowed, const char *origin);
/* Whom a proxy of ours speaks for, by X-Forwarded-For, to which each proxy has added whom it was
 * called by: read from its end, the first address that is none of our proxies; where all are, the
 * first of all. What stands before one that is not ours, or is no address, is anybody's word. False
 * where the last is no address. */
bool forwarded_client(const char *forwarded_for, const struct networks *proxies,
                      struct net_address *ret);
/* Does the last of X-Forwarded-Proto, which is our own proxy's word too, say https? */
bool forwarded_securely(const char *forwarded_proto);

#endif
