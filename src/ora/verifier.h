/*
 * ora/verifier.h: what a password becomes at log-on. Server and client each prove that they know it
 * by what they can decipher; the password itself travels under a key that both have worked out.
 *
 * Two kinds of verifier are in use: 12c (PBKDF2 with SHA-512, AES-256) and 11g (SHA-1, AES-192).
 * All AES is CBC from a zero vector. Whoever holds one of these structs wipes it.
 */
#ifndef ORA_VERIFIER_H
#define ORA_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORA_VERIFIER_11G = 0xB152, /* as the server names them */
    ORA_VERIFIER_11G_OLD = 0x1B25,
    ORA_VERIFIER_12C = 0x4815,
    ORA_SALT_MAX = 16,
    ORA_KEY_MAX = 32,
    ORA_SESSION_KEY_MAX = 48,
    ORA_PASSWORD_KEY_SIZE = 64,
    ORA_PASSWORD_MAX = 1024, /* bytes */
    ORA_ROUNDS_MAX = 100000, /* of PBKDF2: more is an attack on who logs on */
    ORA_BLOCK = 16,          /* of AES */
    ORA_CIPHER_MAX = ORA_PASSWORD_MAX + 2 * ORA_BLOCK,
};

/* What a server says of a user's password. */
struct ora_verifier {
    uint32_t type;
    uint8_t salt[ORA_SALT_MAX];
    size_t salt_length;
    uint8_t session_salt[ORA_SALT_MAX];
    size_t session_salt_length;
    uint32_t rounds;         /* for the password */
    uint32_t session_rounds; /* for the session's key */
};

/* What the password gives with it. */
struct ora_password {
    uint8_t key[ORA_PASSWORD_KEY_SIZE]; /* 12c alone */
    uint8_t hash[ORA_KEY_MAX];
    size_t key_length; /* of hash and of the session's key: 32 or 24 */
};

/* False when OpenSSL fails, or the verifier's type is none of the three. */
bool ora_password_derive(const struct ora_verifier *verifier, const char *password, size_t length,
                         struct ora_password *ret);
/* The session's key from both halves, which have `length` bytes each (32 or 48). */
bool ora_session_key(const struct ora_verifier *verifier, size_t key_length, const uint8_t *server,
                     const uint8_t *client, size_t length, uint8_t ret[ORA_KEY_MAX]);

/* `length` is a multiple of 16; nothing is padded. */
bool ora_aes_encrypt(const uint8_t *key, size_t key_length, const uint8_t *from, size_t length,
                     uint8_t *to);
bool ora_aes_decrypt(const uint8_t *key, size_t key_length, const uint8_t *from, size_t length,
                     uint8_t *to);
/* A secret behind 16 random bytes, padded to whole blocks. Gives the length in *ret_length. */
bool ora_seal(const uint8_t *key, size_t key_length, const uint8_t random[ORA_BLOCK],
              const void *secret, size_t length, uint8_t ret[ORA_CIPHER_MAX], size_t *ret_length);
/* The other way: *ret_length bytes at ret + 16. False too when the padding is wrong. */
bool ora_unseal(const uint8_t *key, size_t key_length, const uint8_t *from, size_t length,
                uint8_t ret[ORA_CIPHER_MAX], size_t *ret_length);

/* Upper case, no NUL; `ret` has room for 2 * count. */
void ora_hex(const uint8_t *bytes, size_t count, char *ret);
/* Gives the number of bytes; false when the text is none, or they are more than `max`. */
bool ora_unhex(const uint8_t *text, size_t length, uint8_t *ret, size_t max, size_t *ret_count);

#endif
