/*
 * Property: what is read as a condition is within its bounds and can be judged; and what stands in
 * a file of spans, whatever it is, is read as names and values that end. The first line is a
 * condition, the rest attributes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "store/cells.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct where *where, const struct where_value *value)
{
    for (size_t i = 0; i < where->leaf_count; i++) {
        const struct where_leaf *leaf = &where->leaves[i];
        const bool holds = where_leaf_holds(leaf, value);

        assert(leaf->test != WHERE_EXISTS || holds == (value != NULL));
        assert(leaf->test != WHERE_ABSENT || holds == (value == NULL));
    }
}

static void check_tree(const struct where *where)
{
    assert(where->leaf_count >= 1 && where->leaf_count <= WHERE_LEAVES_MOST);
    assert(where->node_count <= WHERE_NODES_MOST && where->root < where->node_count);
    for (size_t i = 0; i < where->node_count; i++) {
        const struct where_node *node = &where->nodes[i];

        /* Children stand before what joins them, so whoever walks the tree comes to an end. */
        assert(node->kind == WHERE_LEAF ? node->first < where->leaf_count : node->first < i);
        assert((node->kind != WHERE_AND && node->kind != WHERE_OR) || node->second < i);
    }
}

static void check(struct arena *arena, char *text)
{
    char *attributes = strchr(text, '\n');
    const struct where *where = NULL;
    struct where_value value;
    const char *key = NULL;
    struct cells cells;
    struct err err;
    size_t count = 0;

    if (attributes != NULL) {
        *attributes++ = '\0';
    }
    if (utf8_is_valid(text, strlen(text)) && where_parse(arena, text, &where, &err)) {
        check_tree(where);
        judge(where, NULL);
    }
    for (cells = cells_of(attributes); cells_next(&cells, arena, &key, &value); count++) {
        assert(value.text != NULL);
        if (where != NULL) {
            judge(where, &value);
        }
    }
    assert(attributes == NULL || count <= strlen(attributes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 1);
    struct arena arena;

    if (size > 0) {
        memcpy(text, data, size);
    }
    arena_init(&arena);
    check(&arena, text);
    arena_fini(&arena);
    free(text);
    return 0;
}
