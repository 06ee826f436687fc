/* The life of an order: service/order_status.c. */
#include "service/order_status.h"
#include "support/test.h"

static const struct {
    const char *from;
    const char *to;
} allowed[] = {
    {"pending", "queued"},
    {"pending", "processing"},
    {"pending", "cancelled"},
    {"queued", "processing"},
    {"queued", "cancelled"},
    {"processing", "shipped"},
    {"processing", "completed"},
    {"processing", "cancelled"},
    {"shipped", "delivered"},
    {"shipped", "completed"},
    {"delivered", "completed"},
    {"backlog", "pending"},
    {"backlog", "queued"},
    {"backlog", "processing"},
    {"backlog", "cancelled"},
    {"awaiting_fulfillment", "processing"},
    {"awaiting_fulfillment", "awaiting_dispatch"},
    {"awaiting_fulfillment", "cancelled"},
    {"awaiting_dispatch", "shipped"},
    {"awaiting_dispatch", "cancelled"},
    {"payment_pending", "processing"},
    {"payment_pending", "cancelled"},
    {"paid", "processing"},
    {"paid", "shipped"},
    {"paid", "completed"},
    {"paid", "cancelled"},
};

static bool is_allowed(const char *from, const char *to)
{
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (strcmp(allowed[i].from, from) == 0 && strcmp(allowed[i].to, to) == 0) {
            return true;
        }
    }
    return strcmp(from, to) == 0;
}

/* Every pair of words: what the list names may happen, and nothing else. */
static void order_status_may_move__every_pair__follows_the_list(void **state)
{
    (void)state;
    for (const char *const *from = ORDER_STATUS_WORDS; *from != NULL; from++) {
        for (const char *const *to = ORDER_STATUS_WORDS; *to != NULL; to++) {
            if (moves_allow(&ORDER_MOVES, *from, *to) != is_allowed(*from, *to)) {
                fail_msg("%s -> %s", *from, *to);
            }
        }
    }
}

/* Words from elsewhere lead nowhere, but a row may keep the one it has. */
static void order_status_may_move__unknown_word__only_stays(void **state)
{
    (void)state;
    assert_true(moves_allow(&ORDER_MOVES, "on_hold", "on_hold"));
    assert_false(moves_allow(&ORDER_MOVES, "on_hold", "pending"));
    assert_false(moves_allow(&ORDER_MOVES, "pending", "on_hold"));
}

static void order_status_next__open_and_final__names_what_may_follow(void **state)
{
    char next[256];
    char small[8];

    (void)state;
    moves_next(&ORDER_MOVES, "pending", next, sizeof(next));
    assert_string_equal(next, "queued, processing, cancelled");
    moves_next(&ORDER_MOVES, "completed", next, sizeof(next));
    assert_string_equal(next, "nothing");
    moves_next(&ORDER_MOVES, "pending", small, sizeof(small));
    assert_string_equal(small, "queued,");
}

static void order_backlog_word__every_status__is_backlog_while_work_waits(void **state)
{
    static const char *const waiting[] = {"pending", "processing",           "queued",
                                          "backlog", "awaiting_fulfillment", "awaiting_dispatch"};
    size_t found = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
        assert_string_equal(order_backlog_word(waiting[i]), "backlog");
    }
    for (const char *const *word = ORDER_STATUS_WORDS; *word != NULL; word++) {
        found += strcmp(order_backlog_word(*word), "backlog") == 0;
    }
    assert_int_equal(found, sizeof(waiting) / sizeof(waiting[0]));
    assert_string_equal(order_backlog_word("on_hold"), "current");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_status_may_move__every_pair__follows_the_list),
        cmocka_unit_test(order_status_may_move__unknown_word__only_stays),
        cmocka_unit_test(order_status_next__open_and_final__names_what_may_follow),
        cmocka_unit_test(order_backlog_word__every_status__is_backlog_while_work_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
