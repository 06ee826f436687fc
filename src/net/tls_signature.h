/*
 * net/tls_signature.h: is a signature by RSA and SHA-256 right? RS256 of JSON Web Signatures
 * (RFC 7518 section 3.3, RSASSA-PKCS1-v1_5).
 * Threads: any; nothing is shared.
 */
#ifndef NET_TLS_SIGNATURE_H
#define NET_TLS_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TLS_RSA_BITS_LEAST = 2048, /* RFC 7518 section 3.3 */
    TLS_RSA_BITS_MOST = 8192,  /* larger ones take seconds to try */
};

/* Numbers as a JSON Web Key has them (RFC 7518 section 6.3.1): the first byte counts most. */
struct tls_rsa_key {
    const uint8_t *modulus;
    size_t modulus_length;
    const uint8_t *exponent;
    size_t exponent_length;
};

/* False for a wrong signature, and for a key that is none or has too few or too many bits. */
bool tls_rs256_is_right(const struct tls_rsa_key *key, const char *text, size_t length,
                        const uint8_t *signature, size_t signature_length);

#endif
