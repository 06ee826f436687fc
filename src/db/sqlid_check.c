#include "db/sqlid_check.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"

#include "db/db_priv.h"

enum {
    KNOWN_MOST = 2048, /* statements; those past it are not compared */
    ASK_MS = 5000,
};

struct sqlid_check {
    struct mutex lock;                            /* guards all */
    const struct db_statement *known[KNOWN_MOST]; /* compared, or noted to be */
    size_t known_count;
    struct db_sqlid_view view;
};

struct sqlid_check *sqlid_check_new(void)
{
    struct sqlid_check *check = mem_alloc(sizeof(*check));

    mutex_init(&check->lock);
    return check;
}

void sqlid_check_free(struct sqlid_check *check)
{
    if (check != NULL) {
        mutex_fini(&check->lock);
        free(check);
    }
}

/* --- which --- */

static bool is_first(struct sqlid_check *check, const struct db_statement *statement)
{
    bool is_new;

    mutex_lock(&check->lock);
    is_new = check->known_count < KNOWN_MOST;
    for (size_t i = 0; is_new && i < check->known_count; i++) {
        is_new = check->known[i] != statement;
    }
    if (is_new) {
        check->known[check->known_count++] = statement;
    }
    mutex_unlock(&check->lock);
    return is_new;
}

/* Its next run is the first one again. */
static void forget(struct sqlid_check *check, const struct db_statement *statement)
{
    mutex_lock(&check->lock);
    for (size_t i = 0; i < check->known_count; i++) {
        if (check->known[i] == statement) {
            check->known[i] = check->known[--check->known_count];
            break;
        }
    }
    mutex_unlock(&check->lock);
}

static const struct db_variant *variant_of(const struct db_session *session,
                                           const struct db_statement *statement)
{
    return &statement->variants[session->pool->db->backend->dialect];
}

void sqlid_check_note(struct db_session *session, const struct db_statement *statement)
{
    if (session->first_run_count < FIRST_RUNS_MOST &&
        variant_of(session, statement)->sql_id[0] != '\0' &&
        is_first(session->pool->db->sqlid_check, statement)) {
        session->first_runs[session->first_run_count++] = statement;
    }
}

/* --- comparing --- */

static void keep_name(struct sqlid_check *check, const struct db_statement *statement, int64_t now)
{
    if (now <= DB_SQLID_NAMES_MOST) {
        mutex_lock(&check->lock);
        check->view.mismatched_names[now - 1] = statement->name;
        mutex_unlock(&check->lock);
    }
}

static void count(struct sqlid_check *check, int64_t *counter, int64_t *ret_now)
{
    mutex_lock(&check->lock);
    check->view.compared++;
    *ret_now = ++*counter;
    mutex_unlock(&check->lock);
}

static void tell_other(const struct db_session *session, const struct db_statement *statement,
                       const char *theirs)
{
    log_line(LOG_WARNING, NULL, "SQL_ID differs",
             "statement=%s file=%s ours=%s server=%s note=\"correlation by SQL_ID fails for it\"",
             statement->name, statement->file, variant_of(session, statement)->sql_id, theirs);
}

/* Once: the others are unknown for the same reason. */
static void tell_unknown(const struct db_statement *statement, const struct err *err)
{
    char reason[ERR_TEXT_MAX];

    log_line(LOG_WARNING, NULL, "SQL_ID not verified", "statement=%s reason=%s", statement->name,
             log_quote(err->text, reason, sizeof(reason)));
}

static void compare(struct db_session *session, const struct db_statement *statement)
{
    struct sqlid_check *check = session->pool->db->sqlid_check;
    char theirs[SQLID_SIZE] = "";
    struct err err = {.code = ERR_NONE};
    int64_t same = 0;
    int64_t now;

    switch (session->pool->db->backend->server_sqlid(session->conn, variant_of(session, statement),
                                                     clock_after_ms(ASK_MS), theirs, &err)) {
    case DB_SQLID_SAME:
        count(check, &same, &now);
        break;
    case DB_SQLID_OTHER:
        count(check, &check->view.mismatched, &now);
        keep_name(check, statement, now);
        tell_other(session, statement, theirs);
        break;
    case DB_SQLID_UNKNOWN:
        if (err.code == ERR_CONNECTION_LOST) {
            session->is_broken = true;
            forget(check, statement);
            break;
        }
        count(check, &check->view.uncertain, &now);
        if (now == 1) {
            tell_unknown(statement, &err);
        }
        break;
    }
}

void sqlid_check_compare(struct db_session *session)
{
    for (size_t i = 0; i < session->first_run_count; i++) {
        if (session->is_broken) {
            forget(session->pool->db->sqlid_check, session->first_runs[i]);
        } else {
            compare(session, session->first_runs[i]);
        }
    }
    session->first_run_count = 0;
    (void)session->pool->db->backend->take_round_trips(session->conn); /* they are no unit's */
}

/* --- from outside --- */

void db_verify_sqlids(struct db *db)
{
    if (db->sqlid_check == NULL && db->backend->server_sqlid != NULL) {
        db->sqlid_check = sqlid_check_new();
        db->sqlid_check->view.is_on = true;
    }
}

void db_sqlid_verification(struct db *db, struct db_sqlid_view *ret)
{
    *ret = (struct db_sqlid_view){.is_on = false};
    if (db->sqlid_check != NULL) {
        mutex_lock(&db->sqlid_check->lock);
        *ret = db->sqlid_check->view;
        mutex_unlock(&db->sqlid_check->lock);
    }
}
