#include "trace/metrics.h"

#include <assert.h>
#include <inttypes.h>
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
    NAME_MAX_BYTES = 256,
    CACHE_LINE = 64,
    STEPS_FIRST = 100,
    STEPS_PER_POWER = 90,
    POWERS = 6, /* above 100 us: up to 100 s */
    BUCKETS = STEPS_FIRST + POWERS * STEPS_PER_POWER,
    US_PER_S = 1000000,
};

struct shown_bound {
    uint64_t us;
    const char *text;
};

static const struct shown_bound SHOWN[] = {
    {500, "0.0005"},  {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},
    {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1"},   {2500000, "2.5"}, {5000000, "5"},   {10000000, "10"},
};

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

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

static const char *const TYPES[] = {
    [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
static const char *const SUFFIXES[] = {
    [METRIC_COUNTER] = "_total", [METRIC_GAUGE] = "", [METRIC_HISTOGRAM] = "_seconds"};

struct series {
    struct series *next;
    char *labels;
    union {
        struct counter *counter;
        struct gauge gauge;
        struct histogram *histogram;
    };
};

struct family {
    struct family *next;
    enum metric_type type;
    char *name; /* with its suffix */
    char *help;
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

static void family_free(struct family *family)
{
    struct series *series = family->first;

    while (series != NULL) {
        struct series *next = series->next;

        if (family->type == METRIC_COUNTER) {
            free(series->counter);
        } else if (family->type == METRIC_HISTOGRAM) {
            free(series->histogram);
        }
        free(series->labels);
        free(series);
        series = next;
    }
    free(family->name);
    free(family->help);
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

static char *joined(const char *name, const char *suffix)
{
    struct buf text;

    buf_init(&text, NAME_MAX_BYTES);
    buf_add_text(&text, name);
    buf_add_text(&text, suffix);
    assert(!text.bad);
    return buf_take(&text);
}

/* Found or made, in the order of making. */
static struct family *family_of_locked(struct metrics *metrics, enum metric_type type,
                                       const char *name, const char *help) REQUIRES(metrics->lock);
static struct family *family_of_locked(struct metrics *metrics, enum metric_type type,
                                       const char *name, const char *help)
{
    char *whole = joined(name, SUFFIXES[type]);
    struct family **at = &metrics->first;

    for (; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->name, whole) == 0) {
            assert((*at)->type == type);
            free(whole);
            return *at;
        }
    }
    *at = mem_alloc(sizeof(**at));
    (*at)->type = type;
    (*at)->name = whole;
    (*at)->help = mem_strdup(help);
    return *at;
}

static struct series *series_of(struct metrics *metrics, enum metric_type type, const char *name,
                                const char *labels, const char *help)
{
    struct series **at;

    mutex_lock(&metrics->lock);
    at = &family_of_locked(metrics, type, name, help)->first;
    while (*at != NULL && strcmp((*at)->labels, labels) != 0) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        struct series *series = mem_alloc(sizeof(*series));

        series->labels = mem_strdup(labels);
        if (type == METRIC_COUNTER) {
            series->counter = mem_alloc(sizeof(*series->counter));
        } else if (type == METRIC_HISTOGRAM) {
            series->histogram = mem_alloc(sizeof(*series->histogram));
        }
        *at = series;
    }
    mutex_unlock(&metrics->lock);
    return *at;
}

struct counter *metrics_counter(struct metrics *metrics, const char *name, const char *labels,
                                const char *help)
{
    return series_of(metrics, METRIC_COUNTER, name, labels, help)->counter;
}

struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *labels,
                                    const char *help)
{
    return series_of(metrics, METRIC_HISTOGRAM, name, labels, help)->histogram;
}

void metrics_gauge(struct metrics *metrics, const char *name, const char *labels, const char *help,
                   double (*read)(void *arg), void *arg)
{
    struct series *series = series_of(metrics, METRIC_GAUGE, name, labels, help);

    mutex_lock(&metrics->lock);
    series->gauge = (struct gauge){.read = read, .arg = arg};
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

/* ---- the page ---- */

/* In a help text a backslash and a line end are escaped (text format 0.0.4). */
static void write_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s ", name);
    for (; *help != '\0'; help++) {
        if (*help == '\\') {
            buf_add_text(out, "\\\\");
        } else if (*help == '\n') {
            buf_add_text(out, "\\n");
        } else {
            buf_add_char(out, *help);
        }
    }
    buf_printf(out, "\n# TYPE %s %s\n", name, type);
}

static void write_bucket(struct buf *out, const char *name, const char *labels, const char *bound,
                         uint64_t count)
{
    buf_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", name, labels,
               *labels != '\0' ? "," : "", bound, count);
}

static void write_labelled(struct buf *out, const char *name, const char *suffix,
                           const char *labels)
{
    buf_add_text(out, name);
    buf_add_text(out, suffix);
    if (*labels != '\0') {
        buf_printf(out, "{%s}", labels);
    }
    buf_add_char(out, ' ');
}

/* Count and last bucket come from the same reading, so that they agree while others record. */
static void write_histogram(struct buf *out, const char *name, const char *labels,
                            const struct histogram *histogram)
{
    uint64_t sum_us = counter_value(&histogram->sum_us);
    uint64_t count = 0;
    size_t bucket = 0;

    for (size_t i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++) {
        for (size_t last = bucket_of(SHOWN[i].us); bucket <= last; bucket++) {
            count += bucket_count(histogram, bucket);
        }
        write_bucket(out, name, labels, SHOWN[i].text, count);
    }
    for (; bucket < BUCKETS; bucket++) {
        count += bucket_count(histogram, bucket);
    }
    write_bucket(out, name, labels, "+Inf", count);
    write_labelled(out, name, "_sum", labels);
    buf_printf(out, "%" PRIu64 ".%06" PRIu64 "\n", sum_us / US_PER_S, sum_us % US_PER_S);
    write_labelled(out, name, "_count", labels);
    buf_printf(out, "%" PRIu64 "\n", count);
}

static void write_series(struct buf *out, const struct family *family, const struct series *series)
{
    switch (family->type) {
    case METRIC_COUNTER:
        write_labelled(out, family->name, "", series->labels);
        buf_printf(out, "%" PRIu64 "\n", counter_value(series->counter));
        break;
    case METRIC_GAUGE:
        if (series->gauge.read != NULL) {
            write_labelled(out, family->name, "", series->labels);
            buf_printf(out, "%.15g\n", series->gauge.read(series->gauge.arg));
        }
        break;
    case METRIC_HISTOGRAM:
        write_histogram(out, family->name, series->labels, series->histogram);
        break;
    }
}

static void write_process(struct buf *out)
{
    struct process_usage usage = process_usage_now();

    write_head(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
    buf_printf(out, "process_resident_memory_bytes %" PRIu64 "\n", usage.resident_bytes);
    write_head(out, "process_cpu_seconds_total", "counter", "User and system CPU time in seconds.");
    buf_printf(out, "process_cpu_seconds_total %.6f\n", usage.cpu_seconds);
    write_head(out, "process_open_fds", "gauge", "Number of open file descriptors.");
    buf_printf(out, "process_open_fds %" PRIu64 "\n", usage.open_files);
    write_head(out, "process_start_time_seconds", "gauge", "Start of the process, Unix time.");
    buf_printf(out, "process_start_time_seconds %.2f\n", usage.start_seconds);
}

void metrics_write(struct metrics *metrics, struct buf *out)
{
    mutex_lock(&metrics->lock);
    for (const struct family *family = metrics->first; family != NULL; family = family->next) {
        write_head(out, family->name, TYPES[family->type], family->help);
        for (const struct series *series = family->first; series != NULL; series = series->next) {
            write_series(out, family, series);
        }
    }
    mutex_unlock(&metrics->lock);
    write_process(out);
}
