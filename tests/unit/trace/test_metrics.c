#include "core/thread.h"
#include "support/test.h"
#include "trace/metrics.h"

enum { PAGE_MAX = 1024 * 1024, ADDS = 20000, ADDERS = 4 };

struct fixture {
    struct metrics *metrics;
    struct buf page;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.metrics = metrics_new();
    buf_init(&fixture.page, PAGE_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    metrics_free(f->metrics);
    buf_fini(&f->page);
    return 0;
}

static const char *page(struct fixture *f)
{
    buf_clear(&f->page);
    metrics_write(f->metrics, &f->page);
    assert_false(f->page.bad);
    return f->page.data;
}

/* A metric with one attribute; key NULL: with none. */
static struct counter *counter_of(struct fixture *f, const char *name, const char *key,
                                  const char *value, const char *help)
{
    const struct attribute attribute = attribute_text(key, value);

    return metrics_counter(f->metrics, &(struct metric){.name = name,
                                                        .unit = "{thing}",
                                                        .help = help,
                                                        .attributes = &attribute,
                                                        .attribute_count = key != NULL});
}

static struct histogram *histogram_of(struct fixture *f, const char *name, const char *key,
                                      const char *value)
{
    const struct attribute attribute = attribute_text(key, value);

    return metrics_histogram(f->metrics, &(struct metric){.name = name,
                                                          .unit = "s",
                                                          .help = "Help.",
                                                          .attributes = &attribute,
                                                          .attribute_count = key != NULL});
}

/* A family's series stand together under one head, however they were made. */
static void metrics_write__families_made_in_turn__contiguous(void **state)
{
    struct fixture *f = *state;
    struct counter *a1 = counter_of(f, "a", "x", "1", "Help of a.\nMore\\.");
    struct counter *b = counter_of(f, "b", NULL, NULL, "Help of b.");
    struct counter *a2 = counter_of(f, "a", "x", "2", "Help of a.");
    static const char EXPECTED[] = "# HELP a_total Help of a.\\nMore\\\\.\n"
                                   "# TYPE a_total counter\n"
                                   "a_total{x=\"1\"} 3\n"
                                   "a_total{x=\"2\"} 5\n"
                                   "# HELP b_total Help of b.\n"
                                   "# TYPE b_total counter\n"
                                   "b_total 0\n";

    assert_ptr_equal(counter_of(f, "a", "x", "1", "Other."), a1);
    counter_add(a1, 1);
    counter_add(a1, 2);
    counter_add(a2, 5);
    assert_int_equal(counter_value(a1), 3);
    assert_int_equal(counter_value(b), 0);
    assert_memory_equal(page(f), EXPECTED, sizeof(EXPECTED) - 1);
}

/* A stranger's page has what is open, and of the rest not even the head. */
static void metrics_write_open__closed_families__are_not_there(void **state)
{
    struct fixture *f = *state;
    const struct attribute attribute = attribute_text("x", "1");
    struct counter *open = metrics_counter(f->metrics, &(struct metric){.name = "open",
                                                                        .unit = "{thing}",
                                                                        .help = "Help.",
                                                                        .is_open = true,
                                                                        .attributes = &attribute,
                                                                        .attribute_count = 1});

    counter_add(counter_of(f, "closed", "x", "1", "Help."), 1);
    histogram_record_us(histogram_of(f, "took", NULL, NULL), 1);
    counter_add(open, 3);
    buf_clear(&f->page);
    metrics_write_open(f->metrics, &f->page);
    assert_non_null(strstr(f->page.data, "\nopen_total{x=\"1\"} 3\n"));
    assert_non_null(strstr(f->page.data, "\nprocess_open_fds "));
    assert_null(strstr(f->page.data, "closed"));
    assert_null(strstr(f->page.data, "took"));
    assert_non_null(strstr(page(f), "closed_total{x=\"1\"} 1\n"));
}

/* OpenTelemetry's names, as Prometheus can have them. */
static void metrics_write__names_with_points__have_underscores(void **state)
{
    struct fixture *f = *state;

    counter_add(counter_of(f, "otel.sdk..spans", "error.type.", "a.b", "Help.with.points"), 2);
    assert_non_null(strstr(page(f), "# HELP otel_sdk__spans_total Help.with.points\n"
                                    "# TYPE otel_sdk__spans_total counter\n"
                                    "otel_sdk__spans_total{error_type_=\"a.b\"} 2\n"));
    counter_add(counter_of(f, "connection.count", "a", "b", ""), 3);
    counter_add(counter_of(f, ".count", "a", "b", ""), 4);
    assert_non_null(strstr(page(f), "\nconnections_total{a=\"b\"} 3\n"));
    assert_non_null(strstr(page(f), "\n_count_total{a=\"b\"} 4\n"));
}

/* Attributes tell series apart by key, type and value, and keep their type until the page. */
static void metrics_write__attributes__of_each_type_and_escaped(void **state)
{
    struct fixture *f = *state;
    char route[] = "/a\"b\\c\nd";
    const struct attribute number[] = {attribute_text("route", route),
                                       attribute_int("status", 404)};
    const struct attribute text[] = {attribute_text("route", route),
                                     attribute_text("status", "404")};
    struct metric metric = {
        .name = "r", .unit = "", .help = "", .attributes = number, .attribute_count = 2};
    struct counter *by_number = metrics_counter(f->metrics, &metric);

    assert_ptr_equal(metrics_counter(f->metrics, &metric), by_number);
    metric.attributes = text;
    assert_ptr_not_equal(metrics_counter(f->metrics, &metric), by_number);
    metric.attribute_count = 1;
    assert_ptr_not_equal(metrics_counter(f->metrics, &metric), by_number);
    memset(route, 'x', sizeof(route) - 1); /* it was copied */
    counter_add(by_number, 3);
    assert_non_null(strstr(page(f), "\nr_total{route=\"/a\\\"b\\\\c\\nd\",status=\"404\"} 3\n"));
}

struct visit {
    struct metric_family family; /* the last one of ours */
    struct metric_point point;
    size_t points;
};

static void see_family(void *arg, const struct metric_family *family)
{
    struct visit *visit = arg;

    if (strncmp(family->name, "process_", 8) != 0) {
        visit->family = *family;
    }
}

static void see_point(void *arg, const struct metric_family *family,
                      const struct metric_point *point)
{
    struct visit *visit = arg;

    if (strncmp(family->name, "process_", 8) != 0) {
        assert_string_equal(family->name, visit->family.name);
        visit->point = *point;
        visit->points++;
    }
}

/* A visitor is told units, bounds and buckets, from which any format can be made. */
static void metrics_visit__histogram__unit_bounds_and_buckets(void **state)
{
    struct fixture *f = *state;
    struct visit visit = {.points = 0};
    struct histogram *h = histogram_of(f, "wait", "p", "m");

    histogram_record_us(h, 500);
    histogram_record_us(h, 700);
    histogram_record_us(h, 20000000);
    metrics_visit(f->metrics, &(struct metrics_visitor){see_family, see_point, &visit});
    assert_int_equal(visit.points, 1);
    assert_int_equal(visit.family.type, METRIC_HISTOGRAM);
    assert_string_equal(visit.family.name, "wait");
    assert_string_equal(visit.family.unit, "s");
    assert_int_equal(visit.point.attribute_count, 1);
    assert_string_equal(visit.point.attributes[0].key, "p");
    assert_int_equal(visit.point.bound_count, 17);
    assert_true(visit.point.bounds[0] == 0.0005 && visit.point.bounds[16] == 10);
    assert_int_equal(visit.point.buckets[0], 1);
    assert_int_equal(visit.point.buckets[1], 1);
    assert_int_equal(visit.point.buckets[17], 1);
    assert_int_equal(visit.point.count, 3);
    assert_int_equal(visit.point.sum_us, 20001200);
}

static double read_level(void *arg)
{
    return *(const double *)arg;
}

static void metrics_gauge__value_changes__read_at_the_time(void **state)
{
    struct fixture *f = *state;
    const struct attribute pool = attribute_text("pool", "main");
    double level = 1.5;

    metrics_gauge(f->metrics,
                  &(struct metric){.name = "level",
                                   .unit = "m",
                                   .help = "Level.",
                                   .attributes = &pool,
                                   .attribute_count = 1},
                  read_level, &level);
    assert_non_null(strstr(page(f), "# TYPE level gauge\nlevel{pool=\"main\"} 1.5\n"));
    level = 3e9;
    assert_non_null(strstr(page(f), "level{pool=\"main\"} 3000000000\n"));
}

/* To Prometheus it is a gauge; whoever can tell them apart is told. */
static void metrics_level__read__another_type_than_a_gauge(void **state)
{
    struct fixture *f = *state;
    struct visit visit = {.points = 0};
    double level = 2;

    metrics_level(f->metrics, &(struct metric){.name = "open", .unit = "{file}", .help = ""},
                  read_level, &level);
    assert_non_null(strstr(page(f), "# TYPE open gauge\nopen 2\n"));
    metrics_visit(f->metrics, &(struct metrics_visitor){see_family, see_point, &visit});
    assert_int_equal(visit.family.type, METRIC_LEVEL);
    assert_true(visit.point.is_real && visit.point.real == 2);
}

static void metrics_forget__what_is_read_ends__is_told_no_more(void **state)
{
    struct fixture *f = *state;
    const struct metric gone = {.name = "gone", .unit = "m", .help = ""};
    const struct metric stays = {.name = "stays", .unit = "m", .help = ""};
    double one = 1;
    double two = 2;

    metrics_gauge(f->metrics, &gone, read_level, &one);
    metrics_level(f->metrics, &stays, read_level, &two);
    counter_add(counter_of(f, "counted", "x", "1", ""), 1);
    metrics_forget(f->metrics, &one);
    assert_null(strstr(page(f), "\ngone 1\n"));
    assert_non_null(strstr(page(f), "\nstays 2\n"));
    metrics_gauge(f->metrics, &gone, read_level, &two); /* its successor */
    assert_non_null(strstr(page(f), "\ngone 2\n"));
    assert_non_null(strstr(page(f), "\ncounted_total{x=\"1\"} 1\n"));
}

/* Bounds hold what is equal to them; buckets are cumulative; sum and count agree. */
static void metrics_histogram__values_at_bounds__classic_histogram(void **state)
{
    struct fixture *f = *state;
    struct histogram *h = histogram_of(f, "wait", "p", "m");
    const char *text;

    histogram_record_us(h, 0);
    histogram_record_us(h, 500);
    histogram_record_us(h, 501);
    histogram_record_us(h, 2500);
    histogram_record_us(h, 10000000);
    histogram_record_us(h, 10000001);
    histogram_record_us(h, UINT64_C(500000000));
    text = page(f);
    assert_non_null(strstr(text, "# TYPE wait_seconds histogram\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"0.0005\"} 2\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"0.001\"} 3\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"0.0025\"} 4\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"0.005\"} 4\n"));
    assert_non_null(strstr(text, "wait_seconds_bucket{p=\"m\",le=\"5\"} 4\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"7.5\"} 4\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"10\"} 5\n"
                                 "wait_seconds_bucket{p=\"m\",le=\"+Inf\"} 7\n"
                                 "wait_seconds_sum{p=\"m\"} 520.003502\n"
                                 "wait_seconds_count{p=\"m\"} 7\n"));
    assert_int_equal(histogram_count(h), 7);
}

/* Each family by its own: one behind the other on the page too. */
static void metrics_histogram__bounds_of_its_own__are_told(void **state)
{
    static const double BOUNDS[] = {0.001, 0.1};
    struct fixture *f = *state;
    struct histogram *own = metrics_histogram(
        f->metrics,
        &(struct metric){
            .name = "own", .unit = "s", .help = "", .bounds = BOUNDS, .bound_count = 2});

    histogram_record_us(histogram_of(f, "x", NULL, NULL), 600);
    histogram_record_us(own, 1000);
    histogram_record_us(own, 1001);
    histogram_record_us(own, 100001);
    assert_non_null(strstr(page(f), "\nown_seconds_bucket{le=\"0.001\"} 1\n"
                                    "own_seconds_bucket{le=\"0.1\"} 2\n"
                                    "own_seconds_bucket{le=\"+Inf\"} 3\n"
                                    "own_seconds_sum 0.102002\n"));
    assert_non_null(strstr(page(f), "\nx_seconds_bucket{le=\"0.0005\"} 0\n"
                                    "x_seconds_bucket{le=\"0.001\"} 1\n"));
}

static void metrics_histogram__no_labels__plain_names(void **state)
{
    struct fixture *f = *state;

    histogram_record_us(histogram_of(f, "x", NULL, NULL), 1);
    assert_non_null(strstr(page(f), "x_seconds_bucket{le=\"0.0005\"} 1\n"));
    assert_non_null(strstr(page(f), "x_seconds_sum 0.000001\nx_seconds_count 1\n"));
}

/* A quantile is never below the true value and at most a tenth above it. */
static void histogram_quantile_us__even_spread__within_a_tenth(void **state)
{
    struct fixture *f = *state;
    struct histogram *h = histogram_of(f, "q", NULL, NULL);

    assert_int_equal(histogram_quantile_us(h, 0.5), 0);
    for (uint64_t us = 1; us <= 200000; us++) {
        histogram_record_us(h, us);
    }
    for (int percent = 1; percent <= 100; percent++) {
        uint64_t exact = (uint64_t)percent * 2000;
        uint64_t found = histogram_quantile_us(h, (double)percent / 100);

        assert_true(found >= exact);
        assert_true(found <= exact + exact / 10 + 1);
    }
    assert_int_equal(histogram_quantile_us(h, 0), 1);
    h = histogram_of(f, "none", NULL, NULL);
    histogram_record_us(h, 0);
    assert_int_equal(histogram_quantile_us(h, 1), 1); /* in the first bucket */
}

static void metrics_write__nothing_made__process_families(void **state)
{
    static const char *const NAMES[] = {"\nprocess_resident_memory_bytes ",
                                        "\nprocess_cpu_seconds_total ", "\nprocess_open_fds ",
                                        "\nprocess_start_time_seconds "};
    const char *text = page(*state);

    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        const char *at = strstr(text, NAMES[i]);

        assert_non_null(at);
        assert_true(strtod(at + strlen(NAMES[i]), NULL) > 0);
    }
}

static void add_many(void *arg)
{
    struct fixture *f = arg;
    struct counter *counter = counter_of(f, "many", NULL, NULL, "Many.");
    struct histogram *histogram = histogram_of(f, "many", NULL, NULL);

    for (int i = 0; i < ADDS; i++) {
        counter_add(counter, 1);
        histogram_record_us(histogram, 1);
    }
}

/* Making and adding from several threads loses nothing, also while the page is written. */
static void counter_add__several_threads__nothing_lost(void **state)
{
    struct fixture *f = *state;
    struct thread threads[ADDERS] = {{.is_running = false}};

    for (int i = 0; i < ADDERS; i++) {
        thread_start(&threads[i], "adder", add_many, f);
    }
    (void)page(f);
    for (int i = 0; i < ADDERS; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(counter_value(counter_of(f, "many", NULL, NULL, "Many.")), ADDS * ADDERS);
    assert_int_equal(histogram_count(histogram_of(f, "many", NULL, NULL)), ADDS * ADDERS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(metrics_write__families_made_in_turn__contiguous),
        TEST(metrics_write_open__closed_families__are_not_there),
        TEST(metrics_write__names_with_points__have_underscores),
        TEST(metrics_write__attributes__of_each_type_and_escaped),
        TEST(metrics_visit__histogram__unit_bounds_and_buckets),
        TEST(metrics_gauge__value_changes__read_at_the_time),
        TEST(metrics_forget__what_is_read_ends__is_told_no_more),
        TEST(metrics_level__read__another_type_than_a_gauge),
        TEST(metrics_histogram__values_at_bounds__classic_histogram),
        TEST(metrics_histogram__bounds_of_its_own__are_told),
        TEST(metrics_histogram__no_labels__plain_names),
        TEST(histogram_quantile_us__even_spread__within_a_tenth),
        TEST(metrics_write__nothing_made__process_families),
        TEST(counter_add__several_threads__nothing_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
