/*
 * octo sessions, octo pools: ask the running services, with the internal key of the data
 * directory, and show one table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/cli.h"
#include "core/clock.h"
#include "http/json_in.h"
#include "net/http_client.h"
#include "service/internal_key.h"
#include "service/service.h"

enum { BODY_MAX = 4 << 20, TIMEOUT_MS = 10000, COLUMNS_MAX = 14, CELL_MAX = 64, SERVICES = 2 };

struct column {
    const char *member; /* of the JSON rows */
    const char *title;
    bool is_number; /* stands at the right of its column */
};

struct view {
    const char *command;
    const char *path;
    const char *member; /* the list in the answer */
    const struct column *columns;
    size_t column_count;
};

static const struct column SESSION_COLUMNS[] = {
    {"sid", "SID", true},        {"service", "SERVICE", false},
    {"pool", "POOL", false},     {"state", "STATE", false},
    {"state_ms", "MS", true},    {"module", "MODULE", false},
    {"action", "ACTION", false}, {"client_identifier", "CLIENT_IDENTIFIER", false},
    {"sql_id", "SQL_ID", false}, {"statement", "STATEMENT", false},
};
static const struct view SESSIONS = {"sessions", "/api/observability/sessions", "sessions",
                                     SESSION_COLUMNS,
                                     sizeof(SESSION_COLUMNS) / sizeof(SESSION_COLUMNS[0])};

static const struct column POOL_COLUMNS[] = {
    {"service", "SERVICE", false},
    {"name", "POOL", false},
    {"size", "SIZE", true},
    {"overflow", "OVERFLOW", true},
    {"in_use", "IN_USE", true},
    {"idle", "IDLE", true},
    {"waiters", "WAITERS", true},
    {"checkouts", "CHECKOUTS", true},
    {"timeouts", "TIMEOUTS", true},
    {"opened_last_minute", "OPENED_1M", true},
    {"closed_last_minute", "CLOSED_1M", true},
    {"wait_p99_us", "WAIT_P99_US", true},
    {"hold_p50_us", "HOLD_P50_US", true},
    {"hold_p99_us", "HOLD_P99_US", true},
};
static const struct view POOLS = {"pools", "/api/observability/pools", "pools", POOL_COLUMNS,
                                  sizeof(POOL_COLUMNS) / sizeof(POOL_COLUMNS[0])};

/* ---- asking ---- */

/* A service that is asked; its answer is parsed or there is none. */
struct source {
    const char *name;
    struct http_client *client;
    struct json *answer;
};

static struct http_client *new_client(const struct settings *settings, const char *name,
                                      const char *url)
{
    const struct http_client_options options = {
        .peer = name,
        .base_url = url,
        .internal_key = settings->internal_key,
        .service_name = "octo",
        .service_version = OCTO_VERSION,
        .timeout_ms = TIMEOUT_MS,
        .tries = 1,
        .breaker = {.name = name, .failure_threshold = 1000000, .recovery_ms = 1000},
    };

    return http_client_new(&options);
}

static bool ask(struct ctx *ctx, const struct view *view, struct source *source, struct err *err)
{
    const struct http_call call = {.method = "GET", .path = view->path, .body_max = BODY_MAX};
    struct http_answer answer = {0};
    bool is_read = http_client_call(ctx, source->client, &call, &answer, err);

    if (is_read && answer.status != 200) {
        is_read = err_set(
            err, ERR_PEER, "%s: answered with status %d%s", source->name, answer.status,
            answer.status == 401 || answer.status == 403 ? ": its internal key is another one"
                                                         : "");
    }
    is_read = is_read && json_parse(answer.body.data, answer.body.length, &source->answer, err);
    buf_fini(&answer.body);
    return is_read;
}

/* What a service says of its answer as a whole. */
static void print_note(const struct view *view, const struct source *source)
{
    const char *note = json_text(json_get(source->answer, "note"));

    if (note != NULL) {
        (void)fprintf(stderr, "octo %s: %s: %s\n", view->command, source->name, note);
    }
}

/* Asks all services; those that do not answer are named. True when one did. */
static bool ask_all(const struct view *view, struct source *sources)
{
    struct arena arena;
    bool has_answer = false;

    arena_init(&arena);
    for (size_t i = 0; i < SERVICES; i++) {
        struct err err = {0};
        struct ctx ctx;

        ctx_init_background(&ctx, &arena, NULL, "octo", view->command, TIMEOUT_MS);
        if (ask(&ctx, view, &sources[i], &err)) {
            has_answer = true;
            print_note(view, &sources[i]);
        } else {
            (void)fprintf(stderr, "octo %s: %s\n", view->command, err.text);
        }
    }
    arena_fini(&arena);
    return has_answer;
}

/* ---- showing ---- */

static void cell_text(const struct json *row, const struct column *column, char out[CELL_MAX])
{
    const struct json *value = json_get(row, column->member);
    const char *text = json_text(value);
    int64_t number;

    if (text == NULL && json_int(value, &number)) {
        (void)snprintf(out, CELL_MAX, "%" PRId64, number);
    } else {
        (void)snprintf(out, CELL_MAX, "%s", text != NULL && text[0] != '\0' ? text : "-");
    }
}

static void widen(const struct view *view, const struct json *rows, int widths[COLUMNS_MAX])
{
    char cell[CELL_MAX];

    for (size_t r = 0; r < json_length(rows); r++) {
        for (size_t c = 0; c < view->column_count; c++) {
            int width;

            cell_text(json_at(rows, r), &view->columns[c], cell);
            width = (int)strlen(cell);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
}

static void print_cell(const struct view *view, size_t c, int width, const char *text)
{
    bool is_last = c + 1 == view->column_count;

    if (view->columns[c].is_number) {
        (void)printf("%*s%s", width, text, is_last ? "\n" : "  ");
    } else {
        (void)printf("%-*s%s", is_last ? 0 : width, text, is_last ? "\n" : "  ");
    }
}

static void print_table(const struct view *view, const struct source *sources)
{
    int widths[COLUMNS_MAX];
    char cell[CELL_MAX];

    for (size_t c = 0; c < view->column_count; c++) {
        widths[c] = (int)strlen(view->columns[c].title);
    }
    for (size_t i = 0; i < SERVICES; i++) {
        widen(view, json_get(sources[i].answer, view->member), widths);
    }
    for (size_t c = 0; c < view->column_count; c++) {
        print_cell(view, c, widths[c], view->columns[c].title);
    }
    for (size_t i = 0; i < SERVICES; i++) {
        const struct json *rows = json_get(sources[i].answer, view->member);

        for (size_t r = 0; r < json_length(rows); r++) {
            for (size_t c = 0; c < view->column_count; c++) {
                cell_text(json_at(rows, r), &view->columns[c], cell);
                print_cell(view, c, widths[c], cell);
            }
        }
    }
}

/* One object with the rows of all services in one list. */
static void print_json(const struct view *view, const struct source *sources)
{
    struct arena arena;
    const char *comma = "";

    arena_init(&arena);
    (void)printf("{\"%s\":[", view->member);
    for (size_t i = 0; i < SERVICES; i++) {
        const struct json *rows = json_get(sources[i].answer, view->member);

        for (size_t r = 0; r < json_length(rows); r++) {
            size_t length;

            (void)printf("%s%s", comma, json_write(&arena, json_at(rows, r), &length));
            comma = ",";
        }
    }
    (void)printf("]}\n");
    arena_fini(&arena);
}

static void forget(struct source *sources)
{
    for (size_t i = 0; i < SERVICES; i++) {
        json_free(sources[i].answer);
        sources[i].answer = NULL;
    }
}

static bool show(const struct view *view, struct source *sources, bool as_json)
{
    bool has_answer = ask_all(view, sources);

    if (has_answer && as_json) {
        print_json(view, sources);
    } else if (has_answer) {
        print_table(view, sources);
    }
    (void)fflush(stdout);
    forget(sources);
    return has_answer;
}

/* Until Ctrl-C ends the process. */
static _Noreturn void watch(const struct view *view, struct source *sources, bool as_json)
{
    static const char CLEAR_SCREEN[] = "\033[H\033[2J";
    const struct timespec second = {.tv_sec = 1};

    for (;;) {
        if (!as_json) {
            (void)fputs(CLEAR_SCREEN, stdout);
        }
        (void)show(view, sources, as_json);
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
    }
}

/* ---- the commands ---- */

static int run(const struct view *view, struct settings *settings, struct arena *arena,
               bool as_json, bool for_ever)
{
    struct source sources[SERVICES] = {{.name = "shop"}, {.name = "crm"}};
    struct err err = {0};
    bool has_answer;

    if (!internal_key_load(settings, arena, false, &err)) {
        return cli_fail(view->command, &err);
    }
    sources[0].client = new_client(settings, "shop", settings->shop_url);
    sources[1].client = new_client(settings, "crm", settings->crm_url);
    if (for_ever) {
        watch(view, sources, as_json);
    }
    has_answer = show(view, sources, as_json);
    for (size_t i = 0; i < SERVICES; i++) {
        http_client_free(sources[i].client);
    }
    return has_answer ? EXIT_DONE : EXIT_FAILED;
}

static int observe(const struct view *view, const char *text, int argc, char **argv)
{
    bool as_json = false;
    bool for_ever = false;
    const struct cli_flag flags[] = {
        {"--json", "print one JSON object", &as_json},
        {"--watch", "show it again each second, until Ctrl-C", &for_ever},
    };
    const struct cli_command command = {
        .name = view->command,
        .arguments = "[--data DIR] [--shop-port N] [--crm-port N] [--json] [--watch]",
        .text = text,
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };
    struct settings settings;
    struct arena arena;
    int code = EXIT_DONE;

    arena_init(&arena);
    if (cli_start(&command, SERVICE_SHOP, &arena, argc, argv, &settings, &code) == CLI_GO) {
        code = run(view, &settings, &arena, as_json, for_ever);
    }
    arena_fini(&arena);
    return code;
}

int cmd_sessions(int argc, char **argv)
{
    return observe(&SESSIONS,
                   "Shows the database sessions of the running services: their tags (MODULE, "
                   "ACTION,\nCLIENT_IDENTIFIER is the trace id) and the statement each runs or "
                   "ran last. On PostgreSQL\nthe server is asked, which knows those of all "
                   "replicas.",
                   argc, argv);
}

int cmd_pools(int argc, char **argv)
{
    return observe(&POOLS,
                   "Shows the database pools of the running services: how many sessions are in "
                   "use, how long\nrequests waited for one and held it.",
                   argc, argv);
}
