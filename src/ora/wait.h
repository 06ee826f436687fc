/*
 * ora/wait.h: waiting for a socket, until a moment and no longer.
 */
#ifndef ORA_WAIT_H
#define ORA_WAIT_H

#include <stdint.h>

enum ora_waited { ORA_WAITED_DONE, ORA_WAITED_TOO_LONG, ORA_WAITED_RUNG, ORA_WAITED_LOST };

int64_t ora_now_ms(void); /* a clock that nobody sets */
/* Until one of poll's events, or until that moment of ora_now_ms. Within a coroutine it is paused
 * meanwhile, and ORA_WAITED_LOST once it is given up. fd -1: until that moment. */
enum ora_waited ora_wait(int fd, short events, int64_t deadline_ms);
/* The same, or until `bell` becomes readable, which then has been read: ORA_WAITED_RUNG. -1: none;
 * nor is it heeded within a coroutine, whose owner waits. */
enum ora_waited ora_wait_or_bell(int fd, short events, int64_t deadline_ms, int bell);

#endif
