/*
 * What an Oracle database says of itself: characters, time, how much it allows, and what of that we
 * may see. What a user may not see is a warning, with the grant that mends it: services run
 * without.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "sql_db_oracle.h"

#include "db/oracle/diagnose_priv.h"

enum {
    NO_SUCH_TABLE = 942, /* also of what one may not see */
    NO_RIGHTS = 1031,
    VIEWS_TEXT_MAX = 1000,
    CURSORS_BESIDE = 50, /* what a unit has open beside the statements that are kept */
    CLOCK_LOOKS = 5,
};
static const int64_t SKEW_WARN_US = 1 * CLOCK_US_PER_S;
static const int64_t SKEW_FAIL_US = 30 * CLOCK_US_PER_S;

const char *const oracle_checks[ORACLE_CHECKS] = {
    "sign-in",  "wallet",          "service", "character set", "time zones", "rights",
    "sessions", "statement cache", "SQL_ID",  "clock",         "round trip"};

/* One examination. */
struct exam {
    struct db_conn *conn;
    const struct db_catalogue *catalogue;
    const struct db_demand *demand;
    struct findings *out;
    struct buf hidden; /* V$ views that the user may not read, separated by commas */
    struct buf grants; /* which would let him */
    struct sql_doctor_limits_row limits;
    bool has_limits;
};

static bool ask(const struct exam *exam, const struct db_statement *statement,
                struct db_result **ret, struct err *err)
{
    return oracle_query(exam->conn, statement, NULL, 1, clock_after_ms(ORACLE_ASK_MS), ret, err);
}

/* The one row of a statement, whose texts live until oracle_finish. False: has been told, or is a
 * view that the user may not read. */
static bool ask_row(struct exam *exam, enum oracle_check check, const char *view,
                    const struct db_statement *statement, void *row, struct db_result **ret)
{
    struct err err = {.code = ERR_NONE};

    if (ask(exam, statement, ret, &err) && oracle_next(*ret, row, &err) == DB_ROW) {
        return true;
    }
    oracle_finish(*ret);
    *ret = NULL;
    if (view != NULL && (err.native == NO_SUCH_TABLE || err.native == NO_RIGHTS)) {
        buf_printf(&exam->hidden, "%s%s", exam->hidden.length > 0 ? ", " : "", view);
        buf_printf(&exam->grants, "%sGRANT SELECT ON SYS.V_%s TO %s",
                   exam->grants.length > 0 ? "; " : "", strchr(view, '$'), exam->conn->schema);
        finding_add(exam->out, oracle_checks[check], FINDING_SKIP, "%s may not be read", view);
    } else {
        finding_add(exam->out, oracle_checks[check], FINDING_FAIL, "%s",
                    err.code != ERR_NONE ? err.text : "there is no answer");
    }
    return false;
}

/* --- characters --- */

static void check_characters(struct exam *exam)
{
    struct sql_doctor_database_row row;
    struct db_result *result = NULL;

    if (!ask_row(exam, CHARACTERS, NULL, &sql_db_oracle__doctor_database, &row, &result)) {
        return;
    }
    if (strcmp(row.characters, "AL32UTF8") != 0) {
        finding_add(exam->out, oracle_checks[CHARACTERS], FINDING_FAIL,
                    "%s: what it has no characters for is stored as others", row.characters);
        finding_remedy(exam->out, "take a database whose character set is AL32UTF8");
    } else {
        finding_add(exam->out, oracle_checks[CHARACTERS], FINDING_OK, "%s, national %s",
                    row.characters, row.national);
    }
    oracle_finish(result);
}

/* --- time --- */

static void report_zones(const struct exam *exam, const struct sql_doctor_clock_row *row)
{
    if (strcmp(row->machine, "+00:00") != 0) {
        finding_add(exam->out, oracle_checks[ZONES], FINDING_WARN,
                    "the server's machine is at %s: where its clock is put back in autumn, the "
                    "feed of orders may pass over one that is being written",
                    row->machine);
        finding_remedy(exam->out, "let it have UTC");
    } else {
        finding_add(exam->out, oracle_checks[ZONES], FINDING_OK,
                    "the server's machine is at UTC, the database at %s, sessions at %s",
                    row->database, row->session_zone);
    }
}

static void report_clock(const struct exam *exam, int64_t skew_us, int64_t error_us)
{
    const int64_t apart_us = skew_us < 0 ? -skew_us : skew_us;
    const int64_t least_us = apart_us - error_us;
    const enum finding_state state = least_us >= SKEW_FAIL_US   ? FINDING_FAIL
                                     : least_us >= SKEW_WARN_US ? FINDING_WARN
                                                                : FINDING_OK;

    finding_add(exam->out, oracle_checks[CLOCK], state,
                "the server's is %.1f ms %s ours, give or take %.1f ms", (double)apart_us / 1e3,
                skew_us < 0 ? "behind" : "ahead of", (double)error_us / 1e3);
    if (state != FINDING_OK) {
        finding_remedy(exam->out, "set both machines by NTP (timedatectl says whether they are)");
    }
}

/* The shortest of some looks tells best; the first one is also where zones are seen. */
static void check_time(struct exam *exam)
{
    int64_t skew_us = 0;
    int64_t error_us = INT64_MAX;

    for (int i = 0; i < CLOCK_LOOKS; i++) {
        struct sql_doctor_clock_row row;
        struct db_result *result = NULL;
        const int64_t sent_us = clock_utc_us();
        const uint64_t begun_ns = clock_mono_ns();
        int64_t half_us;

        if (!ask_row(exam, CLOCK, NULL, &sql_db_oracle__doctor_clock, &row, &result)) {
            return;
        }
        half_us = (int64_t)((clock_mono_ns() - begun_ns) / 2000);
        if (half_us < error_us) {
            error_us = half_us;
            skew_us = row.now_us - (sent_us + half_us);
        }
        if (i == 0) {
            report_zones(exam, &row);
        }
        oracle_finish(result);
    }
    report_clock(exam, skew_us, error_us);
}

/* --- how much it allows --- */

static void check_sessions(struct exam *exam)
{
    struct sql_doctor_sessions_row row;
    struct db_result *result = NULL;
    int64_t left;

    if (!exam->has_limits) {
        return;
    }
    if (!ask_row(exam, SESSIONS, "V$SESSION", &sql_db_oracle__doctor_sessions, &row, &result)) {
        return;
    }
    oracle_finish(result);
    left = exam->limits.sessions - row.taken;
    if (exam->demand->server_sessions > left) {
        finding_add(exam->out, oracle_checks[SESSIONS], FINDING_FAIL,
                    "%" PRId64 " may be wanted and %" PRId64 " are there: SESSIONS %" PRId64
                    " less %" PRId64 " in use",
                    exam->demand->server_sessions, left, exam->limits.sessions, row.taken);
        finding_remedy(exam->out,
                       "raise PROCESSES there, which SESSIONS follows, or make the pools "
                       "smaller, or run fewer replicas");
    } else {
        finding_add(exam->out, oracle_checks[SESSIONS], FINDING_OK,
                    "%" PRId64 " may be wanted, %" PRId64 " are there: SESSIONS %" PRId64
                    " less %" PRId64 " in use",
                    exam->demand->server_sessions, left, exam->limits.sessions, row.taken);
    }
}

static void check_cursors(const struct exam *exam)
{
    const int64_t wanted = ORACLE_STATEMENTS_KEPT + CURSORS_BESIDE;
    const bool is_enough = exam->limits.open_cursors >= wanted;

    finding_add(exam->out, oracle_checks[CACHE], is_enough ? FINDING_OK : FINDING_WARN,
                "OPEN_CURSORS is %" PRId64 ", and a session keeps %d statements open",
                exam->limits.open_cursors, (int)ORACLE_STATEMENTS_KEPT);
    if (!is_enough) {
        finding_remedy(exam->out,
                       "ALTER SYSTEM SET open_cursors = %" PRId64
                       ": past it sessions forget all statements, and parse anew",
                       wanted);
    }
}

static void check_limits(struct exam *exam)
{
    struct db_result *result = NULL;

    exam->has_limits = ask_row(exam, SESSIONS, "V$PARAMETER", &sql_db_oracle__doctor_limits,
                               &exam->limits, &result) &&
                       !exam->limits.sessions_is_null && !exam->limits.open_cursors_is_null;
    oracle_finish(result);
    if (exam->has_limits) {
        check_sessions(exam);
        check_cursors(exam);
    } else {
        findings_skip(exam->out, &oracle_checks[CACHE], 1, "OPEN_CURSORS is not told");
    }
}

/* --- SQL_IDs --- */

/* What V$SQL has of this user. */
struct tally {
    size_t same;
    size_t others; /* have another SQL_ID than their texts, by our reckoning */
    char first[SQLID_SIZE];
    /* Have another SQL_ID than the catalogue, which has their texts: each statement once. */
    bool *is_misnamed; /* by its place there */
    size_t misnamed;
    const struct db_statement *first_misnamed;
    char theirs[SQLID_SIZE];
};

static void note_id(char to[SQLID_SIZE], const char *sql_id)
{
    const size_t length = strnlen(sql_id, SQLID_SIZE - 1);

    memcpy(to, sql_id, length);
    to[length] = '\0';
}

static void compare_names(const struct exam *exam, const char *text, const char *sql_id,
                          struct tally *tally)
{
    const size_t count = exam->catalogue != NULL ? exam->catalogue->count : 0;

    for (size_t i = 0; i < count; i++) {
        const struct db_statement *statement = exam->catalogue->statements[i];
        const struct db_variant *variant = &statement->variants[DB_ORACLE];

        if (variant->text == NULL || strcmp(variant->text, text) != 0 ||
            strcmp(variant->sql_id, sql_id) == 0 || tally->is_misnamed[i]) {
            continue;
        }
        tally->is_misnamed[i] = true;
        if (tally->misnamed++ == 0) {
            tally->first_misnamed = statement;
            note_id(tally->theirs, sql_id);
        }
    }
}

static void compare_id(const struct exam *exam, const struct sql_doctor_statements_row *row,
                       struct tally *tally)
{
    char ours[SQLID_SIZE];

    sqlid_of(row->text, strlen(row->text), ours);
    if (strcmp(ours, row->sql_id) == 0) {
        tally->same++;
    } else if (tally->others++ == 0) {
        note_id(tally->first, row->sql_id);
    }
    compare_names(exam, row->text, row->sql_id, tally);
}

static void report_ids(const struct exam *exam, const struct tally *tally)
{
    if (tally->misnamed > 0) {
        finding_add(exam->out, oracle_checks[SQL_IDS], FINDING_FAIL,
                    "of %zu statements V$SQL has another than the catalogue, first of %s in %s: %s "
                    "and not %s",
                    tally->misnamed, tally->first_misnamed->name, tally->first_misnamed->file,
                    tally->theirs, tally->first_misnamed->variants[DB_ORACLE].sql_id);
        finding_remedy(exam->out, "build octo anew: its texts and their SQL_IDs are of two builds, "
                                  "and what goes by SQL_ID fails for these");
    } else if (tally->others > 0) {
        finding_add(exam->out, oracle_checks[SQL_IDS], FINDING_FAIL,
                    "%zu of %zu texts in V$SQL have another than we reckon, first %s",
                    tally->others, tally->same + tally->others, tally->first);
        finding_remedy(exam->out, "octo sqlid --explain TEXT SQL_ID says what may lie between");
    } else {
        finding_add(exam->out, oracle_checks[SQL_IDS], FINDING_OK,
                    "%zu texts of this user are in V$SQL, each by the one that we reckon",
                    tally->same);
    }
}

static void check_ids(struct exam *exam)
{
    struct sql_doctor_statements_row row;
    struct db_result *result = NULL;
    struct err err = {.code = ERR_NONE};
    enum db_step step = DB_ROW;
    struct tally tally = {.same = 0};

    if (!ask_row(exam, SQL_IDS, "V$SQL", &sql_db_oracle__doctor_statements, &row, &result)) {
        return;
    }
    tally.is_misnamed =
        mem_alloc(sizeof(bool) * (exam->catalogue != NULL ? exam->catalogue->count + 1 : 1));
    while (step == DB_ROW) {
        compare_id(exam, &row, &tally);
        step = oracle_next(result, &row, &err);
    }
    oracle_finish(result);
    if (step == DB_FAILED) {
        finding_add(exam->out, oracle_checks[SQL_IDS], FINDING_FAIL, "%s", err.text);
    } else {
        report_ids(exam, &tally);
    }
    free(tally.is_misnamed);
}

/* --- rights --- */

static void report_rights(const struct exam *exam)
{
    const char *user = exam->conn->schema;

    if (exam->hidden.length == 0) {
        finding_add(exam->out, oracle_checks[RIGHTS], FINDING_OK,
                    "%s may read V$SESSION, V$SQL and V$PARAMETER", user);
    } else {
        finding_add(exam->out, oracle_checks[RIGHTS], FINDING_WARN,
                    "%s may not read %s: octo sessions, the doctor or OCTO_SQLID_VERIFY see less",
                    user, exam->hidden.data);
        finding_remedy(exam->out, "as an administrator: %s", exam->grants.data);
    }
}

void oracle_diagnose_server(struct db_conn *conn, const struct db_catalogue *catalogue,
                            const struct db_demand *demand, struct findings *out)
{
    struct exam exam = {.conn = conn, .catalogue = catalogue, .demand = demand, .out = out};

    buf_init(&exam.hidden, VIEWS_TEXT_MAX);
    buf_init(&exam.grants, VIEWS_TEXT_MAX);
    check_characters(&exam);
    check_limits(&exam);
    check_ids(&exam);
    report_rights(&exam);
    check_time(&exam);
    buf_fini(&exam.hidden);
    buf_fini(&exam.grants);
}
