/* otlp/delivery.h: one request after another to a scripted receiver. */
#include <time.h>

#include "core/clock.h"
#include "otlp/delivery.h"
#include "receiver.h"
#include "support/test.h"

enum { COUNT = 3, BODY_MAX = 1 << 16 };

struct fixture {
    struct receiver receiver;
    struct metrics *metrics;
    struct otlp_destination destination;
    struct otlp_delivery *delivery;
    struct otlp_batch batch;
};

static const char *const HEADERS[] = {"Authorization: Bearer x", NULL};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture =
        (struct fixture){.metrics = metrics_new(),
                         .destination = {.headers = HEADERS, .ca_file = "", .timeout_ms = 60000}};
    otlp_batch_init(&fixture.batch, BODY_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    otlp_delivery_free(f->delivery);
    receiver_stop(&f->receiver);
    otlp_batch_fini(&f->batch);
    metrics_free(f->metrics);
    return 0;
}

static void begin_with(struct fixture *f, const char *const *script, size_t first_length,
                       int64_t batch_ms)
{
    receiver_start(&f->receiver, script, first_length);
    f->destination.url = f->receiver.url;
    f->delivery = otlp_delivery_new(&(struct otlp_delivery_options){
        .signal = &otlp_signal_traces,
        .destination = &f->destination,
        .metrics = f->metrics,
        .user_agent = "test/1",
        .batch_ms = batch_ms,
        .pause_ms = 1,
    });
}

static void begin(struct fixture *f, const char *const *script, int64_t batch_ms)
{
    begin_with(f, script, 0, batch_ms);
}

/* A request that says so many spans are in it. */
static bool deliver(struct fixture *f)
{
    otlp_batch_begin(&f->batch, &(struct otlp_sender){.scope = "octo", .scope_version = "1"});
    f->batch.count = COUNT;
    otlp_batch_end(&f->batch);
    return otlp_deliver(f->delivery, &f->batch);
}

/* error_type is NULL for what was taken. */
static uint64_t counted(const struct fixture *f, const char *error_type)
{
    const struct attribute *address = otlp_delivery_address(f->delivery);
    const struct attribute attributes[] = {address[0], address[1],
                                           attribute_text("error.type", error_type)};
    const struct metric metric = {.name = "otel.sdk.exporter.span.exported",
                                  .unit = "{span}",
                                  .help = "",
                                  .attributes = attributes,
                                  .attribute_count = error_type == NULL ? 2 : 3};

    return counter_value(metrics_counter(f->metrics, &metric));
}

static void assert_head(const struct fixture *f, const char *part)
{
    if (strstr(f->receiver.head, part) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", part, f->receiver.head);
    }
}

static void otlp_deliver__taken__request_as_the_protocol_says(void **state)
{
    struct fixture *f = *state;

    begin(f, NULL, 60000);
    assert_true(deliver(f));
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
    assert_head(f, "POST /v1/traces HTTP/1.1\r\n");
    assert_head(f, "\r\nContent-Type: application/x-protobuf\r\n");
    assert_head(f, "\r\nUser-Agent: test/1\r\n");
    assert_head(f, "\r\nAuthorization: Bearer x");
    assert_null(strstr(f->receiver.head, "Expect"));
    assert_null(strstr(f->receiver.head, "Content-Encoding"));
    assert_int_equal(f->receiver.body_length, f->batch.body.length);
    assert_memory_equal(f->receiver.body, f->batch.body.data, f->batch.body.length);
    assert_int_equal(counted(f, NULL), COUNT);
}

static void otlp_deliver__json__is_sent_as_such(void **state)
{
    struct fixture *f = *state;

    f->destination.is_json = true;
    begin(f, NULL, 60000);
    assert_true(deliver(f));
    assert_head(f, "\r\nContent-Type: application/json\r\n");
    assert_memory_equal(f->receiver.body, "{\"resourceSpans\":[{\"resource\":{}", 32);
}

static void otlp_deliver__packed__says_so(void **state)
{
    struct fixture *f = *state;

    f->destination.is_json = true; /* long enough to become shorter */
    f->destination.is_packed = true;
    begin(f, NULL, 60000);
    otlp_batch_begin(&f->batch, &(struct otlp_sender){.scope = "octooctooctooctooctooctoocto"
                                                               "octooctooctooctooctooctoocto",
                                                      .scope_version = "octooctooctooctoocto"});
    otlp_batch_end(&f->batch);
    assert_true(otlp_deliver(f->delivery, &f->batch));
    assert_head(f, "\r\nContent-Encoding: gzip");
    assert_memory_equal(f->receiver.body, "\x1f\x8b", 2);
}

/* Every way in which another try may help, one behind the other. */
static void otlp_deliver__receiver_fails_for_a_while__is_tried_until_taken(void **state)
{
    static const char *const script[] = {STATUS("429 Slow"), STATUS("502 Bad"), STATUS("503 Busy"),
                                         STATUS("504 Late"), HANG_UP,           NULL};
    struct fixture *f = *state;

    begin(f, script, 60000);
    assert_true(deliver(f));
    assert_int_equal(atomic_load(&f->receiver.requests), 6);
    assert_int_equal(counted(f, NULL), COUNT);
    assert_int_equal(counted(f, "503"), 0); /* it is what came of it in the end that counts */
}

static void otlp_deliver__refused__is_not_tried_again(void **state)
{
    static const char *const STATUSES[] = {"400", "401", "403", "404", "413", "500", "302"};
    static const char *const script[] = {
        STATUS("400 Bad"),   STATUS("401 Who"),    STATUS("403 No"),        STATUS("404 Nowhere"),
        STATUS("413 Large"), STATUS("500 Broken"), STATUS("302 Elsewhere"), NULL};
    struct fixture *f = *state;

    begin(f, script, 60000);
    for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
        assert_false(deliver(f));
        assert_int_equal(atomic_load(&f->receiver.requests), (int)i + 1);
        assert_int_equal(counted(f, STATUSES[i]), COUNT);
    }
    assert_int_equal(counted(f, NULL), 0);
    assert_true(deliver(f));
}

/* Seconds and a date: neither answer may keep the next try from coming. */
static void otlp_deliver__retry_after__is_heeded_in_both_forms(void **state)
{
    static char dated[256];
    static const char *const script[] = {
        "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        dated, NULL};
    const time_t in_a_second = time(NULL) + 2;
    struct fixture *f = *state;
    struct tm tm;
    char date[64];
    uint64_t start_ns;

    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&in_a_second, &tm));
    (void)snprintf(dated, sizeof(dated),
                   "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n"
                   "Connection: close\r\n\r\n",
                   date);
    begin(f, script, 60000);
    start_ns = clock_mono_ns();
    assert_true(deliver(f));
    assert_int_equal(atomic_load(&f->receiver.requests), 3);
    /* Not before it was asked for: no machine is too slow for that. */
    assert_true(clock_mono_ns() - start_ns >= 1000 * CLOCK_NS_PER_MS);
}

/* The request that was told so has no time left: the next one waits in its place. */
static void otlp_deliver__retry_after_at_the_end__holds_for_the_next(void **state)
{
    static const char *const script[] = {
        "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        NULL};
    struct fixture *f = *state;
    uint64_t start_ns;

    begin(f, script, 0);
    start_ns = clock_mono_ns();
    assert_false(deliver(f));
    assert_true(deliver(f));
    assert_int_equal(atomic_load(&f->receiver.requests), 2);
    assert_true(clock_mono_ns() - start_ns >= 1000 * CLOCK_NS_PER_MS);
}

static void otlp_deliver__its_time_is_over__is_given_up(void **state)
{
    static const char *const script[] = {STATUS("503 Busy"), STATUS("503 Busy"), STATUS("503 Busy"),
                                         STATUS("503 Busy"), STATUS("503 Busy"), NULL};
    struct fixture *f = *state;

    begin(f, script, 0);
    assert_false(deliver(f));
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
    assert_int_equal(counted(f, "503"), COUNT);
}

static void otlp_deliver__nobody_there__is_given_up(void **state)
{
    struct fixture *f = *state;

    begin(f, NULL, 0);
    receiver_stop(&f->receiver);
    assert_false(deliver(f));
    assert_int_equal(counted(f, "no_answer"), COUNT);
}

static void otlp_deliver__partial_success__counts_what_was_rejected(void **state)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 65\r\n"
        "Connection: close\r\n\r\n"
        "{\"partialSuccess\":{\"rejectedSpans\":\"2\",\"errorMessage\":\"too old\"}}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 4\r\n"
        "Connection: close\r\n\r\n\x0a\x02\x08\x01",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n"
        "Connection: close\r\n\r\n<p/>",
        NULL};
    struct fixture *f = *state;

    begin(f, script, 60000);
    assert_false(deliver(f));
    assert_int_equal(counted(f, NULL), COUNT - 2);
    assert_int_equal(counted(f, "rejected"), 2);
    assert_false(deliver(f));
    assert_int_equal(counted(f, "rejected"), 3);
    assert_true(deliver(f)); /* what is no answer of ours takes nothing back */
}

/* What a receiver may answer to a request of COUNT spans, and what becomes of them. */
struct answer {
    const char *status;
    const char *fields; /* each with its line end */
    const char *body;
    size_t length;
    uint64_t rejected;
    const char *error_type; /* NULL: the others are taken; otherwise all are lost for that */
    bool is_tried_again;    /* after which all are taken */
};

#define PROTOBUF "Content-Type: application/x-protobuf\r\n"
#define JSON "Content-Type: application/json\r\n"
#define BODY(literal_) .body = (literal_), .length = sizeof(literal_) - 1

static const struct answer ANSWERS[] = {
    /* taken */
    {.status = "200 OK"},
    {.status = "200 OK", .fields = PROTOBUF},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x00")},
    {.status = "200 OK", .fields = JSON, BODY("{}")},
    {.status = "200 OK", .fields = JSON, BODY("{\"partialSuccess\":{}}")},
    {.status = "200 OK", .fields = JSON, BODY("{\"partialSuccess\":null}")},
    {.status = "200 OK", .fields = "Retry-After: 300\r\n"},
    {.status = "202 Accepted"},
    {.status = "204 None"},
    /* taken in part */
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x02\x08\x01"), .rejected = 1},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x02\x08\x03"), .rejected = 3},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x02\x08\x63"), .rejected = COUNT},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x05\x08\x02\x12\x01x"), .rejected = 2},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x05\x12\x01x\x08\x02"), .rejected = 2},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x98\x06\x01\x0a\x02\x08\x02"), .rejected = 2},
    {.status = "200 OK", BODY("\x0a\x02\x08\x01"), .rejected = 1},
    {.status = "202 Accepted", .fields = PROTOBUF, BODY("\x0a\x02\x08\x01"), .rejected = 1},
    {.status = "200 OK",
     .fields = JSON,
     BODY("{\"partialSuccess\":{\"rejectedSpans\":\"2\"}}"),
     .rejected = 2},
    {.status = "200 OK",
     .fields = JSON,
     BODY("{\"partialSuccess\":{\"rejectedSpans\":2}}"),
     .rejected = 2},
    {.status = "200 OK",
     .fields = JSON,
     BODY("{\"a\":[1],\"partialSuccess\":{\"errorMessage\":\"\\u00fc\",\"rejectedSpans\":1}}"),
     .rejected = 1},
    {.status = "200 OK",
     .fields = "content-type: application/json; charset=utf-8\r\n",
     BODY("{\"partialSuccess\":{\"rejectedSpans\":1}}"),
     .rejected = 1},
    /* a warning, and what is no answer: nothing is taken back */
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x03\x12\x01x")},
    {.status = "200 OK",
     .fields = PROTOBUF,
     BODY("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\x0a\x05\x08\x02")},
    {.status = "200 OK", .fields = PROTOBUF, BODY("\xff")},
    {.status = "200 OK", .fields = PROTOBUF, BODY("{\"partialSuccess\":{\"rejectedSpans\":1}}")},
    {.status = "200 OK", .fields = JSON, BODY("{\"partialSuccess\":{\"rejectedSpans\":1}")},
    {.status = "200 OK", .fields = JSON, BODY("{\"partialSuccess\":{\"rejectedSpans\":-1}}")},
    {.status = "200 OK", .fields = JSON, BODY("{\"partialSuccess\":{\"rejectedSpans\":\"many\"}}")},
    {.status = "200 OK", .fields = JSON, BODY("[]")},
    {.status = "200 OK", .fields = "Content-Type: text/html\r\n", BODY("<p>Hello</p>")},
    /* refused for good */
    {.status = "301 Moved", .fields = "Location: http://127.0.0.1:1/\r\n", .error_type = "301"},
    {.status = "302 Found", .fields = "Location: /\r\n", .error_type = "302"},
    {.status = "304 Same", .error_type = "304"},
    {.status = "307 Other", .fields = "Location: /\r\n", .error_type = "307"},
    {.status = "400 Bad", .error_type = "400"},
    {.status = "400 Bad",
     .fields = PROTOBUF,
     BODY("\x08\x03\x12\x03"
          "bad"),
     .error_type = "400"},
    {.status = "400 Bad",
     .fields = JSON,
     BODY("{\"code\":3,\"message\":\"bad\"}"),
     .error_type = "400"},
    {.status = "400 Bad", .fields = "Retry-After: 1\r\n", .error_type = "400"},
    {.status = "401 Who", .fields = "WWW-Authenticate: Bearer\r\n", .error_type = "401"},
    {.status = "403 No", .error_type = "403"},
    {.status = "404 Nowhere", .error_type = "404"},
    {.status = "405 Not so", .error_type = "405"},
    {.status = "408 Slow", .error_type = "408"},
    {.status = "413 Large", .error_type = "413"},
    {.status = "415 Type", .error_type = "415"},
    {.status = "422 Odd", .error_type = "422"},
    {.status = "431 Head", .error_type = "431"},
    {.status = "500 Broken", .error_type = "500"},
    {.status = "500 Broken", .fields = "Retry-After: 1\r\n", .error_type = "500"},
    {.status = "501 No", .error_type = "501"},
    {.status = "505 Version", .error_type = "505"},
    {.status = "507 Full", .error_type = "507"},
    /* tried again */
    {.status = "429 Slow", .is_tried_again = true},
    {.status = "429 Slow", .fields = "Retry-After: 0\r\n", .is_tried_again = true},
    {.status = "429 Slow", .fields = "Retry-After: -5\r\n", .is_tried_again = true},
    {.status = "429 Slow", .fields = "Retry-After: soon\r\n", .is_tried_again = true},
    {.status = "429 Slow",
     .fields = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
     .is_tried_again = true},
    {.status = "502 Bad", .is_tried_again = true},
    {.status = "503 Busy", .is_tried_again = true},
    {.status = "503 Busy", .fields = PROTOBUF, BODY("\x0a\x02\x08\x01"), .is_tried_again = true},
    {.status = "503 Busy",
     .fields = "Retry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\n",
     .is_tried_again = true},
    {.status = "504 Late", .is_tried_again = true},
};

static void check_answer(struct fixture *f, const struct answer *row)
{
    static char text[1024];
    static const char *const script[] = {text, NULL};
    const int head = snprintf(text, sizeof(text),
                              "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
                              row->status, row->fields != NULL ? row->fields : "", row->length);

    if (row->length > 0) {
        memcpy(text + head, row->body, row->length);
    }
    begin_with(f, script, (size_t)head + row->length, 60000);
    assert_int_equal(deliver(f), row->error_type == NULL && row->rejected == 0);
    assert_int_equal(atomic_load(&f->receiver.requests), row->is_tried_again ? 2 : 1);
    assert_int_equal(counted(f, NULL), row->error_type == NULL ? COUNT - row->rejected : 0);
    assert_int_equal(counted(f, "rejected"), row->rejected);
    if (row->error_type != NULL) {
        assert_int_equal(counted(f, row->error_type), COUNT);
    }
}

static void otlp_deliver__what_receivers_answer__is_understood(void **state)
{
    for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
        print_message("answer %zu: %s\n", i, ANSWERS[i].status);
        check_answer(*state, &ANSWERS[i]);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void stop_now(void *arg)
{
    struct fixture *f = arg;

    WAIT_UNTIL(atomic_load(&f->receiver.requests) == 1);
    otlp_delivery_stop(f->delivery, clock_mono_ns());
}

/* A receiver that says nothing holds nobody up for longer than the time that is given. */
static void otlp_delivery_stop__receiver_hangs__ends_it(void **state)
{
    static const char *const script[] = {HANG, NULL};
    struct fixture *f = *state;
    struct thread other = {.is_running = false};

    begin(f, script, 600000);
    thread_start(&other, "stop", stop_now, f);
    assert_false(deliver(f));
    thread_join(&other);
    assert_int_equal(counted(f, "stopped"), COUNT);
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
    assert_false(deliver(f)); /* no further try begins */
    assert_int_equal(atomic_load(&f->receiver.requests), 1);
    otlp_delivery_give_up(f->delivery, 5);
    assert_int_equal(counted(f, "stopped"), 2 * COUNT + 5);
}

static void stop_soon(void *arg)
{
    struct fixture *f = arg;

    WAIT_UNTIL(atomic_load(&f->receiver.requests) == 1);
    otlp_delivery_stop(f->delivery, clock_after_ms(600000));
}

/* Whoever waits to try again is woken, and has one try left. */
static void otlp_delivery_stop__while_it_waits__tries_once_more(void **state)
{
    static const char *const script[] = {
        "HTTP/1.1 503 Busy\r\nRetry-After: 300\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        NULL};
    struct fixture *f = *state;
    struct thread other = {.is_running = false};

    begin(f, script, 600000);
    thread_start(&other, "stop", stop_soon, f);
    assert_true(deliver(f));
    thread_join(&other);
    assert_int_equal(atomic_load(&f->receiver.requests), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_deliver__taken__request_as_the_protocol_says),
        TEST(otlp_deliver__json__is_sent_as_such),
        TEST(otlp_deliver__packed__says_so),
        TEST(otlp_deliver__receiver_fails_for_a_while__is_tried_until_taken),
        TEST(otlp_deliver__refused__is_not_tried_again),
        TEST(otlp_deliver__retry_after__is_heeded_in_both_forms),
        TEST(otlp_deliver__retry_after_at_the_end__holds_for_the_next),
        TEST(otlp_deliver__its_time_is_over__is_given_up),
        TEST(otlp_deliver__nobody_there__is_given_up),
        TEST(otlp_deliver__partial_success__counts_what_was_rejected),
        TEST(otlp_deliver__what_receivers_answer__is_understood),
        TEST(otlp_delivery_stop__receiver_hangs__ends_it),
        TEST(otlp_delivery_stop__while_it_waits__tries_once_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
