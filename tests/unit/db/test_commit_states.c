/* How a unit stands in the commit queue: db/commit_states.c. */
#include "db/commit_states.h"
#include "tests/support/aborts.h"
#include "tests/support/test.h"

/* One way from outside into each state. */
static const enum entry_state WAYS[ENTRY_STATES][3] = {
    [ENTRY_QUEUED] = {ENTRY_QUEUED},
    [ENTRY_TAKEN] = {ENTRY_QUEUED, ENTRY_TAKEN},
    [ENTRY_DONE] = {ENTRY_QUEUED, ENTRY_TAKEN, ENTRY_DONE},
};

/* What may follow what, as the picture in the header has it. */
static const bool MAY_FOLLOW[ENTRY_STATES][ENTRY_STATES] = {
    [ENTRY_OUTSIDE] = {[ENTRY_QUEUED] = true},
    [ENTRY_QUEUED] = {[ENTRY_TAKEN] = true, [ENTRY_DONE] = true},
    [ENTRY_TAKEN] = {[ENTRY_QUEUED] = true, [ENTRY_DONE] = true},
};

struct move {
    struct list waiting;
    struct entry_place place;
    enum entry_state to;
};

static void start_in(struct move *move, enum entry_state from)
{
    list_init(&move->waiting);
    for (size_t i = 0; i < sizeof(WAYS[from]) / sizeof(WAYS[from][0]); i++) {
        if (WAYS[from][i] != ENTRY_OUTSIDE) {
            entry_move(&move->waiting, &move->place, WAYS[from][i]);
        }
    }
    assert_int_equal(move->place.state, from);
}

static void make_move(void *arg)
{
    struct move *move = arg;

    entry_move(&move->waiting, &move->place, move->to);
}

static void entry_move__all_pairs__allowed_ones_work_and_the_others_abort(void **state)
{
    (void)state;
    for (enum entry_state from = ENTRY_OUTSIDE; from < ENTRY_STATES; from++) {
        for (enum entry_state to = ENTRY_OUTSIDE; to <= ENTRY_STATES; to++) {
            struct move move = {.to = to};

            start_in(&move, from);
            if (to < ENTRY_STATES && MAY_FOLLOW[from][to]) {
                make_move(&move);
                assert_int_equal(move.place.state, to);
                assert_int_equal(move.waiting.length, to == ENTRY_QUEUED);
            } else if (!aborts(make_move, &move)) {
                fail_msg("a unit went from state %d to %d", (int)from, (int)to);
            }
        }
    }
}

static void entry_move__once_more__stands_ahead_of_who_came_meanwhile(void **state)
{
    struct entry_place places[3] = {{.state = ENTRY_OUTSIDE}};
    struct list waiting;

    (void)state;
    list_init(&waiting);
    entry_move(&waiting, &places[0], ENTRY_QUEUED);
    entry_move(&waiting, &places[0], ENTRY_TAKEN);
    entry_move(&waiting, &places[1], ENTRY_QUEUED);
    entry_move(&waiting, &places[2], ENTRY_QUEUED);
    entry_move(&waiting, &places[0], ENTRY_QUEUED);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(list_first(&waiting), &places[i].link);
        entry_move(&waiting, &places[i], ENTRY_TAKEN);
    }
    assert_null(list_first(&waiting));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entry_move__all_pairs__allowed_ones_work_and_the_others_abort),
        cmocka_unit_test(entry_move__once_more__stands_ahead_of_who_came_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
