/* What changes rows: arrays, their failures, what RETURNING gives. It needs a table of its own. */
#include <string.h>

#include "sql_db_oracle.h"

#include "db/oracle/selftest_priv.h"

enum { NAME_IS_USED = 955, DUPLICATE = 1, ROWS = 3, PLAN_MAX = 1 << 20 };

static const char ARRAY[] = "array";
static const char FAILURES[] = "failures of an array";
static const char RETURNING[] = "RETURNING INTO";
static const char ROW_ID[] = "ROWID";
static const char PLAN[] = "plan";
static const char BODY[] = "in a CLOB";

static bool say(struct selftest *s, const struct db_statement *statement,
                struct octo_ora_error *error)
{
    struct octo_ora_statement *at = NULL;
    const bool ok = octo_ora_prepare(s->session, statement->variants[DB_ORACLE].text, &at, error) &&
                    octo_ora_execute(at, error);

    octo_ora_free(at);
    return ok;
}

/* One that an earlier run has left goes first. */
static bool make_table(struct selftest *s, struct octo_ora_error *error)
{
    if (say(s, &sql_db_oracle__selftest_make, error)) {
        return true;
    }
    return error->number == NAME_IS_USED && say(s, &sql_db_oracle__selftest_drop, error) &&
           say(s, &sql_db_oracle__selftest_make, error);
}

/* Ids from `first` on. */
static bool put(struct octo_ora_statement *at, int64_t first, unsigned how,
                struct octo_ora_error *error)
{
    for (int64_t i = 0; i < ROWS; i++) {
        octo_ora_bind_int(at, 1, first + i);
        octo_ora_bind_text(at, 2, "a note", strlen("a note"));
        if (!octo_ora_add(at, error)) {
            return false;
        }
    }
    return octo_ora_execute_added(at, how, error);
}

static void try_array(struct selftest *s)
{
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, ARRAY, &sql_db_oracle__selftest_put);
    struct octo_ora_error error;

    if (at == NULL) {
        return;
    }
    if (!put(at, 1, OCTO_ORA_COUNT_EACH, &error)) {
        selftest_tell(s, ARRAY, FINDING_FAIL, "%s", error.text);
    } else {
        const bool ok = octo_ora_row_count(at) == ROWS && octo_ora_rows_of(at, ROWS) == 1;

        selftest_tell(s, ARRAY, ok ? FINDING_OK : FINDING_FAIL,
                      "%llu rows of %d, and 1 of the last execution: %s",
                      (unsigned long long)octo_ora_row_count(at), (int)ROWS, ok ? "yes" : "no");
    }
    octo_ora_free(at);
}

/* The first execution collides with the last row that is there, the others go on. */
static void try_failures(struct selftest *s)
{
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, FAILURES, &sql_db_oracle__selftest_put);
    struct octo_ora_error error;

    if (at == NULL) {
        return;
    }
    if (!put(at, ROWS, OCTO_ORA_GO_ON, &error)) {
        selftest_tell(s, FAILURES, FINDING_FAIL, "%s", error.text);
    } else {
        const size_t execution = octo_ora_failed(at, 1, &error);
        const bool ok = octo_ora_failed_count(at) == 1 && execution == 1 &&
                        error.number == DUPLICATE && octo_ora_row_count(at) == ROWS - 1;

        selftest_tell(s, FAILURES, ok ? FINDING_OK : FINDING_FAIL,
                      "%zu failed, the first is execution %zu with ORA-%05d, %llu rows are stored",
                      octo_ora_failed_count(at), execution, error.number,
                      (unsigned long long)octo_ora_row_count(at));
    }
    octo_ora_free(at);
}

static bool is_body(struct octo_ora_statement *at, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = NULL;
    const void *bytes = NULL;
    size_t length = 0;
    const bool ok = octo_ora_get_lob(at, 4, &lob, error) &&
                    octo_ora_lob_read(lob, &bytes, &length, error) && length == strlen(BODY) &&
                    memcmp(bytes, BODY, length) == 0;

    octo_ora_lob_free(lob);
    return ok;
}

static void try_returning(struct selftest *s)
{
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, RETURNING, &sql_db_oracle__selftest_change);
    struct octo_ora_error error = {.text = "not what was stored"};
    bool has_row = true;
    size_t rows = 0;
    bool ok;

    if (at == NULL) {
        return;
    }
    octo_ora_bind_text(at, 1, BODY, strlen(BODY));
    octo_ora_bind_int(at, 2, 0);
    octo_ora_bind_type(at, 3, OCTO_ORA_BIND_NUMBER, 0);
    octo_ora_bind_type(at, 4, OCTO_ORA_BIND_CLOB, 0);
    ok = octo_ora_execute(at, &error);
    while (ok && (ok = octo_ora_fetch(at, &has_row, &error)) && has_row) {
        ok = is_body(at, &error);
        rows++;
    }
    if (ok) {
        selftest_tell(s, RETURNING, rows > 1 ? FINDING_OK : FINDING_FAIL,
                      "%zu rows, a NUMBER and a CLOB of each", rows);
    } else {
        selftest_tell(s, RETURNING, FINDING_FAIL, "%s", error.text);
    }
    octo_ora_free(at);
}

/* Is the second row where the server says that it is? */
static bool is_found(struct selftest *s, const struct octo_ora_text *place,
                     struct octo_ora_error *error)
{
    struct octo_ora_statement *at = NULL;
    bool has_row = false;
    int64_t id = 0;
    bool ok = octo_ora_prepare(s->session, sql_db_oracle__selftest_at.variants[DB_ORACLE].text, &at,
                               error);

    if (ok) {
        octo_ora_bind_text(at, 1, place->at, place->length);
        ok = octo_ora_execute(at, error) && octo_ora_fetch(at, &has_row, error) && has_row &&
             octo_ora_get_int(at, 1, &id, error) && id == ROWS - 1;
    }
    octo_ora_free(at);
    return ok;
}

static void try_row_id(struct selftest *s)
{
    struct octo_ora_statement *at =
        selftest_prepare(s, s->session, ROW_ID, &sql_db_oracle__selftest_place);
    struct octo_ora_error error = {.text = "no row is there"};
    struct octo_ora_text place = {.at = ""};

    if (at == NULL) {
        return;
    }
    octo_ora_bind_int(at, 1, ROWS - 1);
    if (selftest_first_row(s, ROW_ID, at)) {
        const bool ok = octo_ora_get_text(at, 1, &place, &error) && is_found(s, &place, &error);

        selftest_tell(s, ROW_ID, ok ? FINDING_OK : FINDING_FAIL, "%.*s%s%s", (int)place.length,
                      place.at, ok ? " finds its row" : ": ", ok ? "" : error.text);
    }
    octo_ora_free(at);
}

/* Of what has binds on both sides of RETURNING INTO. */
static void try_plan(struct selftest *s)
{
    struct octo_ora_error error;
    struct buf lines;

    buf_init(&lines, PLAN_MAX);
    if (!oracle_plan_of(s->session, &sql_db_oracle__selftest_change, &lines, &error)) {
        selftest_tell(s, PLAN, FINDING_FAIL, "%s", error.text);
    } else {
        const bool ok = strcasestr(lines.data, "octo_selftest") != NULL;

        selftest_tell(s, PLAN, ok ? FINDING_OK : FINDING_FAIL, "of %zu bytes, which names %s table",
                      lines.length, ok ? "the" : "no");
    }
    buf_fini(&lines);
}

void selftest_changes(struct selftest *s)
{
    static const char *const checks[] = {ARRAY, FAILURES, RETURNING, ROW_ID, "rollback", PLAN};
    struct octo_ora_error error;
    bool ok;

    if (!make_table(s, &error)) {
        for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
            selftest_tell(s, checks[i], FINDING_SKIP, "no table can be made: %s", error.text);
        }
        return;
    }
    try_array(s);
    try_failures(s);
    try_returning(s);
    try_row_id(s);
    ok = octo_ora_in_transaction(s->session) && octo_ora_rollback(s->session, &error) &&
         !octo_ora_in_transaction(s->session);
    selftest_tell(s, checks[4], ok ? FINDING_OK : FINDING_FAIL, "the transaction is %s",
                  ok ? "told as open before and as over behind" : "not told as it is");
    try_plan(s);
    if (!say(s, &sql_db_oracle__selftest_drop, &error)) {
        selftest_tell(s, checks[4], FINDING_WARN, "octo_selftest is left: %s", error.text);
    }
}
