/*
 * service/id_token.h: ID tokens of OpenID providers, read and judged: compact JSON Web Signatures
 * (RFC 7515) by RS256, the algorithm that every provider has, whose claims are those of OpenID
 * Connect Core 1.0 section 2, held against section 3.1.3.7.
 * Memory: texts live in the arena. Pure functions; threads: any.
 */
#ifndef SERVICE_ID_TOKEN_H
#define SERVICE_ID_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "http/json_in.h"

enum {
    ID_TOKEN_MAX = 32 * 1024,
    ID_TOKEN_GROUPS_MOST = 256,
    ID_TOKEN_LEEWAY_S = 60, /* by which clocks may differ; RFC 7519 section 4.1.4: a few minutes */
};

enum id_token_verdict {
    ID_TOKEN_GOOD,
    ID_TOKEN_MALFORMED,
    ID_TOKEN_ALGORITHM,   /* signed in another way, or not at all */
    ID_TOKEN_KEY_UNKNOWN, /* no key of the set is the one it names: look for a newer set */
    ID_TOKEN_SIGNATURE,
    ID_TOKEN_ISSUER,
    ID_TOKEN_AUDIENCE,
    ID_TOKEN_EXPIRED,
    ID_TOKEN_EARLY, /* it is of a time that has not come */
    ID_TOKEN_NONCE, /* it is for another sign-in */
};

/* "good", "malformed", ...: for addresses, spans and the log. */
const char *id_token_word(enum id_token_verdict verdict);

struct id_token_expected {
    const char *issuer;
    const char *client_id;
    const char *nonce;
    const char *group_claim; /* whose texts are groups */
    int64_t now_s;           /* since 1970 */
};

struct id_token {
    const char *subject;  /* 1 to 255 characters; whom the issuer means for good */
    const char *username; /* preferred_username; NULL: it does not say */
    const char *email;    /* in lower case; NULL: it says none, or none that is verified */
    const char **groups;
    size_t group_count;
};

/* `keys` is a JSON Web Key Set (RFC 7517 section 5). *ret is set for a good one alone. */
enum id_token_verdict id_token_judge(struct arena *arena, const char *text, const struct json *keys,
                                     const struct id_token_expected *expected,
                                     struct id_token *ret);
/* The same of its claims alone, when the signature is known to be right. */
enum id_token_verdict id_token_judge_claims(struct arena *arena, const struct json *claims,
                                            const struct id_token_expected *expected,
                                            struct id_token *ret);

#endif
