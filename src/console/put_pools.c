#include "console/put_pools.h"

#include "core/clock.h"

static const struct reply_field point_fields[] = {
    REPLY_FIELD("time", REPLY_TIME),      REPLY_FIELD("limit", REPLY_REAL),
    REPLY_FIELD("used_mean", REPLY_REAL), REPLY_FIELD("used_most", REPLY_REAL),
    REPLY_FIELD("idle_mean", REPLY_REAL), REPLY_FIELD("pending_most", REPLY_REAL),
};
static const struct reply_shape POINT = REPLY_SHAPE("HubPoolPoint", point_fields);
static const struct reply_field pool_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),       REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("limit", REPLY_REAL),         REPLY_FIELD("used_mean", REPLY_REAL),
    REPLY_FIELD("used_most", REPLY_REAL),     REPLY_FIELD("pending_most", REPLY_REAL),
    REPLY_PART("points", &POINT, REPLY_LIST),
};
const struct reply_shape hub_pool_shape = REPLY_SHAPE("HubPool", pool_fields);

static void put_point(struct json_out *json, const struct pool_point *point)
{
    json_begin_object(json, NULL);
    json_put_time(json, "time", point->start_s * CLOCK_US_PER_S);
    json_put_real(json, "limit", point->limit);
    json_put_real(json, "used_mean", point->used_mean);
    json_put_real(json, "used_most", point->used_most);
    json_put_real(json, "idle_mean", point->idle_mean);
    json_put_real(json, "pending_most", point->pending_most);
    json_end_object(json);
}

void pools_put(struct json_out *json, const struct pools_told *told)
{
    json_put_real(json, "pool_limit", told->limit);
    json_begin_list(json, "pools");
    for (size_t i = 0; i < told->count; i++) {
        const struct pool_told *pool = &told->list[i];

        json_begin_object(json, NULL);
        json_put_text(json, "service", pool->service);
        json_put_text(json, "name", pool->name);
        json_put_real(json, "limit", pool->limit);
        json_put_real(json, "used_mean", pool->used_mean);
        json_put_real(json, "used_most", pool->used_most);
        json_put_real(json, "pending_most", pool->pending_most);
        json_begin_list(json, "points");
        for (size_t at = 0; at < pool->point_count; at++) {
            put_point(json, &pool->points[at]);
        }
        json_end_list(json);
        json_end_object(json);
    }
    json_end_list(json);
}
