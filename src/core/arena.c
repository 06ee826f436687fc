#include "core/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sanitizers.h"

enum {
    BLOCK_SIZE = 16 * 1024,     /* one ordinary request fits */
    OWN_BLOCK = BLOCK_SIZE / 4, /* larger pieces get a block of their own */
    ENTRIES_FIRST = 64,         /* of arena_room */
};

/* AddressSanitizer knows blocks, and nothing of the pieces in them. So it is told: what is no piece
 * is closed, and a gap behind each piece, which only this build has, stops who runs past his own.
 */
#if defined(TELL_ASAN)
#include <sanitizer/asan_interface.h>
enum { GAP = 32 };
#define CLOSE(at_, size_) ASAN_POISON_MEMORY_REGION(at_, size_)
#define OPEN(at_, size_) ASAN_UNPOISON_MEMORY_REGION(at_, size_)
#else
enum { GAP = 0 };
#define CLOSE(at_, size_) ((void)(at_), (void)(size_))
#define OPEN(at_, size_) ((void)(at_), (void)(size_))
#endif

#define ALIGNMENT _Alignof(max_align_t)

struct arena_block {
    struct arena_block *older;
    size_t size; /* of data */
    _Alignas(max_align_t) char data[];
};

static _Noreturn void out_of_memory(void)
{
    static const char TEXT[] = "octo: out of memory\n";

    (void)fwrite(TEXT, 1, sizeof(TEXT) - 1, stderr);
    abort();
}

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block;

    if (size > SIZE_MAX - sizeof(*block)) {
        out_of_memory();
    }
    block = malloc(sizeof(*block) + size);
    if (block == NULL) {
        out_of_memory();
    }
    block->older = NULL;
    block->size = size;
    CLOSE(block->data, size);
    return block;
}

static void use_block(struct arena *arena, struct arena_block *block)
{
    arena->head = block;
    arena->at = block->data;
    arena->end = block->data + block->size;
}

/* A large piece goes behind the head, so that what is left of the head stays in use. */
static char *own_block(struct arena *arena, size_t size)
{
    struct arena_block *block = block_new(size);

    block->older = arena->head->older;
    arena->head->older = block;
    return block->data;
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_reset(struct arena *arena)
{
    struct arena_block *block = arena->head;

    if (block == NULL) {
        return;
    }
    /* The newest block is always an ordinary one: it serves as the first of the next round. */
    for (struct arena_block *older = block->older; older != NULL; older = block->older) {
        block->older = older->older;
        free(older);
    }
    CLOSE(block->data, block->size);
    use_block(arena, block);
}

void arena_fini(struct arena *arena)
{
    arena_reset(arena);
    free(arena->head);
    arena_init(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    char *piece;
    size_t rounded;

    if (size > SIZE_MAX - ALIGNMENT - GAP) {
        out_of_memory();
    }
    rounded = ((size + ALIGNMENT - 1) & ~(ALIGNMENT - 1)) + GAP;
    if (arena->head == NULL) {
        use_block(arena, block_new(BLOCK_SIZE));
    }
    if (rounded <= (size_t)(arena->end - arena->at)) {
        piece = arena->at;
        arena->at += rounded;
    } else if (rounded > OWN_BLOCK) {
        piece = own_block(arena, rounded);
    } else {
        struct arena_block *block = block_new(BLOCK_SIZE);

        block->older = arena->head;
        use_block(arena, block);
        piece = arena->at;
        arena->at += rounded;
    }
    OPEN(piece, size);
    memset(piece, 0, size);
    return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total)) {
        out_of_memory();
    }
    return arena_alloc(arena, total);
}

void *arena_room(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
{
    void *longer;

    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity == 0 ? ENTRIES_FIRST : 2 * *capacity;
    longer = arena_array(arena, *capacity, size);
    if (count > 0) {
        memcpy(longer, list, count * size);
    }
    return longer;
}

char *arena_dup(struct arena *arena, const char *text, size_t length)
{
    char *copy;

    if (length == SIZE_MAX) {
        out_of_memory();
    }
    copy = arena_alloc(arena, length + 1); /* zeroed, so terminated */
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_dup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    char small[256];
    char *text;
    int length;

    va_copy(again, args);
    length = vsnprintf(small, sizeof(small), format, args);
    assert(length >= 0); /* our own formats; only a broken one fails */
    if ((size_t)length < sizeof(small)) {
        text = arena_dup(arena, small, (size_t)length);
    } else {
        text = arena_alloc(arena, (size_t)length + 1);
        (void)vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    return text;
}

void *mem_alloc(size_t size)
{
    void *memory = calloc(1, size > 0 ? size : 1);

    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

void *mem_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size > 0 ? size : 1);

    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

char *mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);

    memcpy(copy, text, size);
    return copy;
}
