#include "ora/tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ora/fault.h"
#include "ora/heap.h"

bool ora_tree_init(struct ora_tree *tree)
{
    const struct ora_slice none = {.at = NULL};

    *tree = (struct ora_tree){.nodes = NULL};
    (void)ora_tree_add(tree, ORA_TREE_ROOT, none, none, NULL);
    return !tree->is_full;
}

void ora_tree_fini(struct ora_tree *tree)
{
    free(tree->nodes);
    *tree = (struct ora_tree){.nodes = NULL};
}

uint16_t ora_tree_add(struct ora_tree *tree, uint16_t parent, struct ora_slice name,
                      struct ora_slice value, const char *at)
{
    struct ora_node *nodes =
        ora_heap_grow(tree->nodes, &tree->room, (tree->count + 1) * sizeof(*nodes),
                      ORA_TREE_NODES_MAX * sizeof(*nodes));
    const uint16_t node = (uint16_t)tree->count;

    if (nodes == NULL || tree->is_full) {
        tree->is_full = true;
        return ORA_TREE_NONE;
    }
    tree->nodes = nodes;
    tree->count++;
    nodes[node] = (struct ora_node){.name = name, .value = value, .at = at};
    if (node == ORA_TREE_ROOT) {
        return node;
    }
    if (nodes[parent].last != ORA_TREE_NONE) {
        nodes[nodes[parent].last].next = node;
    } else {
        nodes[parent].first = node;
    }
    nodes[parent].last = node;
    return node;
}

/* --- reading --- */

struct reading {
    struct ora_tree *tree;
    const struct ora_source *source;
    const char *at;
    const char *end;
    enum ora_tree_rule rule;
    struct octo_ora_error *error;
};

static bool stop(const struct reading *r, const char *at, const char *what)
{
    return ora_source_fault(r->source, at, r->error, "%s", what);
}

static bool is_remark(const struct reading *r)
{
    return r->rule == ORA_TREE_COMMENTS && *r->at == '#';
}

static void skip_blanks(struct reading *r)
{
    while (r->at < r->end && (isspace((unsigned char)*r->at) || is_remark(r))) {
        if (is_remark(r)) {
            while (r->at < r->end && *r->at != '\n') {
                r->at++;
            }
        } else {
            r->at++;
        }
    }
}

static bool is_next(const struct reading *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static bool read_name(struct reading *r, struct ora_slice *ret)
{
    const char *start = r->at;

    while (r->at < r->end &&
           (isalnum((unsigned char)*r->at) || *r->at == '_' || *r->at == '.' || *r->at == '-')) {
        r->at++;
    }
    *ret = (struct ora_slice){.at = start, .length = (size_t)(r->at - start)};
    return ret->length > 0 || stop(r, start, "expected a name behind '('");
}

static bool read_quoted(struct reading *r, struct ora_slice *ret)
{
    const char *start = r->at;
    const char *end = memchr(start + 1, '"', (size_t)(r->end - start - 1));

    if (end == NULL) {
        return stop(r, start, "the quotes that open here are not closed");
    }
    *ret = (struct ora_slice){.at = start + 1, .length = (size_t)(end - start - 1)};
    r->at = end + 1;
    return true;
}

static bool read_simple(struct reading *r, struct ora_slice *ret)
{
    const char *start = r->at;

    while (r->at < r->end && *r->at != ')' && !is_remark(r)) {
        if (*r->at == '(') {
            return stop(r, r->at, "a bracket opens within a value: is ')' missing before it?");
        }
        if (*r->at == '"') {
            return stop(r, r->at, "quotes go around the whole value");
        }
        r->at++;
    }
    *ret = ora_slice_trim((struct ora_slice){.at = start, .length = (size_t)(r->at - start)});
    return true;
}

static bool read_pair(struct reading *r, uint16_t parent, int depth);

static bool read_value(struct reading *r, uint16_t node, int depth)
{
    struct ora_slice value = {.at = NULL};

    skip_blanks(r);
    if (is_next(r, '(')) {
        while (is_next(r, '(')) {
            if (!read_pair(r, node, depth + 1)) {
                return false;
            }
            skip_blanks(r);
        }
        return true;
    }
    if (!(is_next(r, '"') ? read_quoted(r, &value) : read_simple(r, &value))) {
        return false;
    }
    r->tree->nodes[node].value = value;
    skip_blanks(r);
    return true;
}

static bool read_pair(struct reading *r, uint16_t parent, int depth)
{
    const char *start = r->at;
    struct ora_slice name;
    uint16_t node;

    if (depth > ORA_TREE_DEPTH_MAX) {
        return stop(r, start, "brackets are nested too deeply");
    }
    r->at++;
    skip_blanks(r);
    if (!read_name(r, &name)) {
        return false;
    }
    skip_blanks(r);
    if (!is_next(r, '=')) {
        return stop(r, r->at, "expected '=' behind the name");
    }
    r->at++;
    node = ora_tree_add(r->tree, parent, name, (struct ora_slice){.at = NULL}, name.at);
    if (node == ORA_TREE_NONE) {
        return r->tree->count < ORA_TREE_NODES_MAX ? ora_fault_memory(r->error)
                                                   : stop(r, start, "more pairs than are taken");
    }
    if (!read_value(r, node, depth)) {
        return false;
    }
    if (!is_next(r, ')')) {
        return r->at < r->end ? stop(r, r->at, "expected ')' or '('")
                              : stop(r, start, "the bracket that opens here is not closed");
    }
    r->at++;
    return true;
}

bool ora_tree_read(struct ora_tree *tree, const struct ora_source *source, const char *at,
                   const char *end, enum ora_tree_rule rule, struct octo_ora_error *error)
{
    struct reading r = {
        .tree = tree, .source = source, .at = at, .end = end, .rule = rule, .error = error};

    skip_blanks(&r);
    if (!is_next(&r, '(')) {
        return stop(&r, r.at, "expected '('");
    }
    while (is_next(&r, '(')) {
        if (!read_pair(&r, ORA_TREE_ROOT, 1)) {
            return false;
        }
        skip_blanks(&r);
    }
    return r.at == r.end || stop(&r, r.at, "there is something behind the last bracket");
}

/* --- looking --- */

bool ora_tree_is(const struct ora_tree *tree, uint16_t node, const char *name)
{
    return ora_slice_is(tree->nodes[node].name, name);
}

uint16_t ora_tree_find(const struct ora_tree *tree, uint16_t parent, const char *name)
{
    uint16_t node = tree->nodes[parent].first;

    while (node != ORA_TREE_NONE && !ora_tree_is(tree, node, name)) {
        node = tree->nodes[node].next;
    }
    return node;
}

/* --- writing --- */

static bool needs_quotes(struct ora_slice value)
{
    const struct ora_slice bare = ora_slice_trim(value);

    if (bare.length != value.length) {
        return true;
    }
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] != '\0' && strchr("()=,'", value.at[i]) != NULL) {
            return true;
        }
    }
    return false;
}

void ora_tree_write_open(const struct ora_node *node, struct ora_wr *wr)
{
    const bool is_quoted = node->value.length > 0 && needs_quotes(node->value);

    ora_wr_u8(wr, '(');
    for (size_t i = 0; i < node->name.length; i++) {
        ora_wr_u8(wr, (uint8_t)toupper((unsigned char)node->name.at[i]));
    }
    ora_wr_u8(wr, '=');
    if (is_quoted) {
        ora_wr_u8(wr, '"');
    }
    ora_wr_raw(wr, node->value.at, node->value.length);
    if (is_quoted) {
        ora_wr_u8(wr, '"');
    }
}

void ora_tree_write(const struct ora_tree *tree, uint16_t node, struct ora_wr *wr)
{
    if (node != ORA_TREE_ROOT) {
        ora_tree_write_open(&tree->nodes[node], wr);
    }
    for (uint16_t below = tree->nodes[node].first; below != ORA_TREE_NONE;
         below = tree->nodes[below].next) {
        ora_tree_write(tree, below, wr);
    }
    if (node != ORA_TREE_ROOT) {
        ora_wr_u8(wr, ')');
    }
}
