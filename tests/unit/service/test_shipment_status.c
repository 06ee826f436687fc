/* service/shipment_status.h: which word may follow which. */
#include <string.h>

#include "service/shipment_status.h"
#include "support/test.h"

/* Said once more as it is read off the picture: row to column. */
static const char MAY[SHIPMENT_STATUS_COUNT][SHIPMENT_STATUS_COUNT + 1] = {
    /*             PSIDRC */
    /* processing */ "YY...Y",
    /* shipped    */ ".YYYY.",
    /* in_transit */ "..YYY.",
    /* delivered  */ "...YY.",
    /* returned   */ "....Y.",
    /* cancelled  */ ".....Y",
};

static void shipment_status__every_pair__is_as_the_picture_says(void **state)
{
    (void)state;
    for (size_t from = 0; from < SHIPMENT_STATUS_COUNT; from++) {
        for (size_t to = 0; to < SHIPMENT_STATUS_COUNT; to++) {
            assert_int_equal(moves_allow(&SHIPMENT_MOVES, SHIPMENT_STATUS_WORDS[from],
                                         SHIPMENT_STATUS_WORDS[to]),
                             MAY[from][to] == 'Y');
        }
    }
}

static void shipment_status__unknown_words__lead_nowhere(void **state)
{
    (void)state;
    assert_int_equal(shipment_status_of("lost"), SHIPMENT_STATUS_COUNT);
    assert_int_equal(shipment_status_of("in_transit"), SHIPMENT_IN_TRANSIT);
    assert_false(moves_allow(&SHIPMENT_MOVES, "lost", "shipped"));
    assert_false(moves_allow(&SHIPMENT_MOVES, "shipped", "lost"));
    assert_true(moves_allow(&SHIPMENT_MOVES, "lost", "lost"));
}

static void shipment_status_next__says_what_may_follow(void **state)
{
    char text[64];
    char narrow[8];

    (void)state;
    moves_next(&SHIPMENT_MOVES, "shipped", text, sizeof(text));
    assert_string_equal(text, "in_transit, delivered, returned");
    moves_next(&SHIPMENT_MOVES, "cancelled", text, sizeof(text));
    assert_string_equal(text, "nothing");
    moves_next(&SHIPMENT_MOVES, "lost", text, sizeof(text));
    assert_string_equal(text, "nothing");
    moves_next(&SHIPMENT_MOVES, "shipped", narrow, sizeof(narrow));
    assert_string_equal(narrow, "in_tran");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipment_status__every_pair__is_as_the_picture_says),
        cmocka_unit_test(shipment_status__unknown_words__lead_nowhere),
        cmocka_unit_test(shipment_status_next__says_what_may_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
