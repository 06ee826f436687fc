/*
 * console/server_sides.h: which services' databases were asked for what they count, as a member of
 * replies.
 */
#ifndef CONSOLE_SERVER_SIDES_H
#define CONSOLE_SERVER_SIDES_H

#include "console/server_counts.h"
#include "http/json_out.h"
#include "http/reply_shape.h"

/* A list of this shape, "databases". */
extern const struct reply_shape server_side_shape;
void server_sides_put(struct json_out *json, const struct compared *compared);

#endif
