/*
 * core/arena.h: memory that is freed all at once, for one request, statement or parsed message.
 * Threads: an arena belongs to one thread at a time. Small allocations never fail (the process
 * aborts when memory is gone); sizes that come from outside are held to a limit by the caller.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "core/err.h"

struct arena_block;

struct arena {
    struct arena_block *head; /* newest block */
    char *at;                 /* next free byte */
    char *end;
};

void arena_init(struct arena *arena);
void arena_reset(struct arena *arena); /* keeps one block for reuse */
void arena_fini(struct arena *arena);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
/* Zeroed array; aborts on overflow of count times size. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A list of `count` entries of this size with room for one more: the list itself, or a copy with
 * room for twice as many, for which *capacity is raised. What is behind the entries is zeroed. */
void *arena_room(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size);
char *arena_dup(struct arena *arena, const char *text, size_t length); /* adds a NUL */
char *arena_strdup(struct arena *arena, const char *text);             /* NULL stays NULL */
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* Heap for what outlives a request; both abort when memory is gone. Freed with free(). */
void *mem_alloc(size_t size); /* zeroed */
void *mem_realloc(void *old, size_t size);
char *mem_strdup(const char *text);

#endif
