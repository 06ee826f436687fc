/*
 * ora/fault.h: errors on their way up: each function gives what these give, false.
 */
#ifndef ORA_FAULT_H
#define ORA_FAULT_H

#include <octo/ora.h>

bool ora_fault(struct octo_ora_error *error, enum octo_ora_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool ora_fault_memory(struct octo_ora_error *error);

#endif
