/* service/audit_sums.h: what is counted together, and that there are never more sums than was said.
 */
#include <stdio.h>
#include <string.h>

#include "service/audit_sums.h"
#include "support/test.h"

static struct audit_sum_key key_of(const char *route, int64_t status, const char *ip)
{
    return (struct audit_sum_key){.method = "GET",
                                  .route = route,
                                  .status = status,
                                  .ip = ip,
                                  .created_us = 17,
                                  .trace_id = "0123456789abcdef0123456789abcdef"};
}

static size_t count_of(const struct audit_sums *sums)
{
    size_t count = 0;

    while (audit_sums_at(sums, count) != NULL) {
        count++;
    }
    return count;
}

static int64_t requests_of(const struct audit_sums *sums)
{
    int64_t requests = 0;

    for (size_t i = 0; i < count_of(sums); i++) {
        requests += audit_sums_at(sums, i)->requests;
    }
    return requests;
}

static void audit_sums__same_route_status_and_address__are_one(void **state)
{
    static const struct {
        const char *route;
        int64_t status;
        const char *ip;
    } OTHERS[] = {{"/b", 404, "192.0.2.1"},
                  {"/a", 400, "192.0.2.1"},
                  {"/a", 404, "192.0.2.2"},
                  {"/a", 404, NULL}};
    static struct audit_sums sums;
    struct audit_sum_key key = key_of("/a", 404, "192.0.2.1");
    const struct audit_sum *first;

    (void)state;
    audit_sums_clear(&sums);
    assert_true(audit_sums_are_empty(&sums));
    audit_sums_add(&sums, &key);
    key.created_us = 18;
    key.trace_id = "another";
    audit_sums_add(&sums, &key);
    assert_false(audit_sums_are_empty(&sums));
    assert_int_equal(count_of(&sums), 1);
    for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++) {
        key = key_of(OTHERS[i].route, OTHERS[i].status, OTHERS[i].ip);
        audit_sums_add(&sums, &key);
        assert_int_equal(count_of(&sums), i + 2);
    }
    key = key_of("/a", 404, "192.0.2.1");
    key.method = "POST";
    audit_sums_add(&sums, &key);
    assert_int_equal(count_of(&sums), 6);
    first = audit_sums_at(&sums, 0);
    assert_int_equal(first->requests, 2);
    assert_int_equal(first->first_us, 17);
    assert_string_equal(first->route, "/a");
    assert_string_equal(first->from, "192.0.2.1");
    assert_string_equal(first->trace_id, "0123456789abcdef0123456789abcdef");
}

/* The addresses of one site are one; what is no address stands for itself. */
static void audit_sum_from__address__is_its_owners(void **state)
{
    static const char *const CASES[][2] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2::", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::", "2001:db8:1:3::/64"},
        {"::1", "::/64"},
        {"somewhere", "somewhere"},
        {"", ""},
        {"a text that is longer than any address could be, by some way to go and more",
         "a text that is longer than any address could be, by some way to"},
    };
    char from[SUM_FROM_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        audit_sum_from(CASES[i][0], from);
        assert_string_equal(from, CASES[i][1]);
    }
    audit_sum_from(NULL, from);
    assert_string_equal(from, "");
}

/* Whoever comes from everywhere and is refused in every way: the rest is counted by status, and
 * none is lost. */
static void audit_sums__more_than_there_are__are_counted_by_status(void **state)
{
    enum { ADDRESSES = 1000, STATUSES = 100 };
    static struct audit_sums sums;
    char ip[32];

    (void)state;
    audit_sums_clear(&sums);
    for (int i = 0; i < ADDRESSES * 2; i++) {
        struct audit_sum_key key = key_of("/a", i % 2 == 0 ? 404 : 400, ip);

        (void)snprintf(ip, sizeof(ip), "10.0.%d.%d", i / 2 / 256, i / 2 % 256);
        audit_sums_add(&sums, &key);
    }
    assert_int_equal(count_of(&sums), SUMS_BY_ADDRESS + 2);
    assert_int_equal(requests_of(&sums), ADDRESSES * 2);
    assert_string_equal(audit_sums_at(&sums, SUMS_BY_ADDRESS)->route, SUM_OTHERS);
    assert_string_equal(audit_sums_at(&sums, SUMS_BY_ADDRESS)->from, "");
    for (int i = 0; i < STATUSES; i++) {
        struct audit_sum_key key = key_of("/b", 400 + i, "10.1.0.1");

        audit_sums_add(&sums, &key);
    }
    assert_int_equal(count_of(&sums), SUMS_MAX);
    assert_int_equal(requests_of(&sums), ADDRESSES * 2 + STATUSES);
    audit_sums_clear(&sums);
    assert_int_equal(count_of(&sums), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(audit_sums__same_route_status_and_address__are_one),
        cmocka_unit_test(audit_sum_from__address__is_its_owners),
        cmocka_unit_test(audit_sums__more_than_there_are__are_counted_by_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
