/* The OpenAPI document: JSON, every reference resolves, every operation has what 3.1 asks for. */
#include <stdlib.h>

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
struct kinds {
    const char *text;
    const char *word;
    const char *token;
    const char *email;
    int64_t number;
    bool has_number;
    int64_t digits;
    bool has_digits;
    int64_t sum_cents;
    bool has_sum;
    bool truth;
    bool has_truth;
    struct line *lines;
    size_t lines_count;
    const struct json_member *members;
    size_t members_count;
};
static const char *const WORDS[] = {"big", "small", NULL};
#define EACH_KIND(presence_)                                                                       \
    JSON_TEXT(struct kinds, text, 1, 20, presence_),                                               \
        JSON_WORD(struct kinds, word, WORDS, presence_),                                           \
        JSON_TOKEN(struct kinds, token, 2, 50, "._-", presence_),                                  \
        JSON_EMAIL(struct kinds, email, presence_),                                                \
        JSON_INT(struct kinds, number, 0, 9, presence_),                                           \
        JSON_INT_OR_TEXT(struct kinds, digits, 1, 99, presence_),                                  \
        JSON_MONEY(struct kinds, sum, presence_), JSON_BOOL(struct kinds, truth, presence_),       \
        JSON_LIST(struct kinds, lines, &LINE, 1, 9, presence_),                                    \
        JSON_MEMBERS(struct kinds, members, 30, presence_)
static const struct json_field MUST_FIELDS[] = {EACH_KIND(JSON_REQUIRED)};
static const struct json_field MAY_FIELDS[] = {EACH_KIND(JSON_OPTIONAL)};
static const struct json_shape MUST = JSON_SHAPE("Must", struct kinds, MUST_FIELDS);
static const struct json_shape MAY = JSON_SHAPE("May", struct kinds, MAY_FIELDS);
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
static const struct reply_field PART_FIELDS[] = {REPLY_FIELD("carrier", REPLY_TEXT)};
static const struct reply_shape PART = REPLY_SHAPE("Part", PART_FIELDS);
static const struct reply_field BASE_FIELDS[] = {REPLY_FIELD("id", REPLY_ID),
                                                 REPLY_PART("parcel", &PART, REPLY_NULLABLE)};
static const struct reply_shape BASE = REPLY_SHAPE("Base", BASE_FIELDS);
static const struct reply_field SHOWN_FIELDS[] = {
    REPLY_WORD("status", REPLY_WORDS("open", "done"), REPLY_NULLABLE),
    REPLY_FIELD("note", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("spot", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("numbers", REPLY_INT | REPLY_LIST),
};
static const struct reply_shape SHOWN = REPLY_SHAPE_ON("Shown", &BASE, SHOWN_FIELDS);
static const struct route ROUTES[] = {
    {GET, "/api/orders", NULL, .params = &LIST, .reply = &SHOWN, .summary = "Orders",
     .outcomes = GIVES_304},
    {POST, "/api/orders", NULL, ANYONE, .flags = ROUTE_TAKES_KEY, .body = &ORDER,
     .example = "{\"lines\":[{\"quantity\":1}]}", .reply = &SHOWN},
    {GET, "/api/orders/{order_id}/lines/{line_id}", NULL, 5, .params = &ONE, .media = "text/plain",
     .sees_all = 4},
    {GET, "/files/{path...}", NULL, .params = &FILE_OF},
    {POST, "/files", NULL, .takes = TYPES, .body_max = 17},
    {PUT, "/files/{path...}", NULL, .flags = ROUTE_EDITS, .params = &FILE_OF},
};
static const struct route_table TABLE = {ROUTES, 6, "orders", "What was bought"};

static const struct event_shape OPENED = {"opened", &PART};
static const struct event_shape CLOSED = {"closed", &SHOWN};
static const struct event_shape *const EVENTS[] = {&OPENED, &CLOSED, NULL};
static const struct route STREAMS[] = {{GET, "/events", NULL, .events = EVENTS}};
static const struct route_table STREAM_TABLE = {STREAMS, 1, "events", "What happens"};

static const struct route KIND_ROUTES[] = {
    {POST, "/must", NULL, .body = &MUST, .reply = &PART},
    {POST, "/may", NULL, .body = &MAY, .reply = &PART},
    {POST, "/none", NULL, .flags = ROUTE_TAKES_KEY, .reply = &PART}};
static const struct route_table KIND_TABLE = {KIND_ROUTES, 3, "kinds", "Bodies of each kind"};

static const struct reply_example EXAMPLES[] = {
    {"Part.carrier", "a van"},
    {"carrier", "anybody"},
    {"note", NULL},
    {"spot", "a \"spot\""},
    {"status", "not one of the words"},
};

static const struct credential CREDENTIALS[] = {
    {"bearerAuth", NULL, NULL, 1, "A token"},
    {"key", "header", "X-Key", 2, "A secret"},
};

static const char *role_name(unsigned role)
{
    return role == 1 ? "user" : role == 4 ? "admin" : "nobody";
}

/* The document as a tree; the caller gives it back. */
static json_t *document_of(const struct route_table *table, struct buf *buf)
{
    const struct server_options options = {
        .service = "octo-test",
        .metric_prefix = "test",
        .body_max = 1000,
        .tables = table,
        .table_count = 1,
        .examples = EXAMPLES,
        .example_count = sizeof(EXAMPLES) / sizeof(EXAMPLES[0]),
        .credentials = CREDENTIALS,
        .credential_count = 2,
        .role_name = role_name,
    };
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

static json_t *document(struct buf *buf)
{
    return document_of(&TABLE, buf);
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
        "test_get_files_by_path");
    assert_int_equal(json_object_size(orders), 2);
    assert_non_null(json_object_get(json_object_get(orders, "post"), "requestBody"));
    assert_int_equal(json_array_size(json_object_get(json_object_get(orders, "get"), "parameters")),
                     3);
    assert_int_equal(json_array_size(json_object_get(json_object_get(lines, "get"), "parameters")),
                     2);
    /* OrderCreate, Line; Problem, ProblemFault, Shown, Part: a base alone is no schema. */
    assert_int_equal(json_object_size(schemas), 6);
    json_decref(root);
    buf_fini(&buf);
}

/* Of the document by a JSON pointer without "~"; "/" in a name is "|". */
static json_t *at(json_t *root, const char *pointer)
{
    while (*pointer != '\0') {
        const size_t length = strcspn(++pointer, "/");
        char name[128];

        (void)snprintf(name, sizeof(name), "%.*s", (int)length, pointer);
        for (char *c = name; *c != '\0'; c++) {
            *c = *c == '|' ? '/' : *c;
        }
        root = json_is_array(root) ? json_array_get(root, (size_t)strtoul(name, NULL, 10))
                                   : json_object_get(root, name);
        if (root == NULL) {
            fail_msg("nothing at %s", name);
        }
        pointer += length;
    }
    return root;
}

static void assert_json(json_t *value, const char *text)
{
    char *written = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    assert_string_equal(written, text);
    free(written);
}

static void openapi__references__all_resolve(void **state)
{
    static const char prefix[] = "\"$ref\":\"#/";
    struct buf buf;
    json_t *root = document(&buf);
    int count = 0;

    (void)state;
    for (const char *from = buf.data; (from = strstr(from, prefix)) != NULL; count++) {
        char pointer[64];

        from += sizeof(prefix) - 2;
        (void)snprintf(pointer, sizeof(pointer), "%.*s", (int)strcspn(from, "\""), from);
        assert_non_null(at(root, pointer));
    }
    assert_true(count > 0);
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

/* The same of both, but that null is another way not to give what may be left out. */
static void assert_kinds(json_t *root, const char *shape, const char *null)
{
    static const struct {
        const char *name, *type, *rest;
    } kinds[] = {
        {"text", "string",
         ",\"pattern\":\"^[^\\\\u0000]*[^\\\\u0000-\\\\u0020\\\\u007f-"
         "\\\\u00a0\\\\u00ad\\\\u1680\\\\u180e\\\\u2000-\\\\u200f\\\\u2028-\\\\u202f\\\\u205f-"
         "\\\\u206f\\\\u3000\\\\ufeff][^\\\\u0000]*$\",\"minLength\":1,\"maxLength\":20"},
        {"token", "string", ",\"pattern\":\"^[A-Za-z0-9._-]*$\",\"minLength\":2,\"maxLength\":50"},
        {"email", "string", ",\"format\":\"email\",\"minLength\":3,\"maxLength\":200"},
        {"number", "integer", ",\"minimum\":0,\"maximum\":9"},
        {"truth", "boolean", ""},
        {"lines", "array",
         ",\"minItems\":1,\"maxItems\":9,\"items\":{\"$ref\":\"#/components/schemas/Line\"}"},
        {"members", "object",
         ",\"propertyNames\":{\"pattern\":\"^[A-Za-z0-9_]{1,64}$\"},\"minProperties\":0,"
         "\"maxProperties\":30,\"additionalProperties\":{\"type\":[\"string\",\"integer\"]}"},
    };
    const bool is_nullable = null[0] != '\0';
    char pointer[128];
    char text[512];

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        (void)snprintf(pointer, sizeof(pointer), "/components/schemas/%s/properties/%s", shape,
                       kinds[i].name);
        (void)snprintf(text, sizeof(text), "{\"type\":%s\"%s\"%s%s%s}", is_nullable ? "[" : "",
                       kinds[i].type, null, is_nullable ? "]" : "", kinds[i].rest);
        assert_json(at(root, pointer), text);
    }
    (void)snprintf(pointer, sizeof(pointer), "/components/schemas/%s/properties/digits", shape);
    (void)snprintf(text, sizeof(text),
                   "{\"type\":[\"integer\",\"string\"%s],\"pattern\":\"^[0-9]+$\","
                   "\"minimum\":1,\"maximum\":99}",
                   null);
    assert_json(at(root, pointer), text);
}

static void openapi__body__says_of_each_kind_what_is_read(void **state)
{
    struct buf buf;
    json_t *root = document_of(&KIND_TABLE, &buf);

    (void)state;
    assert_kinds(root, "Must", "");
    assert_kinds(root, "May", ",\"null\"");
    assert_json(at(root, "/components/schemas/Must/properties/word"),
                "{\"type\":\"string\",\"enum\":[\"big\",\"small\"]}");
    assert_json(at(root, "/components/schemas/May/properties/word"),
                "{\"type\":[\"string\",\"null\"],\"enum\":[\"big\",\"small\",null]}");
    assert_int_equal(json_array_size(at(root, "/components/schemas/Must/required")), 10);
    assert_null(json_object_get(at(root, "/components/schemas/May"), "required"));
    json_decref(root);
    buf_fini(&buf);
}

static void openapi__reply__has_members_of_its_base_and_its_own(void **state)
{
    struct buf buf;
    json_t *root = document(&buf);

    (void)state;
    assert_json(at(root, "/components/schemas/Shown/required"),
                "[\"id\",\"parcel\",\"status\",\"numbers\"]");
    assert_json(at(root, "/components/schemas/Shown/properties"),
                "{\"id\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1},"
                "\"parcel\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Part\"},"
                "{\"type\":\"null\"}]},"
                "\"status\":{\"type\":[\"string\",\"null\"],\"enum\":[\"open\",\"done\",null]},"
                "\"note\":{\"type\":\"string\"},\"spot\":{\"type\":\"string\"},"
                "\"numbers\":{\"type\":\"array\","
                "\"items\":{\"type\":\"integer\",\"format\":\"int64\"}}}");
    json_decref(root);
    buf_fini(&buf);
}

static void openapi__example__has_each_member_and_what_was_declared(void **state)
{
    struct buf buf;
    json_t *root = document(&buf);

    (void)state;
    assert_json(at(root, "/paths/|api|orders/get/responses/200/content/application|json/example"),
                "{\"id\":7,\"parcel\":{\"carrier\":\"a van\"},\"status\":\"open\","
                "\"spot\":\"a \\\"spot\\\"\",\"numbers\":[3]}");
    assert_json(
        at(root, "/components/responses/Unprocessable/content/application|problem+json/example"),
        "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
        "\"detail\":\"limit must be from 1 to 500\",\"instance\":\"/api/example\","
        "\"error\":\"invalid value\",\"code\":\"invalid\","
        "\"correlation_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
        "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
        "\"errors\":[{\"pointer\":\"limit\",\"message\":\"limit must be from 1 to 500\"}]}");
    json_decref(root);
    buf_fini(&buf);
}

static void openapi__stream__has_its_events_and_that_some_were_missed(void **state)
{
    static const char items[] =
        "/paths/|events/get/responses/200/content/text|event-stream/schema/items/oneOf";
    static const char *const types[] = {"opened", "closed", "missed"};
    static const char *const data[] = {"Part", "Shown", "MissedEvent"};
    struct buf buf;
    json_t *root = document_of(&STREAM_TABLE, &buf);

    (void)state;
    assert_int_equal(json_array_size(at(root, items)), 3);
    for (size_t i = 0; i < 3; i++) {
        char pointer[128];
        char text[128];

        (void)snprintf(pointer, sizeof(pointer), "%s/%zu/properties/event/enum", items, i);
        (void)snprintf(text, sizeof(text), "[\"%s\"]", types[i]);
        assert_json(at(root, pointer), text);
        (void)snprintf(pointer, sizeof(pointer), "%s/%zu/properties/data/contentSchema/$ref", items,
                       i);
        (void)snprintf(text, sizeof(text), "\"#/components/schemas/%s\"", data[i]);
        assert_json(at(root, pointer), text);
    }
    /* Problem, ProblemFault, Part, Shown, MissedEvent: as of replies, once each. */
    assert_int_equal(json_object_size(at(root, "/components/schemas")), 5);
    json_decref(root);
    buf_fini(&buf);
}

static void assert_statuses(json_t *root, const char *pointer, const char *expected)
{
    json_t *responses = at(root, pointer);
    char found[128] = "";
    const char *status;
    json_t *value;

    json_object_foreach(responses, status, value)
    {
        const size_t length = strlen(found);

        (void)snprintf(found + length, sizeof(found) - length, "%s%s", length > 0 ? " " : "",
                       status);
    }
    assert_string_equal(found, expected);
}

static void openapi__operation__has_the_statuses_that_follow_from_its_row(void **state)
{
    struct buf buf;
    struct buf buf_of_kinds;
    json_t *root = document(&buf);
    json_t *kinds = document_of(&KIND_TABLE, &buf_of_kinds);

    (void)state;
    assert_statuses(root, "/paths/|api|orders/get/responses", "200 304 400 422 503 default");
    assert_statuses(root, "/paths/|api|orders/post/responses",
                    "200 400 409 413 415 422 503 default");
    assert_statuses(root, "/paths/|api|orders|{order_id}|lines|{line_id}/get/responses",
                    "200 400 401 403 404 422 503 default");
    assert_statuses(root, "/paths/|files|{path}/put/responses", "200 400 404 412 422 503 default");
    assert_statuses(kinds, "/paths/|none/post/responses", "200 400 409 422 503 default");
    assert_statuses(kinds, "/paths/|may/post/responses", "200 400 413 415 422 503 default");
    assert_json(at(root, "/paths/|files|{path}/put/parameters/0/name"), "\"If-Match\"");
    assert_json(at(root, "/paths/|files|{path}/put/responses/200/headers/ETag/schema"),
                "{\"type\":\"string\"}");
    json_decref(kinds);
    buf_fini(&buf_of_kinds);
    json_decref(root);
    buf_fini(&buf);
}

static void openapi__operation__says_who_may_call_it_and_how(void **state)
{
    static const char lines[] = "/paths/|api|orders|{order_id}|lines|{line_id}/get";
    char pointer[128];
    struct buf buf;
    json_t *root = document(&buf);

    (void)state;
    assert_json(at(root, "/paths/|api|orders/get/security"), "[]");
    (void)snprintf(pointer, sizeof(pointer), "%s/security", lines);
    assert_json(at(root, pointer), "[{\"bearerAuth\":[]}]");
    (void)snprintf(pointer, sizeof(pointer), "%s/x-roles", lines);
    assert_json(at(root, pointer), "[\"user\",\"admin\"]");
    (void)snprintf(pointer, sizeof(pointer), "%s/x-sees-all", lines);
    assert_json(at(root, pointer), "[\"admin\"]");
    assert_null(json_object_get(at(root, "/paths/|api|orders/get"), "x-sees-all"));
    (void)snprintf(pointer, sizeof(pointer), "%s/operationId", lines);
    assert_json(at(root, pointer), "\"test_get_api_orders_by_order_id_lines_by_line_id\"");
    (void)snprintf(pointer, sizeof(pointer), "%s/responses/200/content", lines);
    assert_json(at(root, pointer), "{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}");
    assert_json(at(root, "/components/securitySchemes/key"),
                "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Key\","
                "\"description\":\"A secret\"}");
    assert_json(at(root, "/paths/|api|orders/post/requestBody/content/application|json/example"),
                "{\"lines\":[{\"quantity\":1}]}");
    json_decref(root);
    buf_fini(&buf);
}

/* --- tables that cannot be described whole --- */

enum { TOO_MANY = 300 };

static void assert_refused(const struct route *routes, size_t count, size_t max, const char *why)
{
    const struct route_table table = {routes, count, NULL, NULL};
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
    static struct reply_shape replies[TOO_MANY];
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
        replies[i] = PART;
        replies[i].name = names[i];
        routes[i] = (struct route){GET, "/api/lines", NULL, .reply = &replies[i]};
    }
    assert_refused(routes, TOO_MANY, 1 << 20, "SHAPES_MAX");
}

static void openapi__shapes_of_one_name__are_an_error(void **state)
{
    static const struct json_shape other = JSON_SHAPE("Line", struct order, ORDER_FIELDS);
    static const struct reply_shape reply = REPLY_SHAPE("Line", PART_FIELDS);
    static struct route routes[] = {
        {POST, "/api/lines", NULL, .body = &LINE, .reply = &PART},
        {POST, "/api/orders", NULL, .body = &other},
        {POST, "/api/orders", NULL, .reply = &reply},
    };

    (void)state;
    assert_refused(routes, 2, 1 << 20, "\"Line\"");
    routes[1] = routes[2];
    assert_refused(routes, 2, 1 << 20, "\"Line\"");
}

static void openapi__name_or_document_too_long__is_an_error(void **state)
{
    static char name[200];
    static const struct reply_shape reply = REPLY_SHAPE(name, PART_FIELDS);
    static const struct route routes[] = {
        {GET, "/api/a", NULL, .reply = &reply},
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
        cmocka_unit_test(openapi__body__says_of_each_kind_what_is_read),
        cmocka_unit_test(openapi__reply__has_members_of_its_base_and_its_own),
        cmocka_unit_test(openapi__example__has_each_member_and_what_was_declared),
        cmocka_unit_test(openapi__stream__has_its_events_and_that_some_were_missed),
        cmocka_unit_test(openapi__operation__has_the_statuses_that_follow_from_its_row),
        cmocka_unit_test(openapi__operation__says_who_may_call_it_and_how),
        cmocka_unit_test(openapi__more_shapes_than_there_is_room_for__is_an_error),
        cmocka_unit_test(openapi__shapes_of_one_name__are_an_error),
        cmocka_unit_test(openapi__name_or_document_too_long__is_an_error),
        cmocka_unit_test(openapi__parameters_that_differ_from_the_path__are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
