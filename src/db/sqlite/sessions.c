/*
 * Who writes to a database file, asked of the system: SQLite says that another process has the
 * write lock, but not which one. The lock is one byte of the -shm file. A look at that file itself
 * is out of the question: a process that closes any descriptor of a file loses its own locks there.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"

#include "db/sqlite/sqlite_priv.h"

enum { WRITE_LOCK_BYTE = 120, PATH_ROOM = 4096, LINE_ROOM = 256, LINE_WORDS = 8 };

/* The next word of the line, which is read on behind it. */
static const char *word_of(char **line)
{
    const char *word = strtok_r(*line, " \n", line);

    return word != NULL ? word : "";
}

/* The process of a line of /proc/locks, "1: POSIX ADVISORY WRITE 4711 fe:01:2097414 120 120", that
 * is for the write lock of that inode; else 0. */
static int64_t holder_of(char *line, uint64_t inode)
{
    const char *words[LINE_WORDS];
    const char *of;
    int64_t pid;
    int64_t number;
    int64_t first;
    int64_t last;

    for (size_t i = 0; i < LINE_WORDS; i++) {
        words[i] = word_of(&line);
    }
    /* Devices are not compared: where file systems lie on each other the names for them differ. */
    of = strrchr(words[5], ':');
    return strcmp(words[1], "POSIX") == 0 && strcmp(words[3], "WRITE") == 0 && of != NULL &&
                   text_to_int64(words[4], &pid) && text_to_int64(of + 1, &number) &&
                   text_to_int64(words[6], &first) && text_to_int64(words[7], &last) &&
                   (uint64_t)number == inode && first <= WRITE_LOCK_BYTE && last >= WRITE_LOCK_BYTE
               ? pid
               : 0;
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
