/*
 * Property: a document is refused as a client's mistake, or what is made of it is valid UTF-8,
 * stays within its limits and is, read again, the same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/text.h"
#include "http/xml_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool normalize(struct arena *arena, const char *text, size_t length, struct buf *out)
{
    struct xml_facts facts;
    struct err err = {0};

    buf_init(out, length * XML_GROWTH_MAX);
    if (!xml_normalize(arena, text, length, out, &facts, &err)) {
        assert(err.code == ERR_MALFORMED || err.code == ERR_INVALID);
        assert(!facts.has_doctype || err.code == ERR_INVALID);
        return false;
    }
    assert(utf8_is_valid(out->data, out->length));
    assert(facts.root != NULL && strncmp(out->data + 1, facts.root, strlen(facts.root)) == 0);
    assert(facts.elements >= facts.depth && facts.depth >= 1 && facts.depth <= XML_DEPTH_MAX);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf first;
    struct buf second;

    arena_init(&arena);
    if (normalize(&arena, (const char *)data, size, &first)) {
        const bool is_read_again = normalize(&arena, first.data, first.length, &second);

        assert(is_read_again && first.length == second.length &&
               memcmp(first.data, second.data, first.length) == 0);
        buf_fini(&second);
    }
    buf_fini(&first);
    arena_fini(&arena);
    return 0;
}
