/*
 * service/page_views.h: page views, alike in the services that have them: POST
 * /api/analytics/track and GET /api/analytics/geo.
 */
#ifndef SERVICE_PAGE_VIEWS_H
#define SERVICE_PAGE_VIEWS_H

#include "service/service.h"

extern const struct json_shape PAGE_VIEW_TRACK;
extern const struct param_shape PAGE_VIEW_GEO;
extern const struct reply_shape PAGE_VIEW_TRACK_REPLY;
extern const struct reply_shape PAGE_VIEW_GEO_REPLY;
extern const char PAGE_VIEW_EXAMPLE[]; /* a body */

bool page_view_track(struct request *rq, struct reply *rp, struct err *err);
bool page_view_geo(struct request *rq, struct reply *rp, struct err *err);

#endif
