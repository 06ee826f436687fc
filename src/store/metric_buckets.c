#include "store/metric_buckets.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rd.h"

enum { REAL_TEXT_MAX = 32 };

/* ---- explicit bounds ---- */

bool metric_buckets_explicit(struct arena *arena, const uint64_t *counts, size_t count,
                             const double *bounds, size_t bound_count, struct metric_buckets *ret)
{
    *ret = (struct metric_buckets){.list = arena_array(arena, count + 1, sizeof(*ret->list))};
    if (count == 0 && bound_count == 0) {
        return true; /* count and sum alone are told */
    }
    if (count != bound_count + 1 || count > METRIC_BUCKETS_MOST) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const double bound = i < bound_count ? bounds[i] : HUGE_VAL;

        if ((i < bound_count && !isfinite(bound)) || (i > 0 && bound <= bounds[i - 1])) {
            return false;
        }
        if (counts[i] > 0) {
            ret->list[ret->count++] =
                (struct metric_bucket){.bound = bound, .samples = (int64_t)counts[i]};
        }
    }
    return true;
}

/* ---- exponential ones ---- */

/* Rounds down, also below 0. */
static int64_t coarser(int64_t index, int64_t doublings)
{
    const int64_t width = INT64_C(1) << doublings;

    return index >= 0 ? index / width : -((-index + width - 1) / width);
}

/* Bucket `index` of a scale holds values above base^index and up to base^(index + 1), where base is
 * 2 to the 2^-scale. */
static double power_of(int64_t index, int64_t scale)
{
    return exp2(ldexp((double)index, (int)-scale));
}

/* Of two that a double cannot tell apart one is made. */
static void append(struct metric_buckets *buckets, double bound, int64_t samples)
{
    struct metric_bucket *last = buckets->count > 0 ? &buckets->list[buckets->count - 1] : NULL;

    if (last != NULL && last->bound >= bound) {
        last->samples += samples;
    } else {
        buckets->list[buckets->count++] =
            (struct metric_bucket){.bound = bound, .samples = samples};
    }
}

/* At the scale of the result: in the order of their bounds, so those below zero backwards. No bound
 * but the last is infinite. */
static void add_below_zero(struct metric_buckets *buckets, const struct metric_side *side,
                           int64_t doublings)
{
    for (size_t i = side->count; i > 0; i--) {
        if (side->counts[i - 1] > 0) {
            const int64_t index = coarser(side->offset + (int64_t)i - 1, doublings);

            append(buckets, -fmin(power_of(index, buckets->scale), DBL_MAX),
                   (int64_t)side->counts[i - 1]);
        }
    }
}

static void add_above_zero(struct metric_buckets *buckets, const struct metric_side *side,
                           int64_t doublings)
{
    for (size_t i = 0; i < side->count; i++) {
        if (side->counts[i] > 0) {
            const int64_t index = coarser(side->offset + (int64_t)i, doublings);

            append(buckets, power_of(index + 1, buckets->scale), (int64_t)side->counts[i]);
        }
    }
}

bool metric_buckets_exponential(struct arena *arena, int64_t scale,
                                const struct metric_side *positive,
                                const struct metric_side *negative, uint64_t zero_count,
                                double zero_threshold, struct metric_buckets *ret)
{
    const size_t most = positive->count + negative->count + 1;
    int64_t to = scale > METRIC_SCALE_MOST ? METRIC_SCALE_MOST : scale;

    if (scale < METRIC_SCALE_LEAST || scale > METRIC_SCALE_OTLP_MOST || !isfinite(zero_threshold) ||
        zero_threshold < 0) {
        return false;
    }
    *ret = (struct metric_buckets){.list = arena_array(arena, most, sizeof(*ret->list))};
    for (; to >= METRIC_SCALE_LEAST; to--) {
        ret->scale = to;
        ret->count = 0;
        add_below_zero(ret, negative, scale - to);
        if (zero_count > 0) {
            append(ret, zero_threshold, (int64_t)zero_count);
        }
        add_above_zero(ret, positive, scale - to);
        if (ret->count <= METRIC_BUCKETS_MOST) {
            return true;
        }
    }
    return false;
}

/* ---- differences ---- */

/* The bound of that bucket at a coarser scale. */
static double widened(double bound, int64_t from, int64_t to)
{
    const double size = fabs(bound);
    int64_t index;

    if (from <= to || size <= 0 || !isfinite(bound)) {
        return bound;
    }
    index = llround(ldexp(log2(size), (int)from));
    return bound > 0 ? power_of(coarser(index - 1, from - to) + 1, to)
                     : -power_of(coarser(index, from - to), to);
}

/* A bucket that holds fewer than before holds none more. */
void metric_buckets_subtract(struct arena *arena, const struct metric_buckets *after,
                             const struct metric_buckets *before, struct metric_buckets *ret)
{
    size_t at = 0;

    *ret = (struct metric_buckets){.scale = after->scale};
    ret->list = arena_array(arena, after->count + 1, sizeof(*ret->list));
    for (size_t i = 0; i < after->count; i++) {
        int64_t samples = after->list[i].samples;

        while (at < before->count && widened(before->list[at].bound, before->scale, after->scale) <=
                                         after->list[i].bound) {
            samples -= before->list[at++].samples;
        }
        if (samples > 0) {
            ret->list[ret->count++] =
                (struct metric_bucket){.bound = after->list[i].bound, .samples = samples};
        }
    }
}

/* ---- as text ---- */

void metric_buckets_write(const struct metric_buckets *buckets, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < buckets->count; i++) {
        const struct metric_bucket *bucket = &buckets->list[i];

        buf_add_text(out, i > 0 ? "," : "");
        if (isfinite(bucket->bound)) {
            buf_printf(out, "%.17g", bucket->bound);
        } else {
            buf_add_text(out, "null");
        }
        buf_add_char(out, ',');
        buf_add_int(out, bucket->samples);
    }
    buf_add_char(out, ']');
}

static bool take_bound(struct rd *rd, double *ret)
{
    static const char NONE[] = "null";
    char text[REAL_TEXT_MAX];
    size_t length = 0;
    char *end;

    if (rd_left(rd) >= strlen(NONE) && memcmp(rd->at, NONE, strlen(NONE)) == 0) {
        (void)rd_bytes(rd, strlen(NONE));
        *ret = HUGE_VAL;
        return true;
    }
    while (rd_left(rd) > 0 && strchr("+-.0123456789e", *rd->at) != NULL && *rd->at != '\0' &&
           length < sizeof(text) - 1) {
        text[length++] = (char)rd_u8(rd);
    }
    text[length] = '\0';
    *ret = strtod(text, &end);
    return length > 0 && *end == '\0' && isfinite(*ret);
}

bool metric_buckets_parse(struct arena *arena, const char *text, struct metric_buckets *ret)
{
    struct rd rd = rd_of(text, strlen(text));
    bool is_first = true;

    *ret = (struct metric_buckets){.list =
                                       arena_array(arena, METRIC_BUCKETS_MOST, sizeof(*ret->list))};
    if (!rd_skip_char(&rd, '[')) {
        return false;
    }
    while (!rd_skip_char(&rd, ']')) {
        struct metric_bucket bucket;

        if (ret->count == METRIC_BUCKETS_MOST || (!is_first && !rd_skip_char(&rd, ',')) ||
            !take_bound(&rd, &bucket.bound) || !rd_skip_char(&rd, ',')) {
            return false;
        }
        bucket.samples = (int64_t)rd_decimal(&rd, INT64_MAX);
        if (rd.bad) {
            return false;
        }
        ret->list[ret->count++] = bucket;
        is_first = false;
    }
    return rd_at_end(&rd);
}
