/* ora/die.c: the end of a session that cannot go on (see session_priv.h). */
#include <stdarg.h>
#include <stdio.h>

#include "ora/session_priv.h"

bool ora_die(struct octo_ora *session, struct octo_ora_error *error, const char *format, ...)
{
    char text[OCTO_ORA_TEXT] = "";
    va_list args;

    session->is_dead = true;
    ora_link_close(&session->link);
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return ora_fault(error, OCTO_ORA_LOST, "%.200s port %s: %.280s", session->address.host,
                     session->address.port, text);
}
