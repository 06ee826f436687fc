/*
 * app/process.h: what holds for the process as a whole, before any command: signals, file modes,
 * what becomes of its memory when it crashes.
 */
#ifndef APP_PROCESS_H
#define APP_PROCESS_H

/* First thing in main: what the process makes is its user's alone, and its memory, in which keys
 * and passwords lie, goes neither to a core image nor to another process of the same user
 * (prctl(2), PR_SET_DUMPABLE: /proc/PID/mem and environ, ptrace). */
void process_prepare(void);
/* Whoever may list processes reads their arguments. From now on he reads stars for the passwords of
 * URLs in them ("postgresql://admin:PASSWORD@host", "?password=..."); argv has the arguments as
 * they were, in memory of their own that lives as long as the process. */
void process_hide_passwords(int argc, char **argv);
/* Undoes what process_prepare does to memory, for those who look for a fault: OCTO_CORE_DUMPS. */
void process_allow_core_dumps(void);

#endif
