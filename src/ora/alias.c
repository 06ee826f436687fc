#include "ora/alias.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ora/fault.h"
#include "ora/file.h"
#include "ora/tnsnames.h"

enum {
    FILE_MAX = 4 << 20,
    DEPTH_MAX = 8, /* of files that include files */
    ALIAS_MAX = 64,
    NEAR_MAX = 3,
    FAR = 1000, /* no alias is as far away */
};

struct near {
    char alias[ALIAS_MAX + 1];
    unsigned distance;
};

/* A file that is being read. */
struct reading {
    const char *path;
    const char *text;
};

struct search {
    struct ora_slice alias;
    struct ora_alias found; /* text NULL: nothing yet */
    bool is_broken;         /* what was found */
    struct octo_ora_error broken;
    struct octo_ora_error fault; /* the first one in the files; kind 0: there is none */
    struct near near[NEAR_MAX];
    struct reading open[DEPTH_MAX];
    size_t depth;
    size_t aliases;
};

/* --- near ones --- */

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    const unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many characters must be put in, taken out or changed (Levenshtein). */
static unsigned distance(struct ora_slice a, struct ora_slice b)
{
    unsigned row[ALIAS_MAX + 1];

    if (a.length > ALIAS_MAX || b.length > ALIAS_MAX) {
        return FAR;
    }
    for (unsigned j = 0; j <= b.length; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; i <= a.length; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b.length; j++) {
            const bool is_same =
                tolower((unsigned char)a.at[i - 1]) == tolower((unsigned char)b.at[j - 1]);
            const unsigned best = smallest(row[j] + 1, row[j - 1] + 1, diagonal + !is_same);

            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b.length];
}

/* Keeps it where it is one of the nearest, and near enough to be a slip. */
static void consider(struct search *s, struct ora_slice alias)
{
    const unsigned far = distance(s->alias, alias);
    struct near it = {.distance = far};

    s->aliases++;
    if (far > 1 + s->alias.length / 4 || !ora_slice_copy(alias, it.alias, sizeof(it.alias))) {
        return;
    }
    for (size_t i = 0; i < NEAR_MAX; i++) {
        if (s->near[i].alias[0] == '\0' || it.distance < s->near[i].distance) {
            const struct near kept = s->near[i];

            s->near[i] = it;
            it = kept;
        }
        if (it.alias[0] == '\0') {
            return;
        }
    }
}

/* --- files --- */

static void note_fault(struct search *s, const struct octo_ora_error *error)
{
    if (s->fault.kind == OCTO_ORA_NONE) {
        s->fault = *error;
    }
}

static void search_file(struct search *s, const char *path);

/* IFILE = PATH, relative to the file that it stands in, perhaps in quotes. */
static void include(struct search *s, const struct ora_source *source, struct ora_slice value)
{
    char name[PATH_MAX];
    char path[PATH_MAX];
    const char *slash = strrchr(source->name, '/');
    const bool is_quoted =
        value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"';
    const struct ora_slice bare = {.at = value.at + (is_quoted ? 1 : 0),
                                   .length = value.length - (is_quoted ? 2 : 0)};
    struct octo_ora_error error;
    int written;

    if (!ora_slice_copy(bare, name, sizeof(name))) {
        (void)ora_source_fault(source, value.at, &error, "a path of too many characters");
        note_fault(s, &error);
        return;
    }
    written = snprintf(path, sizeof(path), "%.*s%s",
                       name[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - source->name),
                       source->name, name);
    for (size_t i = 0; i < s->depth; i++) {
        if (strcmp(s->open[i].path, path) == 0) {
            (void)ora_source_fault(source, value.at, &error, "IFILE leads back to this file");
            note_fault(s, &error);
            return;
        }
    }
    if (written >= PATH_MAX || s->depth == DEPTH_MAX) {
        (void)ora_source_fault(source, value.at, &error, "files include files too deeply");
        note_fault(s, &error);
        return;
    }
    search_file(s, path);
}

/* The text of what was found is freed here, but for one that is still being read: then at its end.
 */
static void forget_found(struct search *s, const char *but)
{
    bool is_kept = s->found.text == but;

    for (size_t i = 0; i < s->depth; i++) {
        is_kept = is_kept || s->found.text == s->open[i].text;
    }
    if (!is_kept) {
        free(s->found.text);
    }
}

/* From here on this file's text is what was found. */
static void keep(struct search *s, const struct ora_source *source, char *text,
                 const struct ora_tnsnames_entry *entry)
{
    forget_found(s, text);
    s->found.text = text;
    s->found.length = source->length;
    s->found.value = entry->value;
    (void)snprintf(s->found.path, sizeof(s->found.path), "%s", source->name);
    s->is_broken = entry->fault != NULL;
    if (s->is_broken) {
        (void)ora_source_fault(source, entry->fault_at, &s->broken, "%s", entry->fault);
    }
}

static void search_entry(struct search *s, const struct ora_source *source, char *text,
                         const struct ora_tnsnames_entry *entry)
{
    struct ora_slice rest = entry->aliases;
    struct ora_slice alias;
    struct octo_ora_error error;

    if (entry->fault != NULL) {
        (void)ora_source_fault(source, entry->fault_at, &error, "%s", entry->fault);
        note_fault(s, &error);
    }
    while (ora_tnsnames_alias(&rest, &alias)) {
        if (ora_slice_is(alias, "IFILE")) {
            include(s, source, entry->value);
            continue;
        }
        if (alias.length == s->alias.length &&
            strncasecmp(alias.at, s->alias.at, alias.length) == 0) {
            keep(s, source, text, entry);
        }
        consider(s, alias);
    }
}

static void search_file(struct search *s, const char *path)
{
    struct octo_ora_error error;
    struct ora_source source = {.name = path};
    struct ora_tnsnames names;
    struct ora_tnsnames_entry entry;
    char *text = ora_file_read(path, FILE_MAX, &source.length, &error);

    if (text == NULL) {
        note_fault(s, &error);
        return;
    }
    source.text = text;
    names = ora_tnsnames_of(&source);
    s->open[s->depth++] = (struct reading){.path = path, .text = text};
    while (ora_tnsnames_next(&names, &entry)) {
        search_entry(s, &source, text, &entry);
    }
    s->open[--s->depth].path = NULL;
    if (s->found.text != text) {
        free(text);
    }
}

static bool not_found(const struct search *s, const char *path, struct octo_ora_error *error)
{
    char near[(NEAR_MAX + 1) * ALIAS_MAX] = "";
    const bool has_near = s->near[0].alias[0] != '\0';

    for (size_t i = 0; i < NEAR_MAX && s->near[i].alias[0] != '\0'; i++) {
        const size_t length = strlen(near);

        (void)snprintf(near + length, sizeof(near) - length, "%s%s", i > 0 ? ", " : "",
                       s->near[i].alias);
    }
    return ora_fault(error, OCTO_ORA_USAGE, "%.120s has no alias %.*s%s%s%s%s", path,
                     (int)(s->alias.length > ALIAS_MAX ? ALIAS_MAX : s->alias.length), s->alias.at,
                     has_near          ? ": is it "
                     : s->aliases == 0 ? ": it has none at all"
                                       : "",
                     has_near ? near : "",
                     s->fault.kind != OCTO_ORA_NONE ? "; what is wrong there: " : "",
                     s->fault.kind != OCTO_ORA_NONE ? s->fault.text : "");
}

bool ora_alias_find(const char *path, struct ora_slice alias, struct ora_alias *ret,
                    struct octo_ora_error *error)
{
    struct search s = {.alias = alias};

    search_file(&s, path);
    if (s.found.text == NULL) {
        return not_found(&s, path, error);
    }
    if (s.is_broken) {
        free(s.found.text);
        *error = s.broken;
        return false;
    }
    *ret = s.found;
    return true;
}
