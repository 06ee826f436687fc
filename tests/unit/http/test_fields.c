/* http/fields.h: which fields are read, and what stands there twice. */
#include "http/fields.h"
#include "support/test.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
    struct arena arena;
    struct fields fields;
    struct err err;
};

static void add(struct fixture *f, const char *name, size_t name_length, const char *value)
{
    fields_add(
        &f->fields, &f->arena,
        &(struct head_field){
            .name = name, .name_length = name_length, .value = value, .length = strlen(value)});
}

/* Takes lines such as "Name: value". */
static void take(struct fixture *f, const char *const *lines)
{
    arena_reset(&f->arena);
    f->fields = (struct fields){.seen = 0};
    f->err = (struct err){.code = ERR_NONE};
    for (; *lines != NULL; lines++) {
        const size_t name_length = strcspn(*lines, ":");

        add(f, *lines, name_length, *lines + name_length + 2);
    }
}

#define TAKE(f, ...) take(f, (const char *const[]){__VA_ARGS__, NULL})

static void assert_refused(struct fixture *f, const char *name, const char *why)
{
    assert_false(fields_check(&f->fields, &f->err));
    assert_int_equal(f->err.code, ERR_MALFORMED);
    assert_string_equal(f->err.field, name);
    assert_non_null(strstr(f->err.text, why));
}

static void fields_add__any_letters__name_is_known(void **state)
{
    struct fixture *f = *state;

    TAKE(f, "x-session-ID: a", "TraceParent: b", "A: c", "Hosts: d");
    assert_true(fields_check(&f->fields, &f->err));
    assert_string_equal(f->fields.values[FIELD_SESSION_ID], "a");
    assert_string_equal(f->fields.values[FIELD_TRACEPARENT], "b");
    assert_null(f->fields.values[FIELD_HOST]);
    assert_null(f->fields.values[FIELD_COOKIE]);
    assert_string_equal(field_name(FIELD_SESSION_ID), "X-Session-Id");
}

/* Even where both say the same: who wrote the second is another than who wrote the first. */
static void fields_check__once_and_twice__refused(void **state)
{
    struct fixture *f = *state;

    TAKE(f, "Idempotency-Key: a", "Host: x", "idempotency-key: b");
    assert_refused(f, "Idempotency-Key", "twice");
    assert_string_equal(f->fields.values[FIELD_IDEMPOTENCY_KEY], "a");
    TAKE(f, "X-Session-Id: a", "X-Session-Id: a");
    assert_refused(f, "X-Session-Id", "twice");
    TAKE(f, "User-Agent: ", "User-Agent: ");
    assert_refused(f, "User-Agent", "twice");
}

/* Those too that nobody here reads: somebody between reads one of the two (RFC 9110 section 5.3).
 */
static void fields_check__each_that_stands_once__is_refused_twice(void **state)
{
    static const unsigned rules[] = {
#define X(symbol, name, rules_) [symbol] = (rules_),
        FIELDS(X)
#undef X
    };
    struct fixture *f = *state;

    for (enum field field = 0; field < FIELD_COUNT; field++) {
        char line[80];

        (void)snprintf(line, sizeof(line), "%s: a", field_name(field));
        TAKE(f, line, line);
        assert_int_equal(fields_is_faulty(&f->fields, field), (rules[field] & FIELD_ONCE) != 0);
        if ((rules[field] & FIELD_ONCE) != 0) {
            assert_refused(f, field_name(field), "twice");
        }
    }
}

static void fields_add__lists__lines_are_joined_in_their_order(void **state)
{
    struct fixture *f = *state;

    TAKE(f, "tracestate: a=1", "Accept: x", "tracestate: ", "Accept: y", "tracestate: b=2",
         "Accept: z");
    assert_true(fields_check(&f->fields, &f->err));
    assert_string_equal(f->fields.values[FIELD_TRACESTATE], "a=1,,b=2");
    assert_string_equal(f->fields.values[FIELD_ACCEPT], "x,y,z");
    TAKE(f, "Cookie: a=1", "Cookie: b=2");
    assert_string_equal(f->fields.values[FIELD_COOKIE], "a=1;b=2");
}

static void fields_add__traceparent_twice__is_none(void **state)
{
    struct fixture *f = *state;

    TAKE(f, "traceparent: a", "traceparent: a");
    assert_true(fields_check(&f->fields, &f->err));
    assert_null(f->fields.values[FIELD_TRACEPARENT]);
    TAKE(f, "traceparent: a", "traceparent: b", "traceparent: c");
    assert_null(f->fields.values[FIELD_TRACEPARENT]);
}

static void fields_check__bytes_that_are_not_utf8__refused_where_they_matter(void **state)
{
    static const char *const TEXTS[] = {
        "Authorization",          "Content-Type",     "Host",
        "Idempotency-Key",        "Origin",           "X-Client-Region",
        "X-Internal-Service-Key", "X-Requested-With", "X-Session-Id"};
    struct fixture *f = *state;
    char line[64];

    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        (void)snprintf(line, sizeof(line), "%s: caf\xe9", TEXTS[i]);
        TAKE(f, line);
        assert_refused(f, TEXTS[i], "utf-8");
        (void)snprintf(line, sizeof(line), "%s: caf\xc3\xa9", TEXTS[i]);
        TAKE(f, line);
        assert_true(fields_check(&f->fields, &f->err));
    }
    TAKE(f, "Cookie: n=J\xf6rg", "User-Agent: caf\xe9", "If-None-Match: \"\xe9\"", "Accept: \xe9");
    assert_true(fields_check(&f->fields, &f->err));
    assert_string_equal(f->fields.values[FIELD_COOKIE], "n=J\xf6rg");
}

static void fields_add__thousands_of_lines__are_one_list(void **state)
{
    enum { LINES = 5000 };
    struct fixture *f = *state;

    TAKE(f, "Accept: a");
    for (int i = 1; i < LINES; i++) {
        add(f, "Accept", 6, "a");
        add(f, "Accept-Encoding", 15, "b");
    }
    assert_int_equal(strlen(f->fields.values[FIELD_ACCEPT]), 2 * LINES - 1);
    assert_int_equal(strlen(f->fields.values[FIELD_ACCEPT_ENCODING]), 2 * LINES - 3);
    assert_int_equal(strspn(f->fields.values[FIELD_ACCEPT], "a,"), 2 * LINES - 1);
}

static int up(void **state)
{
    static struct fixture fixture;

    arena_init(&fixture.arena);
    *state = &fixture;
    return 0;
}

static int down(void **state)
{
    arena_fini(&((struct fixture *)*state)->arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_add__any_letters__name_is_known),
        cmocka_unit_test(fields_check__once_and_twice__refused),
        cmocka_unit_test(fields_check__each_that_stands_once__is_refused_twice),
        cmocka_unit_test(fields_add__lists__lines_are_joined_in_their_order),
        cmocka_unit_test(fields_add__traceparent_twice__is_none),
        cmocka_unit_test(fields_check__bytes_that_are_not_utf8__refused_where_they_matter),
        cmocka_unit_test(fields_add__thousands_of_lines__are_one_list),
    };
    return cmocka_run_group_tests(tests, up, down);
}
