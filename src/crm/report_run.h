/*
 * crm/report_run.h: runs a query of a report in a read-only transaction, within limits: how long it
 * may take, how many rows it may give, and how many reports run at a time, so that they leave
 * sessions to all others. The answer is made whole before any of it is sent: a reader who is slow
 * holds no session, and a report that is ended at its limit is a problem and not the half of a
 * file (docs/decisions/0047).
 */
#ifndef CRM_REPORT_RUN_H
#define CRM_REPORT_RUN_H

#include "crm/report_queries.h"
#include "http/server.h"

enum {
    REPORT_ROWS_USUAL = 1000,
    REPORT_ROWS_MOST = 10000,
    REPORTS_AT_ONCE = 3,
    REPORT_REQUEST_MS = 70000, /* deadline of such a request: the longest report, and to spare */
};

enum report_form { REPORT_JSON, REPORT_CSV };

/* What is asked: a query, or a saved report with the parameters that it was saved with. Those that
 * are given win over those. */
struct report_ask {
    const char *query; /* NULL: of the saved report */
    int64_t report_id; /* 0: none */
    const struct json_member *parameters;
    size_t parameter_count;
    int64_t limit; /* rows */
    enum report_form form;
};

/* Writes the reply. ERR_RATE_LIMITED while as many reports run as may, ERR_DEADLINE with a text for
 * the caller when it was ended at its time limit. */
MUST_CHECK bool report_run(struct request *rq, struct reply *rp, const struct report_ask *ask,
                           struct err *err);
extern const struct reply_shape REPORT_RESULT_REPLY; /* of REPORT_JSON */
bool no_report(struct err *err, int64_t id);         /* ERR_NOT_FOUND: none is saved */

#endif
