/*
 * service/audit_list.h: the audit trail as administrators read it, the newest entries first; `octo
 * audit export` gives whole months of it.
 */
#ifndef SERVICE_AUDIT_LIST_H
#define SERVICE_AUDIT_LIST_H

#include "http/server.h"

/* GET /api/admin/audit-logs. */
bool audit_list(struct request *rq, struct reply *rp, struct err *err);
extern const struct param_shape AUDIT_LIST;
extern const struct reply_shape AUDIT_LIST_REPLY;

#endif
