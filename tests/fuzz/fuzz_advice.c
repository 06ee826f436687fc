/*
 * Property: whatever a customer asks and whatever is written of products, reading and choosing end
 * within their bounds; what is chosen are candidates, none twice; and what the search gets is words
 * in quotes. The input is a question and the texts of products, parted by NULs.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "shop/advice_text.h"
#include "sql_shop.h"

enum { PRODUCTS = 4, PARTS = 1 + 4 * PRODUCTS };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Outside of quotes there are blanks and OR alone. */
static void check_words(const char *words)
{
    bool is_quoted = false;

    for (const char *at = words; words != NULL && *at != '\0'; at++) {
        is_quoted = is_quoted != (*at == '"');
        assert(is_quoted || strchr("\" OR", *at) != NULL);
    }
    assert(!is_quoted);
}

static void check(struct arena *arena, const char *const parts[PARTS])
{
    struct sql_product_row products[PRODUCTS] = {{.id = 0}};
    struct advice_question question;
    struct advice advice;

    for (size_t i = 0; i < PRODUCTS; i++) {
        products[i] = (struct sql_product_row){.id = (int64_t)i + 1,
                                               .name = parts[4 * i + 1],
                                               .sku = parts[4 * i + 2],
                                               .category = parts[4 * i + 3],
                                               .description = parts[4 * i + 4],
                                               .price_cents = (int64_t)strlen(parts[4 * i + 4]),
                                               .stock = (int64_t)i};
    }
    advice_read_question(arena, parts[0], &question);
    check_words(advice_search_words(arena, &question));
    advice_choose(arena, &question, products, PRODUCTS, &advice);
    assert(advice.count <= PRODUCTS);
    for (size_t i = 0; i < advice.count; i++) {
        assert(advice.ids[i] >= 1 && advice.ids[i] <= PRODUCTS);
        for (size_t k = 0; k < i; k++) {
            assert(advice.ids[i] != advice.ids[k]);
        }
    }
    assert(strlen(advice_write(arena, &question, &advice, products, PRODUCTS, NULL)) <=
           ADVICE_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *parts[PARTS];
    struct arena arena;
    size_t at = 0;

    arena_init(&arena);
    for (size_t i = 0; i < PARTS; i++) {
        const size_t length = at < size ? strnlen((const char *)data + at, size - at) : 0;

        parts[i] = text_repaired(&arena, length > 0 ? (const char *)data + at : "", length);
        at += length < size - at ? length + 1 : length;
        at = at < size ? at : size;
    }
    check(&arena, parts);
    arena_fini(&arena);
    return 0;
}
