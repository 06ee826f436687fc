#include "core/digest.h"

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

_Static_assert(DIGEST_MD5_SIZE == MD5_DIGEST_SIZE, "MD5");
_Static_assert(DIGEST_SHA1_SIZE == SHA1_DIGEST_SIZE, "SHA-1");
_Static_assert(DIGEST_SHA256_SIZE == SHA256_DIGEST_SIZE, "SHA-256");

enum { UUID_SIZE = 16 };

static const char HEX[] = "0123456789abcdef";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void digest_md5(const void *bytes, size_t count, uint8_t out[DIGEST_MD5_SIZE])
{
    digest_md5_two(bytes, count, "", 0, out);
}

void digest_md5_two(const void *a, size_t a_count, const void *b, size_t b_count,
                    uint8_t out[DIGEST_MD5_SIZE])
{
    struct md5_ctx md5;

    md5_init(&md5);
    md5_update(&md5, a_count, a);
    md5_update(&md5, b_count, b);
    md5_digest(&md5, DIGEST_MD5_SIZE, out);
}

void digest_sha256(const void *bytes, size_t count, uint8_t out[DIGEST_SHA256_SIZE])
{
    struct sha256_ctx sha256;

    sha256_init(&sha256);
    sha256_update(&sha256, count, bytes);
    sha256_digest(&sha256, DIGEST_SHA256_SIZE, out);
}

void digest_sha256_hex(const void *bytes, size_t count, char out[DIGEST_SHA256_HEX_MAX])
{
    uint8_t digest[DIGEST_SHA256_SIZE];

    digest_sha256(bytes, count, digest);
    digest_hex(digest, sizeof(digest), out);
}

void digest_hmac_sha256(const char *key, const struct digest_piece *pieces, size_t count,
                        uint8_t out[DIGEST_SHA256_SIZE])
{
    struct hmac_sha256_ctx hmac;

    hmac_sha256_set_key(&hmac, strlen(key), (const uint8_t *)key);
    for (size_t i = 0; i < count; i++) {
        hmac_sha256_update(&hmac, pieces[i].count, pieces[i].bytes);
    }
    hmac_sha256_digest(&hmac, DIGEST_SHA256_SIZE, out);
    explicit_bzero(&hmac, sizeof(hmac));
}

void digest_mark(const char *secret, char out[DIGEST_MARK_MAX])
{
    uint8_t digest[DIGEST_SHA256_SIZE];

    digest_sha256(secret, strlen(secret), digest);
    digest_hex(digest, DIGEST_MARK_MAX / 2, out);
}

void digest_hex(const uint8_t *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++) {
        *out++ = HEX[bytes[i] >> 4];
        *out++ = HEX[bytes[i] & 15];
    }
    *out = '\0';
}

bool digest_equal(const void *a, const void *b, size_t count)
{
    return memeql_sec(a, b, count) != 0;
}

void digest_uuid5(const uint8_t name_space[16], const char *name, char out[UUID_TEXT_MAX])
{
    uint8_t digest[DIGEST_SHA1_SIZE];
    struct sha1_ctx sha1;
    char *at = out;

    sha1_init(&sha1);
    sha1_update(&sha1, UUID_SIZE, name_space);
    sha1_update(&sha1, strlen(name), (const uint8_t *)name);
    sha1_digest(&sha1, sizeof(digest), digest);
    digest[6] = (uint8_t)((digest[6] & 0x0F) | 0x50); /* version 5 */
    digest[8] = (uint8_t)((digest[8] & 0x3F) | 0x80); /* variant 10 */
    for (size_t i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        digest_hex(&digest[i], 1, at);
        at += 2;
    }
}

size_t base64_size(size_t count)
{
    return BASE64_ENCODE_RAW_LENGTH(count);
}

void base64_encode(const uint8_t *bytes, size_t count, char *out)
{
    base64_encode_raw(out, count, bytes);
}

size_t base64url_size(size_t count)
{
    return count / 3 * 4 + (count % 3 == 0 ? 0 : count % 3 + 1) + 1;
}

size_t base64url_encode(const uint8_t *bytes, size_t count, char *out)
{
    char *at = out;
    uint32_t bits = 0;
    unsigned held = 0; /* bits not yet written: 0, 2 or 4 between two bytes */

    for (size_t i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6) {
            *at++ = BASE64URL[bits >> (held - 6) & 63];
        }
    }
    if (held > 0) {
        *at++ = BASE64URL[bits << (6 - held) & 63];
    }
    *at = '\0';
    return (size_t)(at - out);
}

/* The six bits that a character stands for, -1 outside the alphabet. */
static int base64url_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool base64url_decode(const char *text, size_t length, uint8_t *out, size_t *ret_count)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;

    if (length % 4 == 1) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        int value = base64url_value(text[i]);

        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[count++] = (uint8_t)(bits >> held);
        }
    }
    /* Left-over bits that are not zero would let two texts stand for the same bytes. */
    if ((bits & ((1U << held) - 1)) != 0) {
        return false;
    }
    *ret_count = count;
    return true;
}
