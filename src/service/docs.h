/*
 * service/docs.h: the page at "/docs", which shows the service's OpenAPI document and lets one try
 * a call. It is made in the browser (web/docs.js) from /openapi.json.
 */
#ifndef SERVICE_DOCS_H
#define SERVICE_DOCS_H

#include "http/request.h"

bool docs_page(struct request *rq, struct reply *rp, struct err *err); /* GET /docs */

#endif
