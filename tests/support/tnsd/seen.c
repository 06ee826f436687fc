#include "tests/support/tnsd/seen.h"

#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/tnsd/database.h"
#include "tests/support/tnsd/tnsd.h"

/* The tags of struct tnsd, by their place. */
enum { CLIENT_IDENTIFIER, MODULE, ACTION };

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_gone(int pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/* A process that was killed leaves its place to whoever finds that out. */
static bool take_place(struct seen_session *session)
{
    int owner = atomic_load(&session->owner);

    return (owner == 0 || is_gone(owner)) &&
           atomic_compare_exchange_strong(&session->owner, &owner, getpid());
}

void seen_begin(struct tnsd *t)
{
    struct seen *seen = &t->options->shared->seen;

    for (size_t i = 0; i < SEEN_SESSIONS && t->seen == NULL; i++) {
        if (take_place(&seen->sessions[i])) {
            t->seen = &seen->sessions[i];
        }
    }
    if (t->seen != NULL) {
        t->seen->facts = (struct seen_facts){.sid = atomic_fetch_add(&seen->last_sid, 1) + 1,
                                             .pid = getpid(),
                                             .changed_ms = now_ms()};
        atomic_store(&t->seen->version, 0);
    }
}

void seen_end(struct tnsd *t)
{
    if (t->seen != NULL) {
        atomic_store(&t->seen->owner, 0);
        t->seen = NULL;
    }
}

/* --- writing --- */

static void copy(char to[SEEN_TAG_ROOM], const char *from)
{
    (void)snprintf(to, SEEN_TAG_ROOM, "%s", from);
}

void seen_call(struct tnsd *t, bool is_active)
{
    struct seen_session *seen = t->seen;

    if (seen == NULL) {
        return;
    }
    atomic_fetch_add(&seen->version, 1);
    seen->facts.is_active = is_active;
    seen->facts.is_in_transaction = t->is_in_transaction;
    seen->facts.postgres_pid = t->database != NULL ? PQbackendPID(t->database->connection) : 0;
    seen->facts.changed_ms = now_ms();
    copy(seen->facts.client_identifier, t->tags[CLIENT_IDENTIFIER]);
    copy(seen->facts.module, t->tags[MODULE]);
    copy(seen->facts.action, t->tags[ACTION]);
    atomic_fetch_add(&seen->version, 1);
}

void seen_statement(struct tnsd *t, const char *sql_id)
{
    if (t->seen != NULL) {
        atomic_fetch_add(&t->seen->version, 1);
        memcpy(t->seen->facts.sql_id, sql_id, SEEN_SQL_ID_ROOM);
        atomic_fetch_add(&t->seen->version, 1);
    }
}

/* Of MD5 over the text and a NUL the third and fourth word, each with its lowest byte first, as one
 * number in base 32. */
void seen_sql_id(const void *sql, size_t length, char ret[SEEN_SQL_ID_ROOM])
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
    for (int i = SEEN_SQL_ID_ROOM - 2; i >= 0; i--) {
        ret[i] = digits[number & 31];
        number >>= 5;
    }
    ret[SEEN_SQL_ID_ROOM - 1] = '\0';
}

/* --- reading --- */

/* False: nobody is there, or it is never left alone long enough. */
static bool read_facts(const struct seen_session *session, struct seen_facts *ret)
{
    for (int tries = 0; tries < 1000; tries++) {
        const unsigned before = atomic_load(&session->version);
        const int owner = atomic_load(&session->owner);

        if (owner == 0 || is_gone(owner)) {
            return false;
        }
        memcpy(ret, &session->facts, sizeof(*ret));
        atomic_thread_fence(memory_order_acquire);
        if (before % 2 == 0 && atomic_load(&session->version) == before) {
            return true;
        }
    }
    return false;
}

static void add(struct ora_wr *wr, const char *text)
{
    ora_wr_raw(wr, text, strlen(text));
}

static void write_text(struct ora_wr *wr, const char *name, const char *text)
{
    char head[40];
    char escaped[8];

    (void)snprintf(head, sizeof(head), ",\"%s\":\"", name);
    add(wr, head);
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\') {
            (void)snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned)(unsigned char)*c);
            add(wr, escaped);
        } else {
            ora_wr_u8(wr, (uint8_t)*c);
        }
    }
    add(wr, "\"");
}

/* As an object of JSON. */
static void write_facts(const struct seen_facts *facts, bool is_first, struct ora_wr *wr)
{
    char numbers[160];

    (void)snprintf(numbers, sizeof(numbers),
                   "%s{\"sid\":%u,\"pid\":%d,\"ms\":%lld,\"active\":%s,\"open\":%s",
                   is_first ? "" : ",", (unsigned)facts->sid, facts->postgres_pid,
                   (long long)(now_ms() - facts->changed_ms), facts->is_active ? "true" : "false",
                   facts->is_in_transaction ? "true" : "false");
    add(wr, numbers);
    write_text(wr, "client_identifier", facts->client_identifier);
    write_text(wr, "module", facts->module);
    write_text(wr, "action", facts->action);
    write_text(wr, "sql_id", facts->sql_id);
    add(wr, "}");
}

void seen_write(struct tnsd *t, struct ora_wr *wr)
{
    const struct seen *seen = &t->options->shared->seen;
    struct ora_wr list;
    char *literal;
    bool is_first = true;

    ora_wr_init(&list, TNSD_SQL_MAX);
    add(&list, "[");
    for (size_t i = 0; i < SEEN_SESSIONS; i++) {
        struct seen_facts facts;

        if (read_facts(&seen->sessions[i], &facts)) {
            write_facts(&facts, is_first, &list);
            is_first = false;
        }
    }
    add(&list, "]");
    literal = PQescapeLiteral(t->database->connection, (const char *)list.data, list.length);
    add(wr, ", set_config('tnsd.sessions', ");
    add(wr, literal != NULL ? literal : "'[]'");
    add(wr, ", false)");
    PQfreemem(literal);
    ora_wr_fini(&list);
}
