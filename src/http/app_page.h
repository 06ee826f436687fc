/*
 * http/app_page.h: the frame of pages that a script of web/ makes in the browser: the document that
 * brings the script, its style sheet and the icons. What shall be there without a script as well is
 * written between begin and end, by http/page.h's functions; the script replaces it.
 *
 * One frame serves every address of an application: which page is shown is said by the address,
 * which the script reads.
 */
#ifndef HTTP_APP_PAGE_H
#define HTTP_APP_PAGE_H

#include "http/request.h"
#include "http/server.h"

struct app_page {
    const char *app;         /* "console": picks the accent (web/kit/tokens.css) */
    const char *title;       /* in the browser's tab until the script says more */
    const char *description; /* for search engines; NULL: none */
    const char *script;      /* address, of web_assets.h */
    const char *style;       /* likewise */
    const char *console;     /* address of the pages that show traces; NULL: these ones */
    const char *traces; /* of those that the page begins: how many are recorded, "0.25"; NULL: it
                           begins none (web/kit/traces.ts) */
    bool is_compact;    /* rows as experts like them */
};

/* The row of a page in a table of routes: for anyone, since the frame shows nothing. */
#define APP_PAGE(handler_, template_, params_, summary_)                                           \
    {                                                                                              \
        GET, template_, handler_, ANYONE, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED,                \
                                          .params = (params_), .media = "text/html",               \
                                          .summary = (summary_)                                    \
    }

/* Starts a text/html reply. */
void app_page_begin(struct reply *rp, const struct app_page *page);
void app_page_end(struct reply *rp);

#endif
