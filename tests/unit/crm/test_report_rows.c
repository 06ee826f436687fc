/* Rows of any statement as JSON and CSV: crm/report_rows.c. */
#include "crm/report_rows.h"
#include "db/db.h"
#include "tests/support/test.h"

struct row {
    int64_t id;
    int64_t price_cents;
    int64_t at_us;
    bool at_us_is_null;
    bool is_new;
    double share;
    const char *name;
};

static const struct db_column columns[] = {
    {.name = "id", .type = DB_INT, .offset = offsetof(struct row, id)},
    {.name = "price", .type = DB_MONEY, .offset = offsetof(struct row, price_cents)},
    {.name = "at",
     .type = DB_TIME,
     .is_nullable = true,
     .offset = offsetof(struct row, at_us),
     .null_offset = offsetof(struct row, at_us_is_null)},
    {.name = "is_new", .type = DB_BOOL, .offset = offsetof(struct row, is_new)},
    {.name = "share", .type = DB_REAL, .offset = offsetof(struct row, share)},
    {.name = "name", .type = DB_TEXT, .is_nullable = true, .offset = offsetof(struct row, name)},
};
static const struct db_statement statement = {
    .columns = columns,
    .column_count = sizeof(columns) / sizeof(columns[0]),
    .row_size = sizeof(struct row),
};

static const struct row full = {
    .id = -7, .price_cents = 123450, .at_us = 0, .is_new = true, .share = 0.5, .name = "Ada"};
static const struct row empty = {.at_us_is_null = true};

static void expect_csv(const struct row *row, const char *expected)
{
    struct buf out;

    buf_init(&out, 4096);
    report_row_csv(&out, &statement, row);
    assert_false(out.bad);
    assert_string_equal(out.data, expected);
    buf_fini(&out);
}

static void expect_name(const char *name, const char *expected)
{
    const struct row row = {.at_us_is_null = true, .name = name};
    char line[256];

    (void)snprintf(line, sizeof(line), "0,0.00,,false,0,%s\r\n", expected);
    expect_csv(&row, line);
}

static void report_row_csv__every_type__is_written(void **state)
{
    (void)state;
    expect_csv(&full, "-7,1234.50,1970-01-01T00:00:00.000000Z,true,0.5,Ada\r\n");
    expect_csv(&empty, "0,0.00,,false,0,\r\n");
}

/* RFC 4180 section 2, rules 5 to 7. */
static void report_row_csv__separators_in_a_text__are_quoted(void **state)
{
    (void)state;
    expect_name("a,b", "\"a,b\"");
    expect_name("a\"b", "\"a\"\"b\"");
    expect_name("a\r\nb", "\"a\r\nb\"");
    expect_name("a b;c", "a b;c");
}

static void report_row_csv__what_would_be_a_formula__is_text(void **state)
{
    (void)state;
    expect_name("=1+1", "\"'=1+1\"");
    expect_name("+1", "\"'+1\"");
    expect_name("-1", "\"'-1\"");
    expect_name("@sum", "\"'@sum\"");
    expect_name("\tx", "\"'\tx\"");
    expect_name("1=1", "1=1");
}

/* "a;=1+1;b" in the middle of a line, opened where lines are split at semicolons. */
static void report_row_csv__a_formula_in_a_cell_of_its_own__is_text(void **state)
{
    (void)state;
    expect_name("a;=1+1;b", "a;'=1+1;b");
    expect_name("a;\"=1+1", "\"a;\"\"'=1+1\"");
    expect_name("a;\"\"@sum", "\"a;\"\"\"\"'@sum\"");
    expect_name("a\t-1", "a\t'-1");
    expect_name("a\r\n+1", "\"a\r\n'+1\"");
    expect_name("\n=1+1", "\"'\n'=1+1\"");
    expect_name("a; b-c;d=e", "a; b-c;d=e");
}

static void report_head_csv__names__are_a_line(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    report_head_csv(&out, &statement);
    assert_string_equal(out.data, "id,price,at,is_new,share,name\r\n");
    buf_fini(&out);
}

static void report_row_json__every_type__is_written(void **state)
{
    struct json_out json;
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    json_out_init(&json, &out);
    json_begin_list(&json, NULL);
    report_row_json(&json, &statement, &full);
    report_row_json(&json, &statement, &empty);
    json_end_list(&json);
    assert_string_equal(out.data,
                        "[{\"id\":-7,\"price\":1234.50,\"at\":\"1970-01-01T00:00:00.000000Z\","
                        "\"is_new\":true,\"share\":0.5,\"name\":\"Ada\"},"
                        "{\"id\":0,\"price\":0.00,\"at\":null,\"is_new\":false,\"share\":0,"
                        "\"name\":null}]");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_row_csv__every_type__is_written),
        cmocka_unit_test(report_row_csv__separators_in_a_text__are_quoted),
        cmocka_unit_test(report_row_csv__what_would_be_a_formula__is_text),
        cmocka_unit_test(report_row_csv__a_formula_in_a_cell_of_its_own__is_text),
        cmocka_unit_test(report_head_csv__names__are_a_line),
        cmocka_unit_test(report_row_json__every_type__is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
