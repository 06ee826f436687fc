#include "service/outbox.h"
#include "support/test.h"

static void outbox_backoff_s__more_failures__doubles_up_to_ten_minutes(void **state)
{
    (void)state;
    assert_int_equal(outbox_backoff_s(0), 0);
    assert_int_equal(outbox_backoff_s(1), 2);
    assert_int_equal(outbox_backoff_s(2), 4);
    assert_int_equal(outbox_backoff_s(9), 512);
    assert_int_equal(outbox_backoff_s(10), 600);
    assert_int_equal(outbox_backoff_s(INT64_MAX), 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outbox_backoff_s__more_failures__doubles_up_to_ten_minutes),
    };

    return cmocka_run_group_tests_name("service/outbox", tests, NULL, NULL);
}
