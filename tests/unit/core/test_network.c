#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/network.h"
#include "support/test.h"

static struct net_address parsed(const char *text)
{
    struct net_address address;

    assert_true(net_address_parse(text, strlen(text), &address));
    return address;
}

static void assert_format(const char *text, const char *wanted)
{
    const struct net_address address = parsed(text);
    char out[NET_ADDRESS_TEXT_MAX];

    net_address_format(&address, out);
    assert_string_equal(out, wanted);
}

static void net_address_parse__any_form__one_way_to_write_it(void **state)
{
    (void)state;
    assert_format("127.0.0.1", "127.0.0.1");
    assert_format("255.10.0.99", "255.10.0.99");
    assert_format("::ffff:192.0.2.1", "192.0.2.1");
    assert_format("::FFFF:c000:201", "192.0.2.1");
    assert_format("2001:DB8:0:0::7", "2001:db8::7");
    assert_format("::1", "::1");
}

static void net_address_parse__none__refused(void **state)
{
    static const char *const TEXTS[] = {
        "",
        "unknown",
        "127.1",
        "127.0.0.1:80",
        "[::1]",
        "127.0.0.1 ",
        "fe80::1%eth0",
        "1.2.3.4.5",
        "127.octo",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    };
    struct net_address address;

    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        assert_false(net_address_parse(TEXTS[i], strlen(TEXTS[i]), &address));
    }
    assert_false(net_address_parse("::1\0::1", 7, &address));
    assert_true(net_address_parse("10.0.0.1, 10.0.0.2", 8, &address)); /* no more than is given */
}

static void net_address_of__socket_addresses__those_of_the_text(void **state)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr other = {.sa_family = AF_UNIX};
    const struct net_address zero = {0};
    struct net_address address;
    struct net_address wanted;

    (void)state;
    assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr), 1);
    address = net_address_of((const struct sockaddr *)&v4);
    wanted = parsed("192.0.2.1");
    assert_memory_equal(&address, &wanted, sizeof(address));
    assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr), 1);
    address = net_address_of((const struct sockaddr *)&v6);
    assert_memory_equal(&address, &wanted, sizeof(address));
    address = net_address_of(&other);
    assert_memory_equal(&address, &zero, sizeof(address));
}

static bool count_as_one(const char *a, const char *b)
{
    const struct net_address first = parsed(a);
    const struct net_address second = parsed(b);
    const struct net_address one = net_address_counted(&first);
    const struct net_address other = net_address_counted(&second);

    return memcmp(&one, &other, sizeof(one)) == 0;
}

static void net_address_counted__neighbours__ipv6_by_its_network(void **state)
{
    (void)state;
    assert_true(count_as_one("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"));
    assert_false(count_as_one("2001:db8:0:1::1", "2001:db8:0:2::1"));
    assert_false(count_as_one("192.0.2.1", "192.0.2.2"));
    assert_true(count_as_one("192.0.2.1", "::ffff:192.0.2.1"));
}

static bool is_in(const char *list, const char *text)
{
    const struct net_address address = parsed(text);
    struct networks networks;
    struct arena arena;
    struct err err = {0};
    bool result;

    arena_init(&arena);
    assert_true(networks_parse(&arena, list, &networks, &err));
    result = networks_have(&networks, &address);
    arena_fini(&arena);
    return result;
}

static void networks_have__borders__what_lies_within(void **state)
{
    (void)state;
    assert_true(is_in("10.0.0.0/8", "10.255.255.255"));
    assert_false(is_in("10.0.0.0/8", "11.0.0.0"));
    assert_true(is_in("192.0.2.128/25", "192.0.2.128"));
    assert_false(is_in("192.0.2.128/25", "192.0.2.127"));
    assert_true(is_in("192.0.2.4/30", "192.0.2.7"));
    assert_false(is_in("192.0.2.4/30", "192.0.2.8"));
    assert_true(is_in("127.0.0.1", "127.0.0.1"));
    assert_false(is_in("127.0.0.1", "127.0.0.2"));
    assert_true(is_in("0.0.0.0/0", "203.0.113.9"));
    assert_false(is_in("0.0.0.0/0", "2001:db8::1"));
    assert_true(is_in("::/0", "203.0.113.9"));
    assert_true(is_in("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(is_in("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(is_in("::ffff:10.0.0.0/104", "10.1.2.3"));
    assert_true(is_in(" 10.0.0.0/8 ,, ::1 , ", "::1"));
    assert_false(is_in("", "127.0.0.1"));
}

static void network_is_everybody__lengths__those_without_bits(void **state)
{
    struct networks networks;
    struct arena arena;
    struct err err = {0};

    (void)state;
    arena_init(&arena);
    assert_true(
        networks_parse(&arena, "0.0.0.0/0, ::/0, 0.0.0.0/1, 2001:db8::/96", &networks, &err));
    assert_true(network_is_everybody(&networks.items[0]));
    assert_true(network_is_everybody(&networks.items[1]));
    assert_false(network_is_everybody(&networks.items[2]));
    assert_false(network_is_everybody(&networks.items[3]));
    arena_fini(&arena);
}

static void networks_parse__not_a_network__says_which(void **state)
{
    static const char *const LISTS[] = {
        "10.0.0.0/8, proxy.example",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "::/129",
        "10.0.0.1/8",
        "2001:db8::/16",
        "/8",
        "10.0.0.0/8x",
        "*",
    };
    struct networks networks;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
        struct err err = {0};

        assert_false(networks_parse(&arena, LISTS[i], &networks, &err));
        assert_int_equal(err.code, ERR_CONFIG);
    }
    {
        struct err err = {0};

        assert_false(networks_parse(&arena, LISTS[0], &networks, &err));
        assert_non_null(strstr(err.text, "proxy.example"));
        assert_null(strstr(err.text, "10.0.0.0/8,"));
    }
    arena_fini(&arena);
}

static void net_host_is_here__this_machine__is(void **state)
{
    static const char *const HERE[] = {"127.0.0.1", "127.255.0.9",      "::1",
                                       "0:0::1",    "::ffff:127.0.0.1", "LocalHost"};

    (void)state;
    for (size_t i = 0; i < sizeof(HERE) / sizeof(HERE[0]); i++) {
        assert_true(net_host_is_here(HERE[i]));
    }
}

/* Names that begin as such an address does belong to whoever owns the domain. */
static void net_host_is_here__names_and_others__are_not(void **state)
{
    static const char *const ELSEWHERE[] = {
        "127.octo.invalid", "127.0.0.1.example", "127.0.0.1 ", "127.1",       "127.",
        "128.0.0.1",        "0.0.0.0",           "::",         "::ffff:7f:1", "::ffff:10.127.0.1",
        "fe80::1",          "localhost.example", "[::1]",      "2130706433",  ""};

    (void)state;
    for (size_t i = 0; i < sizeof(ELSEWHERE) / sizeof(ELSEWHERE[0]); i++) {
        assert_false(net_host_is_here(ELSEWHERE[i]));
    }
}

static void assert_public(const char *text, bool wanted)
{
    struct net_address address;

    assert_true(net_address_parse(text, strlen(text), &address));
    if (net_address_is_public(&address) != wanted) {
        fail_msg("%s", text);
    }
}

static void net_address_is_public__borders__what_anybody_may_have(void **state)
{
    static const char *const PUBLIC[] = {
        "1.0.0.0",         "9.255.255.255", "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.0",     "169.253.255.255", "169.255.0.0",     "172.15.255.255",
        "172.32.0.0",      "192.0.1.0",     "192.0.3.0",       "192.167.255.255", "192.169.0.0",
        "198.17.255.255",  "198.20.0.0",    "223.255.255.255", "2001:200::",      "2001:db7::1",
        "2001:db9::1",     "2003::",        "3ffe::1",         "2606:4700::1111", "::ffff:8.8.8.8",
    };
    static const char *const OTHERS[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::7f00:1",
        "64:ff9b::a00:1",
        "100::1",
        "2001::1",
        "2001:1ff:ffff::",
        "2001:db8::1",
        "2002:a00:1::",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(PUBLIC) / sizeof(PUBLIC[0]); i++) {
        assert_public(PUBLIC[i], true);
    }
    for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++) {
        assert_public(OTHERS[i], false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_address_parse__any_form__one_way_to_write_it),
        cmocka_unit_test(net_address_parse__none__refused),
        cmocka_unit_test(net_address_of__socket_addresses__those_of_the_text),
        cmocka_unit_test(net_address_counted__neighbours__ipv6_by_its_network),
        cmocka_unit_test(net_host_is_here__this_machine__is),
        cmocka_unit_test(net_host_is_here__names_and_others__are_not),
        cmocka_unit_test(net_address_is_public__borders__what_anybody_may_have),
        cmocka_unit_test(networks_have__borders__what_lies_within),
        cmocka_unit_test(network_is_everybody__lengths__those_without_bits),
        cmocka_unit_test(networks_parse__not_a_network__says_which),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
