#include "app/process.h"

#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/arena.h"

static void set_core_limit(bool is_allowed)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = is_allowed ? limit.rlim_max : 0;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
}

void process_prepare(void)
{
    (void)umask(S_IRWXG | S_IRWXO);
    /* The limit alone would not keep an image from a program that takes it by a pipe
     * (systemd-coredump; core(5)). */
    set_core_limit(false);
    (void)prctl(PR_SET_DUMPABLE, 0L);
    /* A peer that hangs up is an error of its connection, not the end of the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* So is a file that has reached its limit. */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A fixed threshold: the memory that a password hash takes goes back to the system at once,
     * where otherwise the allocator would learn to keep it. */
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

/* Behind the first colon of what stands before the host (RFC 3986 section 3.2.1). False: there is
 * none. */
static bool hide_userinfo(char *authority)
{
    const size_t length = strcspn(authority, "/?#");
    char *at = memrchr(authority, '@', length);
    char *colon = at != NULL ? memchr(authority, ':', (size_t)(at - authority)) : NULL;

    if (colon == NULL) {
        return false;
    }
    memset(colon + 1, '*', (size_t)(at - colon) - 1);
    return true;
}

static bool hide_parameters(char *query)
{
    static const char *const NAMES[] = {"password=", "sslpassword="};
    bool is_hidden = false;

    while ((query = strpbrk(query, "?&")) != NULL) {
        query++;
        for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
            const size_t length = strlen(NAMES[i]);

            if (strncmp(query, NAMES[i], length) == 0) {
                memset(query + length, '*', strcspn(query + length, "&#"));
                is_hidden = true;
            }
        }
    }
    return is_hidden;
}

void process_hide_passwords(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        char *url = strstr(argv[i], "://");
        char *copy;
        bool is_hidden;

        if (url == NULL) {
            continue;
        }
        copy = mem_strdup(argv[i]);
        is_hidden = hide_userinfo(url + 3);
        is_hidden = hide_parameters(url) || is_hidden;
        if (is_hidden) {
            argv[i] = copy;
        } else {
            free(copy);
        }
    }
}

void process_allow_core_dumps(void)
{
    set_core_limit(true);
    (void)prctl(PR_SET_DUMPABLE, 1L);
}
