/* http/params.h: tables of parameters: binding, what is refused, and what the document says. */
#include "core/buf.h"
#include "core/text.h"
#include "http/params.h"
#include "support/test.h"

struct asked {
    int64_t order_id;
    const char *search;
    const char *email;
    const char *status;
    const char *sort_by;
    const char *token;
    int64_t customer_id;
    bool is_open;
    int64_t since_us;
    bool has_since;
    char first;
    bool has_first;
    const char *must;
    struct page page;
};

static const char *const STATUSES[] = {"open", "closed", NULL};
static const char *const COLUMNS[] = {"name", "price", NULL};

/* A capital letter, for want of a cursor. */
static bool parse_capital(const char *text, void *into)
{
    if (text[0] < 'A' || text[0] > 'Z' || text[1] != '\0') {
        return false;
    }
    *(char *)into = text[0];
    return true;
}

static const struct param FIELDS[] = {
    PARAM_ID(struct asked, order_id, "order_id"),
    PARAM_TEXT(struct asked, search, 5),
    PARAM_EMAIL(struct asked, email),
    PARAM_WORD(struct asked, status, STATUSES),
    PARAM_ANY_WORD_OR(struct asked, sort_by, COLUMNS, "name"),
    PARAM_TOKEN(struct asked, token, 4, "._-"),
    PARAM_INT(struct asked, customer_id, 0, INT64_MAX),
    PARAM_BOOL(struct asked, is_open),
    PARAM_TIME(struct asked, since),
    PARAM_PARSED(struct asked, first, 10, parse_capital, "a capital letter"),
    PARAM_PAGE(struct asked),
};
static const struct param_shape SHAPE = PARAM_SHAPE(struct asked, FIELDS);

static const struct param RATE_FIELDS[] = {{.name = "rate",
                                            .kind = PARAM_KIND_HUNDREDTHS,
                                            .offset = offsetof(struct id_params, id),
                                            .least = 10,
                                            .most = 1050,
                                            .fallback = 200,
                                            .has_fallback = true}};
static const struct param_shape RATE = PARAM_SHAPE(struct id_params, RATE_FIELDS);

static const struct param MUST_FIELDS[] = {{.name = "must",
                                            .kind = PARAM_KIND_TEXT,
                                            .is_required = true,
                                            .offset = offsetof(struct asked, must),
                                            .most = 5}};
static const struct param_shape MUST = PARAM_SHAPE(struct asked, MUST_FIELDS);

static bool bind(struct arena *arena, const struct param_shape *shape, const char *id,
                 const char *raw, const struct asked **ret, struct err *err)
{
    const struct uri_param in_path[] = {{"order_id", id}};
    const struct uri_query path = {in_path, 1};
    struct uri_query query;
    void *bound = NULL;

    assert_true(uri_query_parse(arena, raw, strlen(raw), &query, err));
    if (!params_bind(arena, shape, &path, &query, &bound, err)) {
        assert_null(bound);
        return false;
    }
    *ret = bound;
    return true;
}

static const struct asked *must_bind(struct arena *arena, const char *raw)
{
    const struct asked *asked = NULL;
    struct err err = {0};

    if (!bind(arena, &SHAPE, "7", raw, &asked, &err)) {
        fail_msg("%s: %s", raw, err.text);
    }
    return asked;
}

static void params_bind__everything_given__is_bound(void **state)
{
    const struct asked *asked = must_bind(
        *state, "limit=500&offset=1000000&search=%C3%A9%C3%A9+%C3%A9%C3%A9&email=+A@B.example&"
                "status=closed&sort_by=price&token=a._-&customer_id=9223372036854775807&"
                "is_open=TRUE&since=2020-01-01T00:00:01Z&first=Q&unknown=1&unknown=2");

    assert_int_equal(asked->order_id, 7);
    assert_int_equal(asked->page.limit, 500);
    assert_int_equal(asked->page.offset, 1000000);
    assert_string_equal(asked->search, "\xC3\xA9\xC3\xA9 \xC3\xA9\xC3\xA9");
    assert_string_equal(asked->email, "a@b.example");
    assert_ptr_equal(asked->status, STATUSES[1]);
    assert_ptr_equal(asked->sort_by, COLUMNS[1]);
    assert_string_equal(asked->token, "a._-");
    assert_true(asked->customer_id == INT64_MAX);
    assert_true(asked->is_open);
    assert_true(asked->has_since);
    assert_int_equal(asked->since_us, INT64_C(1577836801000000));
    assert_true(asked->has_first);
    assert_int_equal(asked->first, 'Q');
}

static void assert_defaults(const struct asked *asked)
{
    assert_int_equal(asked->page.limit, PAGE_LIMIT_DEFAULT);
    assert_int_equal(asked->page.offset, 0);
    assert_null(asked->search);
    assert_null(asked->email);
    assert_null(asked->status);
    assert_string_equal(asked->sort_by, "name");
    assert_null(asked->token);
    assert_int_equal(asked->customer_id, 0);
    assert_false(asked->is_open);
    assert_false(asked->has_since);
    assert_false(asked->has_first);
}

/* A text without characters says as little as one that is not there. */
static void params_bind__nothing_given__is_what_the_table_says(void **state)
{
    assert_defaults(must_bind(*state, ""));
    assert_defaults(must_bind(*state, "search=&email=&status=&sort_by=&token=&first"));
    assert_defaults(must_bind(*state, "Limit=1&LIMIT=2&order_id=9"));
    assert_string_equal(must_bind(*state, "sort_by=colour")->sort_by, "name");
}

static void params_bind__other_forms__are_the_same(void **state)
{
    assert_true(must_bind(*state, "is_open=1")->is_open);
    assert_true(must_bind(*state, "is_open=True")->is_open);
    assert_false(must_bind(*state, "is_open=0")->is_open);
    assert_false(must_bind(*state, "is_open=false")->is_open);
    assert_int_equal(must_bind(*state, "limit=007")->page.limit, 7);
    assert_int_equal(must_bind(*state, "%6Cimi%74=7")->page.limit, 7);
    assert_int_equal(must_bind(*state, "since=2020-01-01")->since_us, INT64_C(1577836800000000));
    assert_int_equal(must_bind(*state, "since=2020-01-01T02:00:00%2B02:00")->since_us,
                     INT64_C(1577836800000000));
}

/* What is wrong with which parameter, and what it says of it. */
struct refusal {
    const char *raw;
    const char *name;
    const char *text;
};

static const struct refusal INVALID[] = {
    {"limit=0", "limit", "limit must be a whole number from 1 to 500, not \"0\""},
    {"limit=501", "limit", "from 1 to 500"},
    {"limit=", "limit", "not \"\""},
    {"limit", "limit", "not \"\""},
    {"limit=1.0", "limit", "not \"1.0\""},
    {"limit=+1", "limit", "not \" 1\""},
    {"limit=%2B1", "limit", "not \"+1\""},
    {"limit=1e2", "limit", "whole number"},
    {"limit=0x1", "limit", "whole number"},
    {"limit=99999999999999999999", "limit", "whole number"},
    {"offset=-1", "offset", "from 0 to 1000000"},
    {"offset=1000001", "offset", "from 0 to 1000000"},
    {"customer_id=-1", "customer_id", "a whole number from 0 on"},
    {"customer_id=9223372036854775808", "customer_id", "a whole number from 0 on"},
    {"search=123456", "search", "search must be at most 5 characters, not \"123456\""},
    {"email=nobody", "email", "an e-mail address of at most 200 characters"},
    {"status=Open", "status", "status must be one of: open, closed, not \"Open\""},
    {"token=12345", "token", "at most 4 characters"},
    {"token=a+b", "token", "made of letters, digits and \"._-\" only, not \"a b\""},
    {"is_open=yes", "is_open", "true or false"},
    {"is_open=", "is_open", "true or false"},
    {"since=yesterday", "since", "a time like 2026-11-22T10:11:12Z"},
    {"since=2020-02-30", "since", "not \"2020-02-30\""},
    {"first=q", "first", "first must be a capital letter, not \"q\""},
    {"first=12345678901", "first", "a capital letter"},
    {"limit=0&limit=", "limit", "given twice"},
    {"limit=1&limit=1", "limit", "limit is given twice: give it once"},
    {"search&search=", "search", "given twice"},
    {"status=open&x=1&%73tatus=open", "status", "given twice"},
};

static bool bind_rate(struct arena *arena, const char *raw, int64_t *ret, struct err *err)
{
    const struct uri_query path = {NULL, 0};
    struct uri_query query;
    void *bound = NULL;

    if (!uri_query_parse(arena, raw, strlen(raw), &query, err) ||
        !params_bind(arena, &RATE, &path, &query, &bound, err)) {
        return false;
    }
    *ret = ((const struct id_params *)bound)->id;
    return true;
}

static void params_bind__hundredths__are_exact_and_bounded(void **state)
{
    static const char *const wrong[] = {"rate=0.09", "rate=10.51", "rate=1.555", "rate=1e1",
                                        "rate=x"};
    struct err err = {0};
    int64_t rate = 0;

    assert_true(bind_rate(*state, "", &rate, &err));
    assert_int_equal(rate, 200);
    assert_true(bind_rate(*state, "rate=10.5", &rate, &err));
    assert_int_equal(rate, 1050);
    assert_true(bind_rate(*state, "rate=0.10", &rate, &err));
    assert_int_equal(rate, 10);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(bind_rate(*state, wrong[i], &rate, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.field, "rate");
        assert_non_null(strstr(err.text, "from 0.10 to 10.50"));
    }
}

static void params_bind__bad_values__are_named(void **state)
{
    const struct asked *asked = NULL;

    for (size_t i = 0; i < sizeof(INVALID) / sizeof(INVALID[0]); i++) {
        const struct refusal *refusal = &INVALID[i];
        const bool is_doubled = strstr(refusal->text, "given twice") != NULL;
        struct err err = {0};

        if (bind(*state, &SHAPE, "7", refusal->raw, &asked, &err)) {
            fail_msg("%s is taken", refusal->raw);
        }
        assert_int_equal(err.code, is_doubled ? ERR_MALFORMED : ERR_INVALID);
        assert_string_equal(err.field, refusal->name);
        if (strstr(err.text, refusal->text) == NULL) {
            fail_msg("%s: \"%s\" is not in: %s", refusal->raw, refusal->text, err.text);
        }
    }
}

static void params_bind__long_bad_value__is_shown_cut_between_characters(void **state)
{
    const struct asked *asked = NULL;
    struct err err = {0};
    char raw[200] = "is_open=x";

    for (int i = 0; i < 50; i++) {
        strcat(raw, "\xC3\xA9");
    }
    assert_false(bind(*state, &SHAPE, "7", raw, &asked, &err));
    assert_true(utf8_is_valid(err.text, strlen(err.text)));
    assert_int_equal(strlen(err.text), strlen("is_open must be true or false, not \"\"") + 63);
}

static void params_bind__ids_of_the_path__are_positive_numbers(void **state)
{
    static const char *const bad[] = {"0", "-1", "x", "1.5", "9223372036854775808", "1 "};
    const struct asked *asked = NULL;
    struct err err = {0};

    assert_true(bind(*state, &SHAPE, "9223372036854775807", "", &asked, &err));
    assert_true(asked->order_id == INT64_MAX);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(bind(*state, &SHAPE, bad[i], "", &asked, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.field, "order_id");
        assert_non_null(strstr(err.text, "order_id must be a positive whole number, not \""));
    }
}

static void params_bind__required__must_be_given(void **state)
{
    static const char *const without[] = {"", "must=", "must", "other=1"};
    const struct asked *asked = NULL;
    struct err err = {0};

    assert_true(bind(*state, &MUST, "7", "must=x", &asked, &err));
    assert_string_equal(asked->must, "x");
    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
        assert_false(bind(*state, &MUST, "7", without[i], &asked, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.field, "must");
        assert_string_equal(err.text, "must is required");
    }
}

/* --- the table --- */

static void params_check__names__agree_with_the_template(void **state)
{
    static const struct param twice[] = {PARAM_TEXT(struct asked, search, 5),
                                         PARAM_TEXT(struct asked, search, 6)};
    static const struct param tail[] = {PARAM_TAIL(struct asked, search)};
    static const struct param_shape twice_shape = PARAM_SHAPE(struct asked, twice);
    static const struct param_shape tail_shape = PARAM_SHAPE(struct asked, tail);
    static const struct {
        const char *template;
        const struct param_shape *shape;
        const char *why; /* NULL: they agree */
    } cases[] = {
        {"/a", NULL, NULL},
        {"/a/{order_id}", &SHAPE, NULL},
        {"/a/{search...}", &tail_shape, NULL},
        {"/a/{order_id}", NULL, "does not declare its parameter \"order_id\""},
        {"/a/{order}", &SHAPE, "does not declare its parameter \"order\""},
        {"/a/{search}", &SHAPE, "does not declare its parameter \"search\""},
        {"/a/{search}", &tail_shape, "does not declare its parameter \"search\""},
        {"/a/{order_id...}", &SHAPE, "does not declare its parameter \"order_id\""},
        {"/a", &SHAPE, "declares 1 parameters of its path, which has 0"},
        {"/a", &twice_shape, "declares \"search\" twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {0};
        const bool ok = params_check(cases[i].template, cases[i].shape, &err);

        assert_int_equal(ok, cases[i].why == NULL);
        if (!ok) {
            assert_int_equal(err.code, ERR_CONFIG);
            assert_non_null(strstr(err.text, cases[i].why));
        }
    }
}

/* --- the document --- */

static const struct param TAIL_FIELDS[] = {PARAM_TAIL(struct asked, search)};
static const struct param_shape TAIL = PARAM_SHAPE(struct asked, TAIL_FIELDS);

static void assert_described(const struct param_shape *shape, const char *name, const char *wanted)
{
    struct buf buf;
    struct json_out json;

    buf_init(&buf, 4096);
    json_out_init(&json, &buf);
    for (size_t i = 0; i < shape->count; i++) {
        if (strcmp(shape->params[i].name, name) == 0) {
            params_describe(&shape->params[i], &json);
        }
    }
    assert_string_equal(buf.data, wanted);
    buf_fini(&buf);
}

static void params_describe__each_kind__is_shown(void **state)
{
    (void)state;
    assert_described(&SHAPE, "order_id",
                     "{\"name\":\"order_id\",\"in\":\"path\",\"required\":true,\"schema\":{"
                     "\"type\":\"integer\",\"minimum\":1,\"format\":\"int64\"}}");
    assert_described(&SHAPE, "limit",
                     "{\"name\":\"limit\",\"in\":\"query\",\"schema\":{\"type\":\"integer\","
                     "\"minimum\":1,\"maximum\":500,\"default\":100}}");
    assert_described(&SHAPE, "offset",
                     "{\"name\":\"offset\",\"in\":\"query\",\"schema\":{\"type\":\"integer\","
                     "\"minimum\":0,\"maximum\":1000000,\"default\":0}}");
    assert_described(&SHAPE, "customer_id",
                     "{\"name\":\"customer_id\",\"in\":\"query\",\"schema\":{\"type\":\"integer\","
                     "\"minimum\":0,\"format\":\"int64\"}}");
    assert_described(&SHAPE, "search",
                     "{\"name\":\"search\",\"in\":\"query\",\"allowEmptyValue\":true,\"schema\":{"
                     "\"type\":\"string\","
                     "\"maxLength\":5}}");
    assert_described(&SHAPE, "email",
                     "{\"name\":\"email\",\"in\":\"query\",\"allowEmptyValue\":true,\"schema\":{"
                     "\"type\":\"string\","
                     "\"format\":\"email\",\"maxLength\":200}}");
    assert_described(&SHAPE, "status",
                     "{\"name\":\"status\",\"in\":\"query\",\"allowEmptyValue\":true,\"schema\":{"
                     "\"type\":\"string\","
                     "\"enum\":[\"open\",\"closed\"]}}");
    assert_described(&SHAPE, "sort_by",
                     "{\"name\":\"sort_by\",\"in\":\"query\",\"allowEmptyValue\":true,"
                     "\"description\":\"Any other word "
                     "counts as the default\",\"schema\":{\"type\":\"string\","
                     "\"examples\":[\"name\",\"price\"],\"default\":\"name\"}}");
    assert_described(&SHAPE, "token",
                     "{\"name\":\"token\",\"in\":\"query\",\"allowEmptyValue\":true,\"schema\":{"
                     "\"type\":\"string\","
                     "\"pattern\":\"^[A-Za-z0-9._-]*$\",\"maxLength\":4}}");
    assert_described(&SHAPE, "is_open",
                     "{\"name\":\"is_open\",\"in\":\"query\",\"schema\":{\"type\":\"boolean\","
                     "\"default\":false}}");
    assert_described(
        &SHAPE, "since",
        "{\"name\":\"since\",\"in\":\"query\",\"description\":\"A date alone is its "
        "midnight in UTC\",\"schema\":{\"type\":\"string\",\"format\":\"date-time\"}}");
    assert_described(&SHAPE, "first",
                     "{\"name\":\"first\",\"in\":\"query\",\"allowEmptyValue\":true,"
                     "\"description\":\"a capital letter\","
                     "\"schema\":{\"type\":\"string\",\"maxLength\":10}}");
    assert_described(&MUST, "must",
                     "{\"name\":\"must\",\"in\":\"query\",\"required\":true,\"schema\":{"
                     "\"type\":\"string\",\"minLength\":1,\"maxLength\":5}}");
    assert_described(&TAIL, "search",
                     "{\"name\":\"search\",\"in\":\"path\",\"required\":true,\"description\":\"The "
                     "rest of the path: it may contain slashes\",\"schema\":{\"type\":\"string\","
                     "\"pattern\":\"^[^\\\\u0000-\\\\u001f\\\\u007f]*$\",\"minLength\":1,"
                     "\"maxLength\":500}}");
}

static int arena_up(void **state)
{
    static struct arena arena;

    arena_init(&arena);
    *state = &arena;
    return 0;
}

static int arena_down(void **state)
{
    arena_fini(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(params_bind__everything_given__is_bound),
        cmocka_unit_test(params_bind__nothing_given__is_what_the_table_says),
        cmocka_unit_test(params_bind__hundredths__are_exact_and_bounded),
        cmocka_unit_test(params_bind__other_forms__are_the_same),
        cmocka_unit_test(params_bind__bad_values__are_named),
        cmocka_unit_test(params_bind__long_bad_value__is_shown_cut_between_characters),
        cmocka_unit_test(params_bind__ids_of_the_path__are_positive_numbers),
        cmocka_unit_test(params_bind__required__must_be_given),
        cmocka_unit_test(params_check__names__agree_with_the_template),
        cmocka_unit_test(params_describe__each_kind__is_shown),
    };
    return cmocka_run_group_tests(tests, arena_up, arena_down);
}
