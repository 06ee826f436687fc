/*
 * What sessions cost: connects so many times, holds all of them at once, and says how many bytes of
 * memory each of them has added, the first one apart, with which OpenSSL sets itself up.
 *
 *     ora-many COUNT CONNECT-STRING USER PASSWORD [WALLET WALLET-PASSWORD]
 */
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SESSIONS_MAX = 1000 };

/* Bytes of this process that lie in memory; 0: not known. */
static size_t resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (file == NULL) {
        return 0;
    }
    if (fscanf(file, "%*u %lu", &pages) != 1) {
        pages = 0;
    }
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    struct octo_ora *sessions[SESSIONS_MAX] = {NULL};
    const unsigned long count = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;
    struct octo_ora_options options;
    struct octo_ora_error error = {.kind = OCTO_ORA_NONE};
    size_t before = 0;
    bool ok = count > 1 && count <= SESSIONS_MAX;

    if (!ok) {
        (void)fputs("usage: ora-many COUNT CONNECT-STRING USER PASSWORD [WALLET PASSWORD]\n",
                    stderr);
        return 2;
    }
    options = (struct octo_ora_options){.dsn = argv[2],
                                        .user = argv[3],
                                        .password = argv[4],
                                        .wallet_dir = argc > 5 ? argv[5] : NULL,
                                        .wallet_password = argc > 6 ? argv[6] : NULL};
    for (unsigned long i = 0; i < count && ok; i++) {
        ok = octo_ora_connect(&options, &sessions[i], &error) && octo_ora_ping(sessions[i], &error);
        before = i == 0 ? resident() : before;
    }
    if (ok) {
        (void)printf("%zu\n", (resident() - before) / (count - 1));
    } else {
        (void)fprintf(stderr, "%s\n", error.text);
    }
    for (unsigned long i = 0; i < count; i++) {
        octo_ora_close(sessions[i]);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
