/*
 * app/glance.h: what the console says of many traces at once, for people: which values they have,
 * when they came and how long they took, and what some have more often than the rest.
 */
#ifndef APP_GLANCE_H
#define APP_GLANCE_H

#include "app/asking.h"

/* Each prints the answer that was asked for. */
MUST_CHECK bool glance_facets(struct asking *asking, struct err *err);
MUST_CHECK bool glance_heatmap(struct asking *asking, struct err *err);
MUST_CHECK bool glance_comparison(struct asking *asking, struct err *err);

#endif
