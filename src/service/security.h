/*
 * service/security.h: security events: tables of types with their MITRE technique and OWASP
 * category, one for all services and one of each; each record is a span, a log line, a counter and,
 * where the service stores them, a row. Of identical events one a second counts, and of those that
 * an address makes, or all do, as many as OCTO_BUDGET_EVENTS says are recorded; the others are only
 * counted. A failing write never breaks the request.
 */
#ifndef SERVICE_SECURITY_H
#define SERVICE_SECURITY_H

#include "service/service.h"
#include "service/writer.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

/* MITRE ATT&CK technique and tactic, OWASP Top 10 (2021) category. */
struct attack_type {
    const char *type;
    const char *technique; /* this and owasp have a name in security.c */
    const char *tactic;
    const char *owasp;
};

struct attack {
    const char *type; /* "sqli", "rate_limit": key of a struct attack_type */
    enum severity severity;
    const char *payload;      /* cut to 500 characters; what it holds of secrets is marked, see
                                 service/redact.h; NULL: none */
    int64_t product_id;       /* 0: none */
    const char *session_mark; /* of a session or cart, never what opens it (digest_mark); NULL: none
                               */
};

/* One event as it is stored. Texts are cut to the columns of security_events; the ones that may be
 * NULL say so. */
struct attack_record {
    const char *type;
    const char *severity; /* "low", "medium", "high", "critical" */
    const char *endpoint; /* "POST /api/cart/add" */
    const char *source_ip;
    const char *payload;      /* NULL: none */
    int64_t product_id;       /* 0: none */
    const char *session_mark; /* NULL: none */
    const char *trace_id;
    const char *details; /* a JSON text: MITRE technique and OWASP category */
    int64_t created_us;
};

/* Any thread that serves the request or the unit of work. */
void security_record(struct request *rq, const struct attack *attack);
void security_record_in(struct service *service, struct ctx *ctx, const struct attack *attack);
/* True when the text looks like an SQL injection or script injection attempt. */
bool security_looks_like_sqli(const char *text);
bool security_looks_like_xss(const char *text);

/* --- for lifecycle.c --- */

struct security;

struct security *security_new(struct service *service);
/* From now on events are stored, by the service's traits, in a job of the writer. */
void security_store_by(struct security *security, struct writer *writer);
void security_free(struct security *security); /* after writer_stop; NULL is accepted */

#endif
