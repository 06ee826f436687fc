#include "ora/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ora/fault.h"
#include "ora/heap.h"

static bool cannot(const char *path, int number, struct octo_ora_error *error)
{
    char words[128];

    return ora_fault(error, OCTO_ORA_USAGE, "%.300s: %s", path,
                     strerror_r(number, words, sizeof(words)));
}

/* A file may be written anew while it is read: what is there first counts. */
static bool read_all(int fd, char *to, size_t length, size_t *ret_length)
{
    size_t have = 0;

    while (have < length) {
        const ssize_t count = read(fd, to + have, length - have);

        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return false;
        }
        if (count == 0) {
            break;
        }
        have += (size_t)count;
    }
    *ret_length = have;
    return true;
}

static char *read_open(int fd, const char *path, size_t max, size_t *ret_length,
                       struct octo_ora_error *error)
{
    struct stat status;
    char *bytes;

    if (fstat(fd, &status) != 0) {
        (void)cannot(path, errno, error);
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || (uintmax_t)status.st_size > max) {
        (void)ora_fault(error, OCTO_ORA_USAGE, "%.300s: %s", path,
                        S_ISREG(status.st_mode) ? "a file of too many bytes for what it should be"
                                                : "is no file");
        return NULL;
    }
    bytes = ora_heap_zeroed((size_t)status.st_size + 1, 1);
    if (bytes == NULL) {
        (void)ora_fault_memory(error);
        return NULL;
    }
    if (!read_all(fd, bytes, (size_t)status.st_size, ret_length)) {
        (void)cannot(path, errno, error);
        free(bytes);
        return NULL;
    }
    return bytes;
}

char *ora_file_read(const char *path, size_t max, size_t *ret_length, struct octo_ora_error *error)
{
    /* One that is no file could keep the opener waiting. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *bytes;

    if (fd < 0) {
        (void)cannot(path, errno, error);
        return NULL;
    }
    bytes = read_open(fd, path, max, ret_length, error);
    (void)close(fd);
    return bytes;
}
