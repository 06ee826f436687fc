/*
 * http/json_out.h: writes JSON straight into a buffer, without a tree. key is NULL inside a list
 * and at the top. Texts must be valid UTF-8 (all that the database and json_in give is).
 */
#ifndef HTTP_JSON_OUT_H
#define HTTP_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

struct json_out {
    struct buf *buf;
    bool needs_comma;
};

void json_out_init(struct json_out *out, struct buf *buf);
void json_begin_object(struct json_out *out, const char *key);
void json_end_object(struct json_out *out);
void json_begin_list(struct json_out *out, const char *key);
void json_end_list(struct json_out *out);
void json_put_text(struct json_out *out, const char *key, const char *text); /* NULL gives null */
void json_put_int(struct json_out *out, const char *key, int64_t value);
void json_put_id(struct json_out *out, const char *key, bool is_null, int64_t value);
void json_put_money(struct json_out *out, const char *key, int64_t cents); /* 1234.50, a number */
void json_put_time(struct json_out *out, const char *key, int64_t us);     /* RFC 3339, Z */
void json_put_time_or_null(struct json_out *out, const char *key, bool is_null, int64_t us);
void json_put_bool(struct json_out *out, const char *key, bool value);
void json_put_real(struct json_out *out, const char *key, double value); /* not finite gives null */
void json_put_null(struct json_out *out, const char *key);
void json_put_raw(struct json_out *out, const char *key, const char *json, size_t length);

#endif
