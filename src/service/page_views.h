/*
 * service/page_views.h: page views, alike in both services: POST /api/analytics/track and
 * GET /api/analytics/geo.
 */
#ifndef SERVICE_PAGE_VIEWS_H
#define SERVICE_PAGE_VIEWS_H

#include "service/service.h"

extern const struct json_shape PAGE_VIEW_TRACK;
extern const struct param_shape PAGE_VIEW_GEO;

bool page_view_track(struct request *rq, struct reply *rp, struct err *err);
bool page_view_geo(struct request *rq, struct reply *rp, struct err *err);

#endif
