#include "store/dictionary.h"

#include <string.h>

#include "sql_store.h"

enum { PLACES_FIRST = 256 };

/* A list that grows as numbers come. */
struct places {
    struct arena *arena;
    char *bytes;
    size_t size; /* of a place */
    size_t count;
    size_t capacity;
};

/* The place of that number; NULL and *err where no file of ours has one. */
static void *place_of(struct places *places, int64_t number, struct err *err)
{
    size_t capacity = places->capacity == 0 ? PLACES_FIRST : places->capacity;
    char *bytes;

    if (number < 1 || number > DICTIONARY_MOST) {
        (void)err_set(err, ERR_DAMAGED, "a dictionary has the number %lld", (long long)number);
        return NULL;
    }
    while (capacity <= (size_t)number) {
        capacity *= 2;
    }
    if (capacity > places->capacity) {
        bytes = arena_array(places->arena, capacity, places->size);
        if (places->count > 0) {
            memcpy(bytes, places->bytes, places->count * places->size);
        }
        places->bytes = bytes;
        places->capacity = capacity;
    }
    places->count = (size_t)number + 1 > places->count ? (size_t)number + 1 : places->count;
    return places->bytes + (size_t)number * places->size;
}

static bool end(struct db_cursor *cursor, enum db_step step)
{
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_words(struct ctx *ctx, struct db_session *session, struct dictionary *ret,
                       struct err *err)
{
    struct places places = {.arena = ctx->arena, .size = sizeof(*ret->words)};
    struct sql_dictionary_words_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_dictionary_words_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_dictionary_words_next(cursor, &row, err)) == DB_ROW) {
        const char **place = place_of(&places, row.id, err);

        if (place == NULL) {
            return end(cursor, DB_FAILED);
        }
        *place = arena_strdup(ctx->arena, row.word);
    }
    ret->words = (const char **)(void *)places.bytes;
    ret->word_count = places.count;
    return end(cursor, step);
}

static bool read_resources(struct ctx *ctx, struct db_session *session, struct dictionary *ret,
                           struct err *err)
{
    struct places places = {.arena = ctx->arena, .size = sizeof(*ret->resources)};
    struct sql_kept_source_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_dictionary_sources_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_kept_source_next(cursor, &row, err)) == DB_ROW) {
        const char **place = place_of(&places, row.id, err);

        if (place == NULL) {
            return end(cursor, DB_FAILED);
        }
        *place = arena_strdup(ctx->arena, row.resource);
    }
    ret->resources = (const char **)(void *)places.bytes;
    ret->resource_count = places.count;
    return end(cursor, step);
}

static bool read_statements(struct ctx *ctx, struct db_session *session, struct dictionary *ret,
                            struct err *err)
{
    struct places places = {.arena = ctx->arena, .size = sizeof(*ret->statements)};
    struct sql_kept_statement_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_dictionary_statements_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_kept_statement_next(cursor, &row, err)) == DB_ROW) {
        struct dictionary_statement *place = place_of(&places, row.id, err);

        if (place == NULL) {
            return end(cursor, DB_FAILED);
        }
        *place = (struct dictionary_statement){.sql_id = arena_strdup(ctx->arena, row.sql_id),
                                               .name = arena_strdup(ctx->arena, row.name),
                                               .text = arena_strdup(ctx->arena, row.sql_text)};
    }
    ret->statements = (struct dictionary_statement *)(void *)places.bytes;
    ret->statement_count = places.count;
    return end(cursor, step);
}

static bool read_packs(struct ctx *ctx, struct db_session *session, struct dictionary *ret,
                       struct err *err)
{
    struct places places = {.arena = ctx->arena, .size = sizeof(*ret->packs)};
    struct sql_kept_pack_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_dictionary_packs_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_kept_pack_next(cursor, &row, err)) == DB_ROW) {
        struct dictionary_pack *place = place_of(&places, row.id, err);

        if (place == NULL) {
            return end(cursor, DB_FAILED);
        }
        *place = (struct dictionary_pack){.shared = arena_strdup(ctx->arena, row.shared),
                                          .own = arena_strdup(ctx->arena, row.own),
                                          .trace_ids = arena_strdup(ctx->arena, row.trace_ids),
                                          .statements = arena_strdup(ctx->arena, row.statements)};
    }
    ret->packs = (struct dictionary_pack *)(void *)places.bytes;
    ret->pack_count = places.count;
    return end(cursor, step);
}

bool dictionary_read(struct ctx *ctx, struct db_session *session, struct dictionary *ret,
                     struct err *err)
{
    *ret = (struct dictionary){.word_count = 0};
    return read_words(ctx, session, ret, err) && read_resources(ctx, session, ret, err) &&
           read_statements(ctx, session, ret, err) && read_packs(ctx, session, ret, err);
}

const char *dictionary_word(const struct dictionary *dictionary, int64_t number)
{
    const char *word =
        number > 0 && (size_t)number < dictionary->word_count ? dictionary->words[number] : NULL;

    return word != NULL ? word : "";
}
