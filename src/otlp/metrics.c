#include "otlp/metrics.h"

#include "otlp/attributes.h"
#include "otlp/protobuf.h"
#include "otlp/schema.h"

enum { CUMULATIVE = 2 /* opentelemetry.proto.metrics.v1.AggregationTemporality */ };

#define US_PER_S 1e6

/* The three kinds of data differ in no number but their own. */
_Static_assert((int)OTLP_GAUGE_POINTS == (int)OTLP_SUM_POINTS &&
                   (int)OTLP_GAUGE_POINTS == (int)OTLP_HISTOGRAM_POINTS &&
                   (int)OTLP_SUM_TEMPORALITY == (int)OTLP_HISTOGRAM_TEMPORALITY &&
                   (int)OTLP_NUMBER_POINT_START == (int)OTLP_HISTOGRAM_POINT_START &&
                   (int)OTLP_NUMBER_POINT_TIME == (int)OTLP_HISTOGRAM_POINT_TIME,
               "one beginning serves all");

/* A family is begun by its first point: one without points is none. */
struct writing {
    struct otlp_batch *batch;
    int64_t start_ns;
    int64_t now_ns;
    bool is_begun;
    size_t metric;
    size_t data;
};

static unsigned number_of(enum metric_type type)
{
    switch (type) {
    case METRIC_COUNTER:
    case METRIC_LEVEL:
        return OTLP_METRIC_SUM;
    case METRIC_HISTOGRAM:
        return OTLP_METRIC_HISTOGRAM;
    case METRIC_GAUGE:
        break;
    }
    return OTLP_METRIC_GAUGE;
}

static void begin(struct writing *writing, const struct metric_family *family)
{
    struct buf *out = &writing->batch->body;

    writing->is_begun = true;
    writing->metric = pb_begin(out, OTLP_SCOPE_METRICS_METRICS);
    pb_put_text(out, OTLP_METRIC_NAME, family->name);
    pb_put_text(out, OTLP_METRIC_DESCRIPTION, family->help);
    pb_put_text(out, OTLP_METRIC_UNIT, family->unit);
    writing->data = pb_begin(out, number_of(family->type));
    if (family->type != METRIC_GAUGE) {
        pb_put_varint(out, OTLP_SUM_TEMPORALITY, CUMULATIVE);
    }
    if (family->type == METRIC_COUNTER) {
        pb_put_varint(out, OTLP_SUM_IS_MONOTONIC, 1);
    }
}

static void end(struct writing *writing)
{
    if (writing->is_begun) {
        pb_end(&writing->batch->body, writing->data);
        pb_end(&writing->batch->body, writing->metric);
    }
    writing->is_begun = false;
}

static void put_histogram(struct buf *out, const struct metric_point *point)
{
    size_t packed;

    pb_put_fixed64(out, OTLP_HISTOGRAM_POINT_COUNT, point->count);
    pb_put_double(out, OTLP_HISTOGRAM_POINT_SUM, (double)point->sum_us / US_PER_S);
    packed = pb_begin(out, OTLP_HISTOGRAM_POINT_BUCKETS);
    for (size_t i = 0; i <= point->bound_count; i++) {
        pb_add_fixed64(out, point->buckets[i]);
    }
    pb_end(out, packed);
    packed = pb_begin(out, OTLP_HISTOGRAM_POINT_BOUNDS);
    for (size_t i = 0; i < point->bound_count; i++) {
        pb_add_double(out, point->bounds[i]);
    }
    pb_end(out, packed);
}

static void see_family(void *arg, const struct metric_family *family)
{
    (void)family;
    end(arg);
}

static void see_point(void *arg, const struct metric_family *family,
                      const struct metric_point *point)
{
    struct writing *writing = arg;
    struct buf *out = &writing->batch->body;
    const bool is_histogram = family->type == METRIC_HISTOGRAM;
    size_t begun;

    if (!writing->is_begun) {
        begin(writing, family);
    }
    begun = pb_begin(out, OTLP_SUM_POINTS);
    if (family->type != METRIC_GAUGE) {
        pb_put_fixed64(out, OTLP_NUMBER_POINT_START, (uint64_t)writing->start_ns);
    }
    pb_put_fixed64(out, OTLP_NUMBER_POINT_TIME, (uint64_t)writing->now_ns);
    if (is_histogram) {
        put_histogram(out, point);
    } else if (point->is_real) {
        pb_put_double(out, OTLP_NUMBER_POINT_DOUBLE, point->real);
    } else {
        pb_put_fixed64(out, OTLP_NUMBER_POINT_INT, point->integer);
    }
    for (size_t i = 0; i < point->attribute_count; i++) {
        otlp_put_attribute(
            out, is_histogram ? OTLP_HISTOGRAM_POINT_ATTRIBUTES : OTLP_NUMBER_POINT_ATTRIBUTES,
            &point->attributes[i]);
    }
    pb_end(out, begun);
    writing->batch->count++;
}

void otlp_add_metrics(struct otlp_batch *batch, struct metrics *metrics, int64_t start_ns,
                      int64_t now_ns)
{
    struct writing writing = {.batch = batch, .start_ns = start_ns, .now_ns = now_ns};

    metrics_visit(metrics, &(struct metrics_visitor){
                               .family = see_family, .point = see_point, .arg = &writing});
    end(&writing);
}
