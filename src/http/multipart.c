#include "http/multipart.h"

#include <string.h>

#include "core/text.h"
#include "http/field_value.h"

enum { DELIMITER_MAX = MULTIPART_BOUNDARY_MAX + 5 /* CR LF "--" before it, and NUL */ };

static bool malformed(struct err *err, const char *what)
{
    return err_set(err, ERR_MALFORMED, "the body is no multipart/form-data: %s", what);
}

static bool is_same(struct field_text text, const char *word)
{
    return text.at != NULL && text.length == strlen(word) &&
           memcmp(text.at, word, text.length) == 0;
}

/* A parameter of a field such as Content-Disposition; at NULL: it has none of that name. */
static struct field_text parameter_of(struct field_text field, const char *name)
{
    struct rd element = rd_of(field.at, field.length);
    struct field_text part;
    struct field_text found;
    struct field_text value;

    while (field_next_part(&element, &part)) {
        if (field_parameter(part, &found, &value) && field_is(found, name)) {
            return value;
        }
    }
    return (struct field_text){.at = NULL};
}

/* What parts two parts, with the line end that belongs to it. */
static bool delimiter_of(const char *content_type, char out[DELIMITER_MAX], struct err *err)
{
    const struct field_text type = {.at = content_type != NULL ? content_type : "",
                                    .length = content_type != NULL ? strlen(content_type) : 0};
    const struct field_text boundary = parameter_of(type, "boundary");

    if (boundary.at == NULL || boundary.length == 0 || boundary.length > MULTIPART_BOUNDARY_MAX) {
        return malformed(err, "its type names no boundary of 1 to 70 characters");
    }
    memcpy(out, "\r\n--", 4);
    memcpy(out + 4, boundary.at, boundary.length);
    out[4 + boundary.length] = '\0';
    return true;
}

/* Fills in what the fields of a part say of it, which lie in [at, end). */
static bool read_head(struct arena *arena, const char *at, const char *end, struct field_text *name,
                      struct multipart_part *part, struct err *err)
{
    *name = (struct field_text){.at = NULL};
    part->file_name = NULL;
    while (at < end) {
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        const char *colon = memchr(at, ':', (size_t)(line_end - at));
        struct field_text file_name;

        if (colon == NULL) {
            return malformed(err, "a field of a part has no colon");
        }
        if (field_is(field_trimmed(at, (size_t)(colon - at)), "content-disposition")) {
            const struct field_text value =
                field_trimmed(colon + 1, (size_t)(line_end - colon - 1));

            *name = parameter_of(value, "name");
            file_name = parameter_of(value, "filename");
            if (file_name.at != NULL) {
                if (!utf8_is_valid(file_name.at, file_name.length)) {
                    return malformed(err, "a file's name is not UTF-8");
                }
                part->file_name = arena_dup(arena, file_name.at, file_name.length);
            }
        }
        at = line_end + 2;
    }
    return name->at != NULL || malformed(err, "a part has no name");
}

/* Behind a boundary another part begins, or the body ends. */
static bool has_more(const char *at, const char *end)
{
    return end - at >= 2 && memcmp(at, "\r\n", 2) == 0;
}

static bool is_end(const char *at, const char *end)
{
    return end - at >= 2 && memcmp(at, "--", 2) == 0;
}

/* The next part, whose delimiter has just been passed; *at is behind the next one then. */
static bool next_part(struct arena *arena, const char **at, const char *end, const char *delimiter,
                      struct field_text *name, struct multipart_part *ret, struct err *err)
{
    const char *head_end = memmem(*at, (size_t)(end - *at), "\r\n\r\n", 4);
    const char *content_end;

    if (head_end == NULL || head_end - *at > MULTIPART_HEAD_MAX) {
        return malformed(err, "the fields of a part have no end");
    }
    if (!read_head(arena, *at + 2, head_end + 2, name, ret, err)) {
        return false;
    }
    ret->content = head_end + 4;
    content_end = memmem(head_end + 2, (size_t)(end - head_end - 2), delimiter, strlen(delimiter));
    if (content_end == NULL) {
        return malformed(err, "a part has no end");
    }
    ret->length = content_end > ret->content ? (size_t)(content_end - ret->content) : 0;
    *at = content_end + strlen(delimiter);
    return has_more(*at, end) || is_end(*at, end) ||
           malformed(err, "a boundary is followed by something else");
}

bool multipart_find(struct arena *arena, const char *content_type, const char *body, size_t length,
                    const char *name, struct multipart_part *ret, struct err *err)
{
    const char *end = body + length;
    const char *at = body;
    char delimiter[DELIMITER_MAX];
    struct multipart_part part = {.content = NULL};
    struct field_text found = {.at = NULL};

    if (!delimiter_of(content_type, delimiter, err)) {
        return false;
    }
    if (length < strlen(delimiter + 2) || memcmp(body, delimiter + 2, strlen(delimiter + 2)) != 0) {
        return malformed(err, "it does not begin with its boundary");
    }
    at += strlen(delimiter + 2);
    for (size_t i = 0; has_more(at, end); i++) {
        if (i == MULTIPART_PARTS_MAX) {
            return malformed(err, "it has more than 64 parts");
        }
        if (!next_part(arena, &at, end, delimiter, &found, &part, err)) {
            return false;
        }
        if (is_same(found, name)) {
            *ret = part;
            return true;
        }
    }
    if (!is_end(at, end)) {
        return malformed(err, "it has no end");
    }
    return err_field(err, ERR_INVALID, name, "is missing: the body has no part of this name");
}
