/*
 * console/window_params.h: from when to when a question is about, and whose work: parameters that
 * several routes take, and how they are read.
 */
#ifndef CONSOLE_WINDOW_PARAMS_H
#define CONSOLE_WINDOW_PARAMS_H

#include "http/request.h"
#include "store/window.h"

#include "console/console_priv.h"

enum { WINDOW_NAME_CHARACTERS = 300 };

/* 2262-01-01: nanoseconds of 64 bits end in April of that year. */
#define WINDOW_END_US INT64_C(9214646400000000)

struct window_params {
    int64_t from_us;
    bool has_from;
    int64_t to_us;
    bool has_to;
};

/* from and to; the struct has a struct window_params window. */
#define PARAM_WINDOW(struct_)                                                                      \
    {.name = "from",                                                                               \
     .kind = PARAM_KIND_TIME,                                                                      \
     .offset = offsetof(struct_, window.from_us),                                                  \
     .flag_offset = offsetof(struct_, window.has_from),                                            \
     .has_flag = true},                                                                            \
    {                                                                                              \
        .name = "to", .kind = PARAM_KIND_TIME, .offset = offsetof(struct_, window.to_us),          \
        .flag_offset = offsetof(struct_, window.has_to), .has_flag = true                          \
    }

/* service, module and action; the struct has a struct statements_filter filter. */
#define PARAM_FILTER(struct_)                                                                      \
    {.name = "service",                                                                            \
     .kind = PARAM_KIND_TEXT,                                                                      \
     .offset = offsetof(struct_, filter.service),                                                  \
     .most = WINDOW_NAME_CHARACTERS},                                                              \
        {.name = "module",                                                                         \
         .kind = PARAM_KIND_TEXT,                                                                  \
         .offset = offsetof(struct_, filter.module),                                               \
         .most = WINDOW_NAME_CHARACTERS},                                                          \
    {                                                                                              \
        .name = "action", .kind = PARAM_KIND_TEXT, .offset = offsetof(struct_, filter.action),     \
        .most = WINDOW_NAME_CHARACTERS                                                             \
    }

/* Members of a reply: what was answered, widened to the borders of its points. */
#define REPLY_WINDOW                                                                               \
    REPLY_FIELD("from", REPLY_TIME), REPLY_FIELD("to", REPLY_TIME),                                \
        REPLY_FIELD("step_s", REPLY_COUNT)

/* Without `to` until now, without `from` `usual_s` seconds before that. ERR_INVALID names the one
 * that is wrong. Whatever was stored until now is in the sums when it returns true. */
MUST_CHECK bool window_read(struct request *rq, const struct window_params *params, int64_t usual_s,
                            struct window *ret, struct err *err);
void window_put(struct json_out *json, const struct window *window);

#endif
