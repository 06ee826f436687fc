/*
 * SQL_ID against values that real Oracle servers have shown, the search for an explanation, and
 * the generated catalogues. The program's argument is the file of vectors.
 */
#include <inttypes.h>

#include "core/rd.h"
#include "db/catalogue.h"
#include "db/sqlid.h"
#include "sql_core_catalogue.h"
#include "sql_crm_catalogue.h"
#include "sql_shop_catalogue.h"
#include "support/test.h"

enum { VECTOR_COUNT = 270, VECTOR_MAX = 16384 };

static const char *vectors_path;

/* --- a decoder for the vectors' JSON strings --- */

static void add_utf8(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
    } else if (c < 0x10000) {
        buf_add_char(out, (char)(0xe0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    } else {
        buf_add_char(out, (char)(0xf0 | c >> 18));
        buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    buf_add_char(out, (char)(0x80 | (c & 0x3f)));
}

static void add_escaped(struct rd *rd, struct buf *out)
{
    const char c = (char)rd_u8(rd);

    switch (c) {
    case 'n':
        buf_add_char(out, '\n');
        break;
    case 't':
        buf_add_char(out, '\t');
        break;
    case 'u': {
        uint32_t code = (uint32_t)rd_hex(rd, 4);

        if (code >= 0xd800 && code < 0xdc00) { /* the first half of a pair */
            rd_bytes(rd, 2);
            code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)rd_hex(rd, 4) - 0xdc00);
        }
        add_utf8(out, code);
        break;
    }
    default:
        buf_add_char(out, c);
        break;
    }
}

/* The value of `key`, which is known to be a string, in one line of JSON. */
static void read_string(const char *line, const char *key, struct buf *out)
{
    const char *at = strstr(line, key);
    struct rd rd;

    assert_non_null(at);
    at += strlen(key) + strlen(": \"");
    rd = rd_of(at, strlen(at));
    buf_clear(out);
    while (!rd.bad) {
        const char c = (char)rd_u8(&rd);

        if (c == '"') {
            break;
        }
        if (c == '\\') {
            add_escaped(&rd, out);
        } else {
            buf_add_char(out, c);
        }
    }
    assert_false(rd.bad);
    assert_false(out->bad);
}

/* --- SQL_ID --- */

/* Every text gives the SQL_ID and the HASH_VALUE that the server showed for it. */
static void sqlid__servers_values__are_computed(void **state)
{
    FILE *file = fopen(vectors_path, "r");
    struct buf sql;
    struct buf sql_id;
    static char line[VECTOR_MAX];
    size_t count = 0;

    (void)state;
    assert_non_null(file);
    buf_init(&sql, VECTOR_MAX);
    buf_init(&sql_id, VECTOR_MAX);
    while (fgets(line, sizeof(line), file) != NULL) {
        const char *hash = strstr(line, "\"hash_value\": ");
        char found[SQLID_SIZE];

        read_string(line, "\"sql\"", &sql);
        read_string(line, "\"sql_id\"", &sql_id);
        sqlid_of(sql.data, sql.length, found);
        assert_string_equal(found, sql_id.data);
        assert_non_null(hash);
        assert_int_equal(sqlid_hash_value(sql.data, sql.length),
                         strtoul(hash + strlen("\"hash_value\": "), NULL, 10));
        count++;
    }
    assert_int_equal(count, VECTOR_COUNT);
    buf_fini(&sql_id);
    buf_fini(&sql);
    (void)fclose(file);
}

/* A NUL inside the text counts like any other byte. */
static void sqlid__nul_in_text__is_a_byte(void **state)
{
    char plain[SQLID_SIZE];
    char with_nul[SQLID_SIZE];

    (void)state;
    sqlid_of("select 1", 8, plain);
    sqlid_of("select 1", 9, with_nul);
    assert_string_not_equal(plain, with_nul);
}

/* Only 13 digits of the alphabet that fit into 64 bits are a SQL_ID. */
static void sqlid_is_valid__not_a_sql_id__is_false(void **state)
{
    static const char *const wrong[] = {
        "",
        "a5ks9fhw2v9s",   /* short */
        "a5ks9fhw2v9s11", /* long */
        "a5ks9fhw2v9si",  /* no digit */
        "A5KS9FHW2V9S1",  /* upper case */
        "h000000000000",  /* 65 bits */
    };

    (void)state;
    assert_true(sqlid_is_valid("a5ks9fhw2v9s1"));
    assert_true(sqlid_is_valid("gzzzzzzzzzzzz"));
    assert_true(sqlid_is_valid("0000000000000"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(sqlid_is_valid(wrong[i]));
    }
}

/* --- explanations --- */

struct explain_case {
    const char *given;
    const char *seen; /* the text that has the SQL_ID */
    const char *phrase;
};

static const struct explain_case explain_cases[] = {
    {"select 1", "select 1", "as it is"},
    {"select 1", "select 1\n", "a newline added at the end"},
    {"select 1\n", "select 1", "the newline at the end taken away"},
    {"select 1", "select 1 ", "a blank added at the end"},
    {"select 1 ", "select 1", "the blank at the end taken away"},
    {"select 1", "select 1;", "a semicolon added at the end"},
    {"select 1;", "select 1", "the semicolon at the end taken away"},
    {"select 1\n/", "select 1", "the line with the slash at the end taken away"},
    {"select 1", "select 1\n/", "a line with a slash added"},
    {"select 1", " select 1", "a blank added at the start"},
    {" select 1", "select 1", "at the start taken away"},
    {"select\n1", "select\r\n1", "LF line ends turned into CRLF"},
    {"select\r\n1", "select\n1", "CRLF line ends turned into LF"},
    {"select  'a  b'", "select 'a  b'", "outside literals folded"},
    {" select  'a  b' ", "select 'a b'", "the ends trimmed"},
    {"select a from t", "SELECT a FROM t", "keywords in upper case"},
    {"SELECT A FROM t", "select A from t", "keywords in lower case"},
    {"select a from t where x = 'a'", "SELECT A FROM T WHERE X = 'a'",
     "all but literals in upper case"},
    {"select 'a' from t", "SELECT 'A' FROM T", "the whole text in upper case"},
    {"select 'a' from T", "select 'a' from t", "all but literals in lower case"},
    {"select 'it''s', 2.5, :x, t1 from t", "select :1, :2, :x, t1 from t", "binds :1, :2"},
    {"select 1 from t", "select :B1 from t", "binds :B1"},
    {"select 1, 'x' from t", "select :\"SYS_B_0\", :\"SYS_B_1\" from t", "cursor sharing"},
    {"select 1, 'x' from t", "select :SYS_B_0, :SYS_B_1 from t", "cursor sharing"},
    {"select 1, 'x' from t", "select ?, ? from t", "binds ?"},
    {"select 1, 'x' from t", "select $1, $2 from t", "binds $1, $2"},
    {"select 1 from dual;\n", "select 1 from dual", "and the semicolon at the end taken away"},
    {"select 1 from dual;", "SELECT 1 FROM dual", "keywords in upper case"},
    {"select a -- 'b'\nfrom t where c = 5", "SELECT a -- 'b'\nFROM t WHERE c = :1",
     "keywords in upper case and literals replaced"},
    {"select\ta  from t", "select a  from t", "tabs turned into blanks"},
    {"select a,\n\tb", "select a,\n        b", "tabs turned into 8 blanks"},
    {"select a  \nfrom t ", "select a\nfrom t", "blanks at line ends taken away"},
    {"select a,b, ','", "select a, b, ','", "one blank after each comma"},
    {"select a, b,  ', '", "select a,b,', '", "no blanks after commas"},
};

/* What a listing shows, and the text that it is of. The longest in each: two real ones. */
static const struct explain_case break_cases[] = {
    {"select d.dname,e.ename,job from scott.dept d ,scott.emp e where d.DEPTNO=e.DEPTNO and "
     "sal>1500",
     "select d.dname,e.ename,job\nfrom scott.dept d ,scott.emp e\nwhere d.DEPTNO=e.DEPTNO\nand "
     "sal>1500",
     "line breaks before from, where, and\n"},
    {"select * from emp e, dept d   where d.deptno = e.deptno   and e.sal >= 1000",
     "select *\nfrom emp e, dept d\n  where d.deptno = e.deptno\n  and e.sal >= 1000",
     "line breaks before from, where, and\n"},
    {"select * from emp e, dept d where d.deptno = e.deptno and e.sal >= 1000",
     "select *\nfrom emp e, dept d\n  where d.deptno = e.deptno\n  and e.sal >= 1000",
     "some with line breaks and 2 blanks, before from, where, and\n"},
    {"select a, b from t where c = 1", "select a,\nb\nfrom t\nwhere c = 1",
     "line breaks before b, from, where\n"},
    {"select a from t where b = 1 and c = 2", "select a\n  from t\n where b = 1\n   and c = 2",
     "the words ending below each other, before from, where, and\n"},
    {"select a from t where b = 1 and c = 2", "select a\nfrom   t\nwhere  b = 1\nand    c = 2",
     "what follows the words standing below each other, before from, where, and\n"},
    {"select a from t where b = 1", "select a\n    from t\n    where b = 1",
     "line breaks and 4 blanks before from, where\n"},
    {"select a from t where b = 1", "select a\n\tfrom t\n\twhere b = 1",
     "line breaks and a tab before from, where\n"},
    {"select a from t where b = 1", "select a\r\nfrom t\r\nwhere b = 1",
     "CRLF line breaks before from, where\n"},
    {"select a   from t   where b = 1", "select a \n from t \n where b = 1",
     "line breaks behind a blank before from, where\n"},
    {"select a from t where b = 1;", "select a\nfrom t where b = 1\n",
     "line breaks before from, and another end\n"},
    {"select /*+ full(t) parallel(t 2) */ a from t",
     "select /*+\nfull(t)\nparallel(t 2) */\na from t", "line breaks before full, parallel, a\n"},
    {"select * from dual", "select  *  from dual", "2 blanks before *, from\n"},
    {"select 'a from b' from t", "select 'a from b'\nfrom t", "line breaks before from\n"},
    {"select a from t where b = 1 and c = 2 and d = 3",
     "select a from t where b = 1\nand c = 2 and d = 3", "line breaks before and\n"},
    {"select a\nfrom t where b = 1", "select a from t\nwhere b = 1",
     "its line ends turned into blanks and line breaks before where\n"},
    {"select aaaa, bbbb, c\nccc from t where b =\n 1",
     "select aaaa, bbbb, cccc\nfrom t\nwhere b = 1",
     "the ends of its full lines taken away and line breaks before from, where\n"},
};

static void check_explanation(const struct explain_case *each)
{
    char sql_id[SQLID_SIZE];
    struct buf out;

    buf_init(&out, 4096);
    sqlid_of(each->seen, strlen(each->seen), sql_id);
    assert_int_equal(sqlid_explain(each->given, strlen(each->given), sql_id, &out), 1);
    if (strstr(out.data, each->phrase) == NULL) {
        fail_msg("expected \"%s\" in \"%s\"", each->phrase, out.data);
    }
    buf_fini(&out);
}

/* Each known change, alone and with another, is found and named. */
static void sqlid_explain__known_changes__are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(explain_cases) / sizeof(explain_cases[0]); i++) {
        check_explanation(&explain_cases[i]);
    }
}

/* So are line breaks where a listing shows blanks. */
static void sqlid_explain__breaks_shown_as_blanks__are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(break_cases) / sizeof(break_cases[0]); i++) {
        check_explanation(&break_cases[i]);
    }
}

/* The text that was found is shown, so that its SQL_ID can be seen from it. */
static void sqlid_explain__breaks_found__shows_the_text(void **state)
{
    const char *given = "select *  from t   where a = 1";
    char sql_id[SQLID_SIZE];
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    sqlid_of("select *\n from t\n  where a = 1", 30, sql_id);
    assert_int_equal(sqlid_explain(given, strlen(given), sql_id, &out), 1);
    assert_string_equal(out.data, "it is the SQL_ID of this text with line breaks before from, "
                                  "where\n    select *\n     from t\n      where a = 1\n");
    buf_fini(&out);
}

/* A text of more words than are looked at ends the search, and so does its bound. */
static void sqlid_explain__long_text__ends(void **state)
{
    char text[8192] = "select a";
    struct buf out;

    (void)state;
    for (int i = 0; strlen(text) + 16 < sizeof(text); i++) {
        strcat(text, i % 2 == 0 ? ", b" : " and c");
    }
    buf_init(&out, 4096);
    assert_int_equal(sqlid_explain(text, strlen(text), "0000000000001", &out), 0);
    assert_int_equal(sqlid_explain(text, 1500, "0000000000001", &out), 0);
    assert_int_equal(out.length, 0);
    buf_fini(&out);
}

/* A second NUL, none, and words read the wrong way round are known too. */
static void sqlid_explain__other_digests__are_named(void **state)
{
    static const struct {
        const char *text;
        const char *sql_id;
        const char *phrase;
    } cases[] = {
        {"select * from dual", "782fbn80ufb9s", "big-endian"},
        {"select *\n  from dual", "782fbn80ufb9s", "folded into one and the digest read"},
    };
    char sql_id[SQLID_SIZE];
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        assert_int_equal(sqlid_explain(cases[i].text, strlen(cases[i].text), cases[i].sql_id, &out),
                         1);
        assert_non_null(strstr(out.data, cases[i].phrase));
    }
    buf_clear(&out);
    sqlid_of("select 1", 9, sql_id);
    assert_int_equal(sqlid_explain("select 1", 8, sql_id, &out), 1);
    assert_non_null(strstr(out.data, "a second NUL"));
    buf_clear(&out);
    sqlid_of("select 1", 8, sql_id);
    assert_int_equal(sqlid_explain("select 1", 9, sql_id, &out), 1);
    assert_non_null(strstr(out.data, "left out of the digest"));
    buf_fini(&out);
}

/* Texts that end in the middle of something are read to their end and no further. */
static void sqlid_explain__unfinished_or_foreign_text__finds_nothing(void **state)
{
    static const char *const texts[] = {
        "",          "'",         "\"",       "select 'a",  "/*",
        "-",         "/",         ":",        "--",         "select 1 /* x",
        "select 1.", "select \"", "a'b''c''", "\xc3\xa4 1", "select * from emp",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const size_t length = strlen(texts[i]);
        char *exact = malloc(length + 1); /* so that the sanitizer sees a read past the end */
        struct buf out;

        assert_non_null(exact);
        memcpy(exact, texts[i], length);
        exact = realloc(exact, length > 0 ? length : 1);
        buf_init(&out, 4096);
        assert_int_equal(sqlid_explain(exact, length, "0000000000001", &out), 0);
        assert_int_equal(out.length, 0);
        buf_fini(&out);
        free(exact);
    }
}

/* --- the catalogues --- */

static void check_variant(const struct db_statement *statement, const struct db_variant *variant)
{
    char sql_id[SQLID_SIZE];

    if (variant->text != NULL) {
        sqlid_of(variant->text, strlen(variant->text), sql_id);
        assert_string_equal(sql_id, variant->sql_id);
        if (variant != &statement->variants[DB_ORACLE]) { /* which counts places */
            assert_int_equal(variant->bind_count, statement->param_count);
        }
    }
}

/* What the generator computed is what the program computes, and names are in order. Where there is
 * no round trip to save, a batch has no text of its own. */
static void catalogue__every_statement__has_its_sql_id(void **state)
{
    static const struct db_catalogue *const catalogues[] = {
        &sql_core_catalogue,
        &sql_shop_catalogue,
        &sql_crm_catalogue,
    };

    (void)state;
    for (size_t c = 0; c < sizeof(catalogues) / sizeof(catalogues[0]); c++) {
        const struct db_catalogue *catalogue = catalogues[c];

        for (size_t i = 0; i < catalogue->count; i++) {
            const struct db_statement *statement = catalogue->statements[i];

            assert_true(i == 0 || strcmp(catalogue->statements[i - 1]->name, statement->name) < 0);
            assert_non_null(statement->variants[DB_POSTGRES].text);
            assert_true((statement->variants[DB_SQLITE].text == NULL) == statement->is_batch);
            for (int d = 0; d < DB_DIALECT_COUNT; d++) {
                check_variant(statement, &statement->variants[d]);
            }
        }
    }
}

/* Scripts are in order of version, each version once. */
static void scripts__both_services__are_in_order(void **state)
{
    (void)state;
    for (size_t i = 1; i < sql_shop_script_count; i++) {
        assert_true(sql_shop_scripts[i - 1].version < sql_shop_scripts[i].version);
    }
    for (size_t i = 1; i < sql_crm_script_count; i++) {
        assert_true(sql_crm_scripts[i - 1].version < sql_crm_scripts[i].version);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sqlid__servers_values__are_computed),
        cmocka_unit_test(sqlid__nul_in_text__is_a_byte),
        cmocka_unit_test(sqlid_is_valid__not_a_sql_id__is_false),
        cmocka_unit_test(sqlid_explain__known_changes__are_named),
        cmocka_unit_test(sqlid_explain__breaks_shown_as_blanks__are_found),
        cmocka_unit_test(sqlid_explain__breaks_found__shows_the_text),
        cmocka_unit_test(sqlid_explain__long_text__ends),
        cmocka_unit_test(sqlid_explain__other_digests__are_named),
        cmocka_unit_test(sqlid_explain__unfinished_or_foreign_text__finds_nothing),
        cmocka_unit_test(catalogue__every_statement__has_its_sql_id),
        cmocka_unit_test(scripts__both_services__are_in_order),
    };

    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s sqlid-vectors.jsonl\n", argv[0]);
        return 2;
    }
    vectors_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
