#include "service/budgets.h"

#include <stdlib.h>

#include "core/arena.h"

struct budgets *budgets_new(const struct settings *settings, struct metrics *metrics,
                            const char *prefix)
{
    struct budgets *budgets = mem_alloc(sizeof(*budgets));
    const struct {
        struct budget **budget;
        const char *name;
        const struct budget_settings *settings;
    } rows[] = {
        {&budgets->of_routes[BUDGET_READS], "reads", &settings->budget_reads},
        {&budgets->of_routes[BUDGET_WORK], "work", &settings->budget_work},
        {&budgets->of_routes[BUDGET_VIEWS], "views", &settings->budget_views},
        {&budgets->of_routes[BUDGET_SERVICE], "service", &settings->budget_service},
        {&budgets->partners, "partners", &settings->budget_partners},
        {&budgets->carts, "carts", &settings->budget_carts},
        {&budgets->events, "events", &settings->budget_events},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        *rows[i].budget =
            budget_new(&(struct budget_options){.name = rows[i].name,
                                                .of_one = rows[i].settings->of_one,
                                                .of_all = rows[i].settings->of_all,
                                                .is_by_key = rows[i].budget == &budgets->partners},
                       metrics, prefix);
    }
    return budgets;
}

void budgets_free(struct budgets *budgets)
{
    if (budgets == NULL) {
        return;
    }
    for (size_t kind = 0; kind < BUDGET_KIND_COUNT; kind++) {
        budget_free(budgets->of_routes[kind]);
    }
    budget_free(budgets->partners);
    budget_free(budgets->carts);
    budget_free(budgets->events);
    free(budgets);
}
