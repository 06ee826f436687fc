/* store/ingest.h, store/segments.h: what is stored stays, once, and what is too old goes. */
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/thread.h"
#include "fixture.h"
#include "store/trace.h"
#include "support/test.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
enum { TRACE_DIGITS = 32, NS_PER_HOUR_S = 1000000000 };

static const char *span(struct store_fixture *f, const char *id, int64_t start_ns)
{
    return span_json(f, TRACE, id, "", "GET /", start_ns, 1000000, "");
}

static size_t send_one(struct store_fixture *f, const char *id, int64_t start_ns)
{
    return store_send(f, request_json(f, "shop", span(f, id, start_ns)));
}

static int64_t hours_back(const struct store_fixture *f, int64_t hours)
{
    return f->now_ns - hours * SEGMENTS_HOUR_S * NS_PER_HOUR_S;
}

static bool is_there(struct store_fixture *f, const char *path)
{
    struct stat file;

    (void)f;
    return stat(path, &file) == 0;
}

static void ingest__sent_twice__is_there_once(void **state)
{
    struct store_fixture *f = *state;
    const char *request = request_json(f, "shop", span(f, "00000000000000a1", f->now_ns));

    assert_int_equal(store_send(f, request), 1);
    assert_int_equal(store_send(f, request), 0);
    store_close(f);
    store_open(f, 7);
    assert_int_equal(store_send(f, request), 0);
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT count(*) FROM spans"), "1");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT total FROM entries"), "1");
}

/* Anybody may read the file, with the words in place of the numbers. */
static void ingest__a_span__is_readable_by_the_view(void **state)
{
    struct store_fixture *f = *state;
    const char *rest =
        ",\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\"}},{\"key\":"
        "\"yes\",\"value\":{\"boolValue\":true}},{\"key\":\"list\",\"value\":{"
        "\"arrayValue\":{\"values\":[{\"intValue\":\"1\"}]}}},{\"key\":\"id\","
        "\"value\":{\"stringValue\":\"" TRACE "\"}},{\"key\":\"db.query.text\","
        "\"value\":{\"stringValue\":\"SELECT 1\"}}]";

    (void)store_send(
        f, request_json(f, "shop",
                        span_json(f, TRACE, "00000000000000a1", "", "one", f->now_ns, 5, rest)));
    assert_string_equal(
        store_sqlite(f, store_hour(f),
                     "SELECT trace_id || ' ' || span_id || ' ' || service || ' ' || name || ' ' || "
                     "kind || ' ' || sql_id || ' ' || sql_text FROM spans"),
        TRACE " 00000000000000a1 shop one server 4bwp0wrq3m1ym SELECT 1");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT attributes FROM spans"),
                        "{\"k\":\"v\",\"yes\":true,\"list\":[1],\"id\":\"" TRACE
                        "\",\"db.query.text\":\"SELECT 1\"}");
}

static void ingest__spans_of_two_hours__each_is_in_its_file(void **state)
{
    struct store_fixture *f = *state;
    const char *both = arena_printf(&f->arena, "%s,%s", span(f, "00000000000000a1", f->now_ns),
                                    span(f, "00000000000000a2", hours_back(f, 3)));

    assert_int_equal(store_send(f, request_json(f, "shop", both)), 2);
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT span_id FROM spans"),
                        "00000000000000a1");
    assert_string_equal(store_sqlite(f, store_hour(f) - 3, "SELECT span_id FROM spans"),
                        "00000000000000a2");
}

/* A clock that cannot be right is not believed where it would choose the file. */
static void ingest__clock_is_wrong__filed_under_the_present_hour(void **state)
{
    struct store_fixture *f = *state;

    (void)send_one(f, "00000000000000a1", 5);
    (void)send_one(f, "00000000000000a2", hours_back(f, -100));
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT count(*) FROM spans"), "2");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT min(start_ns) FROM spans"), "5");
}

static void ingest__end_before_start__is_in_no_longest(void **state)
{
    struct store_fixture *f = *state;

    (void)store_send(
        f, request_json(f, "shop",
                        span_json(f, TRACE, "00000000000000a1", "", "x", f->now_ns, -500, "")));
    (void)store_send(
        f, request_json(f, "shop",
                        span_json(f, TRACE, "00000000000000a2", "", "x", f->now_ns, 7, "")));
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT longest_ns FROM entries"), "7");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT min(duration_ns) FROM spans"),
                        "-500");
}

/* ---- what goes ---- */

static void segments__older_than_is_kept__is_removed(void **state)
{
    struct store_fixture *f = *state;

    (void)send_one(f, "00000000000000a1", f->now_ns);
    (void)send_one(f, "00000000000000a2", hours_back(f, 30));
    (void)send_one(f, "00000000000000a3", hours_back(f, 20));
    store_close(f);
    store_open(f, 1);
    assert_int_equal(segments_sweep(f->segments), 1);
    assert_false(is_there(f, store_path(f, store_hour(f) - 30)));
    assert_true(is_there(f, store_path(f, store_hour(f) - 20)));
    assert_true(is_there(f, store_path(f, store_hour(f))));
}

/* Who reads it goes on; nobody else finds it, and it is gone when he is done. */
static void segments__removed_while_it_is_read__goes_when_that_is_over(void **state)
{
    struct store_fixture *f = *state;
    struct segments_use use;
    struct segments_use again;
    struct err err;

    (void)send_one(f, "00000000000000a1", f->now_ns);
    (void)send_one(f, "00000000000000a2", hours_back(f, 3));
    store_close(f);
    store_open(f, 7);
    assert_true(segments_take(&f->ctx, f->segments, store_hour(f) - 3, SEGMENTS_FIND, &use, &err));
    assert_non_null(use.segment);
    segments_remove(f->segments, store_hour(f) - 3);
    assert_true(is_there(f, store_path(f, store_hour(f) - 3)));
    assert_true(
        segments_take(&f->ctx, f->segments, store_hour(f) - 3, SEGMENTS_FIND, &again, &err));
    assert_null(again.segment);
    segments_give(f->segments, &use, NULL);
    assert_false(is_there(f, store_path(f, store_hour(f) - 3)));
}

struct late {
    struct thread thread;
    struct store_fixture of;
    size_t added;
};

static void send_late(void *arg)
{
    struct late *late = arg;

    arena_init(&late->of.arena);
    ctx_init_background(&late->of.ctx, &late->of.arena, NULL, "test", "BG late", 600000);
    late->added = send_one(&late->of, "00000000000000a3", hours_back(&late->of, 3));
    arena_fini(&late->of.arena);
}

/* The next file of the hour is another one: what comes into it does not go with the old one. */
static void segments__hour_comes_again_while_it_goes__its_spans_stay(void **state)
{
    struct store_fixture *f = *state;
    struct late late = {.added = 0};
    struct segments_use use;
    struct err err;

    (void)send_one(f, "00000000000000a1", f->now_ns);
    (void)send_one(f, "00000000000000a2", hours_back(f, 3));
    store_close(f);
    store_open(f, 7);
    assert_true(segments_take(&f->ctx, f->segments, store_hour(f) - 3, SEGMENTS_FIND, &use, &err));
    segments_remove(f->segments, store_hour(f) - 3);
    late.of = *f;
    thread_start(&late.thread, "late", send_late, &late);
    segments_give(f->segments, &use, NULL);
    thread_join(&late.thread);
    assert_int_equal(late.added, 1);
    assert_string_equal(
        store_sqlite(f, store_hour(f) - 3, "SELECT group_concat(span_id) FROM spans"),
        "00000000000000a3");
}

static void overwrite(const char *path, long at, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "r+");

    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    (void)fclose(file);
}

static size_t spans_of(struct store_fixture *f)
{
    struct trace trace;
    struct err err = {0};

    if (!trace_read(&f->ctx, f->segments, 0x0af7651916cd43dd, 0x8448eb211c80319c, &trace, &err)) {
        fail_msg("%s", err.text);
    }
    return trace.tree.count;
}

/* Neither who reads nor who writes meets it again; the other hours are as they were. */
static void segments__file_is_damaged__set_aside_and_the_rest_serves(void **state)
{
    static char noise[8192];
    struct store_fixture *f = *state;

    memset(noise, 0x5a, sizeof(noise));
    (void)send_one(f, "00000000000000a1", f->now_ns);
    (void)send_one(f, "00000000000000a2", hours_back(f, 1));
    store_close(f);
    overwrite(store_path(f, store_hour(f)), 0, noise, sizeof(noise));
    store_open(f, 7);
    assert_int_equal(spans_of(f), 1);
    assert_true(is_there(f, arena_printf(&f->arena, "%s.damaged", store_path(f, store_hour(f)))));
    assert_int_equal(send_one(f, "00000000000000a3", f->now_ns), 1);
    assert_int_equal(spans_of(f), 2);
}

static void segments__damaged_before_it_is_written__a_new_one_is_made(void **state)
{
    struct store_fixture *f = *state;

    (void)send_one(f, "00000000000000a1", f->now_ns);
    store_close(f);
    overwrite(store_path(f, store_hour(f)), 0, "no database", strlen("no database"));
    store_open(f, 7);
    assert_int_equal(send_one(f, "00000000000000a2", f->now_ns), 1);
    assert_int_equal(spans_of(f), 1);
}

/* ---- crash ---- */

/* Says a byte for each span that was acknowledged, until it is killed. */
static void send_for_ever(struct store_fixture *f, int told)
{
    for (unsigned i = 1;; i++) {
        const char *id = arena_printf(&f->arena, "%016x", i);

        if (send_one(f, id, f->now_ns) == 1 && write(told, "x", 1) != 1) {
            _exit(1);
        }
    }
}

static void ingest__killed__what_was_acknowledged_is_there(void **state)
{
    enum { ACKNOWLEDGED = 200 };
    struct store_fixture *f = *state;
    size_t acknowledged = 0;
    int status;
    int told[2];
    char byte;
    pid_t pid;

    store_close(f); /* no thread of it in the child */
    assert_int_equal(pipe(told), 0);
    pid = fork();
    if (pid == 0) {
        close(told[0]);
        store_open(f, 7);
        send_for_ever(f, told[1]);
    }
    close(told[1]);
    while (acknowledged < ACKNOWLEDGED && read(told[0], &byte, 1) == 1) {
        acknowledged++;
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    while (read(told[0], &byte, 1) == 1) {
        acknowledged++;
    }
    close(told[0]);
    store_open(f, 7);
    assert_true(spans_of(f) >= acknowledged);
    assert_int_equal(send_one(f, "00000000000000a1", f->now_ns), 0);
}

/* ---- many at once ---- */

enum { SENDERS = 8, REQUESTS = 40 };

struct sender {
    struct thread thread;
    struct store_fixture *of;
    unsigned number;
    size_t added;
};

/* All send the same spans, in an order of their own, with names that all of them share. */
static void send_all(void *arg)
{
    struct sender *sender = arg;
    struct store_fixture own = *sender->of;

    arena_init(&own.arena);
    ctx_init_background(&own.ctx, &own.arena, NULL, "test", "BG send", 600000);
    for (unsigned i = 0; i < REQUESTS; i++) {
        const unsigned at = (i + sender->number * 5) % REQUESTS;
        const char *span =
            span_json(&own, TRACE, arena_printf(&own.arena, "%016x", at + 1), "",
                      arena_printf(&own.arena, "GET /%u", at % 7), own.now_ns, 10, "");

        sender->added += store_send(&own, request_json(&own, "shop", span));
    }
    arena_fini(&own.arena);
}

static void ingest__many_send_the_same_at_once__each_span_is_there_once(void **state)
{
    struct store_fixture *f = *state;
    struct sender senders[SENDERS] = {0};
    size_t added = 0;

    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i].of = f;
        senders[i].number = i;
        thread_start(&senders[i].thread, "sender", send_all, &senders[i]);
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        thread_join(&senders[i].thread);
        added += senders[i].added;
    }
    assert_int_equal(added, REQUESTS);
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT count(*) FROM spans"), "40");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT sum(total) FROM entries"), "40");
    assert_string_equal(store_sqlite(f, store_hour(f), "SELECT count(*) FROM words"), "8");
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ingest__sent_twice__is_there_once),
        TEST(ingest__a_span__is_readable_by_the_view),
        TEST(ingest__spans_of_two_hours__each_is_in_its_file),
        TEST(ingest__clock_is_wrong__filed_under_the_present_hour),
        TEST(ingest__end_before_start__is_in_no_longest),
        TEST(segments__older_than_is_kept__is_removed),
        TEST(segments__removed_while_it_is_read__goes_when_that_is_over),
        TEST(segments__hour_comes_again_while_it_goes__its_spans_stay),
        TEST(segments__file_is_damaged__set_aside_and_the_rest_serves),
        TEST(segments__damaged_before_it_is_written__a_new_one_is_made),
        TEST(ingest__killed__what_was_acknowledged_is_there),
        TEST(ingest__many_send_the_same_at_once__each_span_is_there_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
