#include "service/docs.h"

#include "http/page.h"
#include "web_assets.h"

bool docs_page(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    page_begin(rq, rp, "API");
    PAGE_HTML(
        rp,
        "<link rel=\"stylesheet\" href=\"" ASSET_DOCS_CSS "\">\n<div class=\"docs\"><h1>API</h1>\n"
        "<p class=\"lede\">Every route of this service, as <a href=\"/openapi.json\">its document"
        "</a> says it. A call that is tried here is a real one.</p>\n"
        "<noscript><p>This page needs JavaScript; the document does not.</p></noscript>\n"
        "<div class=\"tools\">"
        "<label>Show only <input id=\"filter\" type=\"search\" placeholder=\"orders\"></label>"
        "<label>Token of a sign-in <input id=\"token\" autocomplete=\"off\" spellcheck=\"false\">"
        "</label><label>Internal service key <input id=\"key\" type=\"password\" "
        "autocomplete=\"off\"></label></div>\n"
        "<div id=\"docs\" aria-busy=\"true\"><p>The document is being read.</p></div></div>\n"
        "<script src=\"" ASSET_DOCS_JS "\" defer></script>");
    page_end(rp);
    return true;
}
