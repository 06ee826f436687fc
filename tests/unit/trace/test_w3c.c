#include "support/test.h"
#include "trace/w3c.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static void w3c_parse_traceparent__valid__parts_taken(void **state)
{
    struct trace_context trace = {.tracestate = "old=1"};
    char header[TRACEPARENT_MAX];

    (void)state;
    assert_true(w3c_parse_traceparent("00-" TRACE "-" SPAN "-01", &trace));
    assert_string_equal(trace.trace_id, TRACE);
    assert_string_equal(trace.span_id, SPAN);
    assert_int_equal(trace.flags, TRACE_FLAG_SAMPLED);
    assert_true(trace.is_remote);
    assert_string_equal(trace.tracestate, "");
    w3c_format_traceparent(&trace, header);
    assert_string_equal(header, "00-" TRACE "-" SPAN "-01");
}

/* Level 2 knows two flags, which are passed on; others are not (section 3.2.2.5.3). */
static void w3c_parse_traceparent__flags__known_ones_passed_on(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } CASES[] = {
        {"00", "00"}, {"01", "01"}, {"02", "02"}, {"03", "03"},
        {"fe", "02"}, {"fd", "01"}, {"fc", "00"}, {"ff", "03"},
    };
    struct trace_context trace;
    char header[TRACEPARENT_MAX];
    char expected[TRACEPARENT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        (void)snprintf(header, sizeof(header), "00-" TRACE "-" SPAN "-%s", CASES[i].in);
        (void)snprintf(expected, sizeof(expected), "00-" TRACE "-" SPAN "-%s", CASES[i].out);
        assert_true(w3c_parse_traceparent(header, &trace));
        w3c_format_traceparent(&trace, header);
        assert_string_equal(header, expected);
    }
}

/* What a later version adds behind the known part is skipped; we answer as version 00. */
static void w3c_parse_traceparent__later_version__known_prefix(void **state)
{
    struct trace_context trace;
    char header[TRACEPARENT_MAX];

    (void)state;
    assert_true(w3c_parse_traceparent("cc-" TRACE "-" SPAN "-01", &trace));
    assert_true(w3c_parse_traceparent("cc-" TRACE "-" SPAN "-01-what-comes", &trace));
    w3c_format_traceparent(&trace, header);
    assert_string_equal(header, "00-" TRACE "-" SPAN "-01");
}

static void w3c_parse_traceparent__invalid__refused_and_untouched(void **state)
{
    static const char *const BAD[] = {
        "",
        "00",
        "00-" TRACE "-" SPAN,
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-01-",
        "00-" TRACE "-" SPAN "-01 ",
        " 00-" TRACE "-" SPAN "-01",
        "cc-" TRACE "-" SPAN "-01x",
        "ff-" TRACE "-" SPAN "-01",
        "0-" TRACE "-" SPAN "-01",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00-" TRACE "-b7ad6b716920333g-01",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "-01.",
        "00-" TRACE "-" SPAN "-01-what-the-future-will-be-like",
        "cc-" TRACE "-" SPAN "-01.what-the-future-will-be-like",
        ".0-" TRACE "-" SPAN "-01",
        "0.-" TRACE "-" SPAN "-01",
        "000-" TRACE "-" SPAN "-01",
        "0000-" TRACE "-" SPAN "-01",
        "00-.af7651916cd43dd8448eb211c80319c-" SPAN "-01",
        "00-0af7651916cd43dd8448eb211c80319.-" SPAN "-01",
        "00-" TRACE "3-" SPAN "-01",
        "00-0af7651916cd43dd8448eb211c80319-" SPAN "-01",
        "00-" TRACE "-.7ad6b7169203331-01",
        "00-" TRACE "-b7ad6b716920333.-01",
        "00-" TRACE "-" SPAN "7-01",
        "00-" TRACE "-b7ad6b716920333-01",
        "00-" TRACE "-" SPAN "-.0",
        "00-" TRACE "-" SPAN "-0.",
        "00-" TRACE "-" SPAN "-001",
        "00-" TRACE "-" SPAN "-0A",
        "CC-" TRACE "-" SPAN "-01",
        "00-" TRACE "-" SPAN "-01,00-" TRACE "-" SPAN "-01",
        "00_" TRACE "-" SPAN "-01",
    };
    struct trace_context trace = {.trace_id = "kept"};

    (void)state;
    assert_false(w3c_parse_traceparent(NULL, &trace));
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        if (w3c_parse_traceparent(BAD[i], &trace)) {
            fail_msg("accepted: %s", BAD[i]);
        }
    }
    assert_string_equal(trace.trace_id, "kept");
}

/* A list and what of it is passed on. */
struct state_case {
    const char *in;
    const char *out;
};

static void assert_states(const struct state_case *cases, size_t count)
{
    struct trace_context trace = {.tracestate = "old=1"};

    for (size_t i = 0; i < count; i++) {
        w3c_set_tracestate(&trace, cases[i].in);
        assert_string_equal(trace.tracestate, cases[i].out);
    }
}

static void w3c_set_tracestate__lists__passed_on_in_their_order(void **state)
{
    static const struct state_case CASES[] = {
        {"a=1", "a=1"},
        {"foo=1,bar=2", "foo=1,bar=2"},
        {"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"},
        {"fw529a3039@dt=FfAb", "fw529a3039@dt=FfAb"},
        {"0x=!\"#$%&'()*+-./:;<>?@[]^_`{|}~", "0x=!\"#$%&'()*+-./:;<>?@[]^_`{|}~"},
        {"az09_-*/=b", "az09_-*/=b"},
        {"az09_-*/@a-z0-9_-*/= b", "az09_-*/@a-z0-9_-*/= b"},
        /* Level 2 parts no key at an '@'. */
        {"foo@=1,bar=2", "foo@=1,bar=2"},
        {"foo@@bar=1,bar=2", "foo@@bar=1,bar=2"},
        {"foo@bar@baz=1,bar=2", "foo@bar@baz=1,bar=2"},
    };

    (void)state;
    assert_states(CASES, COUNT_OF(CASES));
}

static void w3c_set_tracestate__blanks_and_empty_members__left_out(void **state)
{
    static const struct state_case CASES[] = {
        {"", ""},
        {",", ""},
        {" \t", ""},
        {"foo=1,", "foo=1"},
        {",foo=1", "foo=1"},
        {"foo=1,\t ,bar=2", "foo=1,bar=2"},
        {"foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"},
        {"\t foo=1 \t", "foo=1"},
        {"foo=  1", "foo=  1"}, /* those that begin a value are part of it */
    };

    (void)state;
    assert_states(CASES, COUNT_OF(CASES));
}

static void w3c_set_tracestate__not_a_list__dropped_whole(void **state)
{
    static const char *const BAD[] = {
        "a",      "=1",         "a=",           "A=1",         "a=1=2",
        "a b=1",  "foo =1",     "foo.bar=1",    "a=\xC3\xA9",  "a=1\r\nx: y",
        "@a=1",   "a=1,b",      "_a=1",         "-a=1",        "*a=1",
        "/a=1",   "foo=,bar=3", "@foo=1,bar=2", "foo=1,foo=1", "foo=1,bar=2,foo=3",
        "a=\x7f", "a=1\tb",
    };
    struct trace_context trace = {.tracestate = ""};

    (void)state;
    w3c_set_tracestate(&trace, NULL);
    assert_string_equal(trace.tracestate, "");
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        memcpy(trace.tracestate, "a=1", 4);
        w3c_set_tracestate(&trace, BAD[i]);
        assert_string_equal(trace.tracestate, "");
    }
}

/* Whatever the length of its key, which has a limit of its own. */
static void w3c_set_tracestate__limits_of_a_member__256_bytes_each(void **state)
{
    static const struct {
        size_t key;
        size_t value;
        bool is_kept;
    } CASES[] = {{1, 256, true}, {1, 257, false}, {200, 256, true}, {200, 257, false},
                 {256, 1, true}, {257, 1, false}, {255, 256, true}};
    struct trace_context trace = {.tracestate = ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char text[600] = "";

        memset(text, 'k', CASES[i].key + 1 + CASES[i].value);
        text[CASES[i].key] = '=';
        w3c_set_tracestate(&trace, text);
        assert_string_equal(trace.tracestate, CASES[i].is_kept ? text : "");
    }
}

static void w3c_set_tracestate__members__32_at_most(void **state)
{
    struct trace_context trace = {.tracestate = ""};
    char text[400] = "";
    size_t at = 0;

    (void)state;
    for (int i = 1; i <= 32; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%sbar%02d=%02d", i > 1 ? "," : "", i,
                               i);
    }
    w3c_set_tracestate(&trace, text);
    assert_string_equal(trace.tracestate, text);
    (void)snprintf(text + at, sizeof(text) - at, ",bar33=33");
    w3c_set_tracestate(&trace, text);
    assert_string_equal(trace.tracestate, "");
}

/* Adds "key=vvv" of that length. */
static void add_member(char *list, char key, size_t length)
{
    const size_t at = strlen(list) + (*list != '\0');

    if (at > 0) {
        list[at - 1] = ',';
    }
    memset(list + at, 'v', length);
    list[at] = key;
    list[at + 1] = '=';
    list[at + length] = '\0';
}

/* 512 characters go on, and of more the members that fit (section 3.3.1.5). */
static void w3c_set_tracestate__too_long__long_members_go_first(void **state)
{
    struct trace_context trace = {.tracestate = ""};
    char text[1200] = "";
    char expected[600] = "";

    (void)state;
    add_member(text, 'a', 258);
    add_member(text, 'b', 253);
    assert_int_equal(strlen(text), 512);
    w3c_set_tracestate(&trace, text);
    assert_string_equal(trace.tracestate, text);

    add_member(text, 'c', 3); /* 516: the later of two long ones goes */
    w3c_set_tracestate(&trace, text);
    add_member(expected, 'a', 258);
    add_member(expected, 'c', 3);
    assert_string_equal(trace.tracestate, expected);

    memset(text, 0, sizeof(text));
    for (char key = 'a'; key <= 'e'; key++) {
        add_member(text, key, 128); /* none is long: the last goes */
    }
    w3c_set_tracestate(&trace, text);
    memset(expected, 0, sizeof(expected));
    for (char key = 'a'; key <= 'c'; key++) {
        add_member(expected, key, 128);
    }
    assert_string_equal(trace.tracestate, expected);

    add_member(text, 'f', 129); /* and before it the long one, which is not enough */
    w3c_set_tracestate(&trace, text);
    assert_string_equal(trace.tracestate, expected);
}

static void w3c_new_trace__twice__valid_and_different(void **state)
{
    struct trace_context first;
    struct trace_context second;
    struct trace_context parsed;
    char header[TRACEPARENT_MAX];

    (void)state;
    w3c_new_trace(&first);
    w3c_new_trace(&second);
    assert_string_not_equal(first.trace_id, second.trace_id);
    assert_string_not_equal(first.span_id, second.span_id);
    assert_false(first.is_remote);
    assert_string_equal(first.tracestate, "");
    w3c_format_traceparent(&first, header);
    assert_true(w3c_parse_traceparent(header, &parsed));
    assert_string_equal(parsed.trace_id, first.trace_id);
    assert_string_equal(parsed.span_id, first.span_id);
    assert_int_equal(parsed.flags, TRACE_FLAG_SAMPLED | TRACE_FLAG_RANDOM);
}

static void w3c_is_trace_id__only_32_lower_hexadecimal_digits__are_one(void **state)
{
    static const char *const bad[] = {
        "",
        "79c76c8173b086043b36e60422a2b31",
        "79c76c8173b086043b36e60422a2b3170",
        "79C76C8173B086043B36E60422A2B317",
        "79c76c8173b086043b36e60422a2b31g",
        "00000000000000000000000000000000",
    };

    (void)state;
    assert_true(w3c_is_trace_id("79c76c8173b086043b36e60422a2b317"));
    assert_true(w3c_is_trace_id("00000000000000000000000000000001"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(w3c_is_trace_id(bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(w3c_is_trace_id__only_32_lower_hexadecimal_digits__are_one),
        cmocka_unit_test(w3c_parse_traceparent__valid__parts_taken),
        cmocka_unit_test(w3c_parse_traceparent__flags__known_ones_passed_on),
        cmocka_unit_test(w3c_parse_traceparent__later_version__known_prefix),
        cmocka_unit_test(w3c_parse_traceparent__invalid__refused_and_untouched),
        cmocka_unit_test(w3c_set_tracestate__lists__passed_on_in_their_order),
        cmocka_unit_test(w3c_set_tracestate__blanks_and_empty_members__left_out),
        cmocka_unit_test(w3c_set_tracestate__not_a_list__dropped_whole),
        cmocka_unit_test(w3c_set_tracestate__limits_of_a_member__256_bytes_each),
        cmocka_unit_test(w3c_set_tracestate__members__32_at_most),
        cmocka_unit_test(w3c_set_tracestate__too_long__long_members_go_first),
        cmocka_unit_test(w3c_new_trace__twice__valid_and_different),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
