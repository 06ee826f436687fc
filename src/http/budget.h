/*
 * http/budget.h: how much of something strangers may have in a minute: a bucket of tokens for each
 * address, and one for all of them together (core/bucket.h says what happens when there are more
 * addresses than buckets). Who is refused gets 429 with Retry-After; what is left is told in the
 * fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10), which only
 * answers have that a budget was asked for.
 * Threads: any may spend at the same time; nothing waits. Some 60 ns.
 */
#ifndef HTTP_BUDGET_H
#define HTTP_BUDGET_H

#include "core/bucket.h"
#include "core/buf.h"
#include "core/network.h"
#include "trace/metrics.h"

/* What routes draw from. A route says which, or leaves it to its method. */
enum budget_kind {
    BUDGET_BY_METHOD, /* GET reads, the others work; probes (ROUTE_NOT_AUDITED) nothing */
    BUDGET_READS,
    BUDGET_WORK,    /* what writes, or costs about as much */
    BUDGET_VIEWS,   /* rows that strangers leave and that nobody needs one by one */
    BUDGET_SERVICE, /* of those who have the internal key, whatever they ask for */
    BUDGET_KIND_COUNT,
};

struct budget_options {
    const char *name; /* "work": in fields, metrics and messages; a literal */
    uint64_t of_one;  /* a minute, for each address; 0: no limit */
    uint64_t of_all;  /* a minute, for all of them together; 0: no limit */
    bool is_by_key;   /* `one` is a key and not an address (budget_spend_of) */
};

struct budget;

/* NULL where neither limit is set. The counters "<prefix>_http_refused_by_budget" say how often it
 * refused; metrics may be NULL. */
struct budget *budget_new(const struct budget_options *options, struct metrics *metrics,
                          const char *prefix);
void budget_free(struct budget *budget); /* NULL is accepted */

/* What an answer has to say of what its request drew. Zero: it drew nothing. */
struct budget_bill {
    const struct budget *budget;
    struct bucket_state state;
    bool is_of_all; /* it is the bucket of all that is empty */
};

/* Draws one token for the address; true without a budget (NULL). */
bool budget_spend(struct budget *budget, const struct net_address *address, uint64_t now_ns,
                  struct budget_bill *ret);
/* The same for who is told by something else than an address: by a key's digest. */
bool budget_spend_of(struct budget *budget, const void *who, size_t size, uint64_t now_ns,
                     struct budget_bill *ret);
/* ERR_RATE_LIMITED with the seconds to wait; always false. */
bool budget_refuse(const struct budget_bill *bill, struct err *err);
/* The two fields of an answer, with their line ends; nothing for a bill that is zero. */
void budget_write_fields(const struct budget_bill *bill, struct buf *head);

#endif
