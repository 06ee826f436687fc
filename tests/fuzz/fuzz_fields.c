/*
 * Property: whatever lines a head has, it is refused for what is noted about them and for nothing
 * else; whatever is read of a value lies within it, elements of a list are neither empty nor
 * padded, and a cookie with two values is never good. Input: lines "name:value".
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "http/field_value.h"
#include "http/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As a head is read: blanks around a value, and what is behind a NUL, are no part of it. */
static void take_line(struct fields *fields, struct arena *arena, const char *text, size_t length)
{
    const char *colon = memchr(text, ':', length);

    if (colon != NULL) {
        const size_t name_length = (size_t)(colon - text);
        const struct field_text value = field_trimmed(colon + 1, length - name_length - 1);
        struct head_field line = {.name = text, .name_length = name_length};

        line.value = arena_dup(arena, value.at, value.length);
        line.length = strlen(line.value);
        fields_add(fields, arena, &line);
    }
}

static void take_lines(struct fields *fields, struct arena *arena, struct rd rd)
{
    while (rd_left(&rd) > 0) {
        size_t length;
        const char *line = rd_until(&rd, '\n', &length);

        take_line(fields, arena, line, length);
    }
}

static bool is_within(struct field_text text, const char *value)
{
    return text.at >= value && text.at + text.length <= value + strlen(value);
}

static void check_lists(const char *value)
{
    struct rd elements = rd_of(value, strlen(value));
    struct rd choices = elements;
    struct rd validators = elements;
    struct field_text text;
    struct field_choice choice;

    while (field_next_element(&elements, &text)) {
        assert(text.length > 0 && is_within(text, value));
        assert(text.at[0] != ' ' && text.at[text.length - 1] != '\t');
        assert(field_next_choice(&choices, &choice));
        assert(is_within(choice.name, value) && choice.weight >= 0 && choice.weight <= 1000);
    }
    assert(!field_next_choice(&choices, &choice));
    while (field_next_validator(&validators, &text)) {
        assert(text.length > 0 && is_within(text, value));
    }
}

static void check_value(struct arena *arena, const char *value)
{
    struct media_type media;
    struct field_text text;
    const char *credentials = field_credentials(value, "Bearer");

    check_lists(value);
    if (field_media_type(value, &media)) {
        assert(is_within(media.type, value) && media.type.length >= 3);
        assert(media.charset.at == NULL || is_within(media.charset, value));
    }
    assert(credentials == NULL || (credentials > value && *credentials != ' '));
    if (field_cookie(value, "a", &text) == COOKIE_GOOD) {
        assert(is_within(text, value));
        assert(text.length == 0 || memchr(text.at, ';', text.length) == NULL);
        assert(field_cookie(arena_printf(arena, "%s;a=\"%.*s\"", value, (int)text.length, text.at),
                            "a", &text) == COOKIE_GOOD);
        assert(field_cookie(arena_printf(arena, "a=\"%.*s!\";%s", (int)text.length, text.at, value),
                            "a", &text) == COOKIE_UNUSABLE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fields fields = {.seen = 0};
    struct err err = {0};
    struct arena arena;

    arena_init(&arena);
    take_lines(&fields, &arena,
               rd_of(arena_dup(&arena, size == 0 ? "" : (const char *)data, size), size));
    assert(fields_check(&fields, &err) == ((fields.repeated | fields.unreadable) == 0));
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        const char *value = fields.values[field];

        assert(value == NULL || (fields.seen >> field & 1) != 0);
        if (value != NULL) {
            check_value(&arena, value);
        }
    }
    arena_fini(&arena);
    return 0;
}
