#include "service/listing_cursor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/text.h"

enum { PLAIN_SIZE = 870 }; /* two numbers of 20 digits, sort, text, three points and the NUL */

static const char SORT_CHARS[] = "abcdefghijklmnopqrstuvwxyz_-";

void listing_position_format(const struct listing_position *position, char out[LISTING_CURSOR_SIZE])
{
    char plain[PLAIN_SIZE];
    const int length = snprintf(plain, sizeof(plain), "%" PRId64 ".%" PRId64 ".%s.%s", position->id,
                                position->number, position->sort, position->text);

    assert(length > 0 && length < PLAIN_SIZE);
    assert(base64url_size((size_t)length) <= LISTING_CURSOR_SIZE);
    base64url_encode((const uint8_t *)plain, (size_t)length, out);
}

/* Cuts the field that *at begins with off at its point; NULL: there is none. */
static char *take_field(char **at)
{
    char *field = *at;
    char *point = strchr(field, '.');

    if (point == NULL) {
        return NULL;
    }
    *point = '\0';
    *at = point + 1;
    return field;
}

static bool read_fields(char *plain, struct listing_position *ret)
{
    char *at = plain;
    const char *id = take_field(&at);
    const char *number = id != NULL ? take_field(&at) : NULL;
    const char *sort = number != NULL ? take_field(&at) : NULL;

    if (sort == NULL || !text_to_int64(id, &ret->id) || ret->id < 1 ||
        !text_to_int64(number, &ret->number) || strlen(sort) >= sizeof(ret->sort) ||
        sort[0] == '\0' || sort[strspn(sort, SORT_CHARS)] != '\0' ||
        strlen(at) >= sizeof(ret->text) || !utf8_is_valid(at, strlen(at))) {
        return false;
    }
    memcpy(ret->sort, sort, strlen(sort) + 1);
    memcpy(ret->text, at, strlen(at) + 1);
    return true;
}

bool listing_position_parse(const char *text, struct listing_position *ret)
{
    const size_t length = strlen(text);
    struct listing_position position = {.id = 0};
    uint8_t plain[LISTING_CURSOR_SIZE];
    size_t bytes = 0;

    if (length >= sizeof(plain) || !base64url_decode(text, length, plain, &bytes)) {
        return false;
    }
    plain[bytes] = '\0';
    if (strlen((char *)plain) != bytes || !read_fields((char *)plain, &position)) {
        return false;
    }
    *ret = position;
    return true;
}

bool listing_parse_cursor(const char *text, void *into)
{
    return listing_position_parse(text, into);
}
