/*
 * Property: a file tnsnames.ora is read without a step past its end, and comes to its end; what an
 * entry is made of lies in the file, one behind the other, and a fault has a place there.
 */
#include <assert.h>
#include <stdint.h>

#include "ora/descriptor.h"
#include "ora/ezconnect.h"
#include "ora/tnsnames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_value(const struct ora_source *source, struct ora_slice value)
{
    const char *end = value.at + value.length;
    struct ora_descriptor descriptor;
    struct octo_ora_error error;
    const bool is_there = ora_descriptor_init(&descriptor);

    assert(is_there);
    if (value.length > 0 && value.at[0] == '('
            ? ora_tree_read(&descriptor.tree, source, value.at, end, ORA_TREE_COMMENTS, &error)
            : ora_ezconnect_read(&descriptor.tree, source, value.at, end, &error)) {
        (void)ora_descriptor_check(&descriptor, source, &error);
    }
    ora_descriptor_fini(&descriptor);
}

static void check_aliases(const struct ora_tnsnames_entry *entry)
{
    struct ora_slice rest = entry->aliases;
    struct ora_slice alias;
    size_t count = 0;

    while (ora_tnsnames_alias(&rest, &alias)) {
        assert(alias.at >= entry->aliases.at && alias.length > 0 &&
               alias.at + alias.length <= entry->aliases.at + entry->aliases.length);
        count++;
    }
    assert((count > 0) == (entry->aliases.length > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ora_source source = {.name = "input", .text = (const char *)data, .length = size};
    struct ora_tnsnames names = ora_tnsnames_of(&source);
    const char *before = names.at;
    struct ora_tnsnames_entry entry;

    while (ora_tnsnames_next(&names, &entry)) {
        assert(names.at > before && names.at <= source.text + size);
        before = names.at;
        assert(entry.fault == NULL ||
               (entry.fault_at >= source.text && entry.fault_at <= source.text + size));
        check_aliases(&entry);
        if (entry.fault == NULL) {
            assert(entry.value.at + entry.value.length <= names.at);
            read_value(&source, entry.value);
        }
    }
    return 0;
}
