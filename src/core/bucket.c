#include "core/bucket.h"

#include <assert.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/keyed_hash.h"

/* A word is a bucket: the tag of its key, and when it will be full, in ticks. Those wrap round
 * after two years, so a time is one that lies ahead only if it lies no further ahead than it can.
 */
enum {
    TICK_SHIFT = 10, /* a tick is 1024 ns */
    TIME_BITS = 46,
};
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)
#define TAG_MASK (~TIME_MASK)
#define NS_PER_S UINT64_C(1000000000)
/* Threads read the clock before they come here, in whatever order. */
#define LATE_TICKS (NS_PER_S >> TICK_SHIFT)

/* A limit in ticks. */
struct rate {
    uint64_t token; /* one of them; 0: no limit */
    uint64_t full;  /* all of them */
};

struct set {
    _Atomic uint64_t words[BUCKET_WAYS];
};

struct buckets {
    struct rate rate;
    struct hash_secret secret;
    uint64_t set_mask;
    struct set *sets;
};

static struct rate rate_of(struct bucket_limit limit)
{
    struct rate rate = {0};

    if (limit.most > 0) {
        assert(limit.window_s > 0);
        rate.token = ((limit.window_s * NS_PER_S >> TICK_SHIFT) + limit.most - 1) / limit.most;
        rate.full = rate.token * limit.most;
        assert(rate.full < TIME_MASK / 4);
    }
    return rate;
}

/* What is missing in a bucket, in ticks; nothing in one that nobody has drawn from. */
static uint64_t debt_of(uint64_t word, const struct rate *rate, uint64_t now)
{
    const uint64_t ahead = (word - now) & TIME_MASK;

    return word == 0 || ahead > rate->full + LATE_TICKS ? 0 : ahead;
}

static bool fits(const struct rate *rate, uint64_t debt, uint64_t cost)
{
    return debt <= rate->full && cost <= (rate->full - debt) / rate->token;
}

static void tell(const struct rate *rate, uint64_t debt, uint64_t cost, bool is_given,
                 struct bucket_state *ret)
{
    if (ret != NULL) {
        const uint64_t after = is_given ? debt + cost * rate->token : debt;
        const uint64_t lacking = debt + cost * rate->token;

        *ret = (struct bucket_state){
            .left = after < rate->full ? (rate->full - after) / rate->token : 0,
            .retry_ns = is_given ? 0 : (lacking - rate->full) << TICK_SHIFT,
            .full_ns = after << TICK_SHIFT,
        };
    }
}

/* Takes from the bucket that stands in `place` as `word`. False with *ret_is_given unset: it is
 * another by now, look again. */
static bool pay(_Atomic uint64_t *place, uint64_t word, uint64_t tag, const struct rate *rate,
                uint64_t cost, uint64_t now, bool *ret_is_given, struct bucket_state *ret)
{
    const uint64_t debt = debt_of(word, rate, now);
    const bool is_given = fits(rate, debt, cost);

    if (is_given && !atomic_compare_exchange_weak_explicit(
                        place, &word, tag | ((now + debt + cost * rate->token) & TIME_MASK),
                        memory_order_relaxed, memory_order_relaxed)) {
        return false;
    }
    tell(rate, debt, cost, is_given, ret);
    *ret_is_given = is_given;
    return true;
}

static bool give_unlimited(struct bucket_state *ret)
{
    if (ret != NULL) {
        *ret = (struct bucket_state){.left = UINT64_MAX};
    }
    return true;
}

bool bucket_take(struct bucket *bucket, uint64_t cost, uint64_t now_ns, struct bucket_state *ret)
{
    const struct rate rate = rate_of(bucket->limit);
    bool is_given = false;

    if (rate.token == 0) {
        return give_unlimited(ret);
    }
    while (!pay(&bucket->word, atomic_load_explicit(&bucket->word, memory_order_relaxed), 0, &rate,
                cost, now_ns >> TICK_SHIFT, &is_given, ret)) {
    }
    return is_given;
}

/* --- the table --- */

struct buckets *buckets_new(struct bucket_limit limit, size_t keys)
{
    struct buckets *buckets = mem_alloc(sizeof(*buckets));
    size_t sets = 1;

    while (sets * BUCKET_WAYS < keys) {
        sets *= 2;
    }
    buckets->rate = rate_of(limit);
    buckets->secret = keyed_hash_secret();
    buckets->set_mask = sets - 1;
    buckets->sets = mem_alloc(sets * sizeof(*buckets->sets));
    return buckets;
}

void buckets_free(struct buckets *buckets)
{
    if (buckets != NULL) {
        free(buckets->sets);
        free(buckets);
    }
}

/* Where the tag's bucket stands, or else the one that owes least. *ret_word is as it was seen. */
static _Atomic uint64_t *find(struct set *set, uint64_t tag, const struct rate *rate, uint64_t now,
                              uint64_t *ret_word)
{
    _Atomic uint64_t *least = NULL;
    uint64_t least_debt = UINT64_MAX;

    for (size_t i = 0; i < BUCKET_WAYS; i++) {
        const uint64_t word = atomic_load_explicit(&set->words[i], memory_order_relaxed);
        const uint64_t debt = debt_of(word, rate, now);

        if ((word & TAG_MASK) == tag) {
            *ret_word = word;
            return &set->words[i];
        }
        if (debt < least_debt) {
            least = &set->words[i];
            least_debt = debt;
            *ret_word = word;
        }
    }
    return least;
}

static struct set *set_of(const struct buckets *buckets, const void *key, size_t length,
                          uint64_t *ret_tag)
{
    const uint64_t hash = keyed_hash(&buckets->secret, key, length);

    *ret_tag = hash & TAG_MASK;
    return &buckets->sets[hash & buckets->set_mask];
}

bool buckets_take(struct buckets *buckets, const void *key, size_t length, uint64_t cost,
                  uint64_t now_ns, struct bucket_state *ret)
{
    const struct rate *rate = &buckets->rate;
    const uint64_t now = now_ns >> TICK_SHIFT;
    _Atomic uint64_t *place;
    struct set *set;
    bool is_given = false;
    uint64_t word;
    uint64_t tag;

    if (rate->token == 0) {
        return give_unlimited(ret);
    }
    set = set_of(buckets, key, length, &tag);
    do {
        place = find(set, tag, rate, now, &word);
    } while (!pay(place, word, tag, rate, cost, now, &is_given, ret));
    return is_given;
}
