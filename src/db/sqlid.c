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
static const char digits[] = "0123456789abcdfghjkmnpqrstuvwxyz";

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
        out[i] = digits[number % (1U << DIGIT_BITS)];
        number >>= DIGIT_BITS;
    }
    out[DIGITS] = '\0';
}

/* False when it is not 13 digits or stands for more than 64 bits. */
static bool to_number(const char *sql_id, uint64_t *ret)
{
    uint64_t number = 0;

    if (strlen(sql_id) != DIGITS) {
        return false;
    }
    for (size_t i = 0; i < DIGITS; i++) {
        const char *digit = strchr(digits, sql_id[i]);

        if (digit == NULL || number >> (64 - DIGIT_BITS) != 0) {
            return false;
        }
        number = number << DIGIT_BITS | (uint64_t)(digit - digits);
    }
    *ret = number;
    return true;
}

void sqlid_of(const char *text, size_t length, char out[SQLID_SIZE])
{
    sqlid_from_number(number_of(text, length), out);
}

uint32_t sqlid_hash_value(const char *text, size_t length)
{
    return (uint32_t)number_of(text, length);
}

bool sqlid_is_valid(const char *sql_id)
{
    uint64_t number;

    return to_number(sql_id, &number);
}

bool sqlid_to_hash_value(const char *sql_id, uint32_t *ret)
{
    uint64_t number;

    if (!to_number(sql_id, &number)) {
        return false;
    }
    *ret = (uint32_t)number;
    return true;
}
