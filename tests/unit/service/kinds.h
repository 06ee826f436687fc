/*
 * Services to try the common parts by. They are made up, because nothing of src/service may rest on
 * a tenant's values: what is the Drone Shop's and the CRM Portal's own is tried in tests/unit/shop
 * and tests/unit/crm. A table is all that each consists of.
 */
#ifndef TESTS_UNIT_SERVICE_KINDS_H
#define TESTS_UNIT_SERVICE_KINDS_H

#include "service/settings.h"
#include "service/traits.h"

struct desk_settings {
    struct settings of_all;
    const char *bell;
};

extern const struct service_traits kind_store;   /* events in a pool of their own, five users */
extern const struct service_traits kind_desk;    /* look-ups in a pool of their own, one user */
extern const struct service_traits kind_console; /* one pool for all, no peer, its own words */
extern const struct service_traits kind_bare;    /* no database, no peer */

#endif
