/* The process_ families of the metrics, read from /proc. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/rd.h"

#include "trace/metrics_priv.h"

enum {
    PROC_TEXT_MAX = 1024,
    STATM_RESIDENT = 1,  /* fields before it in /proc/self/statm */
    STAT_START_TIME = 19 /* fields between the name's ')' and it in /proc/self/stat */
};

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One read gives the whole of these small files. */
static size_t read_proc(const char *path, char *out, size_t out_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, out, out_size);

    if (fd >= 0) {
        (void)close(fd);
    }
    return got < 0 ? 0 : (size_t)got;
}

static uint64_t take_field(struct rd *rd, size_t fields_before)
{
    size_t length;

    for (size_t i = 0; i < fields_before; i++) {
        (void)rd_until(rd, ' ', &length);
    }
    return rd_decimal(rd, UINT64_MAX);
}

static uint64_t resident_bytes(void)
{
    char text[PROC_TEXT_MAX];
    struct rd rd = rd_of(text, read_proc("/proc/self/statm", text, sizeof(text)));

    return take_field(&rd, STATM_RESIDENT) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The kernel gives the start in ticks since boot; both clocks read now place it in UTC. */
static double start_seconds(void)
{
    char text[PROC_TEXT_MAX];
    size_t length = read_proc("/proc/self/stat", text, sizeof(text));
    const char *name_end = memrchr(text, ')', length); /* a name may hold blanks and brackets */
    struct rd rd;
    uint64_t ticks;

    if (name_end == NULL) {
        return 0;
    }
    rd = rd_of(name_end, (size_t)(text + length - name_end));
    ticks = take_field(&rd, STAT_START_TIME + 1);
    return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) +
           (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static uint64_t open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    uint64_t count = 0;

    if (dir == NULL) {
        return 0;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    (void)closedir(dir);
    return count > 0 ? count - 1 : 0; /* without the one that listed them */
}

struct process_usage process_usage_now(void)
{
    return (struct process_usage){
        .resident_bytes = resident_bytes(),
        .cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID),
        .open_files = open_files(),
        .start_seconds = start_seconds(),
    };
}
