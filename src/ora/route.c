#include "ora/route.h"

#include "ora/tree.h"

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014.
 * Nobody is harmed who guesses the order. */
static uint64_t next_of(uint64_t *chance)
{
    uint64_t z = *chance += 0x9E3779B97F4A7C15;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

static void shuffle(uint16_t *entries, size_t count, uint64_t *chance)
{
    for (size_t left = count; left > 1; left--) {
        const size_t other = (size_t)(next_of(chance) % left);
        const uint16_t kept = entries[left - 1];

        entries[left - 1] = entries[other];
        entries[other] = kept;
    }
}

/* Puts them into the order in which they are tried, and gives how many of them are. */
static size_t arrange(const struct ora_order *order, uint16_t *entries, size_t count,
                      uint64_t *chance)
{
    if (count <= 1 || order->source_route) {
        return count > 0 ? 1 : 0;
    }
    if (order->load_balance) {
        shuffle(entries, count, chance);
    }
    return order->failover ? count : 1;
}

size_t ora_route_descriptions(const struct ora_descriptor *descriptor, uint64_t *chance,
                              uint16_t ret[ORA_DESCRIPTIONS_MAX])
{
    for (size_t i = 0; i < descriptor->count; i++) {
        ret[i] = (uint16_t)i;
    }
    return arrange(&descriptor->order, ret, descriptor->count, chance);
}

static size_t add_addresses(const struct ora_tree *tree, uint16_t list,
                            const struct ora_order *order, uint64_t *chance, uint16_t *ret,
                            size_t count)
{
    uint16_t entries[ORA_ADDRESSES_MAX];
    size_t found = 0;

    for (uint16_t node = tree->nodes[list].first;
         node != ORA_TREE_NONE && found < ORA_ADDRESSES_MAX; node = tree->nodes[node].next) {
        if (ora_tree_is(tree, node, "ADDRESS") || ora_tree_is(tree, node, "ADDRESS_LIST")) {
            entries[found++] = node;
        }
    }
    found = arrange(order, entries, found, chance);
    for (size_t i = 0; i < found && count < ORA_ADDRESSES_MAX; i++) {
        if (ora_tree_is(tree, entries[i], "ADDRESS")) {
            ret[count++] = entries[i];
        } else {
            const struct ora_order below = ora_order_read(tree, entries[i]);

            count = add_addresses(tree, entries[i], &below, chance, ret, count);
        }
    }
    return count;
}

size_t ora_route_addresses(const struct ora_descriptor *descriptor,
                           const struct ora_description *description, uint64_t *chance,
                           uint16_t ret[ORA_ADDRESSES_MAX])
{
    return add_addresses(&descriptor->tree, description->node, &description->order, chance, ret, 0);
}
