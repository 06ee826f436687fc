/*
 * service/audit_sums.h: requests that the trail counts instead of giving each a row: one sum for
 * each route, status and address. How many sums there are is bounded, whoever asks for what from
 * where: what finds none is counted by its status alone. Memory is all its own; addresses are
 * copied, routes and methods outlive it.
 * Threads: the caller's.
 */
#ifndef SERVICE_AUDIT_SUMS_H
#define SERVICE_AUDIT_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/w3c.h"

enum {
    SUMS_BY_ADDRESS = 96,
    SUMS_BY_STATUS = 32,
    SUMS_MAX = SUMS_BY_ADDRESS + SUMS_BY_STATUS,
    SUM_FROM_MAX = 64,
};

/* Where the route is unknown, and what stands for all that found no sum of their own. */
#define SUM_OTHERS "(others)"

struct audit_sum {
    const char *method;
    const char *route;
    int64_t status;
    int64_t requests;
    int64_t first_us;                /* when the first of them came */
    char from[SUM_FROM_MAX];         /* "192.0.2.7", "2001:db8:1:2::/64"; "": from several */
    char trace_id[TRACE_ID_HEX + 1]; /* of the first of them */
};

struct audit_sums {
    size_t by_address;
    size_t by_status;
    uint64_t hashes[SUMS_MAX];
    struct audit_sum sums[SUMS_MAX]; /* those by address, and from SUMS_BY_ADDRESS on the others */
};

/* What one request adds to. */
struct audit_sum_key {
    const char *method;
    const char *route;
    int64_t status;
    const char *ip; /* NULL: unknown */
    int64_t created_us;
    const char *trace_id;
};

void audit_sums_add(struct audit_sums *sums, const struct audit_sum_key *key);
bool audit_sums_are_empty(const struct audit_sums *sums);
/* The sum at this place, from 0 on; NULL: there are no more. */
const struct audit_sum *audit_sums_at(const struct audit_sums *sums, size_t at);
void audit_sums_clear(struct audit_sums *sums);

/* The address as it is counted: of IPv6 the network of a site (/64), since its owner may take any
 * address in it; IPv4 also where it is written as IPv6. Another text as it is, cut. */
void audit_sum_from(const char *ip, char out[SUM_FROM_MAX]);

#endif
