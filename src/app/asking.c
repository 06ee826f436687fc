#include "app/asking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/running.h"
#include "app/terminal.h"
#include "app/waterfall.h"
#include "core/text.h"
#include "trace/json_text.h"

enum {
    COLUMNS_USUAL = 80,
    COLUMNS_LEAST = 60,
    COLUMNS_MOST = 400,
    TIMEOUT_MS = 30000,
};

/* ---- the terminal ---- */

bool asking_is_utf8(void)
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
bool asking_has_colours(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) != 0 && (no_colour == NULL || *no_colour == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

int asking_columns(void)
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

bool asking_ask(struct asking *asking, const char *path, struct err *err)
{
    json_free(asking->answer);
    asking->answer = NULL;
    buf_fini(&asking->body);
    return ask_console(&asking->ctx, &asking->address, path, &asking->body, &asking->answer, err);
}

bool asking_take(const char *command, const struct asking_option *options, size_t count, int *argc,
                 char **argv, const char **ret_values)
{
    for (size_t i = 0; i < count; i++) {
        if (!cli_take_value(command, options[i].option, argc, argv, &ret_values[i])) {
            return false;
        }
    }
    return true;
}

const char *asking_path(struct asking *asking, const char *path,
                        const struct asking_option *options, size_t count,
                        const char *const *values)
{
    const char *between = "?";

    for (size_t i = 0; i < count; i++) {
        if (values[i] != NULL) {
            path = arena_printf(&asking->arena, "%s%s%s=%s", path, between, options[i].parameter,
                                ask_escaped(&asking->arena, values[i]));
            between = "&";
        }
    }
    return path;
}

void asking_begin(struct asking *asking, const char *command)
{
    *asking = (struct asking){.command = command};
    arena_init(&asking->arena);
    buf_init(&asking->body, ASKING_OUTPUT_MAX);
}

static void end(struct asking *asking)
{
    json_free(asking->answer);
    buf_fini(&asking->body);
    arena_fini(&asking->arena);
}

int asking_run(struct asking *asking, const struct cli_command *command, int argc, char **argv,
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
    end(asking);
    return code;
}

/* ---- showing ---- */

void asking_print(const struct buf *out)
{
    if (out->length > 0) {
        (void)fwrite(out->data, 1, out->length, stdout);
    }
    (void)fflush(stdout);
}

void asking_print_json(const struct asking *asking)
{
    (void)fwrite(asking->body.data, 1, asking->body.length, stdout);
    (void)fputc('\n', stdout);
}

void asking_begin_row(struct buf *rows)
{
    buf_add_text(rows, rows->length > 0 ? ",{" : "{");
}

void asking_end_row(struct buf *rows)
{
    buf_add_char(rows, '}');
}

void asking_put(struct asking *asking, struct buf *rows, const char *member, const char *text)
{
    const char *plain = waterfall_plain(&asking->arena, text != NULL ? text : "", COLUMNS_MOST);

    buf_printf(rows, "%s\"%s\":", rows->data[rows->length - 1] == '{' ? "" : ",", member);
    json_text_add(rows, plain, strlen(plain));
}

void asking_put_count(struct asking *asking, struct buf *rows, const char *member,
                      const struct json *of, const char *from)
{
    int64_t count = 0;

    (void)json_int(json_get(of, from), &count);
    asking_put(asking, rows, member, arena_printf(&asking->arena, "%lld", (long long)count));
}

void asking_put_duration(struct asking *asking, struct buf *rows, const char *member,
                         const struct json *of, const char *from)
{
    char text[DURATION_TEXT_MAX];
    int64_t ns = 0;

    (void)json_int(json_get(of, from), &ns);
    waterfall_duration(ns, !asking_is_utf8(), text);
    asking_put(asking, rows, member, text);
}

bool asking_print_rows(const struct table *table, const struct buf *rows, struct err *err)
{
    const struct json *lists[1];
    struct terminal_size size = {0, 0};
    struct json *parsed = NULL;
    struct buf text;
    struct buf out;
    bool ok;

    (void)terminal_size(STDOUT_FILENO, &size);
    buf_init(&text, ASKING_OUTPUT_MAX);
    buf_init(&out, ASKING_OUTPUT_MAX);
    buf_add_char(&text, '[');
    if (rows->length > 0) {
        buf_add(&text, rows->data, rows->length);
    }
    buf_add_char(&text, ']');
    ok = json_parse(text.data, text.length, &parsed, err);
    if (ok) {
        lists[0] = parsed;
        table_write(table, lists, 1, &(struct table_limits){.columns = size.columns}, &out);
        asking_print(&out);
    }
    json_free(parsed);
    buf_fini(&out);
    buf_fini(&text);
    return ok;
}

double asking_real(struct asking *asking, const struct json *value)
{
    size_t length;

    return value != NULL ? strtod(json_write(&asking->arena, value, &length), NULL) : 0;
}

const char *asking_curve(struct asking *asking, const double *values, size_t count)
{
    /* Block elements of Unicode, U+2581 to U+2588. */
    static const char *const BLOCKS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const LETTERS[] = {"_", ".", "-", "=", "+", "*", "%", "#"};
    enum { LEVELS = sizeof(BLOCKS) / sizeof(BLOCKS[0]), BYTES = 3 };
    const char *const *levels = asking_is_utf8() ? BLOCKS : LETTERS;
    char *curve = arena_alloc(&asking->arena, count * BYTES + 1);
    double highest = 0;
    char *at = curve;

    for (size_t i = 0; i < count; i++) {
        highest = values[i] > highest ? values[i] : highest;
    }
    for (size_t i = 0; i < count; i++) {
        const double share = highest > 0 ? values[i] / highest : 0;
        const size_t level = (size_t)(share * (LEVELS - 1) + 0.5);

        at = stpcpy(at, values[i] > 0 ? levels[level < LEVELS ? level : LEVELS - 1] : " ");
    }
    return curve;
}
