/* The selftest as a whole: who connects, tags, breaks, pooled servers, and what each check settles.
 */
#include <stdio.h>
#include <string.h>

#include "sql_db_oracle.h"

#include "db/oracle/selftest_priv.h"

enum {
    /* Much less than it sleeps. The server has as long again to confirm the break. */
    BREAK_CALL_MS = 2000,
    SLEEP_S = 30,
    LONG_TAG = 64, /* bytes: as long as the columns of V$SESSION */
};

static const char LOG_ON[] = "log-on";

const struct db_rule oracle_rules[ORACLE_RULES] = {
    {LOG_ON, "a server of this release takes the negotiation and the log-on as they are sent"},
    {"NUMBER", "values go in, and come out of queries and blocks, in the forms that are assumed"},
    {"TIMESTAMP WITH TIME ZONE", "so do instants with an offset"},
    {"TIMESTAMP WITH LOCAL TIME ZONE", "those travel in the database's own time zone"},
    {"CLOB", "a temporary CLOB is created, written, bound and read back"},
    {"REF CURSOR", "rows of a cursor out of a block are fetched by its number"},
    {"implicit results", "results that a block gives by itself come as cursors, in their order"},
    {"array", "an array's rows are counted for each execution"},
    {"failures of an array", "an array goes on behind failures, and names them"},
    {"RETURNING INTO", "rows that RETURNING gives come with their count, a CLOB into a CLOB bind"},
    {"ROWID", "a ROWID comes in its parts, and finds its row as the text of 18 characters"},
    {"rollback", "an answer says whether a transaction is open"},
    {"plan", "EXPLAIN PLAN takes NULL for each bind, also for those behind RETURNING INTO, and "
             "DBMS_XPLAN shows what it has stored"},
    {"break", "a call that is broken off by markers leaves a session that goes on"},
    {"tags", "tags that ride on a call are in V$SESSION while it is the session's last"},
    {"tags are cleared", "those that nobody waits for to be cleared are"},
    {"long tags", "how much of an ACTION of 64 bytes V$SESSION shows"},
    {"pooled server", "a pooled server is given back and taken again on one connection"},
    {"statements of shop", "a page clause may stand in a correlated subquery and in LATERAL, "
                           "REPLACE makes of a bind a list that JSON_TABLE reads"},
    {"statements of crm", "the same of the CRM's"},
    {"SQL_ID of shop", "SQL_ID is reckoned from the text as it is sent, every byte of it"},
    {"SQL_ID of crm", "the same of the CRM's"},
};

/* --- tags --- */

static bool ask_something(struct selftest *s, const char *check)
{
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, check, &sql_db_oracle__selftest_echo);
    bool ok = at != NULL;

    if (ok) {
        octo_ora_bind_text(at, 1, "x", 1);
        ok = selftest_first_row(s, check, at);
    }
    octo_ora_free(at);
    return ok;
}

enum { MODULE = 1, ACTION, CLIENT_IDENTIFIER, CLIENT_INFO, PREV_SQL_ID };

/* What V$SESSION has of the other session; for octo_ora_free. NULL has been told. */
static struct octo_ora_statement *look(struct selftest *s, const char *check)
{
    struct octo_ora_statement *at = NULL;
    struct octo_ora_error error = {.text = "it is not there"};
    bool has_row = false;
    bool ok = octo_ora_prepare(s->watcher, sql_db_oracle__selftest_session.variants[DB_ORACLE].text,
                               &at, &error);

    if (ok) {
        octo_ora_bind_int(at, 1, octo_ora_sid(s->session));
        ok = octo_ora_execute(at, &error) && octo_ora_fetch(at, &has_row, &error) && has_row;
    }
    if (!ok) { /* who may not look cannot say */
        selftest_tell(s, check, FINDING_SKIP, "V$SESSION: %s", error.text);
        octo_ora_free(at);
        return NULL;
    }
    return at;
}

static bool is(const struct octo_ora_statement *at, unsigned place, const char *wanted)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    return octo_ora_get_text(at, place, &text, &error) && text.length == strlen(wanted) &&
           memcmp(text.at, wanted, text.length) == 0;
}

static bool set_tags(struct selftest *s, const char *module, const char *action,
                     const char *client_identifier, const char *client_info)
{
    struct octo_ora_error error;

    return octo_ora_set_tag(s->session, OCTO_ORA_MODULE, module, &error) &&
           octo_ora_set_tag(s->session, OCTO_ORA_ACTION, action, &error) &&
           octo_ora_set_tag(s->session, OCTO_ORA_CLIENT_IDENTIFIER, client_identifier, &error) &&
           octo_ora_set_tag(s->session, OCTO_ORA_CLIENT_INFO, client_info, &error);
}

static void try_tags(struct selftest *s)
{
    static const char check[] = "tags";
    struct octo_ora_statement *seen;

    if (!set_tags(s, "octo selftest", "look", "4bf92f3577b34da6a3ce929d0e0e4736", "octo") ||
        !ask_something(s, check) || (seen = look(s, check)) == NULL) {
        return;
    }
    if (!is(seen, MODULE, "octo selftest") || !is(seen, ACTION, "look") ||
        !is(seen, CLIENT_IDENTIFIER, "4bf92f3577b34da6a3ce929d0e0e4736") ||
        !is(seen, CLIENT_INFO, "octo")) {
        selftest_tell(s, check, FINDING_FAIL, "V$SESSION shows others");
    } else if (!is(seen, PREV_SQL_ID, sql_db_oracle__selftest_echo.variants[DB_ORACLE].sql_id)) {
        selftest_tell(s, check, FINDING_FAIL, "V$SESSION shows them, and another PREV_SQL_ID");
    } else {
        selftest_tell(s, check, FINDING_OK, "V$SESSION shows all four, and the SQL_ID");
    }
    octo_ora_free(seen);
}

/* By the message that nobody waits for; the ping reads its answer. */
static void try_clearing(struct selftest *s)
{
    static const char check[] = "tags are cleared";
    struct octo_ora_statement *seen;
    struct octo_ora_error error;

    if (!set_tags(s, NULL, NULL, NULL, NULL) || !octo_ora_leave(s->session, false, &error) ||
        !octo_ora_ping(s->session, &error)) {
        selftest_tell(s, check, FINDING_FAIL, "%s", error.text);
        return;
    }
    if ((seen = look(s, check)) != NULL) {
        const bool ok = octo_ora_is_null(seen, MODULE) && octo_ora_is_null(seen, ACTION) &&
                        octo_ora_is_null(seen, CLIENT_IDENTIFIER);

        selftest_tell(s, check, ok ? FINDING_OK : FINDING_FAIL, "V$SESSION shows %s",
                      ok ? "none any more" : "some still");
        octo_ora_free(seen);
    }
}

static void try_long_tag(struct selftest *s)
{
    static const char check[] = "long tags";
    char action[LONG_TAG + 1];
    struct octo_ora_statement *seen;
    struct octo_ora_text shown = {.length = 0};
    struct octo_ora_error error;

    memset(action, 'a', LONG_TAG);
    action[LONG_TAG] = '\0';
    if (set_tags(s, "octo selftest", action, NULL, NULL) && ask_something(s, check) &&
        (seen = look(s, check)) != NULL) {
        const bool ok = octo_ora_get_text(seen, ACTION, &shown, &error) && shown.length > 0;

        selftest_tell(s, check, ok ? FINDING_OK : FINDING_FAIL,
                      "of an ACTION of %d bytes V$SESSION shows %zu", (int)LONG_TAG, shown.length);
        octo_ora_free(seen);
    }
    (void)set_tags(s, NULL, NULL, NULL, NULL);
}

/* --- what is broken off, and pooled servers --- */

static void try_break(struct selftest *s)
{
    static const char check[] = "break";
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, check, &sql_db_oracle__selftest_sleep);
    struct octo_ora_error error = {.kind = OCTO_ORA_NONE};
    bool is_done;

    if (at == NULL) {
        return;
    }
    octo_ora_bind_int(at, 1, SLEEP_S);
    octo_ora_bind_type(at, 2, OCTO_ORA_BIND_NUMBER, 0);
    octo_ora_set_call_ms(s->session, BREAK_CALL_MS);
    is_done = octo_ora_execute(at, &error);
    octo_ora_set_call_ms(s->session, 0);
    octo_ora_free(at);
    if (is_done || error.kind != OCTO_ORA_TIMEOUT) {
        selftest_tell(s, check, FINDING_FAIL, "%s",
                      is_done ? "the call was not broken off" : error.text);
    } else if (!octo_ora_ping(s->session, &error)) {
        selftest_tell(s, check, FINDING_FAIL, "behind it: %s", error.text);
    } else {
        selftest_tell(s, check, FINDING_OK, "broken off after %d ms, and the session goes on",
                      (int)BREAK_CALL_MS);
    }
}

static void try_pooled(struct selftest *s)
{
    static const char check[] = "pooled server";
    struct db_options options = *s->options;
    struct selftest pooled = {.options = &options, .test = s->test};
    struct db_conn *conn = NULL;
    struct octo_ora_error error;
    struct err err;

    if (s->test->pooled == NULL) {
        selftest_tell(s, check, FINDING_SKIP, "no connect string for one was given: --pooled");
        return;
    }
    options.location = s->test->pooled;
    if (!oracle_open(&options, DB_CONN_POOL, &conn, &err)) {
        selftest_tell(s, check, FINDING_FAIL, "%s", err.text);
        return;
    }
    pooled.session = conn->session;
    if (ask_something(&pooled, check)) {
        if (!octo_ora_release(pooled.session, &error)) {
            selftest_tell(&pooled, check, FINDING_FAIL, "%s", error.text);
        } else if (ask_something(&pooled, check)) {
            selftest_tell(s, check, FINDING_OK, "given back, and taken again");
        }
    }
    s->has_failed = s->has_failed || pooled.has_failed;
    oracle_close(conn);
}

/* --- all of it --- */

static void run(struct selftest *s)
{
    static void (*const parts[])(struct selftest *) = {selftest_values, selftest_changes, try_tags,
                                                       try_clearing,    try_long_tag,     try_break,
                                                       try_pooled,      selftest_texts};

    selftest_tell(s, LOG_ON, FINDING_OK, "Oracle %s, service %s, twice",
                  octo_ora_server_version(s->session), octo_ora_service(s->session));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (octo_ora_is_alive(s->session)) {
            parts[i](s);
        }
    }
    if (!octo_ora_is_alive(s->session)) {
        selftest_tell(s, LOG_ON, FINDING_FAIL, "the session has ended: what is left was not tried");
    }
}

bool oracle_selftest(const struct db_options *options, const struct db_selftest *test)
{
    struct selftest s = {.options = options, .test = test};
    struct db_conn *conns[2] = {NULL, NULL};
    struct err err;

    if (oracle_open(options, DB_CONN_POOL, &conns[0], &err) &&
        oracle_open(options, DB_CONN_POOL, &conns[1], &err)) {
        s.session = conns[0]->session;
        s.watcher = conns[1]->session;
        run(&s);
    } else {
        selftest_tell(&s, LOG_ON, FINDING_FAIL, "%s", err.text);
    }
    oracle_close(conns[0]);
    oracle_close(conns[1]);
    return !s.has_failed;
}
