/*
 * The script as our driver runs it (see tests/oracle/drivers): each step and its result as a line
 * of JSON. It sees nothing of the driver but its public header.
 */
#include <inttypes.h>
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *address;
static const char *user;
static const char *password;
static const char *wallet_dir; /* NULL: none */
static const char *wallet_password;
static int limit_ms; /* of each call; 0: the driver's own */

static void stop(const char *what, const struct octo_ora_error *error)
{
    (void)fprintf(stderr, "%s: kind %d, ORA-%05d: %s\n", what, (int)error->kind, error->number,
                  error->text);
    exit(EXIT_FAILURE);
}

static bool connect_as(const char *word, const char *service, struct octo_ora **ret,
                       struct octo_ora_error *error)
{
    char dsn[256];
    const struct octo_ora_options options = {.dsn = dsn,
                                             .user = user,
                                             .password = word,
                                             .wallet_dir = wallet_dir,
                                             .wallet_password = wallet_password,
                                             .connect_ms = limit_ms,
                                             .call_ms = limit_ms};

    (void)snprintf(dsn, sizeof(dsn), "%s/%s", address, service);
    return octo_ora_connect(&options, ret, error);
}

static void say_error(const char *name, bool ok, const struct octo_ora_error *error)
{
    static const char *const kinds[] = {"NONE",    "USAGE", "CONNECT", "SERVER",
                                        "TIMEOUT", "LOST",  "UNKNOWN", "MEMORY"};

    if (ok) {
        (void)printf("[\"%s\", \"taken\"]\n", name);
    } else if (error->kind == OCTO_ORA_SERVER || error->kind == OCTO_ORA_CONNECT) {
        (void)printf("[\"%s\", \"ORA-%05d\"]\n", name, error->number);
    } else {
        (void)printf("[\"%s\", \"%s\"]\n", name, kinds[error->kind]);
    }
}

static struct octo_ora_statement *prepare(struct octo_ora *session, const char *sql)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;

    if (!octo_ora_prepare(session, sql, &statement, &error)) {
        stop(sql, &error);
    }
    return statement;
}

static bool execute(struct octo_ora *session, const char *sql, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement = prepare(session, sql);
    const bool ok = octo_ora_execute(statement, error);

    octo_ora_free(statement);
    return ok;
}

static void must_execute(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;

    if (!octo_ora_execute(statement, &error)) {
        stop("execute", &error);
    }
}

static bool must_fetch(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;
    bool has_row;

    if (!octo_ora_fetch(statement, &has_row, &error)) {
        stop("fetch", &error);
    }
    return has_row;
}

static void print_hex(const struct octo_ora_text *text)
{
    (void)printf("\"");
    for (size_t i = 0; i < text->length; i++) {
        (void)printf("%02X", (unsigned char)text->at[i]);
    }
    (void)printf("\"");
}

static void print_interval(const struct octo_ora_statement *statement, unsigned place)
{
    struct octo_ora_seconds interval;
    struct octo_ora_error error;

    if (!octo_ora_get_seconds(statement, place, &interval, &error)) {
        stop("interval", &error);
    }
    (void)printf("\"%d %d.%03d\"", interval.days,
                 (interval.hours * 60 + interval.minutes) * 60 + interval.seconds,
                 interval.nanoseconds / 1000000);
}

static void print_value(const struct octo_ora_statement *statement, unsigned place)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    if (octo_ora_is_null(statement, place)) {
        (void)printf("null");
        return;
    }
    if (!octo_ora_get_text(statement, place, &text, &error)) {
        stop("value", &error);
    }
    switch (octo_ora_column(statement, place).type) {
    case OCTO_ORA_NUMBER:
    case OCTO_ORA_FLOATING:
        (void)printf("%.*s", (int)text.length, text.at);
        break;
    case OCTO_ORA_RAW:
        print_hex(&text);
        break;
    case OCTO_ORA_SECONDS:
        print_interval(statement, place);
        break;
    case OCTO_ORA_TIME: /* the other drivers know no zones: without "+00:00" */
        (void)printf("\"%.*s\"", (int)strcspn(text.at, "+") - (text.length > 23 ? 1 : 0), text.at);
        break;
    default:
        (void)printf("\"%.*s\"", (int)text.length, text.at);
        break;
    }
}

static void say_rows(const char *name, struct octo_ora_statement *statement)
{
    bool is_first = true;

    must_execute(statement);
    (void)printf("[\"%s\", [", name);
    for (; must_fetch(statement); is_first = false) {
        (void)printf(is_first ? "[" : ", [");
        for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
            (void)printf(i == 1 ? "" : ", ");
            print_value(statement, i);
        }
        (void)printf("]");
    }
    (void)printf("]]\n");
}

static void say_one(const char *name, struct octo_ora *session)
{
    struct octo_ora_statement *statement = prepare(session, "SELECT 1 FROM DUAL");

    say_rows(name, statement);
    octo_ora_free(statement);
}

static void echo(struct octo_ora *session)
{
    static const struct octo_ora_time moment = {2024, 2, 29, 13, 14, 15, 0, 0, false};
    struct octo_ora_statement *statement =
        prepare(session, "SELECT :1 AS A, :2 AS B, :3 AS C, NULL AS D, 'x' AS E FROM DUAL");
    char longer[300];

    memset(longer, 'a', sizeof(longer));
    octo_ora_bind_number(statement, 1, "12.5");
    octo_ora_bind_text(statement, 2, "Grüße", strlen("Grüße"));
    octo_ora_bind_date(statement, 3, &moment);
    say_rows("binds", statement);
    octo_ora_bind_int(statement, 1, -1);
    octo_ora_bind_text(statement, 2, longer, sizeof(longer));
    say_rows("other binds", statement);
    (void)printf("[\"names\", [");
    for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
        (void)printf("%s\"%s\"", i == 1 ? "" : ", ", octo_ora_column(statement, i).name);
    }
    (void)printf("]]\n");
    octo_ora_free(statement);
}

static void echo_types(struct octo_ora *session)
{
    static const struct octo_ora_time moment = {2024, 2, 29, 13, 14, 15, 123000000, 0, false};
    static const struct octo_ora_seconds interval = {3, 4, 5, 6, 700000000};
    struct octo_ora_time zoned = moment;
    struct octo_ora_statement *statement =
        prepare(session, "SELECT :1 AS A, :2 AS B, :3 AS C, :4 AS D, :5 AS E, :6 AS F, :7 AS G, "
                         ":8 AS H FROM DUAL");

    zoned.has_offset = true;
    octo_ora_bind_raw(statement, 1, "\x00\xFF\x10", 3);
    octo_ora_bind_ntext(statement, 2, "Grüße 😀", strlen("Grüße 😀"));
    octo_ora_bind_timestamp(statement, 3, &moment);
    octo_ora_bind_timestamp(statement, 4, &zoned);
    octo_ora_bind_local(statement, 5, &zoned);
    octo_ora_bind_seconds(statement, 6, &interval);
    octo_ora_bind_double(statement, 7, -2.25);
    octo_ora_bind_float(statement, 8, 0.5f);
    say_rows("types", statement);
    octo_ora_free(statement);
}

static void count_rows(struct octo_ora *session)
{
    static const struct {
        const char *name;
        int count;
    } cases[] = {{"many rows", 250}, {"some rows", 3}, {"no rows", 0}};
    struct octo_ora_statement *statement =
        prepare(session, "SELECT LEVEL AS N, 'abc' AS T FROM DUAL CONNECT BY LEVEL <= :n");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct octo_ora_error error;
        int64_t count = 0;
        int64_t sum = 0;
        int64_t value;

        octo_ora_bind_int(statement, 1, cases[i].count);
        must_execute(statement);
        for (; must_fetch(statement); count++) {
            if (!octo_ora_get_int(statement, 1, &value, &error)) {
                stop("value", &error);
            }
            sum += value;
        }
        (void)printf("[\"%s\", [%" PRId64 ", %" PRId64 "]]\n", cases[i].name, count, sum);
    }
    octo_ora_free(statement);
}

static void set_tag(struct octo_ora *session, enum octo_ora_tag tag, const char *text)
{
    struct octo_ora_error error;

    if (!octo_ora_set_tag(session, tag, text, &error)) {
        stop("tag", &error);
    }
}

static void tag(struct octo_ora *session)
{
    struct octo_ora_statement *statement =
        prepare(session, "SELECT SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER') AS A, "
                         "SYS_CONTEXT('USERENV', 'MODULE') AS B, "
                         "SYS_CONTEXT('USERENV', 'ACTION') AS C, SYS_CONTEXT('USERENV', "
                         "'CLIENT_INFO') AS D FROM DUAL");

    set_tag(session, OCTO_ORA_CLIENT_IDENTIFIER, "who");
    set_tag(session, OCTO_ORA_MODULE, "shop");
    set_tag(session, OCTO_ORA_ACTION, "buy");
    set_tag(session, OCTO_ORA_CLIENT_INFO, "Grüße");
    say_rows("tags", statement);
    set_tag(session, OCTO_ORA_ACTION, "pay");
    say_rows("another action", statement);
    set_tag(session, OCTO_ORA_CLIENT_INFO, NULL);
    say_rows("one taken away", statement);
    octo_ora_free(statement);
}

static void change(struct octo_ora *session)
{
    struct octo_ora_statement *statement = prepare(session, "INSERT INTO T VALUES (:1)");
    struct octo_ora_error error;

    octo_ora_bind_int(statement, 1, 5);
    must_execute(statement);
    (void)printf("[\"insert\", %" PRIu64 "]\n", octo_ora_row_count(statement));
    for (int i = 0; i < 3; i++) {
        octo_ora_bind_int(statement, 1, 5 + i);
        if (!octo_ora_add(statement, &error)) {
            stop("array", &error);
        }
    }
    if (!octo_ora_execute_added(statement, 0, &error)) {
        stop("array", &error);
    }
    (void)printf("[\"array\", %" PRIu64 "]\n", octo_ora_row_count(statement));
    octo_ora_free(statement);
    if (!octo_ora_in_transaction(session) || !octo_ora_commit(session, &error) ||
        octo_ora_in_transaction(session) || !octo_ora_rollback(session, &error) ||
        !octo_ora_ping(session, &error)) {
        stop("commit, rollback or ping", &error);
    }
}

static void be_refused(struct octo_ora *session)
{
    static const char *const statements[] = {"SELECT nothing FROM DUAL", "SELECT 1 FROM NOWHERE",
                                             "NONSENSE"};
    struct octo_ora_error error;
    bool ok;

    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        ok = execute(session, statements[i], &error);
        say_error(statements[i], ok, &error);
    }
    octo_ora_set_call_ms(session, 200);
    ok = execute(session, "BEGIN SLEEP(60000); END;", &error);
    say_error("break", ok, &error);
    octo_ora_set_call_ms(session, limit_ms);
    say_one("after the break", session);
    ok = execute(session, "BEGIN CUT; END;", &error);
    say_error("cut", ok, &error);
}

int main(int argc, char **argv)
{
    struct octo_ora *session = NULL;
    struct octo_ora_error error;
    bool ok;

    if (argc < 4 || argc > 7) {
        return 2;
    }
    limit_ms = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    wallet_dir = argc > 5 ? argv[5] : NULL;
    wallet_password = argc > 6 ? argv[6] : NULL;
    address = argv[1];
    user = argv[2];
    password = argv[3];
    if (!connect_as(password, "svc", &session, &error)) {
        stop("connect", &error);
    }
    (void)printf("[\"version\", \"%.2s\"]\n", octo_ora_server_version(session));
    say_one("one", session);
    say_one("one again", session);
    echo(session);
    echo_types(session);
    count_rows(session);
    tag(session);
    change(session);
    be_refused(session);
    octo_ora_close(session);
    ok = connect_as("wrong", "svc", &session, &error);
    say_error("password", ok, &error);
    ok = connect_as(password, "other", &session, &error);
    say_error("service", ok, &error);
    if (!connect_as(password, "svc", &session, &error)) {
        stop("connect", &error);
    }
    octo_ora_close(session);
    (void)printf("[\"close\", \"done\"]\n");
    return EXIT_SUCCESS;
}
