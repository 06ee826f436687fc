/*
 * trace/trace_file.h: the file that spans are appended to. Several processes may append to one:
 * each looks under the file's lock (flock) whether it is still the one at the path. A file that is
 * full becomes PATH.1, in the place of the one that was there before, so that the two never hold
 * more than twice the limit. What stands at the path but is no regular file (/dev/stderr, a pipe)
 * is written to as it is. Threads: one at a time.
 */
#ifndef TRACE_TRACE_FILE_H
#define TRACE_TRACE_FILE_H

#include <stdint.h>

#include "core/err.h"

struct trace_file {
    int fd;
    bool is_regular;
    char *path;     /* absolute, without links; owned */
    char *previous; /* path and ".1"; owned */
    uint64_t max_bytes;
};

MUST_CHECK bool trace_file_open(const char *path, uint64_t max_bytes, struct trace_file *ret,
                                struct err *err);
void trace_file_close(struct trace_file *file);
/* Appends whole lines. Returns how many bytes were written: fewer than `length` where the disk
 * fails, which leaves no part of a line behind in a file, or where a full file cannot be moved
 * away. */
size_t trace_file_append(struct trace_file *file, const char *lines, size_t length);

#endif
