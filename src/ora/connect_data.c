#include "ora/connect_data.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ora/packet.h"

enum { ROUTE_NAME_MAX = 256 };

static bool is_one_of(const struct ora_tree *tree, uint16_t node, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (ora_tree_is(tree, node, *names)) {
            return true;
        }
    }
    return false;
}

static void put(struct ora_wr *wr, const char *text)
{
    ora_wr_raw(wr, text, strlen(text));
}

static void put_pair(struct ora_wr *wr, const char *name, const char *value)
{
    put(wr, "(");
    put(wr, name);
    put(wr, "=");
    put(wr, value);
    put(wr, ")");
}

/* Letters, digits and a few more: it needs no quotes anywhere. */
static bool is_plain(struct ora_slice name)
{
    for (size_t i = 0; i < name.length; i++) {
        if (!isalnum((unsigned char)name.at[i]) &&
            (name.at[i] == '\0' || strchr("._-", name.at[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

/* What is below the node, without some of it. */
static void write_but(struct ora_wr *wr, const struct ora_tree *tree, uint16_t node,
                      const char *const *left_out)
{
    for (uint16_t below = tree->nodes[node].first; below != ORA_TREE_NONE;
         below = tree->nodes[below].next) {
        if (!is_one_of(tree, below, left_out)) {
            ora_tree_write(tree, below, wr);
        }
    }
}

/* ADDRESS, or a list of them. */
static void write_address(struct ora_wr *wr, const struct ora_tree *tree, uint16_t node)
{
    static const char *const ours[] = {"HTTPS_PROXY", "HTTPS_PROXY_PORT", NULL};

    ora_tree_write_open(&tree->nodes[node], wr);
    if (ora_tree_is(tree, node, "ADDRESS")) {
        write_but(wr, tree, node, ours);
    } else {
        for (uint16_t below = tree->nodes[node].first; below != ORA_TREE_NONE;
             below = tree->nodes[below].next) {
            write_address(wr, tree, below);
        }
    }
    put(wr, ")");
}

static void write_security(struct ora_wr *wr, const struct ora_tree *tree, uint16_t node)
{
    static const char *const ours[] = {"MY_WALLET_DIRECTORY", "WALLET_LOCATION", NULL};

    ora_tree_write_open(&tree->nodes[node], wr);
    write_but(wr, tree, node, ours);
    put(wr, ")");
}

static void write_connect_data(struct ora_wr *wr, const struct ora_tree *tree,
                               const struct ora_description *description, const struct ora_who *who,
                               const char *id)
{
    static const char *const ours[] = {"CID", "CONNECTION_ID", "CONNECTION_ID_PREFIX", NULL};
    const uint16_t node = ora_tree_find(tree, description->node, "CONNECT_DATA");

    put(wr, "(CONNECT_DATA=");
    if (node != ORA_TREE_NONE) {
        write_but(wr, tree, node, ours);
    }
    put(wr, "(CID=");
    put_pair(wr, "PROGRAM", who->program);
    put_pair(wr, "HOST", who->machine);
    put_pair(wr, "USER", who->user);
    put(wr, ")(CONNECTION_ID=");
    if (is_plain(description->id_prefix)) {
        ora_wr_raw(wr, description->id_prefix.at, description->id_prefix.length);
    }
    put(wr, id);
    put(wr, "))");
}

void ora_connect_data_write(struct ora_wr *wr, const struct ora_tree *tree,
                            const struct ora_description *description, bool is_tls,
                            const struct ora_who *who, const char *id)
{
    put(wr, "(DESCRIPTION=");
    for (uint16_t node = tree->nodes[description->node].first; node != ORA_TREE_NONE;
         node = tree->nodes[node].next) {
        if (ora_tree_is(tree, node, "ADDRESS") || ora_tree_is(tree, node, "ADDRESS_LIST")) {
            write_address(wr, tree, node);
        } else if (ora_tree_is(tree, node, "SECURITY")) {
            if (is_tls) {
                write_security(wr, tree, node);
            }
        } else if (!ora_tree_is(tree, node, "CONNECT_DATA")) {
            ora_tree_write(tree, node, wr);
        }
    }
    write_connect_data(wr, tree, description, who, id);
    put(wr, ")");
}

/* --- the name in TLS --- */

static void put_part(struct ora_wr *wr, const char *what, struct ora_slice name)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%s%zu.", what, name.length);
    put(wr, text);
    ora_wr_raw(wr, name.at, name.length);
}

bool ora_route_name_write(struct ora_wr *wr, const struct ora_tree *tree,
                          const struct ora_description *description)
{
    static const char *const known[] = {
        "SERVICE_NAME",  "INSTANCE_NAME",        "SERVER", "COLOCATION_TAG", "CID",
        "CONNECTION_ID", "CONNECTION_ID_PREFIX", NULL};
    static const char *const servers[] = {
        [ORA_SERVER_DEDICATED] = "D", [ORA_SERVER_SHARED] = "S", [ORA_SERVER_POOLED] = "P"};
    const uint16_t data = ora_tree_find(tree, description->node, "CONNECT_DATA");
    const uint16_t tag =
        data != ORA_TREE_NONE ? ora_tree_find(tree, data, "COLOCATION_TAG") : ORA_TREE_NONE;
    char version[16];

    for (uint16_t node = data != ORA_TREE_NONE ? tree->nodes[data].first : ORA_TREE_NONE;
         node != ORA_TREE_NONE; node = tree->nodes[node].next) {
        if (!is_one_of(tree, node, known) || !is_plain(tree->nodes[node].value)) {
            return false;
        }
    }
    if (description->service.length == 0) {
        return false;
    }
    put_part(wr, "S", description->service);
    if (description->instance.length > 0) {
        put_part(wr, ".I", description->instance);
    }
    if (description->server != ORA_SERVER_ANY) {
        put(wr, ".T1.");
        put(wr, servers[description->server]);
    }
    if (tag != ORA_TREE_NONE) {
        put_part(wr, ".C", tree->nodes[tag].value);
    }
    (void)snprintf(version, sizeof(version), ".V3.%d", ORA_VERSION_WANTED);
    put(wr, version);
    return !wr->is_bad && wr->length <= ROUTE_NAME_MAX;
}
