/*
 * Property: whoever X-Forwarded-For gives, as text and read again he is the same; where he is none
 * of our proxies, nothing that stands before the whole changes who it is. A list of networks is
 * refused as a configuration, or each of them holds the address that it begins with.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "http/negotiate.h"

static bool is_same(const struct net_address *a, const struct net_address *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void check_client(const char *value, const struct networks *proxies)
{
    struct net_address client;
    struct net_address again;
    char text[NET_ADDRESS_TEXT_MAX];
    struct buf longer;
    bool ok;

    if (!forwarded_client(value, proxies, &client)) {
        return;
    }
    net_address_format(&client, text);
    ok = net_address_parse(text, strlen(text), &again);
    assert(ok && is_same(&client, &again));
    if (networks_have(proxies, &client)) {
        return;
    }
    buf_init(&longer, SIZE_MAX - 1);
    buf_add_text(&longer, "203.0.113.9,");
    buf_add_text(&longer, value);
    ok = forwarded_client(longer.data, proxies, &again);
    assert(ok && is_same(&client, &again));
    buf_fini(&longer);
}

static void check_networks(struct arena *arena, const char *list)
{
    struct networks networks;
    struct err err = {0};

    if (!networks_parse(arena, list, &networks, &err)) {
        assert(err.code == ERR_CONFIG);
        return;
    }
    for (size_t i = 0; i < networks.count; i++) {
        const struct networks own = {&networks.items[i], 1};

        assert(networks_have(&own, &networks.items[i].first));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct networks proxies;
    struct arena arena;
    struct err err = {0};
    const char *text;
    bool ok;

    arena_init(&arena);
    ok = networks_parse(&arena, "10.0.0.0/8, 2001:db8::/32", &proxies, &err);
    assert(ok);
    text = arena_dup(&arena, size == 0 ? "" : (const char *)data, size);
    check_client(text, &proxies);
    check_networks(&arena, text);
    arena_fini(&arena);
    return 0;
}
