#include "store/companions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

enum {
    PATH_ROOM = 560,
    STAT_BLOCK = 512, /* stat(3type), st_blocks */
};

#define DAMAGED ".damaged"
static const char *const SUFFIXES[] = {"", "-wal", "-shm"}; /* https://sqlite.org/wal.html */
enum { SUFFIX_COUNT = sizeof(SUFFIXES) / sizeof(SUFFIXES[0]) };

void companions_remove(const char *path)
{
    char one[PATH_ROOM];

    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        (void)snprintf(one, sizeof(one), "%s%s", path, SUFFIXES[i]);
        if (unlink(one) != 0 && errno != ENOENT) {
            log_line(LOG_WARNING, NULL, "file not removed", "file=%s error=\"%s\"", one,
                     strerrordesc_np(errno));
        }
    }
}

void companions_set_aside(const char *path, const char *remedy)
{
    char from[PATH_ROOM];
    char to[PATH_ROOM];

    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        (void)snprintf(from, sizeof(from), "%s%s", path, SUFFIXES[i]);
        (void)snprintf(to, sizeof(to), "%s" DAMAGED "%s", path, SUFFIXES[i]);
        if (rename(from, to) != 0 && errno != ENOENT) {
            log_line(LOG_ERROR, NULL, "damaged file stays", "file=%s error=\"%s\"", from,
                     strerrordesc_np(errno));
        }
    }
    log_line(LOG_ERROR, NULL, "damaged file set aside", "file=%s" DAMAGED " remedy=\"%s\"", path,
             remedy);
}

bool companions_are_there(const char *path)
{
    char one[PATH_ROOM];
    bool found = false;

    for (size_t i = 1; i < SUFFIX_COUNT; i++) {
        (void)snprintf(one, sizeof(one), "%s%s", path, SUFFIXES[i]);
        found |= access(one, F_OK) == 0;
    }
    return found;
}

int64_t companions_bytes(const char *path)
{
    char one[PATH_ROOM];
    int64_t bytes = 0;

    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        struct stat file;

        (void)snprintf(one, sizeof(one), "%s%s", path, SUFFIXES[i]);
        bytes += stat(one, &file) == 0 ? (int64_t)file.st_blocks * STAT_BLOCK : 0;
    }
    return bytes;
}
