/*
 * What the server counts of statements, each found in the catalogues by its text: on the session
 * that sessions are looked at with (server_sessions.c).
 */
#include <string.h>

#include "sql_db_catalogue.h"

#include "db/db_priv.h"

enum { COUNTS_MOST = 5000 /* as the engines' statements ask for */ };

struct counting {
    const struct db *db;
    struct db_counts *counts;
};

/* NULL: none of these. */
static const struct db_statement *find_in(const struct db *db, const struct db_catalogue *catalogue,
                                          const char *counted)
{
    for (size_t i = 0; catalogue != NULL && i < catalogue->count; i++) {
        const struct db_statement *statement = catalogue->statements[i];

        for (; statement != NULL; statement = statement->batch) {
            const char *text = statement->variants[db->backend->dialect].text;

            if (text != NULL && db->backend->is_counted_as(text, counted)) {
                return statement;
            }
        }
    }
    return NULL;
}

static const struct db_statement *find(const struct db *db, const char *counted)
{
    const struct db_catalogue *const catalogues[] = {db->options.catalogue, db->backend->own,
                                                     &sql_db_catalogue};
    const struct db_statement *found = NULL;

    for (size_t i = 0; found == NULL && i < sizeof(catalogues) / sizeof(catalogues[0]); i++) {
        found = find_in(db, catalogues[i], counted);
    }
    return found;
}

static bool read_source(struct ctx *ctx, struct db_session *session, struct counting *counting,
                        struct err *err)
{
    const struct db_backend *backend = counting->db->backend;
    struct db_counts *counts = counting->counts;
    void *row = arena_alloc(ctx->arena, backend->counts_source->row_size);
    void *since = arena_alloc(ctx->arena, backend->counts_since->row_size);

    if (db_row(session, backend->counts_source, NULL, row, err) != DB_ROW) {
        return false;
    }
    backend->counts_source_of(row, counts);
    if (counts->why != NULL) {
        return true;
    }
    if (db_row(session, backend->counts_since, NULL, since, err) != DB_ROW) {
        return false;
    }
    backend->counts_since_of(since, counts);
    return true;
}

static bool read_counts(struct ctx *ctx, struct db_session *session, struct counting *counting,
                        struct err *err)
{
    const struct db_backend *backend = counting->db->backend;
    struct db_counts *counts = counting->counts;
    void *row = arena_alloc(ctx->arena, backend->counts->row_size);
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    counts->list = arena_array(ctx->arena, COUNTS_MOST, sizeof(*counts->list));
    if (db_cursor_open(session, backend->counts, NULL, &cursor, err)) {
        while ((step = db_cursor_next(cursor, row, err)) == DB_ROW && counts->count < COUNTS_MOST) {
            struct db_counted *counted = &counts->list[counts->count++];

            backend->counted_of(row, counted);
            counted->statement = find(counting->db, counted->text);
            counted->text = arena_strdup(ctx->arena, counted->text);
        }
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool count(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct counting *counting = arg;

    *counting->counts = (struct db_counts){.count = 0};
    return read_source(ctx, session, counting, err) &&
           (counting->counts->why != NULL || read_counts(ctx, session, counting, err));
}

bool db_server_counts(struct ctx *ctx, struct db *db, struct db_counts *ret, struct err *err)
{
    struct counting counting = {.db = db, .counts = ret};

    *ret = (struct db_counts){.count = 0};
    if (db->observer == NULL || db->backend->counts == NULL) {
        ret->why = db_is_embedded(db) ? "there is no server that could count"
                                      : "the server is not asked for what it counts";
        return true;
    }
    return db_read(ctx, db->observer, count, &counting, err) ||
           err_wrap(err, "ask the server for what it counts");
}
