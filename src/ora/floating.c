#include "ora/floating.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGN = 0x80, FLOAT_DIGITS_MAX = 9, DOUBLE_DIGITS_MAX = 17 };

/* A positive number has its sign bit set, a negative one all of its bits turned. */
static void put(uint64_t bits, size_t size, uint8_t *to)
{
    const bool is_negative = (bits >> (8 * size - 1) & 1) != 0;

    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = (uint8_t)(bits >> (8 * (size - 1 - i)));

        to[i] = is_negative ? (uint8_t)~byte : byte;
    }
    to[0] = is_negative ? to[0] : (uint8_t)(to[0] | SIGN);
}

static uint64_t get(const uint8_t *from, size_t size)
{
    const bool is_negative = (from[0] & SIGN) == 0;
    uint64_t bits = 0;

    for (size_t i = 0; i < size; i++) {
        uint8_t byte = is_negative ? (uint8_t)~from[i] : from[i];

        byte = i == 0 && !is_negative ? (uint8_t)(byte & ~SIGN) : byte;
        bits = bits << 8 | byte;
    }
    return bits;
}

void ora_float_write(float value, uint8_t ret[ORA_FLOAT_SIZE])
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put(bits, ORA_FLOAT_SIZE, ret);
}

void ora_double_write(double value, uint8_t ret[ORA_DOUBLE_SIZE])
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put(bits, ORA_DOUBLE_SIZE, ret);
}

const char *ora_floating_read(const uint8_t *bytes, size_t length, double *ret)
{
    if (length == ORA_DOUBLE_SIZE) {
        const uint64_t bits = get(bytes, length);

        memcpy(ret, &bits, sizeof(*ret));
    } else if (length == ORA_FLOAT_SIZE) {
        const uint32_t bits = (uint32_t)get(bytes, length);
        float value;

        memcpy(&value, &bits, sizeof(value));
        *ret = (double)value;
    } else {
        return "is no well-formed BINARY_FLOAT or BINARY_DOUBLE";
    }
    return NULL;
}

static bool reads_back(const char *text, double value, bool is_float)
{
    return is_float ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

const char *ora_floating_text(const uint8_t *bytes, size_t length, char ret[ORA_FLOATING_TEXT_MAX])
{
    const bool is_float = length == ORA_FLOAT_SIZE;
    const int digits_max = is_float ? FLOAT_DIGITS_MAX : DOUBLE_DIGITS_MAX;
    double value;
    const char *fault = ora_floating_read(bytes, length, &value);
    int digits = 1;

    if (fault != NULL) {
        return fault;
    }
    if (!isfinite(value)) {
        (void)snprintf(ret, ORA_FLOATING_TEXT_MAX, "%s",
                       isnan(value) ? "Nan"
                       : value > 0  ? "Inf"
                                    : "-Inf");
        return NULL;
    }
    do {
        (void)snprintf(ret, ORA_FLOATING_TEXT_MAX, "%.*g", digits, value);
    } while (!reads_back(ret, value, is_float) && digits++ < digits_max);
    /* The point may be another sign where the program's locale says so. */
    for (char *at = ret; *at != '\0'; at++) {
        if (strchr("0123456789+-e", *at) == NULL) {
            *at = '.';
        }
    }
    return NULL;
}
