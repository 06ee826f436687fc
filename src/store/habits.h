/*
 * store/habits.h: which values of attributes come again and again. A value that does is kept once
 * for all spans that have it; one that does not is kept with its span. Told by what has been seen
 * lately, in memory of fixed size; a wrong guess costs room on the disk and nothing else.
 * Threads: any.
 */
#ifndef STORE_HABITS_H
#define STORE_HABITS_H

#include <stdbool.h>
#include <stdint.h>

struct habits;

struct habits *habits_new(void);
void habits_free(struct habits *habits); /* NULL is accepted */

/* Notes a value of the attribute `key`, both by their hashes. Does it come again, and do most
 * values of the attribute? */
bool habits_has(struct habits *habits, uint64_t key, uint64_t value);

#endif
