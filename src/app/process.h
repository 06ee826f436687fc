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
/* Undoes the latter, for those who look for a fault: OCTO_CORE_DUMPS. */
void process_allow_core_dumps(void);

#endif
