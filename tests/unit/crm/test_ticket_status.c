/* The life of a support ticket: crm/ticket_status.c. */
#include "crm/ticket_status.h"
#include "tests/support/test.h"

static const struct {
    const char *from;
    const char *to;
} allowed[] = {
    {"open", "in_progress"},     {"open", "resolved"},        {"open", "closed"},
    {"in_progress", "open"},     {"in_progress", "resolved"}, {"in_progress", "closed"},
    {"resolved", "in_progress"}, {"resolved", "closed"},
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

static void ticket_moves__every_pair__follow_the_list(void **state)
{
    (void)state;
    for (const char *const *from = TICKET_STATUS_WORDS; *from != NULL; from++) {
        for (const char *const *to = TICKET_STATUS_WORDS; *to != NULL; to++) {
            if (moves_allow(&TICKET_MOVES, *from, *to) != is_allowed(*from, *to)) {
                fail_msg("%s -> %s", *from, *to);
            }
        }
    }
}

static void ticket_moves__unknown_word__only_stays(void **state)
{
    (void)state;
    assert_true(moves_allow(&TICKET_MOVES, "waiting", "waiting"));
    assert_false(moves_allow(&TICKET_MOVES, "waiting", "open"));
    assert_false(moves_allow(&TICKET_MOVES, "open", "waiting"));
}

static void moves_next__open_and_closed__names_what_may_follow(void **state)
{
    char next[64];
    char small[8];

    (void)state;
    moves_next(&TICKET_MOVES, "resolved", next, sizeof(next));
    assert_string_equal(next, "in_progress, closed");
    moves_next(&TICKET_MOVES, "closed", next, sizeof(next));
    assert_string_equal(next, "nothing");
    moves_next(&TICKET_MOVES, "waiting", next, sizeof(next));
    assert_string_equal(next, "nothing");
    moves_next(&TICKET_MOVES, "open", small, sizeof(small));
    assert_string_equal(small, "in_prog");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticket_moves__every_pair__follow_the_list),
        cmocka_unit_test(ticket_moves__unknown_word__only_stays),
        cmocka_unit_test(moves_next__open_and_closed__names_what_may_follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
