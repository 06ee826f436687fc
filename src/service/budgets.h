/*
 * service/budgets.h: what strangers may spend at a service, as its settings say (http/budget.h).
 */
#ifndef SERVICE_BUDGETS_H
#define SERVICE_BUDGETS_H

#include "http/budget.h"
#include "service/settings.h"

/* NULL: no limit. */
struct budgets {
    struct budget *of_routes[BUDGET_KIND_COUNT]; /* that requests draw from, each from one */
    struct budget *partners;                     /* requests, by the key's digest */
    struct budget *carts;                        /* made, besides */
    struct budget *events;                       /* security events that are recorded */
};

struct budgets *budgets_new(const struct settings *settings, struct metrics *metrics,
                            const char *prefix);
void budgets_free(struct budgets *budgets); /* NULL is accepted */

#endif
