/* http/server.h: what requests are answered with. */
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "core/clock.h"
#include "server_fixture.h"

static void server__routes__run_where_they_should(void **state)
{
    const char *answer = ask_get(*state, "/health?q=a+b", "");

    assert_status(answer, 200);
    assert_has(answer, "{\"on_loop\":true,\"action\":\"GET /health\",\"q\":\"a b\"}");
    assert_has(ask_get(*state, "/where", ""), "\"on_loop\":false");
    assert_has(ask_get(*state, "http://x/where?q=1", ""), "\"q\":\"1\"");
}

/* Nobody waits for such a database: what only reads runs on the loop, in a transaction too. */
static void server__reads_of_an_embedded_database__run_on_the_loop(void **state)
{
    assert_has(ask_get(*state, "/state", ""), "\"on_loop\":true");
    assert_has(ask_get(*state, "/operators", ""), "\"on_loop\":true");
    assert_has(ask_get(*state, "/together?q=1", ""), "\"on_loop\":true");
}

/* Only reads of one statement each wait on the loop, and none of those that operators need when all
 * else waits. */
static void server__reads_together__leave_the_rest_to_workers(void **state)
{
    struct fixture *f = *state;

    gate_open(&f->reads.gate);
    assert_has(ask_get(f, "/together?q=1", ""), "\"on_loop\":true");
    assert_has(ask_get(f, "/health", ""), "\"on_loop\":true");
    assert_has(ask_get(f, "/state", ""), "\"on_loop\":false");
    assert_has(ask_get(f, "/operators", ""), "\"on_loop\":false");
    assert_has(ask_get(f, "/where", ""), "\"on_loop\":false");
}

/* A read that finds no idle session on the loop is run again by a worker, from the start. */
static void server__loop_would_wait__worker_runs_it_again(void **state)
{
    static const char *const paths[] = {"/read", "/probe"};

    for (int i = 0; i < 2; i++) {
        const char *answer = ask_get(*state, paths[i], "");

        assert_status(answer, 200);
        assert_has(answer, "\r\n\r\n{\"on_loop\":false}");
    }
}

static void server__every_answer__carries_ids_and_protection(void **state)
{
    static const char *const paths[] = {"/health", "/where", "/nothing"};
    static const char *const parts[] = {
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Referrer-Policy: ",
        "Content-Security-Policy: ",
        "Cache-Control: no-store",
        "X-Request-Id: my-id",
        "X-Correlation-Id: my-corr",
        "X-Workflow-Id: other",
        "X-Span-Id: ",
        "Permissions-Policy: ",
        "Strict-Transport-Security: max-age=600\r\n",
        "X-Trace-Id: 0af7651916cd43dd8448eb211c80319c",
    };

    for (size_t i = 0; i < 3; i++) {
        const char *answer = ask_get(
            *state, paths[i],
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
            "X-Request-Id: my-id\r\nX-Correlation-Id: my-corr\r\nX-Forwarded-Proto: https\r\n");

        for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
            assert_has(answer, parts[k]);
        }
    }
}

/* Nobody is held to HTTPS who came without it, and nothing is added to what was set. */
static void server__strict_transport__is_for_https(void **state)
{
    assert_null(strstr(ask_get(*state, "/health", ""), "Strict-Transport"));
    assert_null(strstr(ask_get(*state, "/health", "X-Forwarded-Proto: http\r\n"), "Strict-Tran"));
}

static void server__bad_ids__are_replaced(void **state)
{
    const char *answer = ask_get(*state, "/health",
                                 "traceparent: 00-00000000000000000000000000000000-0-01\r\n"
                                 "X-Request-Id: no good\r\nX-Correlation-Id: <script>\r\n");

    assert_status(answer, 200);
    assert_null(strstr(answer, "no good"));
    assert_null(strstr(answer, "script>"));
    assert_null(strstr(answer, "X-Trace-Id: 000000000000000000"));
}

static void server__parameters__are_read_and_checked(void **state)
{
    const char *answer =
        ask_get(*state, "/items/42?limit=5&offset=10", "Cookie: a=b; session_id=xyz\r\n");

    assert_status(answer, 200);
    assert_has(answer, "{\"id\":42,\"cookie\":\"xyz\",\"total\":1,\"count\":1,\"limit\":5,"
                       "\"offset\":10}");
    assert_has(answer, "Set-Cookie: session_id=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax\r");
    /* Over HTTPS no other host can have set it: one without the prefix is another's. */
    answer =
        ask_get(*state, "/items/42",
                "X-Forwarded-Proto: https\r\nCookie: session_id=old; __Host-session_id=xyz\r\n");
    assert_has(answer, "\"cookie\":\"xyz\"");
    assert_has(answer, "Set-Cookie: __Host-session_id=abc; Path=/; Max-Age=60; HttpOnly; "
                       "SameSite=Lax; Secure\r");
    answer = ask_get(*state, "/items/42", "X-Forwarded-Proto: https\r\nCookie: session_id=old\r\n");
    assert_has(answer, "\"cookie\":null");
    answer = ask_get(*state, "/items/0", "");
    assert_status(answer, 422);
    assert_has(answer, "\"errors\":[{\"pointer\":\"item_id\"");
    assert_status(ask_get(*state, "/items/99999999999999999999", ""), 422);
    assert_status(ask_get(*state, "/items/1?limit=501", ""), 422);
    assert_status(ask_get(*state, "/items/1?offset=-1", ""), 422);
}

static void server__rest_of_a_path__is_read_whole(void **state)
{
    char path[600] = "/files/";
    const char *answer;

    assert_has(ask_get(*state, "/files/a", ""), "\r\n\r\n\"a\"");
    assert_has(ask_get(*state, "/files/a/b%20c/%C3%A9.css?x=1", ""), "\"a/b c/\xC3\xA9.css\"");
    assert_status(ask_get(*state, "/files", ""), 404);
    assert_status(ask_get(*state, "/files/", ""), 404);
    assert_status(ask_get(*state, "/files/../health", ""), 404);
    assert_status(ask_get(*state, "/files/a/%2e%2e/b", ""), 404);
    assert_status(ask_get(*state, "/files/a%2Fb", ""), 404);
    memset(path + 7, 'x', PARAM_TAIL_MAX);
    assert_status(ask_get(*state, path, ""), 200);
    path[7 + PARAM_TAIL_MAX] = 'x';
    answer = ask_get(*state, path, "");
    assert_status(answer, 422);
    assert_has(answer, "\"errors\":[{\"pointer\":\"path\"");
}

static void server__bad_targets__are_refused(void **state)
{
    assert_status(ask_get(*state, "/nothing", ""), 404);
    assert_status(ask_get(*state, "/items/../health", ""), 404);
    assert_status(ask_get(*state, "//health", ""), 404);
    assert_status(ask_get(*state, "/health/", ""), 404);
    assert_status(ask_get(*state, "/%", ""), 400);
    assert_status(ask_get(*state, "/items/%00", ""), 400);
    assert_status(ask_get(*state, "/items/\xff\xfe", ""), 400);
    assert_has(ask_get(*state, "/items/%ff%fe", ""), "\"instance\":\"/items/%ff%fe\"");
    assert_has(ask_get(*state, "/n|{}\\", ""), "\"instance\":\"/n%7C%7B%7D%5C\"");
    assert_status(ask_get(*state, "/health?a=%fg", ""), 400);
}

/* Three bytes a byte, and nothing behind them: whatever the length, the text is whole. */
static void server__escaped_targets__are_told_whole(void **state)
{
    char path[64] = "/";
    char told[256] = "\"instance\":\"/";

    for (size_t i = 1; i < 40; i++) {
        char expected[sizeof(told) + 1];

        path[i] = '|';
        (void)strcat(told, "%7C");
        (void)snprintf(expected, sizeof(expected), "%s\"", told);
        assert_has(ask_get(*state, path, ""), expected);
    }
}

static void server__methods__head_options_and_unknown(void **state)
{
    const char *answer = ask(*state, "HEAD /big HTTP/1.0\r\n\r\n");

    assert_has(answer, " 200 OK");
    assert_has(answer, "Content-Length: 23001");
    assert_true(strlen(strstr(answer, "\r\n\r\n")) == 4);
    answer = ask(*state, "DELETE /health HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_status(answer, 405);
    assert_has(answer, "Allow: GET, HEAD, OPTIONS\r\n");
    assert_status(ask(*state, "BREW /health HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
    assert_status(ask(*state, "get /health HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
    assert_status(ask(*state, "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n"), 501);
    answer = ask(*state, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_status(answer, 204);
    assert_has(answer, "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
    answer = ask(*state, "OPTIONS /api/cart/add HTTP/1.1\r\nHost: x\r\n"
                         "Origin: https://shop.example\r\n"
                         "Access-Control-Request-Method: POST\r\n\r\n");
    assert_status(answer, 204);
    assert_has(answer, "Access-Control-Allow-Origin: https://shop.example\r\n");
    assert_has(answer, "Access-Control-Allow-Methods: POST, OPTIONS\r\n");
    answer =
        ask(*state, "OPTIONS /admin HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n\r\n");
    assert_status(answer, 204);
    assert_null(strstr(answer, "Access-Control"));
}

static void server__bodies__are_bound_or_refused(void **state)
{
    static const char json[] = "application/json";
    const char *answer = ask_post(*state, json, "{\"product_id\":7}");

    assert_status(answer, 201);
    assert_has(answer, "{\"product_id\":7}");
    assert_status(ask_post(*state, json, ""), 400);
    assert_status(ask_post(*state, "text/plain", "{\"product_id\":7}"), 415);
    answer = ask_post(*state, json, "{\"product_id\":7,}");
    assert_status(answer, 400);
    assert_has(answer, "line 1 column 17");
    assert_has(answer, "Content-Type: application/problem+json");
    answer = ask_post(*state, json, "{\"product_id\":\"7\"}");
    assert_status(answer, 422);
    assert_has(answer, "\"errors\":[{\"pointer\":\"/product_id\"");
    assert_status(ask_post(*state, json, "{\"product_id\":99999999999999999999}"), 422);
    /* What is not asked for may hold anything that is JSON. */
    assert_status(ask_post(*state, json, "{\"product_id\":7,\"x\":\"\\u0000\"}"), 201);
}

/* Sends a body of that many bytes and hears the answer. */
static const char *post_bytes(const struct fixture *f, const char *path, const char *type,
                              size_t count)
{
    static char body[4 * BODY_MAX];
    const int fd = connect_to(f);
    const char *answer;
    char head[256];
    int length;

    assert_true(count <= sizeof(body));
    memset(body, ' ', count);
    memcpy(body, "{\"product_id\":7}", 16);
    length = snprintf(head, sizeof(head),
                      "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      path, type, count);
    say(fd, head, (size_t)length);
    say(fd, body, count);
    answer = hear(fd);
    close(fd);
    return answer;
}

static void server__route_with_limits__has_its_own(void **state)
{
    static const char json[] = "application/json";
    struct fixture *f = *state;
    const char *answer;

    assert_status(post_bytes(f, "/small", json, SMALL_MAX), 201);
    answer = post_bytes(f, "/small", json, SMALL_MAX + 1);
    assert_status(answer, 413);
    assert_has(answer, "larger than 64 bytes");
    assert_status(post_bytes(f, "/api/cart/add", json, BODY_MAX), 201);
    assert_status(post_bytes(f, "/api/cart/add", json, BODY_MAX + 1), 413);
    answer = post_bytes(f, "/raw", "text/plain", 2 * BODY_MAX);
    assert_status(answer, 200);
    assert_has(answer, "{\"bytes\":8192,\"is_long\":true}");
    assert_status(post_bytes(f, "/raw", "text/plain", 2 * BODY_MAX + 1), 413);
    answer = post_bytes(f, "/any", json, BODY_MAX);
    assert_status(answer, 200);
    assert_has(answer, "{\"bytes\":4096,\"is_long\":false}");
    /* A limit is the route's and not of the connection's or the memory that it leaves behind. */
    assert_status(post_bytes(f, "/small", json, SMALL_MAX + 1), 413);
}

static void server__route_with_types__takes_no_others(void **state)
{
    static const char *const right[] = {"text/plain", "Text/Plain; charset=utf-8",
                                        "application/x-protobuf"};
    static const char *const wrong[] = {"application/json", "text/plainer", "text", "text/html",
                                        "application/x-protobuf+json"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_status(post_bytes(f, "/raw", right[i], 20), 200);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *answer = post_bytes(f, "/raw", wrong[i], 20);

        assert_status(answer, 415);
        assert_has(answer, "content-type must be one of: text/plain, application/x-protobuf");
    }
}

/* Announced or not, a body as long as may be is taken. */
static void server__longest_body__is_taken(void **state)
{
#define HEAD "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    static const char json[] = "{\"product_id\":7}";
    char body[BODY_MAX];
    char head[256];

    memset(body, ' ', sizeof(body));
    memcpy(body, json, strlen(json));
    for (int is_chunked = 0; is_chunked < 2; is_chunked++) {
        const int fd = connect_to(*state);
        const int length =
            is_chunked != 0
                ? snprintf(head, sizeof(head), HEAD "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
                           sizeof(body))
                : snprintf(head, sizeof(head), HEAD "Content-Length: %zu\r\n\r\n", sizeof(body));

        say(fd, head, (size_t)length);
        say(fd, body, sizeof(body));
        say(fd, "\r\n0\r\n\r\n", is_chunked != 0 ? 7 : 0);
        assert_status(hear(fd), 201);
        close(fd);
    }
#undef HEAD
}

static void server__large_bodies__are_refused(void **state)
{
    struct fixture *f = *state;
    char piece[BODY_MAX];
    int fd = connect_to(f);
    char text[256];
    int length;

    /* Announced, and the client waits to be told: nothing is read. */
    assert_status(ask(f, "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                         "Content-Length: 1000000000\r\n\r\n"),
                  413);
    assert_status(ask(f, "POST /api/cart/add HTTP/1.1\r\nHost: x\r\n"
                         "Content-Length: 1000000000\r\n\r\n"),
                  413);
    /* Announced and sent: read, dropped, answered, and the connection goes on. */
    memset(piece, 'x', sizeof(piece));
    length = snprintf(text, sizeof(text),
                      "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
                      2 * sizeof(piece));
    say(fd, text, (size_t)length);
    say(fd, piece, sizeof(piece));
    say(fd, piece, sizeof(piece));
    assert_status(hear(fd), 413);
    say_get(fd, "/health", "");
    assert_status(hear(fd), 200);
    /* In chunks that announce nothing. */
    length = snprintf(text, sizeof(text),
                      "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "%zx\r\n",
                      sizeof(piece));
    say(fd, text, (size_t)length);
    say(fd, piece, sizeof(piece));
    say(fd, "\r\n1\r\nx\r\n0\r\n\r\n", 13);
    assert_status(hear(fd), 413);
    close(fd);
}

/* What cannot be read to its end ends the connection, so that no body passes for a request. */
static void server__unread_bodies__end_the_connection(void **state)
{
    static const char *const requests[] = {
        "DELETE /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n",
        "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n",
        "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
        "Content-Length: 30\r\n\r\n",
        "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
    };
    static const int statuses[] = {405, 404, 400, 400};

    for (size_t i = 0; i < 4; i++) {
        const int fd = connect_to(*state);
        const char *answer;
        char byte;

        say(fd, requests[i], strlen(requests[i]));
        answer = hear(fd);
        assert_status(answer, statuses[i]);
        assert_has(answer, "Connection: close\r\n");
        assert_int_equal(recv(fd, &byte, 1, 0), 0);
        close(fd);
    }
}

/* What cannot be read as a request is answered like every other: one head, a problem document, and
 * the connection ends where nobody knows what comes next. */
static void server__what_is_no_request__is_told_so(void **state)
{
    static const struct {
        const char *request;
        int status;
        bool closes;
    } cases[] = {
        {"GET /health HTTP/1.1\r\n\r\n", 400, true},
        {"GET /health HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400, true},
        {"GET /health HTTP/1.1\nHost: x\n\n", 400, true},
        {"GET /health HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400, true},
        {"GET /health HTTP/3.0\r\nHost: x\r\n\r\n", 505, true},
        {"GET http://u@x/health HTTP/1.1\r\nHost: x\r\n\r\n", 400, true},
        {"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: +6\r\n\r\n", 400, true},
        {"POST /api/cart/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501,
         true},
        {"POST /api/cart/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
         true},
        {"\x16\x03\x01", 400, true},
        {"GET /health HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417, false},
        {"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\r\nX-Request-Id: b\r\n\r\n", 400,
         false},
        {"GET /health HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xe9\r\n\r\n", 400, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int fd = connect_to(*state);
        const char *answer;
        char byte;

        say(fd, cases[i].request, strlen(cases[i].request));
        answer = hear(fd);
        assert_status(answer, cases[i].status);
        assert_has(answer, "Content-Type: application/problem+json\r\n");
        assert_has(answer, "X-Trace-Id: ");
        assert_null(strstr(answer, "\nHTTP/1."));
        assert_true((strstr(answer, "Connection: close\r\n") != NULL) == cases[i].closes);
        if (cases[i].closes) {
            assert_int_equal(recv(fd, &byte, 1, 0), 0);
        } else {
            say_get(fd, "/health", "");
            assert_status(hear(fd), 200);
        }
        close(fd);
    }
}

/* A client that only stops sending still hears what it is owed, and what is missing. */
static void server__half_closed__is_answered(void **state)
{
    static const char *const requests[] = {
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /where HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /hea",
        "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{",
    };
    static const int statuses[] = {200, 200, 400, 400};

    for (size_t i = 0; i < 4; i++) {
        const int fd = connect_to(*state);
        char byte;

        say(fd, requests[i], strlen(requests[i]));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        assert_status(hear(fd), statuses[i]);
        assert_int_equal(recv(fd, &byte, 1, 0), 0);
        close(fd);
    }
}

/* Who asks before sending a body is told to go on, or at once why not. */
static void server__expects_continue__is_told(void **state)
{
    static const char head[] = "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                               "Content-Type: application/json\r\nContent-Length: 16\r\n\r\n";
    const int fd = connect_to(*state);

    say(fd, head, sizeof(head) - 1);
    assert_string_equal(hear(fd), "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "{\"product_id\":7}", 16);
    assert_status(hear(fd), 201);
    close(fd);
}

static void server__http_1_0__closes_unless_asked(void **state)
{
    const int fd = connect_to(*state);
    const char *answer = ask(*state, "GET /health HTTP/1.0\r\n\r\n");
    static const char stay[] = "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

    assert_status(answer, 200);
    assert_has(answer, "Connection: close\r\n");
    for (int i = 0; i < 2; i++) {
        say(fd, stay, sizeof(stay) - 1);
        answer = hear(fd);
        assert_status(answer, 200);
        assert_has(answer, "Connection: keep-alive\r\n");
    }
    close(fd);
}

static void server__callers__are_checked(void **state)
{
    const char *answer = ask_get(*state, "/admin", "");

    assert_status(answer, 401);
    assert_has(answer, "WWW-Authenticate: Bearer");
    assert_status(ask_get(*state, "/admin", "Authorization: Bearer user\r\n"), 403);
    assert_status(ask_get(*state, "/admin", "Authorization: Bearer admin\r\n"), 200);
    answer = ask_get(*state, "/admin", "Authorization: Bearer down\r\n");
    assert_status(answer, 503);
    assert_has(answer, "Retry-After: 1");
}

static void server__failures_of_ours__show_nothing_inside(void **state)
{
    const char *answer = ask_get(*state, "/broken", "");

    assert_status(answer, 500);
    assert_null(strstr(answer, "secret"));
    assert_has(answer, "\"code\":\"database\"");
    assert_has(answer, "\"trace_id\":\"");
}

/* A coding is named rather than its bytes judged as JSON; "identity" is none. */
static void server__coded_body__is_refused_as_such(void **state)
{
    static const char *const codings[] = {"deflate", "br", "gzip, gzip", "x-nonsense"};
    static const char json[] = "application/json\r\nContent-Encoding: ";
    char type[128];

    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
        const char *answer;

        (void)snprintf(type, sizeof(type), "%s%s", json, codings[i]);
        answer = ask_post(*state, type, "\x1f\x8b\b");
        assert_status(answer, 415);
        assert_has(answer, "\r\nAccept-Encoding: gzip, identity\r\n");
        assert_has(answer, "as it is or with gzip");
    }
    (void)snprintf(type, sizeof(type), "%sIdentity", json);
    assert_status(ask_post(*state, type, "{\"product_id\":7}"), 201);
    assert_null(strstr(ask_post(*state, "text/plain", "{}"), "\r\nAccept-Encoding: "));
}

/* Says a body with gzip, so many blanks behind the JSON. */
static const char *ask_packed(const struct fixture *f, const char *coding, size_t blanks)
{
    static unsigned char packed[4096];
    const size_t length = 16 + blanks;
    char *text = malloc(length + 1);
    char head[256];
    z_stream stream = {.next_in = (Bytef *)text, .avail_in = (uInt)length};
    const int fd = connect_to(f);
    const char *answer;

    (void)snprintf(text, length + 1, "{\"product_id\":7}%*s", (int)blanks, "");
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)snprintf(head, sizeof(head),
                   "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                   "Content-Encoding: %s\r\nContent-Length: %lu\r\n\r\n",
                   coding, stream.total_out);
    say(fd, head, strlen(head));
    say(fd, (const char *)packed, stream.total_out);
    answer = hear(fd);
    deflateEnd(&stream);
    free(text);
    close(fd);
    return answer;
}

/* It counts as what it unpacks to. */
static void server__packed_body__is_bounded_twice(void **state)
{
    assert_status(ask_packed(*state, "gzip", 0), 201);
    assert_status(ask_packed(*state, "X-GZIP", 100), 201);
    assert_status(ask_packed(*state, "gzip", BODY_MAX - 16), 201);
    assert_status(ask_packed(*state, "gzip", BODY_MAX - 15), 413);
    assert_status(ask_packed(*state, "gzip", 2 * 1024 * 1024), 413);
    assert_status(ask_packed(*state, "identity", 0), 400);
    assert_status(ask_post(*state, "application/json\r\nContent-Encoding: gzip", "{}"), 400);
    assert_status(ask_post(*state, "application/json\r\nContent-Encoding: gzip", ""), 400);
}

static const char BROWSER[] = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

/* What programs are told as JSON, browsers see as a page: of any status, and with nothing of the
 * request in it that is not escaped. */
static void server__problem__is_a_page_for_browsers(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *part;
    } cases[] = {
        {"/nothing%22%3E%3Cscript%3E", 404, "/nothing%22%3E%3Cscript%3E"},
        {"/api/cart/add", 405, "Allow: POST"},
        {"/items/%3Cb%3E&'", 422, "not &quot;&lt;b&gt;&amp;&#39;&quot;"},
        {"/admin", 401, "WWW-Authenticate: Bearer"},
        {"/broken", 500, "Database error."},
    };
    char headers[256];

    (void)snprintf(headers, sizeof(headers),
                   "%straceparent: "
                   "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
                   BROWSER);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *answer = ask_get(*state, cases[i].path, headers);

        assert_status(answer, cases[i].status);
        assert_has(answer, cases[i].part);
        assert_has(answer, "Content-Type: text/html; charset=utf-8\r\n");
        assert_has(answer, "Vary: Accept, Accept-Encoding, Origin\r\n");
        assert_has(answer, "style-src 'self';");
        assert_has(answer, "<span id=\"trace-id\">0af7651916cd43dd8448eb211c80319c</span>");
        assert_has(answer, "<strong>What to do:</strong> ");
        assert_has(answer, "href=\"/\"");
        assert_null(strstr(answer, "secret table"));
    }
}

static void server__problem__is_json_for_programs(void **state)
{
    static const char *const headers[] = {"", "Accept: */*\r\n",
                                          "Accept: application/json, text/plain, */*\r\n"};

    for (size_t i = 0; i < 3; i++) {
        const char *answer = ask_get(*state, "/nothing", headers[i]);

        assert_status(answer, 404);
        assert_has(answer, "Content-Type: application/problem+json\r\n");
        assert_has(answer, "Vary: Accept, Accept-Encoding, Origin\r\n");
        assert_has(answer, "default-src 'none'");
        assert_has(answer, "\"title\":\"Not Found\"");
    }
    assert_has(ask_get(*state, "/health", BROWSER), "Vary: Accept-Encoding, Origin\r\n");
}

static void server__problem__has_the_title_of_its_status(void **state)
{
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
        char path[32];
        const char *answer;

        (void)snprintf(path, sizeof(path), "/failures/%d", code);
        answer = ask_get(*state, path, "");
        assert_status(answer, err_http_status((enum err_code)code));
        assert_null(strstr(answer, "\"title\":\"Error\""));
    }
}

static void server__etag__gives_304(void **state)
{
    const char *answer = ask_get(*state, "/big", "");
    char etag[32] = "";
    char header[64];

    assert_status(answer, 200);
    assert_has(answer, "Cache-Control: no-cache");
    assert_has(answer, "ETag: ");
    memcpy(etag, strstr(answer, "ETag: ") + 6, 20);
    (void)snprintf(header, sizeof(header), "If-None-Match: \"x\", %s\r\n", etag);
    answer = ask_get(*state, "/big", header);
    assert_status(answer, 304);
    assert_has(answer, etag);
}

static const char *edit(const struct fixture *f, const char *header)
{
    char request[128];

    (void)snprintf(request, sizeof(request),
                   "PUT /thing HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n%s\r\n", header);
    return ask(f, request);
}

/* GET tells the version that an edit may name; what has one is never compressed. */
static void server__edit__is_of_the_version_that_it_names(void **state)
{
    const char *answer = ask_get(*state, "/thing", "Accept-Encoding: gzip\r\n");
    char etag[32] = "";
    char header[64];

    assert_status(answer, 200);
    assert_null(strstr(answer, "-Encoding: gzip"));
    memcpy(etag, strstr(answer, "ETag: \"") + 6, 18);
    (void)snprintf(header, sizeof(header), "If-None-Match: %s\r\n", etag);
    assert_status(ask_get(*state, "/thing", header), 304);

    (void)snprintf(header, sizeof(header), "If-Match: %s\r\n", etag);
    answer = edit(*state, header);
    assert_status(answer, 200);
    assert_has(answer, etag);
    assert_status(edit(*state, ""), 200);
    assert_status(edit(*state, "If-Match: *\r\n"), 200);
    answer = edit(*state, "If-Match: \"0\"\r\n");
    assert_status(answer, 412);
    assert_has(answer, "\"pointer\":\"If-Match\"");
    (void)snprintf(header, sizeof(header), "If-Match: W/%s\r\n", etag);
    assert_status(edit(*state, header), 412);
}

static void server__gzip__only_where_asked(void **state)
{
    const char *answer = ask_get(*state, "/big", "Accept-Encoding: gzip\r\n");

    assert_has(answer, "Content-Encoding: gzip");
    assert_has(answer, "Vary: Accept-Encoding");
    assert_null(
        strstr(ask_get(*state, "/big", "Accept-Encoding: gzip;q=0\r\n"), "-Encoding: gzip"));
    assert_null(strstr(ask_get(*state, "/health", "Accept-Encoding: gzip\r\n"), "-Encoding: gzip"));
}

static void server__not_admitted__answers_503_but_to_probes(void **state)
{
    struct fixture *f = *state;

    atomic_store(&f->is_full, true);
    assert_status(ask_get(f, "/where", ""), 503);
    assert_status(ask_get(f, "/health", ""), 200);
    atomic_store(&f->is_full, false);
    assert_status(ask_get(f, "/where", ""), 200);
}

static void server__each_request__is_reported_once(void **state)
{
    struct fixture *f = *state;
    const int before = atomic_load(&f->finished_count);
    const int failures = atomic_load(&f->finished_failures);
    const char *page;

    (void)ask_get(f, "/where", "");
    (void)ask_get(f, "/nothing", "");
    (void)ask_get(f, "/read", "");
    assert_int_equal(atomic_load(&f->finished_count), before + 3);
    assert_int_equal(atomic_load(&f->finished_failures), failures + 1);
    page = ask_get(f, "/metrics", "");
    assert_has(page, "shop_http_requests_total{route=\"/where\",method=\"GET\",status=\"200\"} ");
    assert_has(page, "route=\"(unmatched)\"");
    assert_has(page, "http_server_request_duration_seconds_bucket{http_route=\"/where\","
                     "http_request_method=\"GET\",http_response_status_code=\"200\","
                     "url_scheme=\"http\",le=\"0.0005\"} ");
}

/* A request is over a moment after its client has the answer: the page may still count the last. */
static void server__requests_in_flight__are_counted(void **state)
{
    struct fixture *f = *state;
    const uint64_t until_ns = clock_after_ms(60000);
    const char *alone = "shop_http_requests_in_flight 1\n";

    while (strstr(ask_get(f, "/metrics", ""), alone) == NULL) {
        assert_false(clock_has_passed(until_ns));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, server_set_up, server_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server__routes__run_where_they_should),
        TEST(server__reads_of_an_embedded_database__run_on_the_loop),
        cmocka_unit_test_setup_teardown(server__reads_together__leave_the_rest_to_workers,
                                        server_set_up_reads, server_tear_down),
        TEST(server__loop_would_wait__worker_runs_it_again),
        TEST(server__every_answer__carries_ids_and_protection),
        TEST(server__strict_transport__is_for_https),
        TEST(server__bad_ids__are_replaced),
        TEST(server__parameters__are_read_and_checked),
        TEST(server__rest_of_a_path__is_read_whole),
        TEST(server__bad_targets__are_refused),
        TEST(server__escaped_targets__are_told_whole),
        TEST(server__methods__head_options_and_unknown),
        TEST(server__bodies__are_bound_or_refused),
        TEST(server__route_with_limits__has_its_own),
        TEST(server__route_with_types__takes_no_others),
        TEST(server__longest_body__is_taken),
        TEST(server__large_bodies__are_refused),
        TEST(server__unread_bodies__end_the_connection),
        TEST(server__what_is_no_request__is_told_so),
        TEST(server__half_closed__is_answered),
        TEST(server__expects_continue__is_told),
        TEST(server__http_1_0__closes_unless_asked),
        TEST(server__callers__are_checked),
        TEST(server__failures_of_ours__show_nothing_inside),
        TEST(server__coded_body__is_refused_as_such),
        TEST(server__packed_body__is_bounded_twice),
        TEST(server__problem__is_a_page_for_browsers),
        TEST(server__problem__is_json_for_programs),
        TEST(server__problem__has_the_title_of_its_status),
        TEST(server__etag__gives_304),
        TEST(server__edit__is_of_the_version_that_it_names),
        TEST(server__gzip__only_where_asked),
        TEST(server__not_admitted__answers_503_but_to_probes),
        TEST(server__each_request__is_reported_once),
        TEST(server__requests_in_flight__are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
