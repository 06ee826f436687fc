/* ora/descriptor.h, ora/route.h, ora/connect_data.h: what a descriptor says, in which order its
 * addresses are tried, and what a listener is told. */
#include "ora/connect_data.h"
#include "ora/names.h"
#include "ora/route.h"
#include "tests/support/test.h"

static struct ora_descriptor resolve(const char *text)
{
    static const struct ora_names_where nowhere;
    struct ora_descriptor descriptor;
    struct octo_ora_error error;

    if (!ora_names_resolve(text, &nowhere, &descriptor, &error)) {
        fail_msg("%s: %s", text, error.text);
    }
    return descriptor;
}

static void ora_descriptor_check__nothing_said__has_defaults_of_oracle(void **state)
{
    struct ora_descriptor d = resolve("db/svc");
    const struct ora_description *it = &d.descriptions[0];

    (void)state;
    assert_int_equal(d.count, 1);
    assert_true(it->order.failover && !it->order.load_balance && !it->order.source_route);
    assert_int_equal(it->retries, 0);
    assert_int_equal(it->retry_delay_ms, 1000);
    assert_int_equal(it->tcp_ms, 0);
    assert_int_equal(it->connect_ms, 0);
    assert_int_equal(it->expire_min, 0);
    assert_int_equal(it->sdu, 8192);
    assert_false(it->use_sni || it->has_tls);
    assert_true(it->matches_dn);
    assert_int_equal(it->server, ORA_SERVER_ANY);
    assert_int_equal(it->tls, ORA_TLS_ANY);
    ora_descriptor_fini(&d);
}

static void ora_descriptor_check__everything_said__is_read(void **state)
{
    struct ora_descriptor d = resolve(
        "(DESCRIPTION=(RETRY_COUNT=7)(RETRY_DELAY=250 ms)(TCP_CONNECT_TIMEOUT=2)(CONNECT_TIMEOUT="
        "1min)(EXPIRE_TIME=3)(SDU=99)(USE_SNI=on)(FAILOVER=No)(LOAD_BALANCE=TRUE)(ADDRESS=(PROTOCOL"
        "=TCPS)(HOST=h))(CONNECT_DATA=(SID=x)(INSTANCE_NAME=i)(SERVER=Shared)(POOL_PURITY=NEW)"
        "(POOL_CONNECTION_CLASS=c))(SECURITY=(SSL_SERVER_DN_MATCH=off)(SSL_VERSION=TLSv1.3)"
        "(WALLET_LOCATION=\"/a b\")))");
    const struct ora_description *it = &d.descriptions[0];

    (void)state;
    assert_int_equal(it->retries, 7);
    assert_int_equal(it->retry_delay_ms, 250);
    assert_int_equal(it->tcp_ms, 2000);
    assert_int_equal(it->connect_ms, 60000);
    assert_int_equal(it->expire_min, 3);
    assert_int_equal(it->sdu, 512);
    assert_true(it->use_sni && it->has_tls && it->order.load_balance);
    assert_false(it->order.failover || it->matches_dn);
    assert_true(ora_slice_is(it->sid, "x") && ora_slice_is(it->instance, "i"));
    assert_true(ora_slice_is(it->pool_class, "c") && ora_slice_is(it->wallet_dir, "/a b"));
    assert_int_equal(it->server, ORA_SERVER_SHARED);
    assert_int_equal(it->purity, ORA_PURITY_NEW);
    assert_int_equal(it->tls, ORA_TLS_1_3);
    ora_descriptor_fini(&d);
}

/* --- order --- */

/* Hosts of one round, one after the other. */
static void hosts_of(const struct ora_descriptor *d, uint64_t *chance, char ret[64])
{
    uint16_t nodes[ORA_ADDRESSES_MAX];
    const size_t count = ora_route_addresses(d, &d->descriptions[0], chance, nodes);

    ret[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(ret);
        struct ora_address address;

        ora_address_read(&d->tree, nodes[i], &address);
        assert_in_range(snprintf(ret + used, 64 - used, "%s", address.host), 0, 63 - used);
    }
}

#define A(host_) "(ADDRESS=(HOST=" #host_ "))"

static void ora_route_addresses__lists__are_tried_as_they_say(void **state)
{
    static const struct {
        const char *text;
        const char *expected; /* with that chance */
    } cases[] = {
        {"(DESCRIPTION=" A(a) ")", "a"},
        {"(DESCRIPTION=" A(a) A(b) A(c) ")", "abc"},
        {"(DESCRIPTION=(FAILOVER=off)" A(a) A(b) ")", "a"},
        {"(DESCRIPTION=(SOURCE_ROUTE=on)" A(a) A(b) ")", "a"},
        {"(DESCRIPTION=(SOURCE_ROUTE=on)(LOAD_BALANCE=on)" A(a) A(b) ")", "a"},
        {"(DESCRIPTION=(LOAD_BALANCE=on)" A(a) A(b) A(c) A(d) ")", "cdba"},
        {"(DESCRIPTION=(LOAD_BALANCE=on)(FAILOVER=off)" A(a) A(b) A(c) A(d) ")", "c"},
        {"(DESCRIPTION=(ADDRESS_LIST=" A(a) A(b) ")(ADDRESS_LIST=" A(c) A(d) "))", "abcd"},
        {"(DESCRIPTION=(ADDRESS_LIST=(FAILOVER=off)" A(a) A(b) ")" A(c) ")", "ac"},
        {"(DESCRIPTION=(LOAD_BALANCE=on)(ADDRESS_LIST=" A(a) A(b) ")(ADDRESS_LIST=" A(c) A(d) "))",
         "cdab"},
        {"(DESCRIPTION=(ADDRESS_LIST=(LOAD_BALANCE=on)" A(a) A(b) A(c) ")" A(d) ")", "cabd"},
    };
    char hosts[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_descriptor d = resolve(cases[i].text);
        uint64_t chance = 9;

        hosts_of(&d, &chance, hosts);
        assert_string_equal(hosts, cases[i].expected);
        ora_descriptor_fini(&d);
    }
}

/* Each round has its own order, and none is more likely than another. */
static void ora_route_addresses__shared_load__begins_everywhere(void **state)
{
    struct ora_descriptor d = resolve("a,b,c/svc");
    unsigned first[3] = {0};
    uint64_t chance = 7;
    char hosts[64];

    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        hosts_of(&d, &chance, hosts);
        assert_int_equal(strlen(hosts), 3);
        first[hosts[0] - 'a']++;
    }
    for (size_t i = 0; i < 3; i++) {
        assert_in_range(first[i], 900, 1100);
    }
    ora_descriptor_fini(&d);
}

static void ora_route_descriptions__list__is_tried_as_it_says(void **state)
{
    static const struct {
        const char *order;
        size_t count;
        uint16_t first;
    } cases[] = {{"", 3, 0}, {"(FAILOVER=off)", 1, 0}, {"(LOAD_BALANCE=on)", 3, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint16_t entries[ORA_DESCRIPTIONS_MAX];
        uint64_t chance = 9;
        struct ora_descriptor d;
        char text[512];

        (void)snprintf(text, sizeof(text),
                       "(DESCRIPTION_LIST=%s(DESCRIPTION=" A(a) ")(DESCRIPTION=" A(
                           b) ")"
                              "(DESCRIPTION=" A(c) "))",
                       cases[i].order);
        d = resolve(text);
        assert_int_equal(ora_route_descriptions(&d, &chance, entries), cases[i].count);
        assert_int_equal(entries[0], cases[i].first);
        ora_descriptor_fini(&d);
    }
}

/* --- what a listener is told --- */

static const struct ora_who who = {.program = "p", .machine = "m", .user = "u"};

static void ora_connect_data_write__descriptor__is_passed_on_without_what_is_ours(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"db/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA="
                   "(SERVICE_NAME=svc)(CID=(PROGRAM=p)(HOST=m)(USER=u))(CONNECTION_ID=id)))"},
        {"tcps://db/svc?wallet_location=/w&https_proxy=x&ssl_server_cert_dn=\"CN=a,O=b\"",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=1521))(SECURITY=(SSL_SERVER_CERT_DN="
         "\"CN=a,O=b\"))(CONNECT_DATA=(SERVICE_NAME=svc)(CID=(PROGRAM=p)(HOST=m)(USER=u))"
         "(CONNECTION_ID=id)))"},
        {"(DESCRIPTION=(ENABLE=broken)(ADDRESS_LIST=" A(a)
             A(b) ")(SECURITY=(SSL_VERSION=1.2))"
                  "(CONNECT_DATA=(SID=x)(CONNECTION_ID_PREFIX=pre)(CID=(PROGRAM=liar))(MORE=(A=1)("
                  "B=2))))",
         "(DESCRIPTION=(ENABLE=broken)(ADDRESS_LIST=" A(a)
             A(b) ")(CONNECT_DATA=(SID=x)"
                  "(MORE=(A=1)(B=2))(CID=(PROGRAM=p)(HOST=m)(USER=u))(CONNECTION_ID=preid)))"},
        {"(DESCRIPTION=" A(a) ")", "(DESCRIPTION=" A(a) "(CONNECT_DATA=(CID=(PROGRAM=p)(HOST=m)"
                                                        "(USER=u))(CONNECTION_ID=id)))"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_descriptor d = resolve(cases[i].text);
        struct ora_wr wr;

        ora_wr_init(&wr, 4096);
        ora_connect_data_write(&wr, &d.tree, &d.descriptions[0], d.descriptions[0].has_tls, &who,
                               "id");
        ora_wr_u8(&wr, 0);
        assert_string_equal((const char *)wr.data, cases[i].expected);
        ora_wr_fini(&wr);
        ora_descriptor_fini(&d);
    }
}

static void ora_who_am_i__program__cannot_break_out(void **state)
{
    struct ora_who it;

    (void)state;
    ora_who_am_i("a)(b=\"'c", &it);
    assert_string_equal(it.program, "a??b???c");
}

static void ora_route_name_write__description__is_said_or_not(void **state)
{
    static const struct {
        const char *text;
        const char *expected; /* NULL: it cannot be said */
    } cases[] = {
        {"db/svc", "S3.svc.V3.319"},
        {"db/svc:pooled/inst", "S3.svc.I4.inst.T1.P.V3.319"},
        {"(DESCRIPTION=" A(a) "(CONNECT_DATA=(SERVICE_NAME=s)(COLOCATION_TAG=t1)))",
         "S1.s.C2.t1.V3.319"},
        {"db/svc$1", NULL},
        {"(DESCRIPTION=" A(a) "(CONNECT_DATA=(SID=s)))", NULL},
        {"(DESCRIPTION=" A(a) "(CONNECT_DATA=(SERVICE_NAME=s)(OTHER=1)))", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_descriptor d = resolve(cases[i].text);
        struct ora_wr wr;

        ora_wr_init(&wr, 511);
        assert_int_equal(ora_route_name_write(&wr, &d.tree, &d.descriptions[0]),
                         cases[i].expected != NULL);
        if (cases[i].expected != NULL) {
            assert_int_equal(wr.length, strlen(cases[i].expected));
            assert_memory_equal(wr.data, cases[i].expected, wr.length);
        }
        ora_wr_fini(&wr);
        ora_descriptor_fini(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_descriptor_check__nothing_said__has_defaults_of_oracle),
        cmocka_unit_test(ora_descriptor_check__everything_said__is_read),
        cmocka_unit_test(ora_route_addresses__lists__are_tried_as_they_say),
        cmocka_unit_test(ora_route_addresses__shared_load__begins_everywhere),
        cmocka_unit_test(ora_route_descriptions__list__is_tried_as_it_says),
        cmocka_unit_test(ora_connect_data_write__descriptor__is_passed_on_without_what_is_ours),
        cmocka_unit_test(ora_who_am_i__program__cannot_break_out),
        cmocka_unit_test(ora_route_name_write__description__is_said_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
