#include "tests/support/tnsd/sql_area.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ora/unicode.h"
#include "tests/support/tnsd/json_text.h"

enum sql_area_state { FREE, FILLED_IN, THERE };

enum { PATIENCE = 1000000 }; /* looks at one that another process fills in, who may have ended */

/* Of MD5 over the text and a NUL the third and fourth word, each with its lowest byte first, as one
 * number in base 32. */
void sql_area_id(const void *sql, size_t length, char ret[SQL_ID_ROOM])
{
    static const char digits[] = "0123456789abcdfghjkmnpqrstuvwxyz";
    uint8_t digest[EVP_MAX_MD_SIZE] = {0};
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint64_t number = 0;

    if (context != NULL && EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1) {
        (void)EVP_DigestUpdate(context, sql, length);
        (void)EVP_DigestUpdate(context, "", 1);
        (void)EVP_DigestFinal_ex(context, digest, NULL);
    }
    EVP_MD_CTX_free(context);
    for (int i = 0; i < 8; i++) {
        number = number << 8 | digest[8 + (i / 4) * 4 + 3 - i % 4];
    }
    for (int i = SQL_ID_ROOM - 2; i >= 0; i--) {
        ret[i] = digits[number & 31];
        number >>= 5;
    }
    ret[SQL_ID_ROOM - 1] = '\0';
}

/* --- finding --- */

static size_t place_of(const char *sql_id)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */

    for (const char *c = sql_id; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    }
    return (size_t)(hash % SQL_AREA_STATEMENTS);
}

static bool is_there(const struct sql_area_statement *statement)
{
    for (int i = 0; i < PATIENCE && atomic_load(&statement->state) == FILLED_IN; i++) {
    }
    return atomic_load(&statement->state) == THERE;
}

static bool keep_text(struct sql_area *area, const char *sql, size_t length, size_t *ret)
{
    *ret = atomic_fetch_add(&area->used, length + 1);
    if (*ret + length + 1 > SQL_AREA_TEXTS) {
        return false;
    }
    memcpy(area->texts + *ret, sql, length);
    area->texts[*ret + length] = '\0';
    return true;
}

/* An entry that there was no room for stays being filled in, and is passed over. */
static bool fill_in(struct sql_area *area, struct sql_area_statement *statement,
                    const struct sql_area_statement *as, const char *sql, size_t length)
{
    memcpy(statement->sql_id, as->sql_id, sizeof(as->sql_id));
    memcpy(statement->user, as->user, sizeof(as->user));
    memcpy(statement->module, as->module, sizeof(as->module));
    memcpy(statement->action, as->action, sizeof(as->action));
    statement->command = as->command;
    if (!keep_text(area, sql, length, &statement->text)) {
        return false;
    }
    atomic_store(&statement->state, THERE);
    return true;
}

static struct sql_area_statement *find(struct sql_area *area, const struct sql_area_statement *as,
                                       const char *sql, size_t length)
{
    const size_t first = place_of(as->sql_id);

    for (size_t i = 0; i < SQL_AREA_STATEMENTS; i++) {
        struct sql_area_statement *at = &area->statements[(first + i) % SQL_AREA_STATEMENTS];
        int state = FREE;

        if (atomic_compare_exchange_strong(&at->state, &state, FILLED_IN)) {
            return fill_in(area, at, as, sql, length) ? at : NULL;
        }
        if (is_there(at) && strcmp(at->sql_id, as->sql_id) == 0 &&
            strcmp(at->user, as->user) == 0) {
            return at;
        }
    }
    return NULL;
}

struct sql_area_statement *sql_area_parse(struct sql_area *area, const char *sql, size_t length,
                                          uint8_t command, const char *user, const char *module,
                                          const char *action)
{
    struct sql_area_statement as = {.command = command};
    struct sql_area_statement *statement;

    if (!ora_utf8_is_valid(sql, length) || memchr(sql, '\0', length) != NULL) {
        return NULL;
    }
    sql_area_id(sql, length, as.sql_id);
    (void)snprintf(as.user, sizeof(as.user), "%s", user);
    (void)snprintf(as.module, sizeof(as.module), "%s", module);
    (void)snprintf(as.action, sizeof(as.action), "%s", action);
    statement = find(area, &as, sql, length);
    if (statement != NULL) {
        atomic_fetch_add(&statement->parses, 1);
    }
    return statement;
}

/* --- counting --- */

void sql_area_execute(struct sql_area_statement *statement)
{
    if (statement != NULL) {
        atomic_fetch_add(&statement->executions, 1);
        atomic_store(&statement->last_active, (int64_t)time(NULL));
    }
}

void sql_area_rows(struct sql_area_statement *statement, uint64_t rows)
{
    if (statement != NULL) {
        atomic_fetch_add(&statement->rows, rows);
    }
}

void sql_area_took(struct sql_area_statement *statement, int64_t microseconds)
{
    if (statement != NULL) {
        atomic_fetch_add(&statement->elapsed_us, (uint64_t)microseconds);
    }
}

/* --- telling --- */

static void write_statement(const struct sql_area *area, const struct sql_area_statement *statement,
                            struct ora_wr *wr)
{
    char numbers[240];

    (void)snprintf(numbers, sizeof(numbers),
                   "{\"command\":%u,\"parses\":%" PRIu64 ",\"executions\":%" PRIu64
                   ",\"rows\":%" PRIu64 ",\"elapsed\":%" PRIu64 ",\"active\":%" PRId64,
                   (unsigned)statement->command, atomic_load(&statement->parses),
                   atomic_load(&statement->executions), atomic_load(&statement->rows),
                   atomic_load(&statement->elapsed_us), atomic_load(&statement->last_active));
    json_text_raw(wr, numbers);
    json_text_member(wr, "sql_id", statement->sql_id);
    json_text_member(wr, "name", statement->user);
    json_text_member(wr, "module", statement->module);
    json_text_member(wr, "action", statement->action);
    json_text_member(wr, "text", area->texts + statement->text);
    json_text_raw(wr, "}");
}

void sql_area_write(const struct sql_area *area, struct ora_wr *wr)
{
    bool is_first = true;

    json_text_raw(wr, "[");
    for (size_t i = 0; i < SQL_AREA_STATEMENTS; i++) {
        if (atomic_load(&area->statements[i].state) == THERE) {
            json_text_raw(wr, is_first ? "" : ",");
            write_statement(area, &area->statements[i], wr);
            is_first = false;
        }
    }
    json_text_raw(wr, "]");
}
