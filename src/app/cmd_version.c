/* octo version. */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "service/service.h"

int cmd_version(int argc, char **argv)
{
    static const char USAGE[] = "usage: octo version\n";

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        (void)printf("%s\nPrints the version.\n", USAGE);
        return EXIT_DONE;
    }
    if (argc > 1) {
        (void)fprintf(stderr, "octo version: unexpected argument '%s'\n%s", argv[1], USAGE);
        return EXIT_USAGE;
    }
    (void)printf("octo %s\n", OCTO_VERSION);
    return EXIT_DONE;
}
