/*
 * core/bucket.h: token buckets: how much of something may be had at once, and how fast more of it
 * grows. One bucket for everybody, or a table with one for each key (an address, an account).
 *
 * A bucket is the time at which it will be full again, and nothing else: taking a token moves that
 * time on, and when it lies further ahead than a full bucket is worth, there is none left (the
 * generic cell rate algorithm, ITU-T I.371 annex A). So nothing has to be refilled or swept, and a
 * refusal changes nothing: who goes on asking does not wait longer.
 *
 * The table has a fixed size. A key's bucket stands in one of the BUCKET_WAYS places that its
 * keyed hash leads to, so nobody can aim at another's. Where all of them are owed something, a new
 * key takes over the one that owes least and goes on with its debt ("space saving", Metwally et al.
 * 2005). So a key that lost its place finds at least the debt again that it left: no number of
 * other keys buys anybody a fresh bucket. The price is paid by newcomers, and only where a set's
 * places are all nearly empty buckets, which takes that many times what one key may spend.
 * Two keys of one set count as one when 18 bits of their hashes are equal: a chance of 1 in 32,000
 * in a full table.
 *
 * Time is a parameter (monotonic nanoseconds, core/clock.h). Threads: any, at the same time; no
 * call waits or allocates. Some 60 ns a call.
 */
#ifndef CORE_BUCKET_H
#define CORE_BUCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUCKET_WAYS = 8 };

/* `most` tokens fit in, and a bucket that is empty is full again after `window_s` seconds: 20 and
 * 300 give twenty at once and then one every 15 seconds. At most 1,000,000 in a minute, or the
 * microseconds that time is counted in become too coarse. */
struct bucket_limit {
    uint64_t most;     /* 0: no limit, everything is given */
    uint64_t window_s; /* at least 1 */
};

/* How a bucket stands after a call. */
struct bucket_state {
    uint64_t left;     /* whole tokens */
    uint64_t retry_ns; /* until what was refused would be given; 0: it was given */
    uint64_t full_ns;  /* until it is full */
};

/* --- one bucket for all --- */

/* Zero and a limit make a full one. */
struct bucket {
    struct bucket_limit limit;
    _Atomic uint64_t word;
};

/* Takes `cost` tokens, or none of them and gives false. ret may be NULL. */
bool bucket_take(struct bucket *bucket, uint64_t cost, uint64_t now_ns, struct bucket_state *ret);

/* --- one for each key --- */

struct buckets;

/* Room for about `keys` of them that owe something at the same time, 8 bytes each. */
struct buckets *buckets_new(struct bucket_limit limit, size_t keys);
void buckets_free(struct buckets *buckets); /* NULL is accepted */
/* As bucket_take, from the bucket of these bytes. */
bool buckets_take(struct buckets *buckets, const void *key, size_t length, uint64_t cost,
                  uint64_t now_ns, struct bucket_state *ret);

#endif
