/*
 * octo config: the tables of settings, for people and as docs/config.md.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"

static const char USAGE[] = "usage: octo config [--markdown]\n";

static void print_markdown(void)
{
    (void)printf(
        "# Configuration\n\n"
        "Every setting is a row of a table in the source: those of all services in "
        "`src/service/settings.c`,\nthose of one in its own directory (`src/shop/settings.c`, "
        "`src/crm/settings.c`). This page is made\nfrom them by `octo config --markdown`. A value "
        "comes from the command line, else from the\nenvironment, else, for a secret, from the "
        "file that the variable with `_FILE` behind its name\npoints to, else it is the "
        "default.\nThe range of a secret says how strong production wants it; elsewhere a weaker "
        "one is "
        "warned of.\n\n");
    services_print_settings(cfg_print_markdown);
}

int cmd_config(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (argc <= 1 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        (void)printf("%s\nLists all settings; with --markdown as the page docs/config.md.\n\n",
                     USAGE);
        services_print_settings(cfg_print_help);
        return EXIT_DONE;
    }
    if (argc > 2 || strcmp(word, "--markdown") != 0) {
        (void)fprintf(stderr, "octo config: unknown option '%s'\n%s", argv[argc - 1], USAGE);
        return EXIT_USAGE;
    }
    print_markdown();
    return EXIT_DONE;
}
