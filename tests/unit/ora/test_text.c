/* ora/text.h: kinds of statements, and where their binds are. */
#include "ora/text.h"
#include "tests/support/test.h"

static void ora_text_read__statement__has_its_kind_and_binds(void **state)
{
    static const struct {
        const char *sql;
        enum ora_text_kind kind;
        unsigned binds;
        unsigned returned; /* how many of them are behind RETURNING INTO */
    } cases[] = {
        {"select 1 from dual", ORA_TEXT_QUERY, 0, 0},
        {"  ( SELECT :1 FROM dual)", ORA_TEXT_QUERY, 1, 0},
        {"/* :x */ -- :y\nWITH a AS (SELECT :a, :a FROM dual) SELECT * FROM a", ORA_TEXT_QUERY, 2,
         0},
        {"SELECT ':no', \":no\", q'[:no]', Q'{:no}', q'!:no!', :yes FROM dual", ORA_TEXT_QUERY, 1,
         0},
        {"SELECT 'it''s :no', : yes, :\"Yes\", :1 FROM dual", ORA_TEXT_QUERY, 3, 0},
        {"SELECT JSON_OBJECT('key':value, 'k' : :v) FROM t", ORA_TEXT_QUERY, 1, 0},
        {"SELECT a::b FROM t WHERE x := 1", ORA_TEXT_QUERY, 1, 0},
        {"SELECT :a$b#c_1+:d FROM dual", ORA_TEXT_QUERY, 2, 0},
        {"INSERT INTO t VALUES (:1, :2)", ORA_TEXT_CHANGE, 2, 0},
        {"EXPLAIN PLAN SET STATEMENT_ID = 'x' FOR SELECT a FROM t WHERE b = :b", ORA_TEXT_OTHER, 1,
         0},
        {"explain plan for update t set a = :1 returning b into :2", ORA_TEXT_OTHER, 2, 0},
        {"insert into t values (:1) returning id into :2", ORA_TEXT_CHANGE, 2, 1},
        {"update t set a = :1 return a, b into :2, :3", ORA_TEXT_CHANGE, 3, 2},
        {"begin update t set a = :1 returning b into :2; end;", ORA_TEXT_BLOCK, 2, 0},
        {"begin :a := :b || :A || :\"A\" || :\"a\"; end;", ORA_TEXT_BLOCK, 3, 0},
        {"UPDATE t SET returning = ' into '", ORA_TEXT_CHANGE, 0, 0},
        {"delete from t where id = :id", ORA_TEXT_CHANGE, 1, 0},
        {"MERGE INTO t USING s ON (1 = :x) WHEN MATCHED THEN UPDATE SET a = 1", ORA_TEXT_CHANGE, 1,
         0},
        {"BEGIN p(:a); END;", ORA_TEXT_BLOCK, 1, 0},
        {"declare x number := 1; begin null; end;", ORA_TEXT_BLOCK, 0, 0},
        {"CALL p(:a)", ORA_TEXT_BLOCK, 1, 0},
        {"CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW BEGIN :new.a := 1; END;", ORA_TEXT_OTHER,
         0, 0},
        {"ALTER SESSION SET NLS_DATE_FORMAT = 'HH24:MI'", ORA_TEXT_OTHER, 0, 0},
        {"TRUNCATE TABLE t", ORA_TEXT_OTHER, 0, 0},
        {"", ORA_TEXT_OTHER, 0, 0},
        {":", ORA_TEXT_OTHER, 0, 0},
        {"SELECT 'not closed :x", ORA_TEXT_QUERY, 0, 0},
        {"SELECT q'", ORA_TEXT_QUERY, 0, 0},
        {"SELECT /* not closed :x", ORA_TEXT_QUERY, 0, 0},
        {"SELECT :\"not closed", ORA_TEXT_QUERY, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t length = strlen(cases[i].sql);
        char *exact = malloc(length == 0 ? 1 : length); /* a sanitizer sees a step past it */
        struct ora_text text;

        assert_non_null(exact);
        memcpy(exact, cases[i].sql, length);
        assert_true(ora_text_read(exact, length, &text));
        free(exact);
        if (text.kind != cases[i].kind || text.binds != cases[i].binds ||
            text.binds - text.first_returned != cases[i].returned) {
            fail_msg("%s: kind %d, %u binds, returned from %u on", cases[i].sql, (int)text.kind,
                     text.binds, text.first_returned);
        }
        ora_text_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_text_read__statement__has_its_kind_and_binds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
