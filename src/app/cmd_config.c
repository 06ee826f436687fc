/*
 * octo config: the table of settings, for people and as docs/config.md.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"

static const char USAGE[] = "usage: octo config [--markdown]\n";

static void print_markdown(void)
{
    (void)printf(
        "# Configuration\n\n"
        "Every setting is a row of one table in the source, `src/service/settings.c`; this page "
        "is made\nfrom it by `octo config --markdown`. A value comes from the command line, else "
        "from the\nenvironment, else, for a secret, from the file that the variable with `_FILE` "
        "behind its name\npoints to, else it is the default. `both` holds for both "
        "services.\n\n");
    cfg_print_markdown(settings_rows, settings_row_count);
}

int cmd_config(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (argc <= 1 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        (void)printf("%s\nLists all settings; with --markdown as the page docs/config.md.\n\n",
                     USAGE);
        cfg_print_help(settings_rows, settings_row_count);
        return EXIT_DONE;
    }
    if (argc > 2 || strcmp(word, "--markdown") != 0) {
        (void)fprintf(stderr, "octo config: unknown option '%s'\n%s", argv[argc - 1], USAGE);
        return EXIT_USAGE;
    }
    print_markdown();
    return EXIT_DONE;
}
