#include "tests/support/tnsd/errors.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What of PostgreSQL's error goes into the text of Oracle's. */
enum detail { NOTHING, CONSTRAINT, COLUMN, MESSAGE };

struct row {
    char state[6];
    uint32_t number;
    enum detail detail;
    const char *text; /* with one %s for the detail */
};

/* Numbers and texts are those of Oracle's error messages manual; states of PostgreSQL's appendix A.
 */
static const struct row rows[] = {
    {"21000", 1427, NOTHING, "single-row subquery returns more than one row"},
    {"2200H", 8004, NOTHING, "sequence NEXTVAL exceeds MAXVALUE and cannot be instantiated"},
    {"22001", 12899, MESSAGE, "value too large for column: %s"},
    {"22003", 1438, NOTHING, "value larger than specified precision allowed for this column"},
    {"22007", 1861, NOTHING, "literal does not match format string"},
    {"22008", 1839, NOTHING, "date not valid for month specified"},
    {"22012", 1476, NOTHING, "divisor is equal to zero"},
    {"22021", 29275, NOTHING, "partial multibyte character"},
    {"22P02", 1722, NOTHING, "invalid number"},
    {"23502", 1400, COLUMN, "cannot insert NULL into (%s)"},
    {"23503", 2291, CONSTRAINT, "integrity constraint (%s) violated - parent key not found"},
    {"23505", 1, CONSTRAINT, "unique constraint (%s) violated"},
    {"23514", 2290, CONSTRAINT, "check constraint (%s) violated"},
    {"25006", 1456, NOTHING,
     "may not perform insert, delete, update operation inside a READ ONLY transaction"},
    {"2BP01", 2449, NOTHING, "unique/primary keys in table referenced by foreign keys"},
    {"3B001", 1086, NOTHING, "savepoint never established in this session or is invalid"},
    {"40001", 8177, NOTHING, "can't serialize access for this transaction"},
    {"40P01", 60, NOTHING, "deadlock detected while waiting for resource"},
    {"42501", 942, NOTHING, "table or view does not exist"},
    {"42601", 900, MESSAGE, "invalid SQL statement: %s"},
    {"42701", 957, NOTHING, "duplicate column name"},
    {"42702", 918, NOTHING, "column ambiguously defined"},
    {"42703", 904, MESSAGE, "%s: invalid identifier"},
    {"42704", 902, MESSAGE, "invalid datatype: %s"},
    {"42710", 955, NOTHING, "name is already used by an existing object"},
    {"42803", 979, NOTHING, "not a GROUP BY expression"},
    {"42804", 932, MESSAGE, "inconsistent datatypes: %s"},
    {"42883", 932, MESSAGE, "inconsistent datatypes: %s"},
    {"42P01", 942, NOTHING, "table or view does not exist"},
    {"42P07", 955, NOTHING, "name is already used by an existing object"},
    {"42P18", 932, MESSAGE, "inconsistent datatypes: %s"},
    {"55000", 8002, NOTHING, "sequence CURRVAL is not yet defined in this session"},
    {"55P03", 54, NOTHING, "resource busy and acquire with NOWAIT specified or timeout expired"},
    {"57014", 1013, NOTHING, "user requested cancel of current operation"},
    {"P0002", 1403, NOTHING, "no data found"},
    {"P0003", 1422, NOTHING, "exact fetch returns more than requested number of rows"},
};

static const struct row other = {"", 3001, MESSAGE, "unimplemented feature: %s"};
/* States that stand for several of Oracle's errors, told apart by how the message begins or ends.
 */
static const struct {
    const char *begins;
    const char *ends;
    struct row row;
} variants[] = {
    {"update or delete",
     "",
     {"23503", 2292, CONSTRAINT, "integrity constraint (%s) violated - child record found"}},
    {"index", "does not exist", {"42704", 1418, NOTHING, "specified index does not exist"}},
    {"column",
     "already exists",
     {"42701", 1430, NOTHING, "column being added already exists in table"}},
    {"permission denied for function", "", {"42501", 1031, NOTHING, "insufficient privileges"}},
    {"permission denied for schema", "", {"42501", 1031, NOTHING, "insufficient privileges"}},
    {"must be owner of", "", {"42501", 1031, NOTHING, "insufficient privileges"}},
    {"sequence", "does not exist", {"42P01", 2289, NOTHING, "sequence does not exist"}},
};

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);

    return text == NULL ? "" : text;
}

static bool says(const PGresult *result, const char *begins, const char *ends)
{
    const char *text = field(result, PG_DIAG_MESSAGE_PRIMARY);
    const size_t length = strlen(text);

    return strncmp(text, begins, strlen(begins)) == 0 && length >= strlen(ends) &&
           strcmp(text + length - strlen(ends), ends) == 0;
}

static const struct row *find(const PGresult *result, const char *state)
{
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        if (strcmp(variants[i].row.state, state) == 0 &&
            says(result, variants[i].begins, variants[i].ends)) {
            return &variants[i].row;
        }
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].state, state) == 0) {
            return &rows[i];
        }
    }
    return &other;
}

void error_make(struct ora_error *ret, uint32_t number, const char *text)
{
    ret->number = number;
    (void)snprintf(ret->text, sizeof(ret->text), "ORA-%05u: %.480s\n", number, text);
}

/* Of names that one stands for both sides: capitals. */
static void write_detail(const PGresult *result, enum detail detail, char *to, size_t size)
{
    const char *schema = field(result, PG_DIAG_SCHEMA_NAME);
    const char *table = field(result, PG_DIAG_TABLE_NAME);

    if (detail == MESSAGE) {
        (void)snprintf(to, size, "%s", field(result, PG_DIAG_MESSAGE_PRIMARY));
        return;
    }
    if (detail == COLUMN) {
        (void)snprintf(to, size, "\"%s\".\"%s\".\"%s\"", schema, table,
                       field(result, PG_DIAG_COLUMN_NAME));
    } else {
        (void)snprintf(to, size, "%s.%s", schema, field(result, PG_DIAG_CONSTRAINT_NAME));
    }
    for (; *to != '\0'; to++) {
        *to = (char)toupper((unsigned char)*to);
    }
}

void error_of_result(const PGresult *result, struct ora_error *ret)
{
    const char *state = field(result, PG_DIAG_SQLSTATE);
    const struct row *row = find(result, state);
    const char *place = strstr(row->text, "%s");
    char detail[256] = "";
    char text[ERROR_TEXT_MAX];

    if (state[0] == 'O') { /* a program's own, see raise_application_error in oracle.sql */
        error_make(ret, 20000 + (uint32_t)strtoul(state + 1, NULL, 10),
                   field(result, PG_DIAG_MESSAGE_PRIMARY));
        return;
    }
    if (state[0] == 'T') { /* one of Oracle's, see users.sql */
        error_make(ret, (uint32_t)strtoul(state + 1, NULL, 10),
                   field(result, PG_DIAG_MESSAGE_PRIMARY));
        return;
    }
    write_detail(result, row->detail, detail, sizeof(detail));
    if (place == NULL) {
        (void)snprintf(text, sizeof(text), "%s", row->text);
    } else {
        (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - row->text), row->text, detail,
                       place + strlen("%s"));
    }
    error_make(ret, row->number, text);
}
