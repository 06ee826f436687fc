#include "app/waterfall.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum {
    NAME_LEAST = 24,
    BAR_LEAST = 10,
    DURATION_WIDTH = 8,
    SELF_FROM = 100,  /* columns from which on the own time has one */
    INDENT_MOST = 20, /* a trace may be deeper than a line is long */
    DEPTHS = 64,      /* below which services are not told apart any more */
    FOLD_LEAST = 5,
    NS_PER_US = 1000,
    NS_PER_MS = 1000000,
    NS_PER_S = 1000000000,
};

/* ECMA-48, Select Graphic Rendition. */
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define BLUE "\033[34m"
#define CYAN "\033[36m"
#define PLAIN "\033[0m"

struct row {
    const char *name;
    const char *service;
    const char *parent;
    const char *sql_id; /* NULL: it is no statement's */
    const char *kind;
    int64_t depth;
    int64_t offset_ns;
    int64_t duration_ns;
    int64_t self_ns;
    int64_t critical_ns;
    bool is_error;
    bool has_odd_clock;
    bool is_leaf;
    size_t first;  /* index of its span */
    size_t folded; /* spans that this row stands for, from that one on; 1: itself */
};

struct drawing {
    struct arena *arena;
    const struct waterfall_style *style;
    struct buf *out;
    int64_t total_ns;
    size_t name_width;
    size_t bar_width;
    size_t indent; /* of a level */
    bool has_self; /* the line is wide enough for own times */
    const struct json *logs;
    const size_t *log_places; /* of each the index of its span */
};

/* ---- texts ---- */

void waterfall_duration(int64_t ns, bool is_ascii, char out[DURATION_TEXT_MAX])
{
    const double value = (double)ns;

    if (ns < NS_PER_MS) {
        (void)snprintf(out, DURATION_TEXT_MAX, "%.0f %s", value / NS_PER_US,
                       is_ascii ? "us" : "µs");
    } else if (ns < 10 * (int64_t)NS_PER_MS) {
        (void)snprintf(out, DURATION_TEXT_MAX, "%.2f ms", value / NS_PER_MS);
    } else if (ns < 100 * (int64_t)NS_PER_MS) {
        (void)snprintf(out, DURATION_TEXT_MAX, "%.1f ms", value / NS_PER_MS);
    } else if (ns < NS_PER_S) {
        (void)snprintf(out, DURATION_TEXT_MAX, "%.0f ms", value / NS_PER_MS);
    } else {
        (void)snprintf(out, DURATION_TEXT_MAX, "%.2f s", value / NS_PER_S);
    }
}

/* C0, DEL and, in UTF-8, C1. */
const char *waterfall_plain(struct arena *arena, const char *text, size_t most)
{
    char *plain = arena_strdup(arena, text != NULL ? text : "");
    char *to = plain;

    for (const char *at = plain; *at != '\0'; at++) {
        const unsigned char c = (unsigned char)*at;

        if (c == 0xc2 && ((unsigned char)at[1] & 0xe0) == 0x80) {
            *to++ = '?';
            at++;
        } else {
            *to++ = (char)(c < 0x20 || c == 0x7f ? '?' : *at);
        }
    }
    *to = '\0';
    plain[utf8_prefix(plain, most)] = '\0';
    return plain;
}

static void colour(const struct drawing *drawing, const char *escape)
{
    if (drawing->style->has_colours) {
        buf_add_text(drawing->out, escape);
    }
}

static void pad(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_char(out, ' ');
    }
}

static void put_right(struct drawing *drawing, const char *text, size_t width)
{
    const size_t length = utf8_count(text);

    pad(drawing->out, length < width ? width - length : 0);
    buf_add_text(drawing->out, text);
}

/* ---- rows ---- */

static int64_t number(const struct json *object, const char *name)
{
    int64_t value = 0;

    (void)json_int(json_get(object, name), &value);
    return value;
}

static bool is_true(struct arena *arena, const struct json *object, const char *name)
{
    size_t length;

    return strcmp(json_write(arena, json_get(object, name), &length), "true") == 0;
}

/* "" where there is none. */
static const char *text_of(const struct json *object, const char *name)
{
    const char *text = json_text(json_get(object, name));

    return text != NULL ? text : "";
}

static struct row row_of(struct arena *arena, const struct json *span)
{
    return (struct row){
        .name = text_of(span, "name"),
        .service = text_of(span, "service"),
        .parent = text_of(span, "parent_span_id"),
        .sql_id = json_text(json_get(span, "sql_id")),
        .kind = text_of(span, "kind"),
        .depth = number(span, "depth"),
        .offset_ns = number(span, "offset_ns"),
        .duration_ns = number(span, "duration_ns"),
        .self_ns = number(span, "self_ns"),
        .critical_ns = number(span, "critical_ns"),
        .is_error = strcmp(text_of(span, "status"), "error") == 0,
        .has_odd_clock = is_true(arena, span, "has_odd_clock"),
        .folded = 1,
    };
}

static struct row *rows_of(struct arena *arena, const struct json *spans, size_t count)
{
    struct row *rows = arena_array(arena, count + 1, sizeof(*rows));

    for (size_t i = 0; i < count; i++) {
        rows[i] = row_of(arena, json_at(spans, i));
        rows[i].first = i;
        if (i > 0) {
            rows[i - 1].is_leaf = rows[i].depth <= rows[i - 1].depth;
        }
    }
    if (count > 0) {
        rows[count - 1].is_leaf = true;
    }
    return rows;
}

static bool is_again(const struct row *first, const struct row *next)
{
    return first->sql_id != NULL && next->sql_id != NULL && first->is_leaf && next->is_leaf &&
           strcmp(first->sql_id, next->sql_id) == 0 && strcmp(first->parent, next->parent) == 0;
}

/* Takes one that follows into the row. */
static void fold(struct row *into, const struct row *row)
{
    const int64_t end = row->offset_ns + row->duration_ns;

    if (end > into->offset_ns + into->duration_ns) {
        into->duration_ns = end - into->offset_ns;
    }
    into->self_ns += row->self_ns;
    into->critical_ns += row->critical_ns;
    into->is_error |= row->is_error;
    into->has_odd_clock |= row->has_odd_clock;
    into->folded++;
}

static size_t fold_rows(struct row *rows, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count;) {
        size_t alike = 1;

        while (i + alike < count && is_again(&rows[i], &rows[i + alike])) {
            alike++;
        }
        if (alike < FOLD_LEAST) {
            alike = 1;
        }
        rows[kept] = rows[i];
        for (size_t next = 1; next < alike; next++) {
            fold(&rows[kept], &rows[i + next]);
        }
        kept++;
        i += alike;
    }
    return kept;
}

/* ---- drawing ---- */

static const char *colour_of(const struct row *row)
{
    if (row->is_error) {
        return RED;
    }
    if (row->sql_id != NULL) {
        return CYAN;
    }
    if (strcmp(row->kind, "server") == 0 || strcmp(row->kind, "consumer") == 0) {
        return GREEN;
    }
    return strcmp(row->kind, "client") == 0 || strcmp(row->kind, "producer") == 0 ? YELLOW : BLUE;
}

/* What others waited for is drawn full, the rest light. */
static void put_bar(struct drawing *drawing, const struct row *row)
{
    const bool is_critical = row->critical_ns > 0;
    const char *full = drawing->style->is_ascii ? "#" : "█";
    const char *light = drawing->style->is_ascii ? "-" : "░";
    const double scale =
        drawing->total_ns > 0 ? (double)drawing->bar_width / (double)drawing->total_ns : 0;
    size_t begin = (size_t)((double)row->offset_ns * scale);
    size_t end;

    if (begin >= drawing->bar_width) {
        begin = drawing->bar_width - 1;
    }
    end = row->duration_ns > 0 ? (size_t)((double)(row->offset_ns + row->duration_ns) * scale + 0.5)
                               : begin;
    if (end <= begin) {
        end = begin + 1;
    }
    if (end > drawing->bar_width) {
        end = drawing->bar_width;
    }
    pad(drawing->out, begin);
    colour(drawing, colour_of(row));
    for (size_t i = begin; i < end; i++) {
        buf_add_text(drawing->out, is_critical ? full : light);
    }
    colour(drawing, PLAIN);
    pad(drawing->out, drawing->bar_width - end);
}

static const char *label_of(const struct drawing *drawing, const struct row *row)
{
    const char *name = row->name;

    if (row->folded > 1) {
        name = arena_printf(drawing->arena, "%s %s%zu", name, drawing->style->is_ascii ? "x" : "×",
                            row->folded);
    }
    if (row->is_error) {
        name = arena_printf(drawing->arena, "! %s", name);
    }
    return row->has_odd_clock ? arena_printf(drawing->arena, "? %s", name) : name;
}

static void put_name(struct drawing *drawing, const struct row *row, bool shows_service)
{
    const size_t deep = (size_t)row->depth * drawing->indent;
    const size_t indent = deep < INDENT_MOST ? deep : INDENT_MOST;
    const size_t room = drawing->name_width - indent;
    const char *label = waterfall_plain(drawing->arena, label_of(drawing, row), room);
    size_t used = utf8_count(label);

    pad(drawing->out, indent);
    colour(drawing, row->is_error ? RED : row->critical_ns > 0 ? BOLD : "");
    buf_add_text(drawing->out, label);
    colour(drawing, PLAIN);
    if (shows_service && used + 2 + utf8_count(row->service) <= room) {
        const char *service = waterfall_plain(drawing->arena, row->service, room);

        colour(drawing, DIM);
        buf_printf(drawing->out, "  %s", service);
        colour(drawing, PLAIN);
        used += 2 + utf8_count(service);
    }
    pad(drawing->out, room - used);
}

static void put_row(struct drawing *drawing, const struct row *row, bool shows_service)
{
    char text[DURATION_TEXT_MAX];

    put_name(drawing, row, shows_service);
    buf_add_char(drawing->out, ' ');
    put_bar(drawing, row);
    buf_add_char(drawing->out, ' ');
    waterfall_duration(row->duration_ns, drawing->style->is_ascii, text);
    put_right(drawing, text, DURATION_WIDTH);
    if (drawing->has_self) {
        waterfall_duration(row->self_ns, drawing->style->is_ascii, text);
        buf_add_char(drawing->out, ' ');
        colour(drawing, DIM);
        put_right(drawing, text, DURATION_WIDTH);
        colour(drawing, PLAIN);
    }
    buf_add_char(drawing->out, '\n');
}

static void put_titles(struct drawing *drawing)
{
    char end[DURATION_TEXT_MAX];

    waterfall_duration(drawing->total_ns, drawing->style->is_ascii, end);
    colour(drawing, DIM);
    buf_add_text(drawing->out, "SPAN");
    pad(drawing->out, drawing->name_width - strlen("SPAN") + 1);
    buf_add_char(drawing->out, '0');
    pad(drawing->out, drawing->bar_width - 1 - utf8_count(end));
    buf_add_text(drawing->out, end);
    buf_add_char(drawing->out, ' ');
    put_right(drawing, "TIME", DURATION_WIDTH);
    if (drawing->has_self) {
        buf_add_char(drawing->out, ' ');
        put_right(drawing, "OWN", DURATION_WIDTH);
    }
    colour(drawing, PLAIN);
    buf_add_char(drawing->out, '\n');
}

/* ---- log records ---- */

#define AT_NO_SPAN SIZE_MAX

/* Index of the span that a record stands at. */
static size_t *places_of_logs(struct arena *arena, const struct json *trace)
{
    const struct json *spans = json_get(trace, "spans");
    const struct json *logs = json_get(trace, "logs");
    size_t *places = arena_array(arena, json_length(logs) + 1, sizeof(*places));

    for (size_t i = 0; i < json_length(logs); i++) {
        const char *id = text_of(json_at(logs, i), "at_span_id");

        places[i] = AT_NO_SPAN;
        for (size_t at = 0; *id != '\0' && at < json_length(spans); at++) {
            if (strcmp(text_of(json_at(spans, at), "span_id"), id) == 0) {
                places[i] = at;
                break;
            }
        }
    }
    return places;
}

static const char *colour_of_log(const char *severity)
{
    if (strcmp(severity, "error") == 0 || strcmp(severity, "fatal") == 0) {
        return RED;
    }
    return strcmp(severity, "warn") == 0 ? YELLOW : DIM;
}

/* "- 12.3 ms warn: order not handed to the CRM {"order_id":7}" */
static void put_log(struct drawing *drawing, const struct json *log, size_t indent)
{
    const char *severity = text_of(log, "severity");
    const char *what = text_of(log, "body");
    const size_t columns = (size_t)drawing->style->columns;
    char offset[DURATION_TEXT_MAX];
    size_t length;

    waterfall_duration(number(log, "offset_ns"), drawing->style->is_ascii, offset);
    pad(drawing->out, indent);
    colour(drawing, colour_of_log(severity));
    buf_add_text(drawing->out,
                 waterfall_plain(
                     drawing->arena,
                     arena_printf(drawing->arena, "- %s %s: %s %s", offset, severity,
                                  *what != '\0' ? what : text_of(log, "event"),
                                  json_write(drawing->arena, json_get(log, "attributes"), &length)),
                     columns - indent));
    colour(drawing, PLAIN);
    buf_add_char(drawing->out, '\n');
}

static void put_logs_of(struct drawing *drawing, const struct row *row)
{
    const size_t deep = ((size_t)row->depth + 1) * drawing->indent;
    const size_t indent = deep < INDENT_MOST ? deep : INDENT_MOST;

    for (size_t i = 0; i < json_length(drawing->logs); i++) {
        if (drawing->log_places[i] >= row->first &&
            drawing->log_places[i] - row->first < row->folded) {
            put_log(drawing, json_at(drawing->logs, i), indent);
        }
    }
}

static void put_logs_of_none(struct drawing *drawing)
{
    bool is_first = true;

    for (size_t i = 0; i < json_length(drawing->logs); i++) {
        if (drawing->log_places[i] == AT_NO_SPAN) {
            buf_add_text(drawing->out, is_first ? "\nLogged beside these spans:\n" : "");
            put_log(drawing, json_at(drawing->logs, i), 0);
            is_first = false;
        }
    }
}

/* A service is named where one calls another. */
static void put_rows(struct drawing *drawing, const struct row *rows, size_t count)
{
    const char *services[DEPTHS]; /* of the last row of each depth, one further down */

    for (size_t i = 0; i < DEPTHS; i++) {
        services[i] = "";
    }
    for (size_t i = 0; i < count; i++) {
        const size_t depth = rows[i].depth < DEPTHS - 1 ? (size_t)rows[i].depth : DEPTHS - 2;

        put_row(drawing, &rows[i],
                rows[i].depth == 0 || strcmp(rows[i].service, services[depth]) != 0);
        services[depth + 1] = rows[i].service;
        put_logs_of(drawing, &rows[i]);
    }
}

/* ---- what is said above and below ---- */

/* ": shop, crm", in the order in which they come. */
static const char *services_of(struct arena *arena, const struct row *rows, size_t count,
                               size_t *ret_count)
{
    const char *list = "";

    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t before = 0;

        while (before < i && strcmp(rows[before].service, rows[i].service) != 0) {
            before++;
        }
        if (before == i) {
            list =
                arena_printf(arena, "%s%s %s", list, *ret_count == 0 ? ":" : ",", rows[i].service);
            (*ret_count)++;
        }
    }
    return list;
}

static void put_head(struct drawing *drawing, const struct json *trace, const struct row *rows,
                     size_t count)
{
    const size_t most = (size_t)drawing->style->columns;
    const int64_t errors = number(trace, "error_count");
    size_t statements = 0;
    size_t service_count;
    const char *services = services_of(drawing->arena, rows, count, &service_count);
    const char *title;
    char own[DURATION_TEXT_MAX];
    char all[DURATION_TEXT_MAX];

    for (size_t i = 0; i < count; i++) {
        statements += rows[i].sql_id != NULL;
    }
    waterfall_duration(rows[0].duration_ns, drawing->style->is_ascii, own);
    waterfall_duration(drawing->total_ns, drawing->style->is_ascii, all);
    title = drawing->total_ns > rows[0].duration_ns
                ? arena_printf(drawing->arena, "%s  %s, all done after %s", rows[0].name, own, all)
                : arena_printf(drawing->arena, "%s  %s", rows[0].name, own);
    colour(drawing, BOLD);
    buf_add_text(drawing->out, waterfall_plain(drawing->arena, title, most));
    colour(drawing, PLAIN);
    buf_printf(drawing->out, "\n%s  %s\n", text_of(trace, "trace_id"), text_of(trace, "start"));
    buf_printf(drawing->out, "%zu span%s, %zu SQL statement%s", count, count == 1 ? "" : "s",
               statements, statements == 1 ? "" : "s");
    if (errors > 0) {
        colour(drawing, RED);
        buf_printf(drawing->out, ", %" PRId64 " failed", errors);
        colour(drawing, PLAIN);
    }
    buf_add_char(drawing->out, '\n');
    buf_add_text(drawing->out,
                 waterfall_plain(drawing->arena,
                                 arena_printf(drawing->arena, "%zu service%s%s", service_count,
                                              service_count == 1 ? "" : "s", services),
                                 most));
    buf_add_text(drawing->out, "\n\n");
}

static const char *name_of_span(const struct json *spans, const char *id)
{
    for (size_t i = 0; i < json_length(spans); i++) {
        if (strcmp(text_of(json_at(spans, i), "span_id"), id) == 0) {
            return text_of(json_at(spans, i), "name");
        }
    }
    return id;
}

static void put_notes(struct drawing *drawing, const struct json *trace)
{
    const struct json *repeats = json_get(trace, "repeats");
    const size_t missing = json_length(json_get(trace, "missing_parents"));
    const size_t most = (size_t)drawing->style->columns;
    const char *gap = "\n";
    char text[DURATION_TEXT_MAX];

    for (size_t i = 0; i < json_length(repeats); i++) {
        const struct json *repeat = json_at(repeats, i);

        waterfall_duration(number(repeat, "total_ns"), drawing->style->is_ascii, text);
        buf_add_text(drawing->out, gap);
        buf_add_text(
            drawing->out,
            waterfall_plain(
                drawing->arena,
                arena_printf(drawing->arena, "%s ran %" PRId64 " times below %s: %s",
                             text_of(repeat, "statement"), number(repeat, "count"),
                             name_of_span(json_get(trace, "spans"), text_of(repeat, "span_id")),
                             text),
                most));
        buf_add_char(drawing->out, '\n');
        gap = "";
    }
    if (missing > 0) {
        buf_printf(drawing->out,
                   "%s%zu span%s of this trace stand%s below one that has not come.\n", gap,
                   missing, missing == 1 ? "" : "s", missing == 1 ? "s" : "");
        gap = "";
    }
    if (is_true(drawing->arena, trace, "is_cut")) {
        buf_printf(drawing->out, "%sThe trace has more spans than are shown.\n", gap);
        gap = "";
    }
    if (is_true(drawing->arena, trace, "has_more_logs")) {
        buf_printf(drawing->out, "%sThe trace has more log records than are shown.\n", gap);
    }
}

static void lay_out(struct drawing *drawing)
{
    const size_t columns = (size_t)drawing->style->columns;
    size_t fixed = 2 + DURATION_WIDTH;

    drawing->has_self = columns >= SELF_FROM;
    drawing->indent = columns >= SELF_FROM ? 2 : 1;
    fixed += drawing->has_self ? 1 + DURATION_WIDTH : 0;
    drawing->name_width = (columns - (columns > fixed ? fixed : 0)) * 9 / 20;
    if (drawing->name_width < NAME_LEAST) {
        drawing->name_width = NAME_LEAST;
    }
    drawing->bar_width = columns > fixed + drawing->name_width + BAR_LEAST
                             ? columns - fixed - drawing->name_width
                             : BAR_LEAST;
}

void waterfall_write(struct arena *arena, const struct json *trace,
                     const struct waterfall_style *style, struct buf *out)
{
    const struct json *spans = json_get(trace, "spans");
    const size_t count = json_length(spans);
    struct drawing drawing = {.arena = arena,
                              .style = style,
                              .out = out,
                              .total_ns = number(trace, "duration_ns"),
                              .logs = json_get(trace, "logs"),
                              .log_places = places_of_logs(arena, trace)};
    struct row *rows = rows_of(arena, spans, count);
    size_t shown = count;

    if (count == 0) {
        return;
    }
    lay_out(&drawing);
    put_head(&drawing, trace, rows, count);
    if (!style->shows_all) {
        shown = fold_rows(rows, count);
    }
    put_titles(&drawing);
    put_rows(&drawing, rows, shown);
    put_logs_of_none(&drawing);
    put_notes(&drawing, trace);
}
