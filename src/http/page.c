#include "http/page.h"

#include <ctype.h>
#include <string.h>

#include "core/text.h"

#include "http/server_priv.h"

enum { TIME_SHOWN = sizeof("2026-11-22T10:11") - 1, GROUP_DIGITS = 3 };

/* The colours are named once and given twice, for light and for dark. */
#define LIGHT                                                                                      \
    "color-scheme:light;--bg:#f4f6f9;--surface:#fff;--sunken:#ebeff4;--line:#dbe1e9;"              \
    "--text:#121a26;--text-2:#465264;--text-3:#5a6779;--code:#f7f9fb;--ok:#14693f;"                \
    "--ok-soft:#e2f4ea;--bad:#a62323;--bad-soft:#fdeaea;--mute-soft:#ebeff4;"
#define DARK                                                                                       \
    "color-scheme:dark;--bg:#0c1118;--surface:#141b25;--sunken:#0f151e;--line:#283341;"            \
    "--text:#e7edf5;--text-2:#aeb9c8;--text-3:#929fb1;--code:#0f151e;--ok:#66d19d;"                \
    "--ok-soft:#11291f;--bad:#ff938b;--bad-soft:#331a1c;--mute-soft:#1f2936;"

static const char STYLE_FRAME[] =
    ":root{" LIGHT "--accent:#1f57c3;--link:#1b4fb3;--on-accent:#fff;"
    "--font:\"Segoe UI Variable Text\",\"Segoe UI\",-apple-system,BlinkMacSystemFont,Roboto,"
    "\"Helvetica Neue\",Arial,\"Liberation Sans\",sans-serif;"
    "--mono:ui-monospace,\"SF Mono\",\"Cascadia Mono\",Menlo,Consolas,\"DejaVu Sans Mono\","
    "\"Liberation Mono\",monospace}"
    "@media(prefers-color-scheme:dark){:root{" DARK
    "--accent:#7fa8ff;--link:#8fb2ff;--on-accent:#0b1322}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--bg);color:var(--text);font:0.9375rem/1.55 var(--font);"
    "-webkit-text-size-adjust:100%;overflow-wrap:break-word}"
    ".wrap{max-width:64rem;margin:0 auto;padding:0 1.5rem}"
    "header{background:var(--surface);border-bottom:1px solid var(--line)}"
    ".brand{display:inline-flex;align-items:center;gap:.625rem;padding:.75rem 0;color:var(--text);"
    "font-size:1.125rem;font-weight:600;line-height:1.25;letter-spacing:-.01em;"
    "text-decoration:none}"
    ".brand svg{width:2rem;height:2rem;color:var(--accent);flex:none}"
    ".brand small{display:block;color:var(--text-3);font-size:.75rem;font-weight:400;"
    "letter-spacing:0}"
    "main.wrap{padding-top:2.5rem;padding-bottom:3rem}"
    "h1{margin:0;font-size:1.875rem;line-height:1.15;letter-spacing:-.02em}"
    "h2{margin:2.5rem 0 .75rem;font-size:1.375rem;line-height:1.35;letter-spacing:-.01em}"
    "p{margin:.75rem 0}.lede{max-width:42rem;color:var(--text-2);font-size:1.125rem}"
    ".note{color:var(--text-3);font-size:.8125rem}"
    "a{color:var(--link);text-underline-offset:.15em}"
    ":focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}"
    "code,pre,.id{font-family:var(--mono);font-size:.8125rem}"
    "pre{margin:.75rem 0;padding:.75rem 1rem;overflow-x:auto;background:var(--code);"
    "border:1px solid var(--line);border-radius:10px;line-height:1.6}";

static const char STYLE_PARTS[] =
    ".badge{display:inline-flex;align-items:center;gap:.375rem;padding:.0625rem .5rem;"
    "border-radius:999px;background:var(--mute-soft);color:var(--text-2);font-size:.8125rem;"
    "white-space:nowrap}"
    ".badge::before{content:\"\";width:.375rem;height:.375rem;border-radius:50%;"
    "background:currentColor}"
    ".ok{background:var(--ok-soft);color:var(--ok)}.bad{background:var(--bad-soft);"
    "color:var(--bad)}"
    ".links{display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:.75rem;"
    "margin:1.5rem 0 0;padding:0;list-style:none}"
    ".links li,.card{background:var(--surface);border:1px solid var(--line);border-radius:10px}"
    ".links a{display:block;height:100%;padding:.75rem 1rem;border-radius:10px;color:var(--text-2);"
    "font-size:.8125rem;text-decoration:none}"
    ".links a:hover{background:var(--sunken)}"
    ".links b{display:block;color:var(--link);font-size:.9375rem;font-weight:600}"
    ".card{overflow-x:auto}"
    "table{width:100%;border-collapse:collapse}"
    "th,td{padding:.625rem 1rem;border-top:1px solid var(--line);text-align:left;"
    "vertical-align:baseline}"
    "thead th{border-top:0;color:var(--text-3);font-size:.75rem;font-weight:500;white-space:nowrap}"
    "tbody th{font-weight:500}"
    ".num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".quiet{color:var(--text-2)}time,td.id,p code{white-space:nowrap}"
    ".empty{margin:0;padding:1rem;color:var(--text-2)}"
    ".status{margin:0 0 .25rem;color:var(--text-3);font-size:1.125rem;font-weight:600}"
    "dl{display:grid;align-items:baseline;grid-template-columns:auto 1fr;gap:.375rem "
    "1.5rem;margin:1.5rem 0}"
    "dt{color:var(--text-3)}dd{margin:0;min-width:0;overflow-wrap:anywhere}"
    ".button{display:inline-block;padding:.5rem 1rem;border-radius:6px;background:var(--accent);"
    "color:var(--on-accent);font-weight:600;text-decoration:none}"
    "@media(max-width:40rem){.wrap{padding-left:1rem;padding-right:1rem}main.wrap{padding-top:1."
    "5rem}"
    ".links{grid-template-columns:1fr 1fr}"
    "thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    "tr{display:flex;flex-wrap:wrap;align-items:baseline;gap:.125rem .75rem;padding:.75rem 1rem;"
    "border-top:1px solid var(--line)}tbody tr:first-child{border-top:0}"
    "tbody th,td{padding:0;border:0}tbody th{flex:1 1 50%}.line{flex:1 0 100%}"
    ".button{display:block;padding:.75rem 1rem;text-align:center}"
    "dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.75rem}}";

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

/* Eight arms around a hub, in 32 by 32. Single quotes, because an attribute holds it too. */
static void put_mark(struct reply *rp)
{
    static const char *const arms[][2] = {
        {"19.7 17.5", "26.3 20.3"}, {"17.5 19.7", "20.3 26.3"}, {"14.5 19.7", "11.7 26.3"},
        {"12.3 17.5", "5.7 20.3"},  {"12.3 14.5", "5.7 11.7"},  {"14.5 12.3", "11.7 5.7"},
        {"17.5 12.3", "20.3 5.7"},  {"19.7 14.5", "26.3 11.7"},
    };

    PAGE_HTML(rp, "<g fill='none' stroke='currentColor' stroke-linecap='round'>");
    for (size_t i = 0; i < sizeof(arms) / sizeof(arms[0]); i++) {
        /* A line of no length with round ends is a dot. */
        buf_printf(&rp->body, "<path stroke-width='2.2' d='M%sL%s'/>", arms[i][0], arms[i][1]);
        buf_printf(&rp->body, "<path stroke-width='6.2' d='M%sh0'/>", arms[i][1]);
    }
    PAGE_HTML(rp, "<circle cx='16' cy='16' r='3.5' stroke-width='3'/></g>");
}

/* Of a colour that is to be seen on light and on dark tabs. */
static void put_icon(struct reply *rp)
{
    PAGE_HTML(rp, "<link rel=\"icon\" href=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/"
                  "svg' viewBox='0 0 32 32' color='%23d9631e'>");
    put_mark(rp);
    PAGE_HTML(rp, "</svg>\">");
}

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
    PAGE_HTML(rp, "</title>");
    put_icon(rp);
    PAGE_HTML(rp, "<style nonce=\"");
    page_text(rp, request_nonce(rq));
    PAGE_HTML(rp, "\">");
    buf_add(&rp->body, STYLE_FRAME, sizeof(STYLE_FRAME) - 1);
    buf_add(&rp->body, STYLE_PARTS, sizeof(STYLE_PARTS) - 1);
    if (options->page_style != NULL) {
        buf_add_text(&rp->body, options->page_style);
    }
    PAGE_HTML(rp,
              "</style></head>\n<body><header><div class=\"wrap\"><a class=\"brand\" href=\"/\">"
              "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\">");
    put_mark(rp);
    PAGE_HTML(rp, "</svg><span>");
    page_text(rp, name);
    PAGE_HTML(rp, "<small>");
    page_text(rp, options->service);
    PAGE_HTML(rp, "</small></span></a></div></header>\n<main class=\"wrap\">\n");
}

void page_end(struct reply *rp)
{
    PAGE_HTML(rp, "</main></body></html>\n");
}
