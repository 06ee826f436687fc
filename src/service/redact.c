#include "service/redact.h"

#include <string.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/text.h"

enum { TOKEN_DIGITS = 64 }; /* of a session's token, the longest of all forms */

/* Bytes of the secret that the text begins with; 0: none. */
static size_t secret_at(const char *text)
{
    const size_t digits = strspn(text, "0123456789abcdef");

    if (digits >= TOKEN_DIGITS) {
        return digits;
    }
    return text_begins_with_uuid(text) ? UUID_TEXT_MAX - 1 : 0;
}

static void add_mark(struct buf *out, struct arena *arena, const char *secret, size_t length)
{
    char mark[DIGEST_MARK_MAX];

    digest_mark(arena_dup(arena, secret, length), mark);
    buf_printf(out, "[secret:%s]", mark);
}

/* What is looked at is longer than what is kept, so that no secret is cut before it is seen. */
const char *redacted(struct arena *arena, const char *text, size_t most)
{
    const char *beginning = text_cut(arena, text, most + TOKEN_DIGITS);
    const char *kept;
    struct buf out;

    if (text == NULL) {
        return NULL;
    }
    buf_init(&out, 2 * (most + TOKEN_DIGITS)); /* a mark is not longer than what it stands for */
    for (const char *at = beginning; *at != '\0';) {
        const size_t length = secret_at(at);

        if (length > 0) {
            add_mark(&out, arena, at, length);
            at += length;
        } else {
            buf_add_char(&out, *at++);
        }
    }
    kept = out.length > 0 ? text_cut(arena, arena_dup(arena, out.data, out.length), most) : "";
    buf_fini(&out);
    return kept;
}
