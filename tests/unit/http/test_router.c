/* http/router.h: which route a path has. */
#include "http/router.h"
#include "support/test.h"

static const struct route ROUTES[] = {
    {.method = GET, .template = "/"},
    {.method = GET, .template = "/health"},
    {.method = GET, .template = "/api/orders"},
    {.method = POST, .template = "/api/orders"},
    {.method = GET, .template = "/api/orders/{order_id}"},
    {.method = PATCH, .template = "/api/orders/{order_id}/status"},
    {.method = POST, .template = "/api/orders/sync"},
    {.method = GET, .template = "/api/orders/sync/status"},
    {.method = GET, .template = "/api/{group}/{item}/all"},
    {.method = GET, .template = "/files/{path...}"},
    {.method = GET, .template = "/files/{name}/size"},
    {.method = POST, .template = "/files/list"},
    {.method = GET, .template = "/users/{user}/files/{path...}"},
};
static const struct route_table TABLE = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), NULL, NULL};

struct fixture {
    struct arena arena;
    struct router *router;
};

static const struct route_entry *find(struct fixture *f, enum http_method method, const char *text,
                                      unsigned *allowed)
{
    struct err err = {0};
    struct uri_path path;

    assert_true(uri_path_parse(&f->arena, text, strlen(text), &path, &err));
    return router_find(f->router, &path, method, allowed);
}

static void assert_route(struct fixture *f, enum http_method method, const char *path,
                         const char *action)
{
    unsigned allowed = 0;
    const struct route_entry *entry = find(f, method, path, &allowed);

    assert_non_null(entry);
    assert_string_equal(entry->action, action);
}

static void router_find__known_paths__gives_their_route(void **state)
{
    assert_route(*state, GET, "/", "GET /");
    assert_route(*state, GET, "/api/orders", "GET /api/orders");
    assert_route(*state, POST, "/api/orders", "POST /api/orders");
    assert_route(*state, GET, "/api/orders/17", "GET /api/orders/{order_id}");
    assert_route(*state, PATCH, "/api/orders/17/status", "PATCH /api/orders/{order_id}/status");
}

/* Also where it has not the method: "sync" is no order. */
static void router_find__literal_and_parameter__literal_wins(void **state)
{
    unsigned allowed = 0;

    assert_null(find(*state, GET, "/api/orders/sync", &allowed));
    assert_int_equal(allowed, 1U << POST);
    assert_null(find(*state, GET, "/files/list", &allowed));
    assert_int_equal(allowed, 1U << POST);
    assert_route(*state, POST, "/api/orders/sync", "POST /api/orders/sync");
    assert_route(*state, GET, "/api/orders/sync/status", "GET /api/orders/sync/status");
    assert_route(*state, GET, "/api/orders/sync/all", "GET /api/{group}/{item}/all");
    assert_route(*state, GET, "/api/orders/9/all", "GET /api/{group}/{item}/all");
}

static void router_find__parameters__know_their_segments(void **state)
{
    unsigned allowed = 0;
    const struct route_entry *entry = find(*state, GET, "/api/x/y/all", &allowed);

    assert_non_null(entry);
    assert_int_equal(entry->param_count, 2);
    assert_string_equal(entry->param_names[0], "group");
    assert_int_equal(entry->param_segments[0], 1);
    assert_string_equal(entry->param_names[1], "item");
    assert_int_equal(entry->param_segments[1], 2);
}

/* Literals win over parameters and both over the rest of a path, which is what is left at last. */
static void router_find__tail__takes_what_nothing_else_does(void **state)
{
    assert_route(*state, GET, "/files/a", "GET /files/{path...}");
    assert_route(*state, GET, "/files/a/b/c", "GET /files/{path...}");
    assert_route(*state, GET, "/files/1/2/3/4/5/6/7/8/9/10/11", "GET /files/{path...}");
    assert_route(*state, GET, "/files/a/size", "GET /files/{name}/size");
    assert_route(*state, GET, "/files/a/size/x", "GET /files/{path...}");
    assert_route(*state, POST, "/files/list", "POST /files/list");
    assert_route(*state, GET, "/users/7/files/a/b", "GET /users/{user}/files/{path...}");
}

static void router_params__places_of_the_template__are_filled(void **state)
{
    static const struct {
        const char *path;
        size_t count;
        const char *values[2];
    } cases[] = {
        {"/api/x/y/all", 2, {"x", "y"}},
        {"/files/a", 1, {"a"}},
        {"/files/a/b%20c/%C3%A9.css", 1, {"a/b c/\xC3\xA9.css"}},
        {"/users/7/files/a/b", 2, {"7", "a/b"}},
        {"/health", 0, {NULL}},
    };
    struct fixture *f = *state;
    struct err err = {0};
    unsigned allowed;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct uri_param into[ROUTE_PARAMS_MAX];
        const struct route_entry *entry;
        struct uri_query params;
        struct uri_path path;

        assert_true(uri_path_parse(&f->arena, cases[i].path, strlen(cases[i].path), &path, &err));
        entry = router_find(f->router, &path, GET, &allowed);
        assert_non_null(entry);
        params = router_params(entry, &path, into);
        assert_int_equal(params.count, cases[i].count);
        for (size_t k = 0; k < params.count; k++) {
            assert_string_equal(params.params[k].value, cases[i].values[k]);
            assert_string_equal(params.params[k].name, entry->param_names[k]);
        }
    }
}

static void router_find__unknown_path__allows_nothing(void **state)
{
    static const char *const unknown[] = {
        "/api",   "/api/orders/1/x", "/Api/orders", "/x", "/api/orders/1/status/x",
        "/files", "/users/7/files"};
    unsigned allowed = 1;

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_null(find(*state, GET, unknown[i], &allowed));
        assert_int_equal(allowed, 0);
    }
}

/* A parameter and a word on each level, nearly as deep as a path may be, and below none of them a
 * route: all ways are tried, and the first parameter's is the last. */
static void router_find__both_on_every_level__tries_all(void **state)
{
    static char templates[URI_SEGMENTS_MAX][8 * URI_SEGMENTS_MAX];
    struct route routes[URI_SEGMENTS_MAX];
    const struct route_table table = {routes, URI_SEGMENTS_MAX, NULL, NULL};
    char path[4 * URI_SEGMENTS_MAX] = "";
    struct fixture deep = {.router = NULL};
    struct err err = {0};
    unsigned allowed = 0;

    (void)state;
    for (size_t i = 0; i < URI_SEGMENTS_MAX; i++) {
        const bool is_last = i == URI_SEGMENTS_MAX - 1;

        (void)snprintf(templates[i], sizeof(templates[i]), is_last ? "/{p}%s" : "%s/{p}", path);
        routes[i] = (struct route){.method = POST, .template = templates[i]};
        (void)strcat(path, "/x");
    }
    arena_init(&deep.arena);
    assert_true(router_new(&table, 1, &deep.router, &err));
    assert_null(find(&deep, GET, path, &allowed));
    assert_int_equal(allowed, 1U << POST);
    assert_ptr_equal(find(&deep, POST, path, &allowed)->route, &routes[URI_SEGMENTS_MAX - 1]);
    router_free(deep.router);
    arena_fini(&deep.arena);
}

static void router_find__unknown_method__says_what_is_allowed(void **state)
{
    char text[ALLOW_TEXT_MAX];
    unsigned allowed = 0;

    assert_null(find(*state, DELETE, "/api/orders/sync", &allowed));
    router_allow_text(allowed, text);
    assert_string_equal(text, "POST, OPTIONS");
    assert_null(find(*state, HTTP_METHOD_COUNT, "/api/orders/1/status", &allowed));
    router_allow_text(allowed, text);
    assert_string_equal(text, "PATCH, OPTIONS");
}

static void assert_refused(const struct route *routes, size_t count)
{
    const struct route_table table = {routes, count, NULL, NULL};
    struct router *router = NULL;
    struct err err = {0};

    assert_false(router_new(&table, 1, &router, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_null(router);
}

static void router_new__bad_tables__are_refused(void **state)
{
    static const struct route twice[] = {{.template = "/a/{x}"}, {.template = "/a/{y}"}};
    static const char *const bad[] = {"",       "a",         "/a//b",          "/a/",  "/{}", "/{a",
                                      "/{...}", "/{a...}/b", "/{a...}/{b...}", "/{a}b"};

    (void)state;
    assert_refused(twice, 2);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct route route = {.template = bad[i]};

        assert_refused(&route, 1);
    }
}

static void workflow_id__templates__follow_the_table(void **state)
{
    static const struct workflow WORKFLOWS[] = {
        {"/api/a/b", "narrow"}, {"/api/a", "wide"}, {"/api/a/c", "hidden"}};

    (void)state;
    assert_string_equal(workflow_id_of(WORKFLOWS, 3, "/api/a/b/{id}"), "narrow");
    assert_string_equal(workflow_id_of(WORKFLOWS, 3, "/api/a/c"), "wide");
    assert_string_equal(workflow_id_of(WORKFLOWS, 3, "/api/a"), "wide");
    assert_string_equal(workflow_id_of(WORKFLOWS, 3, "/health"), "other");
    assert_string_equal(workflow_id_of(NULL, 0, "/api/a"), "other");
}

static int set_up(void **state)
{
    static struct fixture f;
    struct err err = {0};

    arena_init(&f.arena);
    *state = &f;
    return router_new(&TABLE, 1, &f.router, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    router_free(f->router);
    arena_fini(&f->arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(router_find__known_paths__gives_their_route),
        cmocka_unit_test(router_find__literal_and_parameter__literal_wins),
        cmocka_unit_test(router_find__parameters__know_their_segments),
        cmocka_unit_test(router_find__tail__takes_what_nothing_else_does),
        cmocka_unit_test(router_params__places_of_the_template__are_filled),
        cmocka_unit_test(router_find__unknown_path__allows_nothing),
        cmocka_unit_test(router_find__both_on_every_level__tries_all),
        cmocka_unit_test(router_find__unknown_method__says_what_is_allowed),
        cmocka_unit_test(router_new__bad_tables__are_refused),
        cmocka_unit_test(workflow_id__templates__follow_the_table),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
