/*
 * octo warehouse: what became of statements from day to day, as the console knows it, for people
 * and, with --json, as it answers.
 */
#include <stdio.h>
#include <string.h>

#include "app/asking.h"

static const struct asking_option FILTERS[] = {
    {"--from", "from"},         {"--to", "to"},
    {"--category", "category"}, {"--service", "service"},
    {"--module", "module"},     {"--action", "action"},
    {"--change", "change"},     {"--variability", "variability"},
    {"--waiting", "waiting"},   {"--limit", "limit"},
    {"--cursor", "cursor"},
};
enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]) };

struct filters {
    const char *values[FILTER_COUNT];
};

static const struct table_column COLUMNS[] = {
    {"sql_id", "SQL_ID", false},        {"name", "NAME", false},    {"is", "IS", false},
    {"change", "CHANGE", true},         {"varies", "VARIES", true}, {"waits", "WAITS", true},
    {"executions", "EXECUTIONS", true}, {"mean", "MEAN", true},     {"curve", "P50 BY DAY", false},
};
static const struct table_concession CONCESSIONS[] = {
    {"name", 30}, {"executions", 0}, {"mean", 0}, {"name", 20}, {"curve", 31}, {"curve", 0}};
static const struct table TABLE = {.columns = COLUMNS,
                                   .column_count = sizeof(COLUMNS) / sizeof(COLUMNS[0]),
                                   .concessions = CONCESSIONS,
                                   .concession_count =
                                       sizeof(CONCESSIONS) / sizeof(CONCESSIONS[0])};

static bool is_true(struct asking *asking, const struct json *of, const char *member)
{
    size_t length;

    return strcmp(json_write(&asking->arena, json_get(of, member), &length), "true") == 0;
}

static const char *categories_of(struct asking *asking, const struct json *statement)
{
    static const struct {
        const char *member;
        const char *word;
    } CATEGORIES[] = {{"is_degrading", "degrading"},
                      {"is_improving", "improving"},
                      {"is_variant", "variant"},
                      {"is_inefficient", "inefficient"}};
    const char *words = "";

    for (size_t i = 0; i < sizeof(CATEGORIES) / sizeof(CATEGORIES[0]); i++) {
        if (is_true(asking, statement, CATEGORIES[i].member)) {
            words = arena_printf(&asking->arena, "%s%s%s", words, *words != '\0' ? ", " : "",
                                 CATEGORIES[i].word);
        }
    }
    return words;
}

static const char *percent(struct asking *asking, const struct json *statement, const char *member)
{
    const struct json *value = json_get(statement, member);

    return json_is_null(value)
               ? ""
               : arena_printf(&asking->arena, "%.0f %%", asking_real(asking, value));
}

static const char *curve_of(struct asking *asking, const struct json *days)
{
    const size_t count = json_length(days);
    double *values = arena_array(&asking->arena, count + 1, sizeof(*values));

    for (size_t i = 0; i < count; i++) {
        values[i] = asking_real(asking, json_get(json_at(days, i), "p50_ns"));
    }
    return asking_curve(asking, values, count);
}

static void put_row(struct asking *asking, struct buf *rows, const struct json *statement)
{
    asking_begin_row(rows);
    asking_put(asking, rows, "sql_id", json_text(json_get(statement, "sql_id")));
    asking_put(asking, rows, "name", json_text(json_get(statement, "name")));
    asking_put(asking, rows, "is", categories_of(asking, statement));
    asking_put(asking, rows, "change", percent(asking, statement, "change_percent"));
    asking_put(asking, rows, "varies", percent(asking, statement, "variability_percent"));
    asking_put(asking, rows, "waits", percent(asking, statement, "waiting_percent"));
    asking_put_count(asking, rows, "executions", statement, "executions");
    asking_put_duration(asking, rows, "mean", statement, "mean_ns");
    asking_put(asking, rows, "curve", curve_of(asking, json_get(statement, "days")));
    asking_end_row(rows);
}

static void print_counts(const struct asking *asking)
{
    static const char *const NAMES[] = {"statements", "degrading", "improving", "variant",
                                        "inefficient"};
    const struct json *counts = json_get(asking->answer, "counts");

    (void)printf("%.10s to %.10s UTC: ", json_text(json_get(asking->answer, "from")),
                 json_text(json_get(asking->answer, "to")));
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        int64_t count = 0;

        (void)json_int(json_get(counts, NAMES[i]), &count);
        (void)printf("%s%lld %s", i > 0 ? ", " : "", (long long)count, NAMES[i]);
    }
    (void)putchar('\n');
}

static bool print_warehouse(struct asking *asking, struct err *err)
{
    const struct json *statements = json_get(asking->answer, "statements");
    int64_t total = 0;
    struct buf rows;
    bool ok;

    print_counts(asking);
    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(statements); i++) {
        put_row(asking, &rows, json_at(statements, i));
    }
    ok = asking_print_rows(&TABLE, &rows, err);
    buf_fini(&rows);
    (void)json_int(json_get(asking->answer, "total"), &total);
    if (ok && total > (int64_t)json_length(statements)) {
        (void)printf("%zu of %lld\n", json_length(statements), (long long)total);
    }
    return ok;
}

static int show(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    struct err err = {0};

    if (!asking_ask(asking,
                    asking_path(asking, "/api/warehouse", FILTERS, FILTER_COUNT, filters->values),
                    &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    return print_warehouse(asking, &err) ? EXIT_DONE : cli_fail(asking->command, &err);
}

int cmd_warehouse(int argc, char **argv)
{
    struct filters filters = {0};
    struct asking asking;
    const struct cli_flag flags[] = {{"--json", "print what the console answers", &asking.as_json}};
    const struct cli_command command = {
        .name = "warehouse",
        .arguments =
            "[--from TIME] [--to TIME] [--service NAME] [--module NAME] [--action NAME]\n"
            "                      [--category any|degrading|improving|variant|inefficient|all] "
            "[--change N]\n                      [--variability N] [--waiting N] [--limit N] "
            "[--cursor TEXT] [--json] [--data DIR]",
        .text =
            "Lists statements that became slower (degrading) or faster (improving) within the last "
            "30 days, by a\nstraight line through the medians of their days: by more than --change "
            "percent (20); that vary: their\nstandard deviation is more than --variability percent "
            "(166) of their mean; that are inefficient:\nwaiting takes more than --waiting percent "
            "(20) of their time. What units of work wait for is shared\nout among the statements "
            "of "
            "the same ACTION. A line needs three days. --category all lists others too.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };

    if (!asking_take("warehouse", FILTERS, FILTER_COUNT, &argc, argv, filters.values)) {
        return EXIT_USAGE;
    }
    asking_begin(&asking, "warehouse");
    return asking_run(&asking, &command, argc, argv, show, &filters);
}
