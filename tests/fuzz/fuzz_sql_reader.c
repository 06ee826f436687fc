/*
 * Property: whatever lines come, a statement that is found has a first and a last character that
 * are no blanks, and a command is one that is known.
 */
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "app/sql_command.h"
#include "db/sql_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sql_reader *reader, enum sql_found found)
{
    const struct buf *text = &reader->text;
    const char *arguments;

    assert(sql_reader_is_within(reader) ? found == SQL_FOUND_NOTHING : true);
    if (found == SQL_FOUND_STATEMENT) {
        assert(text->length > 0 && text->data[text->length] == '\0');
        assert(!isspace((unsigned char)text->data[0]) &&
               !isspace((unsigned char)text->data[text->length - 1]));
    } else if (found == SQL_FOUND_COMMAND) {
        assert(sql_command_of(text->data, &arguments) != SQL_COMMAND_NONE);
        assert(arguments >= text->data && arguments <= text->data + text->length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sql_reader reader;

    sql_reader_init(&reader, sql_is_command_line);
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        const size_t length = end != NULL ? (size_t)(end - data) : size;

        check(&reader, sql_reader_take(&reader, (const char *)data, length));
        data += length + (end != NULL);
        size -= length + (end != NULL);
    }
    sql_reader_fini(&reader);
    return 0;
}
