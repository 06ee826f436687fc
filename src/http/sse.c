#include "http/sse.h"

#include <string.h>

static void put_line(struct buf *out, const char *name, const char *value, size_t length)
{
    buf_add_text(out, name);
    buf_add(out, value, length);
    buf_add_char(out, '\n');
}

/* Where the line ends that starts here: at a line feed, a carriage return or the end. */
static size_t line_length(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && text[at] != '\n' && text[at] != '\r') {
        at++;
    }
    return at;
}

static size_t break_length(const char *text, size_t length)
{
    return length >= 2 && text[0] == '\r' && text[1] == '\n' ? 2 : length > 0;
}

void sse_put_event(struct buf *out, const char *id, const char *type, const char *data,
                   size_t length)
{
    const char *const end = data + length;
    size_t broken;

    put_line(out, "id: ", id, strlen(id));
    put_line(out, "event: ", type, strlen(type));
    do {
        const size_t line = line_length(data, (size_t)(end - data));

        put_line(out, "data: ", data, line);
        data += line;
        broken = break_length(data, (size_t)(end - data));
        data += broken;
    } while (broken > 0);
    buf_add_char(out, '\n');
}

void sse_put_start(struct buf *out, const char *id, int retry_ms)
{
    buf_printf(out, "retry: %d\n", retry_ms);
    if (id != NULL) {
        put_line(out, "id: ", id, strlen(id));
    }
    buf_add_char(out, '\n');
}

void sse_put_heartbeat(struct buf *out)
{
    buf_add_text(out, ":\n\n");
}
