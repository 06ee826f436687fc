/* What an engine keeps per statement is found again, also when the table has grown:
 * db/engine/statement_cache.h. */
#include "db/catalogue.h"
#include "db/engine/statement_cache.h"
#include "tests/support/test.h"

enum { STATEMENTS = 1000 };

static void cache__more_than_it_had_room_for__finds_each(void **state)
{
    static struct db_statement statements[STATEMENTS];
    static int kept[STATEMENTS];
    struct statement_cache cache;

    (void)state;
    statement_cache_init(&cache);
    for (size_t i = 0; i < STATEMENTS; i++) {
        assert_null(statement_cache_find(&cache, &statements[i]));
        statement_cache_add(&cache, &statements[i], &kept[i]);
        assert_true(cache.used < cache.slot_count);
    }
    for (size_t i = 0; i < STATEMENTS; i++) {
        assert_ptr_equal(statement_cache_find(&cache, &statements[i]), &kept[i]);
    }
    assert_int_equal(cache.used, STATEMENTS);
    statement_cache_fini(&cache);
}

/* Whoever frees what is kept goes over the slots: each statement has one. */
static void cache__walked_over__shows_each_once(void **state)
{
    static struct db_statement statements[STATEMENTS];
    static int kept[STATEMENTS];
    struct statement_cache cache;
    size_t seen = 0;

    (void)state;
    statement_cache_init(&cache);
    for (size_t i = 0; i < STATEMENTS; i++) {
        statement_cache_add(&cache, &statements[i], &kept[i]);
    }
    for (size_t i = 0; i < cache.slot_count; i++) {
        if (cache.slots[i].statement != NULL) {
            assert_ptr_equal(cache.slots[i].kept, &kept[cache.slots[i].statement - statements]);
            (*(int *)cache.slots[i].kept)++;
            seen++;
        }
    }
    assert_int_equal(seen, STATEMENTS);
    for (size_t i = 0; i < STATEMENTS; i++) {
        assert_int_equal(kept[i], 1);
    }
    statement_cache_fini(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache__more_than_it_had_room_for__finds_each),
        cmocka_unit_test(cache__walked_over__shows_each_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
