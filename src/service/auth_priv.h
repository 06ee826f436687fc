/*
 * service/auth_priv.h: what the files of sign-in share. Threads: any; the gates have their locks.
 */
#ifndef SERVICE_AUTH_PRIV_H
#define SERVICE_AUTH_PRIV_H

#include "core/digest.h"
#include "core/thread.h"
#include "service/auth.h"
#include "service/sign_in_limit.h"

enum { AUTH_KEYS_MAX = 2 };

struct auth {
    uint8_t keys[AUTH_KEYS_MAX][DIGEST_SHA256_SIZE]; /* SHA-256 of the accepted internal keys */
    size_t key_count;
    uint8_t scraper[DIGEST_SHA256_SIZE]; /* SHA-256 of OCTO_METRICS_TOKEN */
    bool has_scraper;
    struct sign_in_limits *limits;
    struct counter *logins;
    struct counter *failed_logins;
    struct counter *refused_logins;

    /* Admission to a pool of look-ups. */
    struct mutex lock;
    struct cond freed;
    int64_t running;       /* lock */
    int64_t admitted;      /* lock: running and waiting */
    uint64_t log_again_ns; /* lock: until then failed look-ups are not logged */
};

#endif
