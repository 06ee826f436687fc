#include "store/metric_arrivals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POINTS_FIRST = 64,
    COUNTS_MOST = 16384, /* buckets of a point as it is told */
    TEXT_MAX = 512 << 20,
    /* opentelemetry.proto.metrics.v1: AggregationTemporality, DataPointFlags */
    TEMPORALITY_DELTA = 1,
    TEMPORALITY_CUMULATIVE = 2,
    FLAG_NO_VALUE = 1,
};

/* Whole numbers that a double tells apart: a point holds so many values at most. */
#define SAMPLES_MOST (UINT64_C(1) << 53)

/* What a list of numbers is told by, one by one. */
struct counts {
    uint64_t *list;
    size_t count;
    size_t capacity;
};

struct receiving {
    struct metric_arrivals *into;
    struct collect attributes; /* of a point */
    struct buf text;

    /* Of a metric: its points begin here, and know of it when it ends. */
    size_t first;
    const char *name;
    const char *unit;
    const struct otlp_message *data; /* gauge, sum, ... */
    int64_t temporality;
    bool is_monotonic;

    /* Of a point. */
    struct metric_arrival point;
    bool has_value;
    bool is_without_value; /* as its flags say */
    uint64_t samples;
    uint64_t bucket_samples;
    struct counts counts; /* explicit, or of those above zero */
    struct counts negative;
    struct counts *side; /* that is open */
    bool has_too_many;
    double *bounds;
    size_t bound_count;
    size_t bound_capacity;
    int64_t scale;
    int64_t positive_offset;
    int64_t negative_offset;
    uint64_t zero_count;
    double zero_threshold;
    bool has_least;
    bool has_most;
};

static const char *const KINDS[] = {[METRIC_KIND_GAUGE] = "gauge",
                                    [METRIC_KIND_LEVEL] = "level",
                                    [METRIC_KIND_COUNTER] = "counter",
                                    [METRIC_KIND_HISTOGRAM] = "histogram"};

const char *metric_kind_word(enum metric_kind kind)
{
    return KINDS[kind];
}

/* ---- lists of numbers ---- */

static void add_count(struct receiving *receiving, struct counts *counts, uint64_t count)
{
    if (counts->count == COUNTS_MOST || count > SAMPLES_MOST - receiving->bucket_samples) {
        receiving->has_too_many = true;
        return;
    }
    if (counts->count == counts->capacity) {
        counts->capacity = counts->capacity == 0 ? POINTS_FIRST : 2 * counts->capacity;
        counts->list = mem_realloc(counts->list, counts->capacity * sizeof(*counts->list));
    }
    receiving->bucket_samples += count;
    counts->list[counts->count++] = count;
}

static void add_bound(struct receiving *receiving, double bound)
{
    if (receiving->bound_count == COUNTS_MOST) {
        receiving->has_too_many = true;
        return;
    }
    if (receiving->bound_count == receiving->bound_capacity) {
        receiving->bound_capacity =
            receiving->bound_capacity == 0 ? POINTS_FIRST : 2 * receiving->bound_capacity;
        receiving->bounds =
            mem_realloc(receiving->bounds, receiving->bound_capacity * sizeof(*receiving->bounds));
    }
    receiving->bounds[receiving->bound_count++] = bound;
}

/* ---- a point ---- */

static bool is_point(const struct otlp_message *message)
{
    return message == &otlp_number_point || message == &otlp_histogram_point ||
           message == &otlp_exponential_point || message == &otlp_summary_point;
}

static void begin_point(struct receiving *receiving)
{
    receiving->point = (struct metric_arrival){.samples = 1};
    receiving->has_value = receiving->is_without_value = receiving->has_too_many = false;
    receiving->has_least = receiving->has_most = false;
    receiving->samples = receiving->bucket_samples = receiving->zero_count = 0;
    receiving->counts.count = receiving->negative.count = receiving->bound_count = 0;
    receiving->side = &receiving->counts;
    receiving->scale = receiving->positive_offset = receiving->negative_offset = 0;
    receiving->zero_threshold = 0;
    collect_clear(&receiving->attributes);
}

static bool make_buckets(struct receiving *receiving, const struct otlp_message *message)
{
    const struct metric_side positive = {.offset = receiving->positive_offset,
                                         .counts = receiving->counts.list,
                                         .count = receiving->counts.count};
    const struct metric_side negative = {.offset = receiving->negative_offset,
                                         .counts = receiving->negative.list,
                                         .count = receiving->negative.count};

    return message == &otlp_histogram_point
               ? metric_buckets_explicit(receiving->into->arena, receiving->counts.list,
                                         receiving->counts.count, receiving->bounds,
                                         receiving->bound_count, &receiving->point.buckets)
               : metric_buckets_exponential(receiving->into->arena, receiving->scale, &positive,
                                            &negative, receiving->zero_count,
                                            receiving->zero_threshold, &receiving->point.buckets);
}

static const char *histogram_fault(struct receiving *receiving, const struct otlp_message *message)
{
    struct metric_arrival *point = &receiving->point;

    if (receiving->has_too_many || receiving->samples > SAMPLES_MOST ||
        receiving->zero_count > SAMPLES_MOST - receiving->bucket_samples) {
        return "it has more than 16384 buckets, or 2^53 values";
    }
    if (!make_buckets(receiving, message)) {
        return "its buckets are none: bounds have to rise, and there is a count more than bounds, "
               "512 at most";
    }
    point->samples = (int64_t)receiving->samples;
    point->total = isfinite(point->total) ? point->total : 0;
    point->has_range = receiving->has_least && receiving->has_most && isfinite(point->least) &&
                       isfinite(point->most);
    return NULL;
}

static const char *point_fault(struct receiving *receiving, const struct otlp_message *message)
{
    const struct metric_arrival *point = &receiving->point;

    if (message == &otlp_summary_point) {
        return "summaries are not kept";
    }
    if (point->time_ns <= 0 || point->start_ns < 0) {
        return "its time is none, or lies past the year 2262";
    }
    if (receiving->attributes.dropped > 0) {
        return "it has more than 128 attributes";
    }
    if (receiving->into->count == METRIC_ARRIVALS_MOST) {
        return "a request may hold 100000 points";
    }
    if (message != &otlp_number_point) {
        return histogram_fault(receiving, message);
    }
    return isfinite(point->total) ? NULL : "its value is no finite number";
}

static void reject(struct metric_arrivals *into, const char *what)
{
    if (into->why[0] == '\0') {
        (void)snprintf(into->why, sizeof(into->why), "point %zu: %s",
                       into->count + into->rejected + 1, what);
    }
    into->rejected++;
}

static struct metric_arrival *next_point(struct metric_arrivals *into)
{
    into->points =
        arena_room(into->arena, into->points, into->count, &into->capacity, sizeof(*into->points));
    return &into->points[into->count++];
}

/* In the order of their names: attributes are a set, by which a series is known. */
static const char *attributes_of(struct receiving *receiving)
{
    struct collect *attributes = &receiving->attributes;

    for (size_t i = 1; i < attributes->count; i++) {
        const struct collected one = attributes->list[i];
        size_t at = i;

        while (at > 0 && strcmp(collect_text(attributes, attributes->list[at - 1].key),
                                collect_text(attributes, one.key)) > 0) {
            attributes->list[at] = attributes->list[at - 1];
            at--;
        }
        attributes->list[at] = one;
    }
    buf_clear(&receiving->text);
    collect_put_all(attributes, &receiving->text);
    return arena_dup(receiving->into->arena, receiving->text.data, receiving->text.length);
}

static void end_point(struct receiving *receiving, const struct otlp_message *message)
{
    struct metric_arrival *point = &receiving->point;
    const char *fault;

    if (receiving->is_without_value || (message == &otlp_number_point && !receiving->has_value)) {
        return;
    }
    fault = point_fault(receiving, message);
    if (fault != NULL) {
        reject(receiving->into, fault);
        return;
    }
    if (message == &otlp_number_point) {
        point->has_range = true;
        point->least = point->most = point->total;
    }
    point->attributes = attributes_of(receiving);
    *next_point(receiving->into) = *point;
}

/* ---- a metric ---- */

static void begin_metric(struct receiving *receiving)
{
    receiving->first = receiving->into->count;
    receiving->name = receiving->unit = "";
    receiving->data = NULL;
    receiving->temporality = 0;
    receiving->is_monotonic = false;
}

static enum metric_kind kind_of(const struct receiving *receiving)
{
    if (receiving->data == &otlp_gauge) {
        return METRIC_KIND_GAUGE;
    }
    if (receiving->data == &otlp_sum) {
        return receiving->is_monotonic ? METRIC_KIND_COUNTER : METRIC_KIND_LEVEL;
    }
    return METRIC_KIND_HISTOGRAM;
}

/* What is counted up and down by differences alone says nothing of where it stands. */
static const char *metric_fault(const struct receiving *receiving)
{
    const enum metric_kind kind = kind_of(receiving);

    if (*receiving->name == '\0') {
        return "its metric has no name";
    }
    if (kind == METRIC_KIND_GAUGE || receiving->temporality == TEMPORALITY_CUMULATIVE) {
        return NULL;
    }
    if (receiving->temporality != TEMPORALITY_DELTA) {
        return "its aggregation temporality is neither delta nor cumulative";
    }
    return kind == METRIC_KIND_LEVEL ? "a sum that falls too is kept where it is cumulative" : NULL;
}

static void end_metric(struct receiving *receiving)
{
    struct metric_arrivals *into = receiving->into;
    const size_t until = into->count;
    const char *fault = metric_fault(receiving);

    if (fault != NULL) {
        into->count = receiving->first;
        for (size_t i = receiving->first; i < until; i++) {
            reject(into, fault);
        }
        return;
    }
    for (size_t i = receiving->first; i < until; i++) {
        into->points[i].name = receiving->name;
        into->points[i].unit = receiving->unit;
        into->points[i].kind = kind_of(receiving);
        into->points[i].is_cumulative = receiving->temporality == TEMPORALITY_CUMULATIVE;
    }
}

/* ---- what is told ---- */

static bool is_data(const struct otlp_message *message)
{
    return message == &otlp_gauge || message == &otlp_sum || message == &otlp_histogram ||
           message == &otlp_exponential || message == &otlp_summary;
}

static void on_begin(void *arg, const struct otlp_field *field)
{
    struct receiving *receiving = arg;
    const struct otlp_message *message = field->message;

    if (message == &otlp_metric) {
        begin_metric(receiving);
    } else if (is_data(message)) {
        receiving->data = message;
    } else if (is_point(message)) {
        begin_point(receiving);
    } else if (message == &otlp_buckets) {
        receiving->side = field->number == OTLP_EXPONENTIAL_POINT_NEGATIVE ? &receiving->negative
                                                                           : &receiving->counts;
        receiving->side->count = 0; /* the later of two counts */
    }
}

static void on_end(void *arg, const struct otlp_message *message)
{
    if (message == &otlp_metric) {
        end_metric(arg);
    } else if (is_point(message)) {
        end_point(arg, message);
    }
}

static const char *text_of(const struct receiving *receiving, const struct otlp_value *value)
{
    return arena_dup(receiving->into->arena, value->bytes, value->length);
}

static void metric_value(struct receiving *receiving, unsigned number,
                         const struct otlp_value *value)
{
    if (number == OTLP_METRIC_NAME) {
        receiving->name = text_of(receiving, value);
    } else if (number == OTLP_METRIC_UNIT) {
        receiving->unit = text_of(receiving, value);
    }
}

static void data_value(struct receiving *receiving, unsigned number, const struct otlp_value *value)
{
    if (number == OTLP_SUM_TEMPORALITY) {
        receiving->temporality = value->integer;
    } else if (number == OTLP_SUM_IS_MONOTONIC) {
        receiving->is_monotonic = value->natural != 0;
    }
}

/* All kinds of points and of data have these alike. */
_Static_assert((int)OTLP_NUMBER_POINT_START == (int)OTLP_HISTOGRAM_POINT_START &&
                   (int)OTLP_NUMBER_POINT_START == (int)OTLP_EXPONENTIAL_POINT_START &&
                   (int)OTLP_NUMBER_POINT_TIME == (int)OTLP_HISTOGRAM_POINT_TIME &&
                   (int)OTLP_NUMBER_POINT_TIME == (int)OTLP_EXPONENTIAL_POINT_TIME &&
                   (int)OTLP_NUMBER_POINT_TIME == (int)OTLP_SUMMARY_POINT_TIME &&
                   (int)OTLP_SUM_TEMPORALITY == (int)OTLP_HISTOGRAM_TEMPORALITY &&
                   (int)OTLP_SUM_TEMPORALITY == (int)OTLP_EXPONENTIAL_TEMPORALITY,
               "one beginning serves all");

static void number_value(struct receiving *receiving, unsigned number,
                         const struct otlp_value *value)
{
    switch (number) {
    case OTLP_NUMBER_POINT_DOUBLE:
        receiving->has_value = true;
        receiving->point.total = value->real;
        break;
    case OTLP_NUMBER_POINT_INT:
        receiving->has_value = true;
        receiving->point.total = (double)value->integer;
        break;
    case OTLP_NUMBER_POINT_FLAGS:
        receiving->is_without_value = (value->natural & FLAG_NO_VALUE) != 0;
        break;
    default:
        break;
    }
}

static void take_least(struct receiving *receiving, double value)
{
    receiving->has_least = true;
    receiving->point.least = value;
}

static void take_most(struct receiving *receiving, double value)
{
    receiving->has_most = true;
    receiving->point.most = value;
}

static void histogram_value(struct receiving *receiving, unsigned number,
                            const struct otlp_value *value)
{
    switch (number) {
    case OTLP_HISTOGRAM_POINT_COUNT:
        receiving->samples = value->natural;
        break;
    case OTLP_HISTOGRAM_POINT_SUM:
        receiving->point.total = value->real;
        break;
    case OTLP_HISTOGRAM_POINT_BUCKETS:
        add_count(receiving, &receiving->counts, value->natural);
        break;
    case OTLP_HISTOGRAM_POINT_BOUNDS:
        add_bound(receiving, value->real);
        break;
    case OTLP_HISTOGRAM_POINT_MIN:
        take_least(receiving, value->real);
        break;
    case OTLP_HISTOGRAM_POINT_MAX:
        take_most(receiving, value->real);
        break;
    case OTLP_HISTOGRAM_POINT_FLAGS:
        receiving->is_without_value = (value->natural & FLAG_NO_VALUE) != 0;
        break;
    default:
        break;
    }
}

static void exponential_value(struct receiving *receiving, unsigned number,
                              const struct otlp_value *value)
{
    switch (number) {
    case OTLP_EXPONENTIAL_POINT_COUNT:
        receiving->samples = value->natural;
        break;
    case OTLP_EXPONENTIAL_POINT_SUM:
        receiving->point.total = value->real;
        break;
    case OTLP_EXPONENTIAL_POINT_SCALE:
        receiving->scale = value->integer;
        break;
    case OTLP_EXPONENTIAL_POINT_ZERO_COUNT:
        receiving->zero_count = value->natural;
        break;
    case OTLP_EXPONENTIAL_POINT_ZERO_THRESHOLD:
        receiving->zero_threshold = value->real;
        break;
    case OTLP_EXPONENTIAL_POINT_MIN:
        take_least(receiving, value->real);
        break;
    case OTLP_EXPONENTIAL_POINT_MAX:
        take_most(receiving, value->real);
        break;
    case OTLP_EXPONENTIAL_POINT_FLAGS:
        receiving->is_without_value = (value->natural & FLAG_NO_VALUE) != 0;
        break;
    default:
        break;
    }
}

static void buckets_value(struct receiving *receiving, unsigned number,
                          const struct otlp_value *value)
{
    if (number == OTLP_BUCKETS_COUNTS) {
        add_count(receiving, receiving->side, value->natural);
    } else if (receiving->side == &receiving->negative) {
        receiving->negative_offset = value->integer;
    } else {
        receiving->positive_offset = value->integer;
    }
}

static void point_value(struct receiving *receiving, const struct otlp_message *message,
                        unsigned number, const struct otlp_value *value)
{
    if (number == OTLP_NUMBER_POINT_START) {
        receiving->point.start_ns = value->integer;
    } else if (number == OTLP_NUMBER_POINT_TIME) {
        receiving->point.time_ns = value->integer;
    } else if (message == &otlp_number_point) {
        number_value(receiving, number, value);
    } else if (message == &otlp_histogram_point) {
        histogram_value(receiving, number, value);
    } else if (message == &otlp_exponential_point) {
        exponential_value(receiving, number, value);
    }
}

static void on_value(void *arg, const struct otlp_message *message, unsigned number,
                     const struct otlp_value *value)
{
    if (message == &otlp_metric) {
        metric_value(arg, number, value);
    } else if (is_data(message)) {
        data_value(arg, number, value);
    } else if (is_point(message)) {
        point_value(arg, message, number, value);
    } else if (message == &otlp_buckets) {
        buckets_value(arg, number, value);
    }
}

static void place(void *arg, size_t from, size_t until, const struct envelope_origin *origin)
{
    struct metric_arrivals *into = ((struct receiving *)arg)->into;

    for (size_t i = from; i < until; i++) {
        into->points[i].service = vocabulary_term(&into->vocabulary, origin->service)->parts[0];
        into->points[i].instance = origin->instance;
    }
}

static void fini(struct receiving *receiving)
{
    collect_fini(&receiving->attributes);
    buf_fini(&receiving->text);
    free(receiving->counts.list);
    free(receiving->negative.list);
    free(receiving->bounds);
    free(receiving);
}

bool metric_arrivals_read(struct arena *arena, enum envelope_encoding encoding, const char *bytes,
                          size_t length, struct metric_arrivals *ret, struct err *err)
{
    struct receiving *receiving = mem_alloc(sizeof(*receiving));
    const struct envelope_taking taking[] = {
        {&otlp_number_point, &otlp_key_value, &receiving->attributes},
        {&otlp_histogram_point, &otlp_key_value, &receiving->attributes},
        {&otlp_exponential_point, &otlp_key_value, &receiving->attributes},
        {NULL, NULL, NULL},
    };
    const struct envelope_reader reader = {.root = &otlp_metrics,
                                           .taking = taking,
                                           .count = &ret->count,
                                           .begin = on_begin,
                                           .value = on_value,
                                           .end = on_end,
                                           .place = place,
                                           .arg = receiving};
    bool ok;

    *ret = (struct metric_arrivals){.arena = arena};
    vocabulary_init(&ret->vocabulary, arena);
    receiving->into = ret;
    buf_init(&receiving->text, TEXT_MAX);
    collect_init(&receiving->attributes);
    ok = envelope_read(&reader, &ret->vocabulary, encoding, bytes, length, err);
    fini(receiving);
    return ok;
}
