/* http/stream.h over a real server: what stands on the wire, and how streams end. */
#include <sys/socket.h>

#include "core/clock.h"
#include "http/topic.h"
#include "server_fixture.h"

enum { TOPIC_SIZE = 64 * 1024, PLACES = 3, IDLE_S = 10, BIG = 2000, MANY = 5000 };

struct watch {
    struct fixture fixture;
    struct topic *topic;
};

static struct topic *topic_of_routes;

static bool say_news(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    reply_stream(rp, topic_of_routes, NULL);
    return true;
}

static bool say_hello(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    reply_status_word(rp, "hello");
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/news", say_news, ANYONE, .flags = ROUTE_NO_IO},
    {GET, "/hello", say_hello, ANYONE, .flags = ROUTE_NO_IO},
};
static const struct route_table TABLE = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), NULL, NULL};

/* One loop, so that one request has had its turn when the next one has its answer. */
static int set_up(void **state)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    struct server_options options = server_options_of(&watch->fixture);
    struct err err = {0};

    watch->topic = topic_new(TOPIC_SIZE, 0xa1);
    topic_of_routes = watch->topic;
    options.tables = &TABLE;
    options.loop_threads = 1;
    options.connection_max = 4 * PLACES; /* a quarter of them may be streams of strangers */
    options.idle_timeout_s = IDLE_S;
    *state = watch;
    return server_start(&options, &watch->fixture.server, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct watch *watch = *state;

    clock_thaw();
    server_stop(watch->fixture.server);
    topic_free(watch->topic);
    free(watch);
    return 0;
}

static void post(struct watch *watch, const char *data)
{
    assert_true(topic_post(watch->topic, "news", data, strlen(data)));
}

/* Reads until `part` has come; what was read lives until the next. */
static const char *hear_until(int fd, const char *part)
{
    static char heard[ANSWER_MAX];
    size_t length = 0;

    heard[0] = '\0';
    while (strstr(heard, part) == NULL) {
        const ssize_t got = recv(fd, heard + length, sizeof(heard) - 1 - length, 0);

        if (got <= 0) {
            fail_msg("\"%s\" never came, but:\n%s", part, heard);
        }
        length += (size_t)got;
        heard[length] = '\0';
    }
    return heard;
}

static bool is_at_end(int fd)
{
    char byte;
    const ssize_t got = recv(fd, &byte, 1, 0);

    assert_true(got >= 0);
    return got == 0;
}

/* A stream whose start has come. */
static int open_stream(struct watch *watch, const char *headers)
{
    const int fd = connect_to(&watch->fixture);

    say_get(fd, "/news", headers);
    (void)hear_until(fd, "retry: 2000\n");
    return fd;
}

/* The loop has had a turn. */
static void take_a_turn(struct watch *watch)
{
    assert_status(ask_get(&watch->fixture, "/hello", ""), 200);
}

static void stream__events__are_chunks_behind_the_head(void **state)
{
    struct watch *watch = *state;
    const int fd = connect_to(&watch->fixture);
    const char *heard;

    say_get(fd, "/news", "");
    heard = hear_until(fd, "\r\n16\r\nretry: 2000\nid: a1-0\n\n\r\n");
    assert_status(heard, 200);
    assert_has(heard, "\r\nContent-Type: text/event-stream\r\n");
    assert_has(heard, "\r\nTransfer-Encoding: chunked\r\n");
    assert_has(heard, "\r\nCache-Control: no-store\r\n");
    assert_null(strstr(heard, "Content-Length"));
    post(watch, "one");
    assert_string_equal(hear_until(fd, "\n\n\r\n"),
                        "20\r\nid: a1-1\nevent: news\ndata: one\n\n\r\n");
    close(fd);
}

static void stream__last_event_id__goes_on_behind_it(void **state)
{
    struct watch *watch = *state;
    int fd;

    post(watch, "one");
    post(watch, "two");
    fd = connect_to(&watch->fixture);
    say_get(fd, "/news", "Last-Event-ID: a1-1\r\n");
    assert_null(strstr(hear_until(fd, "data: two\n"), "data: one\n"));
    close(fd);
}

static void stream__http_1_0__has_no_chunks_and_closes(void **state)
{
    struct watch *watch = *state;
    static const char request[] = "GET /news HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    const int fd = connect_to(&watch->fixture);
    const char *heard;

    say(fd, request, sizeof(request) - 1);
    heard = hear_until(fd, "retry: 2000\nid: a1-0\n\n");
    assert_has(heard, "\r\nConnection: close\r\n");
    assert_has(heard, "\r\n\r\nretry: ");
    assert_null(strstr(heard, "chunked"));
    server_stop(watch->fixture.server);
    watch->fixture.server = NULL;
    assert_true(is_at_end(fd));
    close(fd);
}

static void stream__stop__ends_it_and_waits_for_none(void **state)
{
    struct watch *watch = *state;
    const int fd = open_stream(watch, "");

    take_a_turn(watch); /* it is quiet, and has to be woken */
    server_stop(watch->fixture.server);
    watch->fixture.server = NULL;
    (void)hear_until(fd, "0\r\n\r\n");
    assert_true(is_at_end(fd));
    close(fd);
}

/* Nothing says that a quiet client is still there but that it can be written to. */
static void stream__quiet__says_something_now_and_then(void **state)
{
    struct watch *watch = *state;
    const uint64_t now_ns = clock_mono_ns();
    int fd;

    clock_freeze(now_ns, clock_utc_us());
    fd = open_stream(watch, "");
    take_a_turn(watch);
    for (uint64_t round = 1; round <= 2; round++) {
        clock_freeze(now_ns + round * 16000 * CLOCK_NS_PER_MS, clock_utc_us());
        take_a_turn(watch);
        assert_string_equal(hear_until(fd, "\n\n\r\n"), "3\r\n:\n\n\r\n");
    }
    close(fd);
}

/* Its caller is looked at anew; on the same connection it may ask for something else. */
static void stream__too_old__ends_and_leaves_the_connection(void **state)
{
    struct watch *watch = *state;
    const uint64_t now_ns = clock_mono_ns();
    int fd;

    clock_freeze(now_ns, clock_utc_us());
    fd = open_stream(watch, "");
    take_a_turn(watch);
    clock_freeze(now_ns + UINT64_C(901) * 1000 * CLOCK_NS_PER_MS, clock_utc_us());
    take_a_turn(watch);
    (void)hear_until(fd, "0\r\n\r\n");
    say_get(fd, "/hello", "");
    assert_status(hear(fd), 200);
    close(fd);
}

/* Who sends no more before or behind the start is taken for gone, and holds no place. */
static void stream__half_closed__ends(void **state)
{
    struct watch *watch = *state;

    for (int i = 0; i <= PLACES; i++) {
        const int fd = connect_to(&watch->fixture);

        say_get(fd, "/news", "");
        if (i % 2 == 0) {
            (void)hear_until(fd, "retry: 2000\n");
        }
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        while (!is_at_end(fd)) {
        }
        close(fd);
    }
}

static void stream__no_place__is_503_until_one_has_left(void **state)
{
    struct watch *watch = *state;
    int streams[PLACES];
    const char *answer;

    for (int i = 0; i < PLACES; i++) {
        streams[i] = open_stream(watch, "");
    }
    answer = ask_get(&watch->fixture, "/news", "");
    assert_status(answer, 503);
    assert_has(answer, "\r\nRetry-After: 5\r\n");
    take_a_turn(watch);
    close(streams[0]);
    WAIT_UNTIL(strncmp(ask_get(&watch->fixture, "/news", "Range: x\r\n"), "HTTP/1.1 200", 12) == 0);
    for (int i = 1; i < PLACES; i++) {
        close(streams[i]);
    }
}

static void stream__head_request__has_no_body_and_takes_no_place(void **state)
{
    struct watch *watch = *state;

    for (int i = 0; i <= PLACES; i++) {
        const char *answer = ask(&watch->fixture, "HEAD /news HTTP/1.1\r\nHost: x\r\n"
                                                  "Connection: close\r\n\r\n");

        assert_status(answer, 200);
        assert_has(answer, "\r\nContent-Type: text/event-stream\r\n");
        assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    }
}

/* It takes nothing, while more is posted than the kernel and the topic hold; others are told of
 * everything, and it is told of what it missed when it wakes up. */
static void stream__a_reader_asleep__holds_nobody_back_and_hears_what_it_missed(void **state)
{
    struct watch *watch = *state;
    const int asleep = open_stream(watch, "");
    char data[BIG + 1] = {0};

    memset(data, 'x', BIG);
    for (int i = 0; i < MANY; i++) {
        post(watch, data);
    }
    take_a_turn(watch);
    post(watch, "end");
    {
        static char heard[ANSWER_MAX];
        bool has_missed = false;
        bool has_end = false;
        size_t kept = 0;

        while (!has_end) {
            const ssize_t got = recv(asleep, heard + kept, sizeof(heard) - 1 - kept, 0);

            assert_true(got > 0);
            heard[kept + (size_t)got] = '\0';
            has_missed |= strstr(heard, "event: missed\ndata: {\"events\":") != NULL;
            has_end = strstr(heard, "data: end\n") != NULL;
            kept = kept + (size_t)got < 64 ? kept + (size_t)got : 64;
            memmove(heard, heard + strlen(heard) - kept, kept);
        }
        assert_true(has_missed);
    }
    close(asleep);
}

/* Its time for taking a piece has run out. */
static void stream__a_reader_that_takes_nothing__is_cut_off(void **state)
{
    struct watch *watch = *state;
    const uint64_t now_ns = clock_mono_ns();
    char data[BIG + 1] = {0};
    int streams[PLACES];

    clock_freeze(now_ns, clock_utc_us());
    for (int i = 0; i < PLACES; i++) {
        streams[i] = open_stream(watch, "");
    }
    memset(data, 'x', BIG);
    for (int i = 0; i < MANY; i++) {
        post(watch, data);
        if (i % 16 == 0) {
            take_a_turn(watch);
        }
    }
    clock_freeze(now_ns + UINT64_C(1000) * (IDLE_S + 1) * CLOCK_NS_PER_MS, clock_utc_us());
    take_a_turn(watch);
    WAIT_UNTIL(strncmp(ask_get(&watch->fixture, "/news", ""), "HTTP/1.1 200", 12) == 0);
    for (int i = 0; i < PLACES; i++) {
        close(streams[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stream__events__are_chunks_behind_the_head),
        TEST(stream__last_event_id__goes_on_behind_it),
        TEST(stream__http_1_0__has_no_chunks_and_closes),
        TEST(stream__stop__ends_it_and_waits_for_none),
        TEST(stream__quiet__says_something_now_and_then),
        TEST(stream__too_old__ends_and_leaves_the_connection),
        TEST(stream__half_closed__ends),
        TEST(stream__no_place__is_503_until_one_has_left),
        TEST(stream__head_request__has_no_body_and_takes_no_place),
        TEST(stream__a_reader_asleep__holds_nobody_back_and_hears_what_it_missed),
        TEST(stream__a_reader_that_takes_nothing__is_cut_off),
    };

    return cmocka_run_group_tests_name("http/stream", tests, NULL, NULL);
}
