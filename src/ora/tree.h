/*
 * ora/tree.h: texts of nested pairs, as connect descriptors are: (NAME=VALUE), where a value is
 * characters up to the bracket, characters in double quotes, or pairs again.
 *
 * A tree borrows all its characters from the texts that it was made of; what it owns is the array
 * of its nodes. Nodes are named by their number, since the array moves as it grows; 0 is the root,
 * which has no name.
 */
#ifndef ORA_TREE_H
#define ORA_TREE_H

#include "ora/source.h"
#include "ora/wire.h"

enum {
    ORA_TREE_NODES_MAX = 2048,
    ORA_TREE_DEPTH_MAX = 16,
    ORA_TREE_ROOT = 0,
    ORA_TREE_NONE = 0, /* no child is the root */
};

struct ora_node {
    struct ora_slice name;
    struct ora_slice value; /* at NULL: pairs are below, or nothing */
    const char *at;         /* where it is written, for faults */
    uint16_t first;         /* below it */
    uint16_t last;
    uint16_t next; /* beside it */
};

struct ora_tree {
    struct ora_node *nodes; /* for free() by ora_tree_fini */
    size_t count;
    size_t room;  /* in bytes */
    bool is_full; /* no memory, or more nodes than there may be: what is there is cut */
};

bool ora_tree_init(struct ora_tree *tree); /* false: no memory */
void ora_tree_fini(struct ora_tree *tree);

/* Adds a node below another one, as the last there. ORA_TREE_NONE when the tree is full. */
uint16_t ora_tree_add(struct ora_tree *tree, uint16_t parent, struct ora_slice name,
                      struct ora_slice value, const char *at);

enum ora_tree_rule {
    ORA_TREE_PLAIN,
    ORA_TREE_COMMENTS, /* outside of quotes '#' begins a remark, to the end of its line */
};
/* Adds the pairs that the text from `at` to `end` holds, which is a part of the source, below the
 * root. There is at least one, and nothing else. */
bool ora_tree_read(struct ora_tree *tree, const struct ora_source *source, const char *at,
                   const char *end, enum ora_tree_rule rule, struct octo_ora_error *error);

/* The first node below another one that has this name, or ORA_TREE_NONE. */
uint16_t ora_tree_find(const struct ora_tree *tree, uint16_t parent, const char *name);
bool ora_tree_is(const struct ora_tree *tree, uint16_t node, const char *name);

/* The pair, in quotes where its value needs them; ORA_TREE_ROOT: all pairs. */
void ora_tree_write(const struct ora_tree *tree, uint16_t node, struct ora_wr *wr);
/* (NAME=VALUE, which the caller ends by a bracket or goes on with pairs. */
void ora_tree_write_open(const struct ora_node *node, struct ora_wr *wr);

#endif
