/* otlp/logs.h: lines of the log on their way through an exporter. */
#include "core/clock.h"
#include "otlp/exporter.h"
#include "otlp/logs.h"
#include "receiver.h"
#include "support/test.h"

struct fixture {
    struct receiver receiver;
    struct metrics *metrics;
    struct otlp_destination destination;
    struct otlp_exporter *exporter;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    static const char *const NO_HEADERS[] = {NULL};

    fixture = (struct fixture){.metrics = metrics_new()};
    receiver_start(&fixture.receiver, NULL, 0);
    fixture.destination = (struct otlp_destination){.url = fixture.receiver.url,
                                                    .headers = NO_HEADERS,
                                                    .ca_file = "",
                                                    .timeout_ms = 60000,
                                                    .is_json = true};
    fixture.exporter = otlp_exporter_open(&(struct otlp_exporter_options){
        .delivery = {.signal = &otlp_signal_logs,
                     .destination = &fixture.destination,
                     .metrics = fixture.metrics,
                     .user_agent = "test/1",
                     .batch_ms = 60000,
                     .pause_ms = 1},
        .sender = {.scope = "octo", .scope_version = "1"},
        .add = otlp_add_log,
        .queue_max = 64,
        .batch_max = 64,
        .schedule_delay_ms = 600000,
    });
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    receiver_stop(&f->receiver);
    metrics_free(f->metrics);
    return 0;
}

/* Everything that was taken, as it arrives. */
static const char *arrived(struct fixture *f)
{
    otlp_exporter_stop(f->exporter, CLOCK_NEVER);
    otlp_exporter_close(f->exporter);
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
    return strstr(f->receiver.body, "\"logRecords\"");
}

static void otlp_take_log__line_of_a_trace__all_of_it_arrives(void **state)
{
    struct fixture *f = *state;

    otlp_take_log(f->exporter,
                  &(struct log_entry){.level = LOG_WARNING,
                                      .utc_us = 1700000000000001,
                                      .trace_id = "0af7651916cd43dd8448eb211c80319c",
                                      .event = "pool checkout timed out",
                                      .pairs = "pool=main ms=5000 code=007 note=\"a b\" x="});
    assert_string_equal(
        arrived(f),
        "\"logRecords\":[{\"timeUnixNano\":\"1700000000000001000\",\"severityNumber\":13,"
        "\"severityText\":\"warning\",\"body\":{\"stringValue\":\"pool checkout timed out\"},"
        "\"attributes\":[{\"key\":\"pool\",\"value\":{\"stringValue\":\"main\"}},"
        "{\"key\":\"ms\",\"value\":{\"intValue\":\"5000\"}},"
        "{\"key\":\"code\",\"value\":{\"stringValue\":\"007\"}},"
        "{\"key\":\"note\",\"value\":{\"stringValue\":\"a b\"}},"
        "{\"key\":\"x\",\"value\":{\"stringValue\":\"\"}}],"
        "\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
        "\"observedTimeUnixNano\":\"1700000000000001000\"}]}]}]}");
}

static void otlp_take_log__repeats_and_bad_bytes__are_told(void **state)
{
    struct fixture *f = *state;
    const char *json;

    otlp_take_log(
        f->exporter,
        &(struct log_entry){.level = LOG_ERROR, .event = "x", .pairs = "a=\xff\xc3", .repeats = 4});
    json = arrived(f);
    assert_non_null(strstr(json, "\"severityNumber\":17"));
    assert_non_null(strstr(json, "{\"key\":\"repeated\",\"value\":{\"intValue\":\"4\"}},"
                                 "{\"key\":\"a\",\"value\":{\"stringValue\":\"??\"}}"));
    assert_null(strstr(json, "traceId"));
}

/* More than is kept of a line: cut, not lost. */
static void otlp_take_log__very_long__is_cut(void **state)
{
    static char pairs[40000];
    struct fixture *f = *state;
    const char *json;

    memset(pairs, 'a', sizeof(pairs) - 1);
    memcpy(pairs, "key=", 4);
    otlp_take_log(f->exporter,
                  &(struct log_entry){.level = LOG_INFO, .event = "long", .pairs = pairs});
    json = arrived(f);
    assert_non_null(strstr(json, "\"body\":{\"stringValue\":\"long\"}"));
    assert_true(strlen(json) > 15000 && strlen(json) < 17000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_take_log__line_of_a_trace__all_of_it_arrives),
        TEST(otlp_take_log__repeats_and_bad_bytes__are_told),
        TEST(otlp_take_log__very_long__is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
