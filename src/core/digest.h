/*
 * core/digest.h: digests and encodings, over nettle (the one place that includes it).
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum {
    DIGEST_MD5_SIZE = 16,
    DIGEST_SHA1_SIZE = 20,
    DIGEST_SHA256_SIZE = 32,
    DIGEST_SHA256_HEX_MAX = 65,
    DIGEST_MARK_MAX = 17,
};

void digest_md5(const void *bytes, size_t count, uint8_t out[DIGEST_MD5_SIZE]);
/* MD5 over two pieces, one after the other. */
void digest_md5_two(const void *a, size_t a_count, const void *b, size_t b_count,
                    uint8_t out[DIGEST_MD5_SIZE]);
void digest_sha256(const void *bytes, size_t count, uint8_t out[DIGEST_SHA256_SIZE]);
void digest_sha256_hex(const void *bytes, size_t count, char out[DIGEST_SHA256_HEX_MAX]);
/* A message in pieces, one after the other. */
struct digest_piece {
    const void *bytes;
    size_t count;
};
/* HMAC with SHA-256 (RFC 2104) of the pieces. */
void digest_hmac_sha256(const char *key, const struct digest_piece *pieces, size_t count,
                        uint8_t out[DIGEST_SHA256_SIZE]);
/* What a secret is called where others read: the first eight bytes of its SHA-256, in hexadecimal.
 * Enough to tell a few billion apart, and no way back to anything that was drawn at random. */
void digest_mark(const char *secret, char out[DIGEST_MARK_MAX]);
void digest_hex(const uint8_t *bytes, size_t count, char *out); /* out holds 2 * count + 1 */
bool digest_equal(const void *a, const void *b, size_t count);  /* in constant time */
/* Name-based UUID, version 5 (RFC 9562 section 5.5), in lower-case text. */
void digest_uuid5(const uint8_t name_space[16], const char *name, char out[UUID_TEXT_MAX]);
/* RFC 4648 section 4, padded. out holds base64_size(count), without a NUL of its own. */
size_t base64_size(size_t count);
void base64_encode(const uint8_t *bytes, size_t count, char *out);
/* RFC 4648 section 5, no padding. out holds base64url_size(count). Returns the length. */
size_t base64url_size(size_t count);
size_t base64url_encode(const uint8_t *bytes, size_t count, char *out);
/* Strict; out holds at least length * 3 / 4 + 3 bytes. False on anything but the alphabet. */
bool base64url_decode(const char *text, size_t length, uint8_t *out, size_t *ret_count);

#endif
