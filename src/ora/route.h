/*
 * ora/route.h: the order in which what a descriptor lists is tried.
 */
#ifndef ORA_ROUTE_H
#define ORA_ROUTE_H

#include "ora/descriptor.h"

/* Both give the number of entries. `chance` decides the order where load is shared: any number to
 * begin with, and changed by each use; the same number gives the same order. */

size_t ora_route_descriptions(const struct ora_descriptor *descriptor, uint64_t *chance,
                              uint16_t ret[ORA_DESCRIPTIONS_MAX]);
/* Nodes of its entries ADDRESS; each retry asks anew. */
size_t ora_route_addresses(const struct ora_descriptor *descriptor,
                           const struct ora_description *description, uint64_t *chance,
                           uint16_t ret[ORA_ADDRESSES_MAX]);

#endif
