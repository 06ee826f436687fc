/*
 * ora/file.h: reads a whole file, of a size that the caller bounds.
 */
#ifndef ORA_FILE_H
#define ORA_FILE_H

#include <octo/ora.h>

/* The file's bytes with a NUL behind them, for free(), and their number. NULL with an error that
 * names the file: it cannot be read, or holds more than `max` bytes. */
char *ora_file_read(const char *path, size_t max, size_t *ret_length, struct octo_ora_error *error);

#endif
