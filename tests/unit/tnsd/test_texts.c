/* The catalogues' texts for Oracle: the listener's rewriting reads each of them, with as many binds
 * as the catalogue says. */
#include "sql_core_catalogue.h"
#include "sql_crm_catalogue.h"
#include "sql_db_catalogue.h"
#include "sql_shop_catalogue.h"
#include "tests/support/test.h"
#include "tests/support/tnsd/rewrite.h"

static const struct db_catalogue *const catalogues[] = {
    &sql_core_catalogue,
    &sql_shop_catalogue,
    &sql_crm_catalogue,
    &sql_db_catalogue,
};

/* Binds that go in, and those that something comes out of. */
static void check_binds(const struct db_statement *statement, const struct db_variant *variant,
                        const struct rewrite *rewrite)
{
    const unsigned outs = variant->gives_binds ? statement->column_count : 0;
    unsigned ins = 0;

    assert_int_equal(rewrite->bind_count, variant->bind_count + outs);
    for (unsigned i = 0; i < variant->bind_count; i++) {
        const unsigned param = variant->bind_order != NULL ? variant->bind_order[i] : i;

        assert_false(rewrite->binds[i].is_returned || rewrite->binds[i].is_written);
        ins += param < statement->param_count ? 1 : 0;
    }
    assert_int_equal(ins, variant->bind_count);
    for (unsigned i = variant->bind_count; i < rewrite->bind_count; i++) {
        assert_true(rewrite->binds[i].is_returned || rewrite->binds[i].is_written);
    }
    assert_int_equal(rewrite->kind == REWRITE_BLOCK, variant->is_block);
}

static void texts__each_of_every_catalogue__is_read(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof(catalogues) / sizeof(catalogues[0]); c++) {
        size_t read = 0;
        size_t all = 0;

        for (size_t i = 0; i < catalogues[c]->count; i++) {
            const struct db_statement *statement = catalogues[c]->statements[i];
            const struct db_variant *variant = &statement->variants[DB_ORACLE];
            struct rewrite_refusal refusal;
            struct rewrite rewrite;

            if (statement->is_batch) { /* goes as an array of the one for a row */
                continue;
            }
            all++;
            if (variant->text == NULL) {
                continue;
            }
            if (!rewrite_read(variant->text, strlen(variant->text), &rewrite, &refusal)) {
                fail_msg("%s: %s, at byte %zu of\n%s", statement->name, refusal.text,
                         refusal.position, variant->text);
            }
            check_binds(statement, variant, &rewrite);
            rewrite_fini(&rewrite);
            read++;
        }
        print_message("%s: %zu of %zu statements have a text\n", catalogues[c]->service, read, all);
        assert_true(read > 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts__each_of_every_catalogue__is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
