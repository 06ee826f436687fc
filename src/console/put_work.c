#include "console/put_work.h"

#include <math.h>

static const struct reply_field work_fields[] = {
    REPLY_FIELD("executions", REPLY_COUNT), REPLY_FIELD("failures", REPLY_COUNT),
    REPLY_FIELD("rows", REPLY_COUNT),       REPLY_FIELD("total_ns", REPLY_COUNT),
    REPLY_FIELD("mean_ns", REPLY_COUNT),    REPLY_FIELD("stddev_ns", REPLY_COUNT),
    REPLY_FIELD("longest_ns", REPLY_COUNT), REPLY_FIELD("active_ns", REPLY_COUNT),
};
const struct reply_shape work_shape = REPLY_SHAPE("Work", work_fields);
static const struct reply_field ranked_fields[] = {
    REPLY_FIELD("p50_ns", REPLY_COUNT),
    REPLY_FIELD("p90_ns", REPLY_COUNT),
    REPLY_FIELD("p95_ns", REPLY_COUNT),
    REPLY_FIELD("p99_ns", REPLY_COUNT),
};
const struct reply_shape ranked_work_shape =
    REPLY_SHAPE_ON("RankedWork", &work_shape, ranked_fields);
static const char *const RANK_NAMES[DURATIONS_RANKS] = {[DURATIONS_P50] = "p50_ns",
                                                        [DURATIONS_P90] = "p90_ns",
                                                        [DURATIONS_P95] = "p95_ns",
                                                        [DURATIONS_P99] = "p99_ns"};

void work_put(struct json_out *json, const struct work *work)
{
    json_put_int(json, "executions", work->executions);
    json_put_int(json, "failures", work->failures);
    json_put_int(json, "rows", work->rows);
    json_put_int(json, "total_ns", work->total_ns);
    json_put_int(json, "mean_ns", work->executions > 0 ? work->total_ns / work->executions : 0);
    json_put_int(json, "stddev_ns", llround(work->deviation_ns));
    json_put_int(json, "longest_ns", work->longest_ns);
    json_put_int(json, "active_ns", work->active_ns);
}

void ranks_put(struct json_out *json, const int64_t ranks_ns[DURATIONS_RANKS])
{
    for (size_t i = 0; i < DURATIONS_RANKS; i++) {
        json_put_int(json, RANK_NAMES[i], ranks_ns[i]);
    }
}

void told_put(struct json_out *json, const char *key, const char *text)
{
    json_put_text(json, key, text[0] != '\0' ? text : NULL);
}
