#include "ora/names.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ora/alias.h"
#include "ora/ezconnect.h"
#include "ora/fault.h"
#include "ora/heap.h"

enum { CONNECT_STRING_MAX = 32767, DIRECTORIES = 4 };

/* --- descriptors and Easy Connect --- */

/* Fills the descriptor, which owns the source's text already, from a part of it. */
static bool read_value(struct ora_descriptor *descriptor, const struct ora_source *source,
                       struct ora_slice value, enum ora_tree_rule rule,
                       struct octo_ora_error *error)
{
    const char *end = value.at + value.length;
    const bool ok = value.length > 0 && value.at[0] == '('
                        ? ora_tree_read(&descriptor->tree, source, value.at, end, rule, error)
                        : ora_ezconnect_read(&descriptor->tree, source, value.at, end, error);

    return ok && ora_descriptor_check(descriptor, source, error);
}

static bool resolve_written(struct ora_slice written, const struct ora_source *given,
                            struct ora_descriptor *ret, struct octo_ora_error *error)
{
    struct ora_source source = *given;
    struct ora_slice value = written;

    ret->text = ora_heap_zeroed(given->length + 1, 1);
    if (ret->text == NULL) {
        return ora_fault_memory(error);
    }
    memcpy(ret->text, given->text, given->length);
    source.text = ret->text;
    value.at = ret->text + (written.at - given->text);
    return read_value(ret, &source, value, ORA_TREE_PLAIN, error);
}

/* --- aliases --- */

static bool is_alias(struct ora_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!isalnum((unsigned char)text.at[i]) &&
            (text.at[i] == '\0' || strchr("._-$", text.at[i]) == NULL) &&
            (unsigned char)text.at[i] < 0x80) {
            return false;
        }
    }
    return text.length > 0;
}

/* Where the first tnsnames.ora is, of all places where it may be. */
static bool find_file(const struct ora_names_where *where, struct ora_slice alias,
                      char ret[PATH_MAX], struct octo_ora_error *error)
{
    char home[PATH_MAX] = "";
    const char *oracle_home = getenv("ORACLE_HOME");
    const char *directories[DIRECTORIES] = {where->admin_dir, getenv("TNS_ADMIN"),
                                            where->wallet_dir, NULL};
    char looked[256] = "";

    if (oracle_home != NULL) {
        (void)snprintf(home, sizeof(home), "%s/network/admin", oracle_home);
        directories[DIRECTORIES - 1] = home;
    }
    for (size_t i = 0; i < DIRECTORIES; i++) {
        const size_t length = strlen(looked);

        if (directories[i] == NULL || directories[i][0] == '\0') {
            continue;
        }
        if (snprintf(ret, PATH_MAX, "%s/tnsnames.ora", directories[i]) < PATH_MAX &&
            access(ret, F_OK) == 0) {
            return true;
        }
        (void)snprintf(looked + length, sizeof(looked) - length, "%s%.60s",
                       length > 0 ? ", " : " in ", directories[i]);
    }
    return ora_fault(error, OCTO_ORA_USAGE,
                     "%.*s: an alias stands in a file tnsnames.ora, and there is none%s: set "
                     "TNS_ADMIN to its directory, or write [tcps://]HOST[:PORT]/SERVICE",
                     (int)(alias.length > 64 ? 64 : alias.length), alias.at, looked);
}

static bool resolve_alias(struct ora_slice alias, const struct ora_names_where *where,
                          struct ora_descriptor *ret, struct octo_ora_error *error)
{
    struct ora_alias found;
    struct ora_source source = {.name = found.path};
    char path[PATH_MAX];

    if (!find_file(where, alias, path, error) || !ora_alias_find(path, alias, &found, error)) {
        return false;
    }
    ret->text = found.text;
    source.text = found.text;
    source.length = found.length;
    return read_value(ret, &source, found.value, ORA_TREE_COMMENTS, error);
}

bool ora_names_resolve(const char *connect_string, const struct ora_names_where *where,
                       struct ora_descriptor *ret, struct octo_ora_error *error)
{
    const struct ora_source source = {
        .name = "connect string", .text = connect_string, .length = strlen(connect_string)};
    const struct ora_slice text =
        ora_slice_trim((struct ora_slice){.at = source.text, .length = source.length});
    bool ok;

    if (text.length == 0) {
        return ora_fault(error, OCTO_ORA_USAGE, "the connect string is empty");
    }
    if (text.length > CONNECT_STRING_MAX) {
        return ora_fault(error, OCTO_ORA_USAGE, "the connect string has more than %d characters",
                         CONNECT_STRING_MAX);
    }
    if (!ora_descriptor_init(ret)) {
        return ora_fault_memory(error);
    }
    ok = is_alias(text) ? resolve_alias(text, where, ret, error)
                        : resolve_written(text, &source, ret, error);
    if (!ok) {
        ora_descriptor_fini(ret);
    }
    return ok;
}
