/* net/http_post.h: one try after another at a scripted peer on a loopback port. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/thread.h"
#include "net/http_post.h"
#include "support/test.h"

enum { REQUEST_MAX = 8192, REQUESTS_KEPT = 4, ANSWER_MAX = 16 };

#define KEPT(status_, fields_) "HTTP/1.1 " status_ "\r\nContent-Length: 2\r\n" fields_ "\r\nok"
#define SILENCE "" /* until the sender leaves */

struct fixture {
    int listener;
    char url[64];
    const char *const *script;
    struct thread peer;
    atomic_int accepted;
    atomic_int received;
    char requests[REQUESTS_KEPT][REQUEST_MAX]; /* the last ones; one is read while the next comes */
    struct http_poster *poster;
    struct http_posted posted;
    struct err err;
};

/* Bodies are short enough to come with their heads. */
static bool read_request(struct fixture *f, int fd)
{
    char *request = f->requests[atomic_load(&f->received) % REQUESTS_KEPT];
    const ssize_t got = recv(fd, request, REQUEST_MAX - 1, 0);

    if (got > 0) {
        request[got] = '\0';
        atomic_fetch_add(&f->received, 1);
    }
    return got > 0;
}

static const char *last_request(const struct fixture *f)
{
    return f->requests[(atomic_load(&f->received) - 1) % REQUESTS_KEPT];
}

static void serve(void *arg)
{
    struct fixture *f = arg;
    const char *const *next = f->script;
    int fd;

    while ((fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        char byte;

        atomic_fetch_add(&f->accepted, 1);
        while (*next != NULL && read_request(f, fd)) {
            const char *answer = *next++;

            if (*answer == '\0') {
                (void)recv(fd, &byte, 1, 0);
                break;
            }
            (void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        }
        close(fd);
    }
}

static void begin(struct fixture *f, const char *const *script, int64_t timeout_ms)
{
    static const char *const HEADERS[] = {"X-Key: a", "X-Other: b", NULL};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    f->script = script;
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(f->listener, 16), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u/v1/x?y", ntohs(address.sin_port));
    thread_start(&f->peer, "peer", serve, f);
    f->poster = http_poster_new(&(struct http_poster_options){.url = f->url,
                                                              .content_type = "text/x",
                                                              .user_agent = "test/1",
                                                              .headers = HEADERS,
                                                              .ca_file = "",
                                                              .timeout_ms = timeout_ms,
                                                              .answer_max = ANSWER_MAX});
    assert_string_equal(http_poster_host(f->poster), "127.0.0.1");
    assert_int_equal(http_poster_port(f->poster), ntohs(address.sin_port));
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.listener = -1};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    http_poster_free(f->poster);
    (void)shutdown(f->listener, SHUT_RDWR);
    thread_join(&f->peer);
    close(f->listener);
    return 0;
}

static bool post(struct fixture *f, const char *body, const char *coding)
{
    const struct http_posting posting = {.body = body, .length = strlen(body), .coding = coding};

    return http_post(f->poster, &posting, &f->posted, &f->err);
}

static void assert_sent(const struct fixture *f, const char *part)
{
    if (strstr(last_request(f), part) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", part, last_request(f));
    }
}

/* What is said to it, what it says, and that the connection is kept. */
static void http_post__several__over_one_connection(void **state)
{
    static const char *const script[] = {KEPT("200 OK", "Content-Type: text/y\r\n"),
                                         KEPT("503 Busy", ""), NULL};
    struct fixture *f = *state;

    begin(f, script, 60000);
    assert_true(post(f, "body", NULL));
    assert_sent(f, "POST /v1/x?y HTTP/1.1\r\n");
    assert_sent(f, "\r\nContent-Type: text/x\r\n");
    assert_sent(f, "\r\nUser-Agent: test/1\r\n");
    assert_sent(f, "\r\nX-Key: a\r\nX-Other: b\r\n");
    assert_sent(f, "\r\nContent-Length: 4\r\n");
    assert_sent(f, "\r\n\r\nbody");
    assert_null(strstr(last_request(f), "Content-Encoding"));
    assert_null(strstr(last_request(f), "Expect"));
    assert_int_equal(f->posted.status, 200);
    assert_string_equal(f->posted.content_type, "text/y");
    assert_string_equal(f->posted.body->data, "ok");
    assert_true(post(f, "", "gzip"));
    assert_sent(f, "\r\nContent-Encoding: gzip\r\n");
    assert_sent(f, "\r\nContent-Length: 0\r\n");
    assert_int_equal(f->posted.status, 503);
    assert_string_equal(f->posted.content_type, "");
    assert_int_equal(f->posted.retry_after_s, 0);
    assert_int_equal(atomic_load(&f->accepted), 1);
}

static void http_post__retry_after__in_seconds(void **state)
{
    static char dated[128];
    static const char *const script[] = {KEPT("429 Slow", "Retry-After: 7\r\n"), dated,
                                         KEPT("429 Slow", "Retry-After: soon\r\n"), NULL};
    const time_t in_a_minute = time(NULL) + 60;
    struct fixture *f = *state;
    struct tm tm;
    char date[40];

    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&in_a_minute, &tm));
    (void)snprintf(dated, sizeof(dated),
                   "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: %s\r\n\r\n", date);
    begin(f, script, 60000);
    assert_true(post(f, "x", NULL));
    assert_int_equal(f->posted.retry_after_s, 7);
    assert_true(post(f, "x", NULL));
    assert_in_range(f->posted.retry_after_s, 1, 60); /* less what has passed since */
    assert_true(post(f, "x", NULL));
    assert_int_equal(f->posted.retry_after_s, 0);
}

static void http_post__answer_too_long__is_none(void **state)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n01234567890123456", NULL};
    struct fixture *f = *state;

    begin(f, script, 60000);
    assert_false(post(f, "x", NULL));
    assert_int_equal(f->err.code, ERR_PEER);
    assert_non_null(strstr(f->err.text, "larger than 16 bytes"));
}

static void http_post__no_answer_in_time__error(void **state)
{
    static const char *const script[] = {SILENCE, NULL};
    struct fixture *f = *state;

    begin(f, script, 50);
    assert_false(post(f, "x", NULL));
    assert_int_equal(f->err.code, ERR_PEER);
}

static void end_it(void *arg)
{
    struct fixture *f = arg;

    WAIT_UNTIL(atomic_load(&f->received) == 1);
    http_poster_end_at(f->poster, clock_mono_ns());
}

/* By another thread, and what comes later is not begun. */
static void http_poster_end_at__under_way__ends(void **state)
{
    static const char *const script[] = {SILENCE, NULL};
    struct fixture *f = *state;
    struct thread other = {.is_running = false};

    begin(f, script, 600000);
    thread_start(&other, "end", end_it, f);
    assert_false(post(f, "x", NULL));
    thread_join(&other);
    assert_int_equal(f->err.code, ERR_DEADLINE);
    assert_false(post(f, "x", NULL));
    assert_int_equal(f->err.code, ERR_DEADLINE);
    assert_int_equal(atomic_load(&f->received), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(http_post__several__over_one_connection), TEST(http_post__retry_after__in_seconds),
        TEST(http_post__answer_too_long__is_none),     TEST(http_post__no_answer_in_time__error),
        TEST(http_poster_end_at__under_way__ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
