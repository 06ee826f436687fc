/* What the rooms of the conformance suite share, see suite.h. */
#include "tests/support/suite.h"

const struct test_server *suite_server;
const struct db_backend *suite_backend;

bool suite_has_empty_texts(void)
{
    return suite_backend->dialect != DB_ORACLE;
}

bool suite_keeps_sessions(void)
{
    return suite_backend->dialect != DB_ORACLE;
}

int suite_set_up(void **state)
{
    *state = db_fixture_new(suite_backend);
    return 0;
}

int suite_tear_down(void **state)
{
    db_fixture_free(*state);
    return 0;
}

struct db_conn *must_open(struct db_fixture *f)
{
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    if (!suite_backend->open(&f->options, DB_CONN_WRITER, &conn, &err)) {
        fail_msg("%s", err.text);
    }
    return conn;
}

struct db_session *must_checkout(struct db_fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    if (!db_checkout(&f->ctx, f->pool, &session, &err)) {
        fail_msg("%s", err.text);
    }
    return session;
}

void must_write(struct db_fixture *f, db_work *work, void *arg)
{
    struct err err = {.code = ERR_NONE};

    if (!db_write(&f->ctx, f->pool, work, arg, &err)) {
        fail_msg("%s", err.text);
    }
}

void must_fail(struct db_fixture *f, db_work *work, void *arg, enum err_code code)
{
    struct err err = {.code = ERR_NONE};

    must_have_failed(db_write(&f->ctx, f->pool, work, arg, &err), &err, code, "");
}

void must_have_failed(bool ok, const struct err *err, enum err_code code, const char *words)
{
    assert_false(ok);
    if (err->code != code || strstr(err->text, words) == NULL) {
        fail_msg("%s instead of %s with \"%s\": %s", err_symbol(err->code), err_symbol(code), words,
                 err->text);
    }
    assert_null(strchr(err->text, '\n'));
    assert_null(strstr(err->text, "secret"));
}

int64_t count_things(struct db_fixture *f)
{
    struct sql_thing_count_row row;
    struct db_session *session = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    if (sql_thing_count(session, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row.total;
}

int64_t count_marks(struct db_fixture *f)
{
    struct sql_mark_count_row row;
    struct db_session *session = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    if (sql_mark_count(session, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row.total;
}

bool put_thing(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct thing *thing = arg;

    (void)ctx;
    return sql_thing_put(session, thing->id, thing->name, thing->amount, thing->price_cents,
                         thing->at_us, thing->flag, thing->ratio, thing->body, err);
}

struct sql_thing_get_row get_thing(struct db_fixture *f, int64_t id)
{
    struct sql_thing_get_row row;
    struct db_session *session = must_checkout(f);
    struct err err = {.code = ERR_NONE};

    if (sql_thing_get(session, id, &row, &err) != DB_ROW) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return row;
}
