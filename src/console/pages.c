/*
 * console/pages.c: the console's pages, which web/console makes in the browser of what the other
 * routes answer. Every address has the same document.
 */
#include "http/app_page.h"
#include "http/page.h"
#include "web_assets.h"

#include "console/console_priv.h"

static const struct app_page PAGE = {
    .app = "console",
    .title = "Console",
    .script = ASSET_CONSOLE_JS,
    .style = ASSET_CONSOLE_CSS,
    .is_compact = true,
};

static bool show_page(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    app_page_begin(rp, &PAGE);
    PAGE_HTML(rp,
              "<noscript><p>The console is made by a script. Without one, <a href=\"/docs\">its "
              "questions</a> can be asked by <code>octo trace</code>.</p></noscript>");
    app_page_end(rp);
    return true;
}

/* The rest of the address, which is the script's business. */
struct place {
    const char *page;
};
static const struct param place_fields[] = {PARAM_TAIL(struct place, page)};
static const struct param_shape place_params = PARAM_SHAPE(struct place, place_fields);

static const struct route ROUTES[] = {
    APP_PAGE(show_page, "/", NULL, "The first of the console's pages"),
    APP_PAGE(show_page, "/console", NULL, "The console's pages"),
    APP_PAGE(show_page, "/console/{page...}", &place_params,
             "One of them, with what it shows in its query"),
};
const struct route_table console_page_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "pages",
                                                "What browsers show"};
