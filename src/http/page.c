#include "http/page.h"

#include <ctype.h>
#include <string.h>

#include "core/text.h"
#include "web_assets.h"

#include "http/server_priv.h"

enum { TIME_SHOWN = sizeof("2026-11-22T10:11") - 1, GROUP_DIGITS = 3 };

void page_text(struct reply *rp, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    while (text != NULL && *text != '\0') {
        const size_t plain = strcspn(text, special);

        buf_add(&rp->body, text, plain);
        text += plain;
        if (*text != '\0') {
            buf_add_text(&rp->body, entities[strchr(special, *text) - special]);
            text++;
        }
    }
}

void page_sentence(struct reply *rp, const char *text)
{
    if (islower((unsigned char)*text)) {
        buf_add_char(&rp->body, (char)toupper((unsigned char)*text));
        text++;
    }
    page_text(rp, text);
}

void page_int(struct reply *rp, int64_t value)
{
    buf_add_int(&rp->body, value);
}

void page_money(struct reply *rp, int64_t cents)
{
    char text[MONEY_TEXT_MAX];
    const char *at = text;
    size_t whole;

    money_format(cents, text);
    if (*at == '-') {
        PAGE_HTML(rp, "\u2212");
        at++;
    }
    PAGE_HTML(rp, "$");
    for (whole = strcspn(at, "."); whole > 0; whole--, at++) {
        buf_add_char(&rp->body, *at);
        if (whole > GROUP_DIGITS && whole % GROUP_DIGITS == 1) {
            PAGE_HTML(rp, ",");
        }
    }
    buf_add_text(&rp->body, at);
}

void page_time(struct reply *rp, int64_t us)
{
    char text[UTC_TEXT_MAX];

    utc_format(us, text);
    PAGE_HTML(rp, "<time datetime=\"");
    buf_add_text(&rp->body, text);
    PAGE_HTML(rp, "\">");
    text[TIME_SHOWN] = '\0';
    *strchr(text, 'T') = ' ';
    buf_add_text(&rp->body, text);
    PAGE_HTML(rp, " UTC</time>");
}

/* Eight arms around a hub, as in web/icon.svg. */
#define MARK                                                                                       \
    "<svg viewBox='0 0 32 32' aria-hidden='true'>"                                                 \
    "<g fill='none' stroke='currentColor' stroke-linecap='round'>"                                 \
    "<path stroke-width='2.2' d='M19.7 17.5L26.3 20.3M17.5 19.7L20.3 26.3M14.5 19.7L11.7 26.3"     \
    "M12.3 17.5L5.7 20.3M12.3 14.5L5.7 11.7M14.5 12.3L11.7 5.7"                                    \
    "M17.5 12.3L20.3 5.7M19.7 14.5L26.3 11.7'/>"                                                   \
    "<path stroke-width='6.2' d='M26.3 20.3h0M20.3 26.3h0M11.7 26.3h0M5.7 20.3h0M5.7 11.7h0M11.7 " \
    "5.7h0"                                                                                        \
    "M20.3 5.7h0M26.3 11.7h0'/>"                                                                   \
    "<circle cx='16' cy='16' r='3.5' stroke-width='3'/></g></svg>"

void page_begin(struct request *rq, struct reply *rp, const char *title)
{
    const struct server_options *options = &rq->exchange->server->options;
    const char *name = options->title != NULL ? options->title : options->service;

    rp->content_type = "text/html; charset=utf-8";
    PAGE_HTML(rp, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
                  "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
    page_text(rp, title);
    buf_add_text(&rp->body, title != NULL ? " \u00b7 " : "");
    page_text(rp, name);
    PAGE_HTML(rp, "</title><link rel=\"icon\" href=\"" ASSET_ICON_SVG
                  "\"><link rel=\"stylesheet\" href=\"" ASSET_PAGE_CSS "\">");
    if (options->page_style != NULL) {
        PAGE_HTML(rp, "<link rel=\"stylesheet\" href=\"");
        page_text(rp, options->page_style);
        PAGE_HTML(rp, "\">");
    }
    PAGE_HTML(rp, "</head>\n<body><header><div class=\"wrap\"><a class=\"brand\" href=\"/\">" MARK
                  "<span>");
    page_text(rp, name);
    PAGE_HTML(rp, "<small>");
    page_text(rp, options->service);
    PAGE_HTML(rp, "</small></span></a></div></header>\n<main class=\"wrap\">\n");
}

void page_end(struct reply *rp)
{
    PAGE_HTML(rp, "</main></body></html>\n");
}
