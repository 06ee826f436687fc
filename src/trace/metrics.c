#include "trace/metrics.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/thread.h"

#include "trace/metrics_priv.h"

/*
 * A histogram's buckets are log-linear in base ten: each microsecond up to 100, then 90 steps of a
 * tenth of each power of ten. A quantile is thus at most 10 % too high, and every bound that the
 * page shows is a bucket's own bound, so that the page is exact. A bucket holds the values above
 * the bound before it up to its own, the last also everything beyond.
 */
enum {
    CACHE_LINE = 64,
    STEPS_FIRST = 100,
    STEPS_PER_POWER = 90,
    POWERS = 6, /* above 100 us: up to 100 s */
    BUCKETS = STEPS_FIRST + POWERS * STEPS_PER_POWER,
    US_PER_S = 1000000,
};

/* In seconds; each is a bucket's own bound. From 0.005 on they are those of the conventions for
 * http.server.request.duration. */
static const double BOUNDS[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1,
                                0.25,   0.5,   0.75,   1,     2.5,  5,     7.5,  10};

/* Padded on both sides: wherever it lies, no other data shares its cache line. */
struct counter {
    // cppcheck-suppress unusedStructMember
    char before[CACHE_LINE - sizeof(uint64_t)];
    _Atomic uint64_t value;
    // cppcheck-suppress unusedStructMember
    char after[CACHE_LINE - sizeof(uint64_t)];
};

struct histogram {
    struct counter sum_us;
    _Atomic uint64_t buckets[BUCKETS];
};

struct gauge {
    double (*read)(void *arg);
    void *arg;
};

struct series {
    struct series *next;
    struct attribute *attributes; /* with what they point to */
    size_t attribute_count;
    union {
        struct counter *counter;
        struct gauge gauge;
        struct histogram *histogram;
    };
};

struct family {
    struct family *next;
    struct metric_family facts; /* text is owned */
    const double *bounds;       /* of histograms; borrowed for ever */
    size_t bound_count;
    struct series *first;
};

struct metrics {
    struct mutex lock; /* guards the lists; values are atomic */
    struct family *first;
};

/* ---- making ---- */

struct metrics *metrics_new(void)
{
    struct metrics *metrics = mem_alloc(sizeof(*metrics));

    mutex_init(&metrics->lock);
    return metrics;
}

static void series_free(struct series *series, enum metric_type type)
{
    if (type == METRIC_COUNTER) {
        free(series->counter);
    } else if (type == METRIC_HISTOGRAM) {
        free(series->histogram);
    }
    for (size_t i = 0; i < series->attribute_count; i++) {
        free((void *)(uintptr_t)series->attributes[i].key);
        if (series->attributes[i].type == ATTRIBUTE_TEXT) {
            free((void *)(uintptr_t)series->attributes[i].text);
        }
    }
    free(series->attributes);
    free(series);
}

static void family_free(struct family *family)
{
    struct series *series = family->first;

    while (series != NULL) {
        struct series *next = series->next;

        series_free(series, family->facts.type);
        series = next;
    }
    free((void *)(uintptr_t)family->facts.name);
    free((void *)(uintptr_t)family->facts.unit);
    free((void *)(uintptr_t)family->facts.help);
    free(family);
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL) {
        return;
    }
    while (metrics->first != NULL) {
        struct family *next = metrics->first->next;

        family_free(metrics->first);
        metrics->first = next;
    }
    mutex_fini(&metrics->lock);
    free(metrics);
}

/* Found or made, in the order of making. */
static struct family *family_of_locked(struct metrics *metrics, enum metric_type type,
                                       const struct metric *metric) REQUIRES(metrics->lock)
{
    struct family **at = &metrics->first;

    for (; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->facts.name, metric->name) == 0 && (*at)->facts.type == type) {
            return *at;
        }
    }
    *at = mem_alloc(sizeof(**at));
    (*at)->facts = (struct metric_family){.type = type,
                                          .name = mem_strdup(metric->name),
                                          .unit = mem_strdup(metric->unit),
                                          .help = mem_strdup(metric->help),
                                          .is_open = metric->is_open};
    (*at)->bounds = metric->bounds != NULL ? metric->bounds : BOUNDS;
    (*at)->bound_count =
        metric->bounds != NULL ? metric->bound_count : sizeof(BOUNDS) / sizeof(BOUNDS[0]);
    assert((*at)->bound_count <= METRIC_BOUNDS_MAX);
    return *at;
}

static bool is_same(const struct attribute *a, const struct attribute *b)
{
    return strcmp(a->key, b->key) == 0 && a->type == b->type &&
           (a->type == ATTRIBUTE_INT ? a->integer == b->integer : strcmp(a->text, b->text) == 0);
}

static bool is_series(const struct series *series, const struct metric *metric)
{
    bool is_it = series->attribute_count == metric->attribute_count;

    for (size_t i = 0; is_it && i < series->attribute_count; i++) {
        is_it = is_same(&series->attributes[i], &metric->attributes[i]);
    }
    return is_it;
}

static struct series *series_new(enum metric_type type, const struct metric *metric)
{
    struct series *series = mem_alloc(sizeof(*series));

    series->attributes = mem_alloc(metric->attribute_count * sizeof(*series->attributes));
    series->attribute_count = metric->attribute_count;
    for (size_t i = 0; i < metric->attribute_count; i++) {
        struct attribute *copy = &series->attributes[i];

        *copy = metric->attributes[i];
        assert(copy->type == ATTRIBUTE_TEXT || copy->type == ATTRIBUTE_INT);
        copy->key = mem_strdup(copy->key);
        if (copy->type == ATTRIBUTE_TEXT) {
            copy->text = mem_strdup(copy->text);
        }
    }
    if (type == METRIC_COUNTER) {
        series->counter = mem_alloc(sizeof(*series->counter));
    } else if (type == METRIC_HISTOGRAM) {
        series->histogram = mem_alloc(sizeof(*series->histogram));
    }
    return series;
}

static struct series *series_of(struct metrics *metrics, enum metric_type type,
                                const struct metric *metric)
{
    struct series **at;

    mutex_lock(&metrics->lock);
    at = &family_of_locked(metrics, type, metric)->first;
    while (*at != NULL && !is_series(*at, metric)) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        *at = series_new(type, metric);
    }
    mutex_unlock(&metrics->lock);
    return *at;
}

struct counter *metrics_counter(struct metrics *metrics, const struct metric *metric)
{
    return series_of(metrics, METRIC_COUNTER, metric)->counter;
}

struct histogram *metrics_histogram(struct metrics *metrics, const struct metric *metric)
{
    return series_of(metrics, METRIC_HISTOGRAM, metric)->histogram;
}

static void read_by(struct metrics *metrics, struct series *series, double (*read)(void *arg),
                    void *arg)
{
    mutex_lock(&metrics->lock);
    series->gauge = (struct gauge){.read = read, .arg = arg};
    mutex_unlock(&metrics->lock);
}

void metrics_gauge(struct metrics *metrics, const struct metric *metric, double (*read)(void *arg),
                   void *arg)
{
    read_by(metrics, series_of(metrics, METRIC_GAUGE, metric), read, arg);
}

void metrics_level(struct metrics *metrics, const struct metric *metric, double (*read)(void *arg),
                   void *arg)
{
    read_by(metrics, series_of(metrics, METRIC_LEVEL, metric), read, arg);
}

void metrics_forget(struct metrics *metrics, const void *arg)
{
    mutex_lock(&metrics->lock);
    for (struct family *family = metrics->first; family != NULL; family = family->next) {
        const bool is_read =
            family->facts.type == METRIC_GAUGE || family->facts.type == METRIC_LEVEL;

        for (struct series *series = is_read ? family->first : NULL; series != NULL;
             series = series->next) {
            if (series->gauge.arg == arg) {
                series->gauge = (struct gauge){.read = NULL};
            }
        }
    }
    mutex_unlock(&metrics->lock);
}

/* ---- counting ---- */

void counter_add(struct counter *counter, uint64_t by)
{
    (void)atomic_fetch_add_explicit(&counter->value, by, memory_order_relaxed);
}

uint64_t counter_value(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

static size_t bucket_of(uint64_t us)
{
    uint64_t before = us > 0 ? us - 1 : 0; /* a bound belongs to the bucket below it */
    size_t power = 0;

    while (before >= STEPS_FIRST && power < POWERS) {
        before /= 10;
        power++;
    }
    if (before >= STEPS_FIRST) {
        return BUCKETS - 1;
    }
    return power * STEPS_PER_POWER + (size_t)before;
}

static uint64_t upper_bound_us(size_t bucket)
{
    uint64_t step = bucket;
    uint64_t width = 1;

    while (step >= STEPS_FIRST) {
        step -= STEPS_PER_POWER;
        width *= 10;
    }
    return (step + 1) * width;
}

static uint64_t bucket_count(const struct histogram *histogram, size_t bucket)
{
    return atomic_load_explicit(&histogram->buckets[bucket], memory_order_relaxed);
}

void histogram_record_us(struct histogram *histogram, uint64_t us)
{
    (void)atomic_fetch_add_explicit(&histogram->buckets[bucket_of(us)], 1, memory_order_relaxed);
    counter_add(&histogram->sum_us, us);
}

uint64_t histogram_quantile_us(const struct histogram *histogram, double quantile)
{
    double rank = quantile * (double)histogram_count(histogram);
    uint64_t seen = 0;
    uint64_t bound = 0;

    for (size_t i = 0; i < BUCKETS && (seen == 0 || (double)seen < rank); i++) {
        uint64_t here = bucket_count(histogram, i);

        seen += here;
        bound = here > 0 ? upper_bound_us(i) : bound;
    }
    return bound;
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t count = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        count += bucket_count(histogram, i);
    }
    return count;
}

/* ---- what they say ---- */

static uint64_t us_of(double seconds)
{
    return (uint64_t)(seconds * US_PER_S + 0.5);
}

/* Count and buckets come from the same reading, so that they agree while others record. */
static void read_histogram(const struct family *family, const struct histogram *histogram,
                           struct metric_point *point)
{
    size_t bucket = 0;

    point->bounds = family->bounds;
    point->bound_count = family->bound_count;
    point->sum_us = counter_value(&histogram->sum_us);
    for (size_t i = 0; i <= point->bound_count; i++) {
        const size_t last =
            i < point->bound_count ? bucket_of(us_of(point->bounds[i])) : BUCKETS - 1;

        for (; bucket <= last; bucket++) {
            point->buckets[i] += bucket_count(histogram, bucket);
        }
        point->count += point->buckets[i];
    }
}

static void visit_series(const struct family *family, const struct series *series,
                         const struct metrics_visitor *visitor)
{
    struct metric_point point = {.attributes = series->attributes,
                                 .attribute_count = series->attribute_count};

    switch (family->facts.type) {
    case METRIC_COUNTER:
        point.integer = counter_value(series->counter);
        break;
    case METRIC_GAUGE:
    case METRIC_LEVEL:
        if (series->gauge.read == NULL) {
            return; /* it is being made, or what it told of has ended */
        }
        point.is_real = true;
        point.real = series->gauge.read(series->gauge.arg);
        break;
    case METRIC_HISTOGRAM:
        read_histogram(family, series->histogram, &point);
        break;
    }
    visitor->point(visitor->arg, &family->facts, &point);
}

static void visit_real(const struct metrics_visitor *visitor, const struct metric_family *family,
                       double value)
{
    const struct metric_point point = {.is_real = true, .real = value};

    visitor->family(visitor->arg, family);
    visitor->point(visitor->arg, family, &point);
}

static void visit_process(const struct metrics_visitor *visitor)
{
    static const struct metric_family RESIDENT = {METRIC_GAUGE, "process_resident_memory_bytes",
                                                  "By", "Resident memory size in bytes.", true};
    static const struct metric_family CPU = {METRIC_COUNTER, "process_cpu_seconds", "s",
                                             "User and system CPU time in seconds.", true};
    static const struct metric_family FILES = {METRIC_GAUGE, "process_open_fds", "{file}",
                                               "Number of open file descriptors.", true};
    static const struct metric_family START = {METRIC_GAUGE, "process_start_time_seconds", "s",
                                               "Start of the process, Unix time.", true};
    const struct process_usage usage = process_usage_now();

    visit_real(visitor, &RESIDENT, (double)usage.resident_bytes);
    visit_real(visitor, &CPU, usage.cpu_seconds);
    visit_real(visitor, &FILES, (double)usage.open_files);
    visit_real(visitor, &START, usage.start_seconds);
}

void metrics_visit(struct metrics *metrics, const struct metrics_visitor *visitor)
{
    mutex_lock(&metrics->lock);
    for (const struct family *family = metrics->first; family != NULL; family = family->next) {
        visitor->family(visitor->arg, &family->facts);
        for (const struct series *series = family->first; series != NULL; series = series->next) {
            visit_series(family, series, visitor);
        }
    }
    mutex_unlock(&metrics->lock);
    visit_process(visitor);
}
