/*
 * The script of tests/oracle/drivers/script.json as our driver runs it: each step's name and result
 * as a line of JSON. It sees nothing of the driver but its public header.
 */
#include <inttypes.h>
#include <jansson.h>
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_TEXT = 200, SHOWN = 8 };

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

static const char *wanted; /* of the step that runs, where it is a text */

/* What no server has said, and the step does not want, ends the script. */
static json_t *result_of_error(const struct octo_ora_error *error)
{
    static const char *const kinds[] = {"NONE",    "USAGE", "CONNECT", "SERVER",
                                        "TIMEOUT", "LOST",  "UNKNOWN", "MEMORY"};
    const bool is_servers =
        error->number != 0 && (error->kind == OCTO_ORA_SERVER || error->kind == OCTO_ORA_CONNECT);

    if (!is_servers && strcmp(wanted, kinds[error->kind]) != 0) {
        stop("step", error);
    }
    return is_servers ? json_sprintf("ORA-%05d", error->number) : json_string(kinds[error->kind]);
}

static const char *text_at(const json_t *step, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(step, key));

    return text == NULL ? otherwise : text;
}

/* --- binds --- */

static const struct bind_type {
    const char *name;
    enum octo_ora_bind_type type;
} bind_types[] = {
    {"NUMBER", OCTO_ORA_BIND_NUMBER},
    {"VARCHAR2", OCTO_ORA_BIND_VARCHAR2},
    {"NVARCHAR2", OCTO_ORA_BIND_NVARCHAR2},
    {"DATE", OCTO_ORA_BIND_DATE},
    {"TIMESTAMP", OCTO_ORA_BIND_TIMESTAMP},
    {"TIMESTAMP WITH TIME ZONE", OCTO_ORA_BIND_TIMESTAMP_TZ},
    {"INTERVAL DAY TO SECOND", OCTO_ORA_BIND_INTERVAL_DS},
    {"BINARY_DOUBLE", OCTO_ORA_BIND_BINARY_DOUBLE},
    {"BINARY_FLOAT", OCTO_ORA_BIND_BINARY_FLOAT},
    {"BOOLEAN", OCTO_ORA_BIND_BOOLEAN},
    {"RAW", OCTO_ORA_BIND_RAW},
    {"CLOB", OCTO_ORA_BIND_CLOB},
    {"BLOB", OCTO_ORA_BIND_BLOB},
};

enum { BIND_TYPES = sizeof(bind_types) / sizeof(bind_types[0]), LOBS_MAX = 8 };

static const struct bind_type *bind_type_of(const char *name)
{
    for (size_t i = 0; i < BIND_TYPES; i++) {
        if (name != NULL && strcmp(bind_types[i].name, name) == 0) {
            return &bind_types[i];
        }
    }
    (void)fprintf(stderr, "no type %s\n", name == NULL ? "" : name);
    exit(EXIT_FAILURE);
}

/* 2024-02-29 13:14:15[.123] */
static struct octo_ora_time time_of(const char *text)
{
    int parts[7] = {0};

    if (sscanf(text, "%d-%d-%d %d:%d:%d.%3d", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4],
               &parts[5], &parts[6]) < 6) {
        (void)fprintf(stderr, "%s: no time\n", text);
        exit(EXIT_FAILURE);
    }
    return (struct octo_ora_time){.year = (int16_t)parts[0],
                                  .month = (uint8_t)parts[1],
                                  .day = (uint8_t)parts[2],
                                  .hour = (uint8_t)parts[3],
                                  .minute = (uint8_t)parts[4],
                                  .second = (uint8_t)parts[5],
                                  .nanosecond = (uint32_t)parts[6] * 1000000};
}

/* 3 04:05:06.7 */
static struct octo_ora_seconds interval_of(const char *text)
{
    struct octo_ora_seconds ret = {.days = 0};
    int tenths = 0;

    if (sscanf(text, "%" SCNd32 " %" SCNd32 ":%" SCNd32 ":%" SCNd32 ".%1d", &ret.days, &ret.hours,
               &ret.minutes, &ret.seconds, &tenths) < 4) {
        (void)fprintf(stderr, "%s: no interval\n", text);
        exit(EXIT_FAILURE);
    }
    ret.nanoseconds = tenths * 100000000;
    return ret;
}

/* The bytes of a value, so many times over: of a text its characters, of others those that its
 * digits name. For free(). */
static char *bytes_of(const char *text, bool is_hex, json_int_t times, size_t *ret_length)
{
    const size_t once = is_hex ? strlen(text) / 2 : strlen(text);
    const size_t count = times > 1 ? (size_t)times : 1;
    char *bytes = malloc(once * count + 1);

    if (bytes == NULL) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < once * count; i++) {
        const char digits[3] = {text[is_hex ? i % once * 2 : 0],
                                text[is_hex ? i % once * 2 + 1 : 0], 0};

        bytes[i] = is_hex ? (char)strtoul(digits, NULL, 16) : text[i % once];
    }
    *ret_length = once * count;
    return bytes;
}

/* What the binds of a step need until it has run. */
struct binds {
    struct octo_ora *session;
    struct octo_ora_statement *statement;
    struct octo_ora_lob *lobs[LOBS_MAX];
    size_t lob_count;
    unsigned outs[16]; /* places that something comes out of */
    size_t out_count;
};

static void bind_lob(struct binds *binds, unsigned place, enum octo_ora_bind_type type,
                     const char *bytes, size_t length)
{
    struct octo_ora_lob **lob = &binds->lobs[binds->lob_count++];
    struct octo_ora_error error;

    if (!octo_ora_lob_create(binds->session, type, lob, &error) ||
        !octo_ora_lob_write(*lob, bytes, length, &error)) {
        stop("LOB", &error);
    }
    octo_ora_bind_lob(binds->statement, place, *lob);
}

static void bind_bytes(struct binds *binds, unsigned place, enum octo_ora_bind_type type,
                       const char *text, json_int_t times)
{
    const bool is_hex = type == OCTO_ORA_BIND_RAW || type == OCTO_ORA_BIND_BLOB;
    size_t length;
    char *bytes = bytes_of(text, is_hex, times, &length);

    if (type == OCTO_ORA_BIND_CLOB || type == OCTO_ORA_BIND_BLOB) {
        bind_lob(binds, place, type, bytes, length);
    } else if (type == OCTO_ORA_BIND_RAW) {
        octo_ora_bind_raw(binds->statement, place, bytes, length);
    } else if (type == OCTO_ORA_BIND_NVARCHAR2) {
        octo_ora_bind_ntext(binds->statement, place, bytes, length);
    } else {
        octo_ora_bind_text(binds->statement, place, bytes, length);
    }
    free(bytes);
}

static void bind_value(struct binds *binds, unsigned place, const char *type_name, const char *text,
                       json_int_t times)
{
    const enum octo_ora_bind_type type = bind_type_of(type_name)->type;
    struct octo_ora_time time;
    struct octo_ora_seconds interval;

    if (text == NULL) {
        octo_ora_bind_type(binds->statement, place, type, 0);
        return;
    }
    switch (type) {
    case OCTO_ORA_BIND_NUMBER:
        octo_ora_bind_number(binds->statement, place, text);
        break;
    case OCTO_ORA_BIND_DATE:
        time = time_of(text);
        octo_ora_bind_date(binds->statement, place, &time);
        break;
    case OCTO_ORA_BIND_TIMESTAMP:
    case OCTO_ORA_BIND_TIMESTAMP_TZ:
        time = time_of(text);
        time.has_offset = type == OCTO_ORA_BIND_TIMESTAMP_TZ;
        octo_ora_bind_timestamp(binds->statement, place, &time);
        break;
    case OCTO_ORA_BIND_INTERVAL_DS:
        interval = interval_of(text);
        octo_ora_bind_seconds(binds->statement, place, &interval);
        break;
    case OCTO_ORA_BIND_BINARY_DOUBLE:
        octo_ora_bind_double(binds->statement, place, strtod(text, NULL));
        break;
    case OCTO_ORA_BIND_BOOLEAN:
        octo_ora_bind_bool(binds->statement, place, strcmp(text, "TRUE") == 0);
        break;
    case OCTO_ORA_BIND_BINARY_FLOAT:
        octo_ora_bind_float(binds->statement, place, strtof(text, NULL));
        break;
    default:
        bind_bytes(binds, place, type, text, times);
        break;
    }
}

static void bind_out(struct binds *binds, unsigned place, const char *type)
{
    octo_ora_bind_type(binds->statement, place, bind_type_of(type)->type, 0);
    binds->outs[binds->out_count++] = place;
}

static void bind_one(struct binds *binds, unsigned place, const json_t *bind)
{
    const json_t *out = json_object_get(bind, "OUT");
    const json_t *in_out = json_object_get(bind, "IN OUT");

    if (out != NULL) {
        bind_out(binds, place, json_string_value(out));
        return;
    }
    bind = in_out != NULL ? in_out : bind;
    for (size_t i = 0; i < BIND_TYPES; i++) {
        const json_t *value = json_object_get(bind, bind_types[i].name);

        if (value != NULL && in_out != NULL) {
            bind_out(binds, place, bind_types[i].name);
        }
        if (value != NULL) {
            bind_value(binds, place, bind_types[i].name, json_string_value(value),
                       json_integer_value(json_object_get(bind, "times")));
        }
    }
}

static void bind_all(struct binds *binds, json_t *values)
{
    const char *name;
    json_t *bind;

    for (size_t i = 0; i < json_array_size(values); i++) {
        bind_one(binds, (unsigned)i + 1, json_array_get(values, i));
    }
    json_object_foreach(values, name, bind)
    {
        for (unsigned place = 0; (place = octo_ora_place(binds->statement, name, place)) != 0;) {
            bind_one(binds, place, bind);
        }
    }
}

static void binds_fini(struct binds *binds)
{
    for (size_t i = 0; i < binds->lob_count; i++) {
        octo_ora_lob_free(binds->lobs[i]);
    }
}

/* --- results --- */

/* Where character number `count` begins, from the start or, negative, from the end. */
static size_t place_of(const struct octo_ora_text *text, int count)
{
    size_t at = count < 0 ? text->length : 0;

    while (count != 0) {
        at += count < 0 ? (size_t)-1 : 1;
        if ((text->at[at] & 0xC0) != 0x80) { /* what goes on within a character in UTF-8 */
            count += count < 0 ? 1 : -1;
        }
    }
    return at;
}

static json_t *characters(const struct octo_ora_text *text)
{
    json_int_t count = 0;
    size_t last;

    for (size_t i = 0; i < text->length; i++) {
        count += (text->at[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    if (count <= LONG_TEXT) {
        return json_stringn(text->at, text->length);
    }
    last = place_of(text, -SHOWN);
    return json_pack("[I,s%,s%]", count, text->at, place_of(text, SHOWN), text->at + last,
                     text->length - last);
}

static json_t *hexadecimal(const struct octo_ora_text *text)
{
    const struct octo_ora_text digits = {.at = malloc(2 * text->length + 1),
                                         .length = 2 * text->length};
    char *to = (char *)(uintptr_t)digits.at;
    json_t *result;

    if (to == NULL) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < text->length; i++) {
        (void)snprintf(to + 2 * i, 3, "%02X", (unsigned char)text->at[i]);
    }
    result = characters(&digits);
    free(to);
    return result;
}

/* Of a LOB that is streamed its size, and its first ten characters or bytes. */
static json_t *located(struct octo_ora_statement *statement, unsigned place)
{
    enum { FIRST = 10 };
    const bool is_text = octo_ora_column(statement, place).type == OCTO_ORA_CLOB;
    struct octo_ora_text start = {.length = 0};
    struct octo_ora_error error;
    struct octo_ora_lob *lob;
    const void *at = NULL;
    uint64_t size = 0;
    json_t *result;

    if (!octo_ora_get_lob(statement, place, &lob, &error) ||
        !octo_ora_lob_size(lob, &size, &error) ||
        !octo_ora_lob_read(lob, &at, &start.length, &error)) {
        stop("LOB", &error);
    }
    start.at = at;
    if (size > FIRST) {
        start.length = is_text ? place_of(&start, FIRST) : FIRST;
    }
    result =
        json_pack("[I,o]", (json_int_t)size, is_text ? characters(&start) : hexadecimal(&start));
    octo_ora_lob_free(lob);
    return result;
}

static json_t *value_of(struct octo_ora_statement *statement, unsigned place)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    if (octo_ora_is_null(statement, place)) {
        return json_null();
    }
    switch (octo_ora_column(statement, place).type) {
    case OCTO_ORA_CLOB:
    case OCTO_ORA_BLOB:
        return located(statement, place);
    default:
        break;
    }
    if (!octo_ora_get_text(statement, place, &text, &error)) {
        stop("value", &error);
    }
    switch (octo_ora_column(statement, place).type) {
    case OCTO_ORA_RAW:
        return hexadecimal(&text);
    case OCTO_ORA_TIME: /* the other drivers show no offset */
        text.length = strcspn(text.at, "+") - (strchr(text.at, '+') != NULL ? 1 : 0);
        return json_stringn(text.at, text.length);
    default:
        return characters(&text);
    }
}

/* NULL, and the error is filled, when a row cannot be fetched. */
static json_t *rows_of(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    json_t *rows = json_array();
    bool has_row = false;

    while (octo_ora_fetch(statement, &has_row, error)) {
        json_t *row;

        if (!has_row) {
            return rows;
        }
        row = json_array();
        for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
            (void)json_array_append_new(row, value_of(statement, i));
        }
        (void)json_array_append_new(rows, row);
    }
    json_decref(rows);
    return NULL;
}

static json_t *names_of(const struct octo_ora_statement *statement)
{
    json_t *names = json_array();

    for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
        (void)json_array_append_new(names, json_string(octo_ora_column(statement, i).name));
    }
    return names;
}

/* --- statements, which are kept: the other drivers keep as many --- */

enum { KEPT_MAX = 20 };

static struct {
    char *sql;
    struct octo_ora_statement *statement;
} kept[KEPT_MAX];
static size_t kept_next;

static void forget(size_t place)
{
    octo_ora_free(kept[place].statement);
    free(kept[place].sql);
    kept[place].statement = NULL;
    kept[place].sql = NULL;
}

static void forget_all(void)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        forget(i);
    }
}

/* NULL, and the error is filled, when it cannot be prepared. */
static struct octo_ora_statement *prepared(struct octo_ora *session, const char *sql,
                                           struct octo_ora_error *error)
{
    const size_t place = kept_next;

    for (size_t i = 0; i < KEPT_MAX; i++) {
        if (kept[i].sql != NULL && strcmp(kept[i].sql, sql) == 0) {
            return kept[i].statement;
        }
    }
    forget(place);
    if (!octo_ora_prepare(session, sql, &kept[place].statement, error)) {
        return NULL;
    }
    kept[place].sql = strdup(sql);
    kept_next = (kept_next + 1) % KEPT_MAX;
    return kept[place].statement;
}

/* --- steps --- */

/* What has come out of binds: of a block a value each, of RETURNING one for each row. */
static json_t *outs_of(const struct binds *binds, bool returns, struct octo_ora_error *error)
{
    json_t *outs = json_array();
    bool has_row = false;

    for (size_t i = 0; i < binds->out_count; i++) {
        (void)json_array_append_new(outs, returns ? json_array() : json_null());
    }
    while (octo_ora_fetch(binds->statement, &has_row, error)) {
        if (!has_row) {
            return json_pack("[I,o]",
                             returns ? (json_int_t)octo_ora_row_count(binds->statement) : 0, outs);
        }
        for (size_t i = 0; i < binds->out_count; i++) {
            json_t *value = value_of(binds->statement, binds->outs[i]);

            (void)(returns ? json_array_append_new(json_array_get(outs, i), value)
                           : json_array_set_new(outs, i, value));
        }
    }
    json_decref(outs);
    return result_of_error(error);
}

static json_t *run_sql(struct binds *binds, const json_t *step)
{
    const char *kind = text_at(step, "do", "");
    const char *sql = text_at(step, "sql", "");
    struct octo_ora_error error;
    json_t *rows;
    json_t *count;

    bind_all(binds, json_object_get(step, "binds"));
    octo_ora_stream_lobs(binds->statement, strcmp(kind, "locators") == 0);
    if (!octo_ora_execute(binds->statement, &error)) {
        return result_of_error(&error);
    }
    if (strcmp(kind, "names") == 0) {
        return names_of(binds->statement);
    }
    if (binds->out_count > 0) {
        return outs_of(binds, strstr(sql, "RETURNING") != NULL, &error);
    }
    if (octo_ora_column_count(binds->statement) == 0) {
        return json_integer(
            strncmp(sql, "BEGIN", 5) == 0 ? 0 : (json_int_t)octo_ora_row_count(binds->statement));
    }
    rows = rows_of(binds->statement, &error);
    if (rows == NULL) {
        return result_of_error(&error);
    }
    if (strcmp(kind, "count") != 0) {
        return rows;
    }
    count = json_integer((json_int_t)json_array_size(rows));
    json_decref(rows);
    return count;
}

static json_t *counts_of(const struct octo_ora_statement *statement, size_t count)
{
    json_t *counts = json_array();

    for (size_t i = 1; i <= count; i++) {
        (void)json_array_append_new(counts,
                                    json_integer((json_int_t)octo_ora_rows_of(statement, i)));
    }
    return counts;
}

static json_t *failures_of(const struct octo_ora_statement *statement)
{
    json_t *failures = json_array();
    struct octo_ora_error error;

    for (size_t i = 1; i <= octo_ora_failed_count(statement); i++) {
        const size_t execution = octo_ora_failed(statement, i, &error);

        (void)json_array_append_new(
            failures, json_pack("[I,o]", (json_int_t)execution - 1, result_of_error(&error)));
    }
    return failures;
}

/* An array, in one call. */
static json_t *run_rows(struct binds *binds, const json_t *step)
{
    const json_t *types = json_object_get(step, "types");
    const json_t *rows = json_object_get(step, "rows");
    const char *kind = text_at(step, "do", "");
    const bool goes_on = strcmp(kind, "batch errors") == 0;
    const bool counts = strcmp(kind, "row counts") == 0;
    struct octo_ora_error error;
    json_int_t total;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t j = 0; j < json_array_size(types); j++) {
            bind_value(binds, (unsigned)j + 1, json_string_value(json_array_get(types, j)),
                       json_string_value(json_array_get(json_array_get(rows, i), j)), 1);
        }
        if (!octo_ora_add(binds->statement, &error)) {
            stop("add", &error);
        }
    }
    if (!octo_ora_execute_added(
            binds->statement, (goes_on ? OCTO_ORA_GO_ON : 0U) | (counts ? OCTO_ORA_COUNT_EACH : 0U),
            &error)) {
        return result_of_error(&error);
    }
    total = (json_int_t)octo_ora_row_count(binds->statement);
    return goes_on  ? json_pack("[I,o]", total, failures_of(binds->statement))
           : counts ? counts_of(binds->statement, json_array_size(rows))
                    : json_integer(total);
}

static json_t *run_numbers(struct binds *binds, const json_t *step)
{
    const json_int_t first = json_integer_value(json_object_get(step, "first"));
    const json_int_t count = json_integer_value(json_object_get(step, "count"));
    struct octo_ora_error error;
    char text[40];

    for (json_int_t i = 0; i < count; i++) {
        octo_ora_bind_int(binds->statement, 1, first + i);
        (void)snprintf(text, sizeof(text), "number %" JSON_INTEGER_FORMAT, i);
        octo_ora_bind_text(binds->statement, 2, text, strlen(text));
        if (!octo_ora_add(binds->statement, &error)) {
            stop("add", &error);
        }
    }
    return octo_ora_execute_added(binds->statement, 0, &error)
               ? json_integer((json_int_t)octo_ora_row_count(binds->statement))
               : result_of_error(&error);
}

static json_t *run_statement(struct octo_ora *session, const json_t *step)
{
    struct binds binds = {.session = session};
    struct octo_ora_error error;
    json_t *result;

    binds.statement = prepared(session, text_at(step, "sql", ""), &error);
    if (binds.statement == NULL) {
        return result_of_error(&error);
    }
    result = json_object_get(step, "rows") != NULL             ? run_rows(&binds, step)
             : strcmp(text_at(step, "do", ""), "numbers") == 0 ? run_numbers(&binds, step)
                                                               : run_sql(&binds, step);
    binds_fini(&binds);
    return result;
}

static json_t *set_tags(struct octo_ora *session, const json_t *step)
{
    static const char *const names[] = {"client_identifier", "module", "action", "client_info"};
    const json_t *tags = json_object_get(step, "tags");
    struct octo_ora_error error;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *text = json_string_value(json_object_get(tags, names[i]));

        if (text != NULL && !octo_ora_set_tag(session, (enum octo_ora_tag)i, text, &error)) {
            return result_of_error(&error);
        }
    }
    return json_string("done");
}

static json_t *run_briefly(struct octo_ora *session, const json_t *step)
{
    json_t *result;

    octo_ora_set_call_ms(session, (int)json_integer_value(json_object_get(step, "ms")));
    result = run_statement(session, step);
    octo_ora_set_call_ms(session, limit_ms);
    return result;
}

/* The session before is dead, or another one is still good. */
static json_t *connect_again(struct octo_ora **session, const json_t *step)
{
    struct octo_ora *other;
    struct octo_ora_error error;

    if (!connect_as(text_at(step, "password", password), text_at(step, "service", "svc"), &other,
                    &error)) {
        return result_of_error(&error);
    }
    forget_all();
    octo_ora_close(*session);
    *session = other;
    return json_string("done");
}

static json_t *run_simple(struct octo_ora *session, const char *kind)
{
    struct octo_ora_error error;
    const bool ok = strcmp(kind, "commit") == 0     ? octo_ora_commit(session, &error)
                    : strcmp(kind, "rollback") == 0 ? octo_ora_rollback(session, &error)
                                                    : octo_ora_ping(session, &error);

    return ok ? json_string("done") : result_of_error(&error);
}

static json_t *run_step(struct octo_ora **session, const json_t *step)
{
    const char *kind = text_at(step, "do", "");

    if (strcmp(kind, "version") == 0) {
        const char *version = octo_ora_server_version(*session);
        const char *point = strchr(strchr(version, '.') + 1, '.');

        return json_stringn(version, (size_t)(point - version));
    }
    if (strcmp(kind, "tags") == 0) {
        return set_tags(*session, step);
    }
    if (strcmp(kind, "break") == 0) {
        return run_briefly(*session, step);
    }
    if (strcmp(kind, "connect") == 0) {
        return connect_again(session, step);
    }
    return json_object_get(step, "sql") != NULL ? run_statement(*session, step)
                                                : run_simple(*session, kind);
}

static bool is_without(const json_t *step)
{
    const json_t *without = json_object_get(step, "without");

    for (size_t i = 0; i < json_array_size(without); i++) {
        if (strcmp(json_string_value(json_array_get(without, i)), "ours") == 0) {
            return true;
        }
    }
    return false;
}

static void run_all(struct octo_ora **session, const json_t *steps)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        json_t *line;

        if (is_without(step)) {
            continue;
        }
        wanted = text_at(json_object_get(step, "gives"), "ours", "");
        line = json_pack("[s,o]", text_at(step, "name", ""), run_step(session, step));
        if (json_dumpf(line, stdout, JSON_COMPACT) != 0 || fputc('\n', stdout) == EOF ||
            fflush(stdout) == EOF) {
            exit(EXIT_FAILURE);
        }
        json_decref(line);
    }
}

/* NULL: there is none. */
static json_t *read_script(void)
{
    const int first = getc(stdin);
    json_error_t fault;
    json_t *script;

    if (first == EOF) {
        return NULL;
    }
    (void)ungetc(first, stdin);
    script = json_loadf(stdin, 0, &fault);
    if (script == NULL) {
        (void)fprintf(stderr, "the script, line %d: %s\n", fault.line, fault.text);
        exit(2);
    }
    return script;
}

int main(int argc, char **argv)
{
    struct octo_ora *session = NULL;
    struct octo_ora_error error;
    json_t *script;

    if (argc < 4 || argc > 7) {
        return 2;
    }
    address = argv[1];
    user = argv[2];
    password = argv[3];
    limit_ms = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    wallet_dir = argc > 5 ? argv[5] : NULL;
    wallet_password = argc > 6 ? argv[6] : NULL;
    script = read_script();
    if (!connect_as(password, "svc", &session, &error)) {
        stop("connect", &error);
    }
    run_all(&session, json_object_get(script, "steps"));
    forget_all();
    octo_ora_close(session);
    json_decref(script);
    return EXIT_SUCCESS;
}
