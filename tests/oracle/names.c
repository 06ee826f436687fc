/*
 * What connect strings stand for, as our driver reads them: one behind the other on the command
 * line, a descriptor in each line. It ends with 1 at one that is none.
 */
#include "ora/names.h"

#include <stdio.h>
#include <stdlib.h>

static bool print(const char *text)
{
    static const struct ora_names_where nowhere;
    struct ora_descriptor descriptor;
    struct octo_ora_error error;
    struct ora_wr wr;

    if (!ora_names_resolve(text, &nowhere, &descriptor, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        return false;
    }
    ora_wr_init(&wr, UINT16_MAX);
    ora_tree_write(&descriptor.tree, ORA_TREE_ROOT, &wr);
    (void)printf("%.*s\n", (int)wr.length, (const char *)wr.data);
    ora_wr_fini(&wr);
    ora_descriptor_fini(&descriptor);
    return true;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!print(argv[i])) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
