#include "service/audit_sums.h"

#include <stdio.h>
#include <string.h>

#include "core/network.h"
#include "core/text.h"

/* --- addresses --- */

void audit_sum_from(const char *ip, char out[SUM_FROM_MAX])
{
    char text[NET_ADDRESS_TEXT_MAX];
    struct net_address address;

    if (ip == NULL || !net_address_parse(ip, strlen(ip), &address)) {
        (void)snprintf(out, SUM_FROM_MAX, "%s", ip != NULL ? ip : "");
        return;
    }
    address = net_address_counted(&address);
    net_address_format(&address, text);
    (void)snprintf(out, SUM_FROM_MAX, "%s%s", text, strchr(text, ':') != NULL ? "/64" : "");
}

/* --- sums --- */

static uint64_t hash_of(const struct audit_sum_key *key, const char *from)
{
    const uint64_t start = TEXT_HASH_START ^ (uint64_t)key->status ^ (uintptr_t)key->route;

    return text_hash(text_hash(start, key->method), from);
}

static bool is_same(const struct audit_sum *sum, const struct audit_sum_key *key, const char *from)
{
    return sum->status == key->status && strcmp(sum->route, key->route) == 0 &&
           strcmp(sum->method, key->method) == 0 && strcmp(sum->from, from) == 0;
}

static struct audit_sum *find(struct audit_sums *sums, size_t from_at, size_t count,
                              const struct audit_sum_key *key, const char *from, uint64_t hash)
{
    for (size_t i = from_at; i < from_at + count; i++) {
        if (sums->hashes[i] == hash && is_same(&sums->sums[i], key, from)) {
            return &sums->sums[i];
        }
    }
    return NULL;
}

static struct audit_sum *begin(struct audit_sums *sums, size_t at, const struct audit_sum_key *key,
                               const char *from, uint64_t hash)
{
    struct audit_sum *sum = &sums->sums[at];

    sums->hashes[at] = hash;
    *sum = (struct audit_sum){.method = key->method,
                              .route = key->route,
                              .status = key->status,
                              .first_us = key->created_us};
    (void)snprintf(sum->from, sizeof(sum->from), "%s", from);
    (void)snprintf(sum->trace_id, sizeof(sum->trace_id), "%s", key->trace_id);
    return sum;
}

/* Statuses are few; should they ever be too many, the last one stands for the rest. */
static struct audit_sum *of_status(struct audit_sums *sums, const struct audit_sum_key *given)
{
    struct audit_sum_key key = *given;
    struct audit_sum *sum;
    uint64_t hash;

    key.method = "";
    key.route = SUM_OTHERS;
    hash = hash_of(&key, "");
    sum = find(sums, SUMS_BY_ADDRESS, sums->by_status, &key, "", hash);
    if (sum != NULL) {
        return sum;
    }
    if (sums->by_status == SUMS_BY_STATUS) {
        return &sums->sums[SUMS_MAX - 1];
    }
    return begin(sums, SUMS_BY_ADDRESS + sums->by_status++, &key, "", hash);
}

void audit_sums_add(struct audit_sums *sums, const struct audit_sum_key *key)
{
    char from[SUM_FROM_MAX];
    struct audit_sum *sum;
    uint64_t hash;

    audit_sum_from(key->ip, from);
    hash = hash_of(key, from);
    sum = find(sums, 0, sums->by_address, key, from, hash);
    if (sum == NULL && sums->by_address < SUMS_BY_ADDRESS) {
        sum = begin(sums, sums->by_address++, key, from, hash);
    } else if (sum == NULL) {
        sum = of_status(sums, key);
    }
    sum->requests++;
}

bool audit_sums_are_empty(const struct audit_sums *sums)
{
    return sums->by_address == 0;
}

const struct audit_sum *audit_sums_at(const struct audit_sums *sums, size_t at)
{
    if (at < sums->by_address) {
        return &sums->sums[at];
    }
    at -= sums->by_address;
    return at < sums->by_status ? &sums->sums[SUMS_BY_ADDRESS + at] : NULL;
}

void audit_sums_clear(struct audit_sums *sums)
{
    sums->by_address = 0;
    sums->by_status = 0;
}
