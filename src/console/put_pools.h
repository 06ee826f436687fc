/*
 * console/put_pools.h: pools of sessions over time, as a member of a reply.
 */
#ifndef CONSOLE_PUT_POOLS_H
#define CONSOLE_PUT_POOLS_H

#include "http/json_out.h"
#include "http/reply_shape.h"
#include "store/pools.h"

extern const struct reply_shape hub_pool_shape; /* of one */

/* The member `pools`, a list, and `pool_limit`, of all together. */
void pools_put(struct json_out *json, const struct pools_told *told);

#endif
