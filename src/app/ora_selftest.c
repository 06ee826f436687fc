#include "app/ora_selftest.h"

#include <stdio.h>
#include <string.h>

#include "db/engines.h"
#include "sql_crm_catalogue.h"
#include "sql_shop_catalogue.h"

enum { CHECKS_MOST = 64 };

/* How each check that a rule names has ended. */
struct outcome {
    bool is_known;
    enum finding_state state;
};

static void tell(void *arg, const char *check, enum finding_state state, const char *seen)
{
    struct outcome *outcomes = arg;

    (void)printf("%-4s  %-30s  %s\n", finding_state_name(state), check, seen);
    (void)fflush(stdout);
    for (size_t i = 0; i < db_backend_oracle.rule_count && i < CHECKS_MOST; i++) {
        if (strcmp(db_backend_oracle.rules[i].check, check) == 0 &&
            (!outcomes[i].is_known || state > outcomes[i].state)) {
            outcomes[i] = (struct outcome){.is_known = true, .state = state};
        }
    }
}

static void tell_rules(const struct outcome *outcomes)
{
    (void)printf("\nWhat docs/oracle.md leaves to a real server:\n");
    for (size_t i = 0; i < db_backend_oracle.rule_count && i < CHECKS_MOST; i++) {
        const char *now = !outcomes[i].is_known || outcomes[i].state == FINDING_SKIP ? "open"
                          : outcomes[i].state == FINDING_FAIL                        ? "wrong"
                                                                                     : "certain";

        (void)printf("%-7s  %s (%s)\n", now, db_backend_oracle.rules[i].rule,
                     db_backend_oracle.rules[i].check);
    }
}

bool ora_selftest(const struct db_options *options, const char *pooled)
{
    static const struct db_catalogue *const catalogues[] = {&sql_shop_catalogue,
                                                            &sql_crm_catalogue};
    struct outcome outcomes[CHECKS_MOST] = {{.is_known = false}};
    const struct db_selftest test = {.pooled = pooled,
                                     .catalogues = catalogues,
                                     .catalogue_count = sizeof(catalogues) / sizeof(catalogues[0]),
                                     .tell = tell,
                                     .arg = outcomes};
    const bool ok = db_backend_oracle.selftest(options, &test);

    tell_rules(outcomes);
    return ok;
}
