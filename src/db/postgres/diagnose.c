/*
 * What a PostgreSQL server says of itself and of us: who we are, what the role may do, how many
 * sessions there is room for, what time it is there and how far away that is. All of it is asked on
 * one connection like a service's own.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

enum {
    ASK_MS = 5000,
    TRIPS = 15,
    MEDIAN = TRIPS / 2,
    TRIP_SLOW_US = 20000,
    RIGHTS_TEXT_MAX = 2000,
};
static const int64_t SKEW_WARN_US = 1 * CLOCK_US_PER_S;
static const int64_t SKEW_FAIL_US = 30 * CLOCK_US_PER_S;

static const char *const CHECKS[] = {"sign-in",  "server", "pooler",    "rights",
                                     "sessions", "clock",  "round trip"};
enum { SIGN_IN, SERVER, POOLER, RIGHTS, SESSIONS, CLOCK, ROUND_TRIP, CHECK_COUNT };

/* One examination. */
struct exam {
    struct db_conn *conn;
    const struct db_demand *demand;
    struct findings *out;
};

/* --- asking --- */

/* Runs a statement and gives its rows; texts live until pg_finish. */
static bool ask(const struct exam *exam, const struct db_statement *statement,
                struct db_result **ret, struct err *err)
{
    return pg_query(exam->conn, statement, NULL, 1, clock_after_ms(ASK_MS), ret, err);
}

/* A statement whose one row holds no text. */
static bool ask_numbers(const struct exam *exam, const struct db_statement *statement, void *ret,
                        struct err *err)
{
    struct db_result *result = NULL;
    enum db_step step;

    if (!ask(exam, statement, &result, err)) {
        return false;
    }
    step = pg_next(result, ret, err);
    pg_finish(result);
    return step == DB_ROW ||
           (step == DB_NO_ROW && err_set(err, ERR_DATABASE, "%s has no row", statement->name));
}

static void add_err(const struct exam *exam, int check, const struct err *err)
{
    finding_add(exam->out, CHECKS[check], FINDING_FAIL, "%s", err->text);
}

/* --- who we are, and what the server is --- */

static const char *version_of(PGconn *pg)
{
    const char *version = PQparameterStatus(pg, "server_version");

    return version != NULL ? version : "of an unknown version";
}

static void report_sign_in(const struct exam *exam)
{
    PGconn *pg = exam->conn->pg;
    const char *version = version_of(pg);

    finding_add(exam->out, CHECKS[SIGN_IN], FINDING_OK, "%s is let in to %s, PostgreSQL %.*s, %s",
                PQuser(pg), PQdb(pg), (int)strcspn(version, " "), version,
                PQsslInUse(pg) != 0 ? "encrypted" : "not encrypted");
}

static void check_durability(const struct exam *exam)
{
    struct db_result *result = NULL;
    struct sql_octo_doctor_durability_row row;
    struct err err = {.code = ERR_NONE};

    if (!ask(exam, &sql_db_postgres__octo_doctor_durability, &result, &err) ||
        pg_next(result, &row, &err) != DB_ROW) {
        add_err(exam, SERVER, &err);
    } else if (row.off[0] != '\0') {
        finding_add(exam->out, CHECKS[SERVER], FINDING_WARN,
                    "what was acknowledged may be lost when it crashes: off are %s", row.off);
        finding_remedy(exam->out, "switch them on, in postgresql.conf or where the role or the "
                                  "database has them");
    } else {
        finding_add(exam->out, CHECKS[SERVER], FINDING_OK,
                    "a primary, encoded in UTF8, that keeps what it has acknowledged");
    }
    pg_finish(result);
}

static void report_pooler(const struct exam *exam)
{
    if (exam->conn->is_pooled) {
        finding_add(exam->out, CHECKS[POOLER], FINDING_OK,
                    "one stands between and keeps a session for each of ours; its pool for %s in "
                    "%s (pool_size) must hold %" PRId64,
                    PQuser(exam->conn->pg), PQdb(exam->conn->pg), exam->demand->role_sessions);
    } else {
        finding_add(exam->out, CHECKS[POOLER], FINDING_OK, "none stands between%s",
                    exam->conn->is_relayed ? ", but a proxy or a translation of addresses" : "");
    }
}

/* Signs in and sees whether services could work there; false when the rest cannot be asked. */
static bool check_server(struct exam *exam, const struct db_options *options)
{
    struct err err = {.code = ERR_NONE};

    if (!pg_sign_in(options, &exam->conn, &err)) {
        add_err(exam, SIGN_IN, &err);
        findings_skip(exam->out, &CHECKS[SERVER], CHECK_COUNT - SERVER, "we are not let in");
        return false;
    }
    report_sign_in(exam);
    if (!pg_ask_server(exam->conn, clock_after_ms(ASK_MS), &err)) {
        add_err(exam, SERVER, &err);
        findings_skip(exam->out, &CHECKS[POOLER], CHECK_COUNT - POOLER,
                      "services cannot work with this server");
        return false;
    }
    if (!pg_check_pooler(options, exam->conn, &err) ||
        !pg_make_ready(exam->conn, options, clock_after_ms(ASK_MS), &err)) {
        findings_skip(exam->out, &CHECKS[SERVER], 1, "services cannot reach it this way");
        add_err(exam, POOLER, &err);
        findings_skip(exam->out, &CHECKS[RIGHTS], CHECK_COUNT - RIGHTS,
                      "services cannot reach it this way");
        return false;
    }
    check_durability(exam);
    report_pooler(exam);
    return true;
}

/* --- rights --- */

/* Of one of the two kinds of rows: what was found and what mends it, as lists. */
struct rights {
    struct buf found;
    struct buf remedy;
    bool is_superuser;
};

static bool read_rights(const struct exam *exam, const struct db_statement *statement,
                        struct rights *rights, struct err *err)
{
    struct db_result *result = NULL;
    struct sql_octo_doctor_right_row row;
    enum db_step step;

    if (!ask(exam, statement, &result, err)) {
        return false;
    }
    while ((step = pg_next(result, &row, err)) == DB_ROW) {
        buf_printf(&rights->found, "%s%s", rights->found.length > 0 ? ", " : "", row.what);
        buf_printf(&rights->remedy, "%s%s", rights->remedy.length > 0 ? "; " : "", row.remedy);
        rights->is_superuser |= strcmp(row.what, "SUPERUSER") == 0;
    }
    pg_finish(result);
    return step == DB_NO_ROW;
}

static void report_rights(const struct exam *exam, const struct rights *excess,
                          const struct rights *lack)
{
    const char *role = PQuser(exam->conn->pg);

    if (lack->found.length > 0) {
        finding_add(exam->out, CHECKS[RIGHTS], FINDING_FAIL, "%s %s", role, lack->found.data);
        finding_remedy(exam->out, "%s", lack->remedy.data);
    }
    if (excess->is_superuser) {
        finding_add(exam->out, CHECKS[RIGHTS], FINDING_FAIL,
                    "%s is a superuser, as which no service runs", role);
        finding_remedy(exam->out, "octo migrate --admin URL makes a role for each service; or %s",
                       excess->remedy.data);
    } else if (excess->found.length > 0) {
        finding_add(exam->out, CHECKS[RIGHTS], FINDING_WARN, "%s has rights it does not need: %s",
                    role, excess->found.data);
        finding_remedy(exam->out, "%s", excess->remedy.data);
    } else if (lack->found.length == 0) {
        finding_add(exam->out, CHECKS[RIGHTS], FINDING_OK,
                    "%s may do what it must in its schema, and nothing elsewhere", role);
    }
}

static void check_rights(const struct exam *exam)
{
    struct rights excess = {.is_superuser = false};
    struct rights lack = {.is_superuser = false};
    struct err err = {.code = ERR_NONE};

    buf_init(&excess.found, RIGHTS_TEXT_MAX);
    buf_init(&excess.remedy, RIGHTS_TEXT_MAX);
    buf_init(&lack.found, RIGHTS_TEXT_MAX);
    buf_init(&lack.remedy, RIGHTS_TEXT_MAX);
    if (read_rights(exam, &sql_db_postgres__octo_doctor_excess, &excess, &err) &&
        read_rights(exam, &sql_db_postgres__octo_doctor_lack, &lack, &err)) {
        report_rights(exam, &excess, &lack);
    } else {
        add_err(exam, RIGHTS, &err);
    }
    buf_fini(&excess.found);
    buf_fini(&excess.remedy);
    buf_fini(&lack.found);
    buf_fini(&lack.remedy);
}

/* --- sessions --- */

static bool ask_for_room(const struct exam *exam, struct sql_octo_doctor_room_row *ret,
                         struct err *err)
{
    const struct db_value other = {.type = DB_TEXT,
                                   .is_null = exam->demand->other_role == NULL,
                                   .text = exam->demand->other_role};
    struct db_result *result = NULL;
    bool is_read;

    if (!pg_query(exam->conn, &sql_db_postgres__octo_doctor_room, &other, 1, clock_after_ms(ASK_MS),
                  &result, err)) {
        return false;
    }
    is_read = pg_next(result, ret, err) == DB_ROW;
    pg_finish(result);
    return is_read;
}

static bool is_over(int64_t limit, int64_t wanted)
{
    return limit >= 0 && wanted > limit; /* -1: no limit */
}

static void check_sessions(const struct exam *exam)
{
    const struct db_demand *demand = exam->demand;
    struct sql_octo_doctor_room_row room;
    struct err err = {.code = ERR_NONE};
    int64_t left;

    if (!ask_for_room(exam, &room, &err)) {
        add_err(exam, SESSIONS, &err);
        return;
    }
    left = room.most - room.reserved - room.taken;
    if (is_over(room.role_limit, demand->role_sessions)) {
        finding_add(exam->out, CHECKS[SESSIONS], FINDING_FAIL,
                    "%" PRId64 " may be wanted and the role %s may have %" PRId64,
                    demand->role_sessions, PQuser(exam->conn->pg), room.role_limit);
        finding_remedy(exam->out, "ALTER ROLE %s CONNECTION LIMIT %" PRId64 ", or smaller pools",
                       PQuser(exam->conn->pg), demand->role_sessions);
    } else if (is_over(room.database_limit, demand->database_sessions)) {
        finding_add(exam->out, CHECKS[SESSIONS], FINDING_FAIL,
                    "%" PRId64 " may be wanted and the database %s may have %" PRId64,
                    demand->database_sessions, PQdb(exam->conn->pg), room.database_limit);
        finding_remedy(exam->out,
                       "ALTER DATABASE %s CONNECTION LIMIT %" PRId64 ", or smaller pools",
                       PQdb(exam->conn->pg), demand->database_sessions);
    } else if (demand->server_sessions > left) {
        finding_add(exam->out, CHECKS[SESSIONS], FINDING_FAIL,
                    "%" PRId64 " may be wanted and %" PRId64 " are there: max_connections %" PRId64
                    " less %" PRId64 " reserved and %" PRId64 " in use by others",
                    demand->server_sessions, left, room.most, room.reserved, room.taken);
        finding_remedy(exam->out,
                       "make max_connections larger by %" PRId64
                       ", or the pools smaller (DB_POOL_SIZE, DB_MAX_OVERFLOW and so "
                       "on), or run fewer replicas",
                       demand->server_sessions - left);
    } else {
        finding_add(exam->out, CHECKS[SESSIONS], FINDING_OK,
                    "%" PRId64 " may be wanted, %" PRId64 " are there: max_connections %" PRId64
                    " less %" PRId64 " reserved and %" PRId64 " in use by others",
                    demand->server_sessions, left, room.most, room.reserved, room.taken);
    }
}

/* --- clock and round trip --- */

struct trips {
    int64_t us[TRIPS];
    int64_t skew_us;       /* of the shortest: server's clock less ours */
    int64_t skew_error_us; /* half of that trip */
};

static int compare_us(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

/* The first one also prepares the statement and is not counted. */
static bool make_trips(const struct exam *exam, struct trips *trips, struct err *err)
{
    struct sql_octo_doctor_now_row row;

    trips->skew_error_us = INT64_MAX;
    for (int i = -1; i < TRIPS; i++) {
        int64_t sent_us = clock_utc_us();
        uint64_t start_ns = clock_mono_ns();
        int64_t took_us;

        if (!ask_numbers(exam, &sql_db_postgres__octo_doctor_now, &row, err)) {
            return false;
        }
        took_us = (int64_t)((clock_mono_ns() - start_ns) / 1000);
        if (i < 0) {
            continue;
        }
        trips->us[i] = took_us;
        if (took_us / 2 < trips->skew_error_us) {
            trips->skew_error_us = took_us / 2;
            trips->skew_us = row.now_us - (sent_us + took_us / 2);
        }
    }
    qsort(trips->us, TRIPS, sizeof(trips->us[0]), compare_us);
    return true;
}

static void report_clock(const struct exam *exam, const struct trips *trips)
{
    int64_t apart_us = trips->skew_us < 0 ? -trips->skew_us : trips->skew_us;
    int64_t least_us = apart_us - trips->skew_error_us;
    enum finding_state state = least_us >= SKEW_FAIL_US   ? FINDING_FAIL
                               : least_us >= SKEW_WARN_US ? FINDING_WARN
                                                          : FINDING_OK;

    finding_add(exam->out, CHECKS[CLOCK], state,
                "the server's is %.1f ms %s ours, give or take %.1f ms", (double)apart_us / 1e3,
                trips->skew_us < 0 ? "behind" : "ahead of", (double)trips->skew_error_us / 1e3);
    if (state != FINDING_OK) {
        finding_remedy(exam->out, "set both machines by NTP (timedatectl says whether they are)");
    }
}

static void report_round_trip(const struct exam *exam, const struct trips *trips)
{
    bool is_slow = trips->us[MEDIAN] > TRIP_SLOW_US;

    finding_add(exam->out, CHECKS[ROUND_TRIP], is_slow ? FINDING_WARN : FINDING_OK,
                "%.2f ms, the median of %d; the longest took %.2f ms",
                (double)trips->us[MEDIAN] / 1e3, TRIPS, (double)trips->us[TRIPS - 1] / 1e3);
    if (is_slow) {
        finding_remedy(exam->out, "run the services near the server: a request makes several");
    }
}

static void check_trips(const struct exam *exam)
{
    struct trips trips = {.skew_us = 0};
    struct err err = {.code = ERR_NONE};

    if (!make_trips(exam, &trips, &err)) {
        add_err(exam, CLOCK, &err);
        findings_skip(exam->out, &CHECKS[ROUND_TRIP], 1, "the server did not answer");
        return;
    }
    report_clock(exam, &trips);
    report_round_trip(exam, &trips);
}

bool pg_diagnose(const struct db_options *options, const struct db_demand *demand,
                 const char *obstacle, struct findings *out)
{
    struct exam exam = {.demand = demand, .out = out};
    bool is_in;

    if (obstacle != NULL) {
        findings_skip(out, CHECKS, CHECK_COUNT, obstacle);
        return false;
    }
    is_in = check_server(&exam, options);
    if (is_in) {
        check_rights(&exam);
        check_sessions(&exam);
        check_trips(&exam);
    }
    pg_close(exam.conn);
    return is_in;
}
