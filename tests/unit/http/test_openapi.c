/* The OpenAPI document: JSON, every reference resolves, every operation has what 3.1 asks for. */
#include "support/test.h"

#include "http/json_priv.h"
#include "http/server_priv.h"

struct line {
    int64_t quantity;
    bool has_quantity;
};
struct order {
    struct line *lines;
    size_t lines_count;
    int64_t price_cents;
    bool has_price;
    const char *email;
};
static const struct json_field LINE_FIELDS[] = {
    JSON_INT(struct line, quantity, 1, 20, JSON_REQUIRED)};
static const struct json_shape LINE = JSON_SHAPE("Line", struct line, LINE_FIELDS);
static const struct json_field ORDER_FIELDS[] = {
    JSON_LIST(struct order, lines, &LINE, 1, 9, JSON_REQUIRED),
    JSON_MONEY(struct order, price, JSON_OPTIONAL),
    JSON_EMAIL(struct order, email, JSON_OPTIONAL),
};
static const struct json_shape ORDER = JSON_SHAPE("OrderCreate", struct order, ORDER_FIELDS);
struct asked {
    struct page page;
    const char *status;
    int64_t order_id;
    int64_t line_id;
    const char *path;
};
static const char *const STATUSES[] = {"open", "closed", NULL};
static const struct param LIST_FIELDS[] = {PARAM_PAGE(struct asked),
                                           PARAM_WORD(struct asked, status, STATUSES)};
static const struct param_shape LIST = PARAM_SHAPE(struct asked, LIST_FIELDS);
static const struct param ONE_FIELDS[] = {PARAM_ID(struct asked, order_id, "order_id"),
                                          PARAM_ID(struct asked, line_id, "line_id")};
static const struct param_shape ONE = PARAM_SHAPE(struct asked, ONE_FIELDS);
static const struct param FILE_FIELDS[] = {PARAM_TAIL(struct asked, path)};
static const struct param_shape FILE_OF = PARAM_SHAPE(struct asked, FILE_FIELDS);
static const char *const TYPES[] = {"text/plain", "application/x-protobuf", NULL};
static const struct route ROUTES[] = {
    {GET, "/api/orders", NULL, .params = &LIST, .reply = "OrderList", .summary = "Orders"},
    {POST, "/api/orders", NULL, .body = &ORDER, .reply = "OrderList"},
    {GET, "/api/orders/{order_id}/lines/{line_id}", NULL, .params = &ONE,
     .reply = "{inline: [Line]}"},
    {GET, "/files/{path...}", NULL, .params = &FILE_OF},
    {POST, "/files", NULL, .takes = TYPES, .body_max = 17},
};
static const struct route_table TABLE = {ROUTES, 5};

/* The document as a tree; the caller gives it back. */
static json_t *document(struct buf *buf)
{
    const struct server_options options = {
        .service = "octo-test", .body_max = 1000, .tables = &TABLE, .table_count = 1};
    struct err err = {.code = ERR_NONE};
    json_error_t problem;
    json_t *root;

    buf_init(buf, 1 << 20);
    if (!openapi_write(buf, &options, &err)) {
        fail_msg("%s", err.text);
    }
    root = json_loadb(buf->data, buf->length, JSON_REJECT_DUPLICATES, &problem);
    assert_non_null(root);
    return root;
}

static void openapi__document__has_paths_and_schemas(void **state)
{
    struct buf buf;
    json_t *root = document(&buf);
    json_t *paths = json_object_get(root, "paths");
    json_t *schemas = json_object_get(json_object_get(root, "components"), "schemas");
    json_t *orders = json_object_get(paths, "/api/orders");
    json_t *lines = json_object_get(paths, "/api/orders/{order_id}/lines/{line_id}");
    json_t *files = json_object_get(paths, "/files/{path}"); /* OpenAPI knows no "..." */

    (void)state;
    assert_string_equal(json_string_value(json_object_get(root, "openapi")), "3.1.0");
    assert_int_equal(json_object_size(paths), 4);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(files, "get"), "operationId")),
        "get_files_path");
    assert_int_equal(json_object_size(orders), 2);
    assert_non_null(json_object_get(json_object_get(orders, "post"), "requestBody"));
    assert_int_equal(json_array_size(json_object_get(json_object_get(orders, "get"), "parameters")),
                     3);
    assert_int_equal(json_array_size(json_object_get(json_object_get(lines, "get"), "parameters")),
                     2);
    assert_int_equal(json_object_size(schemas), 4); /* Problem, OrderCreate, Line, OrderList */
    json_decref(root);
    buf_fini(&buf);
}

static void openapi__references__all_resolve(void **state)
{
    static const char prefix[] = "\"$ref\":\"#/components/schemas/";
    struct buf buf;
    json_t *root = document(&buf);
    json_t *schemas = json_object_get(json_object_get(root, "components"), "schemas");
    int count = 0;

    (void)state;
    for (const char *at = buf.data; (at = strstr(at, prefix)) != NULL; count++) {
        char name[64];

        at += sizeof(prefix) - 1;
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "\""), at);
        assert_non_null(json_object_get(schemas, name));
    }
    assert_int_equal(count, 9);
    json_decref(root);
    buf_fini(&buf);
}

static const json_t *body_of(const json_t *root, const char *path)
{
    const json_t *operations = json_object_get(json_object_get(root, "paths"), path);

    return json_object_get(json_object_get(operations, "post"), "requestBody");
}

static void openapi__bodies__have_their_types_and_limits(void **state)
{
    struct buf buf;
    json_t *root = document(&buf);
    const json_t *order = body_of(root, "/api/orders");
    const json_t *file = body_of(root, "/files");
    const json_t *types = json_object_get(file, "content");

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(order, "x-max-bytes")), 1000);
    assert_int_equal(json_object_size(json_object_get(order, "content")), 1);
    assert_int_equal(json_integer_value(json_object_get(file, "x-max-bytes")), 17);
    assert_int_equal(json_object_size(types), 2);
    assert_non_null(json_object_get(types, "text/plain"));
    assert_non_null(json_object_get(types, "application/x-protobuf"));
    json_decref(root);
    buf_fini(&buf);
}

/* --- tables that cannot be described whole --- */

enum { TOO_MANY = 300 };

static void assert_refused(const struct route *routes, size_t count, size_t max, const char *why)
{
    const struct route_table table = {routes, count};
    const struct server_options options = {
        .service = "octo-test", .tables = &table, .table_count = 1};
    struct err err = {.code = ERR_NONE};
    struct buf buf;

    buf_init(&buf, max);
    assert_false(openapi_write(&buf, &options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    if (strstr(err.text, why) == NULL) {
        fail_msg("\"%s\" is not in: %s", why, err.text);
    }
    buf_fini(&buf);
}

static void openapi__more_shapes_than_there_is_room_for__is_an_error(void **state)
{
    static char names[TOO_MANY][8];
    static struct json_shape shapes[TOO_MANY];
    static struct route routes[TOO_MANY];

    (void)state;
    for (int i = 0; i < TOO_MANY; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "S%d", i);
        shapes[i] = LINE;
        shapes[i].name = names[i];
        routes[i] = (struct route){POST, "/api/lines", NULL, .body = &shapes[i]};
    }
    assert_refused(routes, TOO_MANY, 1 << 20, "SHAPES_MAX");
    for (int i = 0; i < TOO_MANY; i++) {
        routes[i] = (struct route){GET, "/api/lines", NULL, .reply = names[i]};
    }
    assert_refused(routes, TOO_MANY, 1 << 20, "REPLIES_MAX");
}

static void openapi__shapes_of_one_name__are_an_error(void **state)
{
    static const struct json_shape other = JSON_SHAPE("Line", struct order, ORDER_FIELDS);
    static const struct route routes[] = {
        {POST, "/api/orders", NULL, .body = &ORDER}, /* whose items are the first "Line" */
        {POST, "/api/lines", NULL, .body = &other},
    };

    (void)state;
    assert_refused(routes, 2, 1 << 20, "\"Line\"");
}

static void openapi__name_or_document_too_long__is_an_error(void **state)
{
    static char name[200];
    static const struct route routes[] = {
        {GET, "/api/a", NULL, .reply = name},
        {GET, name, NULL, ANYONE, .flags = 0},
    };

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    for (size_t i = 0; i < 2; i++) {
        assert_refused(&routes[i], 1, 1 << 20,
                       "too long for the OpenAPI document: at most 127 bytes");
    }
    assert_refused(ROUTES, 1, 100, "larger than 100");
}

static void openapi__parameters_that_differ_from_the_path__are_an_error(void **state)
{
    static const struct route routes[] = {
        {GET, "/api/orders/{order_id}", NULL, .params = NULL},
        {GET, "/api/orders/{order_id}", NULL, .params = &ONE},
        {GET, "/api/orders/{path}", NULL, .params = &FILE_OF},
    };

    (void)state;
    assert_refused(&routes[0], 1, 1 << 20, "does not declare its parameter \"order_id\"");
    assert_refused(&routes[1], 1, 1 << 20, "declares 2 parameters of its path, which has 1");
    assert_refused(&routes[2], 1, 1 << 20, "does not declare its parameter \"path\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openapi__document__has_paths_and_schemas),
        cmocka_unit_test(openapi__references__all_resolve),
        cmocka_unit_test(openapi__bodies__have_their_types_and_limits),
        cmocka_unit_test(openapi__more_shapes_than_there_is_room_for__is_an_error),
        cmocka_unit_test(openapi__shapes_of_one_name__are_an_error),
        cmocka_unit_test(openapi__name_or_document_too_long__is_an_error),
        cmocka_unit_test(openapi__parameters_that_differ_from_the_path__are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
