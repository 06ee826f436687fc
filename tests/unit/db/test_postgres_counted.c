/* db/postgres/counted.h: texts as pg_stat_statements of PostgreSQL 15 and 18 showed them. */
#include "db/postgres/counted.h"
#include "support/test.h"

static const struct {
    const char *text;
    const char *counted;
    bool is_same;
} CASES[] = {
    {"SELECT 1 AS one", "SELECT $1 AS one", true},
    {"SELECT 1 AS one", "SELECT 1 AS one", true},
    {"COMMIT", "COMMIT", true},
    {"SELECT a FROM t WHERE b = $1 AND c = 'it''s' LIMIT 5",
     "SELECT a FROM t WHERE b = $1 AND c = $2 LIMIT $3", true},
    {"SELECT a FROM t WHERE b = -1.5e-3 OR b = $1", "SELECT a FROM t WHERE b = $2 OR b = $1", true},
    {"UPDATE t SET a = NULL, b = TRUE, c = c - 1", "UPDATE t SET a = $1, b = $2, c = c - $3", true},
    {"SELECT now() - interval '1 day'", "SELECT now() - interval $1", true},
    {"SELECT a FROM t WHERE b IN ('x', 'y',\n 'z') AND c = $1",
     "SELECT a FROM t WHERE b IN ($2 /*, ... */) AND c = $1", true},
    {"SELECT ''", "SELECT $1", true},
    {"SELECT CAST(extract(epoch FROM now() - a) * 1000 AS bigint)",
     "SELECT CAST(extract($1 FROM now() - a) * $2 AS bigint)", true},
    {"EXTRACT(year FROM a)", "EXTRACT($1 FROM a)", true},
    {"SELECT abstract(epoch)", "SELECT abstract($1)", false},
    {"tract(epoch)", "tract($1)", false},
    {"SELECT extract( FROM a)", "SELECT extract($1 FROM a)", false},
    {"SELECT $1", "SELECT $2", false},
    {"SELECT a", "SELECT $1", false},
    {"SELECT nullable", "SELECT $1", false},
    {"SELECT 1 AS one", "SELECT $1 AS two", false},
    {"SELECT 1", "SELECT $1 AS one", false},
    {"SELECT 1 AS one", "SELECT $1", false},
    {"SELECT 'open", "SELECT $1", false},
    {"SELECT a IN (1, b)", "SELECT a IN ($1 /*, ... */)", false},
    {"", "SELECT $1", false},
};

static void pg_is_counted_as__texts__by_their_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        if (pg_is_counted_as(CASES[i].text, CASES[i].counted) != CASES[i].is_same) {
            fail_msg("%s / %s", CASES[i].text, CASES[i].counted);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pg_is_counted_as__texts__by_their_literals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
