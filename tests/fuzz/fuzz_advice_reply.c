/*
 * Property: whatever a provider sends, reading it ends with a text of bounded length or with an
 * error, and a text that passes the check has neither marks of other products nor signs of money.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"
#include "shop/advice_reply.h"
#include "sql_shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sql_product_row told[] = {
        {.id = 3, .name = "Harrier Inspect", .description = "Flight time 38 minutes, IP45."},
        {.id = 12, .name = "Sparrow 3 Whoop", .description = NULL},
    };
    struct err err = {.code = ERR_NONE};
    struct advice_reply reply;
    struct arena arena;
    const char *text = NULL;

    arena_init(&arena);
    if (advice_reply_read(&arena, (const char *)data, size, &reply, &err)) {
        assert(utf8_is_valid(reply.text, strlen(reply.text)));
        assert(reply.input_tokens >= -1 && reply.output_tokens >= -1);
        if (advice_reply_check(&arena, reply.text, told, 2, &text, &err)) {
            assert(utf8_is_valid(text, strlen(text)));
            assert(strpbrk(text, "$%<>@") == NULL && strstr(text, "[4]") == NULL);
        }
    } else {
        assert(err.code == ERR_PEER);
    }
    arena_fini(&arena);
    return 0;
}
