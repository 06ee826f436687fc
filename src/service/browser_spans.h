/*
 * service/browser_spans.h: what pages tell of their loads, clicks and questions, so that a trace
 * begins where a person waits: POST /api/browser-spans of services whose traces have pages. A page
 * may ask no other origin, so the service that it came from takes its spans and sends them on, as a
 * service of their own (service/telemetry.h). Anybody may send some: they are few and short, their
 * times are near, and a budget counts the requests.
 */
#ifndef SERVICE_BROWSER_SPANS_H
#define SERVICE_BROWSER_SPANS_H

#include "http/server.h"

extern const struct route_table service_browser_span_routes;

/* Of the traces that a page of this request begins: how many are to be recorded, as the frame says
 * it ("0.25"; http/app_page.h). NULL: it begins none and tells of none. */
const char *browser_traces_of(const struct request *rq);

#endif
