/* octo version. */
#include <stdio.h>

#include "app/cli.h"
#include "service/service.h"

int cmd_version(int argc, char **argv)
{
    if (argc > 1) {
        (void)fprintf(stderr, "octo version: unexpected argument '%s'\n", argv[1]);
        return EXIT_USAGE;
    }
    (void)printf("octo %s\n", OCTO_VERSION);
    return EXIT_DONE;
}
