#include "http/guests.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/keyed_hash.h"
#include "core/thread.h"

#define NOBODY UINT32_MAX

struct guests {
    struct hash_secret secret;
    struct mutex lock; /* guards what follows, but for guest->unfinished */
    struct guest *all;
    uint32_t free;   /* first of those that stand for no address */
    uint32_t *heads; /* of chains, by hash */
    uint64_t head_mask;
};

struct guests *guests_new(size_t connection_max)
{
    struct guests *guests = mem_alloc(sizeof(*guests));
    size_t heads = 1;

    assert(connection_max < NOBODY);
    while (heads < connection_max) {
        heads *= 2;
    }
    mutex_init(&guests->lock);
    guests->secret = keyed_hash_secret();
    guests->all = mem_alloc(connection_max * sizeof(*guests->all));
    guests->heads = mem_alloc(heads * sizeof(*guests->heads));
    guests->head_mask = heads - 1;
    guests->free = NOBODY;
    for (size_t i = 0; i < heads; i++) {
        guests->heads[i] = NOBODY;
    }
    for (uint32_t i = 0; i < connection_max; i++) {
        guests->all[i].next = guests->free;
        guests->free = i;
    }
    return guests;
}

void guests_free(struct guests *guests)
{
    if (guests != NULL) {
        mutex_fini(&guests->lock);
        free(guests->all);
        free(guests->heads);
        free(guests);
    }
}

static uint32_t *head_of(struct guests *guests, const struct net_address *address)
{
    const uint64_t hash = keyed_hash(&guests->secret, address->bytes, sizeof(address->bytes));

    return &guests->heads[hash & guests->head_mask];
}

static struct guest *find(const struct guests *guests, uint32_t head,
                          const struct net_address *address)
{
    for (uint32_t at = head; at != NOBODY; at = guests->all[at].next) {
        if (memcmp(&guests->all[at].address, address, sizeof(*address)) == 0) {
            return &guests->all[at];
        }
    }
    return NULL;
}

static struct guest *add(struct guests *guests, uint32_t *head, const struct net_address *address)
{
    const uint32_t own = guests->free;
    struct guest *guest;

    assert(own != NOBODY);
    guest = &guests->all[own];
    guests->free = guest->next;
    guest->address = *address;
    guest->next = *head;
    *head = own;
    return guest;
}

struct guest *guests_enter(struct guests *guests, const struct net_address *address, uint32_t most)
{
    const struct net_address counted = net_address_counted(address);
    uint32_t *head = head_of(guests, &counted);
    struct guest *guest;

    mutex_lock(&guests->lock);
    guest = find(guests, *head, &counted);
    if (guest == NULL) {
        guest = most == 0 ? NULL : add(guests, head, &counted);
    } else if (guest->connections >= most) {
        guest = NULL;
    }
    if (guest != NULL) {
        guest->connections++;
    }
    mutex_unlock(&guests->lock);
    return guest;
}

static void take_out(struct guests *guests, struct guest *guest)
{
    const uint32_t own = (uint32_t)(guest - guests->all);
    uint32_t *link = head_of(guests, &guest->address);

    while (*link != own) {
        link = &guests->all[*link].next;
    }
    *link = guest->next;
    guest->next = guests->free;
    guests->free = own;
}

void guests_leave(struct guests *guests, struct guest *guest)
{
    mutex_lock(&guests->lock);
    guest->connections--;
    if (guest->connections == 0) {
        take_out(guests, guest);
    }
    mutex_unlock(&guests->lock);
}
