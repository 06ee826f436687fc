#include "ora/fault.h"

#include <stdarg.h>
#include <stdio.h>

bool ora_fault(struct octo_ora_error *error, enum octo_ora_kind kind, const char *format, ...)
{
    va_list args;

    *error = (struct octo_ora_error){.kind = kind, .position = -1};
    va_start(args, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return false;
}

bool ora_fault_memory(struct octo_ora_error *error)
{
    return ora_fault(error, OCTO_ORA_MEMORY, "out of memory");
}
