/* Spans of statements and units, on a real SQLite file: db/session.c, db/work.c. */
#include "core/clock.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"
#include "trace/span.h"
#include "trace/tracer.h"

enum { TRACE_MAX = 1 << 16 };

struct traced {
    struct db_fixture *db;
    struct tracer *tracer;
    struct metrics *metrics;
    char path[128];
    char text[TRACE_MAX]; /* what the tracer wrote */
};

static struct traced *traced_new(void)
{
    struct traced *t = mem_alloc(sizeof(*t));
    struct tracer_options options;
    struct err err = {.code = ERR_NONE};

    t->db = db_fixture_new(NULL);
    snprintf(t->path, sizeof(t->path), "%s/trace.jsonl", t->db->directory);
    t->metrics = metrics_new();
    options = (struct tracer_options){.path = t->path,
                                      .service = "test",
                                      .max_bytes = UINT64_MAX,
                                      .dropped = metrics_counter(t->metrics, "dropped", "", "")};
    if (!tracer_open(&options, &t->tracer, &err)) {
        fail_msg("%s", err.text);
    }
    ctx_init_background(&t->db->ctx, &t->db->arena, t->tracer, "octo-test", "GET /traced", 60000);
    return t;
}

static void traced_read(struct traced *t)
{
    FILE *file;

    tracer_close(t->tracer);
    t->tracer = NULL;
    file = fopen(t->path, "r");
    assert_non_null(file);
    t->text[fread(t->text, 1, TRACE_MAX - 1, file)] = '\0';
    fclose(file);
}

static void traced_free(struct traced *t)
{
    db_fixture_free(t->db);
    metrics_free(t->metrics);
    free(t);
}

/* The line of the span with this name. */
static const char *span_line(struct traced *t, const char *name)
{
    char needle[64];
    char *end;
    char *at = t->text;

    snprintf(needle, sizeof(needle), "\"%s\"", name);
    while (at != NULL && *at != '\0') {
        char *line = at;

        end = strchr(at, '\n');
        at = end != NULL ? end + 1 : NULL;
        if (end != NULL) {
            *end = '\0';
        }
        if (strstr(line, needle) != NULL) {
            char *copy = arena_strdup(&t->db->arena, line);

            if (end != NULL) {
                *end = '\n';
            }
            return copy;
        }
        if (end != NULL) {
            *end = '\n';
        }
    }
    fail_msg("no span %s in:\n%s", name, t->text);
    return "";
}

static void assert_holds(const char *line, const char *part)
{
    if (strstr(line, part) == NULL) {
        fail_msg("%s is missing in %s", part, line);
    }
}

/* A statement's span says what ran, for whom, and under which SQL_ID. */
static void span__statement_runs__carries_text_sql_id_and_tags(void **state)
{
    struct traced *t = traced_new();
    struct db_session *db = NULL;
    struct sql_thing_count_row row;
    struct err err = {.code = ERR_NONE};
    const char *line;

    (void)state;
    assert_true(db_checkout(&t->db->ctx, t->db->pool, &db, &err));
    assert_int_equal(sql_thing_count(db, &row, &err), DB_ROW);
    db_checkin(db);
    traced_read(t);
    assert_holds(span_line(t, "db.checkout"), "main");
    line = span_line(t, "thing_count");
    assert_holds(line, "DbOracleSqlId");
    assert_holds(line, sql_conformance__thing_count.variants[DB_SQLITE].sql_id);
    assert_holds(line, "DbStatement");
    assert_holds(line, "SELECT count(*) AS total FROM things");
    assert_holds(line, "db.query.text");
    assert_holds(line, "db.system.name");
    assert_holds(line, "sqlite");
    assert_holds(line, "db.operation.name");
    assert_holds(line, "db.collection.name");
    assert_holds(line, "db.namespace");
    assert_holds(line, "db.module");
    assert_holds(line, "octo-test");
    assert_holds(line, "db.action");
    assert_holds(line, "GET /traced");
    assert_holds(line, "db.client_identifier");
    assert_holds(line, "db.rows");
    assert_holds(line, "db.round_trips");
    assert_holds(line, t->db->ctx.trace.trace_id);
    assert_null(t->db->ctx.span);
    traced_free(t);
}

static bool put_twice(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(db, 1, 1, err) && sql_mark_put(db, 1, 1, err);
}

/* A failing statement's span has the error, and so has its unit's. */
static void span__statement_fails__has_error_status(void **state)
{
    struct traced *t = traced_new();
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_false(db_write(&t->db->ctx, t->db->pool, put_twice, NULL, &err));
    assert_int_equal(err.code, ERR_UNIQUE);
    traced_read(t);
    assert_holds(span_line(t, "db.write"), "error.type");
    assert_holds(t->text, "\"status\":\"error\"");
    assert_holds(t->text, "\"error.type\":\"unique\"");
    traced_free(t);
}

static bool put_once(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_mark_put(db, 1, 1, err);
}

/* A unit's span tells how long it stood in line and waited for the disk. */
static void span__unit_is_written__tells_its_waits(void **state)
{
    struct traced *t = traced_new();
    struct err err = {.code = ERR_NONE};
    const char *line;

    (void)state;
    assert_true(db_write(&t->db->ctx, t->db->pool, put_once, NULL, &err));
    traced_read(t);
    line = span_line(t, "db.write");
    assert_holds(line, "db.queue_us");
    assert_holds(line, "db.commit_wait_us");
    assert_holds(line, "db.commit_units");
    traced_free(t);
}

/* A cursor's span ends when the cursor does, with the rows that were read. */
static void span__cursor_is_left_open__ends_at_checkin(void **state)
{
    struct traced *t = traced_new();
    struct db_session *db = NULL;
    struct db_cursor *cursor = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_checkout(&t->db->ctx, t->db->pool, &db, &err));
    assert_true(sql_thing_list_open(db, &cursor, &err));
    db_checkin(db);
    traced_read(t);
    assert_holds(span_line(t, "thing_list"), "db.rows");
    traced_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span__statement_runs__carries_text_sql_id_and_tags),
        cmocka_unit_test(span__statement_fails__has_error_status),
        cmocka_unit_test(span__unit_is_written__tells_its_waits),
        cmocka_unit_test(span__cursor_is_left_open__ends_at_checkin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
