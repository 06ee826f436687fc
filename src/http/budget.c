#include "http/budget.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"

enum {
    WINDOW_S = 60,
    NS_PER_S = 1000000000,
    NAME_MAX_BYTES = 96,
    NAME_FIELD_MAX = 40,
    POLICY_MAX = 112,
    ADDRESSES = 8192
};

/* One of its two limits. */
struct half {
    uint64_t most;
    char policy[POLICY_MAX];   /* the field that tells of it, with its line end */
    char name[NAME_FIELD_MAX]; /* what it is called there */
    struct counter *refused;   /* NULL without metrics */
};

struct budget {
    struct buckets *by_address; /* or by key */
    struct bucket of_all;
    bool is_by_key;
    struct half one;
    struct half all;
};

static void half_init(struct half *half, uint64_t most, const char *name, const char *suffix)
{
    half->most = most;
    (void)snprintf(half->name, sizeof(half->name), "\"%s%s\"", name, suffix);
    (void)snprintf(half->policy, sizeof(half->policy), "RateLimit-Policy: %s;q=%llu;w=%d\r\n",
                   half->name, (unsigned long long)most, WINDOW_S);
}

static struct counter *refused_counter(struct metrics *metrics, const char *prefix,
                                       const char *budget, const char *by)
{
    const struct attribute attributes[] = {attribute_text("budget", budget),
                                           attribute_text("by", by)};
    char name[NAME_MAX_BYTES];

    if (metrics == NULL) {
        return NULL;
    }
    (void)snprintf(name, sizeof(name), "%s_http_refused_by_budget", prefix);
    return metrics_counter(metrics,
                           &(struct metric){.name = name,
                                            .unit = "{request}",
                                            .help = "What was refused because a budget was spent.",
                                            .attributes = attributes,
                                            .attribute_count = 2});
}

struct budget *budget_new(const struct budget_options *options, struct metrics *metrics,
                          const char *prefix)
{
    struct budget *budget;

    if (options->of_one == 0 && options->of_all == 0) {
        return NULL;
    }
    budget = mem_alloc(sizeof(*budget));
    budget->by_address = buckets_new((struct bucket_limit){options->of_one, WINDOW_S}, ADDRESSES);
    budget->of_all.limit = (struct bucket_limit){options->of_all, WINDOW_S};
    budget->is_by_key = options->is_by_key;
    half_init(&budget->one, options->of_one, options->name, "");
    half_init(&budget->all, options->of_all, options->name, "-of-all");
    budget->one.refused =
        refused_counter(metrics, prefix, options->name, options->is_by_key ? "key" : "address");
    budget->all.refused = refused_counter(metrics, prefix, options->name, "all");
    return budget;
}

void budget_free(struct budget *budget)
{
    if (budget != NULL) {
        buckets_free(budget->by_address);
        free(budget);
    }
}

static void count(struct counter *counter)
{
    if (counter != NULL) {
        counter_add(counter, 1);
    }
}

bool budget_spend(struct budget *budget, const struct net_address *address, uint64_t now_ns,
                  struct budget_bill *ret)
{
    struct net_address counted;

    if (budget == NULL) {
        return true;
    }
    counted = net_address_counted(address);
    return budget_spend_of(budget, counted.bytes, sizeof(counted.bytes), now_ns, ret);
}

bool budget_spend_of(struct budget *budget, const void *who, size_t size, uint64_t now_ns,
                     struct budget_bill *ret)
{
    struct bucket_state of_all;

    if (budget == NULL) {
        return true;
    }
    *ret = (struct budget_bill){.budget = budget};
    if (!buckets_take(budget->by_address, who, size, 1, now_ns, &ret->state)) {
        count(budget->one.refused);
        return false;
    }
    if (!bucket_take(&budget->of_all, 1, now_ns, &of_all)) {
        ret->state = of_all;
        ret->is_of_all = true;
        count(budget->all.refused);
        return false;
    }
    if (budget->one.most == 0) {
        ret->state = of_all;
    }
    return true;
}

/* Up, so that who comes back then is not too early. */
static uint64_t seconds_of(uint64_t ns)
{
    return (ns + NS_PER_S - 1) / NS_PER_S;
}

bool budget_refuse(const struct budget_bill *bill, struct err *err)
{
    const struct half *half = bill->is_of_all ? &bill->budget->all : &bill->budget->one;
    const unsigned long long wait_s = seconds_of(bill->state.retry_ns);
    const unsigned long long most = half->most;

    if (bill->is_of_all) {
        (void)err_set(err, ERR_RATE_LIMITED,
                      "too many requests of this kind from all clients together (%s: %llu a "
                      "minute), try again in %llu s",
                      half->name, most, wait_s);
    } else {
        (void)err_set(err, ERR_RATE_LIMITED,
                      "too many requests of this kind %s your %s (%s: %llu a minute), try again in "
                      "%llu s",
                      bill->budget->is_by_key ? "with" : "from",
                      bill->budget->is_by_key ? "key" : "address", half->name, most, wait_s);
    }
    err->retry_after_s = (int)wait_s;
    return false;
}

void budget_write_fields(const struct budget_bill *bill, struct buf *head)
{
    const struct half *half;

    if (bill->budget == NULL) {
        return;
    }
    half = bill->is_of_all || bill->budget->one.most == 0 ? &bill->budget->all : &bill->budget->one;
    buf_add_text(head, half->policy);
    buf_add_text(head, "RateLimit: ");
    buf_add_text(head, half->name);
    buf_add_text(head, ";r=");
    buf_add_int(head, (int64_t)bill->state.left);
    buf_add_text(head, ";t=");
    buf_add_int(head, (int64_t)seconds_of(bill->state.full_ns));
    buf_add(head, "\r\n", 2);
}
