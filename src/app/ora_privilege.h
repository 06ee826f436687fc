/*
 * app/ora_privilege.h: the rights that --as names, with which somebody logs on to Oracle.
 */
#ifndef APP_ORA_PRIVILEGE_H
#define APP_ORA_PRIVILEGE_H

#include <octo/ora.h>

#define ORA_PRIVILEGE_WORDS "sysdba, sysoper, sysbackup, sysdg, syskm or sysrac"

/* In any case of its letters. False: it is none of ORA_PRIVILEGE_WORDS. */
bool ora_privilege_read(const char *word, enum octo_ora_privilege *ret);

#endif
