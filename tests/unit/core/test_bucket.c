#include "core/bucket.h"
#include "core/thread.h"
#include "support/test.h"

#define S UINT64_C(1000000000) /* ns */

enum { ONE_SET = BUCKET_WAYS };

/* Twenty at once, then one every 15 s. */
static const struct bucket_limit TWENTY = {20, 300};

static bool take(struct buckets *buckets, uint32_t key, uint64_t now_ns)
{
    return buckets_take(buckets, &key, sizeof(key), 1, now_ns, NULL);
}

/* How many are given one after the other; at most 1000. */
static unsigned drain(struct buckets *buckets, uint32_t key, uint64_t now_ns)
{
    unsigned given = 0;

    while (given < 1000 && take(buckets, key, now_ns)) {
        given++;
    }
    return given;
}

static bool is_about(uint64_t ns, uint64_t wanted_ns)
{
    const uint64_t apart = ns > wanted_ns ? ns - wanted_ns : wanted_ns - ns;

    return apart <= UINT64_C(20) * 1024; /* a tick for each token */
}

/* --- one bucket --- */

static void bucket_take__full__gives_most_and_then_one_an_interval(void **state)
{
    struct bucket bucket = {.limit = TWENTY};
    struct bucket_state after;
    const uint64_t now = 5 * S;

    (void)state;
    for (uint64_t left = 20; left > 0; left--) {
        assert_true(bucket_take(&bucket, 1, now, &after));
        assert_int_equal(after.left, left - 1);
        assert_int_equal(after.retry_ns, 0);
        assert_true(is_about(after.full_ns, (21 - left) * 15 * S));
    }
    assert_false(bucket_take(&bucket, 1, now, &after));
    assert_int_equal(after.left, 0);
    assert_true(is_about(after.retry_ns, 15 * S));
    assert_false(bucket_take(&bucket, 1, now + 14 * S, NULL));
    assert_true(bucket_take(&bucket, 1, now + 16 * S, NULL));
    assert_false(bucket_take(&bucket, 1, now + 16 * S, NULL));
    assert_true(bucket_take(&bucket, 20, now + 400 * S, NULL)); /* full, and not fuller */
    assert_false(bucket_take(&bucket, 1, now + 400 * S, NULL));
}

/* Who goes on asking does not wait longer, and who is told when is not told too early. */
static void bucket_take__refused__costs_nothing(void **state)
{
    struct bucket bucket = {.limit = TWENTY};
    struct bucket_state first;
    struct bucket_state last;

    (void)state;
    assert_true(bucket_take(&bucket, 18, S, NULL));
    assert_false(bucket_take(&bucket, 5, S, &first));
    for (int i = 0; i < 100; i++) {
        assert_false(bucket_take(&bucket, 5, S, &last));
    }
    assert_true(first.retry_ns == last.retry_ns);
    assert_true(is_about(first.retry_ns, 45 * S));
    assert_int_equal(last.left, 2);
    assert_false(bucket_take(&bucket, 5, S + first.retry_ns - 1024, NULL));
    assert_true(bucket_take(&bucket, 5, S + first.retry_ns, NULL));
}

static void bucket_take__more_than_ever_fits__never_given(void **state)
{
    struct bucket bucket = {.limit = TWENTY};

    (void)state;
    assert_false(bucket_take(&bucket, 21, S, NULL));
    assert_true(bucket_take(&bucket, 20, S, NULL));
}

static void bucket_take__no_limit__always_given(void **state)
{
    struct bucket bucket = {.limit = {0, 0}};
    struct bucket_state after;

    (void)state;
    assert_true(bucket_take(&bucket, UINT64_MAX, S, &after));
    assert_true(bucket_take(&bucket, 1, S, &after));
    assert_int_equal(after.retry_ns, 0);
    assert_true(after.left > 0);
}

/* Two threads read the clock and come here the other way round. */
static void bucket_take__clock_a_little_behind__still_empty(void **state)
{
    struct bucket bucket = {.limit = TWENTY};
    struct bucket_state after;

    (void)state;
    assert_true(bucket_take(&bucket, 20, 10 * S, NULL));
    assert_false(bucket_take(&bucket, 1, 10 * S - S / 2, &after));
    assert_true(after.retry_ns > 15 * S);
}

/* Ticks begin anew after 2^56 ns; who was full long before that is no debtor after it. */
static void bucket_take__ticks_wrap_round__goes_on(void **state)
{
    const uint64_t wrap = UINT64_C(1) << 56;
    struct bucket bucket = {.limit = TWENTY};

    (void)state;
    assert_true(bucket_take(&bucket, 20, wrap - 10 * S, NULL));
    assert_false(bucket_take(&bucket, 1, wrap - S, NULL));
    assert_false(bucket_take(&bucket, 1, wrap + S, NULL));
    assert_true(bucket_take(&bucket, 1, wrap + 6 * S, NULL));
    assert_true(bucket_take(&bucket, 20, wrap + 400 * S, NULL));
}

/* --- a table --- */

static void buckets_take__two_keys__each_has_its_own(void **state)
{
    struct buckets *buckets = buckets_new(TWENTY, 1024);

    (void)state;
    assert_int_equal(drain(buckets, 1, S), 20);
    assert_int_equal(drain(buckets, 1, S), 0);
    assert_int_equal(drain(buckets, 2, S), 20);
    assert_int_equal(drain(buckets, 1, S + 16 * S), 1);
    buckets_free(buckets);
}

/* A set that others have filled: whoever comes new shares the least debt, and who lost his place
 * does not come back to a full bucket. */
static void buckets_take__set_is_full__nobody_gets_a_fresh_bucket(void **state)
{
    struct buckets *buckets = buckets_new(TWENTY, ONE_SET);
    unsigned given = 0;

    (void)state;
    assert_int_equal(drain(buckets, 1, S), 20);
    for (uint32_t other = 2; other <= ONE_SET; other++) {
        assert_int_equal(drain(buckets, other, S), 20);
    }
    for (uint32_t stranger = 100; stranger < 1100; stranger++) {
        given += drain(buckets, stranger, S);
        given += drain(buckets, 1, S);
    }
    assert_int_equal(given, 0);
    buckets_free(buckets);
}

/* With fifteen spent everywhere, each change of place is worth what its set has left and no more.
 */
static void buckets_take__keys_push_each_other_out__no_more_than_the_set_has(void **state)
{
    struct buckets *buckets = buckets_new(TWENTY, ONE_SET);
    unsigned given = 0;

    (void)state;
    for (uint32_t key = 1; key <= ONE_SET; key++) {
        assert_true(buckets_take(buckets, &key, sizeof(key), 15, S, NULL));
    }
    for (uint32_t round = 0; round < 1000; round++) {
        given += take(buckets, 1000 + round, S) ? 1 : 0;
        given += take(buckets, 1, S) ? 1 : 0;
    }
    assert_int_equal(given, 5 * BUCKET_WAYS);
    buckets_free(buckets);
}

/* Those that owe nothing any more make room. */
static void buckets_take__others_have_recovered__a_fresh_one(void **state)
{
    struct buckets *buckets = buckets_new(TWENTY, ONE_SET);

    (void)state;
    for (uint32_t key = 1; key <= ONE_SET; key++) {
        assert_int_equal(drain(buckets, key, S), 20);
    }
    assert_int_equal(drain(buckets, 100, S + 301 * S), 20);
    buckets_free(buckets);
}

/* Keys in a row, as addresses of one provider are, fill a table evenly: of half as many as fit none
 * is short by more than what it shares with others of a full set. */
static void buckets_take__half_as_many_keys_as_fit__hardly_any_is_short(void **state)
{
    enum { KEYS = 8192 };
    struct buckets *buckets = buckets_new(TWENTY, KEYS);
    unsigned short_ones = 0;

    (void)state;
    for (uint32_t key = 0; key < KEYS / 2; key++) {
        short_ones += drain(buckets, key, S) == 20 ? 0 : 1;
    }
    assert_true(short_ones < KEYS / 2 / 20);
    buckets_free(buckets);
}

struct taker {
    struct buckets *buckets;
    struct bucket *shared;
    unsigned given_own;
    unsigned given_shared;
};

static void take_often(void *arg)
{
    struct taker *taker = arg;

    for (int i = 0; i < 20000; i++) {
        taker->given_own += take(taker->buckets, 7, S) ? 1 : 0;
        taker->given_shared += bucket_take(taker->shared, 1, S, NULL) ? 1 : 0;
    }
}

static void bucket_take__several_threads__together_no_more_than_most(void **state)
{
    enum { THREADS = 4, MOST = 50000 };
    const struct bucket_limit limit = {MOST, 60};
    struct bucket shared = {.limit = limit};
    struct buckets *buckets = buckets_new(limit, ONE_SET);
    struct thread threads[THREADS] = {{0}};
    struct taker takers[THREADS];
    unsigned own = 0;
    unsigned all = 0;

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){.buckets = buckets, .shared = &shared};
        thread_start(&threads[i], "taker", take_often, &takers[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
        own += takers[i].given_own;
        all += takers[i].given_shared;
    }
    assert_int_equal(own, MOST);
    assert_int_equal(all, MOST);
    buckets_free(buckets);
}

static void buckets_free__null__nothing(void **state)
{
    (void)state;
    buckets_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_take__full__gives_most_and_then_one_an_interval),
        cmocka_unit_test(bucket_take__refused__costs_nothing),
        cmocka_unit_test(bucket_take__more_than_ever_fits__never_given),
        cmocka_unit_test(bucket_take__no_limit__always_given),
        cmocka_unit_test(bucket_take__clock_a_little_behind__still_empty),
        cmocka_unit_test(bucket_take__ticks_wrap_round__goes_on),
        cmocka_unit_test(buckets_take__two_keys__each_has_its_own),
        cmocka_unit_test(buckets_take__set_is_full__nobody_gets_a_fresh_bucket),
        cmocka_unit_test(buckets_take__keys_push_each_other_out__no_more_than_the_set_has),
        cmocka_unit_test(buckets_take__others_have_recovered__a_fresh_one),
        cmocka_unit_test(buckets_take__half_as_many_keys_as_fit__hardly_any_is_short),
        cmocka_unit_test(bucket_take__several_threads__together_no_more_than_most),
        cmocka_unit_test(buckets_free__null__nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
