/*
 * core/secret.h: one rule for the strength of every secret that people may choose.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

/* A key is made by a machine, a password may be typed; of an URL the password in it counts. One
 * that somebody else gave out is as strong as he made it: SECRET_NONE. */
enum secret_kind { SECRET_NONE, SECRET_KEY, SECRET_PASSWORD, SECRET_URL };

enum {
    SECRET_KEY_LEAST = 32,    /* characters */
    SECRET_KEY_DISTINCT = 16, /* of them */
    SECRET_KEY_HEX = 64,      /* hexadecimal digits, 32 bytes: the pairs count as the characters */
    SECRET_PASSWORD_LEAST = 12, /* characters */
};

/* What a secret lacks ("has fewer than 12 characters", a literal); NULL when it is strong enough.
 *
 * Of a key's hexadecimal digits there are only 16: of 64 random ones a quarter lacks at least one
 * of them, while the 32 bytes that they spell lack 16 distinct ones never. So such a key counts by
 * either. A URL without a password has nothing that could be weak. */
const char *secret_weakness(enum secret_kind kind, const char *text);
/* The same rule in words, for lists of settings; "" for SECRET_NONE. */
const char *secret_rule(enum secret_kind kind);

#endif
