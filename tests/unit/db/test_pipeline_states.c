/* How a pipeline and its readers stand: db/pipeline_states.c. */
#include "db/pipeline_states.h"
#include "tests/support/aborts.h"
#include "tests/support/test.h"

/* --- a pipeline --- */

/* What may follow what, as the picture in db/pipeline.c has it. */
static const bool PIPELINE_MAY[PIPELINE_STATES][PIPELINE_STATES] = {
    [PIPELINE_EMPTY] = {[PIPELINE_IN_LINE] = true, [PIPELINE_OPEN] = true},
    [PIPELINE_IN_LINE] = {[PIPELINE_EMPTY] = true, [PIPELINE_OPEN] = true},
    [PIPELINE_OPEN] = {[PIPELINE_BUSY] = true, [PIPELINE_EMPTY] = true},
    [PIPELINE_BUSY] = {[PIPELINE_OPEN] = true},
};

struct pipeline_step {
    enum pipeline_state state;
    enum pipeline_state to;
};

static void make_step(void *arg)
{
    struct pipeline_step *step = arg;

    pipeline_move(&step->state, step->to);
}

static void pipeline_move__all_pairs__allowed_ones_work_and_the_others_abort(void **state)
{
    (void)state;
    for (enum pipeline_state from = PIPELINE_EMPTY; from < PIPELINE_STATES; from++) {
        for (enum pipeline_state to = PIPELINE_EMPTY; to <= PIPELINE_STATES; to++) {
            struct pipeline_step step = {from, to};

            if (to < PIPELINE_STATES && PIPELINE_MAY[from][to]) {
                make_step(&step);
                assert_int_equal(step.state, to);
            } else if (!aborts(make_step, &step)) {
                fail_msg("a pipeline went from state %d to %d", (int)from, (int)to);
            }
        }
    }
}

/* --- a reader --- */

/* One way from outside into each state. */
static const enum reader_state WAYS[READER_STATES][2] = {
    [READER_JOINING] = {READER_JOINING},
    [READER_JOINED] = {READER_JOINED},
    [READER_ASKING] = {READER_JOINED, READER_ASKING},
};

/* What may follow what, as the picture in the header has it. */
static const bool MAY_FOLLOW[READER_STATES][READER_STATES] = {
    [READER_OUTSIDE] = {[READER_JOINING] = true, [READER_JOINED] = true},
    [READER_JOINING] = {[READER_OUTSIDE] = true},
    [READER_JOINED] = {[READER_ASKING] = true, [READER_OUTSIDE] = true},
    [READER_ASKING] = {[READER_JOINED] = true},
};

struct move {
    struct readers readers;
    struct reader reader;
    enum reader_state to;
};

static void start_in(struct move *move, enum reader_state from)
{
    readers_init(&move->readers);
    for (size_t i = 0; i < sizeof(WAYS[from]) / sizeof(WAYS[from][0]); i++) {
        if (WAYS[from][i] != READER_OUTSIDE) {
            reader_move(&move->readers, &move->reader, WAYS[from][i]);
        }
    }
    assert_int_equal(move->reader.state, from);
}

static void make_move(void *arg)
{
    struct move *move = arg;

    reader_move(&move->readers, &move->reader, move->to);
}

static void must_stand_in(const struct move *move, enum reader_state state)
{
    const bool waits = state == READER_JOINING || state == READER_ASKING;

    assert_int_equal(move->reader.state, state);
    for (enum reader_state each = READER_OUTSIDE; each < READER_STATES; each++) {
        assert_int_equal(move->readers.waiting[each].length, each == state && waits);
    }
}

static void reader_move__all_pairs__allowed_ones_work_and_the_others_abort(void **state)
{
    (void)state;
    for (enum reader_state from = READER_OUTSIDE; from < READER_STATES; from++) {
        for (enum reader_state to = READER_OUTSIDE; to <= READER_STATES; to++) {
            struct move move = {.to = to};

            start_in(&move, from);
            if (to < READER_STATES && MAY_FOLLOW[from][to]) {
                make_move(&move);
                must_stand_in(&move, to);
            } else if (!aborts(make_move, &move)) {
                fail_msg("a reader went from state %d to %d", (int)from, (int)to);
            }
        }
    }
}

static void readers_next__several_wait__first_come_first_and_is_what_it_was(void **state)
{
    struct readers readers;
    struct reader joining[2] = {0};
    struct reader asking = {.state = READER_JOINED};

    (void)state;
    readers_init(&readers);
    reader_move(&readers, &joining[0], READER_JOINING);
    reader_move(&readers, &asking, READER_ASKING);
    reader_move(&readers, &joining[1], READER_JOINING);
    assert_ptr_equal(readers_next(&readers, READER_JOINING), &joining[0]);
    assert_int_equal(joining[0].state, READER_OUTSIDE);
    assert_ptr_equal(readers_next(&readers, READER_JOINING), &joining[1]);
    assert_null(readers_next(&readers, READER_JOINING));
    assert_ptr_equal(readers_next(&readers, READER_ASKING), &asking);
    assert_int_equal(asking.state, READER_JOINED);
    assert_null(readers_next(&readers, READER_ASKING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipeline_move__all_pairs__allowed_ones_work_and_the_others_abort),
        cmocka_unit_test(reader_move__all_pairs__allowed_ones_work_and_the_others_abort),
        cmocka_unit_test(readers_next__several_wait__first_come_first_and_is_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
