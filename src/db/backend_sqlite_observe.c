/*
 * Who writes to a database file, asked of the system: SQLite says that another process has the
 * write lock, but not which one. The lock is one byte of the -shm file. A look at that file itself
 * is out of the question: a process that closes any descriptor of a file loses its own locks there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/backend_sqlite_priv.h"

enum { WRITE_LOCK_BYTE = 120, PATH_ROOM = 4096, LINE_ROOM = 256 };

/* The process of a line of /proc/locks that is for the write lock of that inode; else 0. */
static int64_t holder_of(const char *line, uint64_t inode)
{
    int64_t pid = 0;
    uint64_t of = 0;
    int64_t first = 0;
    int64_t last = 0;

    /* Devices are not compared: where file systems lie on each other the names for them differ. */
    if (sscanf(line,
               "%*d: POSIX ADVISORY WRITE %" SCNd64 " %*x:%*x:%" SCNu64 " %" SCNd64 " %" SCNd64,
               &pid, &of, &first, &last) != 4) {
        return 0;
    }
    return of == inode && first <= WRITE_LOCK_BYTE && last >= WRITE_LOCK_BYTE ? pid : 0;
}

int64_t sqlite_writer(const struct db_options *options)
{
    char path[PATH_ROOM];
    char line[LINE_ROOM];
    struct stat shared;
    int64_t pid = 0;
    FILE *locks;

    if (snprintf(path, sizeof(path), "%s-shm", options->location) >= (int)sizeof(path) ||
        stat(path, &shared) != 0 || (locks = fopen("/proc/locks", "re")) == NULL) {
        return 0;
    }
    while (pid == 0 && fgets(line, sizeof(line), locks) != NULL) {
        pid = holder_of(line, shared.st_ino);
    }
    (void)fclose(locks);
    return pid > 0 && pid != getpid() ? pid : 0;
}
