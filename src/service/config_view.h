/*
 * service/config_view.h: the settings that a service runs with, as administrators see them: of a
 * secret no more than whether there is one.
 */
#ifndef SERVICE_CONFIG_VIEW_H
#define SERVICE_CONFIG_VIEW_H

#include "http/server.h"

/* GET /api/admin/config. */
bool config_view(struct request *rq, struct reply *rp, struct err *err);
extern const struct reply_shape CONFIG_VIEW_REPLY;

#endif
