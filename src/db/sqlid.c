/*
 * sqlid.c: the digest of a statement text, read as Oracle reads it.
 */
#include "db/sqlid.h"

#include <string.h>

#include "core/digest.h"

#include "db/sqlid_priv.h"

enum {
    DIGIT_BITS = 5,
    DIGITS = SQLID_SIZE - 1,
};

/* Base 32 without e, i, l and o. */
static const char ALPHABET[] = "0123456789abcdfghjkmnpqrstuvwxyz";

static uint64_t word_at(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24;
}

static uint64_t number_of(const char *text, size_t length)
{
    uint8_t digest[DIGEST_MD5_SIZE];

    digest_md5_two(text, length, "", 1, digest);
    return word_at(digest + 8) << 32 | word_at(digest + 12);
}

void sqlid_from_number(uint64_t number, char out[SQLID_SIZE])
{
    for (size_t i = DIGITS; i-- > 0;) {
        out[i] = ALPHABET[number % (1U << DIGIT_BITS)];
        number >>= DIGIT_BITS;
    }
    out[DIGITS] = '\0';
}

void sqlid_of(const char *text, size_t length, char out[SQLID_SIZE])
{
    sqlid_from_number(number_of(text, length), out);
}

uint32_t sqlid_hash_value(const char *text, size_t length)
{
    return (uint32_t)number_of(text, length);
}

/* 13 digits that stand for no more than 64 bits: the first is one of the lower half. */
bool sqlid_is_valid(const char *sql_id)
{
    return strspn(sql_id, ALPHABET) == DIGITS && sql_id[DIGITS] == '\0' && sql_id[0] < ALPHABET[16];
}
