/*
 * service/password.h: argon2id with the parameters that OWASP recommends (19 MiB, 2 passes). At
 * most two are computed at a time, so that sign-ins cannot take all memory and both cores.
 */
#ifndef SERVICE_PASSWORD_H
#define SERVICE_PASSWORD_H

#include "core/err.h"
#include "core/thread.h"

enum { PASSWORD_HASH_MAX = 128, PASSWORD_GENERATED_MAX = 33 };

/* A hash that no password fits: such a user cannot sign in. */
#define PASSWORD_UNUSABLE "!"

struct password_gate {
    struct mutex lock;
    struct cond freed;
    int free; /* lock */
};

void password_gate_init(struct password_gate *gate);
void password_gate_fini(struct password_gate *gate);
/* Waits for its turn until the deadline: ERR_DEADLINE. */
MUST_CHECK bool password_gate_enter(struct password_gate *gate, uint64_t deadline_ns,
                                    struct err *err);
void password_gate_leave(struct password_gate *gate);

MUST_CHECK bool password_hash(const char *password, char out[PASSWORD_HASH_MAX], struct err *err);
/* Takes the same time for an unusable hash. */
bool password_fits(const char *password, const char *hash);
/* 24 characters without look-alikes, 139 bits. */
void password_generate(char out[PASSWORD_GENERATED_MAX]);

#endif
