#include "http/app_page.h"

#include "http/page.h"
#include "web_assets.h"

static void put_link(struct reply *rp, const char *style)
{
    PAGE_HTML(rp, "<link rel=\"stylesheet\" href=\"");
    page_text(rp, style);
    PAGE_HTML(rp, "\">\n");
}

static void put_description(struct reply *rp, const char *description)
{
    if (description == NULL) {
        return;
    }
    PAGE_HTML(rp, "<meta name=\"description\" content=\"");
    page_text(rp, description);
    PAGE_HTML(rp, "\">\n");
}

/* theme.js blocks, so that a page in the dark never flashes; the page's own script waits until the
 * document is read. */
void app_page_begin(struct reply *rp, const struct app_page *page)
{
    rp->content_type = "text/html; charset=utf-8";
    PAGE_HTML(rp, "<!doctype html>\n<html lang=\"en\" data-app=\"");
    page_text(rp, page->app);
    if (page->is_compact) {
        PAGE_HTML(rp, "\" data-density=\"compact");
    }
    if (page->console != NULL) {
        PAGE_HTML(rp, "\" data-console=\"");
        page_text(rp, page->console);
    }
    if (page->traces != NULL) {
        PAGE_HTML(rp, "\" data-traces=\"");
        page_text(rp, page->traces);
    }
    PAGE_HTML(rp, "\" data-icons=\"" ASSET_KIT_ICONS_SVG "\"><head><meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page_text(rp, page->title);
    PAGE_HTML(rp, "</title>\n");
    put_description(rp, page->description);
    PAGE_HTML(rp, "<link rel=\"icon\" href=\"" ASSET_ICON_SVG "\">\n"
                  "<script src=\"" ASSET_KIT_THEME_JS "\"></script>\n");
    put_link(rp, page->style);
    PAGE_HTML(rp, "<script src=\"");
    page_text(rp, page->script);
    PAGE_HTML(rp, "\" defer></script>\n</head>\n<body><div id=\"app\">");
}

void app_page_end(struct reply *rp)
{
    PAGE_HTML(rp, "</div></body></html>\n");
}
