/*
 * http/page.h: pages for browsers, written straight into a reply. All share one frame: head, style
 * sheet, a bar with the service's name. Markup goes out through PAGE_HTML alone, which takes
 * nothing but literals, so that whatever comes from elsewhere is escaped.
 *
 * Styles and scripts are files of web/ (http/asset.h): the Content-Security-Policy lets a page hold
 * none itself.
 */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include <stdint.h>

#include "http/request.h"

/* Starts a text/html reply; `title` stands before the service's name in the browser's tab. NULL:
 * the name alone. */
void page_begin(struct request *rq, struct reply *rp, const char *title);
void page_end(struct reply *rp);

#define PAGE_HTML(rp, literal) buf_add(&(rp)->body, "" literal, sizeof(literal) - 1)

/* Text of an element or of a quoted attribute, escaped for both. NULL writes nothing. */
void page_text(struct reply *rp, const char *text);
/* The same, its first letter a capital: what errors say begins with a small one. */
void page_sentence(struct reply *rp, const char *text);
void page_int(struct reply *rp, int64_t value);
void page_money(struct reply *rp, int64_t cents); /* "$1,234.50" */
void page_time(struct reply *rp, int64_t us);     /* a <time> element, "2026-11-22 10:11 UTC" */

#endif
