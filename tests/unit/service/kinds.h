/*
 * Services to try the common parts by: one as the Drone Shop is, one as the CRM Portal is, and one
 * that is like neither. A table is all that each consists of.
 */
#ifndef TESTS_UNIT_SERVICE_KINDS_H
#define TESTS_UNIT_SERVICE_KINDS_H

#include "service/traits.h"

extern const struct service_traits kind_shop;    /* events in a pool of their own, five users */
extern const struct service_traits kind_crm;     /* look-ups in a pool of their own, one user */
extern const struct service_traits kind_console; /* one pool for all, no peer, its own words */
extern const struct service_traits kind_bare;    /* no database, no peer */

#endif
