/*
 * octo traces, octo trace: what the console knows of requests, for people and, with --json, as it
 * answers.
 */
#include <stdio.h>
#include <string.h>

#include "app/asking.h"
#include "app/glance.h"
#include "app/waterfall.h"
#include "core/text.h"

enum { TRACE_ID_DIGITS = 32 };

/* ---- octo trace ---- */

struct one {
    const char *id;
    bool shows_all;
};

static bool newest(struct asking *asking, const char **ret, struct err *err)
{
    const char *id;

    if (!asking_ask(asking, "/api/traces?limit=1", err)) {
        return false;
    }
    id = json_text(json_get(json_at(json_get(asking->answer, "traces"), 0), "trace_id"));
    if (id == NULL) {
        return err_set(err, ERR_NOT_FOUND, "no trace is stored yet");
    }
    *ret = arena_strdup(&asking->arena, id);
    return true;
}

static int show_one(struct asking *asking, void *arg)
{
    const struct one *one = arg;
    const struct waterfall_style style = {.columns = asking_columns(),
                                          .has_colours = asking_has_colours(),
                                          .is_ascii = !asking_is_utf8(),
                                          .shows_all = one->shows_all};
    const char *id = one->id;
    struct err err = {0};
    struct buf out;

    if (id == NULL) {
        (void)fprintf(stderr, "octo trace: which? name its id, or last\n");
        return EXIT_USAGE;
    }
    if (strcmp(id, "last") != 0 && (strlen(id) != TRACE_ID_DIGITS || !text_has_only(id, "") ||
                                    strspn(id, "0123456789abcdefABCDEF") != TRACE_ID_DIGITS)) {
        (void)fprintf(stderr, "octo trace: \"%s\" is neither last nor 32 hexadecimal digits\n", id);
        return EXIT_USAGE;
    }
    if ((strcmp(id, "last") == 0 && !newest(asking, &id, &err)) ||
        !asking_ask(
            asking,
            arena_printf(&asking->arena, "/api/traces/%s", text_lowered(&asking->arena, id)),
            &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    buf_init(&out, ASKING_OUTPUT_MAX);
    waterfall_write(&asking->arena, asking->answer, &style, &out);
    asking_print(&out);
    buf_fini(&out);
    return EXIT_DONE;
}

int cmd_trace(int argc, char **argv)
{
    struct one one = {.id = NULL};
    struct asking asking;
    const struct cli_flag flags[] = {
        {"--all", "show each span, also of a statement that ran again and again", &one.shows_all},
        {"--json", "print what the console answers", &asking.as_json},
    };
    const struct cli_command command = {
        .name = "trace",
        .arguments = "ID|last [--all] [--json] [--data DIR] [--console-port N]",
        .text =
            "Shows a trace as a waterfall: a row a span, its name in the tree, when it ran and "
            "for how long,\non a wide terminal also how long without those below it. What the "
            "whole waited for is drawn full\nand bold. A statement that ran again and again is one "
            "row. ! marks what failed, ? a clock that\ncannot be right.\n\nlast is the request "
            "that "
            "came last. Exit codes: 0 shown, 1 not found or no console.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .operand = &one.id,
    };

    asking_begin(&asking, "trace");
    return asking_run(&asking, &command, argc, argv, show_one, &one);
}

/* ---- octo traces ---- */

/* An option that becomes a parameter of the question. */
static const struct asking_option FILTERS[] = {
    {"--where", "q"},       {"--service", "service"},  {"--route", "route"},
    {"--status", "status"}, {"--http", "http_status"}, {"--sql-id", "sql_id"},
    {"--min-ms", "min_ms"}, {"--max-ms", "max_ms"},    {"--since", "since"},
    {"--until", "until"},   {"--span", "span"},        {"--sort", "sort"},
    {"--limit", "limit"},   {"--cursor", "cursor"},
};
enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]) };

/* What is asked of the traces: the list, or something about all of them. --limit is a parameter of
 * its own there. */
struct question {
    const char *flag;
    const char *path;
    const char *limit;
    bool (*print)(struct asking *asking, struct err *err);
};

struct filters {
    const char *values[FILTER_COUNT];
    bool is_asked[3]; /* as GLANCES */
};

static const struct table_column COLUMNS[] = {
    {"time", "TIME (UTC)", false}, {"duration", "DURATION", true}, {"status", "STATUS", false},
    {"service", "SERVICE", false}, {"name", "NAME", false},        {"trace_id", "TRACE", false},
};
static const struct table_concession CONCESSIONS[] = {
    {"name", 40},
    {"service", 0},
    {"name", 24},
    {"status", 0},
};
static const struct table TABLE = {.columns = COLUMNS,
                                   .column_count = sizeof(COLUMNS) / sizeof(COLUMNS[0]),
                                   .concessions = CONCESSIONS,
                                   .concession_count =
                                       sizeof(CONCESSIONS) / sizeof(CONCESSIONS[0])};

/* The rows as people read them: time without its date's century of digits, durations with units. */
static void put_row(struct asking *asking, const struct json *entry, struct buf *out)
{
    const char *start = json_text(json_get(entry, "start"));
    char duration[DURATION_TEXT_MAX];
    int64_t status = 0;
    int64_t ns = 0;

    (void)json_int(json_get(entry, "duration_ns"), &ns);
    waterfall_duration(ns, !asking_is_utf8(), duration);
    asking_begin_row(out);
    asking_put(asking, out, "time",
               start != NULL ? arena_printf(&asking->arena, "%.10s %.12s", start, start + 11) : "");
    asking_put(asking, out, "duration", duration);
    asking_put(asking, out, "status",
               json_int(json_get(entry, "http_status"), &status)
                   ? arena_printf(&asking->arena, "%d", (int)status)
                   : json_text(json_get(entry, "status")));
    asking_put(asking, out, "service", json_text(json_get(entry, "service")));
    asking_put(asking, out, "name", json_text(json_get(entry, "name")));
    asking_put(asking, out, "trace_id", json_text(json_get(entry, "trace_id")));
    asking_end_row(out);
}

static bool print_table(struct asking *asking, struct err *err)
{
    const struct json *traces = json_get(asking->answer, "traces");
    struct buf text;
    int64_t total = 0;
    bool ok;

    buf_init(&text, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(traces); i++) {
        put_row(asking, json_at(traces, i), &text);
    }
    ok = asking_print_rows(&TABLE, &text, err);
    buf_fini(&text);
    (void)json_int(json_get(asking->answer, "total"), &total);
    if (ok && total > (int64_t)json_length(traces)) {
        (void)printf("%zu of %lld\n", json_length(traces), (long long)total);
    }
    return ok;
}

static const struct question LIST = {.path = "/api/traces", .limit = "limit", .print = print_table};
static const struct question GLANCES[] = {
    {"--facets", "/api/traces/facets", "values", glance_facets},
    {"--heatmap", "/api/traces/heatmap", "columns", glance_heatmap},
    {"--compare", "/api/traces/compare", "limit", glance_comparison},
};
enum { GLANCE_COUNT = sizeof(GLANCES) / sizeof(GLANCES[0]) };

/* NULL: two were asked for, which has been said. */
static const struct question *choose(const struct filters *filters)
{
    const struct question *chosen = &LIST;

    for (size_t i = 0; i < GLANCE_COUNT; i++) {
        if (filters->is_asked[i] && chosen != &LIST) {
            (void)fprintf(stderr, "octo traces: %s or %s, one at a time\n", chosen->flag,
                          GLANCES[i].flag);
            return NULL;
        }
        if (filters->is_asked[i]) {
            chosen = &GLANCES[i];
        }
    }
    return chosen;
}

static const char *path_of(struct asking *asking, const struct question *question,
                           const struct filters *filters)
{
    struct asking_option options[FILTER_COUNT];

    memcpy(options, FILTERS, sizeof(options));
    for (size_t i = 0; i < FILTER_COUNT; i++) {
        if (strcmp(options[i].option, "--limit") == 0) {
            options[i].parameter = question->limit;
        }
    }
    return asking_path(asking, question->path, options, FILTER_COUNT, filters->values);
}

static int show_list(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    const struct question *question = choose(filters);
    struct err err = {0};

    if (question == NULL) {
        return EXIT_USAGE;
    }
    if (!asking_ask(asking, path_of(asking, question, filters), &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
    } else if (!question->print(asking, &err)) {
        return cli_fail(asking->command, &err);
    }
    return EXIT_DONE;
}

int cmd_traces(int argc, char **argv)
{
    struct filters filters = {0};
    struct asking asking;
    const struct cli_flag flags[] = {
        {"--facets", "which values they have and how often, --limit of each", &filters.is_asked[0]},
        {"--heatmap", "when they came and how long they took, in --limit columns",
         &filters.is_asked[1]},
        {"--compare", "what those of --where have more often than the rest, --limit of it",
         &filters.is_asked[2]},
        {"--json", "print what the console answers", &asking.as_json},
    };
    const struct cli_command command = {
        .name = "traces",
        .arguments =
            "[--where CONDITION] [--service NAME] [--route NAME] [--status ok|error] [--http "
            "N]\n                   [--sql-id ID] [--min-ms N] [--max-ms N] [--since TIME] "
            "[--until "
            "TIME]\n                   [--sort newest|slowest] [--span request|root|entry] "
            "[--limit "
            "N]\n                   "
            "[--cursor TEXT] [--facets|--heatmap|--compare] [--json] [--data DIR]",
        .text =
            "Lists traces, the newest first: requests that nobody made who is heard here (--span "
            "request), with\n--span root also jobs that began by themselves; with --service or "
            "--route what that service was\nasked, by whomever (--span entry).\n--route is the "
            "name of a span, GET "
            "/api/products/{product_id}, or what stands behind its method.\n--sql-id finds traces "
            "in which that statement ran. octo trace ID shows one.\n--where asks for what spans "
            "have, as in \"duration > 250ms and not http.route ~ products\":\n= != < <= > >= ~ !~ "
            "exists absent, and, or, not, brackets, any(...) for any span of the trace.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };

    if (!asking_take("traces", FILTERS, FILTER_COUNT, &argc, argv, filters.values)) {
        return EXIT_USAGE;
    }
    asking_begin(&asking, "traces");
    return asking_run(&asking, &command, argc, argv, show_list, &filters);
}
