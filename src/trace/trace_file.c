#include "trace/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/private.h"

enum {
    TURNS_MOST = 100, /* so often the file may be moved away while we reach for it */
    MODE = 0600,
};

static int open_at(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, MODE);
}

static bool is_regular(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static char *previous_of(const char *path)
{
    char name[PATH_MAX + 2];

    (void)snprintf(name, sizeof(name), "%s.1", path);
    return mem_strdup(name);
}

/* A file's own path, so that a link that leads to it stays; what is no file keeps the one given. */
static bool find_path(struct trace_file *file, const char *path)
{
    char resolved[PATH_MAX];

    file->is_regular = is_regular(file->fd);
    if (file->is_regular && realpath(path, resolved) == NULL) {
        return false;
    }
    file->path = mem_strdup(file->is_regular ? resolved : path);
    file->previous = previous_of(file->path);
    return true;
}

bool trace_file_open(const char *path, uint64_t max_bytes, struct trace_file *ret, struct err *err)
{
    struct trace_file file = {.fd = open_at(path), .max_bytes = max_bytes};

    if (file.fd < 0 || !find_path(&file, path)) {
        int failure = errno;

        if (file.fd >= 0) {
            (void)close(file.fd);
        }
        (void)err_set(err, ERR_IO, "cannot open trace log %s: %s", path, strerrordesc_np(failure));
        err->native = failure;
        return false;
    }
    if (!private_close_fd(file.fd, file.path, err) || !private_close(file.previous, err)) {
        trace_file_close(&file);
        return err_wrap(err, "trace log");
    }
    *ret = file;
    return true;
}

void trace_file_close(struct trace_file *file)
{
    (void)close(file->fd);
    free(file->path);
    free(file->previous);
}

/* Another process may have moved our file away, or somebody may have removed it. */
static bool is_at_path(const struct trace_file *file)
{
    struct stat own;
    struct stat there;

    return fstat(file->fd, &own) == 0 && stat(file->path, &there) == 0 &&
           own.st_ino == there.st_ino && own.st_dev == there.st_dev;
}

static bool is_full(const struct trace_file *file, size_t more)
{
    struct stat own;

    return fstat(file->fd, &own) == 0 && own.st_size > 0 &&
           (uint64_t)own.st_size + more > file->max_bytes;
}

static bool reopen(struct trace_file *file)
{
    int fd = open_at(file->path);

    if (fd < 0) {
        return false;
    }
    (void)close(file->fd); /* and its lock with it */
    file->fd = fd;
    return true;
}

/* Whoever holds the lock of the file at the path may append to it or move it away. True: we do, and
 * it has room for so many bytes. */
static bool take_with_room(struct trace_file *file, size_t length)
{
    for (int turn = 0; turn < TURNS_MOST; turn++) {
        while (flock(file->fd, LOCK_EX) != 0 && errno == EINTR) {
        }
        if (is_at_path(file)) {
            if (!is_full(file, length)) {
                return true;
            }
            if (rename(file->path, file->previous) != 0) {
                break;
            }
        }
        if (!reopen(file)) {
            break;
        }
    }
    (void)flock(file->fd, LOCK_UN);
    return false;
}

static size_t append(const struct trace_file *file, const char *lines, size_t length)
{
    size_t at = 0;

    while (at < length) {
        ssize_t written = write(file->fd, lines + at, length - at);

        if (written >= 0) {
            at += (size_t)written;
        } else if (errno != EINTR) {
            break;
        }
    }
    return at;
}

/* Of the lines that were written in part, takes back the one that is not whole: the next would go
 * on in its middle. Returns the length of those that stay. */
static size_t keep_whole(const struct trace_file *file, const char *lines, size_t written)
{
    const char *end = memrchr(lines, '\n', written);
    const size_t whole = end != NULL ? (size_t)(end - lines) + 1 : 0;
    struct stat own;

    return fstat(file->fd, &own) == 0 &&
                   ftruncate(file->fd, own.st_size - (off_t)(written - whole)) == 0
               ? whole
               : written;
}

size_t trace_file_append(struct trace_file *file, const char *lines, size_t length)
{
    size_t written;

    if (!file->is_regular) {
        return append(file, lines, length);
    }
    if (!take_with_room(file, length)) {
        return 0;
    }
    written = append(file, lines, length);
    if (written < length) {
        written = keep_whole(file, lines, written);
    }
    (void)flock(file->fd, LOCK_UN);
    return written;
}
