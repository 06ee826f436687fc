/* Metrics as Prometheus' text format 0.0.4. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trace/metrics.h"

static const char *const TYPES[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_LEVEL] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};
static const char *const SUFFIXES[] = {
    [METRIC_COUNTER] = "_total",
    [METRIC_GAUGE] = "",
    [METRIC_LEVEL] = "",
    [METRIC_HISTOGRAM] = "_seconds",
};

enum { US_PER_S = 1000000, BOUND_MAX = 32 };

struct page {
    struct buf *out;
    bool is_for_all;      /* only what is open */
    struct buf labels;    /* of the present point */
    const double *bounds; /* of the texts; NULL: there are none yet */
    char bound_texts[METRIC_BOUNDS_MAX][BOUND_MAX];
};

/* A backslash and a line end are escaped, in a label's value a quote too. */
static void write_escaped(struct buf *out, const char *text, bool is_label)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || (is_label && *text == '"')) {
            buf_add_char(out, '\\');
            buf_add_char(out, *text);
        } else if (*text == '\n') {
            buf_add_text(out, "\\n");
        } else {
            buf_add_char(out, *text);
        }
    }
}

/* OpenTelemetry's names have points, Prometheus' have none. */
static void write_word(struct buf *out, const char *word, size_t length)
{
    const char *end = word + length;

    while (word < end) {
        const char *point = memchr(word, '.', (size_t)(end - word));
        const char *stop = point != NULL ? point : end;

        buf_add(out, word, (size_t)(stop - word));
        if (point != NULL) {
            buf_add_char(out, '_');
        }
        word = stop + 1;
    }
}

/* What ends with _count is a part of a histogram to Prometheus: of connection.count are told
 * connections. */
static void write_name(struct buf *out, const struct metric_family *family)
{
    static const char COUNT[] = ".count";
    const size_t length = strlen(family->name);
    const size_t without = length >= sizeof(COUNT) ? length - (sizeof(COUNT) - 1) : length;

    if (without < length && strcmp(family->name + without, COUNT) == 0) {
        write_word(out, family->name, without);
        buf_add_char(out, 's');
    } else {
        write_word(out, family->name, length);
    }
    buf_add_text(out, SUFFIXES[family->type]);
}

static bool is_left_out(const struct page *page, const struct metric_family *family)
{
    return page->is_for_all && !family->is_open;
}

static void write_family(void *arg, const struct metric_family *family)
{
    const struct page *page = arg;
    struct buf *out = page->out;

    if (is_left_out(page, family)) {
        return;
    }
    buf_add_text(out, "# HELP ");
    write_name(out, family);
    buf_add_char(out, ' ');
    write_escaped(out, family->help, false);
    buf_add_text(out, "\n# TYPE ");
    write_name(out, family);
    buf_printf(out, " %s\n", TYPES[family->type]);
}

static void write_label(struct buf *out, const struct attribute *attribute)
{
    write_word(out, attribute->key, strlen(attribute->key));
    buf_add_text(out, "=\"");
    if (attribute->type == ATTRIBUTE_INT) {
        buf_add_int(out, attribute->integer);
    } else {
        write_escaped(out, attribute->text, true);
    }
    buf_add_char(out, '"');
}

/* The labels of a point stand in many lines: they are written once and copied. */
static void note_labels(struct page *page, const struct metric_point *point)
{
    buf_clear(&page->labels);
    for (size_t i = 0; i < point->attribute_count; i++) {
        if (i > 0) {
            buf_add_char(&page->labels, ',');
        }
        write_label(&page->labels, &point->attributes[i]);
    }
}

/* le is the upper bound of a bucket; NULL: it is none. */
static void write_series(struct page *page, const struct metric_family *family, const char *part,
                         const char *le)
{
    struct buf *out = page->out;
    const struct buf *labels = &page->labels;

    write_name(out, family);
    buf_add_text(out, part);
    if (labels->length > 0 || le != NULL) {
        buf_add_char(out, '{');
        buf_add(out, labels->data, labels->length);
        if (le != NULL) {
            buf_add_text(out, labels->length > 0 ? ",le=\"" : "le=\"");
            buf_add_text(out, le);
            buf_add_char(out, '"');
        }
        buf_add_char(out, '}');
    }
    buf_add_char(out, ' ');
}

static void write_count(struct page *page, uint64_t count)
{
    buf_add_int(page->out, (int64_t)count);
    buf_add_char(page->out, '\n');
}

/* As a rule they are those of the histogram before. */
static void note_bounds(struct page *page, const struct metric_point *point)
{
    if (page->bounds == point->bounds) {
        return;
    }
    page->bounds = point->bounds;
    for (size_t i = 0; i < point->bound_count; i++) {
        (void)snprintf(page->bound_texts[i], BOUND_MAX, "%g", point->bounds[i]);
    }
}

static void write_histogram(struct page *page, const struct metric_family *family,
                            const struct metric_point *point)
{
    uint64_t count = 0;

    note_bounds(page, point);
    for (size_t i = 0; i < point->bound_count; i++) {
        count += point->buckets[i];
        write_series(page, family, "_bucket", page->bound_texts[i]);
        write_count(page, count);
    }
    write_series(page, family, "_bucket", "+Inf");
    write_count(page, point->count);
    write_series(page, family, "_sum", NULL);
    buf_printf(page->out, "%" PRIu64 ".%06" PRIu64 "\n", point->sum_us / US_PER_S,
               point->sum_us % US_PER_S);
    write_series(page, family, "_count", NULL);
    write_count(page, point->count);
}

static void write_point(void *arg, const struct metric_family *family,
                        const struct metric_point *point)
{
    struct page *page = arg;

    if (is_left_out(page, family)) {
        return;
    }
    note_labels(page, point);
    if (family->type == METRIC_HISTOGRAM) {
        write_histogram(page, family, point);
        return;
    }
    write_series(page, family, "", NULL);
    if (point->is_real) {
        buf_printf(page->out, "%.15g\n", point->real);
    } else {
        write_count(page, point->integer);
    }
}

static void write_page(struct metrics *metrics, struct page *page)
{
    buf_init(&page->labels, page->out->max);
    metrics_visit(metrics, &(struct metrics_visitor){
                               .family = write_family, .point = write_point, .arg = page});
    buf_fini(&page->labels);
}

void metrics_write(struct metrics *metrics, struct buf *out)
{
    write_page(metrics, &(struct page){.out = out});
}

void metrics_write_open(struct metrics *metrics, struct buf *out)
{
    write_page(metrics, &(struct page){.out = out, .is_for_all = true});
}
