#include "tests/support/traced.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"

enum { TEXT_MAX = 1 << 17 };

void traced_begin(struct traced *t, struct db_fixture *db)
{
    struct trace_log_options options = {
        .path = t->path, .service = "test", .max_bytes = UINT64_MAX};
    struct err err = {.code = ERR_NONE};
    struct span_sink sink;

    *t = (struct traced){.db = db, .metrics = metrics_new()};
    (void)snprintf(t->path, sizeof(t->path), "/tmp/test-traced-XXXXXX");
    (void)close(mkstemp(t->path));
    options.dropped =
        metrics_counter(t->metrics, &(struct metric){.name = "dropped", .unit = "", .help = ""});
    if (!trace_log_open(&options, &t->log, &err)) {
        fail_msg("%s", err.text);
    }
    sink = trace_log_sink(t->log);
    t->tracer = tracer_new(&SAMPLER_DEFAULT, &sink, 1);
    db->ctx.tracer = t->tracer;
}

static void close_log(struct traced *t)
{
    trace_log_close(t->log);
    t->log = NULL;
    tracer_free(t->tracer);
    t->tracer = NULL;
}

void traced_read(struct traced *t)
{
    FILE *file;

    t->db->ctx.tracer = NULL;
    close_log(t);
    file = fopen(t->path, "re");
    assert_non_null(file);
    t->text = mem_alloc(TEXT_MAX);
    t->text[fread(t->text, 1, TEXT_MAX - 1, file)] = '\0';
    (void)fclose(file);
}

void traced_end(struct traced *t)
{
    close_log(t);
    metrics_free(t->metrics);
    (void)unlink(t->path);
    free(t->text);
}

const char *traced_line(const struct traced *t, const char *name, size_t number)
{
    char needle[64];
    const char *end;

    (void)snprintf(needle, sizeof(needle), "\"name\":\"%s\"", name);
    for (const char *at = t->text; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        char *line = arena_dup(&t->db->arena, at, (size_t)(end - at));

        if (strstr(line, needle) != NULL && number-- == 0) {
            return line;
        }
    }
    fail_msg("no span %s in:\n%s", name, t->text);
    return "";
}

void must_hold(const char *line, const char *part)
{
    if (strstr(line, part) == NULL) {
        fail_msg("%s is missing in %s", part, line);
    }
}

void must_not_hold(const char *line, const char *part)
{
    if (strstr(line, part) != NULL) {
        fail_msg("%s stands in %s", part, line);
    }
}
