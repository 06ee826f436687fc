/*
 * ora/refusal.h: what it means when a listener refuses, and what to do.
 */
#ifndef ORA_REFUSAL_H
#define ORA_REFUSAL_H

#include "ora/descriptor.h"

/* The error's text and number. `number` is of the ORA error; 0: none was named. */
bool ora_refusal_tell(uint32_t number, const struct ora_address *address,
                      const struct ora_description *description, struct octo_ora_error *error);

#endif
