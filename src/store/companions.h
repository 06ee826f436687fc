/*
 * store/companions.h: a SQLite file with those that SQLite makes beside it (its write-ahead log and
 * the index of that): removed, set aside, measured together.
 * Threads: any, while nobody has the file open.
 */
#ifndef STORE_COMPANIONS_H
#define STORE_COMPANIONS_H

#include <stdbool.h>
#include <stdint.h>

void companions_remove(const char *path);
/* Under its name and ".damaged", in the place of an older one; the log names it and the remedy. */
void companions_set_aside(const char *path, const char *remedy);
/* Is any of those beside it there? Of a file that was closed in order none is. */
bool companions_are_there(const char *path);
/* Bytes that they take on the disk; also while the file is open. */
int64_t companions_bytes(const char *path);

#endif
