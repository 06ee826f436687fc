/*
 * The shop under 64 connections of mixed load for OCTO_LOAD_SECONDS, over a backend that records
 * the tags in force at each statement. Every statement must carry the tags of the very request that
 * caused it, and every request's statements must be there. The argument names the backend beneath.
 */
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/rng.h"
#include "core/thread.h"
#include "shop/shop.h"
#include "tests/support/fake_backend.h"
#include "tests/support/postgres_server.h"
#include "tests/support/test.h"

enum { CONNECTIONS = 64, SECONDS_DEFAULT = 5, CALL_MS = 20000, SENT_MAX = 1 << 21 };

/* The linker's --wrap puts the recording backend where the shop asks for one. */
extern const struct db_backend __real_db_backend_sqlite, __real_db_backend_postgres;
struct db_backend __wrap_db_backend_sqlite, __wrap_db_backend_postgres;

static bool is_on_server;

struct want {
    const char *method;
    const char *path; /* # stands for a number from 1 to 50, ~ for the connection's */
    const char *body; /* likewise; NULL: none */
    const char *action;
};

static const struct want wants[] = {
    {"GET", "/api/products/#", NULL, "GET /api/products/{product_id}"},
    {"GET", "/api/products?limit=#", NULL, "GET /api/products"},
    {"GET", "/api/categories", NULL, "GET /api/categories"},
    {"GET", "/api/orders?limit=#", NULL, "GET /api/orders"},
    {"GET", "/api/products/#00000", NULL, "GET /api/products/{product_id}"},
    {"POST", "/api/cart/add", "{\"product_id\":#}", "POST /api/cart/add"},
    {"POST", "/api/analytics/track", "{\"page\":\"/p/#\",\"session_id\":\"load-~\"}",
     "POST /api/analytics/track"},
    {"POST", "/api/shop/checkout",
     "{\"customer_email\":\"load#-~@example.com\",\"shipping_address\":\"x\","
     "\"items\":[{\"product_id\":1,\"quantity\":1}]}",
     "POST /api/shop/checkout"},
};
enum { WANT_COUNT = sizeof(wants) / sizeof(wants[0]) };

struct sent {
    char trace_id[TRACE_ID_HEX + 1];
    const char *action;
    atomic_bool is_seen;
};

static struct sent *sent;
static atomic_size_t sent_count;
static struct http_client *client;
static uint64_t end_ns;

static const char *filled(struct arena *arena, const char *template, int number, int connection)
{
    struct buf out;
    char *text;

    buf_init(&out, 1024);
    for (const char *at = template; *at != '\0'; at++) {
        if (*at == '#' || *at == '~') {
            buf_add_int(&out, *at == '#' ? number : connection);
        } else {
            buf_add_char(&out, *at);
        }
    }
    text = arena_dup(arena, out.data, out.length);
    buf_fini(&out);
    return text;
}

static void call_once(struct ctx *ctx, const struct want *want, int number, int connection)
{
    struct http_answer answer = {0};
    struct err err = {0};
    struct http_call call = {.method = want->method, .body_max = 1 << 22};
    size_t at;

    call.path = filled(ctx->arena, want->path, number, connection);
    if (want->body != NULL) {
        call.body = filled(ctx->arena, want->body, number, connection);
        call.body_length = strlen(call.body);
    }
    at = atomic_fetch_add(&sent_count, 1);
    assert_true(at < SENT_MAX);
    memcpy(sent[at].trace_id, ctx->trace.trace_id, sizeof(sent[at].trace_id));
    sent[at].action = want->action;
    if (!http_client_call(ctx, client, &call, &answer, &err) || answer.status >= 500) {
        fail_msg("%s: %d %s", call.path, answer.status, err.text);
    }
    buf_fini(&answer.body);
}

static void shopper(void *arg)
{
    const int connection = *(const int *)arg;
    struct arena arena;

    arena_init(&arena);
    while (clock_mono_ns() < end_ns) {
        struct ctx ctx;
        const struct want *want = &wants[rng_below(WANT_COUNT)];

        arena_reset(&arena);
        ctx_init_background(&ctx, &arena, NULL, "load", "load", CALL_MS);
        call_once(&ctx, want, (int)rng_below(50) + 1, connection);
    }
    arena_fini(&arena);
}

static int by_trace(const void *a, const void *b)
{
    return strcmp(((const struct sent *)a)->trace_id, ((const struct sent *)b)->trace_id);
}

static struct sent *sent_of(const char *trace_id)
{
    struct sent key = {.action = NULL};

    (void)snprintf(key.trace_id, sizeof(key.trace_id), "%s", trace_id);
    return bsearch(&key, sent, atomic_load(&sent_count), sizeof(*sent), by_trace);
}

static void load(struct shop *shop)
{
    struct http_client_options options = {
        .peer = "shop",
        .internal_key = shop_service(shop)->internal_key,
        .service_name = "load",
        .service_version = "1",
        .timeout_ms = CALL_MS,
        .tries = 1,
        .breaker = {.name = "shop", .failure_threshold = 1000000, .recovery_ms = 1000},
    };
    struct thread threads[CONNECTIONS] = {0};
    int numbers[CONNECTIONS];
    char url[64];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%lld",
                   (long long)server_port(shop_service(shop)->server));
    options.base_url = url;
    client = http_client_new(&options);
    for (int i = 0; i < CONNECTIONS; i++) {
        numbers[i] = i;
        thread_start(&threads[i], "shopper", shopper, &numbers[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        thread_join(&threads[i]);
    }
    http_client_free(client);
}

static struct shop *open_shop(struct arena *arena)
{
    char *argv[] = {(char[]){"octo shop"}, NULL};
    int argc = 1;
    const struct service_traits *const services[] = {&shop_traits};
    struct settings *settings; /* in the arena, to the shop's end */
    struct shop *shop = NULL;
    struct err err = {0};

    if (!settings_load(services, 1, arena, &argc, argv, &settings, &err) ||
        !shop_open(settings, &shop, &err) || !shop_listen(shop, &err)) {
        fail_msg("%s", err.text);
    }
    return shop;
}

/* Sessions that nobody uses carry no tags. */
static void assert_idle_sessions_are_clear(struct shop *shop)
{
    struct db_session_view views[32];
    size_t count = db_sessions(shop_service(shop)->db, views, 32);

    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(views[i].state, "idle") == 0) {
            assert_string_equal(views[i].module, "");
            assert_string_equal(views[i].action, "");
            assert_string_equal(views[i].client_identifier, "");
        }
    }
}

static void assert_records(void)
{
    size_t count = fake_records(NULL, 0);
    struct fake_record *records = calloc(count, sizeof(*records));
    size_t of_requests = 0;

    assert_non_null(records);
    fake_records(records, count);
    qsort(sent, atomic_load(&sent_count), sizeof(*sent), by_trace);
    for (size_t i = 0; i < count; i++) {
        const struct db_tags *tags = &records[i].tags;
        struct sent *request = sent_of(tags->client_identifier);

        if (request == NULL) { /* the service's own work */
            assert_memory_equal(tags->action, "BG ", 3);
            continue;
        }
        assert_string_equal(tags->module, "octo-drone-shop");
        assert_string_equal(tags->action, request->action);
        atomic_store(&request->is_seen, true);
        of_requests++;
    }
    for (size_t i = 0; i < atomic_load(&sent_count); i++) {
        assert_true(atomic_load(&sent[i].is_seen));
    }
    print_message("# %zu requests, %zu statements of theirs, %zu in all\n",
                  atomic_load(&sent_count), of_requests, count);
    assert_true(of_requests >= atomic_load(&sent_count));
    free(records);
}

static void record_statements(void)
{
    __wrap_db_backend_sqlite = __real_db_backend_sqlite;
    __wrap_db_backend_postgres = __real_db_backend_postgres;
    if (!is_on_server) {
        __wrap_db_backend_sqlite = *fake_backend(&__real_db_backend_sqlite);
        return;
    }
    __wrap_db_backend_postgres = *fake_backend(&__real_db_backend_postgres);
    assert_int_equal(setenv("OCTO_SHOP_DATABASE_URL", postgres_server_url(), 1), 0);
    /* The test's server takes 20 clients. */
    assert_int_equal(setenv("DB_POOL_SIZE", "5", 1), 0);
    assert_int_equal(setenv("DB_MAX_OVERFLOW", "2", 1), 0);
}

/* Each statement carries the tags of its request, whatever else runs, and none is left over. */
static void tags__mixed_load__are_of_the_right_request(void **state)
{
    const char *seconds = getenv("OCTO_LOAD_SECONDS");
    char folder[] = "/tmp/octo-load-XXXXXX";
    struct arena arena;
    struct shop *shop;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("OCTO_DATA_DIR", folder, 1), 0);
    assert_int_equal(setenv("OCTO_SHOP_PORT", "0", 1), 0);
    assert_int_equal(setenv("OCTO_PUSH_ORDERS", "false", 1), 0);
    assert_int_equal(setenv("OCTO_LOG_LEVEL", "error", 1), 0);
    assert_int_equal(setenv("OCTO_REQUEST_TIMEOUT_MS", "240000", 1), 0);
    assert_int_equal(setenv("DB_POOL_TIMEOUT_MS", "240000", 1), 0);
    record_statements();
    sent = calloc(SENT_MAX, sizeof(*sent));
    assert_non_null(sent);
    arena_init(&arena);
    shop = open_shop(&arena);
    /* What the start did has no trace of ours. */
    fake_forget();
    end_ns = clock_after_ms(
        1000 * (uint64_t)(seconds != NULL ? strtol(seconds, NULL, 10) : SECONDS_DEFAULT));
    load(shop);
    assert_idle_sessions_are_clear(shop);
    shop_close(shop);
    arena_fini(&arena);
    assert_records();
    free(sent);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags__mixed_load__are_of_the_right_request),
    };

    is_on_server = argc == 2 && strcmp(argv[1], "postgresql") == 0;
    if (is_on_server) {
        postgres_server_or_skip();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
