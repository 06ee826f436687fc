/* store/match.h: identifiers that fit, each way in which they do not, and clocks that are apart. */
#include <inttypes.h>

#include "db/sqlid.h"
#include "fixture.h"
#include "store/match.h"
#include "support/test.h"

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define TRACE_A "000000000000000000000000000000aa"
#define TRACE_B "000000000000000000000000000000bb"
#define TEXT(key_, value_) "{\"key\":\"" key_ "\",\"value\":{\"stringValue\":\"" value_ "\"}}"

/* What the span of a statement says; NULL: nothing. */
struct said {
    const char *text;
    const char *sql_id;
    const char *module;
    const char *client_identifier;
};

static const char *attributes(struct store_fixture *f, const struct said *said)
{
    const char *const pairs[][2] = {{"db.query.text", said->text},
                                    {"DbOracleSqlId", said->sql_id},
                                    {"db.module", said->module},
                                    {"db.action", "GET /a"},
                                    {"db.client_identifier", said->client_identifier}};
    const char *list = "";

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i][1] != NULL) {
            list = arena_printf(&f->arena, "%s%s" TEXT("%s", "%s"), list, *list != '\0' ? "," : "",
                                pairs[i][0], pairs[i][1]);
        }
    }
    return arena_printf(&f->arena, ",\"attributes\":[%s]", list);
}

static const char *sql_id(struct store_fixture *f, const char *text)
{
    char *id = arena_alloc(&f->arena, SQLID_SIZE);

    sqlid_of(text, strlen(text), id);
    return id;
}

/* A statement below a request of the trace, and the request. */
static void send_statement(struct store_fixture *f, const char *trace, int number,
                           const struct said *said)
{
    const char *id = arena_printf(&f->arena, "%016x", (unsigned)number);
    const char *parent = arena_printf(&f->arena, "%016x", (unsigned)number + 1000);

    (void)store_send(f, request_json(f, "shop",
                                     arena_printf(&f->arena, "%s,%s",
                                                  span_json(f, trace, parent, "", "GET /a",
                                                            f->now_ns, 5 * NS_PER_MS, ""),
                                                  span_json(f, trace, id, parent, "one", f->now_ns,
                                                            NS_PER_MS, attributes(f, said)))));
}

static struct match tell(struct store_fixture *f, const char *service)
{
    const struct match_question question = {
        .from_ns = f->now_ns - 7200 * NS_PER_S, .to_ns = f->now_ns + NS_PER_S, .service = service};
    struct match match;
    struct err err = {0};

    if (!match_tell(&f->ctx, f->segments, &question, &match, &err)) {
        fail_msg("%s", err.text);
    }
    return match;
}

static void match_tell__all_as_it_should_be__is_whole(void **state)
{
    struct store_fixture *f = *state;
    struct match match;

    for (int i = 1; i <= 40; i++) { /* so that values come again, and stand alike */
        send_statement(f, TRACE_A, i,
                       &(struct said){"SELECT 1", sql_id(f, "SELECT 1"), "octo", TRACE_A});
    }
    match = tell(f, NULL);
    assert_int_equal(match.statement_count, 1);
    assert_string_equal(match.statements[0].service, "shop");
    assert_string_equal(match.statements[0].sql_id, sql_id(f, "SELECT 1"));
    assert_int_equal(match.statements[0].spans, 40);
    assert_int_equal(match.statements[0].whole, 40);
    for (size_t i = 0; i < MATCH_FAULTS; i++) {
        assert_int_equal(match.statements[0].faults[i].count, 0);
    }
    assert_int_equal(tell(f, "other").statement_count, 0);
}

/* More than fit where it begins; each of them twice, of two services. */
static void match_tell__many_statements__are_told_apart(void **state)
{
    enum { STATEMENTS = 600 };
    struct store_fixture *f = *state;
    struct match match;

    for (int turn = 0; turn < 4; turn++) {
        struct buf spans;

        buf_init(&spans, 1 << 20);
        for (int i = 1; i <= STATEMENTS; i++) {
            const char *text = arena_printf(&f->arena, "SELECT %d", i);
            const char *id = arena_printf(&f->arena, "%016x", (unsigned)(turn * STATEMENTS + i));

            buf_printf(
                &spans, "%s%s", i == 1 ? "" : ",",
                span_json(f, TRACE_A, id, "", "one", f->now_ns, NS_PER_MS,
                          attributes(f, &(struct said){text, sql_id(f, text), "octo", TRACE_A})));
        }
        assert_int_equal(store_send(f, request_json(f, turn % 2 == 0 ? "crm" : "shop", spans.data)),
                         STATEMENTS);
        buf_fini(&spans);
    }
    match = tell(f, NULL);
    assert_int_equal(match.statement_count, 2 * STATEMENTS);
    for (size_t i = 0; i < match.statement_count; i++) {
        assert_string_equal(match.statements[i].service, i < STATEMENTS ? "crm" : "shop");
        assert_int_equal(match.statements[i].spans, 2);
    }
}

static void match_tell__a_fault__is_named_alone(void **state)
{
    struct store_fixture *f = *state;
    const struct {
        struct said said;
        enum match_fault fault;
        const char *instead;
    } CASES[] = {
        {{"SELECT 1", NULL, "octo", TRACE_A}, MATCH_NO_SQL_ID, NULL},
        {{"SELECT 2", "SELECT 2", "octo", TRACE_A}, MATCH_ODD_SQL_ID, "SELECT 2"},
        {{"SELECT 3 ", sql_id(f, "SELECT 3"), "octo", TRACE_A},
         MATCH_ALTERED_TEXT,
         sql_id(f, "SELECT 3")},
        {{"SELECT 4", sql_id(f, "SELECT 4"), NULL, TRACE_A}, MATCH_NO_TAGS, "MODULE"},
        {{"SELECT 5", sql_id(f, "SELECT 5"), "octo", NULL}, MATCH_NO_TAGS, "CLIENT_IDENTIFIER"},
        {{"SELECT 6", sql_id(f, "SELECT 6"), "octo", TRACE_B}, MATCH_FOREIGN_TAG, TRACE_B},
    };
    enum { COUNT = sizeof(CASES) / sizeof(CASES[0]) };
    struct match match;
    size_t found = 0;

    for (int i = 0; i < COUNT; i++) {
        send_statement(f, TRACE_A, i + 1, &CASES[i].said);
    }
    match = tell(f, "shop");
    assert_int_equal(match.statement_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const char *id =
            CASES[i].fault == MATCH_ALTERED_TEXT ? CASES[i].instead : sql_id(f, CASES[i].said.text);

        for (size_t at = 0; at < match.statement_count; at++) {
            const struct match_statement *one = &match.statements[at];

            if (strcmp(one->sql_id, id) != 0) {
                continue;
            }
            found++;
            assert_int_equal(one->whole, 0);
            for (size_t fault = 0; fault < MATCH_FAULTS; fault++) {
                assert_int_equal(one->faults[fault].count, fault == CASES[i].fault);
            }
            assert_int_equal(one->faults[CASES[i].fault].span_id, i + 1);
            if (CASES[i].instead != NULL) {
                assert_string_equal(one->faults[CASES[i].fault].said, CASES[i].instead);
            }
        }
    }
    assert_int_equal(found, COUNT);
}

/* The parent of the first is in the file before, that of the second nowhere; the third has none. */
static void match_tell__parents__are_looked_for_in_the_hour_before(void **state)
{
    struct store_fixture *f = *state;
    const struct said said = {"SELECT 1", sql_id(f, "SELECT 1"), "octo", TRACE_A};
    const char *rest = attributes(f, &said);
    const int64_t hour_ns = store_hour(f) * SEGMENTS_HOUR_S * NS_PER_S;
    struct match match;

    (void)store_send(
        f, request_json(f, "shop",
                        arena_printf(&f->arena, "%s,%s,%s,%s",
                                     span_json(f, TRACE_A, "00000000000000a0", "", "GET /a",
                                               hour_ns - NS_PER_MS, 3 * NS_PER_MS, ""),
                                     span_json(f, TRACE_A, "00000000000000a1", "00000000000000a0",
                                               "one", hour_ns, NS_PER_MS, rest),
                                     span_json(f, TRACE_A, "00000000000000a2", "00000000000000dd",
                                               "one", hour_ns, NS_PER_MS, rest),
                                     span_json(f, TRACE_A, "00000000000000a3", "", "one", hour_ns,
                                               NS_PER_MS, rest))));
    match = tell(f, NULL);
    assert_int_equal(match.statement_count, 1);
    assert_int_equal(match.statements[0].spans, 3);
    assert_int_equal(match.statements[0].whole, 1);
    assert_int_equal(match_with_trace(&match.statements[0]), 1);
    assert_int_equal(match_with_tags(&match.statements[0]), 3);
    assert_int_equal(match_with_sql_id(&match.statements[0]), 3);
    assert_int_equal(match.statements[0].faults[MATCH_NO_TRACE].span_id, 0xa3);
    assert_string_equal(match.statements[0].faults[MATCH_NO_PARENT].said, "00000000000000dd");
}

/* A question of 10 ms that the other side worked at for 8, by a clock that is `ahead_ns` before. */
static void ask(struct store_fixture *f, int number, int64_t ahead_ns)
{
    /* In the middle of an hour, so that both are in one file. */
    const int64_t asked_ns = (store_hour(f) * 2 - 1) * SEGMENTS_HOUR_S / 2 * NS_PER_S;
    const char *client = arena_printf(&f->arena, "%016x", 0x100U + (unsigned)number);
    const char *server = arena_printf(&f->arena, "%016x", 0x200U + (unsigned)number);

    (void)store_send(f, request_json(f, "shop",
                                     arena_printf(&f->arena,
                                                  "{\"traceId\":\"" TRACE_A
                                                  "\",\"spanId\":\"%s\",\"name\":\"ask\","
                                                  "\"kind\":3,\"startTimeUnixNano\":\"%" PRId64
                                                  "\",\"endTimeUnixNano\":\"%" PRId64 "\"}",
                                                  client, asked_ns, asked_ns + 10 * NS_PER_MS)));
    (void)store_send(f,
                     request_json(f, "crm",
                                  span_json(f, TRACE_A, server, client, "GET /b",
                                            asked_ns + NS_PER_MS + ahead_ns, 8 * NS_PER_MS, "")));
}

static void match_tell__clocks__are_compared_by_questions(void **state)
{
    struct store_fixture *f = *state;
    struct match match;

    ask(f, 1, 0);
    match = tell(f, NULL);
    assert_int_equal(match.clock_count, 1);
    assert_string_equal(match.clocks[0].service, "crm");
    assert_string_equal(match.clocks[0].caller, "shop");
    assert_int_equal(match.clocks[0].ahead_ns, 0);
    assert_int_equal(match.clocks[0].uncertainty_ns, NS_PER_MS);
    assert_false(match_is_off(&match.clocks[0], 0));
}

static void match_tell__clock_three_seconds_off__is_found(void **state)
{
    struct store_fixture *f = *state;
    struct match match;

    ask(f, 1, -3 * NS_PER_S);
    ask(f, 2, -3 * NS_PER_S);
    match = tell(f, NULL);
    assert_int_equal(match.clock_count, 1);
    assert_int_equal(match.clocks[0].questions, 2);
    assert_int_equal(match.clocks[0].ahead_ns, -3 * NS_PER_S);
    assert_true(match_is_off(&match.clocks[0], 2 * NS_PER_S));
    assert_false(match_is_off(&match.clocks[0], 3 * NS_PER_S));
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(match_tell__all_as_it_should_be__is_whole),
        TEST(match_tell__many_statements__are_told_apart),
        TEST(match_tell__a_fault__is_named_alone),
        TEST(match_tell__parents__are_looked_for_in_the_hour_before),
        TEST(match_tell__clocks__are_compared_by_questions),
        TEST(match_tell__clock_three_seconds_off__is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
