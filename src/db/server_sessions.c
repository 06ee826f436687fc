/*
 * The sessions as the server tells of them, joined with what the pools of this process know. The
 * server is asked by a statement like any other, tagged and traced, but in a pool of one that no
 * unit of work uses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#include "db/db_priv.h"

enum {
    OBSERVE_MS = 2000,
    OBSERVER_LIFETIME_MS = 60000, /* then the janitor closes it */
};

bool observer_new(struct db *db, struct err *err)
{
    const struct db_pool_options options = {.name = "observer",
                                            .size = 1,
                                            .checkout_timeout_ms = OBSERVE_MS,
                                            .lifetime_ms = OBSERVER_LIFETIME_MS};

    return db->backend->sessions == NULL || db_pool_new(db, &options, &db->observer, err);
}

/* --- which statement is it? --- */

static bool is_shown(const struct db_statement *statement, const struct db *db,
                     const struct db_server_session *row)
{
    const struct db_variant *variant = &statement->variants[db->backend->dialect];
    size_t length;

    if (variant->text == NULL) {
        return false;
    }
    if (row->sql_id != NULL) {
        return strcmp(variant->sql_id, row->sql_id) == 0;
    }
    length = strlen(row->text);
    return strncmp(variant->text, row->text, length) == 0 &&
           (row->is_cut || variant->text[length] == '\0');
}

/* NULL: it is none of the engine's own. A text that is cut is longer than these are. */
static const struct db_statement *control_of(const struct db *db,
                                             const struct db_server_session *row)
{
    const struct db_catalogue *own = db->backend->own;

    for (size_t i = 0; !row->is_cut && i < own->count; i++) {
        if (own->statements[i] != db->backend->sessions && is_shown(own->statements[i], db, row)) {
            return own->statements[i];
        }
    }
    return NULL;
}

/* NULL: it is none of ours, or cut so short that it could be several. */
static const struct db_statement *statement_of(const struct db *db,
                                               const struct db_server_session *row)
{
    const struct db_catalogue *catalogue = db->options.catalogue;
    const struct db_statement *found = NULL;

    if (is_shown(db->backend->sessions, db, row)) {
        return db->backend->sessions;
    }
    for (size_t i = 0; catalogue != NULL && i < catalogue->count; i++) {
        if (is_shown(catalogue->statements[i], db, row)) {
            if (found != NULL) {
                return NULL;
            }
            found = catalogue->statements[i];
        }
    }
    return found;
}

/* --- one session --- */

static const struct db_session_view *view_find(const struct db_session_view *views, size_t count,
                                               int64_t sid)
{
    for (size_t i = 0; i < count; i++) {
        if (views[i].sid == sid) {
            return &views[i];
        }
    }
    return NULL;
}

static void statement_view(const struct db *db, const struct db_statement *statement,
                           struct db_session_view *out)
{
    const struct db_variant *variant = &statement->variants[db->backend->dialect];

    (void)snprintf(out->statement, sizeof(out->statement), "%s", statement->name);
    (void)snprintf(out->sql_id, sizeof(out->sql_id), "%s", variant->sql_id);
}

/* What it runs or ran last. The last text that a server tells of a session that rests is how its
 * transaction ended: its owner knows what was asked of it before. Of other processes' sessions
 * nobody does. */
static void view_text(const struct db *db, const struct db_server_session *row,
                      const struct db_session_view *own, struct db_session_view *out)
{
    const struct db_statement *statement = statement_of(db, row);
    const struct db_statement *control = control_of(db, row);
    const bool runs = strcmp(row->state, "active") == 0 || strcmp(row->state, "waiting") == 0;

    if (control != NULL && !runs) {
        if (own != NULL) {
            memcpy(out->statement, own->statement, sizeof(out->statement));
            memcpy(out->sql_id, own->sql_id, sizeof(out->sql_id));
        }
    } else if (control != NULL || statement != NULL) {
        statement_view(db, control != NULL ? control : statement, out);
    } else if (row->sql_id != NULL) {
        (void)snprintf(out->sql_id, sizeof(out->sql_id), "%s", row->sql_id);
    } else if (row->text[0] != '\0' && !row->is_cut) {
        sqlid_of(row->text, strlen(row->text), out->sql_id);
    }
}

static void view_blockers(const char *sids, struct db_session_view *out)
{
    while (*sids != '\0' && out->blocker_count < DB_BLOCKERS_MOST) {
        char *end;

        out->blocked_by[out->blocker_count++] = strtoll(sids, &end, 10);
        sids = *end == ',' ? end + 1 : "";
    }
}

/* `own` is the pool's view of the same session a moment later, NULL when it is another process's.
 */
static void server_view(const struct db *db, const struct db_server_session *row,
                        const struct db_session_view *own, struct db_session_view *out)
{
    *out = (struct db_session_view){.sid = row->sid, .state_ms = row->state_ms};
    (void)snprintf(out->service, sizeof(out->service), "%s", db->options.service);
    (void)snprintf(out->state, sizeof(out->state), "%s", row->state);
    (void)snprintf(out->module, sizeof(out->module), "%s", row->module);
    (void)snprintf(out->client_identifier, sizeof(out->client_identifier), "%s",
                   row->client_identifier);
    (void)snprintf(out->waits_for, sizeof(out->waits_for), "%s", row->waits_for);
    view_blockers(row->blocked_by, out);
    view_text(db, row, own, out);
    if (own != NULL) {
        (void)snprintf(out->pool, sizeof(out->pool), "%s", own->pool);
    }
    /* Between the two looks the session may have changed hands. */
    if (own != NULL && strcmp(own->client_identifier, out->client_identifier) == 0) {
        (void)snprintf(out->action, sizeof(out->action), "%s", own->action);
    }
}

/* --- all of them --- */

static bool ask(struct ctx *ctx, struct db *db, struct db_session_view *out, size_t most,
                size_t *ret_count, struct err *err)
{
    struct db_session_view *own = arena_array(ctx->arena, most, sizeof(*own));
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    const struct db_backend *backend = db->backend;
    void *row = arena_alloc(ctx->arena, backend->sessions->row_size);
    struct db_server_session shown;
    enum db_step step = DB_FAILED;
    size_t own_count;
    size_t count = 0;

    if (!db_checkout(ctx, db->observer, &session, err) ||
        !db_cursor_open(session, backend->sessions, NULL, &cursor, err)) {
        goto out;
    }
    step = db_cursor_next(cursor, row, err);
    own_count =
        db_sessions(db, own, most); /* after the server's look: what it saw running is out */
    while (step == DB_ROW && count < most) {
        backend->session_of(row, &shown);
        server_view(db, &shown, view_find(own, own_count, shown.sid), &out[count++]);
        step = db_cursor_next(cursor, row, err);
    }
    if (step != DB_FAILED) {
        *ret_count = count;
    }
out:
    db_cursor_close(cursor);
    db_checkin(session);
    return step != DB_FAILED;
}

bool db_server_sessions(struct ctx *ctx, struct db *db, struct db_session_view *out, size_t most,
                        size_t *ret_count, struct err *err)
{
    const uint64_t deadline_ns = ctx->deadline_ns;
    const uint64_t soon_ns = clock_after_ms(OBSERVE_MS);
    bool ok;

    if (db->observer == NULL) {
        *ret_count = db_sessions(db, out, most);
        return true;
    }
    ctx->deadline_ns = soon_ns < deadline_ns ? soon_ns : deadline_ns;
    ok = ask(ctx, db, out, most, ret_count, err);
    ctx->deadline_ns = deadline_ns;
    return ok || err_wrap(err, "ask the server for its sessions");
}
