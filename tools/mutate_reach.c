/*
 * Linked into the programs that tell which functions a test enters (tools/mutate_reach.py): gcc
 * lets every function of theirs call us first (-finstrument-functions). A byte of the program's
 * file in REACHED_DIR stands for a byte of its text. All its processes share the file, so whatever
 * was entered is known, however they end.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

extern const char __executable_start[]; /* made by the linker, as is the end */
extern const char etext[];

static unsigned char *entered;

static unsigned char *map_entered(void)
{
    char program[PATH_MAX] = "", path[2 * PATH_MAX];
    size_t size = (size_t)(etext - __executable_start);
    void *map = MAP_FAILED;

    if (readlink("/proc/self/exe", program, sizeof program - 1) > 0) {
        (void)snprintf(path, sizeof path, "%s/%s", REACHED_DIR, strrchr(program, '/') + 1);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
            map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    if (map == MAP_FAILED) {
        abort(); /* the test fails, so that nobody takes it for one that enters nothing */
    }
    return map;
}

void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)caller;
    if (entered == NULL) {
        entered = map_entered();
    }
    entered[(const char *)function - __executable_start] = 1;
}

void __cyg_profile_func_exit(void *function, void *caller)
{
    (void)function;
    (void)caller;
}
