/* An answer of the shop taken apart: crm/order_page.c. */
#include "crm/order_page.h"
#include "tests/support/test.h"

enum { MOST = 4 };

struct fixture {
    struct arena arena;
    struct order_page page;
    struct read_order read;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    arena_init(&f->arena);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_fini(&f->arena);
    free(f);
    return 0;
}

/* Single quotes stand for double ones, so that the texts can be read here. */
static struct json_piece piece_of(struct fixture *f, const char *text)
{
    char *json = arena_strdup(&f->arena, text);

    for (char *at = json; *at != '\0'; at++) {
        *at = (char)(*at == '\'' ? '"' : *at);
    }
    return (struct json_piece){.text = json, .length = strlen(json)};
}

static bool read_page(struct fixture *f, const char *text)
{
    err_clear(&f->err);
    return order_page_read(&f->arena, piece_of(f, text), MOST, &f->page, &f->err);
}

static void assert_order(const struct fixture *f, size_t index, const char *text)
{
    assert_true(index < f->page.count);
    assert_int_equal(f->page.orders[index].length, strlen(text));
    assert_memory_equal(f->page.orders[index].text, text, strlen(text));
}

/* A page is a list, or an object that holds one under one of four names. */
static void order_page_read__all_forms__finds_list_and_cursors(void **state)
{
    struct fixture *f = *state;

    assert_true(read_page(f, " [ {} , 17 ] "));
    assert_int_equal(f->page.count, 2);
    assert_order(f, 0, "{}");
    assert_order(f, 1, "17");
    assert_null(f->page.last_cursor);
    assert_int_equal(f->page.total, -1);
    assert_true(read_page(f, "{'data':[],'total':7,'next_cursor':null,'last_cursor':'b'}"));
    assert_null(f->page.next_cursor);
    assert_string_equal(f->page.last_cursor, "b");
    assert_int_equal(f->page.total, 7);
    assert_true(read_page(f, "{'orders':[],'next_cursor':'a'}"));
    assert_string_equal(f->page.last_cursor, "a");
    assert_true(read_page(f, "{'results':[1],'items':[2],'orders':{},'total':-1}"));
    assert_order(f, 0, "2");
    assert_int_equal(f->page.total, -1);
}

/* Orders are cut out of the page whatever is in them. */
static void order_page_read__entries_that_cannot_be_parsed__are_cut_out(void **state)
{
    static const char *const entries[] = {
        "{\"id\":1,\"notes\":\"a\\u0000b\"}",
        "{\"n\":9223372036854775808}",
        "{\"n\":\"]}\\\"\"}",
        "{\"n\":truu,,}",
    };
    struct fixture *f = *state;

    assert_true(read_page(f, arena_printf(&f->arena, "{'orders':[%s,%s, %s ,%s]}", entries[0],
                                          entries[1], entries[2], entries[3])));
    assert_int_equal(f->page.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_order(f, i, entries[i]);
    }
}

/* What is no page, or more than was asked for, is refused whole. */
static void order_page_read__broken_or_too_large__is_refused(void **state)
{
    static const char *const pages[] = {
        "",
        "null",
        "'orders'",
        "{'orders':{}}",
        "{'orders':[{}",
        "{'orders':[{]}]}",
        "{'orders':[1 2]}",
        "{'orders':[1,]}",
        "{'orders':[1]} x",
        "{'orders':[],'orders':[]}",
        "{'orders':[],'next_cursor':17}",
        "{'orders':[],'total':1e400}",
        "{'orders':[1,2,3,4,5]}",
        "[1,2,3,4,5]",
    };
    struct fixture *f = *state;
    char *long_cursor = arena_alloc(&f->arena, PAGE_CURSOR_MAX + 2);

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (read_page(f, pages[i])) {
            fail_msg("accepted: %s", pages[i]);
        }
        assert_int_equal(f->err.code, ERR_PEER);
        assert_true(f->err.text[0] != '\0');
    }
    memset(long_cursor, 'c', PAGE_CURSOR_MAX + 1);
    assert_false(
        read_page(f, arena_printf(&f->arena, "{'orders':[],'next_cursor':'%s'}", long_cursor)));
    assert_false(
        read_page(f, arena_printf(&f->arena, "{'orders':[],'next_cursor':'%s','last_cursor':'a'}",
                                  long_cursor)));
    long_cursor[PAGE_CURSOR_MAX] = '\0';
    assert_true(
        read_page(f, arena_printf(&f->arena, "{'orders':[],'next_cursor':'%s'}", long_cursor)));
    assert_string_equal(f->page.next_cursor, long_cursor);
}

static void read_one(struct fixture *f, const char *text)
{
    order_read(&f->arena, piece_of(f, text), 1, &f->read);
}

/* An order that can be taken, and one that can be parsed but not taken. */
static void order_read__parsed__keeps_compact_json(void **state)
{
    struct fixture *f = *state;

    read_one(f, "{ 'id' : 7 , 'total' : 1 }");
    assert_null(f->read.refusal);
    assert_int_equal(f->read.source_order_id, 7);
    assert_string_equal(f->read.payload, "{\"id\":7,\"total\":1}");
    read_one(f, "{ 'id' : 7 , 'total' : -1 }");
    assert_non_null(f->read.refusal);
    assert_true(f->read.is_forged);
    assert_int_equal(f->read.source_order_id, 7);
    assert_string_equal(f->read.payload, "{\"id\":7,\"total\":-1}");
}

/* The number is found in a text that no parser takes, and the text is kept as a text. */
static void order_read__cannot_be_parsed__keeps_number_and_text(void **state)
{
    struct fixture *f = *state;

    read_one(f, "{'a':[{'id':9}],'id':'7','n':1e400}");
    assert_non_null(f->read.refusal);
    assert_false(f->read.is_forged);
    assert_int_equal(f->read.source_order_id, 7);
    assert_string_equal(f->read.payload,
                        "\"{\\\"a\\\":[{\\\"id\\\":9}],\\\"id\\\":\\\"7\\\",\\\"n\\\":1e400}\"");
    order_read(&f->arena, (struct json_piece){.text = "{\"id\":3,\"n\":\"\xff\0\"}", .length = 17},
               1, &f->read);
    assert_int_equal(f->read.source_order_id, 3);
    assert_string_equal(f->read.payload,
                        "\"{\\\"id\\\":3,\\\"n\\\":\\\"\xEF\xBF\xBD\xEF\xBF\xBD\\\"}\"");
}

/* As feed_order_id: the first member that holds something counts. */
static void order_read__cannot_be_parsed__takes_the_first_number(void **state)
{
    static const struct {
        const char *members;
        int64_t number;
    } cases[] = {
        {"'id':1", 1},
        {"'number':3,'order_id':2", 2},
        {"'id':null,'order_id':2", 2},
        {"'id':'','number':'3'", 3},
        {"'id':'x','number':3", 0},
        {"'id':{},'number':3", 0},
        {"'id':-1", 0},
        {"'id':1e400", 0},
        {"'id':1,'id':2", 0},
        {"'id':1.0", 1},
        {"'id':00000000000000000000000000000000000000000000000000000000000000001", 0},
        {"'other':1", 0},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_one(f, arena_printf(&f->arena, "{%s,'broken':truu}", cases[i].members));
        assert_non_null(f->read.refusal);
        if (f->read.source_order_id != cases[i].number) {
            fail_msg("%s gives %lld", cases[i].members, (long long)f->read.source_order_id);
        }
    }
}

/* No order: neither number nor a way to fail. */
static void order_read__no_object__has_no_number(void **state)
{
    static const char *const texts[] = {"17", "null", "'x'", "[{'id':1}]", ""};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        read_one(f, texts[i]);
        assert_non_null(f->read.refusal);
        assert_int_equal(f->read.source_order_id, 0);
    }
}

/* A text beyond the bound is not parsed at all, and a part of it kept. */
static void order_read__too_long__keeps_a_part(void **state)
{
    struct fixture *f = *state;
    char *text = arena_alloc(&f->arena, ORDER_BYTES_MAX + 64);
    int at = sprintf(text, "{\"id\":5,\"n\":\"");

    memset(text + at, 'x', ORDER_BYTES_MAX);
    memcpy(text + at + ORDER_BYTES_MAX, "\"}", 3);
    read_one(f, text);
    assert_non_null(f->read.refusal);
    assert_int_equal(f->read.source_order_id, 5);
    assert_in_range(strlen(f->read.payload), ORDER_KEPT_MAX, ORDER_KEPT_MAX + 32);
}

/* The longest that is taken. */
static void order_read__as_long_as_may_be__is_taken(void **state)
{
    struct fixture *f = *state;
    char *text = arena_alloc(&f->arena, ORDER_BYTES_MAX + 1);
    int at = sprintf(text, "{\"id\":5,\"total\":1,\"n\":\"");

    memset(text + at, 'x', (size_t)(ORDER_BYTES_MAX - at - 2));
    memcpy(text + ORDER_BYTES_MAX - 2, "\"}", 3);
    read_one(f, text);
    assert_null(f->read.refusal);
    assert_int_equal(f->read.source_order_id, 5);
}

int main(void)
{
#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        PAGE_TEST(order_page_read__all_forms__finds_list_and_cursors),
        PAGE_TEST(order_page_read__entries_that_cannot_be_parsed__are_cut_out),
        PAGE_TEST(order_page_read__broken_or_too_large__is_refused),
        PAGE_TEST(order_read__parsed__keeps_compact_json),
        PAGE_TEST(order_read__cannot_be_parsed__keeps_number_and_text),
        PAGE_TEST(order_read__cannot_be_parsed__takes_the_first_number),
        PAGE_TEST(order_read__no_object__has_no_number),
        PAGE_TEST(order_read__too_long__keeps_a_part),
        PAGE_TEST(order_read__as_long_as_may_be__is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
