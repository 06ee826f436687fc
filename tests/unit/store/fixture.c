#include "fixture.h"

#include <dirent.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <time.h>

#include "core/clock.h"
#include "core/log.h"
#include "support/test.h"

enum {
    UNIT_MS = 600000, /* far more than a busy machine takes */
    NS_PER_US = 1000,
    NS_PER_S = 1000000000,
};

/* 2026-03-04T14:20:30.123456Z. UTC stands still there: whenever a test runs, and for however long,
 * its spans are of this hour and of this day. */
#define NOW_US (INT64_C(1772634030) * CLOCK_US_PER_S + 123456)

int store_set_up(void **state)
{
    struct store_fixture *f = test_calloc(1, sizeof(*f));

    log_setup("test", LOG_ERROR);
    arena_init(&f->arena);
    ctx_init_background(&f->ctx, &f->arena, NULL, "test", "BG test", UNIT_MS);
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/octo-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    clock_freeze_utc(NOW_US);
    f->now_ns = NOW_US * NS_PER_US;
    f->habits = habits_new();
    store_open(f, 7);
    *state = f;
    return 0;
}

int store_tear_down(void **state)
{
    struct store_fixture *f = *state;
    char path[512];
    struct dirent *entry;
    DIR *directory;

    store_close(f);
    directory = opendir(f->directory);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        (void)snprintf(path, sizeof(path), "%s/%s", f->directory, entry->d_name);
        (void)unlink(path);
    }
    (void)closedir(directory);
    (void)rmdir(f->directory);
    habits_free(f->habits);
    arena_fini(&f->arena);
    clock_thaw();
    test_free(f);
    return 0;
}

void store_open(struct store_fixture *f, int64_t keep_days)
{
    const struct segments_options options = {
        .directory = f->directory, .module = "test", .keep_days = keep_days};
    struct err err;

    assert_true(segments_open(&options, &f->segments, &err));
    f->ingest = ingest_new(f->segments);
}

void store_close(struct store_fixture *f)
{
    ingest_free(f->ingest);
    segments_close(f->segments);
    f->ingest = NULL;
    f->segments = NULL;
}

const char *span_json(struct store_fixture *f, const char *trace, const char *id,
                      const char *parent, const char *name, int64_t start_ns, int64_t duration_ns,
                      const char *rest)
{
    return arena_printf(&f->arena,
                        "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"name\":"
                        "\"%s\",\"kind\":2,\"startTimeUnixNano\":\"%" PRId64
                        "\",\"endTimeUnixNano\":\"%" PRId64 "\"%s}",
                        trace, id, parent, name, start_ns, start_ns + duration_ns, rest);
}

const char *request_json(struct store_fixture *f, const char *service, const char *spans)
{
    return arena_printf(&f->arena,
                        "{\"resourceSpans\":[{\"scopeSpans\":[{\"scope\":{\"name\":\"hand\"},"
                        "\"spans\":[%s]}],\"resource\":{\"attributes\":[{\"key\":\"service.name\","
                        "\"value\":{\"stringValue\":\"%s\"}}]}}]}",
                        spans, service);
}

size_t store_send(struct store_fixture *f, const char *request)
{
    struct ingest_result result;
    struct arrivals arrivals;
    struct err err = {0};

    if (!arrivals_read(&f->arena, f->habits, ENVELOPE_JSON, request, strlen(request), &arrivals,
                       &err) ||
        !ingest_spans(&f->ctx, f->ingest, &arrivals, &result, &err)) {
        fail_msg("%s", err.text);
    }
    return result.added;
}

int64_t store_hour(const struct store_fixture *f)
{
    return f->now_ns / NS_PER_S / SEGMENTS_HOUR_S;
}

const char *store_path(struct store_fixture *f, int64_t hour)
{
    const time_t start = (time_t)(hour * SEGMENTS_HOUR_S);
    struct tm parts;
    char name[32];

    (void)gmtime_r(&start, &parts);
    (void)strftime(name, sizeof(name), "%Y-%m-%dT%H.spans", &parts);
    return arena_printf(&f->arena, "%s/%s", f->directory, name);
}

const char *store_sqlite(struct store_fixture *f, int64_t hour, const char *sql)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *stmt = NULL;
    const char *value;

    assert_int_equal(sqlite3_open_v2(store_path(f, hour), &handle, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(handle));
    }
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    value = arena_strdup(&f->arena, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return value;
}
