#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/script.h"

enum { LONG_TEXT = 200, SHOWN = 8 };

/* Where character number `count` begins, from the start or, negative, from the end. */
static size_t place_of(const struct octo_ora_text *text, int count)
{
    size_t at = count < 0 ? text->length : 0;

    while (count != 0) {
        at += count < 0 ? (size_t)-1 : 1;
        if ((text->at[at] & 0xC0) != 0x80) { /* what goes on within a character in UTF-8 */
            count += count < 0 ? 1 : -1;
        }
    }
    return at;
}

static json_t *characters(const struct octo_ora_text *text)
{
    json_int_t count = 0;
    size_t last;

    for (size_t i = 0; i < text->length; i++) {
        count += (text->at[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    if (count <= LONG_TEXT) {
        return json_stringn(text->at, text->length);
    }
    last = place_of(text, -SHOWN);
    return json_pack("[I,s%,s%]", count, text->at, place_of(text, SHOWN), text->at + last,
                     text->length - last);
}

static json_t *hexadecimal(const struct octo_ora_text *text)
{
    const struct octo_ora_text digits = {.at = malloc(2 * text->length + 1),
                                         .length = 2 * text->length};
    char *to = (char *)(uintptr_t)digits.at;
    json_t *result;

    if (to == NULL) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < text->length; i++) {
        (void)snprintf(to + 2 * i, 3, "%02X", (unsigned char)text->at[i]);
    }
    result = characters(&digits);
    free(to);
    return result;
}

/* Of a LOB that is streamed its size, and its first ten characters or bytes. */
static json_t *located(struct octo_ora_statement *statement, unsigned place)
{
    enum { FIRST = 10 };
    const bool is_text = octo_ora_column(statement, place).type == OCTO_ORA_CLOB;
    struct octo_ora_text start = {.length = 0};
    struct octo_ora_error error;
    struct octo_ora_lob *lob;
    const void *at = NULL;
    uint64_t size = 0;
    json_t *result;

    if (!octo_ora_get_lob(statement, place, &lob, &error) ||
        !octo_ora_lob_size(lob, &size, &error) ||
        !octo_ora_lob_read(lob, &at, &start.length, &error)) {
        script_stop("LOB", &error);
    }
    start.at = at;
    if (size > FIRST) {
        start.length = is_text ? place_of(&start, FIRST) : FIRST;
    }
    result =
        json_pack("[I,o]", (json_int_t)size, is_text ? characters(&start) : hexadecimal(&start));
    octo_ora_lob_free(lob);
    return result;
}

/* The rows of a cursor that a block has opened. */
static json_t *rows_of_cursor(struct octo_ora_statement *statement, unsigned place)
{
    struct octo_ora_statement *cursor;
    struct octo_ora_error error;
    json_t *rows;

    if (!octo_ora_get_cursor(statement, place, &cursor, &error)) {
        script_stop("cursor", &error);
    }
    rows = script_rows(cursor, &error);
    if (rows == NULL) {
        script_stop("cursor", &error);
    }
    octo_ora_free(cursor);
    return rows;
}

json_t *script_value(struct octo_ora_statement *statement, unsigned place)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    if (octo_ora_is_null(statement, place)) {
        return json_null();
    }
    switch (octo_ora_column(statement, place).type) {
    case OCTO_ORA_CLOB:
    case OCTO_ORA_BLOB:
        return located(statement, place);
    case OCTO_ORA_CURSOR:
        return rows_of_cursor(statement, place);
    default:
        break;
    }
    if (!octo_ora_get_text(statement, place, &text, &error)) {
        script_stop("value", &error);
    }
    switch (octo_ora_column(statement, place).type) {
    case OCTO_ORA_RAW:
        return hexadecimal(&text);
    case OCTO_ORA_TIME: /* the other drivers show no offset */
        text.length = strcspn(text.at, "+") - (strchr(text.at, '+') != NULL ? 1 : 0);
        return json_stringn(text.at, text.length);
    default:
        return characters(&text);
    }
}

json_t *script_rows(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    json_t *rows = json_array();
    bool has_row = false;

    while (octo_ora_fetch(statement, &has_row, error)) {
        json_t *row;

        if (!has_row) {
            return rows;
        }
        row = json_array();
        for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
            (void)json_array_append_new(row, script_value(statement, i));
        }
        (void)json_array_append_new(rows, row);
    }
    json_decref(rows);
    return NULL;
}

json_t *script_names(const struct octo_ora_statement *statement)
{
    json_t *names = json_array();

    for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
        (void)json_array_append_new(names, json_string(octo_ora_column(statement, i).name));
    }
    return names;
}
