/*
 * octo traces, octo trace: what the console knows of requests, for people and, with --json, as it
 * answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/ask_console.h"
#include "app/cli.h"
#include "app/running.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/waterfall.h"
#include "core/clock.h"
#include "core/text.h"
#include "trace/json_text.h"

enum {
    OUTPUT_MAX = 256 << 20,
    COLUMNS_USUAL = 80,
    COLUMNS_LEAST = 60,
    COLUMNS_MOST = 400,
    TIMEOUT_MS = 30000,
    TRACE_ID_DIGITS = 32,
    NS_PER_MS = 1000000,
};

/* One run of a command. */
struct asking {
    const char *command;
    struct console_address address;
    struct arena arena;
    struct ctx ctx;
    struct buf body;
    struct json *answer;
    bool as_json;
};

/* ---- the terminal ---- */

static bool is_utf8(void)
{
    static const char *const VARIABLES[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(VARIABLES) / sizeof(VARIABLES[0]); i++) {
        const char *value = getenv(VARIABLES[i]);

        if (value != NULL && *value != '\0') {
            return strcasestr(value, "UTF-8") != NULL || strcasestr(value, "UTF8") != NULL;
        }
    }
    return false;
}

/* https://no-color.org, and a terminal that says what it can do. */
static bool has_colours(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) != 0 && (no_colour == NULL || *no_colour == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static int columns(void)
{
    const char *variable = getenv("COLUMNS");
    struct terminal_size size;
    int64_t given;

    if (terminal_size(STDOUT_FILENO, &size)) {
        given = size.columns;
    } else if (variable == NULL || !text_to_int64(variable, &given)) {
        given = COLUMNS_USUAL;
    }
    return given < COLUMNS_LEAST ? COLUMNS_LEAST : given > COLUMNS_MOST ? COLUMNS_MOST : (int)given;
}

/* ---- asking ---- */

static bool ask(struct asking *asking, const char *path, struct err *err)
{
    json_free(asking->answer);
    asking->answer = NULL;
    buf_fini(&asking->body);
    return ask_console(&asking->ctx, &asking->address, path, &asking->body, &asking->answer, err);
}

static void print(const struct buf *out)
{
    if (out->length > 0) {
        (void)fwrite(out->data, 1, out->length, stdout);
    }
    (void)fflush(stdout);
}

static void print_json(const struct asking *asking)
{
    (void)fwrite(asking->body.data, 1, asking->body.length, stdout);
    (void)fputc('\n', stdout);
}

static void asking_begin(struct asking *asking, const char *command)
{
    *asking = (struct asking){.command = command};
    arena_init(&asking->arena);
    buf_init(&asking->body, OUTPUT_MAX);
}

static void asking_end(struct asking *asking)
{
    json_free(asking->answer);
    buf_fini(&asking->body);
    arena_fini(&asking->arena);
}

/* Reads the command line; then asks. */
static int run(struct asking *asking, const struct cli_command *command, int argc, char **argv,
               int (*answer)(struct asking *asking, void *arg), void *arg)
{
    const bool is_named = running_is_named(services[CONSOLE], argc, argv);
    struct settings *settings[SERVICES];
    int code = EXIT_DONE;

    if (cli_start(command, &asking->arena, argc, argv, settings, &code) == CLI_GO) {
        cli_log_less(settings);
        asking->address =
            (struct console_address){.settings = settings[CONSOLE], .is_named = is_named};
        ctx_init_background(&asking->ctx, &asking->arena, NULL, "octo", asking->command,
                            TIMEOUT_MS);
        ctx_unsample(&asking->ctx); /* to look at traces makes none */
        code = answer(asking, arg);
    }
    asking_end(asking);
    return code;
}

/* ---- octo trace ---- */

struct one {
    const char *id;
    bool shows_all;
};

static bool newest(struct asking *asking, const char **ret, struct err *err)
{
    const char *id;

    if (!ask(asking, "/api/traces?limit=1", err)) {
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
    const struct waterfall_style style = {.columns = columns(),
                                          .has_colours = has_colours(),
                                          .is_ascii = !is_utf8(),
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
        !ask(asking,
             arena_printf(&asking->arena, "/api/traces/%s", text_lowered(&asking->arena, id)),
             &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        print_json(asking);
        return EXIT_DONE;
    }
    buf_init(&out, OUTPUT_MAX);
    waterfall_write(&asking->arena, asking->answer, &style, &out);
    print(&out);
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
    return run(&asking, &command, argc, argv, show_one, &one);
}

/* ---- octo traces ---- */

/* An option that becomes a parameter of the question. */
static const struct {
    const char *option;
    const char *parameter;
} FILTERS[] = {
    {"--where", "q"},       {"--service", "service"},  {"--route", "route"},
    {"--status", "status"}, {"--http", "http_status"}, {"--sql-id", "sql_id"},
    {"--min-ms", "min_ms"}, {"--max-ms", "max_ms"},    {"--since", "since"},
    {"--until", "until"},   {"--span", "span"},        {"--sort", "sort"},
    {"--limit", "limit"},   {"--cursor", "cursor"},
};
enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]) };

struct filters {
    const char *values[FILTER_COUNT];
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

static void put_member(struct asking *asking, struct buf *out, const char *name, const char *text)
{
    const char *plain = waterfall_plain(&asking->arena, text, COLUMNS_MOST);

    buf_printf(out, "%s\"%s\":", out->data[out->length - 1] == '{' ? "" : ",", name);
    json_text_add(out, plain, strlen(plain));
}

/* The rows as people read them: time without its date's century of digits, durations with units. */
static void put_row(struct asking *asking, const struct json *entry, struct buf *out)
{
    const char *start = json_text(json_get(entry, "start"));
    char duration[DURATION_TEXT_MAX];
    int64_t status = 0;
    int64_t ns = 0;

    (void)json_int(json_get(entry, "duration_ns"), &ns);
    waterfall_duration(ns, !is_utf8(), duration);
    buf_add_text(out, out->length > 1 ? ",{" : "{");
    put_member(asking, out, "time",
               start != NULL ? arena_printf(&asking->arena, "%.10s %.12s", start, start + 11) : "");
    put_member(asking, out, "duration", duration);
    put_member(asking, out, "status",
               json_int(json_get(entry, "http_status"), &status)
                   ? arena_printf(&asking->arena, "%d", (int)status)
                   : json_text(json_get(entry, "status")));
    put_member(asking, out, "service", json_text(json_get(entry, "service")));
    put_member(asking, out, "name", json_text(json_get(entry, "name")));
    put_member(asking, out, "trace_id", json_text(json_get(entry, "trace_id")));
    buf_add_char(out, '}');
}

static bool print_table(struct asking *asking, struct err *err)
{
    const struct json *traces = json_get(asking->answer, "traces");
    const struct json *lists[1];
    struct terminal_size size = {0, 0};
    struct json *rows = NULL;
    struct buf text;
    struct buf out;
    int64_t total = 0;
    bool ok;

    (void)terminal_size(STDOUT_FILENO, &size);
    buf_init(&text, OUTPUT_MAX);
    buf_init(&out, OUTPUT_MAX);
    buf_add_char(&text, '[');
    for (size_t i = 0; i < json_length(traces); i++) {
        put_row(asking, json_at(traces, i), &text);
    }
    buf_add_char(&text, ']');
    ok = json_parse(text.data, text.length, &rows, err);
    if (ok) {
        lists[0] = rows;
        table_write(&TABLE, lists, 1, &(struct table_limits){.columns = size.columns}, &out);
        (void)json_int(json_get(asking->answer, "total"), &total);
        if (total > (int64_t)json_length(traces)) {
            buf_printf(&out, "%zu of %lld\n", json_length(traces), (long long)total);
        }
        print(&out);
    }
    json_free(rows);
    buf_fini(&out);
    buf_fini(&text);
    return ok;
}

static int show_list(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    const char *path = "/api/traces";
    const char *between = "?";
    struct err err = {0};

    for (size_t i = 0; i < FILTER_COUNT; i++) {
        if (filters->values[i] != NULL) {
            path = arena_printf(&asking->arena, "%s%s%s=%s", path, between, FILTERS[i].parameter,
                                ask_escaped(&asking->arena, filters->values[i]));
            between = "&";
        }
    }
    if (!ask(asking, path, &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        print_json(asking);
    } else if (!print_table(asking, &err)) {
        return cli_fail(asking->command, &err);
    }
    return EXIT_DONE;
}

int cmd_traces(int argc, char **argv)
{
    struct filters filters = {0};
    struct asking asking;
    const struct cli_flag flags[] = {{"--json", "print what the console answers", &asking.as_json}};
    const struct cli_command command = {
        .name = "traces",
        .arguments =
            "[--where CONDITION] [--service NAME] [--route NAME] [--status ok|error] [--http "
            "N]\n                   [--sql-id ID] [--min-ms N] [--max-ms N] [--since TIME] "
            "[--until "
            "TIME]\n                   [--sort newest|slowest] [--span request|root|entry] "
            "[--limit "
            "N]\n                   "
            "[--cursor TEXT] [--json] [--data DIR]",
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

    for (size_t i = 0; i < FILTER_COUNT; i++) {
        if (!cli_take_value("traces", FILTERS[i].option, &argc, argv, &filters.values[i])) {
            return EXIT_USAGE;
        }
    }
    asking_begin(&asking, "traces");
    return run(&asking, &command, argc, argv, show_list, &filters);
}
