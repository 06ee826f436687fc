/* db/sql_reader.h: what a statement is, what a block, and what ends them. */
#include "core/arena.h"
#include "db/sql_reader.h"
#include "support/test.h"

enum { TEXT_MAX = 256 };

/* What is found in a script, each in brackets, by what it was found as. */
static void read_all(const char *script, char found[TEXT_MAX])
{
    static const char letters[] = {
        [SQL_FOUND_NOTHING] = ' ', [SQL_FOUND_STATEMENT] = 's', [SQL_FOUND_COMMAND] = 'c',
        [SQL_FOUND_AGAIN] = 'a',   [SQL_FOUND_DROPPED] = 'd',   [SQL_FOUND_TOO_LONG] = 'l'};
    struct sql_reader reader;
    size_t at = 0;

    sql_reader_init(&reader, NULL);
    found[0] = '\0';
    while (*script != '\0') {
        const size_t length = strcspn(script, "\n");
        const enum sql_found what = sql_reader_take(&reader, script, length);

        if (what != SQL_FOUND_NOTHING) {
            at += (size_t)snprintf(found + at, TEXT_MAX - at, "%c[%s]", letters[what],
                                   what == SQL_FOUND_STATEMENT ? reader.text.data : "");
            assert_true(at < TEXT_MAX);
        }
        script += length + (script[length] == '\n');
    }
    if (sql_reader_is_within(&reader)) {
        (void)snprintf(found + at, TEXT_MAX - at, "...");
    }
    sql_reader_fini(&reader);
}

struct reading {
    const char *script;
    const char *found;
};

static void assert_readings(const struct reading *readings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char found[TEXT_MAX];

        read_all(readings[i].script, found);
        assert_string_equal(found, readings[i].found);
    }
}

static void take__statements__end_with_a_semicolon_behind_all_else(void **state)
{
    static const struct reading readings[] = {
        {"SELECT 1;\nSELECT 2 ; \n", "s[SELECT 1]s[SELECT 2]"},
        {"SELECT 1\nFROM DUAL;", "s[SELECT 1\nFROM DUAL]"},
        {"SELECT ';\n' FROM DUAL;", "s[SELECT ';\n' FROM DUAL]"},
        {"SELECT \";\n\" FROM DUAL;", "s[SELECT \";\n\" FROM DUAL]"},
        {"SELECT q'(a;'\n)' x;", "s[SELECT q'(a;'\n)' x]"},
        {"SELECT q'!a;'\n!' x;", "s[SELECT q'!a;'\n!' x]"},
        {"SELECT /* ;\n*/ 1;", "s[SELECT /* ;\n*/ 1]"},
        {"SELECT 1 -- ;\n;", "s[SELECT 1 -- ;]"},
        {"SELECT 1; -- behind", "s[SELECT 1]"},
        {"(SELECT 1\n) UNION\n(SELECT 2);", "s[(SELECT 1\n) UNION\n(SELECT 2)]"},
        {"SELECT 1\r\nFROM DUAL;\r\n", "s[SELECT 1\nFROM DUAL]"},
        {"SELECT 1;\n-- alone\nSELECT 2;", "s[SELECT 1]s[SELECT 2]"},
        {"A_WORD_OF_MORE_LETTERS_THAN_ANY x;", "s[A_WORD_OF_MORE_LETTERS_THAN_ANY x]"},
        {"SELECT 1", "..."},
        {"SELECT ';", "..."},
    };

    (void)state;
    assert_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

/* All of them have semicolons within. */
static void take__blocks__end_with_a_slash_alone(void **state)
{
    static const struct reading readings[] = {
        {"BEGIN NULL;\nEND;\n/", "s[BEGIN NULL;\nEND;]"},
        {"declare\nx INT;\nbegin NULL; end;\n / ", "s[declare\nx INT;\nbegin NULL; end;]"},
        {"<<outer>>\nBEGIN NULL;\nEND;\n/", "s[<<outer>>\nBEGIN NULL;\nEND;]"},
        {"CREATE OR REPLACE PROCEDURE p AS\nx INT;\nBEGIN NULL; END;\n/",
         "s[CREATE OR REPLACE PROCEDURE p AS\nx INT;\nBEGIN NULL; END;]"},
        {"CREATE TYPE t AS OBJECT (a INT);\n/", "s[CREATE TYPE t AS OBJECT (a INT);]"},
        {"WITH FUNCTION f RETURN INT AS\nBEGIN RETURN 1;\nEND;\nSELECT f FROM DUAL\n/",
         "s[WITH FUNCTION f RETURN INT AS\nBEGIN RETURN 1;\nEND;\nSELECT f FROM DUAL]"},
        {"BEGIN NULL;\nEND;", "..."},
    };

    (void)state;
    assert_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

static void take__statements_with_a_blocks_words__end_with_a_semicolon(void **state)
{
    static const struct reading readings[] = {
        {"CREATE TABLE procedure_of (a INT);", "s[CREATE TABLE procedure_of (a INT)]"},
        {"CREATE TABLE t (type INT);", "s[CREATE TABLE t (type INT)]"},
        {"WITH a AS (SELECT 1 FROM DUAL) SELECT 1 FROM a;",
         "s[WITH a AS (SELECT 1 FROM DUAL) SELECT 1 FROM a]"},
        {"SELECT 1 AS begin;", "s[SELECT 1 AS begin]"},
        {"SELECT 1 FROM t WHERE a < 2;", "s[SELECT 1 FROM t WHERE a < 2]"},
    };

    (void)state;
    assert_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

static void take__lines_of_one_mark__end_drop_or_repeat(void **state)
{
    static const struct reading readings[] = {
        {"SELECT 1\n/\n/", "s[SELECT 1]a[]"},
        {"SELECT 1\n.\nSELECT 2;", "d[]s[SELECT 2]"},
        {"SELECT '\n/\n.\n';", "s[SELECT '\n/\n.\n']"},
        {".\n\n  \n;", ""},
        {"-- a\n/* b\n*/\nSELECT 1;", "s[SELECT 1]"},
    };

    (void)state;
    assert_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

/* What it was within is forgotten with it. */
static void take__more_than_a_statement_may_have__is_said_and_the_next_is_read(void **state)
{
    struct sql_reader reader;
    char *line = mem_alloc(SQL_TEXT_MAX);

    (void)state;
    memset(line, 'a', SQL_TEXT_MAX);
    sql_reader_init(&reader, NULL);
    assert_int_equal(sql_reader_take(&reader, "SELECT '", 8), SQL_FOUND_NOTHING);
    assert_int_equal(sql_reader_take(&reader, line, SQL_TEXT_MAX), SQL_FOUND_TOO_LONG);
    assert_false(sql_reader_is_within(&reader));
    assert_int_equal(sql_reader_take(&reader, "SELECT 1;", 9), SQL_FOUND_STATEMENT);
    assert_string_equal(reader.text.data, "SELECT 1");
    sql_reader_fini(&reader);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__statements__end_with_a_semicolon_behind_all_else),
        cmocka_unit_test(take__blocks__end_with_a_slash_alone),
        cmocka_unit_test(take__statements_with_a_blocks_words__end_with_a_semicolon),
        cmocka_unit_test(take__lines_of_one_mark__end_drop_or_repeat),
        cmocka_unit_test(take__more_than_a_statement_may_have__is_said_and_the_next_is_read),
    };

    return cmocka_run_group_tests_name("db/sql_reader", tests, NULL, NULL);
}
