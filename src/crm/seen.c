#include "crm/seen.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"

enum { CAPACITY_FIRST = 256 };

/* Mixes all bits into the low ones (the finish of MurmurHash3): order numbers follow each other. */
static uint64_t mixed(uint64_t number)
{
    number ^= number >> 33;
    number *= UINT64_C(0xff51afd7ed558ccd);
    number ^= number >> 33;
    number *= UINT64_C(0xc4ceb9fe1a85ec53);
    return number ^ (number >> 33);
}

/* The number's slot, or the free one where it goes. */
static uint64_t *slot_of(const struct seen *seen, uint64_t number)
{
    size_t at = mixed(number) & (seen->capacity - 1);

    while (seen->slots[at] != 0 && seen->slots[at] != number) {
        at = (at + 1) & (seen->capacity - 1);
    }
    return &seen->slots[at];
}

static void grow(struct seen *seen)
{
    struct seen larger = {.capacity = seen->capacity == 0 ? CAPACITY_FIRST : seen->capacity * 2};

    larger.slots = mem_alloc(larger.capacity * sizeof(*larger.slots));
    for (size_t i = 0; i < seen->capacity; i++) {
        if (seen->slots[i] != 0) {
            *slot_of(&larger, seen->slots[i]) = seen->slots[i];
        }
    }
    free(seen->slots);
    seen->slots = larger.slots;
    seen->capacity = larger.capacity;
}

void seen_fini(struct seen *seen)
{
    free(seen->slots);
    *seen = (struct seen){0};
}

bool seen_add(struct seen *seen, uint64_t number)
{
    uint64_t *slot;

    if (number == 0) {
        bool is_new = !seen->has_zero;

        seen->has_zero = true;
        return is_new;
    }
    if (seen->count * 2 >= seen->capacity) {
        grow(seen);
    }
    slot = slot_of(seen, number);
    if (*slot == number) {
        return false;
    }
    *slot = number;
    seen->count++;
    return true;
}

bool seen_add_text(struct seen *seen, const char *text)
{
    uint8_t digest[DIGEST_MD5_SIZE];
    uint64_t number;

    digest_md5(text, strlen(text), digest);
    memcpy(&number, digest, sizeof(number));
    return seen_add(seen, number);
}
