/* net/http_client.h: calls to a scripted peer on a loopback port. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "net/http_client.h"
#include "support/test.h"

enum { REQUEST_MAX = 8192 };

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
#define KEPT "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" /* the connection stays */
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define MOVED "HTTP/1.1 302 Moved\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define HANG_UP "" /* closes without a word */

/* Answers the n-th request with the n-th line; "wait" says nothing until the client leaves. */
struct peer {
    int listener;
    uint16_t port;
    const char *const *script;
    pthread_t thread;
    atomic_int served;
    atomic_int accepted;       /* connections */
    char request[REQUEST_MAX]; /* the last one */
};

struct fixture {
    struct peer peer;
    struct http_client *client;
    struct arena arena;
    struct ctx ctx;
    struct http_answer answer;
    struct err err;
    char base_url[64];
};

static void read_request(struct peer *peer, int fd)
{
    size_t length = 0;

    while (length < REQUEST_MAX - 1) {
        const ssize_t got = recv(fd, peer->request + length, REQUEST_MAX - 1 - length, 0);

        if (got <= 0) {
            break;
        }
        length += (size_t)got;
        peer->request[length] = '\0';
        if (strstr(peer->request, "\r\n\r\n") != NULL) {
            break;
        }
    }
}

static void *serve(void *arg)
{
    struct peer *peer = arg;
    int fd = -1;

    for (size_t i = 0; peer->script[i] != NULL; i++) {
        char byte;

        if (fd < 0) {
            fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC);
            atomic_fetch_add(&peer->accepted, 1);
        }
        if (fd < 0) {
            break;
        }
        read_request(peer, fd);
        atomic_fetch_add(&peer->served, 1);
        if (strcmp(peer->script[i], "wait") == 0) {
            (void)recv(fd, &byte, 1, 0);
        } else {
            (void)send(fd, peer->script[i], strlen(peer->script[i]), MSG_NOSIGNAL);
        }
        if (strcmp(peer->script[i], KEPT) != 0) {
            close(fd);
            fd = -1;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return NULL;
}

static void peer_start(struct fixture *f, const char *const *script)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    struct http_client_options options = {
        .peer = "crm",
        .base_url = f->base_url,
        .internal_key = "the-key",
        .service_name = "octo-test",
        .service_version = "1.0",
        .timeout_ms = 300,
        .tries = 3,
        .breaker = {.name = "crm", .failure_threshold = 5, .recovery_ms = 60000},
    };

    f->peer.script = script;
    f->peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->peer.listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(f->peer.listener, 16), 0);
    assert_int_equal(getsockname(f->peer.listener, (struct sockaddr *)&address, &size), 0);
    f->peer.port = ntohs(address.sin_port);
    (void)snprintf(f->base_url, sizeof(f->base_url), "http://127.0.0.1:%u", f->peer.port);
    f->client = http_client_new(&options);
    assert_int_equal(pthread_create(&f->peer.thread, NULL, serve, &f->peer), 0);
}

static bool call_with(struct fixture *f, const char *method, const char *key, int64_t body_max)
{
    const struct http_call call = {
        .method = method,
        .path = "/api/orders?limit=2",
        .body = strcmp(method, "POST") == 0 ? "{\"a\":1}" : NULL,
        .body_length = strcmp(method, "POST") == 0 ? 7 : 0,
        .idempotency_key = key,
        .body_max = body_max,
    };

    buf_fini(&f->answer.body);
    return http_client_call(&f->ctx, f->client, &call, &f->answer, &f->err);
}

static void assert_sent(const struct fixture *f, const char *part)
{
    if (strstr(f->peer.request, part) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", part, f->peer.request);
    }
}

/* Where no spans are, whom we call is still our child and not our caller's. */
static void http_client_call__trace_that_is_not_recorded__has_a_parent_of_ours(void **state)
{
    static const char *const script[] = {OK, NULL};
    struct fixture *f = *state;

    assert_true(w3c_parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02",
                                      &f->ctx.trace));
    w3c_set_tracestate(&f->ctx.trace, "a=1,b=2");
    peer_start(f, script);
    assert_true(call_with(f, "GET", NULL, 100));
    assert_sent(f, "\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-");
    assert_sent(f, "-02\r\ntracestate: a=1,b=2\r\n");
    assert_null(strstr(f->peer.request, "b7ad6b7169203331"));
}

static void http_client_call__answer__comes_back_whole(void **state)
{
    static const char *const script[] = {OK, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    assert_true(call_with(f, "POST", "key-12345678", 100));
    assert_int_equal(f->answer.status, 200);
    assert_string_equal(f->answer.body.data, "{}");
    assert_sent(f, "POST /api/orders?limit=2 HTTP/1.1\r\n");
    assert_sent(f, "\r\ntraceparent: 00-");
    assert_sent(f, f->ctx.trace.trace_id);
    assert_sent(f, "\r\nX-Correlation-Id: ");
    assert_sent(f, "\r\nX-Service-Name: octo-test\r\n");
    assert_sent(f, "\r\nX-Service-Version: 1.0\r\n");
    assert_sent(f, "\r\nX-Internal-Service-Key: the-key\r\n");
    assert_sent(f, "\r\nIdempotency-Key: key-12345678\r\n");
    assert_sent(f, "\r\nContent-Type: application/json\r\n");
    assert_sent(f, "\r\nAccept-Encoding: gzip\r\n");
    assert_null(strstr(f->peer.request, "Expect"));
    assert_string_equal(http_client_host(f->client), "127.0.0.1");
}

/* A connection that the peer keeps is used again. */
static void http_client_call__next_call__has_the_connection(void **state)
{
    static const char *const script[] = {KEPT, KEPT, OK, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    for (int i = 0; i < 3; i++) {
        assert_true(call_with(f, "GET", NULL, 100));
    }
    assert_int_equal(atomic_load(&f->peer.served), 3);
    assert_int_equal(atomic_load(&f->peer.accepted), 1);
}

static void http_client_call__peer_is_busy__safe_calls_are_tried_again(void **state)
{
    static const char *const script[] = {BUSY, HANG_UP, OK, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    assert_true(call_with(f, "GET", NULL, 100));
    assert_int_equal(f->answer.status, 200);
    assert_int_equal(atomic_load(&f->peer.served), 3);
}

static void http_client_call__unsafe_call__is_tried_once(void **state)
{
    static const char *const script[] = {BUSY, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    assert_true(call_with(f, "POST", NULL, 100));
    assert_int_equal(f->answer.status, 503);
    assert_int_equal(atomic_load(&f->peer.served), 1);
}

/* What has no time left for the pause before another try has none for the try. */
static void http_client_call__no_time_for_a_pause__is_not_tried_again(void **state)
{
    static const char *const script[] = {BUSY, BUSY, BUSY, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    f->ctx.deadline_ns = clock_after_ms(40);
    (void)call_with(f, "GET", NULL, 100);
    assert_true(atomic_load(&f->peer.served) <= 1);
}

static void http_client_call__redirect__is_not_followed(void **state)
{
    static const char *const script[] = {MOVED, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    assert_true(call_with(f, "GET", NULL, 100));
    assert_int_equal(f->answer.status, 302);
}

static void http_client_call__large_answer__is_refused(void **state)
{
    static const char *const script[] = {OK, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    assert_false(call_with(f, "GET", NULL, 1));
    assert_int_equal(f->err.code, ERR_PEER);
    assert_non_null(strstr(f->err.text, "larger than 1 bytes"));
}

static void http_client_call__deadline__bounds_all_tries(void **state)
{
    static const char *const script[] = {"wait", "wait", NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    f->ctx.deadline_ns = clock_after_ms(100);
    assert_false(call_with(f, "GET", NULL, 100));
    assert_int_equal(f->err.code, ERR_DEADLINE);
    assert_true(atomic_load(&f->peer.served) <= 1);
    assert_true(clock_has_passed(f->ctx.deadline_ns));
    assert_false(call_with(f, "GET", NULL, 100));
    assert_int_equal(f->err.code, ERR_DEADLINE);
    shutdown(f->peer.listener, SHUT_RDWR);
}

static void http_client_call__failures__open_the_breaker(void **state)
{
    static const char *const script[] = {BUSY, BUSY, BUSY, HANG_UP, HANG_UP, NULL};
    struct fixture *f = *state;

    peer_start(f, script);
    assert_true(call_with(f, "GET", NULL, 100)); /* three tries, the third answer is given */
    assert_int_equal(f->answer.status, 503);
    assert_false(call_with(f, "GET", NULL, 100));
    assert_int_equal(f->err.code, ERR_BREAKER_OPEN);
    assert_string_equal(breaker_look(http_client_breaker(f->client)).state, "open");
    assert_false(call_with(f, "POST", NULL, 100));
    assert_int_equal(f->err.code, ERR_BREAKER_OPEN);
    assert_int_equal(atomic_load(&f->peer.served), 5);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    arena_init(&f->arena);
    ctx_init_background(&f->ctx, &f->arena, NULL, "octo-test", "BG test", 10000);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    http_client_free(f->client);
    (void)shutdown(f->peer.listener, SHUT_RDWR); /* of a peer that waits for more */
    pthread_join(f->peer.thread, NULL);
    close(f->peer.listener);
    buf_fini(&f->answer.body);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(http_client_call__answer__comes_back_whole),
        TEST(http_client_call__trace_that_is_not_recorded__has_a_parent_of_ours),
        TEST(http_client_call__next_call__has_the_connection),
        TEST(http_client_call__peer_is_busy__safe_calls_are_tried_again),
        TEST(http_client_call__unsafe_call__is_tried_once),
        TEST(http_client_call__no_time_for_a_pause__is_not_tried_again),
        TEST(http_client_call__redirect__is_not_followed),
        TEST(http_client_call__large_answer__is_refused),
        TEST(http_client_call__deadline__bounds_all_tries),
        TEST(http_client_call__failures__open_the_breaker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
