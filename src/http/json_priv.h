/*
 * http/json_priv.h: what the two readers of JSON share: parsing with jansson. The only header that
 * shows jansson.
 */
#ifndef HTTP_JSON_PRIV_H
#define HTTP_JSON_PRIV_H

#include "http/json_in.h"

/* jansson has macros of these names; ours are functions over our own type. */
#include <jansson.h>
#undef json_is_object
#undef json_is_null

/* Parses one strict document. Of jansson's flags only JSON_ALLOW_NUL is for callers: those that
 * look at each text's length. The caller gives the reference back with json_decref. */
MUST_CHECK bool json_load(const char *text, size_t length, size_t flags, json_t **ret_root,
                          struct err *err);

/* NULL for what is no text, and for a text that holds a NUL. */
const char *json_whole_text(const json_t *value);

/* The value as a whole number, also from a real without a fraction. */
bool json_whole_number(const json_t *value, int64_t *ret);
/* The value as cents: exact, at most two decimals. */
bool json_money(const json_t *value, int64_t *ret_cents);

#endif
