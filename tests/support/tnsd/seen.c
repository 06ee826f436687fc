#include "tests/support/tnsd/seen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/tnsd/database.h"
#include "tests/support/tnsd/json_text.h"
#include "tests/support/tnsd/tnsd.h"

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
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

static unsigned count_now(const struct seen *seen)
{
    unsigned count = 0;

    for (size_t i = 0; i < SEEN_SESSIONS; i++) {
        const int owner = atomic_load(&seen->sessions[i].owner);

        count += owner != 0 && !is_gone(owner);
    }
    return count;
}

/* Each that begins counts itself along, so none is missed. */
static void note_most(struct seen *seen)
{
    const unsigned now = count_now(seen);
    unsigned most = atomic_load(&seen->most);

    while (most < now && !atomic_compare_exchange_weak(&seen->most, &most, now)) {
    }
}

unsigned seen_count(struct seen *seen, unsigned *ret_most)
{
    const unsigned now = count_now(seen);
    const unsigned most = atomic_exchange(&seen->most, now);

    *ret_most = most > now ? most : now;
    return now;
}

void seen_kill_all(const struct seen *seen)
{
    enum { LOOK_AGAIN_US = 1000 };

    for (size_t i = 0; i < SEEN_SESSIONS; i++) {
        const int owner = atomic_load(&seen->sessions[i].owner);

        if (owner == 0) {
            continue;
        }
        (void)kill(owner, SIGKILL);
        while (!is_gone(owner)) {
            (void)usleep(LOOK_AGAIN_US);
        }
    }
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
                                             .began_s = (int64_t)time(NULL),
                                             .changed_us = now_us()};
        atomic_store(&t->seen->version, 0);
    }
    note_most(seen);
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

/* What ran in the call that is over. */
static void settle_statement(struct tnsd *t, struct seen_facts *facts)
{
    if (facts->sql_id[0] != '\0') {
        memcpy(facts->prev_sql_id, facts->sql_id, SQL_ID_ROOM);
        facts->sql_id[0] = '\0';
    }
    sql_area_took(t->statement, now_us() - t->statement_began_us);
    t->statement = NULL;
}

void seen_call(struct tnsd *t, bool is_active)
{
    struct seen_session *seen = t->seen;

    if (seen == NULL) {
        return;
    }
    atomic_fetch_add(&seen->version, 1);
    if (!is_active) {
        settle_statement(t, &seen->facts);
    }
    seen->facts.is_active = is_active;
    seen->facts.postgres_pid = t->database != NULL ? PQbackendPID(t->database->connection) : 0;
    seen->facts.changed_us = now_us();
    (void)snprintf(seen->facts.name, sizeof(seen->facts.name), "%s", users_schema(t));
    copy(seen->facts.client_identifier, t->tags[TNSD_CLIENT_IDENTIFIER]);
    copy(seen->facts.module, t->tags[TNSD_MODULE]);
    copy(seen->facts.action, t->tags[TNSD_ACTION]);
    copy(seen->facts.client_info, t->tags[TNSD_CLIENT_INFO]);
    copy(seen->facts.program, t->program);
    copy(seen->facts.machine, t->machine);
    copy(seen->facts.os_user, t->os_user);
    atomic_fetch_add(&seen->version, 1);
}

void seen_statement(struct tnsd *t, struct sql_area_statement *statement)
{
    t->statement = statement;
    t->statement_began_us = now_us();
    if (t->seen != NULL && statement != NULL) {
        atomic_fetch_add(&t->seen->version, 1);
        memcpy(t->seen->facts.sql_id, statement->sql_id, SQL_ID_ROOM);
        atomic_fetch_add(&t->seen->version, 1);
    }
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

/* As an object of JSON. */
static void write_facts(const struct seen_facts *facts, bool is_first, struct ora_wr *wr)
{
    char numbers[200];

    (void)snprintf(
        numbers, sizeof(numbers),
        "%s{\"sid\":%u,\"serial\":%d,\"pid\":%d,\"began\":%lld,\"ms\":%lld,\"active\":%s",
        is_first ? "" : ",", (unsigned)facts->sid, TNSD_SERIAL, facts->postgres_pid,
        (long long)facts->began_s, (long long)((now_us() - facts->changed_us) / 1000),
        facts->is_active ? "true" : "false");
    json_text_raw(wr, numbers);
    json_text_member(wr, "name", facts->name);
    json_text_member(wr, "client_identifier", facts->client_identifier);
    json_text_member(wr, "module", facts->module);
    json_text_member(wr, "action", facts->action);
    json_text_member(wr, "client_info", facts->client_info);
    json_text_member(wr, "program", facts->program);
    json_text_member(wr, "machine", facts->machine);
    json_text_member(wr, "os_user", facts->os_user);
    json_text_member(wr, "sql_id", facts->sql_id);
    json_text_member(wr, "prev_sql_id", facts->prev_sql_id);
    json_text_raw(wr, "}");
}

void seen_write(const struct tnsd *t, struct ora_wr *wr)
{
    const struct seen *seen = &t->options->shared->seen;
    bool is_first = true;

    json_text_raw(wr, "[");
    for (size_t i = 0; i < SEEN_SESSIONS; i++) {
        struct seen_facts facts;

        if (read_facts(&seen->sessions[i], &facts)) {
            write_facts(&facts, is_first, wr);
            is_first = false;
        }
    }
    json_text_raw(wr, "]");
}
