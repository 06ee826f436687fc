/*
 * octo sessions, octo pools, octo top: ask the running services, with the internal key of the data
 * directory, and show one table. Which they are is looked up in the data directory at each look,
 * unless an option or the environment says where they are.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/running.h"
#include "app/table.h"
#include "app/terminal.h"
#include "core/clock.h"
#include "core/text.h"
#include "http/json_in.h"
#include "net/http_client.h"
#include "service/internal_key.h"
#include "service/service.h"

enum {
    ANSWER_MAX = 4 << 20,
    OUTPUT_MAX = 16 << 20,
    TIMEOUT_MS = 10000,
    PAUSE_MS = 1000,
    SOURCES_MAX = WITH_DATABASE * RUNNING_MOST,
};

struct view {
    const char *command;
    const char *path;
    const char *member; /* the list in the answer */
    struct table table;
};

static const struct table_column SESSION_COLUMNS[] = {
    {"sid", "SID", true},
    {"service", "SERVICE", false},
    {"pool", "POOL", false},
    {"state", "STATE", false},
    {"state_ms", "MS", true},
    {"module", "MODULE", false},
    {"action", "ACTION", false},
    {"client_identifier", "CLIENT_IDENTIFIER", false},
    {"sql_id", "SQL_ID", false},
    {"statement", "STATEMENT", false},
    {"waits_for", "WAITS_FOR", false},
    {"blocked_by", "BLOCKED_BY", false},
};
static const struct table_concession SESSION_CONCESSIONS[] = {
    {"blocked_by", TABLE_IF_EMPTY},
    {"waits_for", TABLE_IF_EMPTY},
    {"module", 0}, /* the service says it */
    {"client_identifier", 8},
    {"action", 24},
    {"statement", 24},
    {"pool", 0},
    {"waits_for", 14},
    {"action", 14},
    {"client_identifier", 0},
    {"sql_id", 0}, /* the statement's name leads to it */
    {"action", 0},
};

static const struct table_column POOL_COLUMNS[] = {
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
    {"open_failure", "OPEN_FAILURE", false},
};
static const struct table_concession POOL_CONCESSIONS[] = {
    {"open_failure", TABLE_IF_EMPTY},
    {"hold_p50_us", 0},
    {"overflow", 0},
    {"size", 0},
    {"checkouts", 0},
    {"hold_p99_us", 0},
    {"timeouts", 0},
    {"open_failure", 40},
};

static const struct table_column TOP_COLUMNS[] = {
    {"service", "SERVICE", false},
    {"statement", "STATEMENT", false},
    {"sql_id", "SQL_ID", false},
    {"queryid", "QUERYID", true},
    {"calls", "CALLS", true},
    {"total_us", "TIME_US", true},
    {"mean_us", "MEAN_US", true},
    {"rows", "ROWS", true},
    {"blocks_hit", "BLOCKS_HIT", true},
    {"blocks_read", "READ", true},
    {"blocks_written", "WRITTEN", true},
    {"counted_as", "TEXT", false},
};
static const struct table_concession TOP_CONCESSIONS[] = {
    {"counted_as", TABLE_IF_EMPTY},
    {"counted_as", 40},
    {"queryid", 0},
    {"blocks_written", 0},
    {"statement", 24},
    {"counted_as", 20},
    {"mean_us", 0},
    {"blocks_read", 0},
    {"sql_id", 0},
    {"service", 0},
    {"counted_as", 0},
};

#define TABLE(columns_, concessions_)                                                              \
    {                                                                                              \
        .columns = (columns_), .column_count = sizeof(columns_) / sizeof((columns_)[0]),           \
        .concessions = (concessions_),                                                             \
        .concession_count = sizeof(concessions_) / sizeof((concessions_)[0])                       \
    }
static const struct view SESSIONS = {"sessions", "/api/observability/sessions", "sessions",
                                     TABLE(SESSION_COLUMNS, SESSION_CONCESSIONS)};
static const struct view POOLS = {"pools", "/api/observability/pools", "pools",
                                  TABLE(POOL_COLUMNS, POOL_CONCESSIONS)};
static const struct view TOP = {"top", "/api/observability/statements", "statements",
                                TABLE(TOP_COLUMNS, TOP_CONCESSIONS)};

/* One run of a command. */
struct observation {
    const struct view *view;
    struct settings *settings[SERVICES];
    const char *internal_key;
    bool is_named[WITH_DATABASE]; /* somebody said where this service is */
    bool as_json;
    bool for_ever;
};

/* One look at all services. */
struct look {
    const struct observation *of;
    struct arena arena;
    const struct json *rows[SOURCES_MAX]; /* of each that answered */
    struct json *answers[SOURCES_MAX];
    size_t count;
    bool is_whole;    /* all answered */
    struct buf notes; /* about those that did not, and what was said beside the rows: lines */
};

/* --- asking --- */

static bool call(struct ctx *ctx, const struct look *look, const char *peer, const char *url,
                 struct json **ret, struct err *err)
{
    const struct http_client_options options = {
        .peer = peer,
        .base_url = url,
        .internal_key = look->of->internal_key,
        .service_name = "octo",
        .service_version = OCTO_VERSION,
        .timeout_ms = TIMEOUT_MS,
        .tries = 1,
        .breaker = {.name = peer, .failure_threshold = 1, .recovery_ms = 1000},
    };
    const struct http_call request = {
        .method = "GET", .path = look->of->view->path, .body_max = ANSWER_MAX};
    struct http_client *client = http_client_new(&options);
    struct http_answer answer = {0};
    bool is_read = http_client_call(ctx, client, &request, &answer, err);

    if (is_read && answer.status != 200) {
        is_read = err_set(err, ERR_PEER, "%s: answered with status %d%s", peer, answer.status,
                          answer.status == 401 || answer.status == 403
                              ? ": its internal key is another one"
                              : "");
    }
    is_read = is_read && json_parse(answer.body.data, answer.body.length, ret, err);
    buf_fini(&answer.body);
    http_client_free(client);
    return is_read;
}

static void note(struct look *look, const char *text)
{
    buf_printf(&look->notes, "octo %s: %s\n", look->of->view->command, text);
}

/* `remedy` follows the reason where the service does not answer. */
static void ask(struct look *look, const char *name, const char *url, const char *remedy)
{
    const char *command = look->of->view->command;
    struct json **answer = &look->answers[look->count];
    struct err err = {0};
    struct ctx ctx;
    const char *said;

    ctx_init_background(&ctx, &look->arena, NULL, "octo", command, TIMEOUT_MS);
    if (!call(&ctx, look, arena_printf(&look->arena, "%s at %s", name, url), url, answer, &err)) {
        note(look, arena_printf(&look->arena, "%s%s", err.text,
                                err.code == ERR_PEER && remedy != NULL ? remedy : ""));
        look->is_whole = false;
        return;
    }
    look->rows[look->count++] = json_get(*answer, look->of->view->member);
    said = json_text(json_get(*answer, "note"));
    if (said != NULL) {
        note(look, arena_printf(&look->arena, "%s: %s", name, said));
    }
}

/* All that run over the data directory, or the one that was named, or else the usual address. */
static void ask_kind(struct look *look, size_t kind)
{
    const struct service_traits *traits = services[kind];
    const struct settings *settings = look->of->settings[kind];
    const char *usual = settings->url;
    struct running found[RUNNING_MOST];
    size_t count = 0;

    if (look->of->is_named[kind]) {
        ask(look, traits->name, usual, ": does it run there? octo up starts it");
        return;
    }
    count = running_find(traits, settings->data_dir, found);
    for (size_t i = 0; i < count; i++) {
        ask(look, traits->name, running_url(&look->arena, &found[i]), NULL);
    }
    if (count == 0) {
        ask(look, traits->name, usual,
            arena_printf(&look->arena,
                         ", and none runs over %s: start it with octo up, or say where it is with "
                         "--data or %s",
                         settings->data_dir, services_port_option(kind)));
    }
}

static void look_begin(struct look *look, const struct observation *of)
{
    *look = (struct look){.of = of, .is_whole = true};
    arena_init(&look->arena);
    buf_init(&look->notes, OUTPUT_MAX);
    for (size_t i = 0; i < WITH_DATABASE; i++) {
        ask_kind(look, i);
    }
}

static void look_end(struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        json_free(look->answers[i]);
    }
    buf_fini(&look->notes);
    arena_fini(&look->arena);
}

/* --- showing --- */

/* One object, on one line, with the rows of all services in one list. */
static void write_json(struct look *look, struct buf *out)
{
    const char *comma = "";

    buf_printf(out, "{\"%s\":[", look->of->view->member);
    for (size_t i = 0; i < look->count; i++) {
        for (size_t r = 0; r < json_length(look->rows[i]); r++) {
            size_t length;
            const char *row = json_write(&look->arena, json_at(look->rows[i], r), &length);

            buf_add_text(out, comma);
            buf_add(out, row, length);
            comma = ",";
        }
    }
    buf_add_text(out, "]}\n");
}

static void write_rows(struct look *look, const struct table_limits *limits, struct buf *out)
{
    if (look->count > 0 && look->of->as_json) {
        write_json(look, out);
    } else if (look->count > 0) {
        table_write(&look->of->view->table, look->rows, look->count, limits, out);
    }
}

static void print(const struct buf *buf, FILE *file)
{
    if (buf->length > 0) {
        (void)fwrite(buf->data, 1, buf->length, file);
    }
    (void)fflush(file);
}

/* Plain, as wide as the terminal where it is one, else as wide as it takes. False where one that
 * was asked did not answer: the rows of the others are shown all the same. */
static bool show(const struct observation *of, const char *heading)
{
    struct terminal_size size = {0, 0};
    struct look look;
    struct buf out;

    (void)terminal_size(STDOUT_FILENO, &size);
    look_begin(&look, of);
    buf_init(&out, OUTPUT_MAX);
    buf_add_text(&out, heading);
    write_rows(&look, &(struct table_limits){.columns = size.columns}, &out);
    print(&look.notes, stderr);
    print(&out, stdout);
    buf_fini(&out);
    look_end(&look);
    return look.is_whole;
}

/* --- watching --- */

static void now_text(char out[32])
{
    const time_t now = time(NULL);
    struct tm parts;

    (void)gmtime_r(&now, &parts);
    (void)strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", &parts);
}

/* Each line to its end, and what is below: no look leaves anything of the one before. */
static void add_clearing(struct buf *screen, const struct buf *lines,
                         const struct terminal_size *size)
{
    size_t at = 0;

    while (at < lines->length) {
        const size_t length = strcspn(lines->data + at, "\n");
        const size_t fitting = utf8_prefix(lines->data + at, (size_t)size->columns);

        buf_add(screen, lines->data + at, length < fitting ? length : fitting);
        buf_add_text(screen, "\033[K\n");
        at += length + 1;
    }
}

/* Of the screen below what is written, but the last one, where the cursor stands. */
static size_t lines_left(const struct terminal_size *size, const struct buf *lines)
{
    size_t taken = 1;

    for (size_t i = 0; i < lines->length; i++) {
        taken += lines->data[i] == '\n';
    }
    return (size_t)size->rows > taken ? (size_t)size->rows - taken : 1;
}

static void show_screen(const struct observation *of, const struct terminal_size *size,
                        bool takes_keys)
{
    struct table_limits limits;
    struct look look;
    struct buf screen;
    struct buf lines;
    char now[32];

    look_begin(&look, of);
    now_text(now);
    buf_init(&screen, OUTPUT_MAX);
    buf_init(&lines, OUTPUT_MAX);
    buf_printf(&lines, "%s  octo %s, %s ends it\n", now, of->view->command,
               takes_keys ? "q" : "Ctrl-C");
    if (look.notes.length > 0) {
        buf_add(&lines, look.notes.data, look.notes.length);
    }
    limits = (struct table_limits){.columns = size->columns, .lines = lines_left(size, &lines)};
    write_rows(&look, &limits, &lines);
    buf_add_text(&screen, "\033[H");
    add_clearing(&screen, &lines, size);
    buf_add_text(&screen, "\033[J");
    print(&screen, stdout);
    buf_fini(&lines);
    buf_fini(&screen);
    look_end(&look);
}

/* Until the next look is due; true when a key asked to end before. */
static bool pause_or_key(bool takes_keys)
{
    const uint64_t until_ns = clock_after_ms(PAUSE_MS);
    struct pollfd input = {.fd = takes_keys ? STDIN_FILENO : -1, .events = POLLIN};

    while (!clock_has_passed(until_ns)) {
        char key = '\0';

        if (poll(&input, 1, (int)clock_ms_left(until_ns) + 1) > 0 &&
            (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q')) {
            return true; /* also where the terminal is gone */
        }
    }
    return false;
}

/* On a terminal: one screen that is drawn anew. */
static void watch_screen(const struct observation *of)
{
    const bool takes_keys = terminal_hush(TERMINAL_KEYS);
    struct terminal_size size;

    (void)fputs("\033[H\033[2J", stdout);
    while (terminal_size(STDOUT_FILENO, &size)) {
        show_screen(of, &size, takes_keys);
        if (pause_or_key(takes_keys)) {
            break;
        }
    }
    terminal_restore();
}

/* Elsewhere: look after look, each below its time, until nobody reads any more. */
static void watch_plain(const struct observation *of)
{
    const char *between = "";

    do {
        char heading[64];
        char now[32];

        now_text(now);
        (void)snprintf(heading, sizeof(heading), "%s%s\n", between, now);
        (void)show(of, of->as_json ? "" : heading);
        between = "\n";
    } while (ferror(stdout) == 0 && !pause_or_key(false));
}

/* --- the commands --- */

static int run(struct observation *of, struct arena *arena)
{
    struct terminal_size size;
    struct err err = {0};

    if (!internal_key_load(of->settings[SHOP], arena, false, &of->internal_key, &err)) {
        return cli_fail(of->view->command, &err);
    }
    if (!of->for_ever) {
        return show(of, "") ? EXIT_DONE : EXIT_FAILED;
    }
    if (!of->as_json && terminal_size(STDOUT_FILENO, &size)) {
        watch_screen(of);
    } else {
        watch_plain(of);
    }
    return EXIT_DONE;
}

static int observe(const struct view *view, const char *text, int argc, char **argv)
{
    struct observation of = {.view = view};
    const struct cli_flag flags[] = {
        {"--json", "print one JSON object; with --watch one a line", &of.as_json},
        {"--watch", "look again each second, until q or Ctrl-C", &of.for_ever},
    };
    const struct cli_command command = {
        .name = view->command,
        .arguments = "[--data DIR] [--shop-port N] [--crm-port N] [--json] [--watch]",
        .text = text,
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };
    struct arena arena;
    int code = EXIT_DONE;

    for (size_t i = 0; i < WITH_DATABASE; i++) {
        of.is_named[i] = running_is_named(services[i], argc, argv);
    }
    arena_init(&arena);
    if (cli_start(&command, &arena, argc, argv, of.settings, &code) == CLI_GO) {
        code = run(&of, &arena);
    }
    arena_fini(&arena);
    return code;
}

#define WHERE_THEY_ARE                                                                             \
    "\n\nThe services are those that run over the data directory. On a terminal a table is cut "   \
    "to its\nwidth: columns are left out; a pipe or a file gets them all.\n\nExit codes: 0 all "   \
    "answered, 1 one that was asked did not: what the others said is shown all\nthe same."

int cmd_sessions(int argc, char **argv)
{
    return observe(&SESSIONS,
                   "Shows the database sessions of the running services: their tags (MODULE, "
                   "ACTION,\nCLIENT_IDENTIFIER is the trace id), the statement each runs or "
                   "ran last, what it waits for\nand which sessions (SID) stand in its way. On "
                   "PostgreSQL the server is asked, which knows\nthose of all "
                   "replicas." WHERE_THEY_ARE,
                   argc, argv);
}

int cmd_pools(int argc, char **argv)
{
    return observe(&POOLS,
                   "Shows the database pools of the running services: how many sessions are in "
                   "use, how many\nconnections were opened and closed within the last minute, how "
                   "long requests waited for one\nand held it." WHERE_THEY_ARE,
                   argc, argv);
}

int cmd_top(int argc, char **argv)
{
    return observe(&TOP,
                   "Shows what the database server itself counts of the services' statements, by "
                   "their names: calls,\ntime, rows, and blocks of tables and indexes that were "
                   "found in its memory, read and written; those\nfirst that took the most time. "
                   "PostgreSQL counts where it has the extension pg_stat_statements,\nin "
                   "microseconds; where nothing is counted it is said why." WHERE_THEY_ARE,
                   argc, argv);
}
