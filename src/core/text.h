/*
 * core/text.h: UTF-8, numbers, money and time as text. Pure functions, no allocation but for
 * those that take an arena.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

enum {
    MONEY_TEXT_MAX = 24, /* "-92233720368547758.07" and its NUL */
    UTC_TEXT_MAX = 32,   /* "2026-11-22T10:11:12.123456Z" and its NUL */
    UUID_TEXT_MAX = 37,
};
#define MONEY_CENTS_MAX INT64_C(999999999999) /* NUMBER(12,2): 9999999999.99 */

bool utf8_is_valid(const char *text,
                   size_t length);   /* RFC 3629: no surrogates, no overlongs, no NUL */
size_t utf8_count(const char *text); /* code points of valid text */
/* The longest prefix of at most `max` bytes that ends between two characters. */
size_t utf8_cut(const char *text, size_t length, size_t max);
/* Bytes of the longest prefix of valid text that has at most `most` code points: the unit in which
 * columns and shapes count, where utf8_cut is for what is bounded in memory. */
size_t utf8_prefix(const char *text, size_t most);

/* Does valid text show nothing: is it empty, or all white space, control characters and what else
 * has no width? TEXT_SHOWS is the same as a regular expression of JSON Schema: what is found in
 * texts that are not blank. Both have Unicode's White_Space and the Cc and Cf of its blocks Basic
 * Latin, Latin-1, Mongolian and General Punctuation, and U+FEFF. */
#define TEXT_SHOWS                                                                                 \
    "[^\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f"          \
    "\\u205f-\\u206f\\u3000\\ufeff]"
bool text_is_blank(const char *text);

/* The text, cut like that where it is longer than `most` bytes; NULL for NULL. */
const char *text_cut(struct arena *arena, const char *text, size_t most);

/* FNV-1a over the text and its NUL, 64 bits. Goes on from `hash`, which is TEXT_HASH_START at
 * first; NULL counts as "". Not for what an attacker would like to collide. */
#define TEXT_HASH_START UINT64_C(14695981039346656037)
uint64_t text_hash(uint64_t hash, const char *text);

/* Strict: the whole text is the number; no blanks, no '+'. False leaves *ret alone. */
bool text_to_int64(const char *text, int64_t *ret);
/* The word of a NULL-terminated list that the text is; NULL when it is none of them. */
const char *text_word(const char *const *words, const char *text);
/* "a, b, c" of such a list. */
const char *text_words(struct arena *arena, const char *const *words);
/* Nothing but ASCII letters, digits and characters of `others`. */
bool text_has_only(const char *text, const char *others);
/* Does it begin with a UUID as we write them: small hexadecimal digits, 8-4-4-4-12? */
bool text_begins_with_uuid(const char *text);
bool text_equal_fold(const char *a, const char *b);        /* ASCII case folded */
char *text_trimmed(struct arena *arena, const char *text); /* ASCII blanks off both ends */
char *text_lowered(struct arena *arena, const char *text); /* ASCII letters only */
/* Valid UTF-8 of any bytes: U+FFFD stands for each that is no part of a character, and for NUL. */
char *text_repaired(struct arena *arena, const char *bytes, size_t length);
/* Trimmed and ASCII lower-cased; NULL when it cannot be an address (one @, no blanks, a dot-free
 * domain is allowed, 3 to 255 bytes). */
char *text_email(struct arena *arena, const char *text);

/* "1234.50" with exactly two decimals. Returns the length. */
size_t money_format(int64_t cents, char out[MONEY_TEXT_MAX]);
/* Decimal text with at most two decimals ("12", "12.3", "12.30", "-1.00"); exact, no exponent. */
bool money_parse(const char *text, int64_t *ret_cents);
/* cents * hundredths / 10000, half up; percent 10.00 is 1000 hundredths. A negative amount rounds
 * as its positive twin. */
int64_t money_percent(int64_t cents, int64_t hundredths);

/* Time is microseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Years 0001 to 9999. */
/* RFC 3339, six decimals, Z; always 27 bytes. A value out of range is held to it. */
size_t utc_format(int64_t us, char out[UTC_TEXT_MAX]);
/* RFC 3339 and ISO 8601 forms "2026-11-22", "2026-11-22T10:11[:12[.123]][Z|+hh:mm]"; without an
 * offset it is UTC; a blank may stand for the T. */
bool utc_parse(const char *text, int64_t *ret_us);

#endif
