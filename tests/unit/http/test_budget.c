#include "http/budget.h"
#include "support/test.h"

#define S UINT64_C(1000000000) /* ns */

struct fixture {
    struct metrics *metrics;
    struct budget *budget;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->metrics = metrics_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    budget_free(f->budget);
    metrics_free(f->metrics);
    free(f);
    return 0;
}

static void open_budget(struct fixture *f, uint64_t of_one, uint64_t of_all)
{
    const struct budget_options options = {.name = "work", .of_one = of_one, .of_all = of_all};

    f->budget = budget_new(&options, f->metrics, "shop");
}

static bool spend(struct fixture *f, const char *client, uint64_t now_ns, struct budget_bill *bill)
{
    struct net_address address;

    assert_true(net_address_parse(client, strlen(client), &address));
    return budget_spend(f->budget, &address, now_ns, bill);
}

static void assert_fields(const struct budget_bill *bill, const char *wanted)
{
    struct buf head;

    buf_init(&head, 1000);
    budget_write_fields(bill, &head);
    assert_string_equal(head.data == NULL ? "" : head.data, wanted);
    buf_fini(&head);
}

static void assert_metric(const struct fixture *f, const char *line)
{
    struct buf page;

    buf_init(&page, 1000000);
    metrics_write(f->metrics, &page);
    if (strstr(page.data, line) == NULL) {
        fail_msg("no line %s in %s", line, page.data);
    }
    buf_fini(&page);
}

/* Each address has its own, and IPv6 is counted by its network. */
static void budget_spend__one_address__is_refused_alone(void **state)
{
    struct fixture *f = *state;
    struct budget_bill bill = {0};
    struct err err = {0};

    open_budget(f, 3, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(spend(f, "2001:db8::1", S, &bill));
    }
    assert_fields(&bill, "RateLimit-Policy: \"work\";q=3;w=60\r\nRateLimit: \"work\";r=0;t=60\r\n");
    assert_false(spend(f, "2001:db8::2", S, &bill));
    assert_false(budget_refuse(&bill, &err));
    assert_int_equal(err.code, ERR_RATE_LIMITED);
    assert_int_equal(err.retry_after_s, 20);
    assert_non_null(strstr(err.text, "from your address"));
    assert_fields(&bill, "RateLimit-Policy: \"work\";q=3;w=60\r\nRateLimit: \"work\";r=0;t=60\r\n");
    assert_true(spend(f, "2001:db8:0:1::1", S, &bill));
    assert_fields(&bill, "RateLimit-Policy: \"work\";q=3;w=60\r\nRateLimit: \"work\";r=2;t=20\r\n");
    assert_true(spend(f, "192.0.2.1", S, &bill));
    assert_true(spend(f, "2001:db8::1", S + 21 * S, &bill));
    assert_metric(f, "shop_http_refused_by_budget_total{budget=\"work\",by=\"address\"} 1\n");
    assert_metric(f, "shop_http_refused_by_budget_total{budget=\"work\",by=\"all\"} 0\n");
}

/* From many addresses, each of which is far from its own limit. */
static void budget_spend__all_together__are_refused(void **state)
{
    struct fixture *f = *state;
    struct budget_bill bill = {0};
    struct err err = {0};
    char client[32];

    open_budget(f, 3, 5);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(client, sizeof(client), "192.0.2.%d", i);
        assert_true(spend(f, client, S, &bill));
    }
    assert_false(spend(f, "192.0.2.99", S, &bill));
    assert_false(budget_refuse(&bill, &err));
    assert_int_equal(err.retry_after_s, 12);
    assert_non_null(strstr(err.text, "from all clients together"));
    assert_fields(
        &bill,
        "RateLimit-Policy: \"work-of-all\";q=5;w=60\r\nRateLimit: \"work-of-all\";r=0;t=60\r\n");
    assert_metric(f, "shop_http_refused_by_budget_total{budget=\"work\",by=\"all\"} 1\n");
}

/* What its own address is refused, does not count for all. */
static void budget_spend__one_beyond_his_own__leaves_the_rest_to_others(void **state)
{
    struct fixture *f = *state;
    struct budget_bill bill = {0};

    open_budget(f, 3, 5);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(spend(f, "192.0.2.1", S, &bill), i < 3);
    }
    assert_true(spend(f, "192.0.2.2", S, &bill));
    assert_true(spend(f, "192.0.2.3", S, &bill));
    assert_false(spend(f, "192.0.2.4", S, &bill));
}

static void budget_spend__limit_of_all_alone__is_the_one_told_of(void **state)
{
    struct fixture *f = *state;
    struct budget_bill bill = {0};

    open_budget(f, 0, 2);
    assert_true(spend(f, "192.0.2.1", S, &bill));
    assert_fields(
        &bill,
        "RateLimit-Policy: \"work-of-all\";q=2;w=60\r\nRateLimit: \"work-of-all\";r=1;t=30\r\n");
    assert_true(spend(f, "192.0.2.1", S, &bill));
    assert_false(spend(f, "192.0.2.2", S, &bill));
}

static void budget_new__no_limits__there_is_none(void **state)
{
    struct fixture *f = *state;
    struct budget_bill bill = {0};

    open_budget(f, 0, 0);
    assert_null(f->budget);
    assert_true(spend(f, "192.0.2.1", S, &bill));
    assert_fields(&bill, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(budget_spend__one_address__is_refused_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(budget_spend__all_together__are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(budget_spend__one_beyond_his_own__leaves_the_rest_to_others,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(budget_spend__limit_of_all_alone__is_the_one_told_of,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(budget_new__no_limits__there_is_none, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
