#include "service/security.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bucket.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/log.h"
#include "core/queue.h"
#include "core/text.h"
#include "service/budgets.h"
#include "service/redact.h"

enum {
    WAITING_MAX = 4096, /* events that wait to be stored; more are counted and dropped */
    STORE_AT_ONCE = 64,
    NEWS_KEYS = 4096, /* of events that are told apart within a second */
    PAYLOAD_BYTES = 500,
    ENDPOINT_BYTES = 255,
    SOURCE_BYTES = 64,
    DETAILS_BYTES = 255,
    UNIT_MS = 5000,
    RETRY_MS = 1000,
};

/* ---- types ---- */

/* Those that all services have. */
static const struct attack_type TYPES[] = {
    {"sqli", "T1190", "initial-access", "A03"},
    {"nosql_injection", "T1190", "initial-access", "A03"},
    {"ldap_injection", "T1190", "initial-access", "A03"},
    {"ssrf", "T1090", "command-and-control", "A10"},
    {"path_traversal", "T1083", "discovery", "A01"},
    {"ssti", "T1059", "execution", "A03"},
    {"auth_bypass", "T1556", "credential-access", "A07"},
    {"brute_force", "T1110", "credential-access", "A07"},
    {"security_misconfig", "T1562", "defense-evasion", "A05"},
};
static const struct attack_type UNKNOWN = {"unknown", "T0000", "unknown", "A00"};

/* What the techniques and categories of all services' types are called. */
static const struct name {
    const char *id;
    const char *name;
} NAMES[] = {
    {"T1055", "Process Injection"},
    {"T1059", "Command and Scripting Interpreter"},
    {"T1059.004", "Unix Shell"},
    {"T1059.007", "JavaScript"},
    {"T1068", "Exploitation for Privilege Escalation"},
    {"T1070", "Indicator Removal"},
    {"T1078", "Valid Accounts"},
    {"T1083", "File and Directory Discovery"},
    {"T1087", "Account Discovery"},
    {"T1090", "Proxy"},
    {"T1098", "Account Manipulation"},
    {"T1105", "Ingress Tool Transfer"},
    {"T1110", "Brute Force"},
    {"T1110.003", "Password Spraying"},
    {"T1185", "Browser Session Hijacking"},
    {"T1190", "Exploit Public-Facing Application"},
    {"T1203", "Exploitation for Client Execution"},
    {"T1498", "Network Denial of Service"},
    {"T1539", "Steal Web Session Cookie"},
    {"T1552", "Unsecured Credentials"},
    {"T1556", "Modify Authentication Process"},
    {"T1557", "Adversary-in-the-Middle"},
    {"T1562", "Impair Defenses"},
    {"T1565", "Data Manipulation"},
    {"T1566.002", "Spearphishing Link"},
    {"T1611", "Escape to Host"},
    {"A01", "Broken Access Control"},
    {"A02", "Cryptographic Failures"},
    {"A03", "Injection"},
    {"A04", "Insecure Design"},
    {"A05", "Security Misconfiguration"},
    {"A07", "Identification and Authentication Failures"},
    {"A08", "Software and Data Integrity Failures"},
    {"A09", "Security Logging and Monitoring Failures"},
    {"A10", "Server-Side Request Forgery"},
};

static const char *name_of(const char *id)
{
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (strcmp(NAMES[i].id, id) == 0) {
            return NAMES[i].name;
        }
    }
    return "Unknown";
}

static const char *const SEVERITIES[] = {[SEVERITY_LOW] = "low",
                                         [SEVERITY_MEDIUM] = "medium",
                                         [SEVERITY_HIGH] = "high",
                                         [SEVERITY_CRITICAL] = "critical"};

static const struct attack_type *find_type(const struct attack_type *types, size_t count,
                                           const char *type)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types[i].type, type) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

static const struct attack_type *type_of(const struct service_traits *traits, const char *type)
{
    const struct attack_type *own = find_type(traits->attacks, traits->attack_count, type);
    const struct attack_type *common = find_type(TYPES, sizeof(TYPES) / sizeof(TYPES[0]), type);

    if (own != NULL) {
        return own;
    }
    return common != NULL ? common : &UNKNOWN;
}

/* ---- state ---- */

/* One block in the queue; the record's texts point into it. */
struct waiting {
    struct attack_record record;
    char endpoint[ENDPOINT_BYTES + 1];
    char source[SOURCE_BYTES + 1];
    char payload[PAYLOAD_BYTES + 1];
    char mark[DIGEST_MARK_MAX];
    char trace[TRACE_ID_HEX + 1];
    char details[DETAILS_BYTES + 1];
};

struct security {
    struct service *service;
    struct queue *waiting; /* of struct waiting * */
    struct counter *dropped;
    struct buckets *news; /* one a second for each kind of event */

    struct writer_job job; /* without a writer: events are not stored */

    /* The writer's own: taken from the queue and not yet stored. */
    struct waiting *taken[STORE_AT_ONCE];
    size_t taken_count;
    uint64_t retry_ns; /* until then nothing is tried */
};

struct security *security_new(struct service *service)
{
    struct security *security = mem_alloc(sizeof(*security));

    security->service = service;
    security->waiting = queue_new(WAITING_MAX);
    security->dropped = metrics_counter(
        service->metrics, &(struct metric){.name = "security_events_dropped",
                                           .unit = "{event}",
                                           .help = "Security events that were not stored."});
    security->news = buckets_new((struct bucket_limit){1, 1}, NEWS_KEYS);
    return security;
}

static void free_taken(struct security *security)
{
    for (size_t i = 0; i < security->taken_count; i++) {
        free(security->taken[i]);
    }
    security->taken_count = 0;
}

void security_free(struct security *security)
{
    if (security == NULL) {
        return;
    }
    do {
        free_taken(security);
        security->taken_count =
            queue_pop_ready(security->waiting, (void **)security->taken, STORE_AT_ONCE);
    } while (security->taken_count > 0);
    queue_close(security->waiting);
    queue_free(security->waiting);
    buckets_free(security->news);
    free(security);
}

/* ---- one event ---- */

/* The first event of its type, severity, source and endpoint in a second. */
static bool is_news(struct security *security, const struct ctx *ctx, const char *type,
                    enum severity severity, uint64_t now_ns)
{
    const char *key = arena_printf(ctx->arena, "%d %s %s %s", (int)severity, type,
                                   ctx->client_ip == NULL ? "" : ctx->client_ip, ctx->action);

    return buckets_take(security->news, key, strlen(key), 1, now_ns, NULL);
}

/* Whoever makes events has a budget of them, or he would drown all others in his. What the service
 * itself sees has none. */
static bool is_within_budget(const struct service *service, const struct ctx *ctx, uint64_t now_ns)
{
    struct budget_bill bill;
    struct net_address address;

    return ctx->client_ip == NULL ||
           !net_address_parse(ctx->client_ip, strlen(ctx->client_ip), &address) ||
           networks_have(&service->settings->exempt_networks, &address) ||
           budget_spend(service->budgets->events, &address, now_ns, &bill);
}

static void count(const struct service *service, struct ctx *ctx,
                  const struct attack_record *record)
{
    const char *name =
        arena_printf(ctx->arena, "%s_business_security_events", service->traits->name);
    const struct attribute attributes[] = {
        attribute_text("type", record->type),
        attribute_text("severity", record->severity),
    };

    counter_add(metrics_counter(service->metrics, &(struct metric){.name = name,
                                                                   .unit = "{event}",
                                                                   .help = "Security events.",
                                                                   .attributes = attributes,
                                                                   .attribute_count = 2}),
                1);
}

/* All of it comes from tables of literals, so nothing needs to be escaped. */
static const char *details_of(struct arena *arena, const struct attack_type *type)
{
    return arena_printf(arena,
                        "{\"mitre_technique_id\":\"%s\",\"mitre_tactic\":\"%s\","
                        "\"mitre_technique\":\"%s\",\"owasp_category\":\"%s\","
                        "\"owasp_name\":\"%s\"}",
                        type->technique, type->tactic, name_of(type->technique), type->owasp,
                        name_of(type->owasp));
}

static void trace_and_log(struct ctx *ctx, const struct attack_record *record,
                          const struct attack_type *type, enum severity severity)
{
    char *name = arena_printf(ctx->arena, "ATTACK:%s", record->type);
    char quoted[2 * PAYLOAD_BYTES];
    struct span *span;

    for (char *at = name; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    span = span_begin(ctx, name, SPAN_INTERNAL);
    span_bool(span, "security.attack.detected", true);
    span_text(span, "security.vuln_type", record->type);
    span_text(span, "security.severity", record->severity);
    span_text(span, "security.payload", record->payload);
    span_text(span, "security.source_ip", record->source_ip);
    span_text(span, "security.endpoint", record->endpoint);
    span_text(span, "security.session_id", record->session_mark);
    span_text(span, "security.username", ctx->caller.username);
    if (record->product_id != 0) {
        span_int(span, "security.product_id", record->product_id);
    }
    span_text(span, "mitre.technique_id", type->technique);
    span_text(span, "mitre.tactic", type->tactic);
    span_text(span, "mitre.technique_name", name_of(type->technique));
    span_text(span, "owasp.category", type->owasp);
    span_text(span, "owasp.name", name_of(type->owasp));
    span_end(ctx, span);
    log_line(severity >= SEVERITY_HIGH ? LOG_ERROR : LOG_WARNING, ctx->trace.trace_id,
             "attack detected", "type=%s severity=%s technique=%s owasp=%s source=%s endpoint=%s",
             record->type, record->severity, type->technique, type->owasp,
             record->source_ip != NULL ? record->source_ip : "-",
             log_quote(record->endpoint, quoted, sizeof(quoted)));
}

/* Copies a text that fits after cutting; NULL and "" give NULL. */
static const char *keep(char *out, size_t out_size, const char *text)
{
    size_t length = text != NULL ? utf8_cut(text, strlen(text), out_size - 1) : 0;

    if (length == 0) {
        return NULL;
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return out;
}

static void enqueue(struct security *security, const struct attack_record *record)
{
    struct waiting *waiting = mem_alloc(sizeof(*waiting));

    waiting->record = *record;
    waiting->record.endpoint = keep(waiting->endpoint, sizeof(waiting->endpoint), record->endpoint);
    waiting->record.source_ip = keep(waiting->source, sizeof(waiting->source), record->source_ip);
    waiting->record.payload = keep(waiting->payload, sizeof(waiting->payload), record->payload);
    waiting->record.session_mark = keep(waiting->mark, sizeof(waiting->mark), record->session_mark);
    waiting->record.trace_id = keep(waiting->trace, sizeof(waiting->trace), record->trace_id);
    waiting->record.details = keep(waiting->details, sizeof(waiting->details), record->details);
    if (!queue_try_push(security->waiting, waiting)) {
        counter_add(security->dropped, 1);
        free(waiting);
        return;
    }
    writer_ring(&security->job);
}

void security_record_in(struct service *service, struct ctx *ctx, const struct attack *attack)
{
    const struct attack_type *type = type_of(service->traits, attack->type);
    const uint64_t now_ns = clock_mono_ns();
    struct attack_record record = {
        .type = attack->type, /* a literal of whoever saw it */
        .severity = SEVERITIES[attack->severity],
        .endpoint = ctx->action,
        .source_ip = ctx->client_ip,
        .product_id = attack->product_id,
        .session_mark = attack->session_mark,
        .trace_id = ctx->trace.trace_id,
        .created_us = clock_utc_us(),
    };

    if (!is_news(service->security, ctx, attack->type, attack->severity, now_ns)) {
        return;
    }
    count(service, ctx, &record);
    if (!is_within_budget(service, ctx, now_ns)) {
        log_line(LOG_WARNING, NULL, "attacks not recorded", "reason=\"their budget is spent\"");
        return;
    }
    record.payload = redacted(ctx->arena, attack->payload, PAYLOAD_BYTES);
    record.details = details_of(ctx->arena, type);
    trace_and_log(ctx, &record, type, attack->severity);
    if (service->security->job.writer != NULL) {
        enqueue(service->security, &record);
    }
}

void security_record(struct request *rq, const struct attack *attack)
{
    security_record_in(service_of(rq), &rq->ctx, attack);
}

/* ---- storing ---- */

static bool is_pending(struct security *security)
{
    return security->taken_count > 0 || queue_length(security->waiting) > 0;
}

static bool store_taken(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct security *security = arg;
    struct attack_record *records =
        arena_array(ctx->arena, security->taken_count, sizeof(*records));

    for (size_t i = 0; i < security->taken_count; i++) {
        records[i] = security->taken[i]->record;
    }
    return security->service->traits->store_attacks(ctx, session, records, security->taken_count,
                                                    err);
}

static bool store(struct security *security)
{
    struct err err = {0};
    bool is_stored = writer_unit(&security->job, security->service->events_pool, UNIT_MS,
                                 store_taken, security, "security events not stored", &err);

    /* Events that are there twice do less harm than events that are missing. */
    if (!is_stored && !err_is_retryable(err.code) && err.code != ERR_OUTCOME_UNKNOWN) {
        counter_add(security->dropped, security->taken_count);
        is_stored = true; /* as far as that goes: they would fail again */
    }
    return is_stored;
}

static uint64_t security_due(void *arg)
{
    struct security *security = arg;

    return is_pending(security) ? security->retry_ns : CLOCK_NEVER;
}

/* What cannot be stored is tried again later, and when the process ends once more. */
static void security_run(void *arg, bool is_last)
{
    struct security *security = arg;
    bool is_stored = true;

    (void)is_last;
    while (is_stored && is_pending(security)) {
        if (security->taken_count == 0) {
            security->taken_count =
                queue_pop_ready(security->waiting, (void **)security->taken, STORE_AT_ONCE);
        }
        is_stored = store(security);
        if (is_stored) {
            free_taken(security);
        }
    }
    security->retry_ns = is_stored ? 0 : clock_after_ms(RETRY_MS);
}

void security_store_by(struct security *security, struct writer *writer)
{
    security->job = (struct writer_job){
        .name = "BG security-events", .due = security_due, .run = security_run, .arg = security};
    writer_add(writer, &security->job);
}

/* ---- what an attack looks like ---- */

/* Two words of SQL that do not stand like this in plain text, or the marks that end a literal. */
bool security_looks_like_sqli(const char *text)
{
    static const char *const SIGNS[] = {
        "' or ",
        "' and ",
        "'--",
        "';",
        "' union",
        "union select",
        "union all sel",
        "or 1=1",
        "drop table",
        "insert into",
        "delete from",
        "/*",
        "xp_cmdshell",
        "sleep(",
        "benchmark(",
        "waitfor del",
        "information_schema",
        "' or'",
        "\" or \"",
        "'or'",
        "'='",
    };

    for (size_t i = 0; text != NULL && i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++) {
        if (strcasestr(text, SIGNS[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* An attribute like onerror= or onload = within a tag. */
static bool has_handler(const char *text)
{
    const char *at = strchr(text, '<');

    for (; at != NULL && *at != '\0'; at++) {
        size_t letters;

        if (strncasecmp(at, "on", 2) != 0 || isalnum((unsigned char)at[-1])) {
            continue;
        }
        letters = strspn(at + 2, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (letters > 2 && at[2 + letters + strspn(at + 2 + letters, " \t\r\n")] == '=') {
            return true;
        }
    }
    return false;
}

bool security_looks_like_xss(const char *text)
{
    static const char *const SIGNS[] = {"<script", "javascript:", "<iframe",        "<object",
                                        "<embed",  "<svg",        "data:text/html", "</script"};

    if (text == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++) {
        if (strcasestr(text, SIGNS[i]) != NULL) {
            return true;
        }
    }
    return has_handler(text);
}
